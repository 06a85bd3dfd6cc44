"""The model with a third opinion answers as the embedded one does, surer or less sure."""

from __future__ import annotations

from typing import Any

import pytest

from agents.models.embedded.model import EmbeddedModel
from agents.models.local.model import LocalModel
from agents.models.protocol import Abstain, Calls, Clarify, PastTurn, Plan, Reading, Turn
from erp_adapters.errors import ModelError
from erp_adapters.store.session import Store
from tests.agents.models.local.scripted import ScriptedEngine
from tools.all_tools import registry
from tools.metrics.query import MetricQuery

GATES = {
    "base": 0.0,
    "readers": 1.0,
    "agrees": 1.0,
    "differs": -1.0,
    "near": 0.0,
    "begins": 0.0,
    "declines": 0.0,
}
QUESTION = "scrap rate by month in 2025"


async def plan(store: Store, model: Any, turn: Turn) -> Plan:
    caller, tools = await store.caller("planner"), registry()
    async with store.reading(caller) as tx:
        found: Plan = await model.plan(turn, caller, tools.admitted(caller), tx)
    return found


def naming(name: str) -> LocalModel:
    """Names that for whatever is asked."""
    return LocalModel(ScriptedEngine({"Q:": name}), gates=GATES)


def best(found: Plan) -> Reading:
    match found:
        case Calls():
            return found.reading
        case Clarify() | Abstain():
            return found.readings[0]


async def test_a_reading_is_surer_where_the_small_model_agrees(demo_store: Store) -> None:
    """And less sure where it names something else: the readings themselves stay the embedded model's."""
    turn = Turn(QUESTION)
    alone = best(await plan(demo_store, EmbeddedModel(), turn))
    agreed = best(await plan(demo_store, naming("scrap_rate"), turn))
    differing = await plan(demo_store, naming("supplier"), turn)
    assert agreed.calls == alone.calls
    same = [one for one in _readings(differing) if one.calls == alone.calls]
    assert same
    assert same[0].confidence < alone.confidence < agreed.confidence


async def test_nothing_of_a_value_is_asked_of_it(demo_store: Store) -> None:
    """It is asked once a question, reads it as it stands, and writes nothing that ends up in a call."""
    engine = ScriptedEngine({"scrap": "scrap_rate"})
    found = await plan(demo_store, LocalModel(engine), Turn(QUESTION))
    assert engine.asked == [f"\nQ: {QUESTION}\nA:"]
    assert isinstance(found, Calls)
    assert isinstance(found.reading.calls[0].arguments, MetricQuery)


async def test_it_has_no_say_in_follow_ups(demo_store: Store) -> None:
    """Of `and in March?` it knows nothing, so whatever it names changes nothing."""
    before = best(await plan(demo_store, EmbeddedModel(), Turn(QUESTION)))
    turn = Turn("and in 2024?", (PastTurn(QUESTION, before.calls, before.words),))
    alone = best(await plan(demo_store, EmbeddedModel(), turn))
    beside = best(await plan(demo_store, naming("supplier"), turn))
    assert beside == alone


@pytest.mark.parametrize("engine", [ScriptedEngine(broken="no memory"), ScriptedEngine()])
async def test_what_fails_is_said_and_not_hidden(demo_store: Store, engine: ScriptedEngine) -> None:
    """So that the embedded model takes over with a note, and not silently."""
    engine.fails = "it took too long"
    with pytest.raises(ModelError, match=r"no memory|took too long"):
        await plan(demo_store, LocalModel(engine), Turn(QUESTION))


def test_it_writes_by_templates_and_has_a_name() -> None:
    """Its prose is the tools' own, and a reader of the answer sees which file read along."""
    model = LocalModel(ScriptedEngine())
    assert (model.name, model.writes_freely) == ("local:scripted", False)


def _readings(found: Plan) -> tuple[Reading, ...]:
    return (found.reading, *found.others) if isinstance(found, Calls) else found.readings
