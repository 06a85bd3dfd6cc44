"""What became of a requisition, on a plant whose ERP says which order line was made from which."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.tools.asking import Asking, column
from tests.tools.plant import BOTH, KASSEL, Builder, build
from tools.errors import ToolError
from tools.requisition_trail import Ended, Ordered, Received, TrailLine, is_over, steps_of
from tools.requisitions import requisition_status


@pytest.fixture(scope="module")
def bought(database: Database) -> str:
    build(database.dsn(OWNER_ROLE))
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        put = Builder(connection)
        for item, status in (("10", "ordered"), ("20", "open")):
            put(
                "requisition",
                requisition_id=f"900/{item}",
                material_id="2-SPOKE",
                quantity=50,
                status=status,
            )
        put("requisition", site="LY", requisition_id="900/10", material_id="X", quantity=1, status="open")
        put("requisition", requisition_id="901/10", material_id="2-SPOKE", quantity=7, status="closed")
        put("purchase_order", order_id="P9", supplier_id="V1", status="approved", ordered_on="2025-06-01")
        line = {"order_id": "P9", "material_id": "2-SPOKE", "due_on": "2025-06-20"}
        put("purchase_line", line_id="P9/1", ordered=50, requisition_id="900/10", **line)
        put("purchase_line", line_id="P9/2", ordered=7, received=7, requisition_id="901/10", **line)
        for receipt, quantity in (("G1", 12), ("G2", 8)):
            put(
                "goods_receipt",
                receipt_id=receipt,
                line_id="P9/1",
                received_on="2025-06-09",
                quantity=quantity,
            )
    return database.dsn()


@pytest.fixture
async def asks(bought: str) -> AsyncIterator[Asking]:
    async with await Store.open(bought) as store:
        yield Asking(store, KASSEL)


async def test_the_lines_lead_to_their_order_and_what_came(asks: Asking) -> None:
    """Receipts are added up where the line itself says nothing; evidence names the rows of both records."""
    result = await asks(requisition_status, requisition="900")
    (table,) = result.tables
    assert column(table, "requisition") == ["900/10", "900/20"]
    assert column(table, "order") == ["P9", None]
    assert column(table, "received") == [Decimal(20), None]
    assert {share.record for share in result.evidence[0].sources} == {"requisition", "purchase_line"}
    one = await asks(requisition_status, requisition="901/10")
    assert one.sentence.endswith("All of it has come: {{tables[0].rows[0].received}}.")


async def test_what_is_not_known_or_twice_there_is_said(asks: Asking, bought: str) -> None:
    """Another number, one at two sites, and nobody's own."""
    with pytest.raises(ToolError, match="there is no requisition 77 "):
        await asks(requisition_status, requisition="77")
    with pytest.raises(ToolError, match="you have written no requisition from here"):
        await asks(requisition_status)
    async with await Store.open(bought) as store:
        with pytest.raises(ToolError, match="at KS, LY: say which site"):
            await Asking(store, BOTH)(requisition_status, requisition="900")


LINE = TrailLine(
    source_system="erp", source_key="k", flags=(), site="KS", requisition_id="1/10", number="1",
    material_id="M", material="M", quantity=Decimal(9), unit="pc", needed_on=None, status="ordered",
    order_id="P", line_id="P/1", supplier="S", ordered=Decimal(9), order_unit="pc", due_on=date(2025, 7, 1),
    received=Decimal(0), received_on=None, order_system="erp", order_key="k",
    read_at=datetime(2025, 7, 1, tzinfo=UTC),
)  # fmt: skip


def test_steps_follow_each_other_and_end() -> None:
    """Ordered, received, all received; what was ordered and is read no more has ended, and only that."""
    ordered = Ordered("P", "S", date(2025, 7, 1))
    assert steps_of([LINE]) == (ordered,)
    part = replace(LINE, received=Decimal(4))
    assert steps_of([part]) == (ordered, Received("P", "P/1", "M", Decimal(4), Decimal(9), "pc", None))
    assert not is_over([part], steps_of([part]))
    whole = replace(LINE, received=Decimal(9), status="closed")
    assert is_over([whole], steps_of([whole]))
    assert len(steps_of([whole])) == 2
    bare = replace(LINE, order_id=None, line_id=None, status="ordered")
    assert steps_of([bare]) == ()
    assert steps_of([bare], frozenset({ordered.name})) == (Ended("gone"),)
    assert not is_over([replace(part, status="closed")], steps_of([replace(part, status="closed")]))
    assert steps_of([replace(bare, status="closed")]) == (Ended("closed"),)
    assert steps_of([replace(bare, status="rejected")]) == (Ended("rejected"),)
    assert steps_of([]) == ()
