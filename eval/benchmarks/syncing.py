"""What reading a database again and again costs: a million rows at first, then one that has not changed.

The source is a Postgres table of stock movements with units, codes and quality rules, read in pages that are
applied in short transactions. Yardsticks of the same run: the rows read and nothing done with them, and the
rows put from there into a table without a mapping. Processor time of this process and of the database's
processes stands beside the clock, since other programs of the machine hide the latter.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from erp_adapters.ports import Capability
from erp_adapters.sql import SqlReader, SqlSource
from erp_adapters.store import OWNER_ROLE, EmbeddedPostgres, migrate
from erp_adapters.store.consistency import parse_mapping
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.site_rules import parse_rules
from erp_adapters.store.syncing.plan import Plan, plan
from erp_adapters.store.syncing.running import SyncReport, sync_site

WANTED = 20_000
"""Rows a second."""
MOST_MIB = 300
CHEAPER = 20
"""So many times less an unchanged source must cost than a first reading."""
_ENDED_S = 2.0
_TICK = os.sysconf("SC_CLK_TCK")
_MAPPING = """
source: bench
version: 1
as_of: {latest: [{file: confirmations, column: booked_on}], because: the last posting}
plausible_dates: {first: 2000-01-01, last: 2040-12-31}
files:
  confirmations:
    file: confirmations.csv
    table: MSEG
    columns:
      key: text required
      movement: text
      material: text
      booked_on: date required
      posted_at: moment
      kind: text required
      quantity: decimal required
      unit: text
      cost: decimal
      currency: text
      order_no: text
      line: text
records:
- record: stock_movement
  file: confirmations
  key: [key]
  currency: {coded: currency, rule: currency}
  fields:
    movement_id: movement
    material_id: material
    moved_on: booked_on
    posted_at: posted_at
    kind: {coded: kind, rule: movement_kind}
    quantity: {quantity: quantity, unit: unit, rule: unit}
    unit: {coded: unit, rule: unit}
    unit_cost: cost
    order_id: order_no
    order_line: line
  quality:
  - {rule: no_cost, severity: flag, when: {missing: [cost]}, reason: no cost}
  - rule: nothing
    severity: flag
    when: {compare: quantity, op: '=', to: {constant: 0}}
    reason: a movement of nothing
"""
_RULES = """
site: KAS
codes:
  currency: {because: x, values: {EUR: EUR}}
  movement_kind: {because: x, values: {101: production, 261: consumption, 601: sale, 701: adjustment}}
  unit: {because: x, values: {ST: PC, TS: {is: PC, times: 1000}, KG: kg}}
"""
_TABLE = """
create table shop.mseg as
select (4900000000 + n / 3)::text || '/' || (n % 3 + 1) as id,
       (4900000000 + n / 3)::text || '-' || (n % 3 + 1) as movement,
       'M' || (n::bigint * 7919 % 900) as material,
       date '2025-01-01' + (n * 31 % 360) as booked_on,
       timestamptz '2025-01-01' + (n * 31 % 360) * interval '1 day' + (n * 17 % 40000) * interval '1 second'
           as posted_at,
       (array['101', '261', '601', '701'])[n % 4 + 1] as kind,
       (n * 13 % 10000)::numeric / 2 as quantity,
       (array['ST', 'TS', 'KG'])[n % 3 + 1] as unit,
       case when n % 50 > 0 then (n * 11 % 500000)::numeric / 100 end as cost,
       'EUR' as currency, (n * 3 % 20000)::text as order_no, (n % 9)::text as line,
       timestamptz '2025-06-01' + n * interval '1 second' as changed_at
from generate_series(1, %(rows)s::int) n;
"""
_COLUMNS = {
    name: name
    for name in (
        "movement", "material", "booked_on", "posted_at", "kind", "quantity", "unit", "cost", "currency",
        "order_no", "line",
    )
}  # fmt: skip
_SITE = SiteSpec(code="KAS", name="Kassel", country="DE", time_zone="Europe/Berlin", currency="EUR")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one step took."""

    name: str
    rows: int
    """That the source was asked for."""
    seconds: float
    python_s: float
    """Processor time of this process."""
    database_s: float
    """Of the processes of the database, the source's and the store's."""

    def line(self) -> str:
        """A row of the table."""
        a_second = f"{self.rows / self.seconds:>10,.0f}" if self.rows > 1 else f"{'':>10}"
        spent = self.python_s + self.database_s
        of_cpu = f"{self.rows / spent:>10,.0f}" if self.rows > 1 and spent else f"{'':>10}"
        return (
            f"{self.name:<38}{self.rows:>10,}{self.seconds:>9.2f}{self.python_s:>9.2f}{self.database_s:>9.2f}"
            f"{a_second}{of_cpu}"
        )


class Meter:
    """Measures steps, with the database's processes among what they cost."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        with psycopg.connect(server.dsn(OWNER_ROLE)) as connection:
            found = connection.execute("select pg_backend_pid()").fetchone()
            assert found is not None
            # While the connection lives: what has ended has no parent any more.
            self._postmaster = _parent(int(found[0]))

    @contextmanager
    def step(self, name: str, into: list[Cost]) -> Iterator[list[int]]:
        """Measure what is done within; the list takes the rows."""
        rows: list[int] = []
        began, python = time.perf_counter(), time.process_time()
        database = self._database()
        yield rows
        seconds, python = time.perf_counter() - began, time.process_time() - python
        # What ended with its connection is counted once the server has taken note of its end.
        time.sleep(_ENDED_S)
        into.append(Cost(name, sum(rows), seconds, python, self._database() - database))

    def _database(self) -> float:
        """Processor time of the server, of those that ended too."""
        total = sum(_times(self._postmaster))
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _parent(int(entry.name)) == self._postmaster:
                total += sum(_times(int(entry.name))[:2])
        return total / _TICK


def _stat(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(process: int) -> int:
    found = _stat(process)
    return int(found[1]) if found else 0


def _times(process: int) -> list[int]:
    found = _stat(process)
    return [int(value) for value in found[11:15]] if found else [0, 0, 0, 0]


def resident_mib() -> float:
    """The memory that this process has used at most."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def sources(dsn: str, *, tells: bool) -> SqlSource:
    """The table as a source, with or without a column that tells what changed."""
    with psycopg.connect(dsn) as connection:
        info = connection.info
        url = f"postgresql:///{info.dbname}?host={info.host}&port={info.port}&user={info.user}"
    table: dict[str, Any] = {"table": "shop.mseg", "key": ["id"], "columns": _COLUMNS, "total": "quantity"}
    if tells:
        table["changed"] = {"column": "changed_at"}
    return SqlSource.model_validate(
        {"url": url, "mapping": "mapping.yaml", "tables": {"confirmations": table}}
    )


def works() -> Plan:
    """The mapping of it."""
    return plan(
        parse_mapping(_MAPPING, "bench"),
        frozenset({Capability.CONFIRMATIONS}),
        totals={"confirmations": "quantity"},
    )


def fill(dsn: str, rows: int) -> None:
    """The source, the same on every machine."""
    with psycopg.connect(dsn) as connection:
        connection.execute("create schema shop")
        connection.execute(_TABLE.replace("%(rows)s", str(rows)))
        connection.execute("alter table shop.mseg add primary key (id)")
        connection.execute("create index on shop.mseg (changed_at)")
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze shop.mseg")


async def read(dsn: str, source: SqlSource, *, anew: bool = False) -> SyncReport:
    """One reading."""
    async with SqlReader.open(source) as port:
        return await sync_site(dsn, works(), port, _SITE, rules=parse_rules(_RULES, "bench"), anew=anew)


async def only_read(source: SqlSource) -> int:
    """Every row, with which nothing is done."""
    count = 0
    async with SqlReader.open(source) as port:
        async for page in port.pages(Capability.CONFIRMATIONS):
            count += len(page.rows)
    return count


def only_copied(dsn: str) -> int:
    """Every row from one connection into a table through another, without a mapping."""
    with psycopg.connect(dsn) as source, psycopg.connect(dsn) as store:
        store.execute("create table shop.bare (like shop.mseg including indexes)")
        reader, writer = source.cursor(), store.cursor()
        with reader.copy("copy shop.mseg to stdout") as out, writer.copy("copy shop.bare from stdin") as into:
            for block in out:
                into.write(block)
        count = writer.rowcount
        store.execute("drop table shop.bare")
    return count


async def measure(server: EmbeddedPostgres, dsn: str, rows: int) -> list[Cost]:
    """The steps one after the other."""
    meter, costs = Meter(server), list[Cost]()
    fill(dsn, rows)
    told, untold = sources(dsn, tells=True), sources(dsn, tells=False)
    with meter.step("copied without a mapping", costs) as count:
        count.append(only_copied(dsn))
    with meter.step("only read", costs) as count:
        count.append(await only_read(told))
    with psycopg.connect(dsn) as connection:
        change = (
            "update shop.mseg set quantity = quantity + 1, changed_at = now() - interval '1 hour'"
            " where id in (select id from shop.mseg order by id limit 1000)"
        )
        for name, source, changes, anew in (
            ("first reading", told, None, False),
            ("again, unchanged", told, None, False),
            ("again, a thousand changed", told, change, False),
            ("again, all compared by digest", untold, None, True),
            ("again, unchanged, tells no changes", untold, None, False),
        ):
            if changes is not None:
                connection.execute(change)
                connection.commit()
            with meter.step(name, costs) as count:
                report = await read(dsn, source, anew=anew)
                count.append(report.parts[0].read)
            assert not report.problems, report.problems
            assert not report.parts[0].difference, report.parts[0].difference
    return costs


@contextmanager
def _scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="plantwright-syncing-"))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def shown(costs: list[Cost], memory: float) -> tuple[str, bool]:
    """The table, and whether all is as wanted."""
    first, again, untold = costs[2], costs[3], costs[-1]
    untold_cpu = (first.python_s + first.database_s) / max(untold.python_s + untold.database_s, 1 / _TICK)
    cheaper_cpu = (first.python_s + first.database_s) / max(again.python_s + again.database_s, 1 / _TICK)
    cheaper = first.seconds / again.seconds
    spent = first.python_s + first.database_s
    ends = {
        "rows a second by the clock": (first.rows / first.seconds, WANTED, True),
        "rows a second of processor time": (first.rows / spent, WANTED, True),
        "unchanged: times cheaper by the clock": (cheaper, CHEAPER, True),
        "unchanged: times cheaper in processor time": (cheaper_cpu, CHEAPER, True),
        "the same, of a source that tells no changes": (untold_cpu, CHEAPER, True),
        "unchanged: source rows read": (again.rows, first.rows // CHEAPER, False),
        "memory of the process, MiB": (memory, MOST_MIB, False),
    }
    head = f"{'':<38}{'rows':>10}{'clock s':>9}{'python s':>9}{'db s':>9}{'rows/s':>10}{'rows/cpu-s':>10}"
    lines = [head, *(cost.line() for cost in costs), ""]
    for name, (value, wanted, is_least) in ends.items():
        word = "at least" if is_least else "at most"
        lines.append(f"{name:<44}{value:>12,.0f}  of {word} {wanted:,}")
    # Processor time says what this program costs; the clock also says what else the machine did.
    is_good = (
        first.rows / spent >= WANTED
        and cheaper_cpu >= CHEAPER
        and untold_cpu >= CHEAPER
        and again.rows * CHEAPER <= first.rows
        and memory <= MOST_MIB
    )
    return "\n".join(lines), is_good


def main(rows: Annotated[int, typer.Option(min=1_000, help="Rows of the source.")] = 1_000_000) -> None:
    """Measure readings of a database; exit code 1 where they cost more than is wanted."""
    with _scratch() as folder, EmbeddedPostgres(folder / "postgres", durable=False) as server:
        dsn = server.dsn(OWNER_ROLE)
        migrate(dsn)
        costs = asyncio.run(measure(server, dsn, rows))
    text, is_good = shown(costs, resident_mib())
    print(text)
    raise typer.Exit(0 if is_good else 1)


if __name__ == "__main__":
    typer.run(main)
