"""What every system with documents has to keep: files by their rows, which went, and how much is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from erp_adapters.errors import ErpRefused, RecordNotFound
from erp_adapters.ports import AttachedTo, Capability, DocumentPort
from tests.conformance.adapters import Hung, Readable
from tests.conformance.test_reading import every

_CELLS = {"name", "about", "object", "bytes", "changed_at", "is_note", "text"}


def documents_of(
    readable: Readable,
) -> tuple[DocumentPort, Callable[[], Awaitable[Hung]], Callable[[str], Awaitable[None]]]:
    """The port, and what hangs files on objects and takes them away."""
    if Capability.DOCUMENTS not in readable.port.traits.capabilities:
        pytest.skip("by declaration: its traits have no documents")
    assert isinstance(readable.port, DocumentPort)
    assert readable.hang is not None
    assert readable.drop is not None
    return readable.port, readable.hang, readable.drop


async def test_a_file_is_read_by_its_row_and_is_gone_when_it_went(readable: Readable) -> None:
    """Its bytes, or a note's text, as they were put there; what it hangs on in words that all share."""
    port, hang, drop = documents_of(readable)
    hung = await hang()
    rows, _ = await every(readable, Capability.DOCUMENTS)
    [row] = [row for row in rows if row.key == hung.key]
    assert row.cells.keys() >= _CELLS
    assert row.cells["about"] in {each.value for each in AttachedTo}
    assert row.cells["bytes"] in (len(hung.data), None)
    if row.cells["is_note"]:
        assert row.cells["text"] == hung.data.decode()
    else:
        assert await port.content(hung.key, 1_000_000) == hung.data
    keys = await port.document_keys()
    assert keys is None or keys == {row.key for row in rows}
    await drop(hung.key)
    after, _ = await every(readable, Capability.DOCUMENTS)
    assert hung.key not in {row.key for row in after}
    keys = await port.document_keys()
    assert keys is None or hung.key not in keys
    with pytest.raises(RecordNotFound):
        await port.content(hung.key, 1_000_000)


async def test_no_more_of_a_file_is_taken_than_may_be(readable: Readable) -> None:
    """However large the system says that it is, or says not."""
    port, hang, drop = documents_of(readable)
    hung = await hang()
    rows, _ = await every(readable, Capability.DOCUMENTS)
    if all(row.cells["is_note"] for row in rows):
        await drop(hung.key)
        pytest.skip("by declaration: it has notes alone, whose text is in their rows")
    with pytest.raises(ErpRefused, match="larger than"):
        await port.content(hung.key, len(hung.data) - 1)
    await drop(hung.key)


async def test_a_file_that_was_hung_since_is_read_after_the_cursor(readable: Readable) -> None:
    """Of a system that tells changes."""
    _, hang, drop = documents_of(readable)
    if Capability.DOCUMENTS not in readable.port.traits.incremental:
        pytest.skip("by declaration: its documents are read anew each time")
    _, cursor = await every(readable, Capability.DOCUMENTS)
    hung = await hang()
    rows, _ = await every(readable, Capability.DOCUMENTS, cursor)
    assert hung.key in {row.key for row in rows}
    await drop(hung.key)
