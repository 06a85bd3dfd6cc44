"""Late deliveries are foretold in the same frame as failures: by a model that was let in, else by a rule."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from agents.models.embedded.joined_reader import joined_plan
from agents.models.protocol import Calls, Turn
from erp_adapters.caller import Caller
from erp_adapters.endpoints import Answered, Asked, Outcome
from erp_adapters.store import OWNER_ROLE, Store
from erp_adapters.store.provision import WORKER_ROLE
from policies.audit.event import AuditEvent, Position
from policies.predictors.registered import Registered
from server.predicting.running import DailyRun
from tests.conftest import Database
from tests.tools.asking import Asking, column
from tools.errors import ToolError
from tools.languages import Language
from tools.predicting.lateness import INPUTS, lines_of
from tools.predicting.supplier_lateness import lateness_with, supplier_lateness
from tools.rows import Queries

PLANNER = Caller("planner", "P", frozenset({"planner"}), frozenset({"KAS", "HAM"}), frozenset())
NOW = datetime(2026, 4, 1, 8, tzinfo=UTC)


@dataclass
class Trail:
    """A trail that keeps what it is told."""

    events: list[AuditEvent] = field(default_factory=list)

    async def append(self, events: Sequence[AuditEvent]) -> Position:
        self.events += events
        return Position(len(self.events))

    async def append_in(
        self, connection: psycopg.AsyncConnection[Any], events: Sequence[AuditEvent]
    ) -> Position:
        raise AssertionError("a run has no transaction of the trail's")


async def saying_half(entry: Registered, asked: Asked) -> Answered:
    assert asked.inputs == INPUTS
    return Answered(entry.name, entry.version, tuple(Outcome(0.5) for _ in asked.rows))


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


async def test_by_a_rule_from_what_suppliers_did_and_by_no_later_day(store: Store) -> None:
    """The likeliest line first, with interval and basis; what came after a moment is not known at it."""
    async with store:
        found = await Asking(store, PLANNER)(supplier_lateness, site="Kassel")
        chances = [Decimal(str(each)) for each in column(found.tables[0], "chance")]
        assert chances == sorted(chances, reverse=True)
        assert set(column(found.tables[0], "basis")) == {"rule"}
        assert set(column(found.tables[0], "verdict")) == {"rules"}
        assert "told by a rule" in found.sentence
        assert any("no model of late deliveries is registered" in note for note in found.caveats)
        name = str(column(found.tables[0], "supplier")[0])
        of_one = await Asking(store, PLANNER)(supplier_lateness, site="Kassel", supplier=name)
        assert set(column(of_one.tables[0], "supplier")) == {name}
        with pytest.raises(ToolError, match="'Nobody'"):
            await Asking(store, PLANNER).unchecked(supplier_lateness, supplier="Nobody")
        async with store.reading(PLANNER) as tx:
            then = NOW - timedelta(days=90)
            lines = await lines_of(Queries(tx), ["KAS"], then)
            assert lines
            for line in lines:
                assert line.due_on >= then.date()
                seen, late = line.values[0] or 0, line.values[1] or 0
                assert seen >= late


async def test_a_version_runs_in_shadow_is_judged_and_speaks_once_let_in(
    home: Database, store: Store
) -> None:
    """The register, outcomes that are joined later, and the tool know this kind as they know failures."""
    with psycopg.connect(home.dsn(OWNER_ROLE), autocommit=True) as owner:
        owner.execute(
            "insert into app.predictor (name, version, kind, owner, protocol, url, inputs, trained_until,"
            " trained_on, false_alarm, missed, band, least_quality, registered_by)"
            " values ('late', '1', 'supplier_lateness', 'x', 'plain', 'http://m', %s, '2025-06-01', %s, 1, 4,"
            " 0.1, 0.6, 'admin')",
            (list(INPUTS), json.dumps({name: [] for name in INPUTS})),
        )
        put = (
            "insert into app.predictor_state (name, version, site, state, reason, by)"
            " values ('late', '1', 'KAS', %s, 'x', 'admin')"
        )
        owner.execute(put.encode(), ("shadow",))
        async with await Store.open(home.dsn(WORKER_ROLE)) as worker:
            run = DailyRun(home.dsn(WORKER_ROLE), worker, saying_half, Trail(), lambda: NOW)
            [done] = await run.run(weeks_back=14)
        assert done.joined > 20
        assert 0 < done.record.model.came < done.record.model.outcomes
        owner.execute("delete from app.predictor_record")
        owner.execute(put.encode(), ("active",))
    async with store:
        found = await Asking(store, PLANNER)(lateness_with(saying_half), site="Kassel")
    assert set(column(found.tables[0], "basis")) == {"model"}
    assert set(column(found.tables[0], "verdict")) == {"act"}
    assert set(column(found.tables[0], "chance")) == {Decimal(50)}


@pytest.mark.parametrize(
    ("language", "text", "is_read"),
    [
        ("en", "Which open purchase orders will probably be late?", True),
        ("en", "Which deliveries to Kassel are likely to come late, and how sure is that?", True),
        ("de", "Welche Lieferungen kommen wahrscheinlich zu spät?", True),
        ("es", "¿Qué pedidos llegarán probablemente tarde?", True),
        ("fr", "Quelles commandes arriveront probablement en retard ?", True),
        ("en", "How likely is it that Halmet Foundry delivers late?", True),
        ("en", "How likely is a late delivery of Halmet?", True),
        ("en", "Which purchase orders are late?", False),
        ("en", "Which machines will probably fail?", False),
    ],
)
async def test_it_is_asked_for_in_four_languages(
    store: Store, language: Language, text: str, *, is_read: bool
) -> None:
    """What is likely is foretold; what is late already is looked up elsewhere."""
    async with store, store.reading(PLANNER) as tx:
        plan = await joined_plan(Turn(text, language=language), frozenset({"supplier_lateness"}), tx)
    assert isinstance(plan, Calls) == is_read
