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
    cancelled = await port.cancel("purchase_requisition", marker)
    assert cancelled.number == posted.number
    assert (await port.cancel("purchase_requisition", marker)).number == posted.number
    assert [each.number for each in await port.find("purchase_requisition", marker)] == [posted.number]
    with pytest.raises(RecordNotFound):
        await port.cancel("purchase_requisition", new_marker())


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
