"""Suppositions about prices: what products would cost, and what is left of the margin of open sales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from tools.engines.structure import ZERO, CircularStructure, Need, explode
from tools.errors import ToolError
from tools.evidence import shares
from tools.languages import said
from tools.languages.forms import day_text
from tools.naming import Kind, Site, one
from tools.planning import Book, Material, book_of
from tools.planning_scope import scope_of
from tools.presenting import table
from tools.results import Cell, Column, Table
from tools.rows import Queries
from tools.structures import lines_above, links
from tools.what_if.arguments import Supposition, WhatIf
from tools.what_if.compared import AS_IS, Compared, changed, digest, short
from tools.what_if.demand import structure_error

_SHOWN = 30
_CENT = Decimal("0.01")
_SALES = """
select l.material_id, sum(greatest(l.ordered - coalesce(l.delivered, 0), 0)) as quantity,
       sum(greatest(l.ordered - coalesce(l.delivered, 0), 0) * coalesce(l.unit_price, 0)) as amount
from erp.sales_line l where l.site = %(site)s group by l.material_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    material_id: str
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True)
class _Case:
    """One price and what hangs on it."""

    text: str
    material: Material
    label: str
    """The same in few words."""
    rise: Decimal
    """Of one."""
    required: Decimal
    needs: Sequence[Need]


async def prices_compared(
    queries: Queries, args: WhatIf, supposed: Sequence[Supposition], site: Site
) -> Compared:
    """What dearer or cheaper materials come to.

    Raises:
        ToolError: no material is called so, or it has no standard cost.
    """
    book = await book_of(queries, await scope_of(queries, site=site.site), whole=True)
    horizon = site.today + timedelta(days=args.horizon_days)
    notes: list[str] = []
    cases: list[_Case] = []
    for each in supposed:
        assert each.about is not None
        assert each.rise is not None
        named = await one(queries.tx, Kind.MATERIAL, each.about, site.site)
        notes += named.caveats
        material = book.materials.get((site.site, named.thing.id))
        if material is None or not material.standard_cost:
            raise ToolError(
                said("[[material]] has no standard cost that a price could change", material=named.thing)
            )
        lines = await lines_above(queries, site.site, named.thing.id, site.today, all_levels=True)
        try:
            needs = explode([link.turned() for link in links(lines)], named.thing.id)
        except CircularStructure as cycle:
            raise await structure_error(queries, site.site, cycle) from None
        required = -sum(
            (
                entry.quantity
                for entry in book.by_material.get(material.key, ())
                if entry.quantity < 0 and (entry.due is None or entry.due <= horizon)
            ),
            ZERO,
        )
        text = said("price of [[name]] [[change]]", name=named.thing, change=changed(each))
        rise = material.standard_cost * each.rise / 100
        cases.append(_Case(text, material, short(each), rise, required, needs))
    sales = {row.material_id: row for row in await queries.rows(_Open, _SALES, {"site": site.site})}
    queries.note(
        "costs rolled up by where-used on a copy in memory;"
        f" inputs sha256:{digest((*book.materials.values(), *sales.values()))}"
    )
    return Compared(
        site.site,
        (_compared(book, site, cases, sales), _products(book, site, cases)),
        "",
        tuple(case.text for case in cases),
        (
            *notes,
            said(
                "The price is taken to be the standard cost, and what a product costs to rise by just that:"
                " prices of the suppliers, other materials and work stay. Open requirements count up to"
                " [[day]], sales whatever their date.",
                day=day_text(horizon),
            ),
        ),
        tuple(
            dict.fromkeys(
                question
                for case in cases
                for question in (
                    said("Where is [[material]] used?", material=case.material.name),
                    said("Which suppliers offer [[material]]?", material=case.material.name),
                )
            )
        )[:3],
        (*shares("material", book.materials.values()), "bom_item", "sales_line"),
    )


def _compared(book: Book, site: Site, cases: Sequence[_Case], sales: dict[str, _Open]) -> Table:
    money = site.currency
    columns = (
        Column("case", "Case", "text"),
        Column("cost", "Cost of one", "money", money, good="down"),
        Column("required", "Cost of what is required", "money", money, good="down"),
        Column("margin", "Margin of open sales with it", "money", money, good="up"),
        Column("effect", "Margin effect", "money", money, good="up"),
        Column("products", "Products that it goes into", "count"),
    )
    rows: list[list[Cell]] = []
    for case in cases:
        cost = case.material.standard_cost or ZERO
        before = after = ZERO
        per = {case.material.material_id: Decimal(1), **{need.material: need.quantity for need in case.needs}}
        for id, each in per.items():
            material, sold = book.materials.get((site.site, id)), sales.get(id)
            if material is None or sold is None:
                continue
            before += sold.amount - sold.quantity * (material.standard_cost or ZERO)
            after += sold.amount - sold.quantity * ((material.standard_cost or ZERO) + case.rise * each)
        as_is = said(AS_IS) if len(cases) == 1 else f"{said(AS_IS)}: {case.material.name}"
        for text, of_one, margin in ((as_is, cost, before), (case.label, cost + case.rise, after)):
            rows.append(
                [
                    text,
                    of_one.quantize(Decimal("0.0001")),
                    (of_one * case.required).quantize(_CENT),
                    margin.quantize(_CENT),
                    (margin - before).quantize(_CENT),
                    len(case.needs),
                ]
            )
    return table("As is and as supposed", columns, rows)


def _products(book: Book, site: Site, cases: Sequence[_Case]) -> Table:
    money = site.currency
    columns = (
        Column("material_id", "Material id", "id"),
        Column("material", "Material", "text"),
        Column("case", "Case", "text"),
        Column("cost", "Cost as is", "money", money),
        Column("supposed", "Cost as supposed", "money", money, good="down"),
        Column("change", "Change", "percent", "%", good="down"),
    )
    rows: list[list[Cell]] = []
    for case in cases:
        for need in case.needs:
            material = book.materials.get((site.site, need.material))
            cost = (material.standard_cost if material else None) or ZERO
            rise = case.rise * need.quantity
            if material is None or not cost:
                continue
            rows.append(
                [
                    need.material,
                    material.name,
                    case.label,
                    cost.quantize(_CENT),
                    (cost + rise).quantize(_CENT),
                    (rise / cost * 100).quantize(Decimal("0.0001")),
                ]
            )
    rows.sort(key=lambda row: (-abs(Decimal(str(row[5]))), str(row[1])))
    return table("What products would cost", columns, rows[:_SHOWN], total=len(rows))


def price_sentence(first: int) -> str:
    """What the first price changes."""
    return said(
        "Supposed so, one costs {{tables[[[t]]].rows[1].cost}} instead of {{tables[[[t]]].rows[0].cost}}; the"
        " margin of open sales changes by {{tables[[[t]]].rows[1].effect}}.",
        t=first,
    )
