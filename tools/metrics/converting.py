"""Amounts in one currency: the rate of each record, found in what its own site keeps of rates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tools.metrics.catalogue import Catalogue
from tools.metrics.conditions import Parameters
from tools.metrics.expressions import Source
from tools.metrics.query import MetricQuery, RateKind

LEDGER_CURRENCY = "@currency"
"""Unit of metrics whose rows carry a currency of their own, whatever their site's is."""

OLDEST = 31
"""Days after which a rate is no longer one of the day: where rates stop, amounts stop being converted."""

_COLUMNS: dict[RateKind, str] = {
    "average": "average_rate",
    "closing": "closing_rate",
    "plan": "plan_rate",
    "constant": "plan_rate",
}


@dataclass(frozen=True, slots=True)
class InOneCurrency:
    """Converts to a currency at rates of one kind.

    A site keeps rates from its own currency to others. A record in another currency, such as a ledger
    line of a subsidiary, is crossed through that of its site.
    """

    currency: str
    """Placeholder of the currency's code."""
    rates: RateKind
    year: tuple[str, str]
    """Placeholders of the first and last day of the year that constant rates are of."""

    def joined(self, source: Source, clauses: list[str]) -> str:
        """SQL of a record's rate, which is null where none is on file; its joins are added."""
        site = source.alias if source.entity == "site" else source.joined(("site",))
        into = self._quote(source, site, clauses, "into", self.currency)
        sql = f"case when {site}.currency = {self.currency} then 1 else {into} end"
        if keeps_currency(source.catalogue, source.entity):
            own = f"{source.alias}.currency"
            out_of = self._quote(source, site, clauses, "from", own)
            crossed = f"({sql}) / case when {own} = {site}.currency then 1 else {out_of} end"
            sql = f"case when {own} = {self.currency} then 1 else {crossed} end"
        # A column of its own, because catalogue expressions are taken apart and hold no parameters.
        clauses.append(f"cross join lateral (select {sql} as rate) as {source.alias}_rate")
        return f"{source.alias}_rate.rate"

    def _quote(self, source: Source, site: str, clauses: list[str], name: str, currency: str) -> str:
        """What one unit of the site's currency costs in another, joined under a name of its own."""
        alias, column = f"{source.alias}_rate_{name}", _COLUMNS[self.rates]
        first, last = self._days(source, site)
        taken = f"r.{column} as quote, r.valid_on"
        turn = "" if self.rates in ("plan", "constant") else " desc"
        order = f" order by r.valid_on{turn} limit 1"
        if self.rates == "average" and monthly(source):
            taken, order = f"avg(r.{column}) as quote, max(r.valid_on) as valid_on", ""
        clauses.append(
            f"left join lateral (select {taken} from erp.fx_rate as r"
            f" where r.site = {source.alias}.site and r.from_currency = {site}.currency"
            f" and r.to_currency = {currency} and r.{column} > 0"
            f" and r.valid_on >= {first} and r.valid_on <= {last}{order}) as {alias} on true"
        )
        return f"{alias}.quote"

    def _days(self, source: Source, site: str) -> tuple[str, str]:
        """The first and last day whose rate would do, the last one first; plan rates hold for a year."""
        if self.rates == "constant":
            return self.year
        day = day_of(source, site)
        if self.rates == "plan":
            year = f"to_char({day}, 'YYYY')"
            return f"({year} || '-01-01')::date", f"({year} || '-12-31')::date"
        if monthly(source):
            return day, f"({day} + interval '1 month' - interval '1 day')::date"
        return f"({day} - {OLDEST - 1})", day


def day_of(source: Source, site: str) -> str:
    """SQL of the day whose rate counts: the record's own, or the site's today for what is there now."""
    entity = source.catalogue.entity(source.entity)
    if entity.snapshot or not entity.default_date:
        return f"{site}.as_of::date"
    return f"{_dated(source)}::date"


def monthly(source: Source) -> bool:
    """True where a record stands for a month, so that the month's rates count."""
    entity = source.catalogue.entity(source.entity)
    if entity.snapshot or not entity.default_date:
        return False
    return entity.month_grain or entity.dates[entity.default_date].field == "month"


def _dated(source: Source) -> str:
    entity = source.catalogue.entity(source.entity)
    *links, name = entity.dates[entity.default_date].field.split(".")
    return source.field_at(tuple(links), name)


def keeps_currency(catalogue: Catalogue, entity: str) -> bool:
    """True where an entity's records carry a currency of their own."""
    return any(catalogue.metrics[name].unit == LEDGER_CURRENCY for name in catalogue.metrics_of[entity])


def rate_kind(query: MetricQuery, catalogue: Catalogue) -> RateKind:
    """The kind of rates that a query is converted at, as it says or as suits what it measures."""
    if query.rates:
        return query.rates
    measured = {
        catalogue.metrics[each.metric].entity for each in query.measures if each.metric in catalogue.metrics
    }
    measured |= {each.field.split("/")[-1].partition(".")[0] for each in query.measures if each.field}
    measured |= {query.rows_of} if query.rows_of and not measured else set()
    known = [catalogue.entities[name] for name in measured if name in catalogue.entities]
    now = [entity.snapshot or not entity.default_date for entity in known]
    return "closing" if now and all(now) else "average"


def conversion_of(query: MetricQuery, catalogue: Catalogue, parameters: Parameters) -> InOneCurrency | None:
    """How a query's amounts are converted; None where each stays in its own currency."""
    if not query.currency:
        return None
    kind, year = rate_kind(query, catalogue), ("", "")
    if kind == "constant":
        # A query may be put in words and compared before it is known which year has plan rates.
        of = query.rates_of or date.min.year
        first, last = (parameters.bind(day) for day in (date(of, 1, 1), date(of, 12, 31)))
        year = f"{first}::date", f"{last}::date"
    return InOneCurrency(f"{parameters.bind(query.currency)}::text", kind, year)
