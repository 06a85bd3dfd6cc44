"""What companies' ledgers hold of the two sides of a comparison, in their own money and in one currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from tools.errors import ToolError
from tools.languages import said
from tools.rows import Queries
from tools.variance.accounts import roles_of
from tools.variance.contributions import ZERO
from tools.variance.ledger import Place
from tools.variance.quotes import Quoted, Quotes, Span, quotes_of, spans_of

Against: TypeAlias = Literal["standard", "plan", "earlier"]

_KEPT_IN = """
select distinct l.site, l.company, l.currency from erp.ledger_period l
where l.site = any(%(sites)s) and l.company = any(%(companies)s) and l.scenario = any(%(scenarios)s)
  and l.month between %(first)s and %(last)s order by 1, 2, 3
"""
_NAMES = """
select site, account_id, coalesce(code, account_id) as code, name from erp.account
where site = any(%(sites)s) and kind = 'Expenditures' and coalesce(value_type, 'Currency') = 'Currency'
"""
# Sums by month hold what is asked of calendar months; the months of a calendar of weeks are added up by day.
# Each month is met once, by its first day: joined as ranges, every sum is held against every month asked for.
_SUMS = """
with asked as (
    select * from unnest(
        %(sites)s::text[], %(companies)s::text[], %(currencies)s::text[], %(scenarios)s::text[],
        %(firsts)s::date[], %(lasts)s::date[], %(now)s::numeric[], %(then)s::numeric[], %(signs)s::int[],
        %(calendar)s::bool[])
        as a (site, company, currency, scenario, first, last, now, reference, sign, is_calendar)
), accounts as (
    select * from unnest(
        %(account_sites)s::text[], %(accounts)s::text[], %(in_now)s::bool[], %(in_then)s::bool[])
        as a (site, account_id, is_now, is_then)
), centres as (
    select * from unnest(%(centre_sites)s::text[], %(centres)s::text[]) as a (site, cost_centre_id)
), amounts as (
    select a.site, a.company, l.account_id, a.currency, a.now, a.reference, a.sign, l.amount, l.lines
    from asked a join erp.ledger_period l on l.site = a.site and l.company = a.company
     and l.currency = a.currency and l.scenario = a.scenario and l.month = a.first
    where a.is_calendar and l.month = any(%(firsts)s::date[]) and l.scenario = any(%(scenarios)s::text[])
      and (%(every_centre)s
        or exists (select from centres c where c.site = l.site and c.cost_centre_id = l.cost_centre_id))
    union all
    select a.site, a.company, l.account_id, a.currency, a.now, a.reference, a.sign, l.amount, l.lines
    from asked a cross join lateral (
        select account_id, sum(amount) as amount, count(*) as lines from erp.ledger_line l
        where l.site = a.site and l.company = a.company and l.currency = a.currency
          and l.scenario = a.scenario and l.posted_on between a.first and a.last and (%(every_centre)s
            or exists (select from centres c where c.site = l.site and c.cost_centre_id = l.cost_centre_id))
        group by account_id
    ) l
    where not a.is_calendar
)
select site, company, account_id, currency, is_now, is_then,
       coalesce(sum(amount) filter (where sign > 0), 0) as actual,
       coalesce(sum(amount) filter (where sign < 0), 0) as reference,
       coalesce(sum(amount * now) filter (where sign > 0), 0) as actual_now,
       coalesce(sum(amount * reference) filter (where sign > 0), 0) as actual_then,
       coalesce(sum(amount * reference) filter (where sign < 0), 0) as reference_then,
       coalesce(sum(lines) filter (where sign > 0), 0)::bigint as lines
from amounts join accounts using (site, account_id)
group by site, company, account_id, currency, is_now, is_then order by site, company, account_id, currency
"""


@dataclass(frozen=True, slots=True)
class Together:
    """What is to be explained as one."""

    name: str
    places: tuple[Place, ...]
    months: tuple[str, ...]
    currency: str
    constant: bool = False
    """True where both sides are at the rates of what is compared with."""
    accounts: Mapping[str, frozenset[str]] | None = None
    """Of each site, these alone."""
    accounts_then: Mapping[str, frozenset[str]] | None = None
    """Those at the time compared with, where accounts changed their group; None: the same."""
    cost_centres: Mapping[str, frozenset[str]] | None = None
    least: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    site: str
    company: str
    currency: str


@dataclass(frozen=True, slots=True)
class Named:
    site: str
    account_id: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Sum:
    """An account of one company in one currency, in that and converted."""

    site: str
    company: str
    account_id: str
    currency: str
    is_now: bool
    """True where the account belongs to what is asked about; it may have come or gone since."""
    is_then: bool
    actual: Decimal
    reference: Decimal
    actual_now: Decimal
    actual_then: Decimal
    reference_then: Decimal
    lines: int

    @property
    def performance(self) -> Decimal:
        """The difference at the rates of the reference."""
        return self.actual_then - self.reference_then if self.is_now else ZERO

    @property
    def rates(self) -> Decimal:
        """What the rates added: all that was spent, at their change."""
        return self.actual_now - self.actual_then if self.is_now else ZERO

    @property
    def moved(self) -> Decimal:
        """What a change of its group adds: its amount of the earlier time, less where it left."""
        if self.is_now == self.is_then:
            return ZERO
        return self.reference_then if self.is_now else -self.reference_then

    @property
    def counted(self) -> tuple[Decimal, Decimal]:
        """Of its ledger, what the two sides hold of it."""
        return self.actual if self.is_now else ZERO, self.reference if self.is_then else ZERO


@dataclass(frozen=True, slots=True)
class Side:
    """Months of one scenario, each with its two rates."""

    span: Span
    scenario: Literal["actual", "plan"]
    sign: Literal[1, -1]
    rates: Mapping[str, tuple[Decimal, Decimal]]
    """By currency of the ledger: the rate of the time, and that of the reference."""


async def sides_of(
    queries: Queries, asked: Together, against: Against, earlier: Sequence[str], notes: list[str]
) -> tuple[list[Span], list[Side]]:
    """The months of every company, and both sides of those that can be converted.

    Args:
        notes: who is left out, and why, is added to them.

    Raises:
        ToolError: nobody is left.
    """
    spans = await spans_of(queries, asked.places, asked.months)
    before = await spans_of(queries, asked.places, earlier) if against == "earlier" else []
    kept = await _kept_in(queries, asked, against, [*spans, *before])
    quotes = await quotes_of(
        queries, asked.currency, [*spans, *before], {each for found in kept.values() for each in found}
    )
    sides = [
        side
        for place in asked.places
        for side in _sides(
            place, asked, against, (spans, before), kept[place.site, place.company], quotes, notes
        )
    ]
    if not sides:
        raise ToolError(" ".join(notes))
    return spans, sides


async def sums_of(
    queries: Queries, asked: Together, against: Against, sides: Sequence[Side], notes: list[str]
) -> tuple[dict[tuple[str, str], Named], list[Sum]]:
    """Names of the accounts by site and id, and the amounts of companies that have both sides.

    Raises:
        ToolError: no account holds what is asked about, or no company has anything to compare.
    """
    names = await _names(queries, asked, against)
    sums = await queries.rows(Sum, _SUMS, _parameters(asked, sides, names))
    return names, _comparable(asked, against, sums, notes)


async def _kept_in(
    queries: Queries, asked: Together, against: Against, spans: Sequence[Span]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """The currencies of each company's ledger in these months."""
    wanted = {
        "sites": [each.site for each in asked.places],
        "companies": [each.company for each in asked.places],
        "scenarios": ["actual", "plan"] if against == "plan" else ["actual"],
        "first": min(each.first for each in spans).replace(day=1),
        "last": max(each.last for each in spans),
    }
    found: dict[tuple[str, str], tuple[str, ...]] = {(p.site, p.company): () for p in asked.places}
    for row in await queries.rows(_Kept, _KEPT_IN, wanted):
        if (row.site, row.company) in found:
            found[row.site, row.company] += (row.currency,)
    return found


def _sides(
    place: Place,
    asked: Together,
    against: Against,
    spans: tuple[Sequence[Span], Sequence[Span]],
    currencies: Sequence[str],
    quotes: Quotes,
    notes: list[str],
) -> list[Side]:
    """Both sides of a company; none, and a note, where it has no amounts or a rate is missing."""
    own, before = ([each for each in every if each.place == place] for every in spans)
    if not currencies:
        notes.append(said("[[site]] is left out: nothing was booked in these months.", site=place.name))
        return []
    reference: Quoted = (
        "plan" if against == "plan" or (against == "standard" and asked.constant) else "average"
    )
    found: list[Side] = []
    for number, span in enumerate(own):
        base = before[number] if before else span
        rates: dict[str, tuple[Decimal, Decimal]] = {}
        for currency in currencies:
            then = quotes.rate(base, currency, reference)
            now = then if asked.constant or against == "standard" else quotes.rate(span, currency, "average")
            if now is None or then is None:
                notes.append(
                    _without_rate(
                        place, asked, currency, span if now is None else base, then is None and reference
                    )
                )
                return []
            rates[currency] = (now, then)
        found.append(Side(span, "actual", 1, rates))
        if against != "standard":
            found.append(Side(base, "plan" if against == "plan" else "actual", -1, rates))
    return found


def _without_rate(
    place: Place, asked: Together, currency: str, span: Span, quoted: Quoted | Literal[False]
) -> str:
    words = {"site": place.name, "source": currency, "target": asked.currency, "month": span.month}
    if quoted == "plan":
        return said(
            "[[site]] is left out: no plan rate from [[source]] to [[target]] is on file for [[month]].",
            **words,
        )
    return said(
        "[[site]] is left out: no average rate from [[source]] to [[target]] is on file for [[month]].",
        **words,
    )


async def _names(queries: Queries, asked: Together, against: Against) -> dict[tuple[str, str], Named]:
    """The accounts that count, by site and id."""
    everything = await queries.rows(Named, _NAMES, {"sites": sorted({p.site for p in asked.places})})
    roles = roles_of((each.account_id, each.name) for each in everything)
    found = {
        (each.site, each.account_id): each
        for each in everything
        if (against != "standard" or each.account_id in roles)
        and (asked.accounts is None or each.account_id in _either(asked, each.site))
    }
    if not found:
        raise ToolError(
            said("none of these accounts holds variances against standard")
            if against == "standard"
            else said("none of these accounts holds cost")
        )
    return found


def _either(asked: Together, site: str) -> frozenset[str]:
    """Accounts that belong to what is asked about at one of the two times."""
    return frozenset().union(
        *(of.get(site, frozenset()) for of in (asked.accounts, asked.accounts_then) if of)
    )


def _parameters(
    asked: Together, sides: Sequence[Side], names: Mapping[tuple[str, str], Named]
) -> dict[str, object]:
    then = asked.accounts_then or asked.accounts
    rows = [(side, currency, *rates) for side in sides for currency, rates in side.rates.items()]
    centres = [(site, each) for site, own in (asked.cost_centres or {}).items() for each in sorted(own)]
    return {
        "sites": [side.span.place.site for side, *_ in rows],
        "companies": [side.span.place.company for side, *_ in rows],
        "currencies": [currency for _, currency, *_ in rows],
        "scenarios": [side.scenario for side, *_ in rows],
        "firsts": [side.span.first for side, *_ in rows],
        "lasts": [side.span.last for side, *_ in rows],
        "now": [now for *_, now, _ in rows],
        "then": [then for *_, then in rows],
        "signs": [side.sign for side, *_ in rows],
        "calendar": [side.span.is_calendar for side, *_ in rows],
        "account_sites": [site for site, _ in names],
        "accounts": [account for _, account in names],
        "in_now": [
            asked.accounts is None or account in asked.accounts.get(site, ()) for site, account in names
        ],
        "in_then": [then is None or account in then.get(site, ()) for site, account in names],
        "every_centre": asked.cost_centres is None,
        "centre_sites": [site for site, _ in centres],
        "centres": [centre for _, centre in centres],
    }


def _comparable(asked: Together, against: Against, sums: Sequence[Sum], notes: list[str]) -> list[Sum]:
    """The amounts of companies that have both sides; who lacks one is left out and named."""
    found: list[Sum] = []
    for place in asked.places:
        own = [each for each in sums if (each.site, each.company) == (place.site, place.company)]
        if not own:
            continue
        if against == "plan" and not any(each.reference for each in own):
            notes.append(
                said(
                    "[[site]] is left out: it has no plan for these months; that is not a plan of zero.",
                    site=place.name,
                )
            )
        elif against == "earlier" and not any(each.reference for each in own):
            notes.append(
                said("[[site]] is left out: it has no actual amounts in the earlier months.", site=place.name)
            )
        elif not any(each.actual for each in own):
            notes.append(
                said("[[site]] is left out: it has no actual amounts in these months.", site=place.name)
            )
        else:
            found += own
    if not found:
        raise ToolError(
            " ".join(dict.fromkeys(notes))
            or said("nothing was booked on these accounts, and nothing stands against it")
        )
    return found
