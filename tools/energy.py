"""Energy for a good unit, against what the same work took before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field

from tools.arguments import Arguments, SiteName, Text
from tools.errors import NotRecorded, ToolError
from tools.languages import said
from tools.naming import all_sites, site_of
from tools.presenting import figure, table
from tools.registry import ToolContext, tool
from tools.results import Column, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_SHOWN = 60
_WIDE = Decimal(10)
"""Percent off what was to be expected from which on it is told."""


class EnergyUse(Arguments):
    """Of which site and cost centre, and how far back."""

    site: SiteName = None
    cost_centre: Text | None = Field(None, description="Id of one cost centre only; all if left out.")
    months: int = Field(6, ge=1, le=24, description="Full months that are listed, the latest first.")


@dataclass(frozen=True, slots=True)
class _Month:
    site: str
    cost_centre: str
    name: str
    utility: str
    month: date
    used: Decimal
    unit: str
    good: Decimal
    minutes: Decimal


@dataclass(frozen=True, slots=True)
class _Set:
    """A month against the months before it."""

    of: _Month
    expected: Decimal | None
    """What the planned minutes of its good units took in the year before; None without such months."""

    @property
    def percent(self) -> Decimal | None:
        """How much more than expected."""
        return None if not self.expected else round(100 * (self.of.used - self.expected) / self.expected, 1)


_MONTHS = """
with made as (
    select w.site, coalesce(w.cost_centre_id, '') as cost_centre,
           date_trunc('month', c.ended_at)::date as month, sum(c.good) as good,
           sum(c.planned_minutes * c.good / nullif(c.good + coalesce(c.scrapped, 0), 0))
           as minutes
    from erp.operation_confirmation c
    join erp.work_centre w on w.site = c.site and w.work_centre_id = c.work_centre_id
    where c.site = any(%(sites)s) and c.ended_at is not null and c.good > 0
    group by 1, 2, 3
)
select u.site, u.cost_centre_id as cost_centre, coalesce(max(k.name), u.cost_centre_id) as name, u.utility,
       date_trunc('month', u.day)::date as month, sum(u.quantity) as used, max(u.unit) as unit,
       coalesce(max(m.good), 0) as good, coalesce(max(m.minutes), 0) as minutes
from erp.utility_use u
join erp.site s on s.site = u.site
left join erp.cost_centre k on k.site = u.site and k.cost_centre_id = u.cost_centre_id
left join made m on m.site = u.site and m.cost_centre = u.cost_centre_id
                and m.month = date_trunc('month', u.day)::date
where u.site = any(%(sites)s) and u.day < date_trunc('month', coalesce(s.as_of, now()))::date
  and (%(cost_centre)s::text is null or u.cost_centre_id = %(cost_centre)s)
group by u.site, u.cost_centre_id, u.utility, 5
order by u.site, u.cost_centre_id, u.utility, 5
"""


@tool(
    name="energy_use",
    examples=(
        "How much energy does a good unit take, against what was to be expected?",
        "Energy per good unit by cost centre",
        "Where do we use more energy than expected?",
    ),
    version=_VERSION,
)
async def energy_use(args: EnergyUse, context: ToolContext) -> ToolResult:
    """Energy used for a good unit by cost centre and month, against what the same work took before.

    Expected is what the planned minutes of the good units took in the twelve months before: another mix of
    products is no surprise then, scrap and idle running are. What machines' meters say now is
    `machine_values`; what energy cost is in the ledger.

    Example: {"site": "Monterrey", "months": 6}.
    """
    queries = Queries(context.tx)
    named = await site_of(context.tx, args.site)
    sites = [site.site for site in await all_sites(context.tx) if named in (None, site.site)]
    months = await queries.rows(_Month, _MONTHS, {"sites": sites, "cost_centre": args.cost_centre})
    if not months:
        if args.cost_centre is not None:
            raise ToolError(
                said("No use of energy is loaded of cost centre [[asked]].", asked=repr(args.cost_centre))
            )
        raise NotRecorded(said("No use of energy is loaded at a site that you see."))
    found = _latest(_against(months), args.months)
    proof = await queries.evidence(
        tool="energy_use",
        version=_VERSION,
        arguments=args,
        records=["utility_use", "operation_confirmation"],
        site=sites[0] if len(sites) == 1 else None,
    )
    told = [each for each in found if each.percent is not None]
    over = [each for each in told if each.percent is not None and each.percent >= _WIDE]
    what = said("Energy for a good unit, last [[months]] full months", months=args.months)
    return ToolResult(
        tool="energy_use",
        reading=f"{what}, {said('at [[site]]', site=named)}" if named else what,
        tables=(_table(found),),
        figures=(
            figure("months of cost centres", len(found), "count", proof.id),
            figure("well above expectation", len(over), "count", proof.id),
        ),
        evidence=(proof,),
        sentence=said(
            "In {{figures[1]}} of {{figures[0]}} months a cost centre used a tenth or more above what was to"
            " be expected for its good units."
        ),
        caveats=_notes(found, told),
    )


def _against(months: Sequence[_Month]) -> list[_Set]:
    found = []
    for each in months:
        before = [
            one
            for one in months
            if (one.site, one.cost_centre, one.utility) == (each.site, each.cost_centre, each.utility)
            and one.month < each.month
            and (each.month.year - one.month.year) * 12 + each.month.month - one.month.month <= 12
            and one.minutes > 0
        ]
        minutes = sum((one.minutes for one in before), Decimal(0))
        used = sum((one.used for one in before), Decimal(0))
        expected = used / minutes * each.minutes if len(before) >= 2 and minutes and each.minutes else None
        found.append(_Set(each, expected))
    return found


def _latest(found: Sequence[_Set], months: int) -> list[_Set]:
    """The last months, those far above expectation first within each."""
    shown = sorted({each.of.month for each in found})[-months:]
    return sorted(
        (each for each in found if each.of.month in shown),
        key=lambda each: (-each.of.month.toordinal(), -(each.percent or Decimal(-1000)), each.of.cost_centre),
    )


def _table(found: Sequence[_Set]) -> Table:
    several_sites = len({each.of.site for each in found}) > 1
    columns = (
        *((Column("site", "Site", "id"),) if several_sites else ()),
        Column("month", "Month", "date"),
        Column("name", "Cost centre", "text"),
        Column("utility", "Energy", "text", words="utility"),
        Column("used", "Used energy", "quantity", good="down"),
        Column("unit", "Unit", "text"),
        Column("good", "Good units", "quantity", good="up"),
        Column("each", "For a good unit", "ratio", good="down"),
        Column("expected", "Expected for a good unit", "ratio"),
        Column("percent", "Above expectation", "percent", "%", good="down"),
    )
    rows = [
        (
            *((each.of.site,) if several_sites else ()),
            each.of.month,
            each.of.name,
            each.of.utility,
            each.of.used,
            each.of.unit,
            each.of.good,
            round(each.of.used / each.of.good, 3) if each.of.good else None,
            round(each.expected / each.of.good, 3) if each.expected and each.of.good else None,
            each.percent,
        )
        for each in found
    ]
    return table("Energy for a good unit", columns, rows, limit=_SHOWN)


def _notes(found: Sequence[_Set], told: Sequence[_Set]) -> tuple[str, ...]:
    notes = [
        said(
            "Good units are those that operations of the cost centre confirmed; expected is what their"
            " planned minutes took in the twelve months before."
        )
    ]
    if len(told) < len(found):
        notes.append(said("Without two months before, or without good units, nothing is expected."))
    return tuple(notes)
