"""The embedded model: plans tool calls by two readers and writes with the tools' own renderings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from agents.models.embedded.grammar import Candidate, GrammarReader, Parsed
from agents.models.embedded.masterdata import MasterDataCache
from agents.models.protocol import Abstain, Calls, Plan, Reading, ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from tools.metrics.catalogue import Catalogue, packaged_catalogue
from tools.metrics.wording import Wording
from tools.registry import Tool
from tools.results import ToolResult

_MOST_READINGS = 3
_LEAST_SCORE = 0.35


class EmbeddedModel:
    """Reads questions by a grammar over the catalogue and a learned ranker; needs no key and no network."""

    name = "embedded-1"
    writes_freely = False

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        self._catalogue = catalogue or packaged_catalogue()
        self._grammar = GrammarReader(self._catalogue)
        self._wording = Wording(self._catalogue)
        self._data = MasterDataCache(self._catalogue)

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """See `ModelProtocol.plan`."""
        data = await self._data.get(tx)
        parsed = self._grammar.read(turn.question, data)
        readings = self._readings(parsed)
        if not readings or readings[0].confidence < _LEAST_SCORE:
            return Abstain("I could not read that as a question about the data.", tuple(readings[:_MOST_READINGS]))
        return Calls(readings[0], tuple(readings[1 : 1 + _MOST_READINGS]))

    def _readings(self, parsed: Parsed) -> list[Reading]:
        found: dict[str, Reading] = {}
        for candidate in parsed.candidates:
            reading = self._reading(candidate)
            found.setdefault(reading.words, reading)
        return list(found.values())

    def _reading(self, candidate: Candidate) -> Reading:
        words = self._wording.query(candidate.query)
        return Reading((ToolCall("query_metrics", candidate.query),), words, max(0.0, min(1.0, candidate.score)))

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        """The tools' own sentences."""
        for index, result in enumerate(results):
            if result.sentence:
                yield result.sentence.replace("{{", f"{{{{r{index}.")
