"""What every system that is written to has to keep, whatever it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from erp_adapters.errors import CapabilityMissing, ErpRefused
from erp_adapters.records import QualityHold, StockTransfer
from policies.execution.readback import AsSent, differences, judge
from tests.conformance.adapters import Written, new_marker


async def test_a_document_is_created_as_it_was_sent_and_found_by_its_marker(written: Written) -> None:
    """Every line, figure, date and word comes back out of the system; it has a number and a time."""
    marker, document = new_marker(), written.requisition
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
        assert (await written.port.create(document, new_marker())).number != posted.number


async def test_a_second_call_with_the_same_marker_makes_no_second_document(written: Written) -> None:
    """One after the other and at the same time: single-flight, or the system refuses it."""
    marker, document = new_marker(), written.requisition
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
    numbers = {(await written.port.create(written.requisition, marker)).number for marker in markers}
    assert len(numbers) == 2


async def test_an_unknown_marker_finds_nothing(written: Written) -> None:
    """Nor does a part of another's."""
    marker = new_marker()
    await written.port.create(written.requisition, marker)
    assert await written.port.find("purchase_requisition", new_marker()) == ()


@pytest.mark.parametrize("wrong", ["material", "supplier", "site", "unit"])
async def test_an_unknown_code_is_refused_by_name_and_nothing_is_written(
    written: Written, wrong: str
) -> None:
    """Before anything is half there; the message says which code."""
    marker, document = new_marker(), written.requisition
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


async def test_an_empty_document_is_refused(written: Written) -> None:
    """Even where the system would take it."""
    marker = new_marker()
    with pytest.raises(ErpRefused):
        await written.port.create(replace(written.requisition, lines=()), marker)
    assert await written.port.find("purchase_requisition", marker) == ()


async def test_what_it_does_not_take_is_said_to_be_missing(written: Written) -> None:
    """A kind outside of its traits is refused as such; one inside is written and found."""
    line = written.requisition.lines[0]
    common = {
        "site": "KAS",
        "requester": "planner.kassel",
        "material": line.material,
        "quantity": line.quantity,
    }
    others = (
        StockTransfer(**common, from_site="HAM", from_material=line.material, needed_on=line.needed_on),
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
    assert "purchase_requisition" in traits.kinds
    assert timedelta(0) < traits.call_time <= timedelta(minutes=2)
    assert timedelta(0) <= traits.settle_time <= timedelta(minutes=10)
    assert traits.cancels <= traits.kinds
