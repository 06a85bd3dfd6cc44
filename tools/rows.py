"""Rows of the store as frozen dataclasses, and the statements that read them kept for the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from erp_adapters.store.ids import new_id
from erp_adapters.store.session import ReadTransaction
from tools.evidence import evidence, readable
from tools.results import Evidence, SourceShare

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedRow:
    """A row with the provenance that every record of the store carries."""

    source_system: str
    source_key: str
    flags: tuple[str, ...]


PROVENANCE = "{0}.source_system, {0}.source_key, {0}.flags"
"""The columns of `SourcedRow`; format it with the table's alias."""


class Queries:
    """Runs a tool's statements and remembers them, so that its evidence can show them."""

    def __init__(self, tx: ReadTransaction) -> None:
        self.tx = tx
        self._ran: list[str] = []

    async def rows(self, row: type[RowT], sql: str, params: Mapping[str, object] | None = None) -> list[RowT]:
        """All rows of a statement as instances of a dataclass whose fields are named like its columns."""
        self._ran.append(readable(sql, params))
        return await rows(self.tx, row, sql, params)

    def note(self, what: str) -> None:
        """Remember something that was read by other means than a statement of this tool."""
        self._ran.append(what)

    @property
    def ran(self) -> str:
        """The statements run so far, for evidence."""
        return "; ".join(self._ran)

    async def evidence(
        self,
        *,
        tool: str,
        version: str,
        arguments: BaseModel,
        records: Sequence[str | SourceShare],
        flags: Sequence[str] = (),
        site: str | None = None,
    ) -> Evidence:
        """Evidence that shows the statements run so far."""
        return await evidence(
            self.tx,
            id=str(new_id()),
            tool=tool,
            version=version,
            arguments=arguments,
            records=records,
            query=self.ran,
            flags=flags,
            site=site,
        )


async def rows(
    tx: ReadTransaction, row: type[RowT], sql: str, params: Mapping[str, object] | None = None
) -> list[RowT]:
    """All rows of a statement as instances of a dataclass whose fields are named like its columns."""
    found = await tx.fetch(sql, params)
    adapter = _adapter(row)
    return [adapter.validate_python(dict(zip(found.columns, cells, strict=True))) for cells in found.rows]


_adapters: dict[type, TypeAdapter[Any]] = {}


def _adapter(row: type[RowT]) -> TypeAdapter[RowT]:
    # Building one takes longer than most queries; there are as many as there are row types in the code.
    if row not in _adapters:
        _adapters[row] = TypeAdapter(row)
    return _adapters[row]
