"""The table of adapters that the specs run against: how each is opened, and documents that it takes."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from erp_adapters.demo.erp import DemoErp
from erp_adapters.fsmes import Fsmes, FsmesReader
from erp_adapters.ports import Capability, Cell, ReadPort
from erp_adapters.records import (
    Document,
    Money,
    OrderHold,
    OrderRescheduling,
    PostedDocument,
    PublishedText,
    PurchaseOrderRedating,
    PurchaseRequisition,
    QualityHold,
    Quantity,
    RequisitionLine,
    StockTransfer,
    WorkOrder,
)
from erp_adapters.sap_odata import Sap as SapErp
from erp_adapters.sap_odata import SapReader
from erp_adapters.sap_odata.batch import Change
from erp_adapters.sap_odata.client import Client as SapClient
from erp_adapters.sap_odata.client import etag_of
from erp_adapters.sap_odata.tables import PRODUCTS
from erp_adapters.sap_odata.values import written_day
from erp_adapters.sap_rfc import SapRfc, SapRfcReader
from erp_adapters.store import DEMO_ERP_ROLE, OWNER_ROLE
from erp_adapters.tryton import Tryton, TrytonReader
from erp_adapters.tryton.client import Client
from erp_adapters.write import LookingPort, WritePort
from tests.conformance import sql_sources
from tests.conftest import Database
from tests.systems.mes.server import Served as Mes
from tests.systems.mes.server import missing as mes_missing
from tests.systems.sap_odata.server import MOCK_SAP_PATHS, Sap
from tests.systems.sap_odata.server import missing as mock_sap_missing
from tests.systems.sap_rfc.plant import GRIP
from tests.systems.sap_rfc.server import Served as ServedSap
from tests.systems.tryton_erp.server import Served
from tests.systems.tryton_erp.server import missing as tryton_missing


@dataclass(frozen=True, slots=True)
class Written:
    """A system that is written to."""

    port: WritePort
    document: PurchaseRequisition | WorkOrder
    """Of a requisition two lines, one with everything and one with as little as may be."""
    others: tuple[Document, ...] = ()
    """One of each other kind that it takes."""
    order: Callable[[], Awaitable[OrderRescheduling]] | None = None
    """A move of a work order that nobody has moved yet; None where the system moves none."""
    line: Callable[[], Awaitable[PurchaseOrderRedating]] | None = None
    """Another day for a line of a purchase order that nobody has moved yet."""

    @property
    def requisition(self) -> PurchaseRequisition:
        """Of a system that takes some; others are left out by their own traits."""
        if not isinstance(self.document, PurchaseRequisition):
            pytest.skip("by declaration: its traits take no requisitions")
        return self.document

    @property
    def documents(self) -> tuple[Document, ...]:
        """One of each kind."""
        return (self.document, *self.others)


@dataclass(frozen=True, slots=True)
class Hung:
    """A file, or a note, that hangs on an object of a system."""

    key: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Readable:
    """A system that is read, in small pages."""

    port: ReadPort
    least: Mapping[Capability, int]
    """Rows that there are at least."""
    known: Mapping[Capability, Mapping[str, Cell]]
    """Cells that a row has, for each capability."""
    change: Callable[[], Awaitable[str]]
    """Changes a material at the system's own side; its number."""
    hang: Callable[[], Awaitable[Hung]] | None = None
    """Hangs a new file on an object at the system's own side; None where it has no documents."""
    drop: Callable[[str], Awaitable[None]] | None = None
    """Takes that file away again."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A row of the table."""

    folder: str
    """Of its scorecard."""
    fixture: str
    """What the system runs in."""
    opens: Callable[[Any], AbstractAsyncContextManager[Any]]


async def seen(port: WritePort, document: Document, marker: str) -> tuple[PostedDocument, ...]:
    """What the system has of a document, as the executor asks it."""
    if isinstance(port, LookingPort):
        return await port.look(document, marker)
    return await port.find(document.kind, marker)


def new_marker() -> str:
    """A marker that no document has yet, of the length that the executor makes."""
    return f"PW-{uuid4().hex[:26].upper()}"


@asynccontextmanager
async def _demo_erp(database: Database) -> AsyncIterator[Written]:
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        found = connection.execute(
            "select number, base_unit from erp.material where site = 'KAS' and not is_made"
            " and base_unit is not null order by number limit 2"
        ).fetchall()
        codes = connection.execute(
            "select (select min(supplier_id) from erp.supplier where site = 'KAS'),"
            " (select min(cost_centre_id) from erp.cost_centre where site = 'KAS'),"
            " (select min(account_id) from erp.account where site = 'KAS'),"
            " (select (as_of at time zone time_zone)::date from erp.site where site = 'KAS'),"
            " (select min(site || ' ' || number) from erp.material where site <> 'KAS')"
        ).fetchone()
    assert codes is not None
    supplier, centre, account, today, elsewhere = codes
    requisition = _requisition(
        [(str(n), str(u)) for n, u in found], str(supplier), today + timedelta(days=20)
    )
    full, bare = requisition.lines
    budget = {"cost_centre": str(centre), "account": str(account)}
    lines = (replace(full, **budget), replace(bare, **budget))
    async with DemoErp.open(database.dsn(DEMO_ERP_ROLE)) as erp:
        orders = iter(_open_orders(database.dsn(DEMO_ERP_ROLE)))

        async def order() -> OrderRescheduling:
            number, start, due = next(orders)
            return _move(number, start, due)

        owed = iter(_open_lines(database.dsn(DEMO_ERP_ROLE)))

        async def line() -> PurchaseOrderRedating:
            return _redated(*next(owed))

        others = _others(requisition, str(elsewhere))
        yield Written(erp, replace(requisition, lines=lines), others, order, line)


def _open_lines(erp_dsn: str) -> list[tuple[str, str, date]]:
    with psycopg.connect(erp_dsn) as connection:
        return connection.execute(
            "select order_no, line_no, delivery_date from demo_erp.purchase_line join demo_erp.plant"
            " using (plant) where plant = 'KAS' and doc_no is null and delivery_date >= today order by 1, 2"
        ).fetchall()


def _redated(order: str, line: str, due: date) -> PurchaseOrderRedating:
    """Ten days later."""
    return PurchaseOrderRedating(
        site="KAS",
        requester="planner.kassel",
        order=order,
        line=line,
        due_on=due + timedelta(days=10),
        expected_due=due,
        note="the supplier is late",
    )


def _open_orders(erp_dsn: str) -> list[tuple[str, date, date]]:
    with psycopg.connect(erp_dsn) as connection:
        return connection.execute(
            "select order_no, start_date, due_date from demo_erp.production_order join demo_erp.plant"
            " using (plant) where plant = 'KAS' and doc_no is null and start_date >= today order by 1"
        ).fetchall()


def _others(requisition: PurchaseRequisition, elsewhere: str) -> tuple[Document, ...]:
    line, (sender, _, there) = requisition.lines[0], elsewhere.partition(" ")
    return (
        StockTransfer("KAS", sender, "planner.kassel", line.material, there, line.quantity, line.needed_on),
        QualityHold("KAS", "planner.kassel", line.material, None, None, line.quantity, "to be tested"),
        text_of("KAS"),
    )


def text_of(plant: str) -> PublishedText:
    """A text of several lines at a plant."""
    return PublishedText(
        site=plant,
        requester="planner.kassel",
        released_by="controller.kassel",
        about="plant",
        object=plant,
        period="2025-10",
        version=2,
        digest="sha256:" + "4" * 64,
        text="Kassel spent more – scrap.\n\n12,000.50 EUR  Material usage: scrap\nObject: none",
    )


def _move(order: str, start: date, due: date) -> OrderRescheduling:
    """Ten days later, with all that a planner says beside the days."""
    later = timedelta(days=10)
    return OrderRescheduling(
        site="KAS",
        requester="planner.kassel",
        order=order,
        start_on=start + later,
        due_on=due + later,
        expected_start=start,
        expected_due=due,
        starts_at=datetime(start.year, start.month, start.day, 6, tzinfo=UTC) + later,
        ends_at=datetime(due.year, due.month, due.day, 14, tzinfo=UTC) + later,
        work_centres=("4711",),
        note="press is down",
    )


@asynccontextmanager
async def tryton_written(served: Served) -> AsyncIterator[Written]:
    """Tryton as a writer, and a requisition that its plant takes."""
    day = datetime.now(UTC).date() + timedelta(days=20)
    requisition = _requisition([("T-100", "kg"), ("G-200", "PC")], "S-77", day)
    full, bare = requisition.lines
    lines = (replace(full, cost_centre="4711", account="6000"), bare)

    async def order() -> OrderRescheduling:
        number = await tryton_production(served, day, day + timedelta(days=4))
        return _move(number, day, day + timedelta(days=4))

    async def line() -> PurchaseOrderRedating:
        return _redated(*await tryton_purchase(served, day), day)

    async with Tryton.open(served.connection(units={"PC": "u"})) as erp:
        yield Written(erp, replace(requisition, lines=lines), (text_of("KAS"),), order, line)


async def tryton_purchase(served: Served, due: date) -> tuple[str, str]:
    """Number of a new purchase in Tryton that its supplier has, and of its line, due on that day."""
    at = served.connection()
    async with Client.open(at.url, at.login, at.password, timeout_s=60) as client:
        [like] = await client.rows("purchase.purchase", [["state", "!=", "draft"]], ["lines"], limit=1)
        [made] = await client.call("model.purchase.purchase.copy", [like["id"]], effect="write")
        [purchase] = await client.rows("purchase.purchase", [["id", "=", made]], ["lines"])
        values = {"delivery_date_edit": True, "delivery_date_store": due}
        await client.call("model.purchase.line.write", purchase["lines"], values, effect="write")
        for step in ("quote", "confirm", "process"):
            await client.call(f"model.purchase.purchase.{step}", [made], effect="write")
        [row] = await client.rows("purchase.purchase", [["id", "=", made]], ["number", "state"])
        assert row["state"] == "processing", row
    return str(row["number"]), str(purchase["lines"][0])


async def tryton_production(served: Served, start: date, due: date, *, state: str = "waiting") -> str:
    """Number of a new production in Tryton, with a reference of the plant's own."""
    at = served.connection()
    async with Client.open(at.url, at.login, at.password, timeout_s=60) as client:
        [warehouse] = await client.rows(
            "stock.location", [["type", "=", "warehouse"], ["code", "=", "KAS"]], ["production_location"]
        )
        [product] = await client.rows("product.product", [["code", "=", "F-900"]], ["default_uom"])
        values = {
            "company": (await client.sign_in())["company"],
            "warehouse": warehouse["id"],
            "location": warehouse["production_location"],
            "product": product["id"],
            "unit": product["default_uom"],
            "quantity": 8.0,
            "planned_start_date": start,
            "planned_date": due,
            "reference": "line 3",
        }
        [made] = await client.call("model.production.create", [values], effect="write")
        for step in {
            "draft": ("wait", "draft"),
            "waiting": ("wait",),
            "running": ("wait", "assign_force", "run"),
        }[state]:
            await client.call(f"model.production.{step}", [made], effect="write")
        [row] = await client.rows("production", [["id", "=", made]], ["number"])
    return str(row["number"])


@asynccontextmanager
async def sap_rfc_written(served: ServedSap) -> AsyncIterator[Written]:
    """SAP's stand-in as a writer, and a requisition that its plant takes."""
    day = datetime.now(UTC).date() + timedelta(days=20)
    requisition = _requisition([("T-100", "kg"), ("4711", "PC")], "10077", day)
    full, bare = requisition.lines
    lines = (replace(full, cost_centre="4711", account="6000"), bare)

    async def order() -> OrderRescheduling:
        number = f"10{uuid4().int % 10**6:06d}"
        [like] = served.rows("AFKO", "AUFNR = '000001000123'")
        new = {"AUFNR": number.rjust(12, "0"), "GSTRP": f"{day:%Y%m%d}"}
        served.write("AFKO", {**like, **new, "GLTRP": f"{day + timedelta(days=4):%Y%m%d}"})
        served.write("JEST", {"OBJNR": f"OR{number.rjust(12, '0')}", "STAT": "I0002"})
        return _move(number, day, day + timedelta(days=4))

    async def line() -> PurchaseOrderRedating:
        number = f"45{uuid4().int % 10**8:08d}"
        for table in ("EKKO", "EKPO", "EKET"):
            for row in served.rows(table, "EBELN = '4500000001'"):
                dated = (
                    {"EINDT": f"{day + timedelta(days=int(row['ETENR'])):%Y%m%d}"} if table == "EKET" else {}
                )
                served.write(table, {**row, "EBELN": number, **dated})
        return _redated(number, "10", day + timedelta(days=1))

    async with SapRfc.open(served.connection(), through=served.library()) as erp:
        yield Written(erp, replace(requisition, lines=lines), (), order, line)


def _requisition(materials: list[tuple[str, str]], supplier: str, day: date) -> PurchaseRequisition:
    (first, unit), (second, other) = materials
    return PurchaseRequisition(
        site="KAS",
        requester="planner.kassel",
        note="für das Lager – bitte „eilig“",
        lines=(
            RequisitionLine(
                first,
                Quantity(Decimal("500.12"), unit),
                day,
                supplier,
                Money(Decimal("2.35"), "EUR"),
                None,
                None,
            ),
            RequisitionLine(second, Quantity(Decimal(20), other), day, None, None, None, None),
        ),
    )


@asynccontextmanager
async def sap_written(sap: Sap) -> AsyncIterator[Written]:
    """The stand-in of SAP as a writer, and a requisition that its plant takes."""
    day = datetime.now(UTC).date() + timedelta(days=20)
    requisition = _requisition([("T-100", "kg"), ("G-200", "PC")], "S-77", day)
    full, bare = requisition.lines
    lines = (replace(full, cost_centre="4711", account="6000"), bare)

    async def order() -> OrderRescheduling:
        number = f"10{uuid4().int % 10**6:06d}"
        sap.order(
            "add",
            set="A_ProductionOrder_2",
            like={"ManufacturingOrder": "1000021"},
            values={
                "ManufacturingOrder": number,
                "MfgOrderPlannedStartDate": written_day(day, 2),
                "MfgOrderPlannedEndDate": written_day(day + timedelta(days=4), 2),
                "OrderLongText": "to be packed by two",
            },
        )
        return _move(number, day, day + timedelta(days=4))

    async def line() -> PurchaseOrderRedating:
        number = f"45{uuid4().int % 10**8:08d}"
        due = {"ScheduleLineDeliveryDate": written_day(day, 2)}
        for name, key, values in (
            ("A_PurchaseOrder", "PurchaseOrder", {}),
            ("A_PurchaseOrderItem", "PurchaseOrder", {}),
            ("A_PurchaseOrderScheduleLine", "PurchasingDocument", due),
        ):
            sap.order("add", set=name, like={key: "4500000018"}, values={key: number, **values})
        return _redated(number, "10", day)

    async with SapErp.open(sap.connection()) as erp:
        yield Written(erp, replace(requisition, lines=lines), (), order, line)


@asynccontextmanager
async def mes_written(mes: Mes) -> AsyncIterator[Written]:
    """The MES as a writer: an order for its floor, and a hold of one that nobody holds."""
    day = datetime.now(UTC).date() + timedelta(days=20)
    order = WorkOrder("KAS", "planner.kassel", "FG-BRACKET", Quantity(Decimal("120.5"), "PC"), day, 30)
    code = f"WO-{uuid4().hex[:8].upper()}"
    mes.call("POST", "/workorders", {"code": code, "material": "FG-BRACKET", "quantity": 10})
    mes.call("POST", f"/workorders/{code}/release")
    hold = OrderHold("KAS", "planner.kassel", code, "hold", "Grat an der Kante (Probe 3)", None)
    async with Fsmes.open(mes.connection()) as port:
        yield Written(port, order, (hold,))


SYSTEMS = [pytest.mark.systems, pytest.mark.timeout(300)]
MES = [*SYSTEMS, pytest.mark.skipif(bool(mes_missing()), reason=mes_missing() or "it is there")]
TRYTON = [*SYSTEMS, pytest.mark.skipif(bool(tryton_missing()), reason=tryton_missing() or "it is there")]

WRITTEN: Mapping[str, Any] = {
    "demo-erp": pytest.param(
        Adapter("demo/erp", "demo_apart", _demo_erp), id="demo-erp", marks=pytest.mark.slow
    ),
    "sap-rfc": pytest.param(
        Adapter("sap_rfc", "sap_rfc", sap_rfc_written), id="sap-rfc", marks=pytest.mark.slow
    ),
    "tryton": pytest.param(Adapter("tryton", "tryton", tryton_written), id="tryton", marks=TRYTON),
    "sap-odata": pytest.param(
        Adapter("sap_odata", "sap", sap_written), id="sap-odata", marks=pytest.mark.slow
    ),
    "mes": pytest.param(Adapter("fsmes", "mes", mes_written), id="mes", marks=MES),
}
"""Every adapter that writes; a new one is a function above and a row here."""


@asynccontextmanager
async def _tryton_read(served: Served) -> AsyncIterator[Readable]:
    connection = served.connection()

    async def change() -> str:
        async with Client.open(connection.url, connection.login, connection.password) as client:
            [row] = await client.rows("product.template", [["code", "=", "G-200"]], ["id"])
            values = {"name": f"Grip, rubber {uuid4().hex[:4]}"}
            await client.call("model.product.template.write", [row["id"]], values, effect="write")
            [product] = await client.rows("product.product", [["code", "=", "G-200"]], ["id"])
            await client.call("model.product.product.write", [product["id"]], {}, effect="write")
        return "G-200"

    known: dict[Capability, Mapping[str, Cell]] = {
        Capability.MATERIALS: {"material": "F-900", "unit": "u", "is_bought": False, "is_made": True},
        Capability.COSTS: {"material": "T-100", "cost": Decimal("2.4000"), "unit": "kg"},
        Capability.STOCK: {"material": "T-100", "warehouse": "KAS", "quantity": Decimal("820.5")},
        Capability.BOM: {
            "bom": "Frame, welded",
            "material": "T-100",
            "quantity": Decimal("3.2"),
            "unit": "kg",
        },
        Capability.ROUTING: {"routing": "Welding and fitting", "operation": "Weld"},
        Capability.WORK_CENTRES: {"name": "Welding cell 1", "warehouse": "KAS", "cost": Decimal(42)},
        Capability.PRODUCTION_ORDERS: {
            "material": "F-900",
            "quantity": Decimal(40),
            "reference": "first lot",
        },
        Capability.PURCHASE_ORDERS: {
            "material": "G-200",
            "supplier": "S-77",
            "price": Decimal("0.81"),
            "received": Decimal(30),
            "requisition": "1/1",
        },
        Capability.SUPPLIERS: {"supplier": "S-77", "name": "Rohrwerk Nord"},
        Capability.INFO_RECORDS: {
            "material": "T-100",
            "lead_time_days": Decimal(9),
            "price": Decimal("2.35"),
        },
        Capability.LEDGER: {"account": "1.3.1", "state": "posted"},
        Capability.REQUISITIONS: {"material": "T-100", "currency": "EUR"},
        Capability.DOCUMENTS: {
            "name": "terms.txt",
            "about": "purchase_order",
            "object": "1",
            "warehouse": "KAS",
            "is_note": False,
        },
    }
    least = {**dict.fromkeys(known, 1), Capability.MATERIALS: 3, Capability.LEDGER: 4}
    await tryton_hung(served)
    async with Tryton.open(connection) as erp:
        day = datetime.now(UTC).date() + timedelta(days=20)
        # One is enough for every reader.
        if not await erp.documents():
            await erp.create(_requisition([("T-100", "kg"), ("G-200", "u")], "S-77", day), new_marker())
    async with TrytonReader.open(connection, page=2) as reader:
        yield Readable(reader, least, known, change, partial(tryton_hung, served), partial(_dropped, served))


async def tryton_hung(
    served: Served,
    name: str = "terms.txt",
    data: bytes = b"Goods that come before six are not unloaded.",
    on: tuple[str, str, str] = ("purchase.purchase", "number", "1"),
) -> Hung:
    """A file that hangs on a record of Tryton; by itself on its first purchase."""
    at = served.connection()
    async with Client.open(at.url, at.login, at.password, timeout_s=60) as client:
        model, field, value = on
        [record] = await client.rows(model, [[field, "=", value]], ["id"])
        held = {"__class__": "bytes", "base64": base64.b64encode(data).decode()}
        values = {"name": name, "type": "data", "data": held, "resource": f"{model},{record['id']}"}
        [made] = await client.call("model.ir.attachment.create", [values], effect="write")
    return Hung(f"ir.attachment,{made}", data)


async def _dropped(served: Served, key: str) -> None:
    at = served.connection()
    async with Client.open(at.url, at.login, at.password, timeout_s=60) as client:
        model, _, number = key.partition(",")
        await client.call(f"model.{model}.delete", [int(number)], effect="write")


@asynccontextmanager
async def _sap_rfc_read(served: ServedSap) -> AsyncIterator[Readable]:
    async def change() -> str:
        text = {"MAKTX": f"Grip, rubber {uuid4().hex[:4]}"}
        served.write("MAKT", text, {"MATNR": GRIP})
        served.write("MARA", {"LAEDA": f"{datetime.now(UTC):%Y%m%d}"}, {"MATNR": GRIP})
        return "4711"

    known: dict[Capability, Mapping[str, Cell]] = {
        Capability.MATERIALS: {"material": "4711", "unit": "PC", "is_bought": True, "is_made": False},
        Capability.COSTS: {"material": "4711", "cost": Decimal("0.8"), "currency": "EUR"},
        Capability.STOCK: {"material": "J-500", "plant": "1000", "quantity": Decimal(-7)},
        Capability.BOM: {"made": "F-900", "material": "T-100", "per_made": Decimal("3.2"), "unit": "KG"},
        Capability.WORK_CENTRES: {"name": "Welding cell 1", "work_centre": "WELD1"},
        Capability.PRODUCTION_ORDERS: {"number": "1000123", "quantity": Decimal(40), "state": "released"},
        Capability.PURCHASE_ORDERS: {"material": "J-500", "price": Decimal(118), "currency": "JPY"},
        Capability.SUPPLIERS: {"supplier": "10077", "name": "Rohrwerk Nord", "country": "DE"},
        Capability.INFO_RECORDS: {
            "material": "T-100",
            "lead_time_days": Decimal(9),
            "price": Decimal("2.35"),
        },
        Capability.REQUISITIONS: {"material": "4711", "quantity": Decimal(300), "price": Decimal("0.8")},
        Capability.DEMAND: {"material": "T-100", "quantity": Decimal(112), "order": "1000123"},
        Capability.DOCUMENTS: {"about": "purchase_order", "object": "4500000001", "is_note": True},
    }
    least = {**dict.fromkeys(known, 1), Capability.MATERIALS: 4, Capability.PURCHASE_ORDERS: 3}
    note = {"TDOBJECT": "EKKO", "TDNAME": "4500000001", "LINE": "0", "TDFORMAT": "*"}

    async def hang(kind: str = "F03") -> Hung:
        text = "Goods that come before six are not unloaded."
        served.write("STXL", {**note, "TDID": kind, "TDLINE": text})
        return Hung(f"4500000001/{kind}/1000", text.encode())

    async def drop(key: str) -> None:
        text = {"TDOBJECT": "EKKO", "TDNAME": "4500000001", "TDID": key.split("/")[1]}
        served.write("STXL", {"TDOBJECT": "GONE"}, text)

    await drop("4500000001/F01/1000")
    await hang("F01")
    async with SapRfcReader.open(served.connection(), page=2, through=served.library()) as reader:
        yield Readable(reader, least, known, change, hang, drop)


@asynccontextmanager
async def _sap_read(sap: Sap) -> AsyncIterator[Readable]:
    connection = sap.connection()

    async def change() -> str:
        sap.order("change", set="A_ProductDescription", where={"Product": "G-200", "Language": "EN"},
                  values={"ProductDescription": f"Grip {uuid4().hex[:4]}"})  # fmt: skip
        sap.order("change", set="A_Product", where={"Product": "G-200"}, values={})
        return "G-200"

    known: dict[Capability, Mapping[str, Cell]] = {
        Capability.MATERIALS: {"material": "F-900", "plant": "1010", "unit": "PC", "is_made": True},
        Capability.COSTS: {"material": "G-200", "cost": Decimal("0.85"), "unit": "PC", "currency": "EUR"},
        Capability.STOCK: {"material": "T-100", "kind": "01", "quantity": Decimal("820.5"), "unit": "KG"},
        Capability.BOM: {"made": "F-900", "material": "T-100", "per_made": Decimal("3.2"), "unit": "KG"},
        Capability.PRODUCTION_ORDERS: {"number": "1000021", "quantity": Decimal(40), "state": "released"},
        Capability.REQUISITIONS: {"number": "0010000001", "item": "10", "quantity": Decimal(100)},
        Capability.PURCHASE_ORDERS: {
            "number": "4500000018",
            "received": Decimal(40),
            "state": "open",
            "requisition": "0010000001/10",
        },
        Capability.SUPPLIERS: {"supplier": "S-77", "name": "Rohrwerk Nord"},
        Capability.INFO_RECORDS: {
            "material": "G-200",
            "price": Decimal("0.8"),
            "lead_time_days": Decimal(14),
        },
        Capability.LEDGER: {"account": "400000", "cost_centre": "4711", "amount": Decimal("1510.5")},
        Capability.DOCUMENTS: {
            "name": "terms.txt",
            "about": "purchase_order",
            "object": "4500000018",
            "plant": "1010",
        },
    }
    least = {**dict.fromkeys(known, 1), Capability.MATERIALS: 3, Capability.PURCHASE_ORDERS: 3}
    logical = uuid4().hex.upper()
    await sap_hung(sap, logical)
    async with SapReader.open(connection, page=2) as reader:
        assert (await reader.health()).is_well

        async def hang() -> Hung:
            new = uuid4().hex.upper()
            data = await sap_hung(sap, new)
            rows = [row async for page in reader.pages(Capability.DOCUMENTS) for row in page.rows]
            return Hung(next(row.key for row in rows if f"/{new}/" in row.key), data)

        async def drop(key: str) -> None:
            sap.order("unhang", logical=key.split("/")[4])

        yield Readable(reader, least, known, change, hang, drop)
    sap.order("unhang", logical=logical)


async def sap_hung(
    sap: Sap,
    logical: str,
    data: bytes = b"Goods that come before six are not unloaded.",
    name: str = "terms.txt",
    on: tuple[str, str] = ("BUS2012", "4500000018"),
) -> bytes:
    """A file that hangs on an object of the stand-in; by itself on a purchase order."""
    kind, number = on
    sap.order(
        "hang",
        object=number,
        type=kind,
        name=name,
        content=base64.b64encode(data).decode(),
        mime="text/plain",
        logical=logical,
    )
    return data


@asynccontextmanager
async def _mes_read(mes: Mes) -> AsyncIterator[Readable]:
    async def change() -> str:
        mes.rename("RAW-BAR-40", f"Steel bar {uuid4().hex[:4]}")
        return "RAW-BAR-40"

    known: dict[Capability, Mapping[str, Cell]] = {
        Capability.MATERIALS: {"material": "FG-BRACKET", "unit": "ea", "is_made": True},
        Capability.BOM: {"made": "FG-BRACKET", "material": "RAW-BAR-40", "per_made": Decimal("0.25")},
        Capability.ROUTING: {"material": "FG-BRACKET", "operation": 20, "work_centre": "MILL01"},
        Capability.WORK_CENTRES: {"name": "CNC Mill 01", "line": "NGLINE", "plant": "NG1"},
        Capability.PRODUCTION_ORDERS: {"order": "WO-NG-7001", "good": Decimal(575), "state": "completed"},
        Capability.CONFIRMATIONS: {"order": "WO-NG-7002", "operation": 10, "scrap": Decimal(18)},
        Capability.FLOOR_ORDERS: {"order": "WO-NG-7003", "state": "on_hold"},
        Capability.FLOOR_OPERATIONS: {"order": "WO-NG-7002", "operation": 20, "waiting": Decimal(1200)},
        Capability.ORDER_HOLDS: {"order": "WO-NG-7003", "reason": "burr on the first article"},
        Capability.DOWNTIME: {"work_centre": "MILL01", "reason": "Breakdown", "ended_at": None},
        Capability.NONCONFORMANCES: {"order": "WO-NG-7002", "disposition": "rework"},
        Capability.EFFECTIVENESS: {"work_centre": "DEB01", "oee": None},
        Capability.LOT_USES: {"order": "WO-NG-7001", "lot": "WO-NG-7001-FG", "direction": "produced"},
    }
    least = {**dict.fromkeys(known, 1), Capability.FLOOR_ORDERS: 9, Capability.FLOOR_OPERATIONS: 27}
    async with FsmesReader.open(mes.connection(), page=1) as reader:
        assert (await reader.health()).is_well
        yield Readable(reader, least, known, change)


@asynccontextmanager
async def _sql_read(
    opened: Callable[[Any], AbstractAsyncContextManager[Any]], within: Any
) -> AsyncIterator[Readable]:
    async with opened(within) as (reader, change, run):
        prefix = "shop." if reader.source.dialect == "postgres" else ""

        async def hang() -> Hung:
            hung = Hung(f"doc-{uuid4().hex[:6]}", b"Goods that come after six wait.\x00\xff")
            at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
            run(sql_sources.hung(prefix, hung.key, hung.data, f"{at}+00" if prefix else at))
            return hung

        async def drop(key: str) -> None:
            run(f"delete from {prefix}documents where id = '{key}'")

        least = {**dict.fromkeys(sql_sources.KNOWN, 3), Capability.DOCUMENTS: 1}
        yield Readable(reader, least, sql_sources.KNOWN, change, hang, drop)


@asynccontextmanager
async def _mock_sap_read(sap: Sap) -> AsyncIterator[Readable]:
    """mock-sap has products, orders and partners, and none of the others."""
    connection = sap.connection(services=MOCK_SAP_PATHS, writes=False)

    async def change() -> str:
        async with SapClient.open(connection) as client:
            query = {"$filter": "Product eq 'TG11'"}
            [product] = await client.rows(PRODUCTS, "A_Product", query)
            unit = "EA" if product["BaseUnit"] != "EA" else "PC"
            changed = Change("PATCH", "A_Product('TG11')", {"BaseUnit": unit}, etag_of(product))
            await client.change(PRODUCTS, [changed], person=None)
        return "TG11"

    known: dict[Capability, Mapping[str, Cell]] = {
        Capability.MATERIALS: {"material": "TG11", "is_deleted": False},
        Capability.PURCHASE_ORDERS: {"number": "4500000101", "item": "00010", "quantity": Decimal(213)},
        Capability.SUPPLIERS: {"supplier": "1000015"},
    }
    async with SapReader.open(connection, page=3) as reader:
        assert (await reader.health()).is_well
        yield Readable(reader, dict.fromkeys(known, 2), known, change)


MOCK_SAP = [
    *SYSTEMS,
    pytest.mark.skipif(bool(mock_sap_missing()), reason=mock_sap_missing() or "it is there"),
]
READ: Mapping[str, Any] = {
    "sap-rfc": pytest.param(
        Adapter("sap_rfc", "sap_rfc", _sap_rfc_read), id="sap-rfc", marks=pytest.mark.slow
    ),
    "postgres": pytest.param(
        Adapter("sql", "database", partial(_sql_read, sql_sources.postgres)),
        id="postgres",
        marks=pytest.mark.slow,
    ),
    "sqlite": pytest.param(Adapter("sql", "tmp_path", partial(_sql_read, sql_sources.sqlite)), id="sqlite"),
    "tryton": pytest.param(Adapter("tryton", "tryton", _tryton_read), id="tryton", marks=TRYTON),
    "sap-odata": pytest.param(Adapter("sap_odata", "sap", _sap_read), id="sap-odata", marks=pytest.mark.slow),
    "mes": pytest.param(Adapter("fsmes", "mes", _mes_read), id="mes", marks=MES),
    "mock-sap": pytest.param(Adapter("sap_odata", "mock_sap", _mock_sap_read), id="mock-sap", marks=MOCK_SAP),
}
"""Every adapter that is read through the port."""
