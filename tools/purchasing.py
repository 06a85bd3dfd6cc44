"""Suppliers and what they offer: the info records of purchasing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName, SupplierName
from tools.data_findings import finding_caveats
from tools.evidence import keyed, remarks, shares
from tools.languages import counted, said
from tools.naming import Kind, Named, one, site_by_code
from tools.presenting import common, figure, table, unit_column
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, SourceShare, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow

_VERSION = "1.0.0"


class SuppliersOf(Arguments):
    """Which material, and which of its suppliers."""

    material: MaterialName
    limit: int | None = Field(
        None,
        ge=1,
        le=500,
        description="Only the cheapest so many; equal prices at the end are kept. 1: the cheapest.",
    )
    fastest_first: bool = Field(
        False, description="By lead time instead of price; `limit` is then the fastest so many."
    )
    active_only: bool = Field(False, description="Leave out suppliers that are no longer active.")
    site: SiteName = None


class SuppliedBy(Arguments):
    """Which supplier, and how much of the list."""

    supplier: SupplierName
    limit: int = Field(200, ge=1, le=2000, description="At most so many materials.")
    site: SiteName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InfoRecord(SourcedRow):
    """What a supplier asks for a material."""

    material_id: str
    material_number: str
    material: str
    supplier_id: str
    supplier: str
    price: Decimal | None
    currency: str | None
    lead_time_days: Decimal | None
    minimum_order: Decimal | None
    maximum_order: Decimal | None
    unit: str | None
    last_price: Decimal | None
    last_receipt_on: date | None
    on_order: Decimal | None
    is_preferred: bool | None
    is_active: bool | None
    credit_rating: int | None
    is_valid: bool
    supplier_key: str | None
    material_key: str | None


_INFO_RECORDS = f"""
select i.material_id, coalesce(m.number, '') as material_number, coalesce(m.name, i.material_id) as material,
       i.supplier_id, coalesce(s.name, i.supplier_id) as supplier, i.standard_price as price, i.currency,
       i.lead_time_days, i.minimum_order, i.maximum_order, i.unit, i.last_price, i.last_receipt_on,
       i.on_order, s.is_preferred, s.is_active, s.credit_rating,
       (i.valid_from is null or i.valid_from <= %(on)s)
       and (i.valid_to is null or i.valid_to >= %(on)s) as is_valid,
       s.source_key as supplier_key, m.source_key as material_key, {PROVENANCE.format("i")}
from erp.info_record i
left join erp.supplier s on s.site = i.site and s.supplier_id = i.supplier_id
left join erp.material m on m.site = i.site and m.material_id = i.material_id
where i.site = %(site)s and i.{{column}} = %(id)s
order by {{order}}
"""
_TERMS = (
    Column("is_preferred", "Preferred", "flag"),
    Column("is_active", "Active", "flag"),
    Column("credit_rating", "Credit rating (5 is worst)", "count", good="down"),
)


async def info_records(queries: Queries, site: str, on: date, *, material: str) -> list[InfoRecord]:
    """What each supplier asks for a material, cheapest first, whether or not it is valid on the day."""
    sql = _INFO_RECORDS.format(
        column="material_id",
        order="i.standard_price nulls last, i.lead_time_days nulls last, supplier, i.supplier_id",
    )
    return await queries.rows(InfoRecord, sql, {"site": site, "id": material, "on": on})


@tool(
    name="suppliers_of",
    examples=(
        "Who supplies Chainring Bolts?",
        "Who is the cheapest vendor for Chainring Bolts, with minimum and maximum order quantity?",
        "Lead time of the suppliers of Paint - Black",
        "Which supplier delivers Chainring Bolts fastest?",
    ),
    version=_VERSION,
)
async def suppliers_of(args: SuppliersOf, context: ToolContext) -> ToolResult:
    """The suppliers of a material, cheapest or fastest first: price, lead time, order limits, last receipt.

    These are purchasing's info records: the agreed price for one order unit, the planned delivery time in
    days, and the least and most that may be ordered at once. `limit=1` gives the cheapest, with others of
    the same price.

    Example: {"material": "Chainring Bolts", "limit": 1} -> Bike Satellite Inc., 43.21 USD, 17 days, 1 to 5.
    """
    named = await one(context.tx, Kind.MATERIAL, args.material, args.site)
    site = await site_by_code(context.tx, named.thing.site)
    queries = Queries(context.tx)
    found = await info_records(queries, site.site, site.today, material=named.thing.id)
    valid = [record for record in found if record.is_valid]
    offered = [record for record in valid if record.is_active or not args.active_only]
    if args.fastest_first:
        offered.sort(key=lambda record: (record.lead_time_days is None, record.lead_time_days or 0))
    shown = _first(offered, args)
    proof = await queries.evidence(
        tool="suppliers_of",
        version=_VERSION,
        arguments=args,
        records=_sources(found),
        flags=remarks("info records", found),
        site=site.site,
    )
    return ToolResult(
        tool="suppliers_of",
        reading=_reading(args, named),
        tables=(_offers(shown, len(offered), args),),
        figures=_supplier_figures(offered, proof.id),
        evidence=(proof,),
        sentence=_fastest_sentence(offered) if args.fastest_first else _suppliers_sentence(offered),
        caveats=(*named.caveats, *_caveats(found, offered)),
        suggestions=(
            said("Purchase price history of [[material]]", material=named.thing.name),
            said("When is [[material]] available?", material=named.thing.name),
            *(said("What does [[supplier]] supply?", supplier=record.supplier) for record in shown[:1]),
        ),
    )


@tool(
    name="supplied_by",
    examples=("What does Superior Bicycles supply?", "Which materials do we buy from vendor 1576?"),
    version=_VERSION,
)
async def supplied_by(args: SuppliedBy, context: ToolContext) -> ToolResult:
    """What a supplier offers: each material with price, lead time in days, order limits and last receipt.

    Example: {"supplier": "Bike Satellite Inc."} -> the materials that this vendor has info records for, by
    name.
    """
    named = await one(context.tx, Kind.SUPPLIER, args.supplier, args.site)
    site = await site_by_code(context.tx, named.thing.site)
    queries = Queries(context.tx)
    sql = _INFO_RECORDS.format(column="supplier_id", order="material, i.material_id")
    found = await queries.rows(InfoRecord, sql, {"site": site.site, "id": named.thing.id, "on": site.today})
    offered = [record for record in found if record.is_valid]
    proof = await queries.evidence(
        tool="supplied_by",
        version=_VERSION,
        arguments=args,
        records=_sources(found),
        flags=remarks("info records", found),
        site=site.site,
    )
    return ToolResult(
        tool="supplied_by",
        reading=", ".join(
            (
                said("Materials that [[supplier]] supplies", supplier=named.thing),
                said("at [[site]]", site=site.site),
            )
        ),
        tables=(_assortment(offered, args.limit),),
        figures=(figure("materials", len(offered), "count", proof.id),),
        evidence=(proof,),
        sentence=_supplied_sentence(len(offered)),
        caveats=(
            *named.caveats,
            *await _supplier_caveats(queries, named),
            *_caveats(found, offered),
            *await finding_caveats(queries, "supplier", named.thing),
        ),
        suggestions=tuple(
            said("Who supplies [[material]]?", material=record.material) for record in offered[:2]
        ),
    )


def _reading(args: SuppliersOf, named: Named) -> str:
    found = [said("Suppliers of [[thing]]", thing=named.thing)]
    if args.fastest_first:
        several = "the [[number]] fastest"
        first = said("fastest first") if args.limit is None else counted(args.limit, "the fastest", several)
        found.append(first)
    elif args.limit is None:
        found.append(said("cheapest first"))
    else:
        found.append(counted(args.limit, "the cheapest", "the [[number]] cheapest"))
    found += [said("active ones only")] if args.active_only else []
    return ", ".join([*found, said("at [[site]]", site=named.thing.site)])


def _sources(found: list[InfoRecord]) -> list[str | SourceShare]:
    if not found:
        return ["info_record"]
    return [
        *shares("info_record", found),
        *keyed("supplier", ((record.source_system, record.supplier_key) for record in found)),
        *keyed("material", ((record.source_system, record.material_key) for record in found)),
    ]


def _first(offered: list[InfoRecord], args: SuppliersOf) -> list[InfoRecord]:
    """The first so many, with those that are as cheap or as fast as the last of them."""
    if args.limit is None or len(offered) <= args.limit:
        return offered

    def rank(record: InfoRecord) -> Decimal | None:
        return record.lead_time_days if args.fastest_first else record.price

    last = rank(offered[args.limit - 1])
    return [record for place, record in enumerate(offered) if place < args.limit or rank(record) == last]


def _offers(shown: list[InfoRecord], total: int, args: SuppliersOf) -> Table:
    columns, cells = _terms(shown)
    return table(
        "Suppliers, fastest first" if args.fastest_first else "Suppliers, cheapest first",
        (
            Column("material_id", "Material id", "id"),
            Column("supplier_id", "Supplier id", "id"),
            Column("supplier", "Supplier", "text"),
            *columns,
            *_TERMS,
        ),
        (
            (
                record.material_id,
                record.supplier_id,
                record.supplier,
                *terms,
                record.is_preferred,
                record.is_active,
                record.credit_rating,
            )
            for record, terms in zip(shown, cells, strict=True)
        ),
        total=total,
    )


def _assortment(offered: list[InfoRecord], limit: int) -> Table:
    columns, cells = _terms(offered)
    return table(
        "Materials",
        (
            Column("material_id", "Material id", "id"),
            Column("number", "Number", "id"),
            Column("material", "Material", "text"),
            *columns,
        ),
        (
            (record.material_id, record.material_number, record.material, *terms)
            for record, terms in zip(offered, cells, strict=True)
        ),
        limit=limit,
    )


def _terms(records: list[InfoRecord]) -> tuple[list[Column], list[list[Cell]]]:
    """Columns of prices, times and order limits, with their cells."""
    currency = common(record.currency for record in records)
    own_currency = unit_column([record.currency for record in records], "Currency")
    unit = common(record.unit for record in records)
    own_unit = unit_column([record.unit for record in records], "Order unit")
    columns = [
        Column("price", "Price", "money", currency, good="down"),
        *own_currency,
        Column("lead_time_days", "Lead time", "days", "days", good="down"),
        Column("minimum_order", "Minimum order", "quantity", unit),
        Column("maximum_order", "Maximum order", "quantity", unit),
        *(Column("unit", "Order unit", "text") for _ in own_unit),
        Column("last_price", "Last price", "money", currency, good="down"),
        Column("last_receipt_on", "Last receipt", "date"),
        Column("on_order", "On order", "quantity", unit),
    ]
    rows: list[list[Cell]] = []
    for record in records:
        row: list[Cell] = [record.price]
        row += [record.currency] if own_currency else []
        row += [record.lead_time_days, record.minimum_order, record.maximum_order]
        row += [record.unit] if own_unit else []
        row += [record.last_price, record.last_receipt_on, record.on_order]
        rows.append(row)
    return columns, rows


def _supplier_figures(offered: list[InfoRecord], proof: str) -> tuple[Figure, ...]:
    figures = [figure("suppliers", len(offered), "count", proof)]
    priced = [record for record in offered if record.price is not None]
    if priced:
        cheapest = min(priced, key=lambda record: record.price or 0)
        assert cheapest.price is not None
        figures.append(figure("lowest price", cheapest.price, "money", proof, cheapest.currency or ""))
    return tuple(figures)


def _fastest_sentence(offered: list[InfoRecord]) -> str:
    if not offered or offered[0].lead_time_days is None:
        return said("No supplier of it has a lead time on record.")
    text = counted(len(offered), "{{figures[0]}} supplier offers it.", "{{figures[0]}} suppliers offer it.")
    return f"{text} " + said(
        "Fastest is {{tables[0].rows[0].supplier}} with a lead time of {{tables[0].rows[0].lead_time_days}}."
    )


def _suppliers_sentence(offered: list[InfoRecord]) -> str:
    if not offered:
        return said("No supplier has an info record for it.")
    cheapest = offered[0]
    if cheapest.price is None:
        return counted(
            len(offered),
            "{{figures[0]}} supplier offers it, without a price.",
            "{{figures[0]}} suppliers offer it, without a price.",
        )
    text = counted(len(offered), "{{figures[0]}} supplier offers it.", "{{figures[0]}} suppliers offer it.")
    return f"{text} " + said(
        "Cheapest is {{tables[0].rows[0].supplier}} at {{tables[0].rows[0].price}}."
        if cheapest.lead_time_days is None
        else "Cheapest is {{tables[0].rows[0].supplier}} at {{tables[0].rows[0].price}},"
        " with a lead time of {{tables[0].rows[0].lead_time_days}}."
    )


def _supplied_sentence(offered: int) -> str:
    if not offered:
        return said("No info record names it as a supplier.")
    return counted(offered, "It supplies {{figures[0]}} material.", "It supplies {{figures[0]}} materials.")


def _caveats(found: list[InfoRecord], offered: list[InfoRecord]) -> list[str]:
    found_here: list[str] = []
    if len({record.currency for record in offered if record.price is not None}) > 1:
        found_here.append(
            said("Prices are in several currencies and were ordered by their numbers, not converted.")
        )
    if len({record.unit for record in offered}) > 1:
        found_here.append(said("Prices are per order unit, and the order units differ."))
    expired = sum(not record.is_valid for record in found)
    if expired:
        found_here.append(
            counted(
                expired,
                "[[number]] info record not valid today stayed out of the list.",
                "[[number]] info records not valid today stayed out of the list.",
            )
        )
    return found_here


async def _supplier_caveats(queries: Queries, named: Named) -> tuple[str, ...]:
    found = await queries.tx.fetch(
        "select is_active from erp.supplier where site = %(site)s and supplier_id = %(id)s",
        {"site": named.thing.site, "id": named.thing.id},
    )
    if (False,) not in found.rows:
        return ()
    return (said("[[supplier]] is no longer an active supplier.", supplier=named.thing),)
