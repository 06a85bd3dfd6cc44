"""What the ledger has on a site's accounts in a period, and whether its own sums agree with it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tools.errors import ToolError
from tools.languages import said
from tools.rows import Queries

_ACCOUNTS = """
select a.account_id, coalesce(a.code, a.account_id) as code, a.name, coalesce(a.kind, '') as kind,
       coalesce(a.value_type, 'Currency') as value_type, a.parent_id
from erp.account a where a.site = %(site)s order by 2
"""
_AMOUNTS = """
select account_id, coalesce(cost_centre_id, '') as cost_centre_id, scenario, currency, sum(amount) as amount,
       count(*) as lines
from erp.ledger_line
where site = %(site)s and company = %(company)s and posted_on between %(first)s and %(last)s
  and account_id = any(%(accounts)s) and scenario = any(%(scenarios)s)
group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""
# The same of calendar months from the sums that each load keeps.
_SUMS = """
select account_id, cost_centre_id, scenario, currency, sum(amount) as amount, sum(lines)::bigint as lines
from erp.ledger_period
where site = %(site)s and company = %(company)s and month between %(first)s and %(last)s
  and account_id = any(%(accounts)s) and scenario = any(%(scenarios)s)
group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""
_PERIOD = """
select starts_on, ends_on, status from erp.fiscal_period
where site = %(site)s and company = %(company)s and period = %(period)s
"""
_LATE = """
select count(*) as lines, coalesce(max(posted_at), now()) as last_at from erp.operation_confirmation c
join erp.production_order o on o.site = c.site and o.order_id = c.order_id
where c.site = %(site)s and o.end_on between %(first)s and %(last)s
  and (c.posted_at at time zone %(zone)s)::date > %(last)s
"""
_BALANCES = """
with own as (
    select source_system, month, account_id, scenario, currency, sum(lines) as lines, sum(amount) as amount
    from erp.ledger_balance
    where site = %(site)s and company in (%(company)s, '')
      and (month between %(first)s and %(last)s or month = '1900-01-01')
    group by 1, 2, 3, 4, 5
), here as (
    {here}
    group by 1, 2, 3, 4, 5
)
select to_char(month, 'YYYY-MM') as month, account_id, scenario, currency,
       coalesce(own.lines, 0)::bigint as own_lines, coalesce(here.lines, 0)::bigint as lines,
       coalesce(own.amount, 0) as own_amount, coalesce(here.amount, 0) as amount
from own full join here using (source_system, month, account_id, scenario, currency)
where coalesce(own.lines, 0) <> coalesce(here.lines, 0)
   or abs(coalesce(own.amount, 0) - coalesce(here.amount, 0)) >= 0.005
order by 1, 2, 3, 4
"""
_LINES_HERE = """
    select source_system, date_trunc('month', posted_on)::date as month, account_id, scenario, currency,
           count(*) as lines, sum(amount) as amount
    from erp.ledger_line
    where site = %(site)s and company = %(company)s and posted_on between %(first)s and %(last)s
"""
_SUMS_HERE = """
    select source_system, month, account_id, scenario, currency, sum(lines) as lines, sum(amount) as amount
    from erp.ledger_period
    where site = %(site)s and company = %(company)s and month between %(first)s and %(last)s
"""
_BALANCED = """
select exists (select from erp.ledger_balance where site = %(site)s) as is_known
"""
_PLACE = """
select s.site, s.name, s.company, s.currency, s.time_zone as zone,
       (coalesce(s.as_of, now()) at time zone s.time_zone)::date as today
from erp.site s where s.site = %(site)s
"""
_REACH = """
select min(month) as first_on, max(month) as last_on from erp.ledger_period
where site = %(site)s and company = %(company)s and scenario = 'actual'
"""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a site's chart."""

    account_id: str
    code: str
    name: str
    kind: str
    value_type: str
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class Booked:
    """What stands on an account and cost centre."""

    account_id: str
    cost_centre_id: str
    scenario: str
    currency: str
    amount: Decimal
    lines: int


@dataclass(frozen=True, slots=True)
class FiscalPeriod:
    """The days of a period, and whether it is open."""

    starts_on: date
    ends_on: date
    status: str


@dataclass(frozen=True, slots=True)
class Place:
    """A plant with its company."""

    site: str
    name: str
    company: str
    currency: str
    zone: str
    today: date


@dataclass(frozen=True, slots=True)
class _Late:
    lines: int


@dataclass(frozen=True, slots=True)
class Reach:
    """The months that the ledger has actual amounts of."""

    first_on: date | None
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Apart:
    """A month and account where the source's own balance is not what was loaded of it."""

    month: str
    account_id: str
    scenario: str
    currency: str
    own_lines: int
    lines: int
    own_amount: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class _Known:
    is_known: bool


async def apart(
    queries: Queries, place: Place, first: date, last: date, *, of_sums: bool = False
) -> list[Apart] | None:
    """Where the ledger is not what its source comes to in these months; None where that was never counted.

    Args:
        of_sums: look at the sums by month, for what is told from them: they have to come to it as well.
    """
    if not (await queries.rows(_Known, _BALANCED, {"site": place.site}))[0].is_known:
        return None
    months = {
        "site": place.site,
        "company": place.company,
        "first": first.replace(day=1),
        "last": last.replace(day=monthrange(last.year, last.month)[1]),
    }
    return await queries.rows(Apart, _BALANCES.format(here=_SUMS_HERE if of_sums else _LINES_HERE), months)


async def place_of(queries: Queries, site: str) -> Place:
    """The plant of that code."""
    return (await queries.rows(Place, _PLACE, {"site": site}))[0]


async def accounts_of(queries: Queries, site: str) -> list[Account]:
    """The plant's chart of accounts."""
    return await queries.rows(Account, _ACCOUNTS, {"site": site})


async def booked(
    queries: Queries,
    place: Place,
    first: date,
    last: date,
    accounts: list[str],
    *scenarios: str,
    from_sums: bool = False,
) -> list[Booked]:
    """What was booked on these accounts, by cost centre and scenario.

    Args:
        from_sums: from the sums by month where the days are those of whole ones: a year of a large ledger
            has hundreds of thousands of lines.
    """
    return await queries.rows(
        Booked,
        _SUMS if from_sums and is_whole_months(first, last) else _AMOUNTS,
        {
            "site": place.site,
            "company": place.company,
            "first": first,
            "last": last,
            "accounts": accounts,
            "scenarios": list(scenarios),
        },
    )


def is_whole_months(first: date, last: date) -> bool:
    """True where these days are calendar months, so that the sums by month hold them."""
    return first.day == 1 and (last + timedelta(days=1)).day == 1


def currency_of(found: Iterable[Booked], place: Place) -> str:
    """The currency of these amounts; the plant's own of none.

    Raises:
        ToolError: they are kept in several, and cannot be added up as they stand.
    """
    currencies = sorted({each.currency for each in found})
    if len(currencies) > 1:
        raise ToolError(
            said(
                "these accounts are kept in several currencies: [[currencies]]; ask for them in one of these",
                currencies=", ".join(currencies),
            )
        )
    return currencies[0] if currencies else place.currency


async def fiscal_period(queries: Queries, place: Place, period: str) -> FiscalPeriod | None:
    """The company's own period of that name; None where it keeps no periods."""
    found = await queries.rows(
        FiscalPeriod, _PERIOD, {"site": place.site, "company": place.company, "period": period}
    )
    return found[0] if found else None


async def late_confirmations(queries: Queries, place: Place, first: date, last: date) -> int:
    """Confirmations of orders that ended in these days and reached the system after them."""
    found = await queries.rows(
        _Late, _LATE, {"site": place.site, "first": first, "last": last, "zone": place.zone}
    )
    return found[0].lines


async def reach_of(queries: Queries, place: Place) -> Reach:
    """The first and last month with actual amounts."""
    return (await queries.rows(Reach, _REACH, {"site": place.site, "company": place.company}))[0]
