"""What a system keeps that can cancel what was created through it."""

from __future__ import annotations

from typing import cast

import pytest

from erp_adapters.errors import ErpRefused, RecordNotFound
from erp_adapters.tryton import Tryton
from erp_adapters.write import CancellingPort
from tests.conformance.adapters import Written, new_marker, tryton_written
from tests.systems.tryton_erp.server import Served, missing


def cancelling(written: Written) -> CancellingPort:
    """The port of a system that can; others are left out by their own traits."""
    if not written.port.traits.cancels:
        pytest.skip("by declaration: its traits cancel nothing")
    return cast(CancellingPort, written.port)


async def test_what_was_created_is_cancelled_once_and_stays_to_be_found(written: Written) -> None:
    """It stays under its marker, so that nothing takes it for never written; again changes nothing."""
    port, marker = cancelling(written), new_marker()
    posted = await port.create(written.requisition, marker)
    assert not posted.is_cancelled
    cancelled = await port.cancel("purchase_requisition", marker)
    assert (cancelled.number, cancelled.is_cancelled) == (posted.number, True)
    assert (await port.cancel("purchase_requisition", marker)).number == posted.number
    [found] = await port.find("purchase_requisition", marker)
    assert (found.number, found.is_cancelled) == (posted.number, True)
    with pytest.raises(RecordNotFound):
        await port.cancel("purchase_requisition", new_marker())


async def test_each_kind_that_can_be_cancelled_says_so(written: Written) -> None:
    """Every kind that its traits say and the table has: cancelled once, and found as such by its marker."""
    port = cancelling(written)
    for document in written.others:
        if document.kind not in port.traits.cancels:
            continue
        marker = new_marker()
        await port.create(document, marker)
        assert (await port.cancel(document.kind, marker)).is_cancelled
        assert [each.is_cancelled for each in await port.find(document.kind, marker)] == [True]


@pytest.mark.systems
@pytest.mark.timeout(300)
@pytest.mark.skipif(bool(missing()), reason=missing() or "it is there")
async def test_what_somebody_else_acted_on_is_not_cancelled(tryton: Served) -> None:
    """Approved by a buyer: refused by its state. Changed in between: refused by Tryton itself."""
    async with tryton_written(tryton) as written:
        port = cast(Tryton, written.port)
        approved, changed = new_marker(), new_marker()
        await port.create(written.requisition, approved)
        await port.create(written.requisition, changed)
        [first] = await port._headers([["description", "like", f"{approved}%"]])
        await port._client.call("model.purchase.requisition.approve", [first["id"]], effect="write")
        with pytest.raises(ErpRefused, match="only the buyer can stop it"):
            await port.cancel("purchase_requisition", approved)
        [before] = await port._headers([["description", "like", f"{changed}%"]])
        await port._client.call("model.purchase.requisition.draft", [before["id"]], effect="write")
        with pytest.raises(ErpRefused, match="somebody changed it"):
            await port._client.call(
                "model.purchase.requisition.cancel",
                [before["id"]],
                effect="write",
                context={"_timestamp": {f"purchase.requisition,{before['id']}": before["_timestamp"]}},
            )
