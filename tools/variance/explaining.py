"""Explains a plant's variances of a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from tools.errors import ToolError
from tools.languages import said
from tools.rows import Queries
from tools.variance.accounts import Role, roles_of
from tools.variance.causes import Cause, told
from tools.variance.contributions import ZERO, Contribution, summed
from tools.variance.explanation import (
    Comparison,
    Explanation,
    Line,
    driver_lines,
    material,
    tied,
    with_centres,
)
from tools.variance.ledger import (
    Account,
    Booked,
    Place,
    accounts_of,
    booked,
    currency_of,
    fiscal_period,
    late_confirmations,
    reach_of,
)
from tools.variance.orders import Doubts, order_contributions
from tools.variance.shop import shop_of
from tools.variance.standards import standards_of
from tools.variance.stock import stock_contributions

_POSTINGS = """
select l.line_id, l.posted_on, l.account_id, l.amount, coalesce(l.document, l.line_id) as document
from erp.ledger_line l
where l.site = %(site)s and l.company = %(company)s and l.scenario = 'actual'
  and l.account_id = any(%(accounts)s) and l.posted_on = any(%(days)s)
  and (%(cost_centres)s::text[] is null or l.cost_centre_id = any(%(cost_centres)s))
order by abs(l.amount) desc, l.line_id
"""
_BY_DAY = """
select posted_on, account_id, sum(amount) as amount from erp.ledger_line
where site = %(site)s and company = %(company)s and scenario = 'actual' and account_id = any(%(accounts)s)
  and posted_on between %(first)s and %(last)s
  and (%(cost_centres)s::text[] is null or cost_centre_id = any(%(cost_centres)s))
group by 1, 2
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be explained."""

    place: Place
    months: tuple[str, ...]
    """Periods as `2025-10`, one after the other."""
    product: str | None = None
    cost_centres: tuple[str, ...] | None = None
    """Only these; None for all, and for what is booked on none."""
    accounts: tuple[str, ...] | None = None
    """Only these accounts; None for all that hold variances."""
    accounts_then: tuple[str, ...] | None = None
    """Those meant at the time compared with, where accounts changed their group; None: the same."""
    least: Decimal | None = None
    """Amount from which a driver is told by itself; None for the usual share."""

    from_sums: bool = False
    """True where the sums by month will do for amounts, as they do for several companies together."""

    def holds(self, cost_centre: str | None) -> bool:
        """True of what stands on a cost centre that is asked about."""
        return self.cost_centres is None or cost_centre in self.cost_centres


@dataclass(frozen=True, slots=True)
class _Posting:
    line_id: str
    posted_on: date
    account_id: str
    amount: Decimal
    document: str


@dataclass(frozen=True, slots=True)
class _DaySum:
    posted_on: date
    account_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Base:
    """What a period's explanation rests on: ledger and records of one scope."""

    first: date
    last: date
    status: str
    chart: tuple[Account, ...]
    roles: dict[str, Role]
    booked: tuple[Booked, ...]
    parts: tuple[Contribution, ...]
    output: Decimal
    orders: int
    doubts: Doubts
    currency: str
    """In which the ledger keeps these accounts."""


async def explained(queries: Queries, scope: Scope) -> Explanation:
    """Why a plant was over or under standard.

    Raises:
        ToolError: the period lies outside the ledger, or the chart has no account that holds variances.
    """
    base = await base_of(queries, scope)
    by_ledger = scope.product is None
    ledger = sum((each.amount for each in base.booked), ZERO)
    total = ledger if by_ledger else summed(base.parts)
    codes = {base.roles[a.account_id]: a.code for a in reversed(base.chart) if a.account_id in base.roles}
    accounts = tied(base.chart, base.roles, base.booked, base.parts) if by_ledger else ()
    rest = total - summed(base.parts)
    lines = material(driver_lines(base.parts, codes), rest, scope.least)
    lines = await _with_causes(queries, scope, base, lines)
    late = await late_confirmations(queries, scope.place, base.first, base.last)
    return Explanation(
        replace(scope.place, currency=base.currency), "standard", base.first, base.last, base.status,
        total, base.output, lines, accounts, base.orders, late, base.doubts,
        caveats=() if by_ledger else (
            said("The ledger knows no products: these are the amounts of its orders, receipts and counts."),
        ),
        actual=base.output + total, reference=base.output,
    )  # fmt: skip


async def days_of(queries: Queries, place: Place, months: Sequence[str]) -> tuple[date, date, str]:
    """First and last day of periods, and their status; calendar months where the company keeps no periods."""
    statuses: list[str] = []
    days: list[date] = []
    for month in months:
        period = await fiscal_period(queries, place, month)
        first = date.fromisoformat(f"{month}-01")
        last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        if period is not None:
            first, last = period.starts_on, period.ends_on
            statuses.append(period.status)
        days += [first, last]
    order = ("open", "soft_closed", "closed")
    status = min(statuses, key=order.index) if statuses else ""
    if max(days) > place.today:
        status = "running"
    return min(days), max(days), status


async def base_of(queries: Queries, scope: Scope, *, every_account: bool = False) -> Base:
    """Ledger and records of a scope.

    Args:
        every_account: where other accounts than those that hold variances are asked about as well.

    Raises:
        ToolError: the period lies outside the ledger, or the chart has no account that holds variances.
    """
    place = scope.place
    first, last, status = await days_of(queries, place, scope.months)
    chart = tuple(await accounts_of(queries, place.site))
    roles = roles_of((each.account_id, each.name) for each in chart)
    if not roles and not every_account:
        raise ToolError(
            said(
                "the chart of accounts of [[site]] has no account for variances, such as scrap or"
                " production variance",
                site=place.name,
            )
        )
    reach = await reach_of(queries, place)
    if reach.first_on is None or reach.last_on is None or first > place.today or last < reach.first_on:
        raise ToolError(_outside(place, reach.first_on, reach.last_on))
    wanted = [a for a in roles if scope.accounts is None or a in scope.accounts]
    if not wanted:
        if not every_account:
            raise ToolError(said("none of these accounts holds variances against standard"))
        return Base(first, last, status, chart, {}, (), (), ZERO, 0, Doubts(), place.currency)
    roles = {account: roles[account] for account in wanted}
    everything = await booked(queries, place, first, last, wanted, "actual", from_sums=scope.from_sums)
    currency = currency_of(everything, place)
    lines = [each for each in everything if scope.holds(each.cost_centre_id)]
    standards = await standards_of(queries, place.site)
    made, shop = await shop_of(queries, standards, place.site, first, last, scope.product)
    doubts = Doubts()
    parts = [part for order in made for part in order_contributions(order, shop, doubts)]
    parts += await stock_contributions(queries, standards, place.site, first, last, scope.product)
    parts = [
        part
        for part in with_centres(parts, lines, roles)
        if part.role in roles.values() and scope.holds(part.cost_centre)
    ]
    output = sum(
        (each.stocked * (shop.standards.on(each.material_id, each.end_on) or ZERO) for each in made), ZERO
    )
    return Base(
        first, last, status, chart, roles, tuple(lines), tuple(parts), output, len(made), doubts, currency
    )


def _outside(place: Place, first: date | None, last: date | None) -> str:
    if first is None or last is None:
        return said("[[site]] has no actual amounts in its ledger", site=place.name)
    return said(
        "the ledger of [[site]] has actual amounts from [[first]] to [[last]]",
        site=place.name,
        first=f"{first:%Y-%m}",
        last=f"{last:%Y-%m}",
    )


async def _with_causes(queries: Queries, scope: Scope, base: Base, lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines with named causes; what no record explains with the postings that it lies in."""
    flat = [cause for line in lines for cause in line.causes]
    place = scope.place
    named = iter(await told(queries, place.site, place.zone, base.first, base.last, flat))
    found = [replace(line, causes=tuple(next(named) for _ in line.causes)) for line in lines]
    return tuple(
        [
            replace(line, causes=await postings_without_record(queries, scope, base))
            if line.kind == "unexplained"
            else line
            for line in found
        ]
    )


async def postings_without_record(queries: Queries, scope: Scope, base: Base) -> tuple[Cause, ...]:
    """The ledger's lines on the days on which ledger and records differ, that make up the difference."""
    asked: dict[str, object] = {
        "site": scope.place.site,
        "company": scope.place.company,
        "first": base.first,
        "last": base.last,
        "accounts": list(base.roles),
        "cost_centres": list(scope.cost_centres) if scope.cost_centres is not None else None,
    }
    left: dict[tuple[Role, date], Decimal] = defaultdict(Decimal)
    for each in await queries.rows(_DaySum, _BY_DAY, asked):
        left[base.roles[each.account_id], each.posted_on] += each.amount
    for part in base.parts:
        left[part.role, part.on] -= part.amount
    open_days = {key: amount for key, amount in left.items() if amount}
    days = sorted({day for _, day in open_days})
    postings = await queries.rows(_Posting, _POSTINGS, {**asked, "days": days})
    gross = sum((abs(amount) for amount in open_days.values()), ZERO)
    found = []
    for (role, day), amount in sorted(open_days.items(), key=lambda item: (-abs(item[1]), item[0][1])):
        own = [p for p in postings if p.posted_on == day and base.roles[p.account_id] == role]
        line = next((p for p in own if p.amount == amount), None)
        found.append(
            Cause(
                "posting",
                line.document if line else "",
                day.isoformat(),
                amount,
                abs(amount) / gross,
                (("ledger_line", line.line_id),) if line else (("day", day.isoformat()),),
            )
        )
    return tuple(found[:3])


__all__ = ["Base", "Comparison", "Scope", "base_of", "days_of", "explained"]
