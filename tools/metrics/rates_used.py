"""Which rates a converted result rests on, and how many records it leaves out because there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from erp_adapters.store.session import ReadTransaction
from tools.errors import NotRecorded
from tools.languages import said
from tools.languages.forms import numeral
from tools.metrics.catalogue import Catalogue
from tools.metrics.cells import cell
from tools.metrics.converting import keeps_currency, rate_kind
from tools.metrics.left_out import measured
from tools.metrics.measures import Measures
from tools.metrics.query import MetricQuery, RateKind
from tools.metrics.statement import checked
from tools.results import Cell, Column, Table

_NONE: dict[RateKind, str] = {
    "average": "No average rate from [[source]] to [[target]] is on file at [[site]] for what is asked.",
    "closing": "No closing rate from [[source]] to [[target]] is on file at [[site]] for what is asked.",
    "plan": "No plan rate from [[source]] to [[target]] is on file at [[site]] for what is asked.",
    "constant": "No plan rate from [[source]] to [[target]] is on file at [[site]] for what is asked.",
}
_LEFT_OUT: dict[RateKind, str] = {
    "average": "[[number]] [[things]] at [[site]] are left out: there is no average rate from [[source]] to"
    " [[target]] of their day.",
    "closing": "[[number]] [[things]] at [[site]] are left out: there is no closing rate from [[source]] to"
    " [[target]] of their day.",
    "plan": "[[number]] [[things]] at [[site]] are left out: there is no plan rate from [[source]] to"
    " [[target]] of their year.",
    "constant": "[[number]] [[things]] at [[site]] are left out: there is no plan rate from [[source]] to"
    " [[target]] of that year.",
}


@dataclass(frozen=True, slots=True)
class RatesOf:
    """A statement that finds the rates of one entity's records, by site and currency."""

    things: str
    sql: str
    parameters: dict[str, object]


def rates_of(measures: Measures) -> tuple[RatesOf, ...]:
    """One for each entity whose amounts a query converts."""
    if measures.conversion is None:
        return ()
    entities = [measures.query.rows_of] if measures.query.rows_of else []
    entities += [base for base in measures.bases if any(map(measures.in_currency, measures.over(base)))]
    return tuple(_of(measures, entity) for entity in dict.fromkeys(entities))


def _of(measures: Measures, entity: str) -> RatesOf:
    source = measures.source(entity, "t")
    tests = [measures.conditions.sql(measures.applicable(entity), source), measured(measures, source)]
    rate = source.converting()
    site = source.alias if entity == "site" else source.joined(("site",))
    own = "t.currency" if keeps_currency(measures.catalogue, entity) else f"{site}.currency"
    where = " and ".join(test for test in tests if test)
    sql = (
        f"select {site}.name, {own}, count(*), count({rate}), min({rate}), max({rate}),"
        f" min(t_rate_into.valid_on), max(t_rate_into.valid_on)\n{source.from_clause()}"
        f"{f' where {where}' if where else ''}\ngroup by 1, 2 order by 1, 2"
    )
    checked(sql)
    return RatesOf(measures.labels.plural(entity), sql, measures.parameters.values)


@dataclass(frozen=True, slots=True)
class RatesUsed:
    """The rates of a result as a table, and what is left out for want of one."""

    table: Table
    caveats: tuple[str, ...]


async def found_rates(
    query: MetricQuery, rates: Sequence[RatesOf], catalogue: Catalogue, tx: ReadTransaction
) -> RatesUsed | None:
    """What a query's amounts were converted at; None where nothing had to be.

    Raises:
        NotRecorded: there is no rate for any of the records that are asked about.
    """
    kind, caveats, without = rate_kind(query, catalogue), [], []
    rows: list[tuple[Cell, ...]] = []
    converted = 0
    for each in rates:
        for site, currency, number, rated, low, high, first, last in (
            await tx.fetch(each.sql, each.parameters)
        ).rows:
            assert isinstance(number, int)
            assert isinstance(rated, int)
            words = {"source": str(currency), "target": query.currency, "site": str(site)}
            converted += rated
            if rated < number:
                without.append(said(_NONE[kind], **words))
                left = numeral(str(number - rated))
                caveats.append(said(_LEFT_OUT[kind], number=left, things=each.things, **words))
            if currency != query.currency and rated:
                used = (cell(value) for value in (low, high, first, last))
                rows.append((str(site), each.things, str(currency), rated, *used))
    if without and not converted:
        raise NotRecorded(without[0])
    if not rows and not caveats:
        return None
    return RatesUsed(_table(rows), tuple(caveats))


def _table(rows: Sequence[tuple[Cell, ...]]) -> Table:
    columns = (
        Column("site", said("site"), "text"),
        Column("records", said("records"), "text"),
        Column("from_currency", said("from currency"), "id"),
        Column("number", said("records converted"), "count"),
        Column("lowest", said("lowest rate"), "rate"),
        Column("highest", said("highest rate"), "rate"),
        Column("first", said("first rate of"), "date"),
        Column("last", said("last rate of"), "date"),
    )
    return Table(columns, tuple(rows), title=said("Rates used"), total_rows=len(rows))


async def with_year(query: MetricQuery, tx: ReadTransaction) -> MetricQuery:
    """The query with the year that its constant rates are of: the latest with plan rates up to today.

    Raises:
        NotRecorded: no site that the caller may see has plan rates.
    """
    if query.rates != "constant" or query.rates_of is not None:
        return query
    found = await tx.fetch(
        "select max(extract(year from r.valid_on))::int from erp.fx_rate r join erp.site s using (site)"
        " where r.plan_rate > 0 and r.valid_on <= s.as_of::date"
    )
    year = found.rows[0][0]
    if not isinstance(year, int):
        raise NotRecorded(said("No plan rate is on file, so there are no constant rates."))
    return query.model_copy(update={"rates_of": year})
