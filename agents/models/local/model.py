"""The embedded model with a third opinion: a small language model names what is asked for, and nothing more.

Readings, their values and the words of the answer are the embedded model's. The small model cannot bring in
a filter, a number or a sentence; it makes a reading surer or less sure.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from agents.models.embedded.arbiter import by_readers
from agents.models.embedded.model import EmbeddedModel
from agents.models.embedded.proposals import Proposal
from agents.models.local.engine import Engine
from agents.models.local.gates import Gates, packaged_gates, sureness, terms
from agents.models.local.names import Names, Pick
from agents.models.local.picker import Picker
from agents.models.protocol import Plan, Turn
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from tools.all_tools import registry
from tools.metrics.catalogue import packaged_catalogue
from tools.registry import Tool
from tools.results import ToolResult


def names_here() -> Names:
    """The names of the packaged catalogue and tools."""
    known = registry()
    return Names(packaged_catalogue(), known.reading())


class LocalModel:
    """`ModelProtocol` of the embedded model, whose readings a small model confirms or doubts.

    Args:
        engine: the small model.
        budget_s: longest time that it may take for a question.
        patience_s: longest time that a question waits for it to be prepared.
        gates: how much its opinion counts; as it was fitted where they are left out.
    """

    writes_freely = False

    def __init__(
        self, engine: Engine, *, budget_s: float = 4.0, patience_s: float = 1.0, gates: Gates | None = None
    ) -> None:
        self._embedded = EmbeddedModel()
        self._gates = packaged_gates() if gates is None else gates
        self._names = names_here()
        self.picker = Picker(engine, self._names, budget_s=budget_s, patience_s=patience_s)
        """Can be prepared before the first question."""

    @property
    def name(self) -> str:
        return f"local:{self.picker.name}"

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """See `ModelProtocol.plan`; the small model reads while the two readers do.

        Raises:
            ModelError: the small model cannot be used, is still being prepared, or took too long.
        """
        picking = asyncio.create_task(self.picker.pick(turn.question))

        async def weigh(proposals: Sequence[Proposal]) -> Sequence[float]:
            pick = await picking
            by_two = await by_readers(proposals)
            if any(one.leaning for one in proposals):
                # It reads a question alone: of `and in March?` it knows nothing.
                return by_two
            return [self._sureness(sure, one, pick) for sure, one in zip(by_two, proposals, strict=True)]

        try:
            return await self._embedded.weighed_plan(turn, caller, tools, tx, weigh)
        finally:
            # Where the readers fail first, nobody waits for it.
            picking.cancel()
            await asyncio.gather(picking, return_exceptions=True)

    def _sureness(self, by_two: float, proposal: Proposal, pick: Pick) -> float:
        names = self._names.of(proposal.calls)
        return sureness(terms(by_two, names, pick, near=self._names.near(pick, names)), self._gates)

    def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        """The tools' own sentences."""
        return self._embedded.compose(turn, results)

    def close(self) -> None:
        """Let go of the small model."""
        self.picker.close()
