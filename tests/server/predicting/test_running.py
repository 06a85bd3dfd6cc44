"""Versions foretell, what came is joined to it, and one whose inputs move loses its right to speak."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.endpoints import Answered, Asked, Outcome
from erp_adapters.errors import ErpUnavailable
from erp_adapters.store import OWNER_ROLE, Store
from erp_adapters.store.provision import APP_ROLE, WORKER_ROLE
from policies.audit.event import AuditEvent, Position
from policies.predictors.registered import Registered
from server.doctor.predictors import predictors
from server.predicting.running import DailyRun
from tests.conftest import Database
from tests.tools.asking import Asking, column
from tools.data_quality import data_quality
from tools.predicting.asking import Ask
from tools.predicting.inputs import INPUTS

NOW = datetime(2026, 4, 1, 8, tzinfo=UTC)
_SHIFTED = "stops_182d"


class Recorded:
    """A trail that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[AuditEvent] = []

    async def append(self, events: Sequence[AuditEvent]) -> Position:
        self.events += events
        return Position(len(self.events))

    async def append_in(
        self, connection: psycopg.AsyncConnection[Any], events: Sequence[AuditEvent]
    ) -> Position:
        raise AssertionError("a run has no transaction of the trail's")


def saying(value: float) -> Ask:
    """An endpoint that says one value of all."""

    async def ask(entry: Registered, asked: Asked) -> Answered:
        return Answered(entry.name, entry.version, tuple(Outcome(value) for _ in asked.rows))

    return ask


def put(home: Database, state: str, url: str = "http://models.example") -> None:
    """One version at Kassel, in a state; nothing else is known of models."""
    with psycopg.connect(home.dsn(OWNER_ROLE), autocommit=True) as owner:
        owner.execute("delete from app.foretold")
        owner.execute("delete from app.predictor_record")
        for table in ("predictor_state", "predictor"):
            owner.execute(f"alter table app.{table} disable trigger user".encode())
            owner.execute(f"delete from app.{table}".encode())
            owner.execute(f"alter table app.{table} enable trigger user".encode())
        owner.execute(
            "insert into app.predictor (name, version, kind, owner, protocol, url, inputs, trained_until,"
            " trained_on, false_alarm, missed, band, least_quality, registered_by)"
            " values ('press', '1', 'failure', 'x', 'plain', %s, %s, '2025-06-01', %s,"
            " 1, 4, 0.1, 0.6, 'admin')",
            (url, list(INPUTS), json.dumps({name: [] for name in INPUTS})),
        )
        owner.execute(
            "insert into app.predictor_state (name, version, site, state, reason, by)"
            " values ('press', '1', 'KAS', %s, 'x', 'admin')",
            (state,),
        )


async def run(home: Database, ask: Ask, trail: Recorded, weeks_back: int = 0) -> Any:
    async with await Store.open(home.dsn(WORKER_ROLE)) as store:
        (done,) = await DailyRun(home.dsn(WORKER_ROLE), store, ask, trail, lambda: NOW).run(
            weeks_back=weeks_back
        )
    return done


@pytest.fixture(scope="module")
def home(demo_apart: Database) -> Database:
    return demo_apart


async def test_what_came_is_joined_and_the_version_is_set_beside_the_rule(home: Database) -> None:
    put(home, "shadow")
    trail = Recorded()
    done = await run(home, saying(0.01), trail, weeks_back=20)
    assert done.foretold > 0
    assert done.joined == done.record.outcomes
    assert done.record.model.outcomes == done.record.rule.outcomes > 50
    assert sum(step.came for step in done.record.calibration.steps) > 0, "the plant fails now and then"
    again = await run(home, saying(0.01), trail, weeks_back=20)
    assert (again.foretold, again.joined) == (0, 0), "a day is foretold once"
    assert trail.events == []


async def test_inputs_that_move_take_its_right_to_speak(home: Database) -> None:
    put(home, "active")
    trail = Recorded()
    await run(home, saying(0.01), trail, weeks_back=30)
    put_back = (
        "update app.foretold set inputs[%s] = inputs[%s] + 40,"
        " made_at = clock_timestamp() + interval '1 minute' where for_day > date '2026-02-15'"
    )
    at = INPUTS.index(_SHIFTED) + 1
    with psycopg.connect(home.dsn(OWNER_ROLE), autocommit=True) as owner:
        owner.execute(
            "insert into app.predictor_state (name, version, site, state, reason, by)"
            " values ('press', '1', 'KAS', 'active', 'looked at', 'admin')"
        )
        trail.events.clear()
        owner.execute(put_back.encode(), (at, at))
        done = await run(home, saying(0.01), trail)
        assert _SHIFTED in done.record.drifted
        assert "have moved from what it was trained on" in done.suspended
        (state,) = owner.execute(
            "select state from app.predictor_state order by id desc limit 1"
        ).fetchone() or ("",)
        tasks = owner.execute("select source_key from erp.finding where check_name = 'suspended_models'")
        assert tasks.fetchall() == [("press 1",)], "to train it anew is a task at once"
    assert state == "suspended"
    steward = Caller("s", "S", frozenset({"steward"}), frozenset({"KAS"}), frozenset())
    async with await Store.open(home.dsn(APP_ROLE)) as store:
        told = await Asking(store, steward).unchecked(data_quality, check="suspended models")
    assert "Train the model press 1 anew" in column(told.tables[-1], "proposed")
    assert (await run(home, saying(0.01), trail)).suspended == "", "it is said once"


async def test_an_endpoint_that_fails_is_named_and_the_rest_of_the_run_goes_on(home: Database) -> None:
    put(home, "shadow")

    async def down(entry: Registered, asked: Asked) -> Answered:
        raise ErpUnavailable("the endpoint of press cannot be reached")

    done = await run(home, down, Recorded(), weeks_back=1)
    assert (done.foretold, done.trouble) == (0, "the endpoint of press cannot be reached")


@pytest.mark.parametrize(
    ("state", "is_said"), [("active", "broken"), ("suspended", "warning"), ("shadow", None)]
)
def test_doctor_names_an_endpoint_that_is_down_and_a_version_that_was_suspended(
    home: Database, state: str, is_said: str | None
) -> None:
    put(home, state, "http://127.0.0.1:9/")
    found = {each.state: each for each in predictors(home)}
    assert set(found) == ({is_said} if is_said else set())
    for each in found.values():
        assert each.name == "model press 1 at KAS"
        assert each.mend
