"""What every system that is written to has to keep, whatever it is."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from erp_adapters.errors import CapabilityMissing, ErpRefused
from erp_adapters.records import Document, QualityHold, Quantity, StockTransfer, WorkOrder
from policies.execution.readback import AsSent, differences, judge
from tests.conformance.adapters import Written, new_marker


async def test_a_document_is_created_as_it_was_sent_and_found_by_its_marker(written: Written) -> None:
    """Every line, figure, date and word comes back out of the system; it has a number and a time."""
    marker, document = new_marker(), written.document
    posted = await written.port.create(document, marker)
    assert differences(posted, document, marker) == ()
    assert posted.number
    assert abs(posted.posted_at - datetime.now(UTC)) < timedelta(minutes=5)
    found = await written.port.find(document.kind, marker)
    assert judge(found, document, marker) == AsSent(posted.number)


async def test_each_kind_is_read_back_as_it_was_sent(written: Written) -> None:
    """One of every other kind that the table has: as it was sent, and found by its marker."""
    for document in written.others:
        marker = new_marker()
        posted = await written.port.create(document, marker)
        assert differences(posted, document, marker) == ()
        found = await written.port.find(document.kind, marker)
        assert judge(found, document, marker) == AsSent(posted.number)
        with suppress(ErpRefused):
            # What stands already is refused; everything else is there twice then.
            assert (await written.port.create(document, new_marker())).number != posted.number


async def test_a_second_call_with_the_same_marker_makes_no_second_document(written: Written) -> None:
    """One after the other and at the same time: single-flight, or the system refuses it."""
    marker, document = new_marker(), written.document
    made = await asyncio.gather(
        *(written.port.create(document, marker) for _ in range(3)), return_exceptions=True
    )
    again = await written.port.create(document, marker)
    assert [each for each in made if isinstance(each, BaseException)] == []
    assert {each.number for each in made if not isinstance(each, BaseException)} == {again.number}
    assert len(await written.port.find(document.kind, marker)) == 1


async def test_what_it_was_asked_twice_under_two_markers_is_two_documents(written: Written) -> None:
    """The same need may be there twice; only the marker tells what is a repetition."""
    markers = [new_marker(), new_marker()]
    numbers = {(await written.port.create(written.document, marker)).number for marker in markers}
    assert len(numbers) == 2


async def test_an_unknown_marker_finds_nothing(written: Written) -> None:
    """Nor does a part of another's."""
    marker = new_marker()
    await written.port.create(written.document, marker)
    assert await written.port.find(written.document.kind, new_marker()) == ()


@pytest.mark.parametrize("wrong", ["material", "supplier", "site", "unit"])
async def test_an_unknown_code_is_refused_by_name_and_nothing_is_written(
    written: Written, wrong: str
) -> None:
    """Before anything is half there; the message says which code."""
    marker, document = new_marker(), written.document
    if isinstance(document, WorkOrder):
        await _refuses_an_order_of(written, document, wrong)
        return
    line = document.lines[0]
    match wrong:
        case "site":
            document = replace(document, site="NOWHERE")
        case "unit":
            line = replace(line, quantity=replace(line.quantity, unit="NOWHERE"))
        case _:
            line = replace(line, **{wrong: "NOWHERE"})
    document = replace(document, lines=(line, *document.lines[1:]))
    with pytest.raises(ErpRefused, match="NOWHERE"):
        await written.port.create(document, marker)
    assert await written.port.find(document.kind, marker) == ()


async def _refuses_an_order_of(written: Written, document: WorkOrder, wrong: str) -> None:
    marker = new_marker()
    match wrong:
        case "supplier":
            pytest.skip("by declaration: a work order has none")
        case "unit":
            document = replace(document, quantity=replace(document.quantity, unit="NOWHERE"))
        case _:
            document = replace(document, **{wrong: "NOWHERE"})
    with pytest.raises(ErpRefused, match="NOWHERE"):
        await written.port.create(document, marker)
    assert await written.port.find(document.kind, marker) == ()


async def test_an_empty_document_is_refused(written: Written) -> None:
    """Even where the system would take it."""
    marker, document = new_marker(), written.document
    if isinstance(document, WorkOrder):
        empty: Document = replace(document, quantity=replace(document.quantity, value=Decimal(0)))
    else:
        empty = replace(document, lines=())
    with pytest.raises(ErpRefused):
        await written.port.create(empty, marker)
    assert await written.port.find(document.kind, marker) == ()


async def test_what_it_does_not_take_is_said_to_be_missing(written: Written) -> None:
    """A kind outside of its traits is refused as such; one inside is written and found."""
    day = datetime.now(UTC).date()
    common = {
        "site": "KAS",
        "requester": "planner.kassel",
        "material": "T-100",
        "quantity": Quantity(Decimal(1), "PC"),
    }
    others = (
        StockTransfer(**common, from_site="HAM", from_material="T-100", needed_on=day),
        WorkOrder(**common, due_on=day, priority=1),
        QualityHold(**common, batch=None, location=None, reason="to be tested"),
    )
    for document in others:
        if document.kind in written.port.traits.kinds:
            continue
        with pytest.raises(CapabilityMissing):
            await written.port.create(document, new_marker())
        assert await written.port.find(document.kind, new_marker()) == ()


async def test_its_traits_are_such_as_the_executor_can_go_by(written: Written) -> None:
    """It has a name, takes something, and says how long a call may take."""
    traits = written.port.traits
    assert traits.system
    assert written.document.kind in traits.kinds
    assert timedelta(0) < traits.call_time <= timedelta(minutes=2)
    assert timedelta(0) <= traits.settle_time <= timedelta(minutes=10)
    assert traits.cancels <= traits.kinds
