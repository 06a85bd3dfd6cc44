"""The lines of the ledger that were asked for, with their totals and how far the ledger reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from tools.arguments import Arguments, Period, SiteName, Text, first_day, last_day
from tools.naming import Kind, Named, Thing, one
from tools.presenting import common
from tools.registry import ToolContext
from tools.rows import PROVENANCE, Queries, SourcedRow

Scenario = Literal["actual", "plan", "forecast"]


class LedgerLines(Arguments):
    """Which lines of the ledger."""

    company: Text = Field(description="Company (organisation): its code or name, such as 'Central Division'.")
    account: Text = Field(
        description="Account: its code ('6200') or name ('Travel Transportation'). A summary account such as "
        "'Operating Expenses' takes in all accounts below it. Where a number is one account's code and "
        "another's id, write 'code:60' or 'id:60'."
    )
    period_from: Period | None = Field(
        None, description="First month ('2011-01') or day ('2011-01-15'); the beginning if left out."
    )
    period_to: Period | None = Field(
        None, description="Last month ('2011-03') or day, included; the end if left out."
    )
    scenario: Scenario = Field("actual", description="'actual', 'plan' (budget) or 'forecast'.")
    cost_centre: Text | None = Field(None, description="Only this cost centre (department): id or name.")
    limit: int = Field(50, ge=1, le=1000, description="At most so many lines; totals are over all of them.")
    site: SiteName = None

    @model_validator(mode="after")
    def _in_order(self) -> LedgerLines:
        if self.period_from and self.period_to and first_day(self.period_from) > last_day(self.period_to):
            raise ValueError("period_from lies after period_to")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line(SourcedRow):
    line_id: str
    posted_on: date
    company: str
    account_id: str
    account_code: str
    account: str
    cost_centre: str | None
    amount: Decimal
    currency: str
    document: str | None


@dataclass(frozen=True, slots=True)
class _Total:
    company: str
    account_id: str
    account_code: str
    account: str
    counts_against: bool
    is_money: bool
    is_balance: bool
    months: int
    currency: str
    amount: Decimal
    lines: int
    by_month: Decimal | None
    """The same from the sums that are kept by month; None where part of a month was asked for."""


@dataclass(frozen=True, slots=True)
class _Id:
    id: str


@dataclass(frozen=True, slots=True)
class _Reach:
    first_on: date | None
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Drill:
    """What was asked, by name, and what was found."""

    company: Named
    account: Named
    cost_centre: Named | None
    lines: list[_Line]
    totals: list[_Total]
    reach: _Reach

    @property
    def count(self) -> int:
        """Lines in all, also those beyond the limit."""
        return sum(total.lines for total in self.totals)

    @property
    def unit(self) -> str:
        """The currency of all amounts; empty where they differ or some are no money."""
        return common(total.currency if total.is_money else "" for total in self.totals)

    @property
    def adds_up(self) -> bool:
        """Whether one sum over all of it means something."""
        return len({(total.currency, total.is_money) for total in self.totals}) == 1


_COMPANIES = """
with recursive below(id) as (
    select %(top)s::text
    union select c.company from erp.company c join below on c.parent = below.id where c.site = %(site)s
) select id from below
"""
_ACCOUNTS = """
with recursive below(id) as (
    select %(top)s::text
    union select a.account_id from erp.account a join below on a.parent_id = below.id where a.site = %(site)s
) select id from below
"""
# Who belonged where on a day: the chart as it is now, but for what is on file of other times.
_ACCOUNTS_ON = """
with recursive chart as (
    select a.account_id, case when g.account_id is null then a.parent_id else g.parent_id end as parent_id
    from erp.account a
    left join erp.account_group g on g.site = a.site and g.account_id = a.account_id
     and g.valid_from <= %(on)s and (g.valid_to is null or g.valid_to >= %(on)s)
    where a.site = %(site)s
), below(id) as (
    select %(top)s::text
    union select c.account_id from chart c join below on c.parent_id = below.id
) select id from below
"""
# Arrays rather than the recursion itself, so that the ledger's index is used.
_WHERE = """
l.site = %(site)s and l.company = any(%(companies)s) and l.account_id = any(%(accounts)s)
and l.scenario = %(scenario)s and (%(cost_centre)s::text is null or l.cost_centre_id = %(cost_centre)s)
"""
_BETWEEN = """
and (%(from)s::date is null or l.posted_on >= %(from)s) and (%(to)s::date is null or l.posted_on <= %(to)s)
"""
_LINES = f"""
select l.line_id, l.posted_on, coalesce(c.name, l.company) as company, l.account_id,
       coalesce(a.code, '') as account_code, coalesce(a.name, l.account_id) as account,
       coalesce(k.name, l.cost_centre_id) as cost_centre, l.amount, l.currency, l.document,
       {PROVENANCE.format("l")}
from erp.ledger_line l
left join erp.company c on c.site = l.site and c.company = l.company
left join erp.account a on a.site = l.site and a.account_id = l.account_id
left join erp.cost_centre k on k.site = l.site and k.cost_centre_id = l.cost_centre_id
where {_WHERE} {_BETWEEN}
order by l.posted_on, length(l.line_id), l.line_id limit %(limit)s
"""
_TOTALS = f"""
with lines as (
    select l.company, l.account_id, l.currency, sum(l.amount) as amount, count(*) as lines,
           count(distinct date_trunc('month', l.posted_on)) as months
    from erp.ledger_line l where {_WHERE} {_BETWEEN} group by l.company, l.account_id, l.currency
), months as (
    select l.company, l.account_id, l.currency, sum(l.amount) as amount
    from erp.ledger_period l
    where %(whole_months)s and {_WHERE}
      and (%(from)s::date is null or l.month >= %(from)s) and (%(to)s::date is null or l.month <= %(to)s)
    group by l.company, l.account_id, l.currency
)
select coalesce(c.name, s.company) as company, s.account_id, coalesce(a.code, '') as account_code,
       coalesce(a.name, s.account_id) as account, coalesce(a.operator = '-', false) as counts_against,
       coalesce(a.value_type = 'Currency', true) as is_money,
       coalesce(a.kind in ('Assets', 'Liabilities', 'Balances'), false) as is_balance, s.months, s.currency,
       s.amount, s.lines, m.amount as by_month
from lines s
left join months m on m.company = s.company and m.account_id = s.account_id and m.currency = s.currency
left join erp.company c on c.site = %(site)s and c.company = s.company
left join erp.account a on a.site = %(site)s and a.account_id = s.account_id
order by company, account_code, account, s.currency
"""
_REACH = f"""
select min(l.month) as first_on, max(l.month) as last_on from erp.ledger_period l where {_WHERE}
"""


async def drilled(args: LedgerLines, context: ToolContext, queries: Queries) -> Drill:
    """What was asked, by name, and what the ledger has of it."""
    company = await one(context.tx, Kind.COMPANY, args.company, args.site)
    site = company.thing.site
    account = await one(context.tx, Kind.ACCOUNT, args.account, site)
    centre = await one(context.tx, Kind.COST_CENTRE, args.cost_centre, site) if args.cost_centre else None
    params: dict[str, object] = {
        "site": site,
        "companies": await _below(queries, _COMPANIES, company.thing),
        "accounts": await _below(queries, _ACCOUNTS, account.thing),
        "cost_centre": centre.thing.id if centre else None,
        "scenario": args.scenario,
        "from": first_day(args.period_from) if args.period_from else None,
        "to": last_day(args.period_to) if args.period_to else None,
        "whole_months": all(len(period) == 7 for period in (args.period_from, args.period_to) if period),
        "limit": args.limit,
    }
    return Drill(
        company,
        account,
        centre,
        await queries.rows(_Line, _LINES, params),
        await queries.rows(_Total, _TOTALS, params),
        (await queries.rows(_Reach, _REACH, params))[0],
    )


async def below_account(queries: Queries, account: Thing) -> list[str]:
    """Ids of an account and of all below it."""
    return await _below(queries, _ACCOUNTS, account)


async def below_account_on(queries: Queries, account: Thing, on: date) -> list[str]:
    """Ids of an account and of all that belonged below it on a day."""
    found = await queries.rows(_Id, _ACCOUNTS_ON, {"site": account.site, "top": account.id, "on": on})
    return [each.id for each in found]


async def below_company(queries: Queries, company: Thing) -> list[str]:
    """Ids of a company and of all below it that the caller sees."""
    return await _below(queries, _COMPANIES, company)


async def _below(queries: Queries, sql: str, top: Thing) -> list[str]:
    """Ids of a company or account and of all below it that the caller sees."""
    found = await queries.rows(_Id, sql, {"site": top.site, "top": top.id})
    return [each.id for each in found]
