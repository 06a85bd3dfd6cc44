"""What several sites ask of a metric query: whose currency an amount is in, and where a record is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from erp_adapters.store.session import ReadTransaction
from tools.metrics.query import Grouping, MetricQuery, ValueTest

SITES: Final = (
    "select site, name, currency, (coalesce(as_of, now()) at time zone time_zone)::date as today, country"
    " from erp.site order by site"
)
"""The caller's sites: what nearly every tool asks first, with the same words, so that it is asked once."""
_NAME = "site.name"
_SEPARATE = ("site.site", "site.name", "site.currency")
"""Groupings that keep currencies apart."""
_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class QuerySite:
    """A site that a query can reach."""

    site: str
    name: str
    country: str | None
    currency: str


_OF_SITE: dict[str, Callable[[QuerySite], str | None]] = {
    "site.site": lambda site: site.site,
    "site.name": lambda site: site.name,
    "site.country": lambda site: site.country,
    "site.currency": lambda site: site.currency,
}


async def sites_of(query: MetricQuery, tx: ReadTransaction) -> tuple[QuerySite, ...]:
    """The caller's sites that the query's own filters leave, by code."""
    found = await tx.fetch(SITES)
    sites = tuple(
        QuerySite(*map(_text, (site, name, country, currency)))
        for site, name, currency, _, country in found.rows
    )
    for test in query.where:
        if isinstance(test, ValueTest) and test.op in ("=", "<>") and test.path in _OF_SITE:
            named, attribute = set(map(str, test.values)), _OF_SITE[test.path]
            sites = tuple(site for site in sites if (attribute(site) in named) == (test.op == "="))
    return sites


def _text(value: object) -> str:
    return "" if value is None else str(value)


def one_currency(sites: Sequence[QuerySite]) -> str:
    """The currency that all of them keep their books in, or nothing."""
    currencies = {site.currency for site in sites}
    return next(iter(currencies)) if len(currencies) == 1 else ""


def several_currencies(sites: Sequence[QuerySite]) -> bool:
    """True where amounts of one site cannot be added to those of another."""
    return len({site.currency for site in sites}) > 1


def by_site(query: MetricQuery) -> MetricQuery:
    """The query split by site, unless its rows are of one site, or of one set of books, already."""
    if query.rows_of or any(
        grouping.entity in ("site", "company") or grouping.path in _SEPARATE for grouping in query.by
    ):
        return query
    return query.model_copy(update={"by": (*query.by, Grouping(entity="site"))})


def with_site(query: MetricQuery, sites: Sequence[QuerySite]) -> MetricQuery:
    """A list of records over several sites, saying at which site each is kept."""
    if len(sites) < 2 or query.output != "rows" or query.rows_of in ("", "site"):
        return query
    if _NAME in query.show or len(query.show) == _MOST_SHOWN:
        return query
    return query.model_copy(update={"show": (*query.show, _NAME)})
