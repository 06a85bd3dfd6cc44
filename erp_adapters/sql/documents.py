"""Files and notes in a database's rows, as the contract has documents."""

from __future__ import annotations

from decimal import Decimal

from erp_adapters.errors import ErpRefused
from erp_adapters.ports import Cell, Page, SourceRow


def as_documents(page: Page) -> Page:
    """The page with every cell that a document has; a row with a text of its own is a note."""
    return Page(tuple(map(_document, page.rows)), page.cursor, page.deleted, page.is_last)


def _document(row: SourceRow) -> SourceRow:
    cells = dict(row.cells)
    size = cells.get("bytes")
    text = cells.get("text")
    held: dict[str, Cell] = {
        **cells,
        "name": str(cells.get("name") or ""),
        "object": None if cells.get("object") is None else str(cells["object"]),
        "bytes": int(size) if isinstance(size, int | Decimal) else None,
        "changed_at": cells.get("changed_at"),
        "is_note": text is not None,
        "text": None if text is None else str(text),
    }
    return SourceRow(row.key, held)


def key_parts(key: str, columns: int) -> list[str]:
    """The values of the key's columns."""
    return [key] if columns == 1 else [part.replace("%2F", "/") for part in key.split("/")]


def bytes_of(held: object, key: str) -> bytes:
    """What the column of a file holds.

    Raises:
        ErpRefused: it is neither bytes nor text.
    """
    match held:
        case None:
            return b""
        case bytes() | bytearray() | memoryview():
            return bytes(held)
        case str():
            return held.encode()
        case _:
            raise ErpRefused(f"the column of file {key!r} holds {type(held).__name__}, and no file")
