"""A model without sense: any tool, any arguments."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from agents.models.protocol import Abstain, Calls, Clarify, Plan, Reading, ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from eval.adversarial.models.adversary import Adversary, references
from tools.registry import Tool
from tools.results import ToolResult


class RandomCaller(Adversary):
    """Draws tools and arguments over their JSON schemas: valid ones, and some that no schema takes."""

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """One to four calls, other readings beside them, now and then a question back."""
        wanted = tuple(self._call(turn, tools) for _ in range(self.chance.randint(1, 4)))
        others = tuple(
            Reading((self._call(turn, tools),), self.chance.choice(self.bait.words or ("x",)), 0.5)
            for _ in range(self.chance.randint(0, 4))
        )
        draw = self.chance.random()
        if draw < 0.08:
            return Clarify("Which?", others)
        if draw < 0.14:
            return Abstain("No.", others, refused=draw < 0.11)
        return Calls(Reading(wanted, "", self.chance.uniform(-1, 2)), others, look_first=draw < 0.4)

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        """References and words in any order."""
        pieces = [*references(results, names=True)[:10], *references(results, names=False)[:10]]
        pieces += ["the", "is", "of", ".", "and", "stock", "!", "not", *turn.question.split()[:6]]
        for _ in range(self.chance.randint(0, 25)):
            yield self.chance.choice(pieces) + self.chance.choice([" ", " ", ""])

    def _call(self, turn: Turn, tools: Sequence[Tool[Any]]) -> ToolCall:
        draws = self.draws(turn)
        draw = self.chance.random()
        if draw < 0.06:
            return draws.unvalidated(self.chance.choice(tools))
        if draw < 0.35:
            return draws.plausible()
        return draws.call(tools)
