"""Stock that is there and may not be used: in transit, in quality inspection and blocked, in one view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, LiteralString, TypeAlias

from pydantic import Field

from tools.arguments import Arguments, SiteName
from tools.errors import NotRecorded
from tools.evidence import shares
from tools.languages import said
from tools.naming import all_sites, site_of
from tools.presenting import common, figure, table
from tools.registry import ToolContext, tool
from tools.results import Column, Figure, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow

_VERSION = "1.1.0"
_SHOWN = 60
Status: TypeAlias = Literal["transit", "quality", "blocked"]
_STATUSES: tuple[Status, ...] = ("transit", "quality", "blocked")
_CALLED: dict[frozenset[Status], LiteralString] = {
    frozenset(_STATUSES): "Stock in transit, in quality inspection and blocked",
    frozenset({"transit", "quality"}): "Stock in transit and in quality inspection",
    frozenset({"transit", "blocked"}): "Stock in transit and blocked",
    frozenset({"quality", "blocked"}): "Stock in quality inspection and blocked",
    frozenset({"transit"}): "Stock in transit",
    frozenset({"quality"}): "Stock in quality inspection",
    frozenset({"blocked"}): "Blocked stock",
}


class StockApart(Arguments):
    """Of which site, and in which of these ways it is not free."""

    site: SiteName = None
    statuses: tuple[Status, ...] = Field(
        (), description="Only stock in transit, in quality inspection or blocked; all three if left out."
    )

    @property
    def called(self) -> str:
        """What stock it is, in words."""
        return said(_CALLED[frozenset(self.statuses) or frozenset(_STATUSES)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Apart(SourcedRow):
    site: str
    number: str
    name: str
    status: str
    quantity: Decimal
    unit: str
    value: Decimal | None
    currency: str | None
    location: str
    batch: str
    reason: str | None
    since: datetime | None


_APART = f"""
select s.site, coalesce(m.number, s.material_id) as number, coalesce(m.name, '') as name, s.status,
       s.quantity, coalesce(m.base_unit, s.unit, '') as unit,
       round(s.quantity * m.standard_cost, 2) as value, m.currency,
       coalesce(l.name, s.location_id) as location, s.batch_id as batch, h.reason, h.placed_at as since,
       {PROVENANCE.format("s")}
from erp.stock s
left join erp.material m on m.site = s.site and m.material_id = s.material_id
left join erp.location l on l.site = s.site and l.location_id = s.location_id
left join lateral (
    select reason, placed_at from erp.quality_hold h
    where h.site = s.site and h.material_id = s.material_id and h.released_at is null
      and (coalesce(h.batch_id, '') in ('', s.batch_id)) and s.status in ('quality', 'blocked')
    order by placed_at limit 1) h on true
where s.site = any(%(sites)s) and s.status = any(%(statuses)s) and s.quantity <> 0
order by value desc nulls last, s.site, number, s.status
"""


@tool(
    name="stock_apart",
    examples=(
        "Which stock is in transit or blocked in Kassel?",
        "What stock can we not use, and what is it worth?",
        "Show stock in quality inspection, blocked and in transit in one list",
    ),
    version=_VERSION,
)
async def stock_apart(args: StockApart, context: ToolContext) -> ToolResult:
    """Stock that is not free to use: in transit, in quality inspection, blocked, with value and reason.

    Each with its place, batch, value at standard cost, and the open hold that names why. Stock of one
    material with what comes and goes is `stock_and_requirements`; what a held lot touches is `held_lot`.

    Example: {"site": "Kassel"}.
    """
    queries = Queries(context.tx)
    named = await site_of(context.tx, args.site)
    sites = [site.site for site in await all_sites(context.tx) if named in (None, site.site)]
    found = await queries.rows(_Apart, _APART, {"sites": sites, "statuses": list(args.statuses or _STATUSES)})
    if not found and not (await context.tx.fetch("select exists (select from erp.stock)")).rows[0][0]:
        raise NotRecorded(said("No stock is loaded, so that nobody can say what of it is not free."))
    proof = await queries.evidence(
        tool="stock_apart",
        version=_VERSION,
        arguments=args,
        records=[*shares("stock", found)] or ["stock"],
        site=sites[0] if len(sites) == 1 else None,
    )
    what = args.called
    return ToolResult(
        tool="stock_apart",
        reading=f"{what}, {said('at [[site]]', site=named)}" if named else what,
        tables=(_table(found, several_sites=len({each.site for each in found}) > 1),),
        figures=_figures(found, proof.id),
        evidence=(proof,),
        sentence=_sentence(args, found),
        caveats=_notes(found),
    )


def _sentence(args: StockApart, found: Sequence[_Apart]) -> str:
    if args.statuses:
        return (
            said("[[what]]: {{figures[0]}} items.", what=args.called)
            if found
            else said("There is no such stock.")
        )
    if not found:
        return said("All stock that is loaded is free to use.")
    return said(
        "{{figures[0]}} items of stock are not free to use: {{figures[1]}} in transit, {{figures[2]}} in"
        " quality inspection, {{figures[3]}} blocked."
    )


def _table(found: Sequence[_Apart], *, several_sites: bool) -> Table:
    currency = common(each.currency for each in found if each.value is not None)
    columns = (
        *((Column("site", "Site", "id"),) if several_sites else ()),
        Column("number", "Number", "id"),
        Column("name", "Name", "text"),
        Column("status", "Status", "text", words="status"),
        Column("quantity", "Quantity", "quantity", common(each.unit for each in found)),
        Column("unit", "Unit", "text"),
        *((Column("value", "Value", "money", currency),) if currency else ()),
        Column("location", "Location", "text"),
        Column("batch", "Batch", "id"),
        Column("reason", "Reason", "quote"),
        Column("since", "Since", "date"),
    )
    rows = [
        (
            *((each.site,) if several_sites else ()),
            each.number,
            each.name,
            each.status,
            each.quantity,
            each.unit,
            *((each.value,) if currency else ()),
            each.location,
            each.batch or None,
            each.reason,
            each.since.date() if each.since else None,
        )
        for each in found
    ]
    return table("Stock that is not free to use", columns, rows, limit=_SHOWN)


def _figures(found: Sequence[_Apart], proof: str) -> tuple[Figure, ...]:
    figures = [figure("items of stock", len(found), "count", proof)]
    for status in ("transit", "quality", "blocked"):
        figures.append(figure(status, sum(each.status == status for each in found), "count", proof))
    currency = common(each.currency for each in found if each.value is not None)
    if currency:
        total = sum((each.value for each in found if each.value is not None), Decimal(0))
        figures.append(figure("value", total, "money", proof, currency))
    return tuple(figures)


def _notes(found: Sequence[_Apart]) -> tuple[str, ...]:
    notes = [said("Values are at standard cost.")] if any(each.value is not None for each in found) else []
    if found and not common(each.currency for each in found if each.value is not None):
        notes.append(said("Values are in several currencies or unknown: ask for one site to see them."))
    if any(each.reason is None and each.status == "blocked" for each in found):
        notes.append(said("Where no reason stands, no open hold names one."))
    return tuple(notes)
