"""What the demo ERP takes, refuses and gives back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from erp_adapters.demo.erp import DemoErp, configure, fill, read_back
from erp_adapters.errors import ConfigurationError, ErpRefused, RecordNotFound
from erp_adapters.records import (
    Document,
    OrderRescheduling,
    PurchaseRequisition,
    QualityHold,
    Quantity,
    RequisitionLine,
    StockTransfer,
)
from erp_adapters.store import APP_ROLE, DEMO_ERP_ROLE, GRAPH_ROLE, OWNER_ROLE
from erp_adapters.write import WritePort
from tests.conftest import Database

ROOT = Path(__file__).resolve().parents[4]


def marker() -> str:
    """A marker that no other test has."""
    return f"PW-{uuid4().hex[:20]}"


def test_it_is_a_write_port(erp: DemoErp) -> None:
    """The executor can hold it."""
    port: WritePort = erp
    assert port.traits.duplicates == "none"
    assert port.traits.settle_time > timedelta(seconds=30) + port.traits.call_time


async def test_each_kind_of_document_is_read_back_as_it_was_sent(
    erp: DemoErp, requisition: PurchaseRequisition, transfer: StockTransfer, hold: QualityHold
) -> None:
    """No field is lost, rounded or filled in on the way."""
    numbers = set()
    for document in (requisition, transfer, hold):
        sent = marker()
        posted = await erp.create(document, sent)
        assert (posted.kind, posted.site, posted.marker) == (document.kind, document.site, sent)
        assert posted.document == document
        assert await erp.find(document.kind, sent) == (posted,)
        assert await erp.read(posted.number) == posted
        assert posted in await erp.documents(document.site)
        numbers.add(posted.number)
    assert len(numbers) == 3


async def test_the_same_marker_is_taken_twice_by_default(
    erp: DemoErp, requisition: PurchaseRequisition
) -> None:
    """The stand-in is no kinder than an ERP without a unique key."""
    sent = marker()
    first, second = await erp.create(requisition, sent), await erp.create(requisition, sent)
    assert first.number != second.number
    assert await erp.find("purchase_requisition", sent) == (first, second)


async def test_a_system_that_rejects_duplicates_returns_the_first(
    erp_dsn: str, requisition: PurchaseRequisition
) -> None:
    """Eight calls at once with one marker make one document."""
    configure(erp_dsn, duplicates="rejects")
    async with DemoErp.open(erp_dsn) as port:
        assert port.traits.duplicates == "rejects"
        sent = marker()
        posted = await asyncio.gather(*(port.create(requisition, sent) for _ in range(8)))
        assert len({each.number for each in posted}) == 1
        assert len(await port.find("purchase_requisition", sent)) == 1


async def test_documents_posted_at_once_have_numbers_of_their_own(
    erp: DemoErp, requisition: PurchaseRequisition
) -> None:
    """A number range never hands a number out twice."""
    posted = await asyncio.gather(*(erp.create(requisition, marker()) for _ in range(16)))
    assert len({each.number for each in posted}) == 16


def _with_line(document: PurchaseRequisition, **change: object) -> PurchaseRequisition:
    return replace(document, lines=(replace(document.lines[0], **change), *document.lines[1:]))  # type: ignore[arg-type]


async def test_what_the_erp_does_not_know_is_refused_by_name(
    erp: DemoErp, requisition: PurchaseRequisition, transfer: StockTransfer, hold: QualityHold, today: date
) -> None:
    """It says what is wrong, as an ERP does, and keeps nothing."""
    quantity = requisition.lines[0].quantity
    wrong: list[tuple[Document, str]] = [
        (replace(requisition, site="XXX"), "plant XXX does not exist"),
        (replace(requisition, lines=()), "no items"),
        (_with_line(requisition, material="NO-SUCH"), "material NO-SUCH does not exist in plant KAS"),
        (_with_line(requisition, supplier="NOBODY"), "supplier NOBODY"),
        (_with_line(requisition, cost_centre="0000"), "cost centre 0000"),
        (_with_line(requisition, account="000000"), "account 000000"),
        (_with_line(requisition, quantity=Quantity(Decimal(0), quantity.unit)), "above zero"),
        (_with_line(requisition, quantity=Quantity(Decimal(-5), quantity.unit)), "above zero"),
        (_with_line(requisition, quantity=Quantity(Decimal(5), "parsec")), "parsec is not defined"),
        (_with_line(requisition, needed_on=today - timedelta(days=1)), "lies in the past"),
        (replace(transfer, from_site="XXX"), "plant XXX does not exist"),
        (replace(transfer, from_material="NO-SUCH"), "material NO-SUCH does not exist"),
        (replace(hold, batch="NO-BATCH"), "batch NO-BATCH"),
        (replace(hold, location="NOWHERE"), "storage location NOWHERE"),
    ]
    sent = marker()
    for document, words in wrong:
        with pytest.raises(ErpRefused, match=words):
            await erp.create(document, sent)
        assert await erp.find(document.kind, sent) == ()


async def test_a_closed_period_is_named(
    demo_copy: Database, requisition: PurchaseRequisition, today: date
) -> None:
    """A month that finance has closed takes nothing, and the message says which."""
    with psycopg.connect(demo_copy.dsn(OWNER_ROLE)) as owner:
        owner.execute(
            "update erp.fiscal_period set status = 'closed' where %s between starts_on and ends_on", (today,)
        )
    fill(demo_copy.dsn(OWNER_ROLE))
    async with DemoErp.open(demo_copy.dsn(DEMO_ERP_ROLE)) as port:
        with pytest.raises(ErpRefused, match=r"posting period \d{4}-\d\d is closed in plant KAS"):
            await port.create(requisition, marker())


async def test_a_number_that_is_not_there_is_named(erp: DemoErp) -> None:
    """Reading a document that nobody posted is an answer, not an empty one."""
    with pytest.raises(RecordNotFound, match="'4711'"):
        await erp.read("4711")


async def test_a_port_writes_for_its_own_site(erp_dsn: str, requisition: PurchaseRequisition) -> None:
    """A connection that is for one plant takes no other's document, and finds none."""
    sent = marker()
    async with DemoErp.open(erp_dsn) as everywhere, DemoErp.open(erp_dsn, site="WRO") as wroclaw:
        with pytest.raises(ErpRefused, match="'WRO'"):
            await wroclaw.create(requisition, sent)
        await everywhere.create(requisition, sent)
        assert await wroclaw.find("purchase_requisition", sent) == ()
        assert all(document.site == "WRO" for document in await wroclaw.documents())


async def test_filling_again_keeps_documents(demo_copy: Database, requisition: PurchaseRequisition) -> None:
    """A rebuilt demo forgets nothing that was posted, and takes up what changed."""
    async with DemoErp.open(demo_copy.dsn(DEMO_ERP_ROLE)) as port:
        posted = await port.create(requisition, marker())
        with psycopg.connect(demo_copy.dsn(OWNER_ROLE)) as owner:
            owner.execute("delete from erp.material where number = %s", (requisition.lines[0].material,))
        assert fill(demo_copy.dsn(OWNER_ROLE)) > 0
        assert await port.read(posted.number) == posted
        with pytest.raises(ErpRefused, match="does not exist"):
            await port.create(requisition, marker())


def test_nobody_else_may_look_into_it(demo: Database) -> None:
    """Neither the application nor the owner of the store can write past the ERP's interface."""
    for role in (APP_ROLE, OWNER_ROLE, GRAPH_ROLE):
        with (
            psycopg.connect(demo.dsn(role)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("select * from demo_erp.document")
    with (
        psycopg.connect(demo.dsn(DEMO_ERP_ROLE)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select * from erp.material")


async def test_a_home_without_a_demo_erp_says_what_to_do(database: Database) -> None:
    """A draft that is to be written names the remedy; everything else works."""
    with pytest.raises(ConfigurationError, match="no demo ERP to write to"):
        async with DemoErp.open(database.dsn(DEMO_ERP_ROLE)):
            pass
    with pytest.raises(ConfigurationError, match="plantwright store provision"):
        async with DemoErp.open(database.dsn("plantwright_nobody")):
            pass


async def test_what_was_posted_shows_as_open_requisitions(
    demo_copy: Database, requisition: PurchaseRequisition
) -> None:
    """The next question about cover sees the requisition, once, however often it is read back."""
    async with DemoErp.open(demo_copy.dsn(DEMO_ERP_ROLE)) as port:
        posted = await port.create(requisition, marker())
    assert read_back(demo_copy.dsn(OWNER_ROLE)) == len(requisition.lines)
    assert read_back(demo_copy.dsn(OWNER_ROLE)) == 0
    with psycopg.connect(demo_copy.dsn(OWNER_ROLE)) as owner:
        rows = owner.execute(
            "select m.number, r.quantity, r.unit, r.needed_on, r.status, r.supplier_id from erp.requisition r"
            " join erp.material m using (site, material_id) where r.source_system = 'demo_erp'"
            " and r.requisition_id like %s order by r.requisition_id",
            (f"{posted.number}/%",),
        ).fetchall()
    assert rows == [
        (line.material, line.quantity.value, line.quantity.unit, line.needed_on, "open", line.supplier)
        for line in requisition.lines
    ]


async def test_a_work_order_is_moved_where_it_is_as_expected(
    demo_copy: Database, rescheduling: OrderRescheduling, today: date
) -> None:
    """It reads back as sent; other dates, a closed order and a day that is past are refused."""
    async with DemoErp.open(demo_copy.dsn(DEMO_ERP_ROLE)) as port:
        sent = marker()
        posted = await port.create(rescheduling, sent)
        assert posted.document == rescheduling
        assert await port.find("order_rescheduling", sent) == (posted,)
        again = replace(rescheduling, expected_start=rescheduling.start_on, expected_due=rescheduling.due_on)
        wrong = [
            (rescheduling, "was changed meanwhile: it starts on"),
            (replace(rescheduling, order="4711-X"), "order 4711-X is not open in plant KAS"),
            (replace(again, due_on=again.start_on - timedelta(days=1)), "would end before it starts"),
            (replace(again, start_on=today - timedelta(days=1)), "moved into the past"),
        ]
        for document, words in wrong:
            with pytest.raises(ErpRefused, match=words):
                await port.create(document, sent)
        assert await port.find("order_rescheduling", sent) == (posted,)


async def test_moves_at_once_of_one_order_are_one(
    demo_copy: Database, rescheduling: OrderRescheduling
) -> None:
    """Eight calls that expect the same dates: the first moves the order, the others are refused."""
    async with DemoErp.open(demo_copy.dsn(DEMO_ERP_ROLE)) as port:
        made = await asyncio.gather(
            *(port.create(rescheduling, marker()) for _ in range(8)), return_exceptions=True
        )
    assert sum(not isinstance(each, BaseException) for each in made) == 1
    assert all(isinstance(each, ErpRefused) for each in made if isinstance(each, BaseException))


async def test_moved_orders_show_in_the_store(demo_copy: Database, rescheduling: OrderRescheduling) -> None:
    """The next question sees the new dates, and a demo that is loaded anew gets them back."""
    dates = "select start_on, due_on from erp.production_order where site = 'KAS' and order_id = %s"
    async with DemoErp.open(demo_copy.dsn(DEMO_ERP_ROLE)) as port:
        await port.create(rescheduling, marker())
    owner_dsn = demo_copy.dsn(OWNER_ROLE)
    after = (rescheduling.start_on, rescheduling.due_on)
    with psycopg.connect(owner_dsn, autocommit=True) as owner:
        assert read_back(owner_dsn) == 1
        assert owner.execute(dates, (rescheduling.order,)).fetchone() == after
        assert read_back(owner_dsn) == 0
        owner.execute(
            "update erp.production_order set start_on = %s, due_on = %s where site = 'KAS' and order_id = %s",
            (rescheduling.expected_start, rescheduling.expected_due, rescheduling.order),
        )
        fill(owner_dsn)
        assert read_back(owner_dsn) == 1
        assert owner.execute(dates, (rescheduling.order,)).fetchone() == after


async def test_an_adventureworks_home_has_one_too(adventureworks: Database) -> None:
    """Whatever a demo home was made from can be ordered."""
    with psycopg.connect(adventureworks.dsn(OWNER_ROLE)) as owner:
        row = owner.execute(
            "select m.number, coalesce(m.base_unit, 'EA'), s.number, (t.as_of at time zone t.time_zone)::date"
            " from erp.info_record i join erp.material m using (site, material_id)"
            " join erp.supplier s using (site, supplier_id) join erp.site t using (site)"
            " order by 1, 3 limit 1"
        ).fetchone()
    assert row
    number, unit, supplier, day = row
    async with DemoErp.open(adventureworks.dsn(DEMO_ERP_ROLE)) as port:
        line = RequisitionLine(number, Quantity(Decimal(5), unit), day, supplier, None, None, None)
        document = PurchaseRequisition("AW", "planner", (line,))
        assert (await port.create(document, marker())).document == document
