"""The embedded model: plans tool calls by two readers and writes with the tools' own renderings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, LiteralString

from agents.looking import LOADS
from agents.models.embedded.arbiter import Arbiter, Weigh, by_readers
from agents.models.embedded.compound import Beside
from agents.models.embedded.drafting_asked import about_drafts
from agents.models.embedded.drafting_reader import DraftReader
from agents.models.embedded.failure_reader import failure_plan
from agents.models.embedded.floor_reader import floor_plan
from agents.models.embedded.forecast_reader import forecast_plan
from agents.models.embedded.joined_reader import joined_plan
from agents.models.embedded.machine_reader import machine_plan
from agents.models.embedded.masterdata import MasterDataCache
from agents.models.embedded.outcomes import Outcome, once, outcome_of
from agents.models.embedded.overview_reader import overview_plan
from agents.models.embedded.plan_language import METRICS
from agents.models.embedded.presenting import Presenting
from agents.models.embedded.publishing_reader import TOOL as PUBLISHING
from agents.models.embedded.publishing_reader import asks_to_publish
from agents.models.embedded.redating_reader import NAME as REDATES
from agents.models.embedded.redating_reader import redating_plan
from agents.models.embedded.replanning_draft import NAME as MOVES
from agents.models.embedded.replanning_draft import moves_plan
from agents.models.embedded.replanning_reader import replanning_plan
from agents.models.embedded.requirements_reader import requirements_plan
from agents.models.embedded.requisition_reader import requisition_plan
from agents.models.embedded.taking_back import NAME as TAKES_BACK
from agents.models.embedded.taking_back import taking_back_plan
from agents.models.embedded.what_if_reader import what_if_plan
from agents.models.protocol import Plan, ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from tools.all_tools import registry
from tools.metrics.catalogue import Catalogue, packaged_catalogue
from tools.registry import Effect, Tool, ToolContext
from tools.results import ToolResult


class EmbeddedModel:
    """Reads questions by a grammar over the catalogue and by a learned reader; needs no key, no network."""

    name = "embedded-2"
    writes_freely = False

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        self._catalogue = catalogue or packaged_catalogue()
        known = registry()
        self._arbiter = Arbiter(self._catalogue, known.reading())
        self._compound = Beside(self._catalogue)
        self._drafts = DraftReader()
        self._data = MasterDataCache(self._catalogue)
        self._presenting = Presenting(self._catalogue)

    def foreseen(self, caller: Caller) -> tuple[LiteralString, ...]:
        """See `Foreseeing`."""
        return (LOADS,)

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """See `ModelProtocol.plan`."""
        return await self.weighed_plan(turn, caller, tools, tx, by_readers)

    async def weighed_plan(
        self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction, weigh: Weigh
    ) -> Plan:
        """The same, where something else than the two readers says how sure a reading is."""
        data = await self._data.get(tx)
        admitted = {tool.name: tool for tool in tools}
        if PUBLISHING in admitted and asks_to_publish(turn.question):
            return self._arbiter.to_publish(turn, data)
        if TAKES_BACK in admitted and (back := taking_back_plan(turn)) is not None:
            return back
        if (trail := await requisition_plan(turn, admitted, caller, tx)) is not None:
            return trail
        if "list_drafts" in admitted and (listed := about_drafts(turn)) is not None:
            return listed
        if (overview := await overview_plan(turn, admitted, tx, self._presenting)) is not None:
            return overview
        if (floor := await floor_plan(turn, admitted, tx)) is not None:
            return floor
        if (joined := await joined_plan(turn, admitted, tx)) is not None:
            return joined
        if (forecast := await forecast_plan(turn, admitted, tx)) is not None:
            return forecast
        if (failures := await failure_plan(turn, admitted, tx)) is not None:
            return failures
        if (values := await machine_plan(turn, admitted, tx)) is not None:
            return values
        if (supposed := await what_if_plan(turn, admitted, tx)) is not None:
            return supposed
        if REDATES in admitted and (redated := await redating_plan(turn, tx)) is not None:
            return redated
        if MOVES in admitted and (moves := await moves_plan(turn, tx)) is not None:
            return moves
        if (replanned := await replanning_plan(turn, admitted, tx)) is not None:
            return replanned
        if (required := await requirements_plan(turn, admitted, tx)) is not None:
            return required
        if any(tool.effect is Effect.DRAFT for tool in tools):
            drafted = self._drafts.plan(turn, data, admitted)
            if drafted is not None:
                return drafted
            admitted = {name: tool for name, tool in admitted.items() if tool.effect is Effect.READ}

        async def run(call: ToolCall) -> Outcome | None:
            return await outcome_of(call, admitted[call.name], ToolContext(caller, tx))

        showing = once(run)
        plan = await self._arbiter.plan(turn, data, frozenset(admitted), showing, weigh)
        if METRICS not in admitted:
            return plan
        return await self._compound.plan(plan, turn, data, showing, self._arbiter.leaves_out)

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        """The tools' own sentences."""
        del turn
        for index, result in enumerate(results):
            if result.sentence:
                yield result.sentence.replace("{{", f"{{{{r{index}.")
