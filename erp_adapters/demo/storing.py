"""From gathered rows to the store: COPY under provenance, sums of the ledger, and a record of the load."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import psycopg
from psycopg import sql

from erp_adapters.demo.book import PackedBook, PackedSheet
from erp_adapters.demo.plant import SOURCE, Plant
from erp_adapters.errors import ImportRunning
from erp_adapters.store.balances import Balances
from erp_adapters.store.ids import new_id
from erp_adapters.store.lineage import record_load
from erp_adapters.store.quality import LoadReport

_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_OWNED = """
select c.table_name from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'erp' and t.table_type = 'BASE TABLE' and c.table_name <> 'provenance'
  and c.column_name in ('site', 'source_system', 'source_key', 'ingested_at')
group by c.table_name having count(*) = 4 order by 1
"""
_SITE = """
insert into erp.site (company, site, source_system, source_key, load_id, name, country, time_zone, currency,
                      unit_system, as_of)
values (%(company)s, %(site)s, %(source)s, %(key)s, %(load)s, %(name)s, %(country)s, %(zone)s, %(currency)s,
        %(units)s, %(as_of)s)
"""
_SUMS = """
insert into erp.ledger_period (company, site, source_system, source_key, load_id, month, account_id,
                               cost_centre_id, scenario, amount, lines, currency)
select company, site, source_system, 'sum of ledger lines', %(load)s, date_trunc('month', posted_on)::date,
       account_id, coalesce(cost_centre_id, ''), scenario, sum(amount), count(*), currency
from erp.ledger_line where site = %(site)s and source_system = %(source)s
group by company, site, source_system, 6, account_id, 8, scenario, currency
"""
_AS_OF_BECAUSE = "The demo's history ends on a fixed day, so that its answers stay the same."


def take_lock(connection: _Connection) -> None:
    """Hold the demo until the transaction ends.

    Raises:
        ImportRunning: somebody else is building it.
    """
    number = int.from_bytes(hashlib.sha256(f"build {SOURCE}".encode()).digest()[:8], "big", signed=True)
    row = connection.execute("select pg_try_advisory_xact_lock(%s)", (number,)).fetchone()
    if row is None or not row[0]:
        raise ImportRunning(
            "The demo is being built in this home already. Wait until it is; this attempt changed nothing."
        )


def store(
    connection: _Connection, plant: Plant, book: PackedBook, tick: Callable[[str, int], None]
) -> LoadReport:
    """Put one plant's rows in the place of what the demo had there, in the connection's transaction.

    Args:
        tick: told the name of each record and its rows before it is stored.
    """
    began, started_at, load_id = time.monotonic(), datetime.now(UTC), new_id()
    origin = {"company": plant.company, "site": plant.code, "source": SOURCE, "load": load_id}
    for (table,) in connection.execute(_OWNED).fetchall():
        connection.execute(
            sql.SQL("delete from {} where site = %(site)s and source_system = %(source)s").format(
                sql.Identifier("erp", table)
            ),
            origin,
        )
    connection.execute(_SITE, origin | _description(plant))
    for sheet in book.sheets:
        tick(sheet.outcome.record, sheet.outcome.loaded)
        _copy(connection, sheet, origin)
    connection.execute(_SUMS, origin)
    _balances(book, plant.company).store(connection, origin)
    for name in (*(sheet.outcome.record for sheet in book.sheets), "ledger_period"):
        connection.execute(sql.SQL("analyze {}").format(sql.Identifier("erp", name)))
    outcomes = [sheet.outcome for sheet in book.sheets]
    content = "\n".join(f"{outcome.record} {outcome.checksum}" for outcome in outcomes)
    report = LoadReport(
        load_id=load_id,
        source=SOURCE,
        mapping_version=1,
        site=plant.code,
        as_of=plant.as_of,
        as_of_because=_AS_OF_BECAUSE,
        seconds=round(time.monotonic() - began, 3),
        records=outcomes,
        files=[],
        unknown_files=[],
        left_out=[],
        absent=[],
        has_manifest=False,
        checksum=hashlib.sha256(f"{content}\n{plant.as_of.isoformat()}".encode()).hexdigest(),
    )
    record_load(connection, report, [], started_at)
    return report


def _balances(book: PackedBook, company: str) -> Balances:
    """What the plant's own ledger comes to, from its book and not from what was stored."""
    found = Balances()
    for sheet in book.sheets:
        if sheet.outcome.record != "ledger_line":
            continue
        at = {name: number for number, name in enumerate(("source_key", "flags", *sheet.columns))}
        for line in sheet.lines.decode().splitlines():
            cells = line.split("\t")
            found.count(
                company,
                date.fromisoformat(cells[at["posted_on"]]),
                cells[at["account_id"]],
                cells[at["scenario"]],
                cells[at["currency"]],
                Decimal(cells[at["amount"]]),
            )
    return found


def _description(plant: Plant) -> dict[str, object]:
    return {
        "key": f"site/{plant.code}",
        "name": plant.name,
        "country": plant.country,
        "zone": plant.time_zone,
        "currency": plant.currency,
        "units": plant.unit_system,
        "as_of": plant.as_of,
    }


def _copy(connection: _Connection, sheet: PackedSheet, origin: dict[str, object]) -> None:
    # The database refuses COPY into a table under row-level security, so rows go through one without.
    table, stage = sql.Identifier("erp", sheet.outcome.record), sql.Identifier("stage")
    columns = sql.SQL(", ").join(map(sql.Identifier, ["source_key", "flags", *sheet.columns]))
    parts = {"table": table, "stage": stage, "columns": columns}
    connection.execute(
        sql.SQL("create temp table {stage} on commit drop as select {columns} from {table} limit 0").format(
            **parts
        )
    )
    with connection.cursor().copy(sql.SQL("copy {stage} from stdin").format(**parts)) as copy:
        copy.write(sheet.lines)
    connection.execute(
        sql.SQL(
            "insert into {table} (company, site, source_system, load_id, {columns})"
            " select %(company)s, %(site)s, %(source)s, %(load)s, {columns} from {stage}"
        ).format(**parts),
        origin,
    )
    connection.execute(sql.SQL("drop table {stage}").format(**parts))
