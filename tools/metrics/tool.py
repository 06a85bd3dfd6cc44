"""The tool that answers metric queries: figures and tables with their evidence, reading and caveats."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from erp_adapters.store.session import ReadTransaction
from tools.evidence import evidence, readable
from tools.metrics.catalogue import Catalogue, packaged_catalogue
from tools.metrics.compiler import CompiledColumn, CompiledQuery, Compiler
from tools.metrics.query import DateTest, Grouping, Measure, MetricQuery
from tools.metrics.wording import Wording
from tools.registry import ToolContext, tool
from tools.results import Cell, ChartSpec, Column, Figure, Table, ToolResult

_MOST_ROWS = 2_000
_TIME = frozenset({"day", "week", "month", "quarter", "year"})
_EVIDENCE = "e1"
_PLACES = Decimal("0.000001")

_CAVEATS = {
    "zero_cost_stock": (
        "select count(distinct s.material_id) from erp.stock s join erp.material m on m.site = s.site"
        " and m.material_id = s.material_id where coalesce(m.standard_cost, 0) = 0 and s.quantity <> 0",
        "{} stocked materials have a standard cost of zero and count as zero: the value understates the stock.",
    ),
    "zero_cost_scrap": (
        "select count(distinct w.material_id) from erp.production_order w join erp.material m on m.site = w.site"
        " and m.material_id = w.material_id where coalesce(m.standard_cost, 0) = 0 and w.scrapped > 0",
        "{} scrapped materials have a standard cost of zero and count as zero.",
    ),
    "no_info_record_lines": (
        "select count(*) from erp.purchase_line p join erp.purchase_order o on o.site = p.site and o.order_id = p.order_id"
        " left join erp.info_record i on i.site = p.site and i.material_id = p.material_id and i.supplier_id = o.supplier_id"
        " where i.material_id is null",
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
    query = await _by_currency(query, context.tx, catalogue)
    compiled = _compiler().compile(query)
    found = await context.tx.fetch(compiled.sql, compiled.parameters)
    currency = await _site_currency(context.tx)
    columns, rows = _typed(compiled, found.rows, currency)
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
    )
    return ToolResult(
        tool="query_metrics",
        reading=reading,
        tables=(table,),
        figures=_figures(table),
        evidence=(proof,),
        sentence=_sentence(table, query, compiled),
        caveats=await _caveats(query, table, context.tx, catalogue),
        chart=_chart(query, table),
    )


def _version(query: MetricQuery, catalogue: Catalogue) -> str:
    used = sorted({measure.metric for measure in query.measures if measure.metric})
    return " ".join(
        ["catalogue", catalogue.hash, *(f"{name}@{catalogue.metrics[name].version}" for name in used)]
    )


async def _by_currency(query: MetricQuery, tx: ReadTransaction, catalogue: Catalogue) -> MetricQuery:
    """Money of sites with different currencies is never added: such a query is split by site."""
    if query.rows_of or not any(_is_money(measure, catalogue) for measure in query.measures):
        return query
    if any(grouping.entity in ("site", "company") for grouping in query.by) or len(query.by) > 3:
        return query
    currencies = (await tx.fetch("select count(distinct currency) from erp.site")).rows[0][0]
    if currencies == 1:
        return query
    return query.model_copy(update={"by": (*query.by, Grouping(entity="site"))})


def _is_money(measure: Measure, catalogue: Catalogue) -> bool:
    if measure.metric:
        metric = catalogue.metrics[measure.metric]
        return metric.kind == "money" and metric.unit != "@currency"
    if measure.field:
        entity, _, name = measure.field.split("/")[-1].partition(".")
        field = catalogue.entity(entity).fields.get(name)
        return field is not None and field.kind == "money"
    return False


async def _site_currency(tx: ReadTransaction) -> str:
    rows = (await tx.fetch("select distinct currency from erp.site")).rows
    return str(rows[0][0]) if len(rows) == 1 else ""


def _typed(
    compiled: CompiledQuery, rows: tuple[tuple[object, ...], ...], currency: str
) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]:
    """Result columns with units, and cells of exact types."""
    of_rows = {str(row[-1]) for row in rows if row[-1] is not None} if compiled.has_currency else set()
    one = next(iter(of_rows)) if len(of_rows) == 1 else ""
    columns = [_column(column, one if column.money_of_row else currency) for column in compiled.columns]
    several = compiled.has_currency and len(of_rows) > 1
    if several:
        columns.append(Column("currency", "currency", "text"))
    width = len(compiled.columns)
    cells = tuple(
        tuple(_cell(value) for value in (row[: width + 1] if several else row[:width])) for row in rows
    )
    return tuple(columns), cells


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


def _sentence(table: Table, query: MetricQuery, compiled: CompiledQuery) -> str:
    """The answer in one sentence by reference; its numbers are put in by the renderer."""
    if not table.rows:
        return "Nothing matches: the answer is an empty list."
    names = [column for column in table.columns if column.kind == "text" and column.name != "currency"]
    numbers = [column for column in table.columns if column.kind not in ("text", "id", "flag", "date")]
    if len(table.rows) == 1:
        said = [f"{column.label}: {{{{tables[0].rows[0].{column.name}}}}}" for column in numbers]
        head = ", ".join(f"{{{{tables[0].rows[0].{column.name}}}}}" for column in names)
        text = "; ".join(part for part in (head, ", ".join(said)) if part)
        return text[:1].upper() + text[1:] + "."
    if query.order and names and numbers and query.order[0].by in {column.name for column in numbers}:
        by = next(column for column in numbers if column.name == query.order[0].by)
        where = "highest" if query.order[0].descending else "lowest"
        return (
            f"{{{{tables[0].rows[0].{names[0].name}}}}} is {where} in {by.label}"
            f" with {{{{tables[0].rows[0].{by.name}}}}}; the table has all {{{{tables[0].count}}}} rows."
        )
    return "The table has {{tables[0].count}} rows."


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
    query: MetricQuery, table: Table, tx: ReadTransaction, catalogue: Catalogue
) -> tuple[str, ...]:
    said: list[str] = []
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
            number = (await tx.fetch(sql)).rows[0][0]
            if number:
                said.append(text.format(number))
    if any(column.name == "currency" for column in table.columns):
        rows = {str(row[-1]) for row in table.rows}
        if "mixed" in rows:
            said.append("Amounts of ledgers in different currencies are added as posted, without conversion.")
        else:
            said.append("Each amount is in its ledger's own currency; they are not converted.")
    undated = await _undated(query, tx, catalogue)
    if undated:
        said.append(undated)
    return tuple(dict.fromkeys(said))


async def _undated(query: MetricQuery, tx: ReadTransaction, catalogue: Catalogue) -> str:
    """Says how many records without dates a period or a dated metric leaves out."""
    dated = any(isinstance(test, DateTest) for test in query.where) or any(
        grouping.grain for grouping in query.by
    )
    measured = {catalogue.metrics[measure.metric].entity for measure in query.measures if measure.metric}
    if not dated or "production_order" not in measured:
        return ""
    number = (await tx.fetch("select count(*) from erp.production_order where 'undated' = any(flags)")).rows[
        0
    ][0]
    return f"{number} work orders have no dates in the source and are not in any period." if number else ""
