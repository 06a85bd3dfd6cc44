"""What one unit of a company's currency is worth in another, month by month, as its own site quotes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from tools.rows import Queries
from tools.variance.ledger import Place

Quoted: TypeAlias = Literal["average", "plan"]
"""Mean of the days of a month, or the rate that its year was planned at."""
_PLACES = Decimal("1e-12")
_ONE = Decimal(1)

_PERIODS = """
select site, company, period, starts_on, ends_on, status from erp.fiscal_period
where site = any(%(sites)s) and company = any(%(companies)s) and period = any(%(periods)s)
"""
_QUOTES = """
select a.site, a.month, f.to_currency as currency,
       avg(f.average_rate) filter (
           where f.average_rate > 0 and f.valid_on between a.first and a.last) as average,
       (array_agg(f.plan_rate order by f.valid_on) filter (where f.plan_rate > 0
           and extract(year from f.valid_on) = extract(year from a.month)))[1] as plan
from unnest(%(sites)s::text[], %(months)s::date[], %(firsts)s::date[], %(lasts)s::date[])
     as a (site, month, first, last)
join erp.site s on s.site = a.site
join erp.fx_rate f on f.site = a.site and f.from_currency = s.currency and f.to_currency = any(%(currencies)s)
 and f.valid_on between least(a.first, date_trunc('year', a.month)::date)
                    and greatest(a.last, (date_trunc('year', a.month) + interval '1 year - 1 day')::date)
group by a.site, a.month, f.to_currency order by a.site, a.month, f.to_currency
"""


@dataclass(frozen=True, slots=True)
class Span:
    """A month of a company: the days that its own calendar gives it, and whether it is closed."""

    place: Place
    month: str
    first: date
    last: date
    status: str

    @property
    def day(self) -> date:
        """The first of the calendar month that it is called after."""
        return date.fromisoformat(f"{self.month}-01")

    @property
    def is_calendar(self) -> bool:
        """True where its days are those of the calendar month, so that sums by month hold it."""
        return (self.first, self.last) == calendar_days(self.month)


@dataclass(frozen=True, slots=True)
class _Period:
    site: str
    company: str
    period: str
    starts_on: date
    ends_on: date
    status: str


@dataclass(frozen=True, slots=True)
class _Quote:
    site: str
    month: date
    currency: str
    average: Decimal | None
    plan: Decimal | None


def calendar_days(month: str) -> tuple[date, date]:
    """First and last day of `2025-10`."""
    first = date.fromisoformat(f"{month}-01")
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first, date.fromordinal(following.toordinal() - 1)


async def spans_of(queries: Queries, places: Sequence[Place], months: Sequence[str]) -> list[Span]:
    """Every month of every company, in that order; calendar months where a company keeps no periods."""
    asked = {
        "sites": sorted({each.site for each in places}),
        "companies": sorted({each.company for each in places}),
        "periods": list(months),
    }
    kept = {
        (each.site, each.company, each.period): each for each in await queries.rows(_Period, _PERIODS, asked)
    }
    found = []
    for place in places:
        for month in months:
            own = kept.get((place.site, place.company, month))
            first, last = calendar_days(month) if own is None else (own.starts_on, own.ends_on)
            status = "running" if last > place.today else "" if own is None else own.status
            found.append(Span(place, month, first, last, status))
    return found


class Quotes:
    """Rates into one currency; nothing is made up where none is on file."""

    def __init__(self, currency: str, quotes: Iterable[_Quote]) -> None:
        self.currency = currency
        self._quotes: Mapping[tuple[str, date, str], _Quote] = {
            (each.site, each.month, each.currency): each for each in quotes
        }

    def rate(self, span: Span, currency: str, quoted: Quoted) -> Decimal | None:
        """What one unit of a currency was worth in that month; None where no rate is on file."""
        if currency == self.currency:
            return _ONE
        out_of, into = (self._quote(span, each, quoted) for each in (currency, self.currency))
        if out_of is None or into is None:
            return None
        return (into / out_of).quantize(_PLACES)

    def _quote(self, span: Span, currency: str, quoted: Quoted) -> Decimal | None:
        """What one unit of the site's own currency cost."""
        if currency == span.place.currency:
            return _ONE
        quote = self._quotes.get((span.place.site, span.day, currency))
        if quote is None:
            return None
        return quote.average if quoted == "average" else quote.plan


async def quotes_of(
    queries: Queries, currency: str, spans: Sequence[Span], currencies: Iterable[str]
) -> Quotes:
    """Rates of these months from these currencies into one.

    Args:
        currencies: those that the ledgers are kept in.
    """
    wanted = sorted({*currencies, currency})
    asked = {
        "sites": [each.place.site for each in spans],
        "months": [each.day for each in spans],
        "firsts": [each.first for each in spans],
        "lasts": [each.last for each in spans],
        "currencies": wanted,
    }
    return Quotes(currency, await queries.rows(_Quote, _QUOTES, asked))
