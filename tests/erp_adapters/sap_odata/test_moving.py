"""Moves of orders in SAP: by one change of what was read, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from erp_adapters.errors import ErpRefused, ErpUnavailable
from erp_adapters.sap_odata import Sap as Writer
from erp_adapters.sap_odata.client import Client
from erp_adapters.sap_odata.moving import PurchaseLines
from tests.conformance.adapters import new_marker, sap_written
from tests.systems.sap_odata.server import Sap

pytestmark = pytest.mark.slow


async def test_a_move_of_what_somebody_changes_in_this_moment_changes_nothing(sap: Sap) -> None:
    """A lock, a missing right, a change between the look and the write: named, and nothing is half there."""
    async with sap_written(sap) as written:
        assert written.order is not None
        assert written.line is not None
        port = written.port
        assert isinstance(port, Writer)
        for document in (await written.order(), await written.line()):
            for spoil, error, said in (
                ("lock", ErpUnavailable, "locked by user BUYER"),
                ("forbid", ErpRefused, "no authorization"),
                ("meanwhile", ErpRefused, "somebody changed it since it was read"),
            ):
                marker = new_marker()
                sap.order("spoil", what=spoil, once=True)
                with pytest.raises(error, match=said):
                    await port.create(document, marker)
                assert await port.look(document, marker) == ()
            posted = await port.create(document, new_marker())
            assert posted.number == document.order


async def test_a_delivery_among_several_is_known_by_its_day(sap: Sap) -> None:
    """Its day tells which is meant; where two are due that day, or none, it is refused."""
    async with sap_written(sap) as written:
        assert written.line is not None, "it moves lines"
        document = await written.line()
        like = {"PurchasingDocument": document.order, "ScheduleLine": "0001"}
        sap.order("add", set="A_PurchaseOrderScheduleLine", like=like, values={"ScheduleLine": "0002"})
        with pytest.raises(ErpRefused, match=f"2 deliveries are due {document.expected_due}"):
            await written.port.create(document, new_marker())
        with pytest.raises(ErpRefused, match="0 deliveries are due"):
            await written.port.create(replace(document, expected_due=document.due_on), new_marker())
        async with Client.open(sap.connection()) as client:
            lines = PurchaseLines(client, sap.connection(), lambda _: None)
            assert await lines.look(document, new_marker()) == ()
