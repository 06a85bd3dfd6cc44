"""An outage is waited out and never measured; a model that answers badly is measured."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import pytest

from agents.models.protocol import Plan, Turn
from erp_adapters.caller import Caller
from erp_adapters.errors import ModelError, ModelUnavailable
from erp_adapters.store.session import ReadTransaction
from eval.cases import Case
from eval.respondents import Reply
from eval.side_by_side.reaching import ModelLost, Noted, Patient
from tests.eval.replies import case, reply
from tools.registry import Tool
from tools.results import ToolResult


class Failing:
    """A model that fails to plan in these ways, one after the other, and then not any more."""

    name = "failing"
    writes_freely = True

    def __init__(self, *errors: ModelError) -> None:
        self.errors = list(errors)
        self.asked = 0

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return cast("Plan", None)

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        yield ""


class Swallowing:
    """Answers as the copilot does: a model that fails ends in an answer that says so."""

    name = "swallowing"

    def __init__(self, model: Noted) -> None:
        self.model = model

    async def reply(self, one: Case) -> Reply:
        nothing: Any = None
        try:
            await self.model.plan(nothing, nothing, (), nothing)
        except ModelError:
            return reply("cannot_answer")
        return reply("answered", "7")


async def replied(model: Failing, *pauses: float) -> Reply:
    return await Patient(Swallowing(Noted(model)), pauses).reply(case())


async def test_an_outage_is_waited_out() -> None:
    """The question is asked again; what the outage ended in is no reply."""
    model = Failing(ModelUnavailable("it failed"), ModelUnavailable("it failed"))
    found = await replied(model, 0, 0)
    assert model.asked == 3
    assert found.answer is not None
    assert found.answer.status == "answered"


async def test_after_the_last_pause_the_model_is_lost() -> None:
    """With its reason."""
    with pytest.raises(ModelLost, match="the last reason"):
        await replied(Failing(ModelUnavailable("a reason"), ModelUnavailable("the last reason")), 0)


async def test_nonsense_is_an_answer() -> None:
    """A plan in a form that no tool takes is the model's own failure, and counts."""
    model = Failing(ModelError("it asked for tools in a form that they do not take"))
    found = await replied(model, 0, 0)
    assert model.asked == 1
    assert found.answer is not None
    assert found.answer.status == "cannot_answer"
