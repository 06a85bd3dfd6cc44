"""A home on a real database: who there is, what is loaded, what was answered, and who may see it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from erp_adapters.errors import ConfigurationError, RecordNotFound, StoreUnavailable
from erp_adapters.store import new_id
from server.bootstrap import opened
from server.database import database as database_of
from server.house import House
from server.models import fallback_of, model_of
from server.settings import Settings
from tests.conftest import Database


def settings(dsn: str) -> Settings:
    return Settings(DATABASE_URL=dsn)


@pytest.fixture
async def home(adventureworks: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The demo home with AdventureWorks, reached as somebody else's Postgres; its record is its own."""
    # One folder a database: checkpoints of another one's record stop all writing.
    folder = tmp_path_factory.getbasetemp() / f"home-{adventureworks.name}"
    async with opened(Settings(DATABASE_URL=adventureworks.dsn(), home=folder)) as home:
        yield home


async def test_directory_knows_people_and_sources(home: House) -> None:
    """The people of a demo home, and each source with its age."""
    assert home.is_demo
    assert {"planner", "buyer", "controller"} <= {one.subject for one in await home.directory.people()}
    (source,) = await home.directory.sources(await home.person(None))
    assert (source.site, source.rows > 200_000) == ("AW", True)
    assert source.data_as_of is not None


async def test_answers_belong_to_their_person(home: House) -> None:
    """An answer and its conversation are found by who asked, and by nobody else."""
    planner, buyer = await home.person("planner"), await home.person("buyer")
    conversation = str(new_id())
    asked = await home.copilot.ask(
        planner, "Top five scrap reasons by scrapped quantity", conversation=conversation
    )
    assert asked.status == "answered", asked.answer
    assert await home.directory.answer(planner, asked.id) == asked
    assert await home.directory.conversation(planner, conversation) == [asked]
    assert await home.directory.conversation(buyer, conversation) == []
    with pytest.raises(RecordNotFound):
        await home.directory.answer(buyer, asked.id)
    with pytest.raises(RecordNotFound):
        await home.copilot.replay(buyer, asked.id)


@pytest.mark.parametrize("wrong", ["", "1", "0192d0f0-0000-7000-8000-00000000000g", "' or 1=1 --"])
async def test_what_is_no_id_is_not_found(home: House, wrong: str) -> None:
    """Whatever a path holds."""
    planner = await home.person(None)
    with pytest.raises(RecordNotFound):
        await home.directory.answer(planner, wrong)
    with pytest.raises(RecordNotFound):
        await home.directory.conversation(planner, wrong)


async def test_home_with_people_of_its_own_believes_nobody(database: Database) -> None:
    """A database that is no demo opens, and no name is accepted."""
    async with opened(settings(database.dsn())) as home:
        assert not home.is_demo
        with pytest.raises(ConfigurationError, match="not a demo home"):
            await home.person("planner")
        assert await home.directory.people() == []


async def test_database_that_is_away_is_said() -> None:
    """The pool gives up with the program's own error."""
    with pytest.raises(StoreUnavailable):
        async with opened(settings("postgresql://plantwright_app@127.0.0.1:9/plantwright")):
            pass


def test_roles_log_in_at_the_given_address() -> None:
    """Under their own names; the owner at its own address where it has one."""
    given = Settings(
        DATABASE_URL="postgresql://plantwright_app:p@db/x",
        owner_database_url="postgresql://plantwright_owner:q@db/x",
    )
    made = database_of(given)
    assert "user=plantwright_app" in made.dsn("plantwright_app")
    assert "password=q" in made.dsn("plantwright_owner")
    assert "user=plantwright_graph password=p" in made.dsn("plantwright_graph")
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        database_of(settings("http://example")).dsn("plantwright_app")


def test_models_by_name() -> None:
    """The embedded one stands alone; it stands behind every other. A missing key is named."""
    assert model_of(Settings()).name.startswith("embedded")
    assert fallback_of(Settings()) is None
    hosted = Settings(model="openai:gpt-test", OPENAI_API_KEY="k")
    assert model_of(hosted).name.startswith("openai:gpt-test")
    assert fallback_of(hosted) is not None
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        model_of(Settings(model="openai:gpt-test"))
