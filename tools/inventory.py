"""Stock and requirements: what is there, what will come, what will be taken, and when it runs out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName
from tools.data_findings import finding_caveats
from tools.engines.structure import ZERO
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Kind, Site, Thing, one, site_by_code
from tools.presenting import figure, several, table
from tools.registry import ToolContext, tool
from tools.requirements import Element, Stock, in_order, not_kept, receipts, requirements, stock_of
from tools.results import Column, Figure, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow
from tools.structures import Line

_VERSION = "1.0.0"


class StockAndRequirements(Arguments):
    """Which material, and how far ahead."""

    material: MaterialName
    horizon_days: int | None = Field(
        None,
        ge=0,
        le=3650,
        description="Only what is due within so many days from the site's today; all if left out.",
    )
    site: SiteName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Master(SourcedRow):
    unit: str
    safety_stock: Decimal | None
    reorder_point: Decimal | None


@dataclass(frozen=True, slots=True)
class _Step:
    element: Element
    available: Decimal | None
    """Running quantity after it; None for an undated one, which is not counted."""


@dataclass(frozen=True, slots=True)
class _Outlook:
    """The list with all that is said about it."""

    material: Thing
    site: Site
    master: _Master
    stock: list[Stock]
    steps: list[_Step]
    lines: list[Line]
    beyond: int
    """Elements after the horizon."""
    not_kept: tuple[str, ...]

    def on_hand(self, status: str) -> Decimal:
        return sum((row.quantity for row in self.stock if row.status == status), ZERO)

    @property
    def opening(self) -> Decimal:
        return self.on_hand("unrestricted")

    @property
    def dated(self) -> list[_Step]:
        return [step for step in self.steps if step.available is not None]

    @property
    def first_short(self) -> int | None:
        """Place in the list of the first element after which less than nothing is available."""
        return next(
            (at for at, step in enumerate(self.steps) if step.available is not None and step.available < 0),
            None,
        )

    @property
    def closing(self) -> Decimal:
        return next(
            (step.available for step in reversed(self.dated) if step.available is not None), self.opening
        )


_MASTER = f"""
select coalesce(m.base_unit, '') as unit, m.safety_stock, m.reorder_point, {PROVENANCE.format("m")}
from erp.material m where m.site = %(site)s and m.material_id = %(material)s
"""


@tool(
    name="stock_and_requirements",
    examples=(
        "Stock and requirements of Paint - Black",
        "When is ML Mountain Pedal available again?",
        "What is on order for HL Crankarm in the next 30 days?",
        "Does the stock of Chain Stays cover what is needed?",
    ),
    version=_VERSION,
)
async def stock_and_requirements(args: StockAndRequirements, context: ToolContext) -> ToolResult:
    """The stock/requirements list of a material: stock on hand, then receipts and requirements by date.

    Receipts are open production orders, open purchase order lines (pending approval or approved), planned
    orders and requisitions; requirements are reservations, open sales lines and what open and planned orders
    of assemblies need of the material. `available` is the running quantity from unrestricted stock; quality,
    blocked and transit stock is shown but not counted, nor is safety stock subtracted. Also says when it
    first runs short and what is overdue.

    Example: {"material": "Paint - Black", "horizon_days": 30}.
    """
    named = await one(context.tx, Kind.MATERIAL, args.material, args.site)
    queries = Queries(context.tx)
    outlook = await _outlook(queries, named.thing, args.horizon_days)
    found = await finding_caveats(queries, "material", named.thing)
    proof = await queries.evidence(
        tool="stock_and_requirements",
        version=_VERSION,
        arguments=args,
        records=[
            *shares("material", [outlook.master]),
            *shares("stock", outlook.stock),
            *(
                share
                for record in dict.fromkeys(step.element.record for step in outlook.steps)
                for share in shares(record, [s.element for s in outlook.steps if s.element.record == record])
            ),
            *shares("bom_item", outlook.lines),
        ],
        flags=(
            *remarks("stock rows", outlook.stock),
            *remarks("orders", [step.element for step in outlook.steps]),
        ),
        site=outlook.site.site,
    )
    return ToolResult(
        tool="stock_and_requirements",
        reading=_reading(args, outlook),
        tables=(_list(outlook), _by_status(outlook)),
        figures=_figures(outlook, proof.id),
        evidence=(proof,),
        sentence=_sentence(outlook),
        caveats=(*named.caveats, *_caveats(outlook), *found),
        suggestions=_suggestions(outlook),
    )


async def _outlook(queries: Queries, material: Thing, horizon_days: int | None) -> _Outlook:
    site = await site_by_code(queries.tx, material.site)
    params = {"site": site.site, "material": material.id}
    master = (await queries.rows(_Master, _MASTER, params))[0]
    stock = await stock_of(queries, site.site, material.id)
    coming = await receipts(queries, site.site, material.id)
    taking, lines = await requirements(queries, site.site, material.id, site.today)
    elements = in_order([*coming, *taking])
    end = date.max if horizon_days is None else _end(site, horizon_days)
    within = [element for element in elements if element.due is None or element.due <= end]
    running = sum((row.quantity for row in stock if row.status == "unrestricted"), ZERO)
    steps = []
    for element in within:
        running += ZERO if element.due is None else element.quantity
        steps.append(_Step(element, None if element.due is None else running))
    return _Outlook(
        material,
        site,
        master,
        stock,
        steps,
        lines,
        len(elements) - len(within),
        await not_kept(queries, site.site),
    )


def _reading(args: StockAndRequirements, outlook: _Outlook) -> str:
    site = outlook.site
    found = [
        said("Stock, receipts and requirements of [[thing]]", thing=outlook.material),
        said("today [[day]]", day=day_text(site.today)),
    ]
    if args.horizon_days is not None:
        found.append(said("up to [[day]]", day=day_text(_end(site, args.horizon_days))))
    return ", ".join([*found, said("at [[site]]", site=site.site)])


def _end(site: Site, horizon_days: int) -> date:
    return site.today + timedelta(days=horizon_days)


def _list(outlook: _Outlook) -> Table:
    unit = outlook.master.unit
    columns = (
        Column("date", "Date", "date"),
        Column("kind", "Receipt or requirement", "text", words="kind"),
        Column("order_id", "Number", "id"),
        Column("partner", "Supplier, customer or assembly", "text"),
        Column("quantity", "Quantity", "quantity", unit),
        Column("available", "Available", "quantity", unit, good="up"),
        Column("days_overdue", "Overdue", "days", "days", good="down"),
        Column("remark", "Remark", "text", words="remark"),
    )
    opening = (outlook.site.today, "stock on hand", None, None, outlook.opening, outlook.opening, None, None)
    return table(
        "Stock and requirements",
        columns,
        [
            opening,
            *(
                (
                    step.element.due,
                    step.element.kind,
                    step.element.order_id,
                    step.element.partner or None,
                    step.element.quantity,
                    step.available,
                    _days_overdue(outlook, step.element),
                    _remark(outlook, step) or None,
                )
                for step in outlook.steps
            ),
        ],
    )


def _days_overdue(outlook: _Outlook, element: Element) -> int | None:
    late = (outlook.site.today - element.due).days if element.due else 0
    return late if late > 0 else None


def _remark(outlook: _Outlook, step: _Step) -> str:
    pending = step.element.record == "purchase_line" and step.element.status == "pending"
    if step.available is None:
        return _REMARKS["undated", pending]
    if step.available < 0:
        return _REMARKS["short", pending]
    if outlook.master.safety_stock and step.available < outlook.master.safety_stock:
        return _REMARKS["low", pending]
    return _REMARKS["", pending]


_REMARKS = {
    ("undated", False): "no date, not counted",
    ("undated", True): "no date, not counted, not approved yet",
    ("short", False): "short",
    ("short", True): "not approved yet, short",
    ("low", False): "below safety stock",
    ("low", True): "not approved yet, below safety stock",
    ("", False): "",
    ("", True): "not approved yet",
}
"""What is said of a step, by what is wrong with it and whether its order waits for approval."""


def _by_status(outlook: _Outlook) -> Table:
    return table(
        "Stock by status",
        (
            Column("status", "Status", "text", words="status"),
            Column("quantity", "Quantity", "quantity", outlook.master.unit),
            Column("counted", "Counted as available", "flag"),
        ),
        [
            (status, outlook.on_hand(status), status == "unrestricted")
            for status in ("unrestricted", "quality", "blocked", "transit")
            if status == "unrestricted" or any(row.status == status for row in outlook.stock)
        ],
    )


def _figures(outlook: _Outlook, proof: str) -> tuple[Figure, ...]:
    unit = outlook.master.unit
    dated = [step.element.quantity for step in outlook.dated]
    figures = [
        figure("on hand, unrestricted", outlook.opening, "quantity", proof, unit),
        figure("receipts", sum((q for q in dated if q > 0), ZERO), "quantity", proof, unit),
        figure("requirements", -sum((q for q in dated if q < 0), ZERO), "quantity", proof, unit),
        figure("available at the end", outlook.closing, "quantity", proof, unit),
    ]
    if outlook.master.safety_stock is not None:
        figures.append(figure("safety stock", outlook.master.safety_stock, "quantity", proof, unit))
    return tuple(figures)


def _sentence(outlook: _Outlook) -> str:
    if not outlook.dated:
        return said("On hand are {{figures[0]}}; nothing dated is on order or required.")
    text = said(
        "On hand are {{figures[0]}}; receipts of {{figures[1]}} and requirements of {{figures[2]}} leave"
        " {{figures[3]}}."
    )
    if outlook.opening < 0:
        return f"{text} {said('Stock is short already.')}"
    if outlook.first_short is not None:
        # The opening stock is the list's row before all others.
        day = f"{{{{tables[0].rows[{outlook.first_short + 1}].date}}}}"
        return f"{text} {said('It runs short on [[day]].', day=day)}"
    if any(step.element.quantity < 0 for step in outlook.dated):
        return f"{text} {said('It does not run short.')}"
    return text


def _caveats(outlook: _Outlook) -> list[str]:
    found = []
    undated = [step.element.order_id for step in outlook.steps if step.element.due is None]
    if undated:
        found.append(
            counted(
                len(undated),
                "[[number]] order has no date and stayed out of the running quantity: [[orders]].",
                "[[number]] orders have no date and stayed out of the running quantity: [[orders]].",
                orders=several(undated),
            )
        )
    late = [step.element for step in outlook.steps if _days_overdue(outlook, step.element)]
    if late_receipts := [element.order_id for element in late if element.quantity > 0]:
        found.append(
            counted(
                len(late_receipts),
                "[[number]] receipt is overdue, and counted as if still to come.",
                "[[number]] receipts are overdue, and counted as if still to come.",
            )
        )
    pending = sum(step.element.status == "pending" for step in outlook.steps)
    if pending:
        found.append(
            counted(
                pending,
                "[[number]] purchase order line is counted although the order is not approved yet.",
                "[[number]] purchase order lines are counted although the order is not approved yet.",
            )
        )
    uncounted = sum((row.quantity for row in outlook.stock if row.status != "unrestricted"), ZERO)
    if uncounted:
        found.append(said("Stock in quality inspection, blocked or in transit is not counted as available."))
    if not outlook.stock:
        found.append(said("There is no stock record; stock was taken as zero."))
    if outlook.beyond:
        found.append(
            counted(
                outlook.beyond,
                "[[number]] receipt or requirement lies after the horizon.",
                "[[number]] receipts or requirements lie after the horizon.",
            )
        )
    if outlook.not_kept:
        kinds = ", ".join(map(said, outlook.not_kept))
        found.append(said("The source holds no [[kinds]], so none can show here.", kinds=kinds))
    return found


def _suggestions(outlook: _Outlook) -> tuple[str, ...]:
    name = outlook.material.name
    found = [
        said("Who supplies [[material]]?", material=name),
        said("Where is [[material]] used?", material=name),
    ]
    first = next((step.element for step in outlook.steps if step.element.record == "purchase_line"), None)
    if first:
        found.insert(0, said("Status of purchase order [[order]]", order=first.order_id))
    return tuple(found[:3])
