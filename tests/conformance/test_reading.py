"""What every system that is read has to keep: whole pages, typed cells, own keys, a cursor that goes on."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import pytest

from erp_adapters.errors import CapabilityMissing, ErpError
from erp_adapters.ports import Capability, Cursor, SourceRow
from tests.conformance.adapters import Readable

_QUANTITIES = {"quantity", "price", "cost", "debit", "credit", "from_quantity", "lead_time_days", "received"}


async def every(readable: Readable, capability: Capability, since: Cursor | None = None):
    """All rows, and the cursor behind the last page."""
    rows: list[SourceRow] = []
    last = []
    cursor = Cursor("")
    async for page in readable.port.pages(capability, since):
        rows += page.rows
        cursor = page.cursor
        last.append(page.is_last)
    assert last == [False] * (len(last) - 1) + [True]
    return rows, cursor


@pytest.mark.parametrize("capability", list(Capability))
async def test_rows_are_whole_typed_and_have_keys_of_their_own(
    readable: Readable, capability: Capability
) -> None:
    """In pages of two, so that many are needed; what the system does not have is said to be missing."""
    if capability not in readable.port.traits.capabilities:
        with pytest.raises(CapabilityMissing, match=capability.value):
            await every(readable, capability)
        return
    rows, cursor = await every(readable, capability)
    assert len(rows) >= readable.least[capability]
    assert max(Counter(row.key for row in rows).values()) == 1
    assert len({frozenset(row.cells) for row in rows}) == 1
    for row in rows:
        for name, value in row.cells.items():
            assert isinstance(value, bool) == name.startswith("is_"), (name, value)
            assert value is None or isinstance(value, str | int | bool | Decimal | date | datetime), (
                name,
                value,
            )
            assert value is None or name not in _QUANTITIES or isinstance(value, Decimal), (name, value)
    assert [row.cells for row in rows if readable.known[capability].items() <= row.cells.items()], rows[:3]
    again, _ = await every(readable, capability)
    assert again == rows
    if capability in readable.port.traits.incremental:
        assert cursor


async def test_what_changed_is_read_after_the_cursor(readable: Readable) -> None:
    """A change shows once it is there, and a reading that was cut short goes on where it was."""
    capability = Capability.MATERIALS
    rows, cursor = await every(readable, capability)
    changed = await readable.change()
    after, _ = await every(readable, capability, cursor)
    [found] = [row for row in after if row.cells["material"] == changed]
    assert found.cells != next(row for row in rows if row.key == found.key).cells
    pages = readable.port.pages(capability)
    first = await anext(pages)
    await pages.aclose()
    rest, _ = await every(readable, capability, first.cursor)
    assert {row.key for row in first.rows} | {row.key for row in rest} == {row.key for row in rows}
    assert not {row.key for row in first.rows} & {row.key for row in rest}


async def test_a_cursor_of_elsewhere_is_refused(readable: Readable) -> None:
    """Rather than read as a beginning, which would look like an empty change."""
    with pytest.raises(ErpError, match="read from the beginning"):
        await every(readable, Capability.MATERIALS, Cursor("page 7"))


async def test_its_health_says_what_and_as_whom(readable: Readable) -> None:
    """The version, the user, and the reason why it is not the person's own."""
    health = await readable.port.health()
    assert health.is_well, health.why
    traits = readable.port.traits
    assert traits.version in health.why
    assert traits.version
