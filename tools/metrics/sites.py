"""What several sites ask of a metric query: whose currency an amount is in, and where a record is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from erp_adapters.store.session import ReadTransaction
from tools.metrics.catalogue import Catalogue
from tools.metrics.compiler import CompiledQuery
from tools.metrics.query import Grouping, Measure, MetricQuery, ValueTest

_NAME = "site.name"
_COLUMNS = ("site_id", "site_name", "site")
"""Result columns that name a row's site, by its code or its name."""
_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class QuerySite:
    """A site that a query can reach."""

    site: str
    name: str
    country: str | None
    currency: str


async def sites_of(query: MetricQuery, tx: ReadTransaction) -> tuple[QuerySite, ...]:
    """The caller's sites that the query's own filters leave, by code."""
    found = await tx.fetch("select site, name, country, currency from erp.site order by site")
    sites = tuple(QuerySite(*map(_text, row)) for row in found.rows)
    for test in query.where:
        if isinstance(test, ValueTest) and test.path.startswith("site."):
            named = set(map(str, test.values))
            field = test.path.removeprefix("site.")
            sites = tuple(site for site in sites if (getattr(site, field) in named) == (test.op == "="))
    return sites


def _text(value: object) -> str:
    return "" if value is None else str(value)


def one_currency(sites: Sequence[QuerySite]) -> str:
    """The currency that all of them keep their books in, or nothing."""
    currencies = {site.currency for site in sites}
    return next(iter(currencies)) if len(currencies) == 1 else ""


def by_currency(query: MetricQuery, sites: Sequence[QuerySite], catalogue: Catalogue) -> MetricQuery:
    """The query split by site where it would add money of different currencies."""
    if query.rows_of or not any(_is_money(measure, catalogue) for measure in query.measures):
        return query
    if any(grouping.entity in ("site", "company") for grouping in query.by) or len(query.by) > 3:
        return query
    if len({site.currency for site in sites}) < 2:
        return query
    return query.model_copy(update={"by": (*query.by, Grouping(entity="site"))})


def with_site(query: MetricQuery, sites: Sequence[QuerySite]) -> MetricQuery:
    """A list of records over several sites, saying at which site each is kept."""
    if len(sites) < 2 or query.output != "rows" or query.rows_of in ("", "site"):
        return query
    if _NAME in query.show or len(query.show) == _MOST_SHOWN:
        return query
    return query.model_copy(update={"show": (*query.show, _NAME)})


def currencies(
    compiled: CompiledQuery, rows: Sequence[tuple[object, ...]], sites: Sequence[QuerySite]
) -> list[str | None]:
    """The currency of each row's site, where the rows name one and hold money."""
    names = [column.name for column in compiled.columns]
    at = next((names.index(name) for name in _COLUMNS if name in names), None)
    if at is None or not any(column.kind == "money" and not column.unit for column in compiled.columns):
        return [None] * len(rows)
    known = {key: site.currency for site in sites for key in (site.site, site.name)}
    return [known.get(str(row[at])) for row in rows]


def _is_money(measure: Measure, catalogue: Catalogue) -> bool:
    if measure.metric:
        return catalogue.metrics[measure.metric].kind == "money"
    if measure.field:
        entity, _, name = measure.field.split("/")[-1].partition(".")
        field = catalogue.entity(entity).fields.get(name)
        return field is not None and field.kind == "money"
    return False
