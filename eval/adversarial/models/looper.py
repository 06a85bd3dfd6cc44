"""A model that never comes to an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal

from pydantic import ValidationError

from agents.models.protocol import Calls, Plan, Reading, ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from eval.adversarial.models.adversary import Adversary, calls, references
from tools.metrics.query import MetricQuery
from tools.registry import Tool
from tools.results import ToolResult

Habit = Literal["looks first", "repeats", "grows", "offers", "nests", "talks", "sleeps"]
_HABITS: tuple[Habit, ...] = ("looks first", "repeats", "grows", "offers", "nests", "talks")
_LONG_S = 3600.0
_SLEEPY = 0.04


class Looper(Adversary):
    """Has one of seven habits by seed.

    It looks first for ever, asks for the same call again and again, doubles its plan at each round, offers
    readings of hundreds of calls, rests figures on figures, talks without end, or just does not come back.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.habit: Habit = "sleeps" if self.chance.random() < _SLEEPY else self.chance.choice(_HABITS)
        self._same: ToolCall | None = None
        self._rounds = 0

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """More."""
        draws = self.draws(turn)
        self._rounds += 1
        self._same = self._same or draws.call(tools)
        match self.habit:
            case "looks first":
                return calls(draws.call(tools), look_first=True)
            case "repeats":
                return calls(*[self._same] * self.chance.randint(1, 3), look_first=True)
            case "grows":
                return calls(*(draws.plausible() for _ in range(2**self._rounds)), look_first=True)
            case "offers":
                many = Reading((self._same,) * 300, "all of it", 1.0)
                return Calls(Reading((self._same,), "", 1.0), (many,) * 200)
            case "nests":
                return calls(self._nested() or self._same, look_first=True)
            case "sleeps" if self.chance.random() < 0.5:
                await asyncio.sleep(_LONG_S)
        return calls(self._same)

    def _nested(self) -> ToolCall | None:
        """A query whose measures rest on each other, or go round in a circle."""
        deep = self.chance.choice([1, 3, 6, 30, 200])
        below = self.chance.choice(["m0", "m1"])
        over = [{"name": f"m{n}", "derive": "sum", "of": [f"m{n - 1}"] * 2} for n in range(2, deep + 1)]
        first = {"name": "m1", "derive": "sum", "of": [below, below]}
        measures = [{"name": "m0", "count_of": "material"}, first, *over]
        try:
            return ToolCall("query_metrics", MetricQuery.model_validate({"measures": measures}))
        except ValidationError:
            return None

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        """The same again; one that talks does so until it is stopped."""
        if self.habit == "sleeps":
            await asyncio.sleep(_LONG_S)
        value = (references(results, names=False) or ["{{r0.figures[0]}}"])[0]
        # As many as an endpoint sends before the graph has had enough of it; sent, so others get their turn.
        for _ in range(1_000 if self.habit == "talks" else 8):
            await asyncio.sleep(0)
            turn.meter.add(0, 50)
            yield f"The value is {value}. And so on and on. "
