"""One import of one source: all of it, or nothing.

Rows are read, checked and copied to temporary tables first; only then, in the same transaction, are the
source's earlier rows of that site replaced. Readers see the old content until the commit and the new content
after it. COPY goes to temporary tables because Postgres refuses it under row-level security.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

import psycopg
from psycopg import errors, sql

from erp_adapters.errors import CopilotError, ImportFailed, ImportRunning, StoreUnavailable
from erp_adapters.store.directory import SourceDirectory, read_manifest
from erp_adapters.store.fitting import Targets, targets_of
from erp_adapters.store.ids import new_id
from erp_adapters.store.lineage import record_failure, record_load
from erp_adapters.store.mapping import SourceMapping
from erp_adapters.store.quality import LoadReport
from erp_adapters.store.staging import RecordStage

_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How far an import is."""

    step: Literal["reading", "storing"]
    name: str
    """The file that is being read, or the record that is being stored."""
    rows: int
    position: int
    """Which of `total` files or records this is, from 1."""
    total: int


Progress: TypeAlias = Callable[[LoadProgress], None]


async def load_source(
    dsn: str, mapping: SourceMapping, directory: Path, progress: Progress | None = None
) -> LoadReport:
    """Load a directory of files into the store, replacing what the same source had loaded for the same site.

    Cancelling rolls back before it returns.

    Args:
        dsn: the role that owns the tables.
        progress: called from another thread, for each file and every few thousand rows.

    Raises:
        SourceUnreadable: a file, column or row is not what the mapping says.
        ImportRunning: another import of this source and site has not finished.
        ImportFailed: too many rows were set aside, or the database refused.
        StoreUnavailable: the database does not answer.
        ConfigurationError: the mapping names a record or field that the store does not have.
    """
    job = _Import(dsn, mapping, directory, progress or (lambda _: None))
    work = asyncio.ensure_future(asyncio.to_thread(job.run))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        job.stop()
        # The thread has to be done before the caller goes on, or its commit could still come.
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()
        raise


class _Stopped(Exception):
    pass


class _Import:
    def __init__(self, dsn: str, mapping: SourceMapping, directory: Path, progress: Progress) -> None:
        self._dsn = dsn
        self._mapping = mapping
        self._directory = directory
        self._progress = progress
        self._stopping = threading.Event()
        self._connection: _Connection | None = None
        self._load_id = new_id()
        self._started_at = datetime.now(UTC)
        self._origin = {"site": mapping.site.code, "source": mapping.source, "load": self._load_id}

    def stop(self) -> None:
        """Make `run`, in another thread, roll back and raise."""
        self._stopping.set()
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.cancel_safe(timeout=5)

    def run(self) -> LoadReport:
        try:
            with self._explained(), psycopg.connect(self._dsn, connect_timeout=15) as connection:
                self._connection = connection
                return self._load(connection)
        except ImportRunning:
            raise
        except ImportFailed as exc:
            self._remember(exc)
            raise
        finally:
            self._connection = None

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """The driver's errors in words, each saying that nothing was kept."""
        what = f"Import of {self._mapping.source} into site {self._mapping.site.code}"
        try:
            yield
        except (_Stopped, errors.QueryCanceled) as exc:
            raise StoreUnavailable(f"{what} was stopped. Nothing was loaded; import again.") from exc
        except errors.DiskFull as exc:
            raise ImportFailed(
                f"{what}: the database's disk is full. Nothing was loaded: free some space (about ten times "
                "the size of the files) and import again."
            ) from exc
        except psycopg.OperationalError as exc:
            raise StoreUnavailable(
                f"{what}: the database does not answer ({_first_line(exc)}). Nothing was loaded; start it "
                "and import again."
            ) from exc
        except psycopg.Error as exc:
            raise ImportFailed(
                f"{what}: the database refused ({_first_line(exc)}). Nothing was loaded."
            ) from exc

    def _remember(self, failure: CopilotError) -> None:
        # Best effort: a database without room for this row has refused the import for that reason.
        with contextlib.suppress(psycopg.Error), psycopg.connect(self._dsn, connect_timeout=15) as connection:
            site, source = self._mapping.site.code, self._mapping.source
            record_failure(connection, self._load_id, source, site, self._started_at, str(failure))

    def _load(self, connection: _Connection) -> LoadReport:
        began = time.monotonic()
        mapping = self._mapping
        connection.execute("set local statement_timeout = 0")
        _take_lock(connection, mapping)
        targets = targets_of(connection, mapping)
        manifest = read_manifest(self._directory)
        source = SourceDirectory(self._directory, mapping)
        stages = [self._stage(connection, source, targets, number) for number in range(len(mapping.records))]
        as_of = datetime.combine(source.finish(), mapping.as_of.at, ZoneInfo(mapping.site.time_zone))
        self._store_site(connection, as_of)
        for number, stage in enumerate(stages, start=1):
            self._tick("storing", stage.spec.record, stage.loaded, number)
            self._store(connection, stage)
        outcomes = [stage.outcome() for stage in stages]
        content = "\n".join(f"{outcome.record} {outcome.checksum}" for outcome in outcomes)
        report = LoadReport(
            load_id=self._load_id,
            source=mapping.source,
            mapping_version=mapping.version,
            site=mapping.site.code,
            as_of=as_of,
            as_of_because=mapping.as_of.because,
            seconds=round(time.monotonic() - began, 3),
            records=outcomes,
            files=source.outcomes(manifest or {}),
            unknown_files=source.unknown_files(),
            left_out=list(mapping.left_out),
            absent=list(mapping.absent),
            has_manifest=manifest is not None,
            checksum=hashlib.sha256(f"{content}\n{as_of.isoformat()}".encode()).hexdigest(),
        )
        record_load(connection, report, stages, self._started_at)
        self._stop_if_asked()
        return report

    def _stop_if_asked(self) -> None:
        if self._stopping.is_set():
            raise _Stopped

    def _tick(self, step: Literal["reading", "storing"], name: str, rows: int, position: int) -> None:
        self._stop_if_asked()
        self._progress(LoadProgress(step, name, rows, position, len(self._mapping.records)))

    def _stage(
        self, connection: _Connection, source: SourceDirectory, targets: dict[str, Targets], number: int
    ) -> RecordStage:
        """Read one record's file into a temporary table."""
        spec = self._mapping.records[number]
        file = source.spec(spec.file).file
        self._tick("reading", file, 0, number + 1)
        stage = RecordStage(spec, targets[spec.record], source)
        connection.execute(
            sql.SQL(
                "create temp table {} on commit drop as select 0 as source_line, {} from {} limit 0"
            ).format(_temporary(stage), _columns(stage), _table(stage))
        )
        lines = stage.copy_lines(lambda rows: self._tick("reading", file, rows, number + 1))
        with connection.cursor().copy(sql.SQL("copy {} from stdin").format(_temporary(stage))) as copy:
            for chunk in _chunks(lines):
                copy.write(chunk)
        own = spec.max_quarantined_share
        stage.refuse_if_poor(self._mapping.max_quarantined_share if own is None else own)
        self._tick("reading", file, stage.read, number + 1)
        return stage

    def _store_site(self, connection: _Connection, as_of: datetime) -> None:
        """Make room: delete what the source had loaded for the site, and describe the site anew."""
        site = self._mapping.site
        for (table,) in connection.execute(_OWNED).fetchall():
            connection.execute(
                sql.SQL("delete from {} where site = %(site)s and source_system = %(source)s").format(
                    sql.Identifier("erp", table)
                ),
                self._origin,
            )
        connection.execute(
            _SITE,
            {
                **self._origin,
                "name": site.name,
                "country": site.country,
                "zone": site.time_zone,
                "currency": site.currency,
                "units": site.unit_system,
                "as_of": as_of,
            },
        )

    def _store(self, connection: _Connection, stage: RecordStage) -> None:
        connection.execute(
            sql.SQL(
                "insert into {table} (site, source_system, load_id, {columns})"
                " select %(site)s, %(source)s, %(load)s, {columns} from {temporary}"
            ).format(table=_table(stage), columns=_columns(stage), temporary=_temporary(stage)),
            self._origin,
        )
        connection.execute(
            sql.SQL(
                "insert into erp.source_line select %(site)s, %(source)s, %(record)s, source_key, %(file)s,"
                " source_line from {}"
            ).format(_temporary(stage)),
            {**self._origin, "record": stage.spec.record, "file": stage.file.file},
        )
        connection.execute(sql.SQL("analyze {}").format(_table(stage)))
        if stage.spec.record == "ledger_line":
            connection.execute(_SUM_LEDGER, self._origin)
            connection.execute("analyze erp.ledger_period")


# Tables whose rows a load may own; from the catalogue, so that no record of an older mapping stays behind.
_OWNED = """
select c.table_name from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'erp' and t.table_type = 'BASE TABLE' and (
    c.column_name in ('site', 'source_system', 'source_key', 'ingested_at') and c.table_name <> 'provenance')
group by c.table_name having count(*) = 4
union all select 'source_line'
order by 1
"""
# Another source of the same site may have made the row; the site's now is the later of both.
_SITE = """
insert into erp.site as old (site, source_system, source_key, load_id, name, country, time_zone, currency,
                             unit_system, as_of)
values (%(site)s, %(source)s, %(site)s, %(load)s, %(name)s, %(country)s, %(zone)s, %(currency)s, %(units)s,
        %(as_of)s)
on conflict (site) do update set as_of = greatest(old.as_of, excluded.as_of)
"""
_SUM_LEDGER = """
insert into erp.ledger_period (company, site, source_system, source_key, load_id, month, account_id,
                               cost_centre_id, scenario, amount, lines, currency)
select company, site, source_system, 'sum of ledger lines', %(load)s, date_trunc('month', posted_on)::date,
       account_id, coalesce(cost_centre_id, ''), scenario, sum(amount), count(*), currency
from erp.ledger_line
where site = %(site)s and source_system = %(source)s
group by company, site, source_system, 6, account_id, 8, scenario, currency
"""
_HOLDER = """
select a.pid, to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')
from pg_locks l join pg_stat_activity a using (pid)
where l.locktype = 'advisory' and l.granted and l.objsubid = 1 and l.classid = %s and l.objid = %s
  and l.database = (select oid from pg_database where datname = current_database())
"""


def _take_lock(connection: _Connection, mapping: SourceMapping) -> None:
    """Hold this source and site until the transaction ends, or say who does."""
    identity = f"import {mapping.source} {mapping.site.code}"
    number = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:8], "big", signed=True)
    row = connection.execute("select pg_try_advisory_xact_lock(%s)", (number,)).fetchone()
    if row is not None and row[0]:
        return
    holder = connection.execute(_HOLDER, ((number >> 32) & 0xFFFFFFFF, number & 0xFFFFFFFF)).fetchone()
    since = f", started {holder[1]} UTC (database process {holder[0]})" if holder else ""
    raise ImportRunning(
        f"Another import of {mapping.source} into site {mapping.site.code} is running{since}. "
        "Wait until it has finished; this one changed nothing."
    )


def _temporary(stage: RecordStage) -> sql.Identifier:
    return sql.Identifier(f"stage_{stage.spec.record}")


def _table(stage: RecordStage) -> sql.Identifier:
    return sql.Identifier("erp", stage.spec.record)


def _columns(stage: RecordStage) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, ["source_key", "flags", *stage.columns]))


def _chunks(lines: Iterator[str]) -> Iterator[bytes]:
    pending: list[str] = []
    for line in lines:
        pending.append(line)
        if len(pending) == 1000:
            yield "".join(pending).encode()
            pending.clear()
    yield "".join(pending).encode()


def _first_line(error: psycopg.Error) -> str:
    lines = str(error.diag.message_primary or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
