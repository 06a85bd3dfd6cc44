"""`plantwright people`: an administrator says who may come in, and it is on record."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import psycopg
import pytest
from typer.testing import CliRunner, Result

from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, Store
from server.commands.tree import app
from server.errors import ExitCode
from tests.conftest import Database
from tests.server.doors import real_home

Command = Callable[..., Result]


@pytest.fixture(scope="module")
def command(demo_apart: Database, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """`plantwright` on a home with eight plants and people of its own."""
    real_home(demo_apart)
    home = tmp_path_factory.mktemp("home")
    environment = {"DATABASE_URL": demo_apart.dsn(), "PLANTWRIGHT_HOME": str(home), "COLUMNS": "200"}
    runner = CliRunner(env=environment)
    return lambda *arguments: runner.invoke(app, ["people", *arguments])


def add(command: Command, subject: str = "pia@corp.example", **changed: str) -> Result:
    given = {"name": "Pia", "role": "planner", "site": "KAS", **changed}
    return command("add", subject, *(part for name, value in given.items() for part in (f"--{name}", value)))


def test_a_person_is_added_and_may_come_in(command: Command, demo_apart: Database) -> None:
    """With roles, sites and a language; adding again replaces what was known."""

    async def known() -> Caller:
        async with await Store.open(demo_apart.dsn()) as store:
            return await store.caller("pia@corp.example")

    added = add(command, locale="de", substitute="buyer")
    assert (added.exit_code, added.stdout) == (0, "pia@corp.example is added: planner at KAS\n")
    pia = asyncio.run(known())
    assert (pia.roles, pia.sites, pia.locale) == ({"planner"}, {"KAS"}, "de")
    assert "is changed: buyer" in add(command, role="buyer").stdout
    assert asyncio.run(known()).roles == {"buyer"}
    listed = {each["subject"]: each for each in json.loads(command("list", "--json").stdout)}
    assert listed["pia@corp.example"]["roles"] == ["buyer"]
    assert not listed["controller"]["active"]
    assert "let in no more" in command("list").stdout


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"role": "boss"}, "planner, buyer, controller"),
        ({"site": "NOWHERE"}, "KAS"),
        ({"company": "NOWHERE"}, "there is no company"),
        ({"substitute": "mallory"}, "there is no substitute 'mallory'"),
        ({"locale": "tlh"}, "en, de"),
        ({"name": " "}, "--name"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_what_cannot_be_is_named(command: Command, changed: dict[str, str], says: str) -> None:
    """With what there is instead; nobody is added."""
    refused = add(command, "nobody", **changed)
    assert refused.exit_code != ExitCode.ANSWERED
    assert says in refused.stderr
    assert "nobody" not in command("list").stdout


def test_subjects_that_cannot_be(command: Command) -> None:
    """The program's own name, and what nobody could type."""
    for subject in ("system", "", "a\u202eb", "x" * 201):
        assert add(command, subject).exit_code == ExitCode.USAGE


def test_whoever_is_deactivated_is_signed_out(command: Command, demo_apart: Database) -> None:
    """At once, everywhere; the person's row stays for what they did."""
    add(command, "leaver")
    with psycopg.connect(demo_apart.dsn(OWNER_ROLE)) as connection:
        connection.execute(
            "select app.begin_session(sha256('s'), 'leaver', now(), now() + interval '1 hour', null)"
        )
        connection.commit()
        assert command("deactivate", "leaver").exit_code == 0
        (left,) = connection.execute("select count(*) from app.session where subject = 'leaver'")
        (row,) = connection.execute("select active from erp.person where subject = 'leaver'")
    assert (left, row) == ((0,), (False,))
    again = command("deactivate", "leaver")
    assert again.exit_code == ExitCode.FAILURE
    assert "there are" in again.stderr


def test_changes_of_people_are_on_record(command: Command, demo_apart: Database) -> None:
    """Each that is made, and none that was refused."""

    def recorded() -> int:
        with psycopg.connect(demo_apart.dsn(OWNER_ROLE)) as connection:
            found = connection.execute("select count(*) from audit.event where kind = 'people_change'")
            return int(found.fetchall()[0][0])

    before = recorded()
    add(command, "recorded")
    assert recorded() == before + 1
    add(command, "unrecorded", role="boss")
    command("deactivate", "nobody")
    assert recorded() == before + 1
    command("deactivate", "recorded")
    assert recorded() == before + 2
