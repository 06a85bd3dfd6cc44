"""One material at a glance: master data, stock, suppliers and what is on order."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from tools.arguments import Arguments, MaterialName, SiteName
from tools.data_findings import finding_caveats
from tools.engines.structure import ZERO
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Kind, Site, Thing, one, site_by_code
from tools.presenting import common, figure, table, unit_column
from tools.purchasing import InfoRecord, info_records
from tools.registry import ToolContext, tool
from tools.requirements import Element, Stock, receipts, stock_of
from tools.results import Cell, Column, ColumnKind, Figure, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow

_VERSION = "1.0.0"
_ORDERS_SHOWN = 10


class MaterialCard(Arguments):
    """Which material."""

    material: MaterialName
    site: SiteName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Master(SourcedRow):
    material_id: str
    number: str
    name: str
    is_made: bool | None
    is_finished: bool | None
    category: str | None
    subcategory: str | None
    model: str | None
    product_line: str | None
    colour: str | None
    size: str | None
    weight: Decimal | None
    base_unit: str | None
    currency: str | None
    standard_cost: Decimal | None
    list_price: Decimal | None
    safety_stock: Decimal | None
    reorder_point: Decimal | None
    minimum_lot: Decimal | None
    maximum_lot: Decimal | None
    lot_rule: str | None
    days_to_make: Decimal | None
    delivery_days: Decimal | None
    receipt_days: Decimal | None
    mrp_controller: str | None
    purchasing_group: str | None
    abc_class: str | None
    sell_start_on: date | None
    sell_end_on: date | None
    discontinued_on: date | None


@dataclass(frozen=True, slots=True)
class _Card:
    thing: Thing
    site: Site
    master: _Master
    stock: list[Stock]
    offers: list[InfoRecord]
    orders: list[Element]

    @property
    def unit(self) -> str:
        return self.master.base_unit or ""

    @property
    def on_hand(self) -> Decimal:
        return sum((row.quantity for row in self.stock if row.status == "unrestricted"), ZERO)


_OF_MASTER = [
    field.name for field in fields(_Master) if field.name not in ("source_system", "source_key", "flags")
]
_MASTER = f"""
select {", ".join(f"m.{name}" for name in _OF_MASTER)}, {PROVENANCE.format("m")}
from erp.material m where m.site = %(site)s and m.material_id = %(material)s
"""
_LABELS: dict[str, tuple[str, ColumnKind]] = {
    "is_made": ("Made in house", "flag"),
    "is_finished": ("Finished good", "flag"),
    "colour": ("Colour", "text"),
    "standard_cost": ("Standard cost", "money"),
    "list_price": ("List price", "money"),
    "safety_stock": ("Safety stock", "quantity"),
    "reorder_point": ("Reorder point", "quantity"),
    "minimum_lot": ("Minimum lot", "quantity"),
    "maximum_lot": ("Maximum lot", "quantity"),
    "days_to_make": ("Days to make", "days"),
    "delivery_days": ("Planned delivery time", "days"),
    "receipt_days": ("Receipt processing time", "days"),
    "weight": ("Weight", "quantity"),
    "mrp_controller": ("MRP controller", "text"),
    "abc_class": ("ABC class", "text"),
    "sell_start_on": ("Sold from", "date"),
    "sell_end_on": ("Sold until", "date"),
    "discontinued_on": ("Discontinued on", "date"),
}


@tool(
    name="material_card",
    examples=(
        "Show the material card of Chainring Bolts",
        "What do we know about BK-M68B-38?",
        "Where does Paint - Black lie and who supplies it?",
    ),
    version=_VERSION,
)
async def material_card(args: MaterialCard, context: ToolContext) -> ToolResult:
    """One material at a glance: master data, stock by location, suppliers cheapest first, what is on order.

    Master data are category, model, standard cost and list price for one unit, safety stock, reorder point,
    lead times in days and so on; fields that the source leaves empty are not shown. Use it for "tell me
    about ..." and for several fields at once; for what is needed and when, use `stock_and_requirements`.

    Example: {"material": "Chainring Bolts"}.
    """
    named = await one(context.tx, Kind.MATERIAL, args.material, args.site)
    queries = Queries(context.tx)
    card = await _card(queries, named.thing)
    found = await finding_caveats(queries, "material", named.thing)
    proof = await queries.evidence(
        tool="material_card",
        version=_VERSION,
        arguments=args,
        records=[
            *shares("material", [card.master]),
            *shares("stock", card.stock),
            *shares("info_record", card.offers),
            *(
                share
                for record in dict.fromkeys(order.record for order in card.orders)
                for share in shares(record, [order for order in card.orders if order.record == record])
            ),
        ],
        flags=(*remarks("material records", [card.master]), *remarks("stock rows", card.stock)),
        site=card.site.site,
    )
    return ToolResult(
        tool="material_card",
        reading=", ".join(
            (
                said("Master data, stock, suppliers and open orders of [[thing]]", thing=named.thing),
                said("at [[site]]", site=card.site.site),
            )
        ),
        tables=(_master_data(card), _stock(card), _suppliers(card), _orders(card)),
        figures=_figures(card, proof.id),
        evidence=(proof,),
        sentence=_sentence(card),
        caveats=(*named.caveats, *_caveats(card), *found),
        suggestions=(
            said("Stock and requirements of [[material]]", material=named.thing.name),
            said("Where is [[material]] used?", material=named.thing.name),
            said(
                "What goes into [[material]]?" if card.master.is_made else "Who supplies [[material]]?",
                material=named.thing.name,
            ),
        ),
    )


async def _card(queries: Queries, thing: Thing) -> _Card:
    site = await site_by_code(queries.tx, thing.site)
    offers = await info_records(queries, site.site, site.today, material=thing.id)
    return _Card(
        thing,
        site,
        (await queries.rows(_Master, _MASTER, {"site": site.site, "material": thing.id}))[0],
        await stock_of(queries, site.site, thing.id),
        [offer for offer in offers if offer.is_valid],
        await receipts(queries, site.site, thing.id),
    )


def _master_data(card: _Card) -> Table:
    units: dict[ColumnKind, str] = {
        "money": card.master.currency or "",
        "quantity": card.unit,
        "days": "days",
    }
    columns: list[Column] = []
    cells: list[Cell] = []
    for name in _OF_MASTER:
        value: Cell = getattr(card.master, name)
        if value is None or name in ("currency", "base_unit"):
            continue
        label, kind = _LABELS.get(name, (name.replace("_", " ").capitalize(), "text"))
        if name in ("material_id", "number"):
            kind = "id"
        columns.append(Column(name, label, kind, "" if name == "weight" else units.get(kind, "")))
        cells.append(value)
    return table("Material", columns, [cells])


def _stock(card: _Card) -> Table:
    columns = (
        Column("location_id", "Location id", "id"),
        Column("location", "Location", "text"),
        Column("shelf", "Shelf", "id"),
        Column("bin", "Bin", "id"),
        Column("status", "Status", "text", words="status"),
        Column("quantity", "Quantity", "quantity", card.unit),
        Column("counted_on", "Counted on", "date"),
    )
    return table(
        "Stock by location",
        columns,
        (
            (row.location_id, row.location, row.shelf, row.bin, row.status, row.quantity, row.counted_on)
            for row in card.stock
        ),
    )


def _suppliers(card: _Card) -> Table:
    currencies = [offer.currency for offer in card.offers]
    own_currency = unit_column(currencies, "Currency")
    columns = (
        Column("supplier_id", "Supplier id", "id"),
        Column("supplier", "Supplier", "text"),
        Column("price", "Price", "money", common(currencies), good="down"),
        *own_currency,
        Column("lead_time_days", "Lead time", "days", "days", good="down"),
        Column("is_preferred", "Preferred", "flag"),
        Column("is_active", "Active", "flag"),
    )
    return table(
        "Suppliers, cheapest first",
        columns,
        (
            (
                offer.supplier_id,
                offer.supplier,
                offer.price,
                *((offer.currency,) if own_currency else ()),
                offer.lead_time_days,
                offer.is_preferred,
                offer.is_active,
            )
            for offer in card.offers
        ),
    )


def _orders(card: _Card) -> Table:
    columns = (
        Column("kind", "Kind", "text", words="kind"),
        Column("order_id", "Number", "id"),
        Column("supplier", "Supplier", "text"),
        Column("quantity", "Open quantity", "quantity", card.unit),
        Column("due", "Due", "date"),
        Column("status", "Status", "text", words="status"),
    )
    return table(
        "On order",
        columns,
        ((o.kind, o.order_id, o.partner or None, o.quantity, o.due, o.status or None) for o in card.orders),
        limit=_ORDERS_SHOWN,
    )


def _figures(card: _Card, proof: str) -> tuple[Figure, ...]:
    master = card.master
    figures = [
        figure("on hand, unrestricted", card.on_hand, "quantity", proof, card.unit),
        figure(
            "on order", sum((order.quantity for order in card.orders), ZERO), "quantity", proof, card.unit
        ),
    ]
    if master.standard_cost:
        value = card.on_hand * master.standard_cost
        figures.append(figure("stock value at standard cost", value, "money", proof, master.currency or ""))
    return tuple(figures)


def _sentence(card: _Card) -> str:
    text = said("{{tables[0].rows[0].name}}: {{figures[0]}} on hand, {{figures[1]}} on order.")
    if not card.master.standard_cost:
        return text
    return f"{text} {said('The stock is worth {{figures[2]}} at standard cost.')}"


def _caveats(card: _Card) -> list[str]:
    master, today = card.master, card.site.today
    found: list[str] = []
    if not master.standard_cost and card.stock:
        found.append(said("It has no standard cost, so its stock cannot be valued."))
    if master.reorder_point is not None and card.on_hand < master.reorder_point:
        found.append(said("Stock on hand is below the reorder point."))
    if master.safety_stock is not None and card.on_hand < master.safety_stock:
        found.append(said("Stock on hand is below safety stock."))
    if master.discontinued_on and master.discontinued_on <= today:
        found.append(said("It has been discontinued since [[day]].", day=day_text(master.discontinued_on)))
    elif master.sell_end_on and master.sell_end_on < today:
        found.append(said("It has not been sold since [[day]].", day=day_text(master.sell_end_on)))
    if master.is_made is False and not card.offers:
        found.append(said("It is bought, but no supplier has an info record for it."))
    late = sum(order.due is not None and order.due < today for order in card.orders)
    if late:
        found.append(
            counted(late, "[[number]] open order is overdue.", "[[number]] open orders are overdue.")
        )
    if not card.stock:
        found.append(said("There is no stock record; stock was taken as zero."))
    return found
