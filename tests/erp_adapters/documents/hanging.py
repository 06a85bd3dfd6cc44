"""A system on whose objects files and notes hang that a test changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from erp_adapters.errors import ErpError, RecordNotFound
from erp_adapters.ports import Capability, Cell, Cursor, Health, Page, SourceRow, SystemTraits, TechnicalUser

BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)


@dataclass
class Hanging:
    """A read port of documents alone, in pages of two; what it told of is its own to change."""

    is_incremental: bool = True
    tells_keys: bool = True
    files: dict[str, bytes] = field(default_factory=dict)
    rows: dict[str, dict[str, Cell]] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    failing: dict[str, ErpError] = field(default_factory=dict)
    asked: list[Cursor | None] = field(default_factory=list)
    breaks_after: int | None = None
    """Pages after which the line is cut."""
    _clock: int = 0

    @property
    def traits(self) -> SystemTraits:
        """As a real one says it."""
        has = frozenset({Capability.DOCUMENTS})
        return SystemTraits(
            "Works ERP", "1", "stand-in", TechnicalUser("reader", "a test"), has,
            has if self.is_incremental else frozenset(),
        )  # fmt: skip

    def put(self, key: str, name: str, data: bytes, about: str = "purchase_order", **cells: Cell) -> None:
        """A file, new or changed."""
        self._clock += 1
        self.files[key] = data
        self.rows[key] = {
            "name": name, "about": about, "object": "12", "plant": "KS", "bytes": len(data),
            "changed_at": BEGAN + timedelta(hours=self._clock), "is_note": False, "text": None, **cells,
        }  # fmt: skip

    def note(self, key: str, text: str, about: str = "purchase_order") -> None:
        """A note, new or changed."""
        self.put(key, "", b"", about, bytes=None, is_note=True, text=text)

    def drop(self, key: str) -> None:
        """Take it away, without a word."""
        del self.rows[key], self.files[key]

    async def pages(self, capability: Capability, since: Cursor | None = None) -> AsyncIterator[Page]:
        """What changed after the cursor, in the order of changes."""
        self.asked.append(since)
        from_ = datetime.fromisoformat(since) if since else BEGAN
        found = sorted(
            (cells["changed_at"], key)
            for key, cells in self.rows.items()
            if isinstance(cells["changed_at"], datetime) and cells["changed_at"] > from_
        )
        for at in range(0, len(found) + 1, 2):
            if self.breaks_after is not None and at // 2 >= self.breaks_after:
                return
            some = found[at : at + 2]
            cursor = some[-1][0].isoformat() if some else since or ""
            rows = tuple(SourceRow(key, dict(self.rows[key])) for _, key in some)
            yield Page(rows, Cursor(cursor), is_last=len(some) < 2)
            if len(some) < 2:
                return

    async def content(self, key: str, most: int) -> bytes:
        """The file."""
        self.fetched.append(key)
        if key in self.failing:
            raise self.failing[key]
        if key not in self.files:
            raise RecordNotFound(f"no file {key!r}")
        return self.files[key]

    async def document_keys(self) -> frozenset[str] | None:
        """What is there."""
        return frozenset(self.rows) if self.tells_keys else None

    async def health(self) -> Health:
        """Well."""
        return Health(True, "well")
