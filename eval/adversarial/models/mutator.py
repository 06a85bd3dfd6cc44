"""A model that never asks for the same thing twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from agents.models.protocol import Calls, Clarify, Plan, Reading, ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from eval.adversarial.models.adversary import Adversary, references
from tools.registry import Tool
from tools.results import ToolResult


class Mutator(Adversary):
    """Keeps to one tool and changes its arguments at each round and each call.

    What it offers as a reading is not what it ran, what it calls a reading is not what the reading runs, and
    objects that it handed over are changed behind the graph's back while the answer is written.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._tool: Tool[Any] | None = None
        self._handed: list[ToolCall] = []

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """The same tool with other arguments; two calls of one plan differ as well."""
        if self._tool is None or self.chance.random() < 0.1:
            self._tool = self.chance.choice(tools)
        wanted = tuple(self._changed(turn, tools) for _ in range(self.chance.randint(1, 3)))
        others = tuple(Reading((self._changed(turn, tools),), wanted[0].name, 0.9) for _ in range(3))
        self._handed += [*wanted, *(call for reading in others for call in reading.calls)]
        if self.chance.random() < 0.15:
            return Clarify("Which of these is meant?", others)
        return Calls(Reading(wanted, "as before", 1.0), others, look_first=self.chance.random() < 0.5)

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        """One true sentence, and another behind it while the arguments change under it."""
        for call in self._handed:
            for key in call.arguments.__dict__:
                call.arguments.__dict__[key] = self.lie("changed afterwards")
        values = references(results, names=False)
        for _ in range(min(len(values), 2)):
            yield f"The value is {self.chance.choice(values)}. "

    def _changed(self, turn: Turn, tools: Sequence[Tool[Any]]) -> ToolCall:
        assert self._tool is not None
        arguments = self.draws(turn).arguments(self._tool)
        return ToolCall(self._tool.name, arguments) if arguments else self.draws(turn).call(tools)
