"""Moves of orders in SAP over RFC: under its lock, in one unit of work."""

from __future__ import annotations

import pytest

from erp_adapters.errors import ErpRefused
from erp_adapters.sap_rfc.client import Client
from tests.conformance.adapters import new_marker, sap_rfc_written
from tests.systems.sap_rfc.server import Served


async def test_what_somebody_else_is_changing_is_not_moved(sap: Served, client: Client) -> None:
    """The holder is named; what the other leaves without a commit is as if it had never been."""
    async with sap_rfc_written(sap) as written:
        assert written.order is not None
        assert written.line is not None
        order, line = await written.order(), await written.line()
        async with client.unit() as unit:
            number = order.order.rjust(12, "0")
            days = {
                "BASIC_START_DATE": f"{order.start_on:%Y%m%d}",
                "BASIC_END_DATE": f"{order.due_on:%Y%m%d}",
            }
            marks = dict.fromkeys(days, "X")
            await unit.call("BAPI_PRODORD_CHANGE", NUMBER=number, ORDERDATA=days, ORDERDATAX=marks)
            await unit.call("BAPI_PO_CHANGE", PURCHASEORDER=line.order)
            for document in (order, line):
                with pytest.raises(ErpRefused, match="already"):
                    await written.port.create(document, new_marker())
        for document in (order, line):
            posted = await written.port.create(document, new_marker())
            assert posted.number == document.order
    [note] = [row["TDLINE"] for row in sap.rows("STXL", f"TDOBJECT = 'EKKO' AND TDNAME = '{line.order}'")]
    assert f" 10 {line.due_on} planner.kassel" in note
