"""Whoever is asked: the copilot with any model behind it, or a stand-in with a known character."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from agents.answer import Answer
from agents.copilot import Copilot
from agents.models.protocol import Meter, ModelProtocol, Plan, Turn
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError
from erp_adapters.store import Store
from erp_adapters.store.session import ReadTransaction
from eval.cases import Case
from tools.registry import Tool
from tools.results import ToolResult


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back to the last question of a case."""

    answer: Answer | None
    """None where no answer came."""
    error: str = ""
    wall_ms: float = 0.0
    """Time of the last question; running the other readings counts."""
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Respondent(Protocol):
    """Answers cases."""

    @property
    def name(self) -> str:
        """The model, or the character that is played."""
        ...

    async def reply(self, case: Case) -> Reply:
        """The reply to the case's last question, after those before it. It never raises for a bad answer."""
        ...


@dataclass(slots=True)
class _Spent:
    prompt: int = 0
    completion: int = 0


_SPENT: ContextVar[_Spent] = ContextVar("tokens of the question that is being answered")


class Observed:
    """A model that goes by its own name while somebody looks on."""

    def __init__(self, model: ModelProtocol) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """The model's own name."""
        return self._model.name

    @property
    def writes_freely(self) -> bool:
        """As the model says."""
        return self._model.writes_freely


class Metered(Observed):
    """A model whose tokens are counted for whoever asked."""

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """The model's plan."""
        try:
            return await self._model.plan(turn, caller, tools, tx)
        finally:
            _count(turn.meter)

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        """The model's prose."""
        try:
            async for clause in self._model.compose(turn, results):
                yield clause
        finally:
            _count(turn.meter)


def _count(meter: Meter) -> None:
    spent = _SPENT.get(None)
    if spent is not None:
        # A turn's meter only grows.
        spent.prompt = max(spent.prompt, meter.prompt_tokens)
        spent.completion = max(spent.completion, meter.completion_tokens)


class CopilotRespondent:
    """The copilot, asked as a channel asks it: every question takes the whole way through the agent."""

    def __init__(self, copilot: Copilot, store: Store, name: str) -> None:
        self._copilot = copilot
        self._store = store
        self._name = name
        self._people: dict[str, Caller] = {}

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    async def reply(self, case: Case) -> Reply:
        """The reply to the last question, with the other readings run too."""
        spent = _Spent()
        token = _SPENT.set(spent)
        began = time.perf_counter()
        try:
            caller = await self._caller(case.person)
            conversation: str | None = None
            for question in case.ask[:-1]:
                conversation = (
                    await self._copilot.ask(caller, question, conversation=conversation)
                ).conversation
            spent.prompt = spent.completion = 0
            began = time.perf_counter()
            answer = await self._copilot.ask(
                caller, case.ask[-1], conversation=conversation, alternatives=True
            )
        except CopilotError as error:
            return Reply(None, f"{type(error).__name__}: {error}", _since(began))
        finally:
            _SPENT.reset(token)
        return Reply(answer, "", _since(began), spent.prompt, spent.completion)

    async def _caller(self, subject: str) -> Caller:
        if subject not in self._people:
            self._people[subject] = await self._store.caller(subject)
        return self._people[subject]


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
