"""What a buyer orders of a requisition and what comes of it, in the store beside that requisition."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import psycopg
import pytest

from erp_adapters.demo.erp import DemoErp, order_requisition, read_back, receive
from erp_adapters.errors import ErpRefused
from erp_adapters.records import PurchaseRequisition
from erp_adapters.store import DEMO_ERP_ROLE, OWNER_ROLE
from tests.conftest import Database

_LINES = """
select l.requisition_id, l.order_id, l.ordered, l.received, l.received_on is not null, o.status, r.status,
       (select count(*) from erp.goods_receipt g where g.site = l.site and g.line_id = l.line_id)
from erp.purchase_line l join erp.purchase_order o using (site, order_id)
join erp.requisition r on r.site = l.site and r.requisition_id = l.requisition_id
where l.requisition_id like %s || '/%%' order by 1
"""


async def test_a_requisition_is_followed_to_its_order_and_receipts(
    demo_copy: Database, requisition: PurchaseRequisition
) -> None:
    """Each order line names its requisition; what comes is added up, and reading twice changes nothing."""
    owner = demo_copy.dsn(OWNER_ROLE)
    async with DemoErp.open(demo_copy.dsn(DEMO_ERP_ROLE)) as erp:
        number = (await erp.create(requisition, f"PW-{uuid4().hex[:20]}")).number
    [order] = order_requisition(owner, number)
    assert read_back(owner) >= 5
    assert read_back(owner) == 0
    first, second = (line.quantity.value for line in requisition.lines)
    assert _lines(demo_copy, number) == [
        (f"{number}/10", order, first, 0, False, "approved", "ordered", 0),
        (f"{number}/20", order, second, 0, False, "approved", "ordered", 0),
    ]
    assert len(receive(owner, order, Decimal(200))) == 1
    read_back(owner)
    assert _lines(demo_copy, number)[0] == (f"{number}/10", order, first, 200, True, "approved", "ordered", 1)
    assert len(receive(owner, order)) == 2
    read_back(owner)
    assert _lines(demo_copy, number) == [
        (f"{number}/10", order, first, first, True, "complete", "closed", 2),
        (f"{number}/20", order, second, second, True, "complete", "closed", 1),
    ]
    # What is ordered is acted on: it is neither ordered twice nor cancelled.
    with pytest.raises(ErpRefused, match=f"it is ordered as {order}"):
        order_requisition(owner, number)
    with pytest.raises(ErpRefused, match=r"nothing of purchase order \d+ is open"):
        receive(owner, order)


def test_what_is_not_there_is_refused_by_name(demo: Database) -> None:
    """A number that the ERP does not know, and more than is open."""
    owner = demo.dsn(OWNER_ROLE)
    with pytest.raises(ErpRefused, match="there is no requisition 9"):
        order_requisition(owner, "9")
    with pytest.raises(ErpRefused, match="there is no purchase order 9"):
        receive(owner, "9", Decimal(1))


def _lines(database: Database, number: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.dsn(OWNER_ROLE)) as owner:
        return owner.execute(_LINES, (number,)).fetchall()
