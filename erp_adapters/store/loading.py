"""One import of one source: all of it, or nothing.

Rows are read, checked and copied to temporary tables first; only then, in the same transaction, are the source's
earlier rows of that site replaced. Readers see the old content until the commit and the new content after it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from erp_adapters.errors import (
    ConfigurationError,
    ImportFailed,
    ImportRunning,
    SourceUnreadable,
    StoreUnavailable,
)
from erp_adapters.store.expressions import type_of
from erp_adapters.store.ids import new_id
from erp_adapters.store.mapping import SourceMapping
from erp_adapters.store.quality import LoadReport
from erp_adapters.store.staging import RecordStage, SourceDirectory, Target, copy_field

_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How far an import is."""

    step: Literal["reading", "storing"]
    name: str
    """The file that is being read, or the record that is being stored."""
    rows: int
    position: int
    """Which of `total` steps this is, from 1."""
    total: int


Progress: TypeAlias = Callable[[LoadProgress], None]


class _Stopped(Exception):
    """The import was asked to stop; its transaction is rolled back."""


async def load_source(
    dsn: str, mapping: SourceMapping, directory: Path, progress: Progress | None = None
) -> LoadReport:
    """Load a directory of files into the store, replacing what the same source had loaded for the same site.

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
        # The thread must have rolled back before the caller may go on, or a later commit would surprise them.
        job.stop()
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()
        raise


class _Import:
    def __init__(self, dsn: str, mapping: SourceMapping, directory: Path, progress: Progress) -> None:
        self._dsn = dsn
        self._mapping = mapping
        self._directory = directory
        self._progress = progress
        self._stopping = threading.Event()
        self._connection: _Connection | None = None

    def stop(self) -> None:
        """Make `run` roll back and raise, from another thread."""
        self._stopping.set()
        connection = self._connection
        if connection is not None and not connection.closed:
            connection.cancel_safe(timeout=5)

    def run(self) -> LoadReport:
        name = f"{self._mapping.source} into site {self._mapping.site.code}"
        try:
            with psycopg.connect(self._dsn, connect_timeout=15) as connection:
                self._connection = connection
                return self._load(connection)
        except psycopg.errors.DiskFull as exc:
            raise ImportFailed(
                f"Import of {name}: the database's disk is full. Nothing was loaded: free some space "
                "(about three times the size of the files) and import again."
            ) from exc
        except psycopg.errors.QueryCanceled as exc:
            raise ImportFailed(f"Import of {name} was stopped. Nothing was loaded.") from exc
        except psycopg.OperationalError as exc:
            raise StoreUnavailable(
                f"Import of {name}: the database does not answer ({_first_line(exc)}). "
                "Nothing was loaded: start it and import again."
            ) from exc
        except psycopg.Error as exc:
            raise ImportFailed(
                f"Import of {name}: the database refused ({_first_line(exc)}). Nothing was loaded."
            ) from exc
        except _Stopped as exc:
            raise ImportFailed(f"Import of {name} was stopped. Nothing was loaded.") from exc
        finally:
            self._connection = None

    def _load(self, connection: _Connection) -> LoadReport:
        began = time.monotonic()
        started_at = datetime.now(tz=ZoneInfo("UTC"))
        load_id = new_id()
        mapping = self._mapping
        connection.execute(
            "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0"
        )
        _take_lock(connection, mapping)
        targets = _check_against_store(connection, mapping)
        manifest = _manifest(self._directory)
        source = SourceDirectory(self._directory, mapping)
        stages = [
            self._stage(connection, RecordStage(spec, targets[spec.record], source), number)
            for number, spec in enumerate(mapping.records, start=1)
        ]
        day = source.latest(mapping.as_of)
        as_of = datetime.combine(day, mapping.as_of.at, ZoneInfo(mapping.site.time_zone))
        files = source.outcomes(manifest or {})
        outcomes = [stage.outcome() for stage in stages]
        self._swap(connection, stages, load_id, as_of)
        content = "\n".join(f"{outcome.record} {outcome.checksum}" for outcome in outcomes)
        report = LoadReport(
            load_id=load_id,
            source=mapping.source,
            mapping_version=mapping.version,
            site=mapping.site.code,
            as_of=as_of,
            as_of_because=mapping.as_of.because,
            seconds=round(time.monotonic() - began, 3),
            records=outcomes,
            files=files,
            left_out=list(mapping.left_out),
            has_manifest=manifest is not None,
            checksum=hashlib.sha256(f"{content}\n{as_of.isoformat()}".encode()).hexdigest(),
        )
        _record_load(connection, report, stages, started_at)
        self._pause_for_stop()
        return report

    def _pause_for_stop(self) -> None:
        if self._stopping.is_set():
            raise _Stopped

    def _stage(self, connection: _Connection, stage: RecordStage, number: int) -> RecordStage:
        total = len(self._mapping.records)

        def tick(rows: int) -> None:
            self._pause_for_stop()
            self._progress(LoadProgress("reading", stage.file.file, rows, number, total))

        tick(0)
        columns = sql.SQL(", ").join(map(sql.Identifier, ["source_key", "flags", *stage.columns]))
        temporary = _temporary(stage)
        table = sql.Identifier("erp", stage.spec.record)
        connection.execute(
            sql.SQL("create temp table {} on commit drop as select {} from {} with no data").format(
                temporary, columns, table
            )
        )
        with connection.cursor().copy(sql.SQL("copy {} ({}) from stdin").format(temporary, columns)) as copy:
            for chunk in _chunks(stage.copy_lines(tick)):
                copy.write(chunk)
        own = stage.spec.max_quarantined_share
        stage.refuse_if_poor(self._mapping.max_quarantined_share if own is None else own)
        tick(stage.read)
        return stage

    def _swap(
        self, connection: _Connection, stages: list[RecordStage], load_id: UUID, as_of: datetime
    ) -> None:
        mapping = self._mapping
        origin = {"site": mapping.site.code, "source": mapping.source, "load": load_id}
        for table in _tables_with_provenance(connection):
            connection.execute(
                sql.SQL("delete from {} where site = %(site)s and source_system = %(source)s").format(table),
                origin,
            )
        connection.execute(
            "insert into erp.site as old (site, source_system, source_key, load_id, name, country, time_zone,"
            " currency, unit_system, as_of) values (%(site)s, %(source)s, %(site)s, %(load)s, %(name)s, %(country)s,"
            " %(zone)s, %(currency)s, %(units)s, %(as_of)s)"
            # Another source of the same site may have made the row; the site's now is the later of both.
            " on conflict (site) do update set as_of = greatest(old.as_of, excluded.as_of)",
            origin
            | {
                "name": mapping.site.name,
                "country": mapping.site.country,
                "zone": mapping.site.time_zone,
                "currency": mapping.site.currency,
                "units": mapping.site.unit_system,
                "as_of": as_of,
            },
        )
        for number, stage in enumerate(stages, start=1):
            self._pause_for_stop()
            self._progress(LoadProgress("storing", stage.spec.record, stage.loaded, number, len(stages)))
            columns = sql.SQL(", ").join(map(sql.Identifier, ["source_key", "flags", *stage.columns]))
            connection.execute(
                sql.SQL(
                    "insert into {} (site, source_system, load_id, {}) select %(site)s, %(source)s, %(load)s, {} from {}"
                ).format(sql.Identifier("erp", stage.spec.record), columns, columns, _temporary(stage)),
                origin,
            )
        if any(stage.spec.record == "ledger_line" for stage in stages):
            connection.execute(_SUM_LEDGER, origin)
        _store_lines(connection, stages, mapping)
        for stage in stages:
            self._pause_for_stop()
            connection.execute(sql.SQL("analyze {}").format(sql.Identifier("erp", stage.spec.record)))


_SUM_LEDGER = """
insert into erp.ledger_period (company, site, source_system, source_key, load_id, month, account_id, cost_centre_id,
                               scenario, amount, lines, currency)
select company, site, source_system, 'sum of lines', %(load)s, date_trunc('month', posted_on)::date, account_id,
       coalesce(cost_centre_id, ''), scenario, sum(amount), count(*), currency
from erp.ledger_line
where site = %(site)s and source_system = %(source)s
group by company, site, source_system, 6, account_id, 8, scenario, currency
"""


def _temporary(stage: RecordStage) -> sql.Identifier:
    return sql.Identifier(f"stage_{stage.spec.record}")


def _chunks(lines: Iterator[str]) -> Iterator[bytes]:
    pending: list[str] = []
    for line in lines:
        pending.append(line)
        if len(pending) == 1000:
            yield "".join(pending).encode()
            pending.clear()
    yield "".join(pending).encode()


def _take_lock(connection: _Connection, mapping: SourceMapping) -> None:
    """Hold this source and site until the transaction ends, or say who does."""
    identity = f"import {mapping.source} {mapping.site.code}"
    number = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:8], "big", signed=True)
    connection.execute("select set_config('application_name', %s, true)", (f"plantwright {identity}"[:63],))
    row = connection.execute("select pg_try_advisory_xact_lock(%s)", (number,)).fetchone()
    if row is not None and row[0]:
        return
    holder = connection.execute(
        "select a.pid, to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') from pg_locks l"
        " join pg_stat_activity a using (pid) where l.locktype = 'advisory' and l.granted and l.objsubid = 1"
        " and l.classid = %s and l.objid = %s and l.database = (select oid from pg_database"
        " where datname = current_database())",
        ((number >> 32) & 0xFFFFFFFF, number & 0xFFFFFFFF),
    ).fetchone()
    since = f", started {holder[1]} UTC (database process {holder[0]})" if holder else ""
    raise ImportRunning(
        f"Another import of {mapping.source} into site {mapping.site.code} is running{since}. "
        "Wait until it has finished; this one changed nothing."
    )


def _tables_with_provenance(connection: _Connection) -> list[sql.Identifier]:
    """Tables whose rows a load may own; found in the catalogue, so that no record of an older mapping stays behind."""
    found = connection.execute(
        "select c.table_name from information_schema.columns c"
        " join information_schema.tables t using (table_schema, table_name)"
        " where c.table_schema = 'erp' and t.table_type = 'BASE TABLE'"
        " and c.column_name in ('site', 'source_system', 'source_key', 'ingested_at')"
        " group by c.table_name having count(*) = 4 order by c.table_name"
    ).fetchall()
    return [sql.Identifier("erp", name) for (name,) in found if name != "provenance"]


_FITTING: dict[str, frozenset[str]] = {
    "text": frozenset({"text", "integer", "decimal", "date", "timestamp", "time", "flag"}),
    "numeric": frozenset({"integer", "decimal"}),
    "integer": frozenset({"integer"}),
    "bigint": frozenset({"integer"}),
    "date": frozenset({"date"}),
    "boolean": frozenset({"flag"}),
    "time without time zone": frozenset({"time"}),
}


def _check_against_store(connection: _Connection, mapping: SourceMapping) -> dict[str, dict[str, Target]]:
    """The columns of every record that the mapping fills.

    Raises:
        ConfigurationError: a record, field or type is not there, or a required field is left empty.
    """
    targets: dict[str, dict[str, Target]] = {}
    for table, column, kind, nullable, default, in_key in connection.execute(_COLUMNS):
        required = nullable == "NO" and default is None
        targets.setdefault(table, {})[column] = Target(column, kind, required, in_key)
    provided = {"site", "source_system", "source_key", "load_id"}
    problems: list[str] = []
    for spec in mapping.records:
        columns = targets.get(spec.record)
        if columns is None:
            problems.append(f"the store has no record {spec.record!r}")
            continue
        for name, expression in spec.expressions().items():
            target = columns.get(name)
            kind = type_of(expression, spec.file, mapping)
            if target is None or name in provided | {"flags", "ingested_at"}:
                problems.append(f"record {spec.record!r} has no field {name!r} to fill")
            elif kind not in _FITTING.get(target.type, frozenset()):
                problems.append(f"{spec.record}.{name} is {target.type}, the mapping gives {kind}")
        empty = [
            c.name
            for c in columns.values()
            if c.required and c.name not in provided | set(spec.expressions())
        ]
        problems += [f"{spec.record}.{name} is required and not filled" for name in empty]
    if problems:
        raise ConfigurationError(
            f"Source mapping {mapping.source!r} does not fit the store: {'; '.join(problems)}"
        )
    return targets


_COLUMNS = """
select c.table_name, c.column_name, c.data_type, c.is_nullable, c.column_default,
       c.column_name <> 'site' and exists (
           select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
           where i.indisprimary and i.indrelid = format('erp.%I', c.table_name)::regclass
             and a.attname = c.column_name)
from information_schema.columns c where c.table_schema = 'erp' order by c.table_name, c.ordinal_position
"""


def _manifest(directory: Path) -> Mapping[str, tuple[int, str]] | None:
    path = directory / "manifest.json"
    if not path.is_file():
        return None
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {str(entry["file"]): (int(entry["rows"]), str(entry["sha256"])) for entry in entries}
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise SourceUnreadable(
            f"manifest.json: not a list of entries with file, rows and sha256 ({type(exc).__name__}). "
            "Copy it again, or delete it to import without the check."
        ) from exc


def _store_lines(connection: _Connection, stages: list[RecordStage], mapping: SourceMapping) -> None:
    origin = (mapping.site.code, mapping.source)
    connection.execute("delete from erp.source_line where site = %s and source_system = %s", origin)
    connection.execute(
        "create temp table stage_line (record text, source_key text, file text, line int) on commit drop"
    )
    with connection.cursor().copy("copy stage_line from stdin") as copy:
        for stage in stages:
            tail = f"\t{copy_field(stage.file.file)}\t"
            head = f"{stage.spec.record}\t"
            lines = (f"{head}{copy_field(key)}{tail}{line}\n" for key, line in stage.lines)
            for chunk in _chunks(lines):
                copy.write(chunk)
    connection.execute("insert into erp.source_line select %s, %s, * from stage_line", origin)


def _record_load(
    connection: _Connection, report: LoadReport, stages: list[RecordStage], started_at: datetime
) -> None:
    connection.execute(
        "insert into erp.load (load_id, source_system, site, started_at, finished_at, status, rows, as_of, report)"
        " values (%s, %s, %s, %s, clock_timestamp(), 'loaded', %s, %s, %s::jsonb)",
        (
            report.load_id,
            report.source,
            report.site,
            started_at,
            report.loaded,
            report.as_of,
            report.model_dump_json(),
        ),
    )
    # Only the latest load's rows await a steward; the reports of earlier loads keep their counts and samples.
    connection.execute(
        "delete from erp.quarantine where site = %s and source_system = %s", (report.site, report.source)
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into erp.quarantine (load_id, site, source_system, record, source_key, rule, reason, row, file, line)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)",
            [
                (
                    report.load_id,
                    report.site,
                    report.source,
                    stage.spec.record,
                    row.source_key,
                    row.rule,
                    row.reason,
                    json.dumps(row.row),
                    row.file,
                    row.line,
                )
                for stage in stages
                for row in stage.quarantined
            ],
        )


def _first_line(error: psycopg.Error) -> str:
    return (
        str(error.diag.message_primary or error).strip().splitlines()[0]
        if str(error)
        else type(error).__name__
    )
