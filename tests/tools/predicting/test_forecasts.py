"""Quantities are foretold in the frame of chances: by a model with a record at the site, else by a rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from agents.models.embedded.forecast_reader import forecast_plan
from agents.models.protocol import Calls, Turn
from erp_adapters.caller import Caller
from erp_adapters.endpoints import Answered, Asked, Outcome
from erp_adapters.store import OWNER_ROLE, Store
from erp_adapters.store.provision import WORKER_ROLE
from policies.predictors.registered import Kind, Registered
from server.predicting.running import DailyRun
from tests.conftest import Database
from tests.tools.asking import Asking, column
from tests.tools.predicting.test_supplier_lateness import Trail
from tools.errors import ToolError
from tools.languages import Language
from tools.predicting.forecasts import (
    demand_forecast,
    energy_forecast,
    forecasting_with,
    remaining_life,
    yield_forecast,
)
from tools.predicting.kinds import KINDS, Measuring
from tools.registry import Tool
from tools.rows import Queries

PLANNER = Caller("planner", "P", frozenset({"planner"}), frozenset({"KAS", "HAM"}), frozenset())
NOW = datetime(2026, 4, 1, 8, tzinfo=UTC)
TABLES = ("sales_line", "operation_confirmation", "utility_use", "downtime")
TOOLS: dict[Kind, Tool[Any]] = {
    "demand": demand_forecast,
    "yield": yield_forecast,
    "energy": energy_forecast,
    "remaining_life": remaining_life,
}


def measuring(kind: Kind) -> Measuring:
    found = KINDS[kind]
    assert isinstance(found, Measuring)
    return found


async def saying_first_input(entry: Registered, asked: Asked) -> Answered:
    """A model that says what its first input is, and why."""
    return Answered(
        entry.name,
        entry.version,
        tuple(Outcome(max(0.0, row[0] or 0.0), None, None, ("booked",)) for row in asked.rows),
    )


@pytest.fixture(scope="module")
def home(demo_apart: Database) -> Iterator[Database]:
    with psycopg.connect(demo_apart.dsn(OWNER_ROLE), autocommit=True) as owner:
        for table in ("foretold", "predictor_record", "predictor_state", "predictor"):
            owner.execute(f"alter table app.{table} disable trigger user".encode())
            owner.execute(f"delete from app.{table}".encode())
            owner.execute(f"alter table app.{table} enable trigger user".encode())
        yield demo_apart


@pytest.fixture
async def store(home: Database) -> Store:
    return await Store.open(home.dsn())


def register(owner: psycopg.Connection[Any], kind: Kind) -> None:
    inputs = measuring(kind).inputs
    owner.execute(
        "insert into app.predictor (name, version, kind, owner, protocol, url, inputs, trained_until,"
        " trained_on, false_alarm, missed, band, least_quality, registered_by)"
        " values (%s, '1', %s, 'x', 'plain', 'http://m', %s, '2025-06-01', %s, 1, 4, 0.1, 0.6, 'admin')",
        (kind, kind, list(inputs), json.dumps({name: [] for name in inputs})),
    )
    put(owner, kind, "shadow")


def put(owner: psycopg.Connection[Any], kind: Kind, state: str) -> None:
    owner.execute(
        "insert into app.predictor_state (name, version, site, state, reason, by)"
        " values (%s, '1', 'KAS', %s, 'x', 'admin')",
        (kind, state),
    )


@pytest.mark.parametrize("kind", sorted(TOOLS))
async def test_a_rule_tells_where_no_model_was_let_in(store: Store, kind: Kind) -> None:
    """Value, interval, chance and basis of each, the likeliest first; and what is named alone."""
    async with store:
        found = await Asking(store, PLANNER)(TOOLS[kind], site="Kassel", limit=200)
        shown = found.tables[0]
        chances = [Decimal(str(each)) for each in column(shown, "chance")]
        assert chances == sorted(chances, reverse=True)
        assert set(column(shown, "basis")) == {"rule"}
        assert set(column(shown, "why")) == {"model not approved here"}
        for value, low, high in zip(
            column(shown, "expected"), column(shown, "low"), column(shown, "high"), strict=True
        ):
            assert isinstance(value, Decimal)
            assert low is None or (isinstance(low, Decimal) and low <= value)
            assert high is None or (isinstance(high, Decimal) and value <= high)
        assert "told by a rule" in found.sentence
        assert any("is registered; a rule tells them" in note for note in found.caveats)
        assert found.suggestions == (), "a rule starts nothing"
        named = next(name for name in TOOLS[kind].arguments.model_fields if name not in ("site", "limit"))
        of_one = await Asking(store, PLANNER)(TOOLS[kind], site="Kassel", **{named: column(shown, "name")[0]})
        assert set(column(of_one.tables[0], "name")) <= set(column(shown, "name"))
        with pytest.raises(ToolError, match="'Nobody'"):
            await Asking(store, PLANNER).unchecked(TOOLS[kind], **{named: "Nobody"})


@pytest.mark.parametrize("kind", sorted(TOOLS))
async def test_inputs_of_a_moment_do_not_move_with_what_comes_later(home: Database, kind: Kind) -> None:
    """What a version is told of a day in the past is the same when all that came after is struck out."""
    then = NOW - timedelta(days=90)
    kind_of = measuring(kind)
    day = then.date()
    strike = (
        (
            "update erp.sales_line set ordered = ordered * 9 where order_id in"
            " (select order_id from erp.sales_order where ordered_on > %s)",
            (day,),
        ),
        (
            "update erp.operation_confirmation set scrapped = 500, actual_minutes = 9 where ended_at > %s",
            (then,),
        ),
        ("update erp.utility_use set quantity = quantity * 9 where day >= %s", (day,)),
        ("delete from erp.downtime where started_at > %s", (then,)),
    )
    with psycopg.connect(home.dsn(OWNER_ROLE)) as owner:
        for table in TABLES:
            owner.execute(f"create temp table kept_{table} as select * from erp.{table}".encode())
        async with await Store.open(home.dsn()) as store, store.reading(PLANNER) as tx:
            before = await kind_of.subjects(Queries(tx), ["KAS"], then)
        for statement, values in strike:
            owner.execute(statement.encode(), values)
        owner.commit()
        try:
            async with await Store.open(home.dsn()) as store, store.reading(PLANNER) as tx:
                after = await kind_of.subjects(Queries(tx), ["KAS"], then)
        finally:
            for table in TABLES:
                owner.execute(f"delete from erp.{table}".encode())
                owner.execute(f"insert into erp.{table} select * from kept_{table}".encode())
            owner.commit()
    assert before
    assert after == before


async def test_a_version_is_judged_by_quantities_and_speaks_once_let_in(home: Database, store: Store) -> None:
    """Actuals are joined, misses stand beside the rule's, and chances come from what came there."""
    with psycopg.connect(home.dsn(OWNER_ROLE), autocommit=True) as owner:
        register(owner, "demand")
        async with store:
            put(owner, "demand", "active")
            ask = forecasting_with(saying_first_input)[0]
            early = await Asking(store, PLANNER)(ask, site="Kassel")
            assert set(column(early.tables[0], "why")) == {"not calibrated here"}
            put(owner, "demand", "shadow")
            async with await Store.open(home.dsn(WORKER_ROLE)) as worker:
                run = DailyRun(home.dsn(WORKER_ROLE), worker, saying_first_input, Trail(), lambda: NOW)
                [done] = await run.run(weeks_back=26)
            record = done.record
            assert record.outcomes == done.joined > 50
            assert record.model_off is not None
            assert record.rule_off is not None
            assert record.model_off.wape is not None
            assert record.rule_off.wape is not None
            assert record.rule_off.wape < record.model_off.wape, "what is booked is not all that comes"
            assert "worse than the rule" in record.complaint
            put(owner, "demand", "active")
            found = await Asking(store, PLANNER)(ask, site="Kassel", limit=200)
            shown = found.tables[0]
            assert set(column(shown, "basis")) == {"model"}
            assert set(column(shown, "verdict")) <= {"act", "ask", "show"}
            assert set(column(shown, "reasons")) == {"booked"}
            assert any("calibrated on" in note for note in found.caveats)
            owner.execute("update app.predictor_record set drifted = '{booked}'")
            drifted = await Asking(store, PLANNER)(ask, site="Kassel")
            assert set(column(drifted.tables[0], "why")) == {"model drifted"}


async def test_what_meters_take_tomorrow_is_told_of_the_day_of_the_week(home: Database, store: Store) -> None:
    """The rule is the same day of the week; what came on that day is joined once it is over."""
    async with store:
        found = await Asking(store, PLANNER)(energy_forecast, site="Kassel", ahead="tomorrow")
        kind = measuring("energy_day")
        day = NOW.date() - timedelta(days=30)
        async with store.reading(PLANNER) as tx:
            moment = NOW - timedelta(days=30)
            things = await kind.subjects(Queries(tx), ["KAS"], moment)
            came = await kind.came(tx, "KAS", "Europe/Berlin", day)
    assert {"expected", "usual", "chance", "utility"} <= {column.name for column in found.tables[0].columns}
    assert "told by a rule" in found.sentence
    with psycopg.connect(home.dsn(OWNER_ROLE)) as owner:
        for thing in things:
            centre, _, utility = thing.subject.rpartition("/")
            of_days = owner.execute(
                "select day - %s::date, quantity::float from erp.utility_use where site = 'KAS'"
                " and cost_centre_id = %s and utility = %s and day between %s::date - 55 and %s::date + 1",
                (day, centre, utility, day, day),
            ).fetchall()
            used = {int(ago): amount for ago, amount in of_days}
            same = [used[1 - 7 * back] for back in range(1, 9) if used.get(1 - 7 * back)]
            assert thing.usual == pytest.approx(sum(same) / len(same))
            assert came[thing.subject] == used[1]
    assert things


async def test_what_nobody_can_tell_is_joined_once_and_counts_for_nothing(home: Database) -> None:
    """A work centre that made too little in the time is neither right nor wrong."""
    with psycopg.connect(home.dsn(OWNER_ROLE), autocommit=True) as owner:
        register(owner, "yield")
        async with await Store.open(home.dsn(WORKER_ROLE)) as worker:
            run = DailyRun(home.dsn(WORKER_ROLE), worker, saying_first_input, Trail(), lambda: NOW)
            first = next(each for each in await run.run(weeks_back=8) if each.name == "yield")
            again = next(each for each in await run.run(weeks_back=8) if each.name == "yield")
        unknown = owner.execute(
            "select count(*) filter (where actual = 'NaN'), count(*) filter (where came is null"
            " and for_day <= %s) from app.foretold where name = 'yield'",
            (NOW.date() - measuring("yield").horizon,),
        ).fetchone()
    assert unknown is not None
    assert unknown[1] == 0
    assert first.record.outcomes == first.joined
    assert (again.foretold, again.joined) == (0, 0)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Which materials will probably see more demand than usual?", ("demand_forecast", {})),
        ("en", "How likely is a drop of yield in Kassel?", ("yield_forecast", {"site": "KAS"})),
        ("en", "Where will we probably use more energy than usual?", ("energy_forecast", {})),
        (
            "en",
            "How much energy will Kassel probably use tomorrow?",
            ("energy_forecast", {"site": "KAS", "ahead": "tomorrow"}),
        ),
        (
            "de",
            "Wie viel Strom braucht Kassel morgen wahrscheinlich?",
            ("energy_forecast", {"site": "KAS", "ahead": "tomorrow"}),
        ),
        (
            "es",
            "¿Cuánta energía usará probablemente Kassel mañana?",
            ("energy_forecast", {"site": "KAS", "ahead": "tomorrow"}),
        ),
        (
            "fr",
            "Combien d'énergie Kassel utilisera-t-il probablement demain ?",
            ("energy_forecast", {"site": "KAS", "ahead": "tomorrow"}),
        ),
        (
            "en",
            "What is the remaining life of P2 in Kassel?",
            ("remaining_life", {"site": "KAS", "work_centre": "P2"}),
        ),
        ("de", "Welcher Bedarf ist wahrscheinlich höher als üblich?", ("demand_forecast", {})),
        (
            "de",
            "Wie hoch ist die Restlebensdauer der Maschinen in Kassel?",
            ("remaining_life", {"site": "KAS"}),
        ),
        ("de", "Wo ist wahrscheinlich mehr Ausschuss zu erwarten?", ("yield_forecast", {})),
        ("es", "¿Qué demanda es probable que suba?", ("demand_forecast", {})),
        ("es", "¿Dónde subirá probablemente la demanda?", ("demand_forecast", {})),
        ("es", "¿Cuál es la vida útil restante de P2?", ("remaining_life", {"work_centre": "P2"})),
        ("fr", "Où la demande va-t-elle probablement augmenter ?", ("demand_forecast", {})),
        ("fr", "Quelle est la durée de vie restante des machines ?", ("remaining_life", {})),
        ("en", "How much demand was there last month?", None),
        ("en", "Which machines will probably fail?", None),
        ("en", "What was the scrap rate in Kassel?", None),
        ("en", "How much energy does a good unit take, against what was to be expected?", None),
        ("en", "What is the demand forecast for next month?", None),
    ],
)
async def test_they_are_asked_for_in_four_languages(
    store: Store, language: Language, text: str, expected: tuple[str, dict[str, str]] | None
) -> None:
    """Words of chance lead here; what was, what is planned and what fails is asked elsewhere."""
    names = frozenset(tool.name for tool in TOOLS.values())
    async with store, store.reading(PLANNER) as tx:
        plan = await forecast_plan(Turn(text, language=language), names, tx)
    if not isinstance(plan, Calls):
        assert expected is None
        return
    [call] = plan.reading.calls
    assert (call.name, call.arguments.model_dump(exclude_defaults=True)) == expected
