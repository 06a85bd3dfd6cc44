"""The tool that answers metric queries: figures and tables with their evidence, reading and caveats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from tools.errors import NotRecorded
from tools.evidence import evidence, readable
from tools.languages import said
from tools.metrics.basis import found_bases
from tools.metrics.below_one_another import below_one_another
from tools.metrics.calculated import with_calculations
from tools.metrics.catalogue import Catalogue, packaged_catalogue
from tools.metrics.caveats import MIXED, Caveats
from tools.metrics.cells import cell
from tools.metrics.comparability import because, not_comparable, ranks_sites, unranked
from tools.metrics.compiler import CompiledColumn, CompiledQuery, Compiler
from tools.metrics.drawing import adding_up, shown_as
from tools.metrics.intercompany import of_group, said_of, titled, with_intercompany
from tools.metrics.loaded import refuse_unloaded
from tools.metrics.query import MetricQuery
from tools.metrics.rates_used import RatesUsed, found_rates, with_year
from tools.metrics.sentence import sentence
from tools.metrics.side_by_side import side_by_side
from tools.metrics.sites import QuerySite, by_site, one_currency, several_currencies, sites_of, with_site
from tools.metrics.wording import Wording
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, Table, ToolResult

_MOST_ROWS = 2_000
_UNRANKED = "The sites are not ranked, because their figures are not comparable; the table has each of them."
_OFFERED = "The same in [[currency]]"
_OFFERED_CONSTANT = "The same in [[currency]] at constant plan rates"
_CONVERTED = "Kept in several currencies, and so ranked in [[currency]], which most of the sites keep."
_CONVERTED_CONSTANT = (
    "Kept in several currencies, and so ranked in [[currency]], which most of the sites keep; at plan rates,"
    " because rates of the day are missing for some."
)
_BY_CURRENCY = (
    "Kept in several currencies, and a rate to [[currency]] is missing for some: each currency is ranked by"
    " itself."
)
_EVIDENCE = "e1"


@lru_cache(maxsize=1)
def _compiler() -> Compiler:
    return Compiler(packaged_catalogue())


@tool(
    name="query_metrics",
    examples=(
        "What is the scrap rate by product category in 2024?",
        "Which five vendors have the highest order value?",
        "How many purchased materials have no supplier?",
    ),
)
async def query_metrics(query: MetricQuery, context: ToolContext) -> ToolResult:
    """Figures and lists from the metric catalogue, exactly defined and computed in the database.

    Use it for every question about amounts, counts, rates, rankings, trends and comparisons, and for lists of
    materials, suppliers, orders, accounts and other records with conditions. Name metrics, entities, fields
    and conditions of the catalogue exactly. Amounts of sites with different currencies stay apart unless
    `currency` asks for one. Give a condition once in `where` if it holds for all measures, or
    in a measure's own `where`. Use `rows_of` to list or count records (those without any facts included),
    `by` to group facts. Fields of what a record refers to are named by their own entity; `calculated` adds a
    column from two fields (days between two dates), `each` keeps the latest or largest row of each thing.
    Percentages come as displayed: 12.5 means 12.5 %. Dates are ISO 8601; a period
    without a role uses each entity's default date.
    """
    catalogue = with_calculations(packaged_catalogue(), query)
    sites = await sites_of(query, context.tx)
    query = await with_intercompany(query, sites, catalogue, context.tx)
    findings = await not_comparable(query, sites, catalogue, context.tx)
    unordered = bool(findings) and ranks_sites(query)
    found = await metric_table(unranked(query) if findings else query, context)
    query, compiled, table = found.query, found.compiled, found.table
    caveats = await Caveats(_compiler(), query, sites).said(context.tx, found.money)
    reading = Wording(catalogue).query(query)
    proof = await evidence(
        context.tx,
        id=_EVIDENCE,
        tool="query_metrics",
        version=_version(query, catalogue),
        arguments=query,
        records=_records(compiled, catalogue),
        query=readable(compiled.sql, compiled.parameters),
        site=sites[0].site if len(sites) == 1 else None,
    )
    words = said(_UNRANKED) if unordered else sentence(table, query, catalogue)
    columns = adding_up(_told_apart(table.columns, query, catalogue), query, catalogue)
    table = replace(table, columns=columns, shows=shown_as(query))
    beside = side_by_side(query, compiled.columns, table)
    beside = beside or below_one_another(query, compiled.columns, table, catalogue)
    group = await _group_business(query, context)
    return ToolResult(
        tool="query_metrics",
        reading=reading,
        tables=tuple(
            filter(
                None, (_each_once(table, words), beside, group, found.rates.table if found.rates else None)
            )
        ),
        figures=_figures(table),
        evidence=(proof,),
        sentence=words,
        caveats=(
            *map(because, findings),
            *((said_of(query.intercompany),) if group or query.intercompany == "only" else ()),
            *caveats,
            *found.caveats,
        ),
        not_comparable=findings,
        suggestions=_in_one_currency(query, found),
    )


def _each_once(table: Table, words: str) -> Table:
    """The table without ids that only repeat the codes beside them, and without codes that nothing has."""
    rows, dropped = table.rows, set[int]()
    for at, (one, other) in enumerate(pairwise(table.columns)):
        if one.kind != "id" or other.kind != "id" or not rows:
            continue
        if all(row[at + 1] is None for row in rows):
            dropped.add(at + 1)
        elif all(row[at] == row[at + 1] for row in rows):
            dropped.add(at)
    kept = [
        at for at, column in enumerate(table.columns) if at not in dropped or f".{column.name}}}}}" in words
    ]
    columns = tuple(table.columns[at] for at in kept)
    return replace(table, columns=columns, rows=tuple(tuple(row[at] for at in kept) for row in rows))


async def _group_business(query: MetricQuery, context: ToolContext) -> Table | None:
    """The table of business with companies of the group; None where there is none."""
    asked = of_group(query, packaged_catalogue())
    if asked is None:
        return None
    table = (await metric_table(asked, context)).table
    return titled(table, query.intercompany) if table.rows else None


def _in_one_currency(query: MetricQuery, found: MetricTable) -> tuple[str, ...]:
    """An offer to convert amounts that stand apart, to the currency that most of the sites keep."""
    if query.currency or MIXED in found.money or len(found.money) < 2:
        return ()
    currency = _of_most(found.sites)
    return tuple(said(text, currency=currency) for text in (_OFFERED, _OFFERED_CONSTANT))


@dataclass(frozen=True, slots=True)
class MetricTable:
    """What a query gives, and the query as it was run."""

    query: MetricQuery
    compiled: CompiledQuery
    table: Table
    sites: tuple[QuerySite, ...]
    money: frozenset[str]
    """Currencies of the amounts in it."""
    caveats: tuple[str, ...]
    """From when to when there is what its figures rest on."""
    rates: RatesUsed | None
    """What amounts were converted at, where any were."""


async def metric_table(query: MetricQuery, context: ToolContext) -> MetricTable:
    """The rows that answer a query, without evidence and caveats.

    Raises:
        QueryInvalid: the catalogue does not have, or cannot combine, what it asks for.
        NotRecorded: nothing of what it asks for was ever loaded.
    """
    sites = await sites_of(query, context.tx)
    several = several_currencies(sites)
    query = await with_year(query, context.tx)
    ranked: tuple[str, ...] = ()
    if several and not query.currency and _compiler().ranks_money(query):
        query, ranked = await _ranked(query, sites, context)
    if several and not query.currency and _compiler().adds_money(query):
        query = by_site(query)
    compiled = _compiler().compile(with_site(query, sites), several_currencies=several)
    await refuse_unloaded(_compiler().asked_of(query), _compiler().catalogue, sites, context.tx)
    caveats = await found_bases(query, _compiler().bases(query), context.tx)
    rates = await found_rates(query, _compiler().rates(query), _compiler().catalogue, context.tx)
    found = await context.tx.fetch(compiled.sql, compiled.parameters)
    of_sites = query.currency or one_currency(sites)
    columns, rows, money = _typed(compiled, found.rows, of_sites)
    caveats = (*caveats, *(rates.caveats if rates else ()), *ranked)
    total = len(rows)
    table = Table(columns, rows[:_MOST_ROWS], truncated=total > _MOST_ROWS, total_rows=total)
    return MetricTable(query, compiled, table, sites, money, caveats, rates)


async def _ranked(
    query: MetricQuery, sites: tuple[QuerySite, ...], context: ToolContext
) -> tuple[MetricQuery, tuple[str, ...]]:
    """A ranking of amounts in the currency of most sites, or by currency where a rate is missing; says which.

    By their bare numbers, a thousand pesos would stand before a hundred euros.
    """
    currency = _of_most(sites)
    # Rates of the day begin later than some records: plan rates hold for everything, and so compare fairly.
    for rates, text in (("", _CONVERTED), ("constant", _CONVERTED_CONSTANT)):
        converted = query.model_copy(update={"currency": currency, "rates": rates})
        try:
            converted = await with_year(converted, context.tx)
            used = await found_rates(
                converted, _compiler().rates(converted), _compiler().catalogue, context.tx
            )
        except NotRecorded:
            continue
        if used is None:
            return converted, ()
        if not used.caveats:
            return converted, (said(text, currency=currency),)
    return query, (said(_BY_CURRENCY, currency=currency),)


def _of_most(sites: Sequence[QuerySite]) -> str:
    """The currency that most of the sites keep."""
    (currency, _), *_ = Counter(sorted(site.currency for site in sites)).most_common(1)
    return currency


def _version(query: MetricQuery, catalogue: Catalogue) -> str:
    used = sorted({measure.metric for measure in query.measures if measure.metric})
    return " ".join(
        ["catalogue", catalogue.hash, *(f"{name}@{catalogue.metrics[name].version}" for name in used)]
    )


def _records(compiled: CompiledQuery, catalogue: Catalogue) -> list[str]:
    """The canonical records that a statement rests on; sums stand for the lines that they are made of."""
    lines = {entity.table: entity.lines_table for entity in catalogue.entities.values()}
    lines |= {entity.days.table: entity.lines_table for entity in catalogue.entities.values() if entity.days}
    return [lines.get(table) or table for table in compiled.tables if table != "site"] or ["site"]


def _typed(
    compiled: CompiledQuery, rows: tuple[tuple[object, ...], ...], of_site: str
) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...], frozenset[str]]:
    """Columns with units, exact cells, and the currencies of amounts; a column where these differ."""
    width = len(compiled.columns)
    beside = [_text(row[width]) for row in rows] if compiled.has_currency else []
    found = frozenset(currency for currency in beside if currency)
    one = next(iter(found)) if len(found) == 1 and MIXED not in found else ""
    columns = [_column(column, one if column.money_of_row else of_site) for column in compiled.columns]
    names = [column.name for column in compiled.columns]
    cells = [tuple(cell(value, name) for value, name in zip(row, names, strict=False)) for row in rows]
    amounts = any(column.money_of_row for column in compiled.columns)
    if len(found) > 1 and amounts and "currency" not in {column.name for column in columns}:
        columns.append(Column("currency", "currency", "text"))
        cells = [(*row, currency) for row, currency in zip(cells, beside, strict=True)]
    return tuple(columns), tuple(cells), found if amounts else found & {MIXED}


def _told_apart(columns: tuple[Column, ...], query: MetricQuery, catalogue: Catalogue) -> tuple[Column, ...]:
    """Measures that differ only in their conditions, each with its own in its heading."""
    labels = Counter(column.label for column in columns)
    wording = Wording(catalogue)
    worded = {measure.name: wording.measure(measure, query) for measure in query.measures if measure.where}
    return tuple(
        replace(column, label=worded[column.name])
        if labels[column.label] > 1 and column.name in worded
        else column
        for column in columns
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _column(column: CompiledColumn, currency: str) -> Column:
    unit = column.unit or (currency if column.kind == "money" else "")
    return Column(column.name, column.label, column.kind, unit, column.good)


def _figures(table: Table) -> tuple[Figure, ...]:
    if len(table.rows) != 1:
        return ()
    return tuple(
        Figure(column.label, value, column.unit, column.kind, _EVIDENCE)
        for column, value in zip(table.columns, table.rows[0], strict=True)
        if isinstance(value, Decimal) and column.kind not in ("id", "text")
    )
