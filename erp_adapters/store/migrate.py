"""The schema, brought forward: plain SQL files in order, each once, under an advisory lock."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib import resources

import psycopg

from erp_adapters.errors import ConfigurationError, StoreUnavailable

# Any constant serves, as long as every version of the program uses the same.
_LOCK = 0x706C616E74
_FROM_PROCRASTINATE = re.compile(r"^-- \[schema of procrastinate ([0-9.]+)\]$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Migration:
    """One forward step."""

    name: str
    """File name without its ending, such as `0001_canonical`; the order is by name."""
    sql: str

    @property
    def statements(self) -> str:
        """The text with the schema of the queue's package in its place.

        Raises:
            ConfigurationError: another version of the package is installed than the step was written for.
        """
        place = _FROM_PROCRASTINATE.search(self.sql)
        return self.sql if place is None else self.sql.replace(place[0], _queue_schema(place[1]))

    @property
    def checksum(self) -> str:
        """SHA-256 of the text: a step that has run must never change."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def packaged_migrations() -> tuple[Migration, ...]:
    """The steps that this version of the program brings, in order."""
    folder = resources.files("erp_adapters.store") / "migrations"
    files = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name
    )
    return tuple(
        Migration(entry.name.removesuffix(".sql"), entry.read_text(encoding="utf-8")) for entry in files
    )


def missing_steps(ran: Set[str]) -> tuple[str, ...]:
    """Names of the steps of this version that have not run in a database, in order."""
    return tuple(name for name in _packaged_names() if name not in ran)


@cache
def _packaged_names() -> tuple[str, ...]:
    return tuple(step.name for step in packaged_migrations())


def _queue_schema(version: str) -> str:
    # Only a home that is made or brought forward needs it, and it takes long to import.
    import procrastinate
    from procrastinate.schema import SchemaManager

    if procrastinate.__version__ != version:
        raise ConfigurationError(
            f"the queue's tables are those of procrastinate {version}, and {procrastinate.__version__} is"
            " installed; install what requirements.txt names"
        )
    return SchemaManager.get_schema()


def migrate(owner_dsn: str, migrations: Sequence[Migration] | None = None) -> tuple[str, ...]:
    """Run the steps that have not run yet; the names of those that ran now.

    Each step is one transaction: after a crash the finished ones stand and the next call goes on. Several
    processes may call this at once.

    Args:
        owner_dsn: the role that owns the tables (`plantwright_owner`).
        migrations: steps other than the packaged ones, for tests.

    Raises:
        ConfigurationError: a step that ran was changed, the database is newer than the program, or a table
            would be left without row-level security.
        StoreUnavailable: the database does not answer.
    """
    steps = packaged_migrations() if migrations is None else tuple(migrations)
    try:
        with psycopg.connect(owner_dsn, autocommit=True) as connection:
            connection.execute("set client_min_messages = warning")
            connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
            return _run(connection, steps)
    except psycopg.OperationalError as error:
        raise StoreUnavailable(f"the database cannot be migrated: {error}".strip()) from error
    except psycopg.Error as error:
        raise ConfigurationError(f"a migration failed and was rolled back: {error}".strip()) from error


def _run(connection: psycopg.Connection[tuple[object, ...]], steps: Sequence[Migration]) -> tuple[str, ...]:
    connection.execute(
        "create table if not exists public.plantwright_migration"
        " (name text primary key, checksum text not null, ran_at timestamptz not null default now())"
    )
    ran = {
        str(name): str(checksum)
        for name, checksum in connection.execute("select name, checksum from public.plantwright_migration")
    }
    known = {step.name for step in steps}
    newer = sorted(ran.keys() - known)
    if newer:
        raise ConfigurationError(
            f"the database has the migration {newer[-1]!r}, which this version of the program does not know;"
            " install the version that made it, or use another database"
        )
    for step in steps:
        if ran.get(step.name, step.checksum) != step.checksum:
            raise ConfigurationError(
                f"the migration {step.name!r} ran here with another text; the database was made by another"
                " build: use that build, or import into a new PLANTWRIGHT_HOME"
            )
    waiting = [step for step in steps if step.name not in ran]
    for step in waiting:
        with connection.transaction():
            connection.execute(step.statements.encode())
            connection.execute(
                "insert into public.plantwright_migration (name, checksum) values (%s, %s)",
                (step.name, step.checksum),
            )
            if step is waiting[-1]:
                # New tables are for the roles that came later, too.
                if connection.execute("select 1 where to_regproc('app.admit_roles') is not null").fetchone():
                    connection.execute("select app.admit_roles()")
                _check_scope(connection)
    return tuple(step.name for step in waiting)


def _check_scope(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    open_tables = connection.execute(
        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname in ('erp', 'app') and c.relkind in ('r', 'p', 'm', 'f')"
        " and not (c.relrowsecurity and c.relforcerowsecurity"
        "          and exists (select from pg_policy p where p.polrelid = c.oid))"
    ).fetchall()
    if open_tables:
        names = ", ".join(str(row[0]) for row in open_tables)
        raise ConfigurationError(
            f"without forced row-level security: {names}; end the migration with erp.apply_scope()"
        )
