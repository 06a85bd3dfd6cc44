"""The database: there, new enough, with its extensions, schema, roles, row-level security, clock and data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg

from erp_adapters.store.migrate import missing_steps, packaged_migrations
from erp_adapters.store.provision import APP_ROLE, DEMO_ERP_ROLE, GRAPH_ROLE, OWNER_ROLE, WORKER_ROLE
from server.database import Database
from server.doctor.finding import Finding, World, broken, clock, ok, warning
from server.doctor.predictors import predictors
from server.settings import Settings

_OLDEST = 15_00_00
_EXTENSIONS = ("vector", "pg_trgm")
_OPEN_TABLES = """
select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('erp', 'app') and c.relkind in ('r', 'p', 'm', 'f')
  and not (c.relrowsecurity and c.relforcerowsecurity
           and exists (select from pg_policy p where p.polrelid = c.oid))
order by 1
"""
_ROLES = "select rolname, rolsuper or rolbypassrls, rolcanlogin from pg_roles where rolname = any (%s)"
_Connection = psycopg.Connection[tuple[Any, ...]]


def store(settings: Settings, home: Database, world: World) -> Iterator[Finding]:
    """Every check of a database that is started, or that somebody else runs."""
    try:
        connection = psycopg.connect(home.dsn(APP_ROLE), connect_timeout=5, autocommit=True)
    except psycopg.OperationalError as error:
        reason = str(error).strip().partition("\n")[0]
        mend = (
            "start it, or correct DATABASE_URL"
            if settings.is_given
            else "see the log in the home's folder; another PLANTWRIGHT_HOME makes a new one"
        )
        yield broken("database", f"does not answer: {reason}", mend)
        return
    with connection:
        yield _version(connection)
        yield _extensions(connection)
        schema = _schema(connection, settings)
        yield schema
        roles = list(_roles(connection, home))
        yield from roles
        yield _scope(connection)
        now = connection.execute("select clock_timestamp()").fetchone()
        assert now is not None
        yield clock("clock", now[0], world.now(), "the database")
    # Looked for under the worker's login, which has to be there.
    if all(one.state == "ok" for one in (schema, *roles)):
        yield from _sources(home)
        yield from predictors(home)
    yield _demo_erp(home)


def _version(connection: _Connection) -> Finding:
    number = connection.info.server_version
    said = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    if number < _OLDEST:
        return broken("database", f"{said} is too old", "upgrade it to PostgreSQL 15 or later")
    return ok("database", f"{said} answers")


def _extensions(connection: _Connection) -> Finding:
    there = {row[0] for row in connection.execute("select extname from pg_extension")}
    missing = [name for name in _EXTENSIONS if name not in there]
    if missing:
        mend = "as an administrator, in this database: " + "; ".join(
            f"create extension {name}" for name in missing
        )
        return broken("extensions", f"missing: {', '.join(missing)}", mend)
    return ok("extensions", ", ".join(_EXTENSIONS))


def _schema(connection: _Connection, settings: Settings) -> Finding:
    mend = (
        "`plantwright store migrate`"
        if settings.is_given
        else "start the service once: it migrates by itself"
    )
    there = connection.execute("select to_regproc('app.schema_steps')").fetchone()
    ran: set[str] = set()
    if there is not None and there[0] is not None:
        ran = {row[0] for row in connection.execute("select app.schema_steps()")}
    if missing := missing_steps(ran):
        return broken("schema", f"is older than the program: without {missing[-1]!r}", mend)
    newer = ran - {step.name for step in packaged_migrations()}
    if newer:
        return broken(
            "schema",
            f"is newer than the program: it has {max(newer)!r}",
            "install the version that made it, or a later one",
        )
    return ok("schema", f"{len(ran)} steps, as the program has them")


def _roles(connection: _Connection, home: Database) -> Iterator[Finding]:
    wanted = [OWNER_ROLE, APP_ROLE, GRAPH_ROLE, WORKER_ROLE]
    found = {name: (strong, logs_in) for name, strong, logs_in in connection.execute(_ROLES, (wanted,))}
    if missing := [name for name in wanted if name not in found]:
        mend = "as an administrator: `plantwright store provision URL`"
        yield broken("roles", f"missing: {', '.join(missing)}", mend)
        return
    if strong := [name for name, (is_strong, _) in found.items() if is_strong]:
        mend = "; ".join(f"alter role {name} nosuperuser nobypassrls" for name in strong)
        yield broken("roles", f"see past row-level security: {', '.join(strong)}", mend)
        return
    for role in (WORKER_ROLE, GRAPH_ROLE):
        try:
            psycopg.connect(home.dsn(role), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            why = f"{role} cannot log in: {str(error).strip().splitlines()[-1]}"
            yield broken(
                "roles", why, f"alter role {role} login password '...', and let pg_hba.conf admit it"
            )
            return
    yield ok("roles", "each with no more than it needs")


def _scope(connection: _Connection) -> Finding:
    tables = [row[0] for row in connection.execute(_OPEN_TABLES)]
    if tables:
        mend = "; ".join(
            f"alter table {name} enable row level security, force row level security" for name in tables
        )
        return broken("row-level security", f"not forced on {', '.join(tables)}", mend)
    return ok("row-level security", "forced on every table of erp and app")


def _sources(home: Database) -> Iterator[Finding]:
    with psycopg.connect(home.dsn(WORKER_ROLE), connect_timeout=5) as connection:
        found = connection.execute(
            "select source_system, site, loaded_at, failed_at from app.source_ages()"
        ).fetchall()
    if not found:
        mend = "`plantwright demo`, or `plantwright import adventureworks DIR`"
        yield warning("sources", "nothing is loaded", mend)
        return
    failed = [f"{system} {site}" for system, site, _, when in found if when is not None]
    if failed:
        yield warning(
            "sources", f"a later load failed: {', '.join(failed)}", "load again, and read what it says"
        )
    else:
        yield ok("sources", f"{len(found)} loaded")


def _demo_erp(home: Database) -> Finding:
    try:
        with psycopg.connect(home.dsn(DEMO_ERP_ROLE), connect_timeout=5) as connection:
            row = connection.execute("select to_regclass('demo_erp.system')").fetchone()
    except psycopg.OperationalError:
        row = None
    if row is None or row[0] is None:
        why = "this home has no ERP to write to: drafts are confirmed and wait"
        return warning("erp", why, "`plantwright demo` makes one; in a home of your own connect yours")
    return ok("erp", "the demo ERP takes documents")
