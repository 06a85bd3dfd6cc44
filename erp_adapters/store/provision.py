"""What a database administrator does once: the roles, the database and the vector type."""

from __future__ import annotations

import contextlib

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from erp_adapters.errors import ConfigurationError

ADMIN_ROLE = "postgres"
"""Superuser of the embedded server; nothing but `provision` uses it."""
OWNER_ROLE = "plantwright_owner"
"""Owns every table: migrates and loads."""
APP_ROLE = "plantwright_app"
"""What the program reads and remembers with: neither owner nor superuser, always under row-level security."""
GRAPH_ROLE = "plantwright_graph"
"""Owns the conversation checkpoints and nothing else."""
WORKER_ROLE = "plantwright_worker"
"""Writes to connected systems what persons have confirmed: reads as `plantwright_app` does, and moves
proposals on; may neither propose nor sign."""
DEMO_ERP_ROLE = "plantwright_demo_erp"
"""Owns the schema `demo_erp`, the stand-in for an ERP in demo homes; the other roles may not look into it."""
AUDITOR_ROLE = "plantwright_auditor"
"""Reads the record, and nothing else; changes nothing."""
LOADER_ROLE = "plantwright_loader"
"""Keeps what is read of connected systems: writes the records of schema `erp`, but not who people are and
what codes mean; sees neither drafts nor the record."""
_APART = (AUDITOR_ROLE, LOADER_ROLE)
"""Roles whose passwords the service's logins never have."""
DATABASE = "plantwright"


def provision(admin_dsn: str, database: str = DATABASE) -> None:
    """Make sure that the roles, the database and the extension exist; does nothing where they do.

    Args:
        admin_dsn: a superuser, or a role that may create roles, databases and the extension `vector`.
        database: name of the database to create.

    Raises:
        ConfigurationError: the role may not do that; the message says what an administrator has to run.
    """
    try:
        # A server without an encoding of its own would hand names over as bytes.
        with psycopg.connect(admin_dsn, autocommit=True, client_encoding="utf8") as connection:
            _create_roles(connection)
            _create_database(connection, database)
        with psycopg.connect(make_conninfo(admin_dsn, dbname=database), autocommit=True) as connection:
            connection.execute("set client_min_messages = warning")
            connection.execute("create extension if not exists vector")
            connection.execute("create extension if not exists pg_trgm")
            _create_demo_erp(connection, database)
            _admit(connection)
            _keep_scope_settings(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigurationError(
            f"the database login may not create roles, databases or the extension 'vector'"
            f" ({error.diag.message_primary}); have an administrator run `plantwright store provision` once"
        ) from error


def give_passwords(
    admin_dsn: str, owner: str, service: str, *, auditor: str | None = None, loader: str | None = None
) -> None:
    """Let the owner log in with one password, and the service's roles with another.

    Args:
        admin_dsn: as of `provision`.
        owner: of the role that migrates.
        service: of the roles that the service logs in as.
        auditor: of the role that reads the record; it keeps the one that it has where none is given.
        loader: of the role that keeps what is read of systems, likewise.

    Raises:
        ConfigurationError: the login may not do that.
    """
    try:
        with psycopg.connect(admin_dsn, autocommit=True, client_encoding="utf8") as connection:
            passwords = {
                OWNER_ROLE: owner,
                **dict.fromkeys((APP_ROLE, GRAPH_ROLE, WORKER_ROLE, DEMO_ERP_ROLE), service),
                AUDITOR_ROLE: auditor,
                LOADER_ROLE: loader,
            }
            for role, password in passwords.items():
                if password is None:
                    continue
                # Hashed here: a password in the clear would stand in the server's log.
                hashed = connection.pgconn.encrypt_password(
                    password.encode(), role.encode(), b"scram-sha-256"
                )
                connection.execute(
                    sql.SQL("alter role {} password {}").format(
                        sql.Identifier(role), sql.Literal(hashed.decode())
                    )
                )
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigurationError(
            f"the database login may not give passwords to roles ({error.diag.message_primary})"
        ) from error


def _create_roles(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    known = {row[0] for row in connection.execute("select rolname from pg_roles")}
    for role in (OWNER_ROLE, APP_ROLE, GRAPH_ROLE, WORKER_ROLE, DEMO_ERP_ROLE, *_APART):
        if role not in known:
            connection.execute(
                sql.SQL(
                    "create role {} login nosuperuser nocreatedb nocreaterole nobypassrls noreplication"
                ).format(sql.Identifier(role))
            )
    if APP_ROLE not in known:
        # Plans must see the real scope and dates; planning costs less than one wrong generic plan.
        connection.execute(f"alter role {APP_ROLE} set plan_cache_mode = 'force_custom_plan'")
        connection.execute(f"alter role {APP_ROLE} set idle_in_transaction_session_timeout = '60s'")
        connection.execute(f"alter role {APP_ROLE} set work_mem = '32MB'")
    if WORKER_ROLE not in known:
        connection.execute(f"grant {APP_ROLE} to {WORKER_ROLE}")
    if GRAPH_ROLE not in known:
        connection.execute(f"alter role {GRAPH_ROLE} set search_path = langgraph")


def _create_database(connection: psycopg.Connection[tuple[object, ...]], database: str) -> None:
    name = sql.Identifier(database)
    if connection.execute("select 1 from pg_database where datname = %s", (database,)).fetchone():
        # Databases of earlier versions were made before there were these.
        _let_in(connection, name, (WORKER_ROLE, *_APART))
        return
    if connection.info.parameter_status("is_superuser") != "on":
        # A database can be made over only to a role that one may act as.
        connection.execute(f"grant {OWNER_ROLE} to current_user")
    connection.execute(
        sql.SQL("create database {} owner {} template template0 encoding 'UTF8'").format(
            name, sql.Identifier(OWNER_ROLE)
        )
    )
    connection.execute(sql.SQL("revoke all on database {} from public").format(name))
    _let_in(connection, name, (APP_ROLE, GRAPH_ROLE, WORKER_ROLE, *_APART))


def _let_in(
    connection: psycopg.Connection[tuple[object, ...]], name: sql.Identifier, roles: tuple[str, ...]
) -> None:
    for role in roles:
        # Whoever loads sorts what came in tables that only its session sees.
        rights = sql.SQL("connect, temporary" if role == LOADER_ROLE else "connect")
        connection.execute(
            sql.SQL("grant {} on database {} to {}").format(rights, name, sql.Identifier(role))
        )


def _admit(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Give the roles that came later their rights, where the schema is there already."""
    if connection.execute("select 1 where to_regproc('app.admit_roles') is not null").fetchone():
        connection.execute("select app.admit_roles()")


def _create_demo_erp(connection: psycopg.Connection[tuple[object, ...]], database: str) -> None:
    """The demo ERP's own schema: its role makes and fills what is in it, with its own login."""
    if connection.execute("select 1 from pg_namespace where nspname = 'demo_erp'").fetchone():
        return
    role = sql.Identifier(DEMO_ERP_ROLE)
    if connection.info.parameter_status("is_superuser") != "on":
        connection.execute(sql.SQL("grant {} to current_user").format(role))
    connection.execute(sql.SQL("grant connect on database {} to {}").format(sql.Identifier(database), role))
    connection.execute(sql.SQL("create schema demo_erp authorization {}").format(role))


def _keep_scope_settings(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Take `set_config` from everybody but the owner: the scope is entered through `app.enter_scope` alone.

    Only a superuser can; on a database without one, refusing second statements is the remaining guard.
    """
    with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
        connection.execute(
            "revoke execute on function pg_catalog.set_config(text, text, boolean) from public"
        )
        connection.execute(
            f"grant execute on function pg_catalog.set_config(text, text, boolean) to {OWNER_ROLE}"
        )
