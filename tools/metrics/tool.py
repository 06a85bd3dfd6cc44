"""The tool that answers metric queries: figures and tables with their evidence, reading and caveats."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from erp_adapters.store.session import ReadTransaction
from tools.evidence import evidence, readable
from tools.metrics.catalogue import Catalogue, packaged_catalogue
from tools.metrics.compiler import CompiledColumn, CompiledQuery, Compiler
from tools.metrics.query import DateTest, MetricQuery
from tools.metrics.sentence import sentence
from tools.metrics.sites import QuerySite, by_currency, currencies, one_currency, sites_of, with_site
from tools.metrics.wording import Wording
from tools.registry import ToolContext, tool
from tools.results import Cell, ChartSpec, Column, Figure, Table, ToolResult

_MOST_ROWS = 2_000
_TIME = frozenset({"day", "week", "month", "quarter", "year"})
_EVIDENCE = "e1"
_MIXED = "mixed"
"""What the compiler says in place of a currency where amounts of several were added."""
_PLACES = Decimal("0.000001")

_CAVEATS = {
    "zero_cost_stock": (
        "select count(distinct s.material_id) from erp.stock s join erp.material m on m.site = s.site"
        " and m.material_id = s.material_id where coalesce(m.standard_cost, 0) = 0 and s.quantity <> 0"
        " and s.site = any(%(sites)s)",
        "{} stocked materials have a standard cost of zero and count as zero: the value understates the stock.",
    ),
    "zero_cost_scrap": (
        "select count(distinct w.material_id) from erp.production_order w join erp.material m on m.site = w.site"
        " and m.material_id = w.material_id where coalesce(m.standard_cost, 0) = 0 and w.scrapped > 0"
        " and w.site = any(%(sites)s)",
        "{} scrapped materials have a standard cost of zero and count as zero.",
    ),
    "no_info_record_lines": (
        "select count(*) from erp.purchase_line p join erp.purchase_order o on o.site = p.site and o.order_id = p.order_id"
        " left join erp.info_record i on i.site = p.site and i.material_id = p.material_id and i.supplier_id = o.supplier_id"
        " where i.material_id is null and p.site = any(%(sites)s)",
        "{} purchase order lines have no info record of their vendor and are left out.",
    ),
}


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

    Use it for every question about amounts, counts, rates, rankings, trends and comparisons, and for lists of materials,
    suppliers, orders, accounts and other records with conditions. Name metrics, entities, fields and conditions of the
    catalogue exactly. Give a condition once in `where` if it holds for all measures, or in a measure's own `where`.
    Use `rows_of` to list or count records (those without any facts included), `by` to group facts. Percentages come as
    displayed: 12.5 means 12.5 %. Dates are ISO 8601; a period without a role uses each entity's default date.
    """
    catalogue = packaged_catalogue()
    sites = await sites_of(query, context.tx)
    query = by_currency(query, sites, catalogue)
    compiled = _compiler().compile(with_site(query, sites))
    found = await context.tx.fetch(compiled.sql, compiled.parameters)
    columns, rows, money = _typed(compiled, found.rows, sites)
    total = len(rows)
    table = Table(columns, rows[:_MOST_ROWS], truncated=total > _MOST_ROWS, total_rows=total)
    reading = Wording(catalogue).query(query)
    proof = await evidence(
        context.tx,
        id=_EVIDENCE,
        tool="query_metrics",
        version=_version(query, catalogue),
        arguments=query,
        records=[
            catalogue.entity(name).lines_table or catalogue.entity(name).table
            for name in compiled.tables
            if name != "site"
        ],
        query=readable(compiled.sql, compiled.parameters),
        site=sites[0].site if len(sites) == 1 else None,
    )
    return ToolResult(
        tool="query_metrics",
        reading=reading,
        tables=(table,),
        figures=_figures(table),
        evidence=(proof,),
        sentence=sentence(table, query, catalogue),
        caveats=await _caveats(query, money, context.tx, catalogue, sites),
        chart=_chart(query, table),
    )


def _version(query: MetricQuery, catalogue: Catalogue) -> str:
    used = sorted({measure.metric for measure in query.measures if measure.metric})
    return " ".join(
        ["catalogue", catalogue.hash, *(f"{name}@{catalogue.metrics[name].version}" for name in used)]
    )


def _typed(
    compiled: CompiledQuery, rows: tuple[tuple[object, ...], ...], sites: Sequence[QuerySite]
) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...], frozenset[str]]:
    """Columns with units, exact cells, and the currencies there are; where they differ, a last column has them."""
    width = len(compiled.columns)
    if compiled.has_currency:
        beside = [None if row[width] is None else str(row[width]) for row in rows]
    else:
        beside = currencies(compiled, rows, sites)
    found = frozenset(currency for currency in beside if currency is not None)
    one = next(iter(found)) if len(found) == 1 and _MIXED not in found else ""
    of_site = one_currency(sites)
    columns = [_column(column, one if column.money_of_row else of_site or one) for column in compiled.columns]
    if len(found) < 2:
        return tuple(columns), tuple(tuple(_cell(value) for value in row[:width]) for row in rows), found
    columns.append(Column("currency", "currency", "text"))
    cells = tuple(
        (*(_cell(value) for value in row[:width]), currency)
        for row, currency in zip(rows, beside, strict=True)
    )
    return tuple(columns), cells, found


def _column(column: CompiledColumn, currency: str) -> Column:
    unit = column.unit or (currency if column.kind == "money" else "")
    return Column(column.name, column.label, column.kind, unit, column.good)


def _cell(value: object) -> Cell:
    match value:
        case None | bool() | str():
            return value
        case Decimal():
            return _trimmed(value)
        case int():
            return Decimal(value)
        case float():
            return _trimmed(Decimal(repr(value)))
        case datetime() | date():
            return value
        case _:
            return str(value)


def _trimmed(value: Decimal) -> Decimal:
    """Six places at most, without trailing zeros; what is stored has no more."""
    rounded = value.quantize(_PLACES) if value.is_finite() else value
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded.normalize()


def _figures(table: Table) -> tuple[Figure, ...]:
    if len(table.rows) != 1:
        return ()
    return tuple(
        Figure(column.label, value, column.unit, column.kind, _EVIDENCE)
        for column, value in zip(table.columns, table.rows[0], strict=True)
        if isinstance(value, Decimal) and column.kind not in ("id", "text")
    )


def _chart(query: MetricQuery, table: Table) -> ChartSpec | None:
    numbers = tuple(
        column.name
        for column in table.columns
        if column.kind in ("quantity", "count", "money", "percent", "days", "rate", "ratio")
    )
    if not 2 <= len(table.rows) <= 60 or not numbers or query.output != "rows":
        return None
    if query.by and query.by[0].grain in _TIME:
        return ChartSpec("line", table.columns[0].name, numbers[:3])
    names = [column.name for column in table.columns if column.kind == "text"]
    return ChartSpec("bar", names[0], numbers[:1]) if names else None


async def _caveats(
    query: MetricQuery,
    money: frozenset[str],
    tx: ReadTransaction,
    catalogue: Catalogue,
    sites: Sequence[QuerySite],
) -> tuple[str, ...]:
    said: list[str] = []
    codes = {"sites": [site.site for site in sites]}
    for measure in query.measures:
        metric = catalogue.metrics.get(measure.metric)
        if metric is None:
            continue
        if metric.note:
            said.append(f"{metric.label[:1].upper()}{metric.label[1:]}: {metric.note}.")
        if metric.comparability:
            said.append(metric.comparability[:1].upper() + metric.comparability[1:] + ".")
        if metric.caveat in _CAVEATS:
            sql, text = _CAVEATS[metric.caveat]
            number = (await tx.fetch(sql, codes)).rows[0][0]
            if number:
                said.append(text.format(number))
    if _MIXED in money:
        said.append("Amounts of ledgers in different currencies are added as posted, without conversion.")
    elif len(money) > 1:
        said.append("Each amount is in its own currency; they are not converted.")
    if len(sites) > 1 and _counts_shared(query, catalogue):
        said.append("Each site's records are counted: what two sites both keep counts twice.")
    undated = await _undated(query, tx, catalogue, codes)
    if undated:
        said.append(undated)
    return tuple(dict.fromkeys(said))


def _counts_shared(query: MetricQuery, catalogue: Catalogue) -> bool:
    """True where things are counted that several sites can have in common, such as suppliers."""
    if any(grouping.entity == "site" for grouping in query.by):
        return False
    counted = {measure.count_of for measure in query.measures}
    counted |= {
        catalogue.metrics[measure.metric].entity
        for measure in query.measures
        if measure.metric and catalogue.metrics[measure.metric].value == "count(*)"
    }
    if query.output == "count":
        counted.add(query.rows_of)
    named = [catalogue.entity(name) for name in counted - {"", "site"}]
    return any(entity.name not in ("", entity.key) for entity in named)


async def _undated(
    query: MetricQuery, tx: ReadTransaction, catalogue: Catalogue, codes: dict[str, list[str]]
) -> str:
    """Says how many records without dates a period or a dated metric leaves out."""
    dated = any(isinstance(test, DateTest) for test in query.where) or any(
        grouping.grain for grouping in query.by
    )
    measured = {catalogue.metrics[measure.metric].entity for measure in query.measures if measure.metric}
    if not dated or "production_order" not in measured:
        return ""
    sql = "select count(*) from erp.production_order where 'undated' = any(flags) and site = any(%(sites)s)"
    number = (await tx.fetch(sql, codes)).rows[0][0]
    return f"{number} work orders have no dates in the source and are not in any period." if number else ""
