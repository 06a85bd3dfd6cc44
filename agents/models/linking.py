"""The values of a language model's plan, linked with the question and the caller's data, or refused.

A model names candidates: which value is meant is found here. A text becomes the data's own spelling; a number
or a day has to stand in the question, in an earlier turn or in a result that the model was shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.models.embedded.masterdata import MasterData, MasterDataCache
from agents.models.lookup_links import LookUpLinks
from agents.models.protocol import ToolCall, Turn
from agents.models.query_links import QueryLinks
from agents.models.said import Said
from agents.models.spellings import Spellings
from agents.models.unfounded import Unfounded
from erp_adapters.store.session import ReadTransaction
from tools.errors import QueryInvalid
from tools.metrics.catalogue import Catalogue, packaged_catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import MetricQuery

_MOST_CACHED = 8


@dataclass(frozen=True, slots=True)
class Linked:
    """A call whose values all have a source."""

    call: ToolCall
    """With the data's own spellings."""
    said: bool = True
    """False where a value of the data stands in no word of the question: translated, or made up."""


class Links(Protocol):
    """Checks the values of calls before anything is run."""

    async def linked(
        self, calls: Sequence[ToolCall], turn: Turn, tx: ReadTransaction
    ) -> Sequence[Linked | str]:
        """Each call linked, or what is wrong with it, in words for its model."""
        ...


class DataLinks:
    """`Links` with the master data that the caller may see."""

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        self._catalogue = catalogue or packaged_catalogue()
        self._compiler = Compiler(self._catalogue)
        self._data = MasterDataCache(self._catalogue)
        self._spellings: list[tuple[MasterData, Spellings]] = []

    async def linked(
        self, calls: Sequence[ToolCall], turn: Turn, tx: ReadTransaction
    ) -> Sequence[Linked | str]:
        """See `Links.linked`."""
        data = await self._data.get(tx)
        said = Said(turn, data.today)
        spellings = self._spelt(data)
        found: list[Linked | str] = []
        for call in calls:
            try:
                if isinstance(call.arguments, MetricQuery):
                    # Names that the catalogue does not have are told before the values are looked at.
                    self._compiler.compile(call.arguments)
                    queries = QueryLinks(self._catalogue, spellings, said, tx)
                    query = await queries.linked(call.arguments)
                    found.append(Linked(ToolCall(call.name, query), not queries.unsaid))
                else:
                    lookups = LookUpLinks(said, tx)
                    found.append(Linked(await lookups.linked(call), not lookups.unsaid))
            except (Unfounded, QueryInvalid) as error:
                found.append(str(error))
        return found

    def _spelt(self, data: MasterData) -> Spellings:
        known = next((spelt for one, spelt in self._spellings if one is data), None)
        if known is None:
            known = Spellings(data)
            self._spellings = [*self._spellings[1 - _MOST_CACHED :], (data, known)]
        return known
