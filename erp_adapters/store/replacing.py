"""The rows of one source and site replaced by those of its files, inside the caller's transaction.

Rows are read, checked and copied to temporary tables first; only then are the source's earlier rows of that
site replaced. Readers see the old content until the commit and the new content after it. COPY goes to
temporary tables because Postgres refuses it under row-level security.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from erp_adapters.errors import ConfigurationError, ImportRunning, SourceUnreadable
from erp_adapters.store.directory import SourceDirectory, read_manifest
from erp_adapters.store.fitting import Targets, targets_of
from erp_adapters.store.ids import new_id
from erp_adapters.store.lineage import record_load
from erp_adapters.store.mapping import SiteSpec, SourceMapping
from erp_adapters.store.quality import LoadReport, RulesUsed
from erp_adapters.store.rulebook import in_force, version_with
from erp_adapters.store.site_needs import needs_of, refuse_unmet
from erp_adapters.store.site_rules import SiteRules
from erp_adapters.store.staging import RecordStage

_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

CODES_KEPT = 500
"""Distinct codes of one rule that a load report names, the most frequent ones."""


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


def site_of(mapping: SourceMapping, site: SiteSpec | None) -> SiteSpec:
    """The site whose files are read.

    Raises:
        ConfigurationError: neither the mapping nor the import says which it is.
    """
    found = site or mapping.site
    if found is None:
        raise ConfigurationError(
            f"Source mapping {mapping.source!r} is of a system that several sites may run; say which site "
            "the files are of."
        )
    return found


def load_into(
    connection: _Connection,
    mapping: SourceMapping,
    directory: Path,
    *,
    site: SiteSpec | None = None,
    rules: SiteRules | None = None,
    as_of: datetime | None = None,
    progress: Progress | None = None,
    load_id: UUID | None = None,
) -> LoadReport:
    """Load a directory of files in the connection's transaction; see `load_source` for the arguments.

    Raises:
        SourceUnreadable: a file, column or row is not what the mapping says.
        ImportRunning: another import of this source and site has not finished.
        ImportFailed: too many rows were set aside.
        ConfigurationError: mapping, store and site rules do not fit each other.
        psycopg.Error: the database refused.
    """
    spec = site_of(mapping, site)
    load = _Load(connection, mapping, directory, spec, progress or (lambda _: None), load_id or new_id())
    return load.run(rules, as_of)


class _Load:
    def __init__(
        self,
        connection: _Connection,
        mapping: SourceMapping,
        directory: Path,
        site: SiteSpec,
        progress: Progress,
        load_id: UUID,
    ) -> None:
        self._connection = connection
        self._mapping = mapping
        self._directory = directory
        self._site = site
        self._progress = progress
        self._load_id = load_id
        self._origin = {"site": site.code, "source": mapping.source, "load": load_id}

    def run(self, given: SiteRules | None, as_of: datetime | None) -> LoadReport:
        began, started_at = time.monotonic(), datetime.now(UTC)
        connection, mapping = self._connection, self._mapping
        connection.execute("set local statement_timeout = 0")
        take_lock(connection, mapping.source, self._site.code, until="commit")
        targets = targets_of(connection, mapping)
        rules, used = rules_for(connection, mapping, self._site.code, given)
        manifest = read_manifest(self._directory)
        source = SourceDirectory(self._directory, mapping, self._site, rules)
        stages = [self._stage(source, targets, number) for number in range(len(mapping.records))]
        reached = self._reached(source, as_of)
        self._store_site(reached)
        for number, stage in enumerate(stages, start=1):
            self._tick("storing", stage.spec.record, stage.loaded, number)
            self._store(stage)
        outcomes = [stage.outcome() for stage in stages]
        content = "\n".join(f"{outcome.record} {outcome.checksum}" for outcome in outcomes)
        report = LoadReport(
            load_id=self._load_id,
            source=mapping.source,
            mapping_version=mapping.version,
            site=self._site.code,
            as_of=reached,
            as_of_because=mapping.as_of.because if as_of is None else "It was stated with the import.",
            seconds=round(time.monotonic() - began, 3),
            records=outcomes,
            files=source.outcomes(manifest or {}),
            unknown_files=source.unknown_files(),
            left_out=list(mapping.left_out),
            absent=list(mapping.absent),
            has_manifest=manifest is not None,
            checksum=hashlib.sha256(f"{content}\n{reached.isoformat()}".encode()).hexdigest(),
            rules=used,
            codes=_codes_met(stages),
        )
        record_load(connection, report, stages, started_at)
        self._tick("storing", "report", report.loaded, len(stages))
        return report

    def _reached(self, source: SourceDirectory, stated: datetime | None) -> datetime:
        """Business now of the data."""
        latest, spec = source.finish(), self._mapping.as_of
        if stated is not None:
            return stated
        if latest is None:
            columns = ", ".join(f"{ref.file}.{ref.column}" for ref in spec.latest)
            raise SourceUnreadable(
                f"No date in {columns}, so business now is unknown. Export the files again."
            )
        return datetime.combine(latest, spec.at, ZoneInfo(self._site.time_zone))

    def _tick(self, step: Literal["reading", "storing"], name: str, rows: int, position: int) -> None:
        self._progress(LoadProgress(step, name, rows, position, len(self._mapping.records)))

    def _stage(self, source: SourceDirectory, targets: dict[str, Targets], number: int) -> RecordStage:
        """Read one record's file into a temporary table."""
        spec = self._mapping.records[number]
        file = source.spec(spec.file).file
        self._tick("reading", file, 0, number + 1)
        stage = RecordStage(spec, targets[spec.record], source)
        connection = self._connection
        connection.execute(
            sql.SQL(
                "create temp table {} on commit drop as select 0 as source_line, {} from {} limit 0"
            ).format(_temporary(stage), _columns(stage), _table(stage))
        )
        lines = stage.copy_lines(lambda rows: self._tick("reading", file, rows, number + 1))
        with connection.cursor().copy(sql.SQL("copy {} from stdin").format(_temporary(stage))) as copy:
            for text in lines:
                copy.write(text)
        own = spec.max_quarantined_share
        stage.refuse_if_poor(self._mapping.max_quarantined_share if own is None else own)
        self._tick("reading", file, stage.read, number + 1)
        return stage

    def _store_site(self, as_of: datetime) -> None:
        """Make room: delete what the source had loaded for the site, and describe the site anew."""
        site, connection = self._site, self._connection
        # What a reading of the same source knows of its rows holds no longer.
        connection.execute(_FORGET, self._origin)
        for (table,) in connection.execute(_OWNED).fetchall():
            connection.execute(
                sql.SQL("delete from {} where site = %(site)s and source_system = %(source)s").format(
                    sql.Identifier("erp", table)
                ),
                self._origin,
            )
        describe_site(connection, site, self._mapping.source, self._load_id, as_of)

    def _store(self, stage: RecordStage) -> None:
        connection = self._connection
        connection.execute(
            sql.SQL(
                "insert into {table} (site, source_system, load_id, {columns})"
                " select %(site)s, %(source)s, %(load)s, {values} from {temporary}"
            ).format(
                table=_table(stage),
                columns=_columns(stage),
                values=values_of(stage),
                temporary=_temporary(stage),
            ),
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
            assert stage.balances is not None, "it is the ledger"
            stage.balances.store(connection, self._origin)
            connection.execute("analyze erp.ledger_period")
        # Another source of the same transaction may fill the same record.
        connection.execute(sql.SQL("drop table {}").format(_temporary(stage)))


def rules_for(
    connection: _Connection, mapping: SourceMapping, site: str, given: SiteRules | None
) -> tuple[SiteRules | None, RulesUsed | None]:
    """The site's rules, where the mapping needs any, and what is on record of them.

    Raises:
        ConfigurationError: there are none, or they do not fit the mapping.
    """
    needs = needs_of(mapping)
    if not needs:
        return None, None
    version = in_force(connection, site) if given is None else version_with(connection, given)
    rules = given or (version.rules if version else None)
    if rules is None:
        raise ConfigurationError(
            f"Site {site} has no approved rules, and the mapping {mapping.source!r} needs them for "
            f"its codes. Propose them (`plantwright sites propose {site} FILE`) and let somebody else "
            "approve them."
        )
    if rules.site != site:
        raise ConfigurationError(f"The files are of site {site}, and the rules of site {rules.site}.")
    refuse_unmet(mapping, rules, needs)
    if version is None:
        return rules, RulesUsed(version=None, digest=rules.digest)
    return rules, RulesUsed(
        version=version.version,
        digest=version.digest,
        approved_by=version.approved_by,
        approved_at=version.approved_at,
    )


def describe_site(
    connection: _Connection, site: SiteSpec, source: str, load_id: UUID, as_of: datetime
) -> None:
    """Make the site known, or move its now."""
    connection.execute(
        _SITE,
        {
            "site": site.code,
            "source": source,
            "load": load_id,
            "name": site.name,
            "country": site.country,
            "zone": site.time_zone,
            "currency": site.currency,
            "units": site.unit_system,
            "as_of": as_of,
        },
    )


# Tables whose rows a load may own; from the catalogue, so that no record of an older mapping stays behind.
# What the worker's login may not write, such as documents, no load of its own has put there.
_OWNED = """
select c.table_name from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'erp' and t.table_type = 'BASE TABLE' and (
    c.column_name in ('site', 'source_system', 'source_key', 'ingested_at') and c.table_name <> 'provenance')
    and has_table_privilege(to_regclass(format('erp.%I', c.table_name)), 'delete')
group by c.table_name having count(*) = 4
union all select 'source_line'
order by 1
"""
_FORGET = """
with gone as (delete from erp.sync_feed where source_system = %(source)s and site = %(site)s returning feed),
     seen as (delete from erp.sync_seen s using gone where s.feed = gone.feed)
delete from erp.sync_row r using gone where r.feed = gone.feed
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
select a.pid, to_char(coalesce(a.xact_start, a.query_start) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')
from pg_locks l join pg_stat_activity a using (pid)
where l.locktype = 'advisory' and l.granted and l.objsubid = 1 and l.classid = %s and l.objid = %s
  and l.database = (select oid from pg_database where datname = current_database())
"""


def take_lock(connection: _Connection, source: str, site: str, *, until: Literal["commit", "close"]) -> None:
    """Hold this source and site until the transaction or the session ends, or say who does.

    Raises:
        ImportRunning: another import or reading of it is under way.
    """
    identity = f"import {source} {site}"
    number = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:8], "big", signed=True)
    kind = "xact_lock" if until == "commit" else "lock"
    row = connection.execute(f"select pg_try_advisory_{kind}(%s)", (number,)).fetchone()
    if row is not None and row[0]:
        return
    holder = connection.execute(_HOLDER, ((number >> 32) & 0xFFFFFFFF, number & 0xFFFFFFFF)).fetchone()
    since = f", started {holder[1]} UTC (database process {holder[0]})" if holder and holder[1] else ""
    raise ImportRunning(
        f"Another import of {source} into site {site} is running{since}. "
        "Wait until it has finished; this one changed nothing."
    )


def let_go(connection: _Connection) -> None:
    """Give up the lock before the connection, whose end a server may notice only after the next reading."""
    try:
        connection.rollback()
        connection.execute("select pg_advisory_unlock_all()")
        connection.commit()
    except psycopg.Error:
        pass  # the session is gone, and its locks with it
    finally:
        connection.close()


def _temporary(stage: RecordStage) -> sql.Identifier:
    return sql.Identifier(f"stage_{stage.spec.record}")


def _table(stage: RecordStage) -> sql.Identifier:
    return sql.Identifier("erp", stage.spec.record)


def _columns(stage: RecordStage) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, ["source_key", "flags", *stage.columns]))


def values_of(stage: RecordStage) -> sql.Composed:
    """The columns, with what the store writes where a field must not be empty and is."""
    fields = [
        sql.Identifier(name)
        if (default := stage.defaults.get(name)) is None
        # The catalogue's own text of the column's default.
        else sql.SQL("coalesce({}, " + default + ")").format(sql.Identifier(name))
        for name in stage.columns
    ]
    return sql.SQL(", ").join([sql.Identifier("source_key"), sql.Identifier("flags"), *fields])


def _codes_met(stages: list[RecordStage]) -> dict[str, dict[str, int]]:
    met: dict[str, Counter[str]] = {}
    for stage in stages:
        for rule, codes in stage.codes.items():
            met.setdefault(rule, Counter()).update(codes)
    return {rule: dict(codes.most_common(CODES_KEPT)) for rule, codes in sorted(met.items())}
