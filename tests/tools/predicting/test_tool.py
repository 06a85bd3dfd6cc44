"""Chances come from the model that was let in, calibrated and named; else from a rule that says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.endpoints import Answered, Asked, Outcome
from erp_adapters.errors import ErpUnavailable
from erp_adapters.store import OWNER_ROLE, Store
from policies.predictors.registered import Registered
from tests.conftest import Database
from tools.errors import ToolError
from tools.predicting.asking import Ask
from tools.predicting.inputs import FAILURE_MINUTES, INPUTS, centres_of
from tools.predicting.tool import FailureRisk, failure_risk, foretelling_with
from tools.registry import ToolContext
from tools.results import Cell, ToolResult
from tools.rows import Queries

PLANNER = Caller("planner", "P", frozenset({"planner"}), frozenset({"KAS", "HAM"}), frozenset())


@pytest.fixture(scope="module")
def owner(demo_apart: Database) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(demo_apart.dsn(OWNER_ROLE), autocommit=True) as connection:
        yield connection


@pytest.fixture(autouse=True)
def register(owner: psycopg.Connection[tuple[object, ...]]) -> Callable[..., None]:
    """Registers a version with a state at Kassel; what was there before is forgotten."""
    for table in ("predictor_state", "predictor_record", "predictor"):
        owner.execute(f"alter table app.{table} disable trigger user".encode())
        owner.execute(f"delete from app.{table}".encode())
        owner.execute(f"alter table app.{table} enable trigger user".encode())

    def registered(*states: str, inputs: tuple[str, ...] = INPUTS, least_quality: float = 0.6) -> None:
        owner.execute(
            "insert into app.predictor (name, version, kind, owner, protocol, url, inputs, trained_until,"
            " trained_on, false_alarm, missed, band, least_quality, registered_by)"
            " values ('press', '3', 'failure', 'maintenance', 'plain', 'http://models.example', %s,"
            " '2025-10-01', '{}', 1, 4, 0.1, %s, 'admin')",
            (list(inputs), least_quality),
        )
        for state in states:
            owner.execute(
                "insert into app.predictor_state (name, version, site, state, reason, by)"
                " select 'press', '3', site, %s, 'because', 'admin' from unnest(array['KAS', 'HAM']) site",
                (state,),
            )

    return registered


def answering(value: float) -> Ask:
    """An endpoint that says one value of all."""

    async def ask(entry: Registered, asked: Asked) -> Answered:
        assert (entry.name, entry.version) == ("press", "3")
        assert asked.inputs == INPUTS
        return Answered("press", "3", tuple(Outcome(value, reasons=("warm",)) for _ in asked.rows))

    return ask


async def asked(store: Store, ask: Ask | None, **arguments: object) -> ToolResult:
    tool = failure_risk if ask is None else foretelling_with(ask)
    async with store.reading(PLANNER) as tx:
        return await tool.run(FailureRisk.model_validate(arguments), ToolContext(PLANNER, tx))


@pytest.fixture
async def store(demo_apart: Database) -> Store:
    return await Store.open(demo_apart.dsn())


def first(result: ToolResult, table: int = 1) -> dict[str, Cell]:
    found = result.tables[table]
    return dict(zip((column.name for column in found.columns), found.rows[0], strict=True))


async def test_without_a_model_a_rule_tells_and_says_so(store: Store) -> None:
    async with store:
        found = await asked(store, None, site="Kassel")
    row = first(found)
    assert (row["basis"], row["verdict"]) == ("rule", "rules")
    assert "told by a rule" in found.sentence
    assert any("no model of failures is registered" in note for note in found.caveats)
    assert found.suggestions == ()
    chances = [line[1] for line in found.tables[0].rows]
    assert chances == sorted(chances, key=lambda each: -Decimal(str(each)))


async def test_a_model_that_was_let_in_speaks_with_its_version(
    store: Store, register: Callable[..., None]
) -> None:
    register("shadow", "active")
    async with store:
        found = await asked(store, answering(0.9), site="Kassel")
    row = first(found)
    assert (row["basis"], row["verdict"], row["chance"]) == ("model", "act", Decimal(90))
    assert row["reasons"] == "warm"
    assert any("press version 3, not calibrated there yet" in note for note in found.caveats)
    assert all(text.startswith("What if ") for text in found.suggestions)
    assert found.suggestions


async def test_scores_mean_what_came_of_them_at_the_site(
    store: Store, register: Callable[..., None], owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    register("active")
    owner.execute(
        "insert into app.predictor_record (name, version, site, judged_at, steps, outcomes, model, rule,"
        " drifted) values ('press', '3', 'KAS', %s, '[[0.0, 190, 0], [0.5, 98, 4]]',"
        " 288, '{}', '{}', '{}')",
        (datetime(2026, 3, 30, tzinfo=UTC),),
    )
    async with store:
        row = first(await asked(store, answering(0.9), site="Kassel"))
    # Five of a hundred, for four of 98 that came: the endpoint's own 0.9 is never shown.
    assert (row["chance"], row["verdict"]) == (Decimal(5), "show")
    assert Decimal(str(row["low"])) < 5 < Decimal(str(row["high"]))


@pytest.mark.parametrize(
    ("states", "said"), [(("shadow",), "runs in shadow"), (("active", "suspended"), "is suspended (because)")]
)
async def test_one_that_was_not_let_in_or_lost_that_does_not_speak(
    store: Store, register: Callable[..., None], states: tuple[str, ...], said: str
) -> None:
    register(*states)
    async with store:
        found = await asked(store, answering(0.9), site="Kassel")
    assert first(found)["basis"] == "rule"
    assert any(said in note for note in found.caveats), found.caveats
    assert found.suggestions == ()


async def test_an_endpoint_that_fails_is_named_and_the_rule_tells(
    store: Store, register: Callable[..., None]
) -> None:
    register("active")

    async def down(entry: Registered, asked: Asked) -> Answered:
        raise ErpUnavailable("the endpoint of press did not answer within 2 s")

    async with store:
        found = await asked(store, down, site="Kassel")
    assert (first(found)["basis"], first(found)["why"]) == ("rule", "no answer of the model")
    assert any("did not answer within 2 s" in note for note in found.caveats)


async def test_poor_inputs_are_left_to_the_rule(store: Store, register: Callable[..., None]) -> None:
    register("active", least_quality=1.0)
    async with store:
        # Its historian lost much of what the sensors sent.
        found = await asked(store, answering(0.9), site="Hamilton", limit=200)
    names = [column.name for column in found.tables[1].columns]
    rows = [dict(zip(names, row, strict=True)) for row in found.tables[1].rows]
    poor = [row for row in rows if Decimal(str(row["quality"])) < 100]
    assert poor
    assert {row["why"] for row in poor} == {"data too poor"}
    assert {row["basis"] for row in poor} == {"rule"}
    assert {row["basis"] for row in rows if row not in poor} == {"model"}


async def test_one_that_was_trained_on_what_nobody_tells_is_not_asked(
    store: Store, register: Callable[..., None]
) -> None:
    register("active", inputs=("stops_7d", "colour_of_the_sky"))

    async def never(entry: Registered, asked: Asked) -> Answered:
        raise AssertionError("it was asked")

    async with store:
        found = await asked(store, never, site="Kassel")
    assert any("trained on other inputs" in note for note in found.caveats)


async def test_names_that_are_not_there_are_said(store: Store) -> None:
    async with store:
        with pytest.raises(ToolError, match="no work centre 'P99'"):
            await asked(store, None, site="Kassel", work_centre="P99")
        with pytest.raises(ToolError, match="no line 'Painting'"):
            await asked(store, None, site="Kassel", line="Painting")
        found = await asked(store, None, site="Kassel", work_centre="p2")
    assert len(found.tables[1].rows) == 1


async def test_inputs_know_nothing_of_what_came_later(
    store: Store, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    moment = datetime(2026, 2, 2, tzinfo=UTC)

    async def inputs() -> object:
        async with store.reading(PLANNER) as tx:
            return [each.values for each in await centres_of(Queries(tx), ["KAS"], moment)]

    async with store:
        before = await inputs()
        owner.execute(
            "insert into erp.downtime (company, site, source_system, source_key, load_id, downtime_id,"
            " work_centre_id, started_at, minutes, is_planned)"
            " select company, site, 'x', 'x', gen_random_uuid(), 'LATER', work_centre_id, %s, %s, false"
            " from erp.work_centre where site = 'KAS' limit 1",
            (moment, FAILURE_MINUTES),
        )
        try:
            assert await inputs() == before
        finally:
            owner.execute("delete from erp.downtime where downtime_id = 'LATER'")
