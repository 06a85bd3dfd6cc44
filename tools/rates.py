"""Exchange rates: on a day, direct, inverse or crossed, and said which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from tools.arguments import Arguments, CurrencyName, SiteName
from tools.engines.structure import ONE
from tools.errors import ToolError
from tools.evidence import remarks, shares
from tools.languages import said
from tools.languages.forms import day_text, joined, numeral
from tools.matching import Fit, meant, ranked
from tools.metrics.labels import sense
from tools.naming import Site, Thing, all_sites, site_of
from tools.presenting import figure, plain, several, table
from tools.registry import ToolContext, tool
from tools.results import Column, Figure, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow, rows

_VERSION = "1.0.0"
RateType = Literal["average", "closing"]
_PIVOT = "USD"
_OLD_DAYS = 31


class ExchangeRate(Arguments):
    """Which rate, and on which day."""

    from_currency: CurrencyName | None = Field(
        None, description="What is exchanged; the currency in which the site keeps its books if left out."
    )
    to_currency: CurrencyName
    on: date | None = Field(None, description="Day of the rate; the latest on file if left out.")
    rate: RateType = Field("closing", description="'closing': end of day; 'average': the day's average.")
    amount: Decimal | None = Field(
        None, ge=-(10**12), le=10**12, description="An amount in `from_currency` to convert at that rate."
    )
    site: SiteName = None


@dataclass(frozen=True, slots=True)
class _Currency:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class _Pair:
    from_currency: str
    to_currency: str
    last_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rate(SourcedRow):
    from_currency: str
    to_currency: str
    valid_on: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class _Leg:
    """A step of the conversion: a rate on file, as it stands or turned round."""

    rate: _Rate
    turned: bool

    @property
    def factor(self) -> Decimal:
        return ONE / self.rate.rate if self.turned else self.rate.rate


_PAIRS = """
select from_currency, to_currency, max(valid_on) as last_on
from erp.fx_rate where site = %(site)s and {column} > 0 group by from_currency, to_currency
"""
_RATE = f"""
select r.from_currency, r.to_currency, r.valid_on, r.{{column}} as rate, {PROVENANCE.format("r")}
from erp.fx_rate r
where r.site = %(site)s and r.from_currency = %(from)s and r.to_currency = %(to)s and r.{{column}} > 0
  and r.valid_on <= %(on)s
order by r.valid_on desc limit 1
"""


@tool(
    name="exchange_rate",
    examples=(
        "USD to EUR average rate on 31 December 2023",
        "What was the last closing rate dollar to euro on file?",
        "How many Canadian dollars is 10,000 USD at the closing rate of 3 June 2024?",
    ),
    version=_VERSION,
)
async def exchange_rate(args: ExchangeRate, context: ToolContext) -> ToolResult:
    """What one unit of a currency costs in another on a day, and optionally an amount converted at that rate.

    `closing` is the end-of-day rate, `average` the day's average. On a day without a rate, the nearest
    earlier one is used and named. Where only the opposite pair is on file its inverse is used, and where
    neither is, the rate is crossed through US dollars; the answer says so. A currency without rates is
    refused by name.

    Example: {"from_currency": "USD", "to_currency": "EUR", "on": "2023-12-31", "rate": "average"}.
    """
    home = await _site(context, args.site)
    site = home.site
    queries = Queries(context.tx)
    column = f"{args.rate}_rate"
    pairs = await queries.rows(_Pair, _PAIRS.format(column=column), {"site": site})
    if not pairs:
        raise ToolError(said(_NO_RATES[args.rate], site=site))
    source = await _currency(context, home, args.from_currency or home.currency, pairs)
    target = await _currency(context, home, args.to_currency, pairs)
    legs = await _legs(args, queries, site, pairs, source, target)
    value = ONE
    for leg in legs:
        value *= leg.factor
    rates = [leg.rate for leg in legs]
    proof = await queries.evidence(
        tool="exchange_rate",
        version=_VERSION,
        arguments=args,
        records=shares("fx_rate", rates) or ["fx_rate"],
        flags=remarks("rates", rates),
        site=site,
    )
    on = min((rate.valid_on for rate in rates), default=args.on)
    row = (source.code, target.code, on, value)
    columns = (
        Column("from_currency", sense("From", "exchange rate"), "id"),
        Column("to_currency", sense("To", "exchange rate"), "id"),
        Column("valid_on", "Rate of", "date"),
        Column("rate", _HEADINGS[args.rate], "rate", _unit(source, target)),
    )
    return ToolResult(
        tool="exchange_rate",
        reading=_reading(args, source, target, site),
        tables=(table("Exchange rate", columns, [row]),),
        figures=_figures(args, value, source, target, proof.id),
        evidence=(proof,),
        sentence=_sentence(args, bool(rates)),
        caveats=_caveats(args, legs, source, target),
        suggestions=_suggestions(args, source, target),
    )


async def _site(context: ToolContext, text: str | None) -> Site:
    """The site whose rates count: the one named, or the only one that keeps rates."""
    sites = {site.site: site for site in await all_sites(context.tx)}
    named = await site_of(context.tx, text)
    if named is not None:
        return sites[named]
    found = await context.tx.fetch("select distinct site from erp.fx_rate order by site")
    with_rates = [str(row[0]) for row in found.rows]
    if len(with_rates) == 1:
        return sites[with_rates[0]]
    if with_rates:
        raise ToolError(
            said("several sites keep exchange rates: [[sites]]; name the site", sites=", ".join(with_rates))
        )
    if not sites:
        raise ToolError(said("no exchange rates are on file at any site that you may see"))
    raise ToolError(said("no exchange rates are on file at [[sites]]", sites=several(list(sites))))


async def _currency(context: ToolContext, site: Site, text: str, pairs: list[_Pair]) -> _Currency:
    """The currency meant: one that has rates where the text fits one of those."""
    with_rates = {code for pair in pairs for code in (pair.from_currency, pair.to_currency)}
    names = {code: code for code in with_rates} | {
        match.code: match.name
        for match in await rows(
            context.tx,
            _Currency,
            "select currency as code, name from erp.currency where site = %(site)s",
            {"site": site.site},
        )
    }
    things = [Thing(site.site, code, "", name) for code, name in sorted(names.items())]
    everywhere = ranked(text, things)
    found = meant([match for match in everywhere if match.thing.id in with_rates])
    best = everywhere[0].fit if everywhere else Fit.ROUGH
    if found and (found[0].fit is best or best is not Fit.EXACT):
        if len(found) > 1:
            # Who says "dollar" at a site that keeps its books in one of the dollars means that one.
            found = [match for match in found if match.thing.id == site.currency] or found
        if len(found) == 1:
            return _Currency(found[0].thing.id, found[0].thing.name)
        listed = several([f"{match.thing.name} ({match.thing.id})" for match in found], 5)
        raise ToolError(
            said(
                "[[asked]] may mean several currencies: [[listed]]; name one of them",
                asked=repr(text),
                listed=listed,
            )
        )
    available = ", ".join(sorted(with_rates))
    unrated = meant(everywhere)
    if len(unrated) == 1:
        thing = unrated[0].thing
        raise ToolError(
            said(
                "no exchange rate is on file for [[currency]]; there is [[available]]",
                currency=f"{thing.name} ({thing.id})",
                available=available,
            )
        )
    raise ToolError(
        said(
            "no currency with a rate is called [[asked]]; there is [[available]]",
            asked=repr(text),
            available=available,
        )
    )


async def _legs(
    args: ExchangeRate, queries: Queries, site: str, pairs: list[_Pair], source: _Currency, target: _Currency
) -> list[_Leg]:
    """The rates to multiply, in order; none from a currency to itself."""
    if source == target:
        return []
    on_file = {(pair.from_currency, pair.to_currency): pair for pair in pairs}
    path = _path(on_file, source.code, target.code)
    if path is None:
        raise ToolError(
            said(
                "no rate on file leads from [[source]] to [[target]], directly or through [[pivot]]",
                source=source.code,
                target=target.code,
                pivot=_PIVOT,
            )
        )
    steps = [((start, end) not in on_file, (start, end)) for start, end in path]
    used = [on_file[(end, start) if turned else (start, end)] for turned, (start, end) in steps]
    # Without a day asked for, rates that are crossed are of the latest day that all of them have.
    on = args.on or min(pair.last_on for pair in used)
    legs = []
    for (turned, _), pair in zip(steps, used, strict=True):
        params = {"site": site, "from": pair.from_currency, "to": pair.to_currency, "on": on}
        found = await queries.rows(_Rate, _RATE.format(column=f"{args.rate}_rate"), params)
        if not found:
            # Without the first day: an answer without evidence names no figure of the data.
            raise ToolError(
                said(
                    "there is no rate from [[source]] to [[target]] on or before [[day]]; the first is a"
                    " later one",
                    source=pair.from_currency,
                    target=pair.to_currency,
                    day=day_text(on),
                )
            )
        legs.append(_Leg(found[0], turned))
    return legs


def _path(on_file: dict[tuple[str, str], _Pair], source: str, target: str) -> list[tuple[str, str]] | None:
    def known(start: str, end: str) -> bool:
        return (start, end) in on_file or (end, start) in on_file

    if known(source, target):
        return [(source, target)]
    if known(source, _PIVOT) and known(_PIVOT, target):
        return [(source, _PIVOT), (_PIVOT, target)]
    return None


def _reading(args: ExchangeRate, source: _Currency, target: _Currency, site: str) -> str:
    found = [
        said(
            _READINGS[args.rate],
            source=f"{source.name} ({source.code})",
            target=f"{target.name} ({target.code})",
        ),
        said("on [[day]]", day=day_text(args.on)) if args.on else said("latest on file"),
    ]
    if args.amount is not None:
        amount = f"{numeral(f'{plain(args.amount):f}')} {source.code}"
        found.append(said("[[amount]] converted", amount=amount))
    return ", ".join([*found, said("at [[site]]", site=site)])


_NO_RATES: dict[RateType, str] = {
    "average": "no average exchange rates are on file at [[site]]",
    "closing": "no closing exchange rates are on file at [[site]]",
}
_HEADINGS: dict[RateType, str] = {"average": "Average rate", "closing": "Closing rate"}
_READINGS: dict[RateType, str] = {
    "average": "Average exchange rate from [[source]] to [[target]]",
    "closing": "Closing exchange rate from [[source]] to [[target]]",
}
_SENTENCES: dict[RateType, str] = {
    "average": "The average rate of {{tables[0].rows[0].valid_on}} is {{figures[0]}}.",
    "closing": "The closing rate of {{tables[0].rows[0].valid_on}} is {{figures[0]}}.",
}


def _unit(source: _Currency, target: _Currency) -> str:
    return said("[[target]] per [[source]]", target=target.code, source=source.code)


def _figures(
    args: ExchangeRate, value: Decimal, source: _Currency, target: _Currency, proof: str
) -> tuple[Figure, ...]:
    figures = [figure("rate", value, "rate", proof, _unit(source, target))]
    if args.amount is not None:
        figures.append(figure("converted amount", args.amount * value, "money", proof, target.code))
    return tuple(figures)


def _sentence(args: ExchangeRate, converted: bool) -> str:
    if not converted:
        return said(
            "{{tables[0].rows[0].from_currency}} is the same currency as {{tables[0].rows[0].to_currency}}."
        )
    text = said(_SENTENCES[args.rate])
    return text if args.amount is None else f"{text} {said('That makes {{figures[1]}}.')}"


def _caveats(args: ExchangeRate, legs: list[_Leg], source: _Currency, target: _Currency) -> tuple[str, ...]:
    found = [
        _earlier(leg.rate, args.on) for leg in legs if args.on is not None and leg.rate.valid_on != args.on
    ]
    if len({leg.rate.valid_on for leg in legs}) > 1:
        days = joined([day_text(leg.rate.valid_on) for leg in legs])
        found.append(said("The two rates that were crossed are of different days: [[days]].", days=days))
    if len(legs) == 2:
        found.append(
            said(
                "No rate between [[source]] and [[target]] is on file; crossed through [[pivot]].",
                source=source.code,
                target=target.code,
                pivot=_PIVOT,
            )
        )
    elif legs and legs[0].turned:
        found.append(
            said(
                "Only [[target]] to [[source]] is on file; this is its inverse.",
                target=target.code,
                source=source.code,
            )
        )
    return tuple(found)


def _earlier(rate: _Rate, asked: date) -> str:
    """Says which day's rate was taken in place of the one asked for."""
    return said(
        "There is no rate from [[source]] to [[target]] on [[asked]]; the nearest earlier one, of [[day]],"
        " was used, which is old: the rates end there."
        if (asked - rate.valid_on).days > _OLD_DAYS
        else "There is no rate from [[source]] to [[target]] on [[asked]]; the nearest earlier one, of"
        " [[day]], was used.",
        source=rate.from_currency,
        target=rate.to_currency,
        asked=day_text(asked),
        day=day_text(rate.valid_on),
    )


def _suggestions(args: ExchangeRate, source: _Currency, target: _Currency) -> tuple[str, ...]:
    other: RateType = "average" if args.rate == "closing" else "closing"
    there, back = (
        {"source": source.code, "target": target.code},
        {"source": target.code, "target": source.code},
    )
    by_month = said("Average [[source]] to [[target]] rate by month", **there)
    if args.on is None:
        return said(_ASKED[other], **there), said(_ASKED["closing"], **back), by_month
    day = day_text(args.on)
    return (
        said(_ASKED_ON[other], day=day, **there),
        said(_ASKED_ON["closing"], day=day, **back),
        by_month,
    )


_ASKED: dict[RateType, str] = {
    "average": "Average rate [[source]] to [[target]]",
    "closing": "Closing rate [[source]] to [[target]]",
}
_ASKED_ON: dict[RateType, str] = {
    "average": "Average rate [[source]] to [[target]] on [[day]]",
    "closing": "Closing rate [[source]] to [[target]] on [[day]]",
}
