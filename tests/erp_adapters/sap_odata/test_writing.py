"""What SAP says no to, by name and with nothing written; and what befalls a write on the network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, get_args

import pytest

from erp_adapters.errors import CapabilityMissing, ErpRefused, ErpUnavailable, WriteOutcomeUnknown
from erp_adapters.records import Money, Quantity
from erp_adapters.sap_odata import Sap as Writer
from erp_adapters.sap_odata.adapter import REQUISITIONS
from erp_adapters.sap_odata.batch import Change
from erp_adapters.sap_odata.client import Changed, Client, etag_of
from erp_adapters.sap_odata.mapping import HEADER, ITEM, payload_of
from erp_adapters.sap_odata.tables import PRODUCTS
from tests.conformance.proxy import Fault, FaultProxy, in_front_of, was_passed_on
from tests.erp_adapters.sap_odata.requisitions import new_marker, requisition
from tests.systems.sap_odata.server import Sap

CREATES = '"PurReqnDescription"'


@pytest.fixture
async def erp(sap: Sap) -> AsyncIterator[Writer]:
    async with Writer.open(sap.connection()) as erp:
        yield erp


async def test_everything_that_a_line_has_comes_back(erp: Writer) -> None:
    """A price below a cent stands for several, and a budget in the account assignment."""
    sent = replace(
        requisition(unit_price=Money(Decimal("0.0235"), "EUR"), cost_centre="4711", account="6000"),
        note="für das Lager\nbitte bald",
    )
    posted = await erp.create(sent, new_marker())
    [line] = posted.document.lines  # type: ignore[union-attr]
    assert line.unit_price == Money(Decimal("0.0235"), "EUR")
    assert (line.cost_centre, line.account) == ("4711", "6000")
    assert posted.document.note == sent.note


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"material": "F-901"}, r"Material F-901 does not exist or is not activated \(M3/305\)"),
        ({"site": "HAM"}, "Material T-100 not maintained in plant 1020"),
        ({"site": "BER"}, "Plant BER does not exist"),
        ({"cost_centre": "9999"}, "CostCenter 9999 does not exist"),
        ({"quantity": Quantity(Decimal(0), "kg")}, "Enter"),
        ({"quantity": Quantity(Decimal("1.0005"), "kg")}, "with 3 decimals and cannot hold"),
        ({"unit_price": Money(Decimal("0.0000012"), "EUR")}, "price"),
        ({"quantity": Quantity(Decimal(10) ** 11, "kg")}, "is too large"),
        ({"requester": "someone.with.a.long.name"}, "12 characters that SAP has for RequisitionerName"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    sap: Sap, erp: Writer, given: dict[str, Any], said: str
) -> None:
    """By SAP itself, or before it is asked where it would only round or cut; nothing is written."""
    marker = new_marker()
    with pytest.raises(ErpRefused, match=said):
        await erp.create(requisition(**given), marker)
    assert await erp.find("purchase_requisition", marker) == ()
    assert sap.order("seen")["creations"] == 0


async def test_one_bad_line_of_several_leaves_nothing_and_all_faults_are_told(sap: Sap, erp: Writer) -> None:
    """All lines or none."""
    good, marker = requisition(), new_marker()
    bad = replace(good.lines[0], material="F-901", supplier="S-99")
    with pytest.raises(ErpRefused, match=r"Material F-901 .*Supplier S-99 does not exist"):
        await erp.create(replace(good, lines=(*good.lines, bad)), marker)
    assert await erp.find("purchase_requisition", marker) == ()


async def test_what_the_published_shape_does_not_have_is_refused(sap: Sap) -> None:
    """An unknown property, one that cannot be written, a wrong type, one that is too long."""
    async with Client.open(sap.connection()) as client:
        for wrong, said in (
            ({"Colour": "red"}, "Property 'Colour' is invalid"),
            ({"CreationDate": "/Date(0)/"}, "'CreationDate' cannot be written"),
            ({"RequestedQuantity": 7}, "Invalid value '7' for property 'RequestedQuantity'"),
            ({"RequestedQuantity": "1,5"}, "Invalid value '1,5'"),
            ({"DeliveryDate": "2026-12-01"}, "Invalid value '2026-12-01'"),
            ({"Material": "M" * 41}, "exceeds the maximum length 40"),
        ):
            payload = payload_of(requisition(), new_marker(), sap.connection())
            payload["to_PurchaseReqnItem"][0] |= wrong
            with pytest.raises(ErpRefused, match=said):
                await client.create(REQUISITIONS, HEADER, payload, person=None, request=new_marker())
        assert sap.order("seen")["creations"] == 0


async def test_a_missing_authorisation_and_a_lock_are_named_for_what_they_are(sap: Sap, erp: Writer) -> None:
    """One needs somebody to give a right, the other time; neither wrote."""
    marker = new_marker()
    sap.order("spoil", what="lock", once=True)
    with pytest.raises(ErpUnavailable, match="locked by user BUYER"):
        await erp.create(requisition(), marker)
    sap.order("spoil", what="forbid", once=True)
    with pytest.raises(ErpRefused, match=r"no authorization .* plant 1010 .*'COPILOT' needs the auth"):
        await erp.create(requisition(), marker)
    assert await erp.find("purchase_requisition", marker) == ()


async def test_a_token_that_is_no_longer_taken_is_fetched_anew_and_the_write_made_once(
    sap: Sap, erp: Writer
) -> None:
    """Refused before anything was done; a second refusal is not argued with."""
    await erp.create(requisition(), new_marker())
    sap.order("revoke")
    await erp.create(requisition(), new_marker())
    assert sap.order("spoil", what="csrf", once=True)["creations"] == 2
    await erp.create(requisition(), new_marker())
    sap.order("spoil", what="csrf")
    with pytest.raises(ErpUnavailable, match="CSRF token that it has just given"):
        await erp.create(requisition(), new_marker())
    assert sap.order("heal")["creations"] == 3


async def test_a_creation_that_sap_has_answered_before_is_answered_the_same(sap: Sap) -> None:
    """By its RequestID, within SAP's window."""
    async with Client.open(sap.connection()) as client:
        payload, marker = payload_of(requisition(), new_marker(), sap.connection()), new_marker()
        numbers = {
            (await client.create(REQUISITIONS, HEADER, payload, person=None, request=marker))[
                "PurchaseRequisition"
            ]
            for _ in range(2)
        }
    assert len(numbers) == 1
    assert sap.order("seen")["creations"] == 1


async def test_a_system_that_takes_an_empty_creation_is_found_out(sap: Sap, erp: Writer) -> None:
    """It answers well; what it has is read back, and is not what was sent."""
    sap.order("spoil", what="empty", once=True)
    posted = await erp.create(requisition(), new_marker())
    assert posted.document.lines == ()  # type: ignore[union-attr]
    assert posted.site == ""


async def test_what_a_buyer_has_gone_on_with_is_not_cancelled(sap: Sap, erp: Writer) -> None:
    """Nor half of it: a lock on one item leaves the others."""
    marker = new_marker()
    posted = await erp.create(replace(requisition(), lines=requisition().lines * 2), marker)
    sap.order("spoil", what="lock", once=True)
    with pytest.raises(ErpUnavailable, match="locked by user BUYER"):
        await erp.cancel("purchase_requisition", marker)
    async with Client.open(sap.connection()) as client:
        query = {"$filter": f"PurchaseRequisition eq '{posted.number}'"}
        assert {row["IsDeleted"] for row in await client.rows(REQUISITIONS, ITEM, query)} == {""}
    ordered = {"PurchaseRequisition": posted.number, "PurchaseRequisitionItem": "20"}
    sap.order("change", set=ITEM, where=ordered, values={"PurchasingDocument": "4500000099"})
    with pytest.raises(ErpRefused, match=r"item 20 .* is in purchase order 4500000099"):
        await erp.cancel("purchase_requisition", marker)


async def test_a_change_set_is_made_whole_or_not_at_all_and_only_of_what_was_read(sap: Sap) -> None:
    """Two changes, the second of a version that is no more: neither is made."""
    async with Client.open(sap.connection()) as client:

        async def units() -> dict[str, str]:
            return {row["Product"]: row["BaseUnit"] for row in await client.rows(PRODUCTS, "A_Product", {})}

        before = await units()
        tube, grip = [
            etag_of((await client.rows(PRODUCTS, "A_Product", {"$filter": f"Product eq '{number}'"}))[0])
            for number in ("T-100", "G-200")
        ]
        both = [
            Change("PATCH", "A_Product('T-100')", {"BaseUnit": "M"}, tube),
            Change("PATCH", "A_Product('G-200')", {"BaseUnit": "M"}, 'W/"old"'),
        ]
        with pytest.raises(Changed, match="somebody changed it since it was read"):
            await client.change(PRODUCTS, both, person=None)
        with pytest.raises(Changed, match="428"):
            await client.change(PRODUCTS, [replace(both[0], etag="")], person=None)
        assert await units() == before
        await client.change(PRODUCTS, [both[0], replace(both[1], etag=grip)], person=None)
        assert (await units())["T-100"] == (await units())["G-200"] == "M"


async def test_a_service_that_is_not_activated_is_named_with_the_remedy(sap: Sap) -> None:
    """Before anything is sent."""
    async with Writer.open(sap.connection(services={REQUISITIONS.name: "/no"})) as out:
        with pytest.raises(CapabilityMissing, match=r"API_PURCHASEREQ_PROCESS_SRV at 'no'.*activate it"):
            await out.create(requisition(), new_marker())


async def test_a_write_that_cannot_be_read_back_is_not_said_to_be_unsent(sap: Sap, erp: Writer) -> None:
    """SAP answered well and was then away: what is known of it is that it may be there."""
    async with in_front_of(sap.url) as proxy, Writer.open(sap.connection(proxy.url)) as past:
        await past.create(requisition(), new_marker())
        proxy.befall("purchaserequisition%20eq", *["gateway"] * 4)
        marker = new_marker()
        with pytest.raises(WriteOutcomeUnknown, match=r"wrote requisition 00\d+, which could not be read"):
            await past.create(requisition(), marker)
        assert len(await erp.find("purchase_requisition", marker)) == 1


@pytest.mark.parametrize("fault", get_args(Fault))
async def test_a_write_that_meets_a_fault_is_made_at_most_once_and_its_fate_is_named(
    sap: Sap, erp: Writer, fault: Fault
) -> None:
    """Only what certainly did nothing is said to be unsent; what SAP did is found by its marker."""
    proxy: FaultProxy
    async with in_front_of(sap.url) as proxy:
        waits = fault in ("half_open", "hold")
        through = sap.connection(proxy.url, call_s=2.0 if waits else 30.0)
        async with Writer.open(through) as past:
            # Signed in before, so that the time is the call's own.
            await past.create(requisition(), new_marker())
            proxy.befall(CREATES, fault)
            marker = new_marker()
            with pytest.raises(ErpUnavailable if fault == "throttle" else WriteOutcomeUnknown):
                await past.create(requisition(), marker)
            assert proxy.seen == 1
            assert len(await erp.find("purchase_requisition", marker)) == was_passed_on(fault)
            proxy.released.set()
            again = await past.create(requisition(), marker)
            assert [p.number for p in await erp.find("purchase_requisition", marker)] == [again.number]
