"""What the ledger has on a site's accounts in a period, and whether its own sums agree with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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


async def place_of(queries: Queries, site: str) -> Place:
    """The plant of that code."""
    return (await queries.rows(Place, _PLACE, {"site": site}))[0]


async def accounts_of(queries: Queries, site: str) -> list[Account]:
    """The plant's chart of accounts."""
    return await queries.rows(Account, _ACCOUNTS, {"site": site})


async def booked(
    queries: Queries, place: Place, first: date, last: date, accounts: list[str], *scenarios: str
) -> list[Booked]:
    """What was booked on these accounts, by cost centre and scenario."""
    return await queries.rows(
        Booked,
        _AMOUNTS,
        {
            "site": place.site,
            "company": place.company,
            "first": first,
            "last": last,
            "accounts": accounts,
            "scenarios": list(scenarios),
        },
    )


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
