"""A model that says what a test tells it to say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeAlias

from pydantic import BaseModel

from agents.models.protocol import Calls, Plan, Reading, ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from tools.registry import Tool
from tools.results import ToolResult

Planner: TypeAlias = "Callable[[Turn], Plan]"
Writer: TypeAlias = "Callable[[Turn, Sequence[ToolResult]], Sequence[str]]"


def reading(name: str, arguments: BaseModel, words: str = "", confidence: float = 1.0) -> Reading:
    return Reading((ToolCall(name, arguments),), words or name, confidence)


def calls(name: str, arguments: BaseModel) -> Calls:
    return Calls(reading(name, arguments))


class ScriptedModel:
    """Plans and writes by two functions, and remembers the turns that it was shown."""

    def __init__(
        self,
        plan: Plan | Planner,
        write: Sequence[str] | Writer = (),
        *,
        writes_freely: bool = True,
        name: str = "scripted",
    ) -> None:
        self._plan = plan
        self._write = write
        self._freely = writes_freely
        self._name = name
        self.turns: list[Turn] = []
        self.tools: list[str] = []
        self.writing: list[Turn] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def writes_freely(self) -> bool:
        return self._freely

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        self.turns.append(turn)
        self.tools = [tool.name for tool in tools]
        return self._plan(turn) if callable(self._plan) else self._plan

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        self.writing.append(turn)
        text = self._write(turn, results) if callable(self._write) else self._write
        for fragment in text:
            yield fragment
