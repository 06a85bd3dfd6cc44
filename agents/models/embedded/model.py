"""The embedded model: plans tool calls by two readers and writes with the tools' own renderings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from agents.models.embedded.arbiter import Arbiter
from agents.models.embedded.masterdata import MasterDataCache
from agents.models.protocol import Plan, Turn
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from tools.metrics.catalogue import Catalogue, packaged_catalogue
from tools.registry import Tool
from tools.results import ToolResult


class EmbeddedModel:
    """Reads questions by a grammar over the catalogue and a learned ranker; needs no key and no network."""

    name = "embedded-1"
    writes_freely = False

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        self._catalogue = catalogue or packaged_catalogue()
        self._arbiter = Arbiter(self._catalogue)
        self._data = MasterDataCache(self._catalogue)

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """See `ModelProtocol.plan`."""
        del caller  # the transaction is under the caller's scope already
        data = await self._data.get(tx)
        return self._arbiter.plan(turn, data, frozenset(tool.name for tool in tools))

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        """The tools' own sentences."""
        del turn
        for index, result in enumerate(results):
            if result.sentence:
                yield result.sentence.replace("{{", f"{{{{r{index}.")
