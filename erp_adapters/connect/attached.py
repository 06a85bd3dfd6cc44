"""Files beside a connection that hang on its objects, by where they lie: `purchase_order/45001/terms.pdf`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from erp_adapters.documents.storing import files_of
from erp_adapters.errors import CapabilityMissing, ErpRefused, ErpUnavailable, RecordNotFound
from erp_adapters.ports import (
    AttachedTo,
    Capability,
    Cell,
    Cursor,
    Health,
    Page,
    SourceRow,
    SystemTraits,
    TechnicalUser,
)

_KINDS: Final = frozenset(each.value for each in AttachedTo)
_PARTS: Final = 3
"""A folder for the kind of object, one for its number, and the file."""


class AttachedFiles:
    """Reads a folder of files by the objects that they hang on; a ReadPort and a DocumentPort."""

    def __init__(self, folder: Path, system: str) -> None:
        """
        Args:
            folder: with one for each kind of object, as `AttachedTo` has it, and in it one for each number.
            system: what answers call where the files come from.
        """
        self._folder, self._system = folder, system

    @property
    def traits(self) -> SystemTraits:
        """Documents, read anew each time."""
        by = TechnicalUser("the account that runs this", "files know no person of this house")
        return SystemTraits(self._system, "", "real", by, frozenset({Capability.DOCUMENTS}))

    async def pages(self, capability: Capability, since: Cursor | None = None) -> AsyncIterator[Page]:
        """Every file, in one page."""
        if capability is not Capability.DOCUMENTS:
            raise CapabilityMissing(f"a folder of files is not read for {capability.value!r}")
        yield Page(await asyncio.to_thread(self._rows), Cursor(""), is_last=True)

    def _rows(self) -> tuple[SourceRow, ...]:
        if not self._folder.is_dir():
            raise ErpUnavailable(f"{str(self._folder)!r}, where documents should lie, is no folder")
        rows = []
        for path in files_of(self._folder):
            parts = path.relative_to(self._folder).parts
            if len(parts) != _PARTS or parts[0] not in _KINDS:
                continue
            about, number, name = parts
            found = path.stat()
            cells: dict[str, Cell] = {
                "name": name,
                "about": about,
                "object": number,
                "bytes": found.st_size,
                "changed_at": datetime.fromtimestamp(found.st_mtime, UTC),
                "is_note": False,
                "text": None,
            }
            rows.append(SourceRow("/".join(parts), cells))
        return tuple(rows)

    async def content(self, key: str, most: int) -> bytes:
        """The bytes of a file; see DocumentPort."""

        def read() -> bytes:
            # Only what a row was told of: a key leads nowhere else.
            if key not in {row.key for row in self._rows()}:
                raise RecordNotFound(f"there is no file {key!r} any more")
            with (self._folder / key).open("rb") as file:
                data = file.read(most + 1)
            if len(data) > most:
                raise ErpRefused(f"file {key!r} is larger than the {most} bytes that are read")
            return data

        try:
            return await asyncio.to_thread(read)
        except OSError as error:
            raise ErpRefused(f"file {key!r} cannot be read: {error.strerror}") from error

    async def document_keys(self) -> frozenset[str] | None:
        """None: the folder is read anew each time."""
        return None

    async def health(self) -> Health:
        """Whether the folder is there."""
        is_there = self._folder.is_dir()
        return Health(is_there, f"{self._folder} is {'there' if is_there else 'no folder'}")
