"""The catalogue's expressions give the same figures on an engine that a customer may already have."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pytest
import sqlglot

from erp_adapters.store import OWNER_ROLE
from tests.conftest import Database
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.compiler import CompiledQuery, Compiler
from tools.metrics.elsewhere import written_for
from tools.metrics.query import DateTest, Grain, Grouping, Measure, MetricQuery, ValueTest

_YEAR = DateTest(start=date(2025, 1, 1), end=date(2025, 12, 31))
_BRIDGE = MetricQuery(
    measures=(
        Measure(name="actual", metric="actual_amount", where=(_YEAR,)),
        Measure(name="plan", metric="plan_amount", where=(_YEAR,)),
        Measure(name="gap", derive="difference", of=("actual", "plan")),
    ),
    by=(Grouping(entity="account"),),
)
_GRAINS: tuple[Grain, ...] = ("day", "week", "month", "quarter", "year", "weekday", "month_of_year")
_QUERIES = {
    "bridge by account": _BRIDGE,
    "bridge by account and company from a day on": MetricQuery(
        measures=(
            Measure(name="actual", metric="actual_amount"),
            Measure(name="lines", metric="ledger_entry_count"),
            Measure(name="first", field="ledger_line.amount", aggregate="minimum"),
            Measure(name="gap", metric="plan_variance"),
        ),
        by=(Grouping(entity="account"), Grouping(entity="company")),
        where=(
            DateTest(start=date(2025, 1, 9), end=date(2025, 11, 20)),
            ValueTest(path="ledger_line.scenario", values=("actual", "plan")),
        ),
    ),
    **{
        f"by {grain}": MetricQuery(
            measures=(Measure(name="m", metric="actual_amount"), Measure(name="n", count_of="ledger_line")),
            by=(Grouping(grain=grain),),
        )
        for grain in _GRAINS
    },
    "actual by account and month": MetricQuery(
        measures=(Measure(name="m", metric="actual_amount"),),
        by=(Grouping(entity="account"), Grouping(grain="month")),
    ),
    **{
        name: MetricQuery(measures=(Measure(name="m", metric=name),), by=(Grouping(entity="site"),))
        for name in ("plan_variance_pct", "otif_rate", "purchase_value", "stock_value", "open_sales_value")
    },
}


@pytest.fixture(scope="module")
def other(demo: Database, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Every table that the questions read, as parquet files, and views over them under the same names."""
    folder = tmp_path_factory.mktemp("parquet")
    engine = duckdb.connect()
    engine.execute("create schema erp; set timezone = 'UTC'")
    tables = {table for query in _QUERIES.values() for table in _compiled(query).tables} - {"ledger_day"}
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as owner:
        for table in sorted(tables | {"ledger_line"}):
            _export(owner, engine, table, folder)
        days = owner.execute("select pg_get_viewdef('erp.ledger_day'::regclass)").fetchone()
    assert days
    # The store's own view: single days are read from the lines there as well.
    engine.execute(
        f"create view erp.ledger_day as {sqlglot.transpile(str(days[0]), 'postgres', 'duckdb')[0]}"
    )
    return engine


def _export(
    owner: psycopg.Connection[tuple[object, ...]],
    engine: duckdb.DuckDBPyConnection,
    table: str,
    folder: Path,
) -> None:
    columns = owner.execute(
        "select column_name, data_type, numeric_precision, numeric_scale from information_schema.columns"
        " where table_schema = 'erp' and table_name = %s order by ordinal_position",
        (table,),
    ).fetchall()
    kinds = {
        "text": "varchar", "numeric": "decimal(38, 6)", "date": "date", "boolean": "boolean",
        "integer": "integer", "bigint": "bigint", "timestamp with time zone": "timestamptz",
    }  # fmt: skip
    known = {str(name): kinds.get(str(kind), "varchar") for name, kind, *_ in columns}
    file = folder / f"{table}.csv"
    names = ", ".join(known)
    with (
        file.open("wb") as out,
        owner.cursor().copy(
            f"copy (select {names} from erp.{table}) to stdout (format csv, header)".encode()
        ) as copy,
    ):
        for chunk in copy:
            out.write(chunk)
    parquet = file.with_suffix(".parquet")
    engine.execute(
        f"copy (select * from read_csv('{file}', header = true, columns = {known}))"
        f" to '{parquet}' (format parquet)"
    )
    engine.execute(f"create view erp.{table} as select * from '{parquet}'")


def _compiled(query: MetricQuery) -> CompiledQuery:
    return Compiler(packaged_catalogue()).compile(query, several_currencies=True)


@pytest.mark.parametrize("name", _QUERIES)
def test_postgres_and_duckdb_say_the_same(
    demo: Database, other: duckdb.DuckDBPyConnection, name: str
) -> None:
    """Row by row, the same figures; nothing is rewritten but the dialect."""
    compiled = _compiled(_QUERIES[name])
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as owner:
        ours = owner.execute(compiled.sql.encode(), compiled.parameters).fetchall()
    theirs = other.execute(*written_for("duckdb", compiled)).fetchall()
    assert len([row for row in ours if any(isinstance(cell, Decimal) for cell in row)]) > 1
    assert sorted(map(_plain, theirs)) == sorted(map(_plain, ours))


def _plain(row: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(_text(cell) for cell in row)


def _text(cell: object) -> str:
    match cell:
        case Decimal() | float() | int():
            return f"{Decimal(str(cell)):.6f}"
        case datetime():
            return cell.date().isoformat()
        case _:
            return str(cell)
