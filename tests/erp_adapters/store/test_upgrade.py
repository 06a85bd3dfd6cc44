"""A database of the release before keeps its rows, and finds that release all that it uses meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE, Store, migrate
from erp_adapters.store.migrate import Migration, missing_steps, packaged_migrations
from policies.audit.checkpoints import CheckpointLog
from policies.audit.event import AuditEvent
from policies.audit.keys import AuditKeys
from policies.audit.reading import tables
from policies.audit.trail import PostgresTrail
from policies.audit.verify import verify, witnesses
from policies.clock import now_utc
from tests.conftest import Database

pytestmark = pytest.mark.slow

RELEASES = Path(__file__).with_name("releases")
SCHEMAS = ("erp", "app", "audit", "jobs", "langgraph")

COLUMNS = """
select table_schema || '.' || table_name || '.' || column_name, udt_name, is_nullable
from information_schema.columns where table_schema = any (%s)
"""
NEEDED = """
select table_schema || '.' || table_name || '.' || column_name, table_schema || '.' || table_name
from information_schema.columns
where table_schema = any (%s) and is_nullable = 'NO' and column_default is null
  and is_identity = 'NO' and is_generated = 'NEVER'
"""
FUNCTIONS = """
select p.oid::regprocedure::text, pg_get_function_result(p.oid)
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = any (%s) and pg_get_function_result(p.oid) <> 'trigger'
"""
RIGHTS = """
select grantee || ' may ' || privilege_type || ' ' || table_schema || '.' || table_name || '.' || column_name
from information_schema.column_privileges where table_schema = any (%s) and grantee like 'plantwright%%'
union all
select grantee || ' may call ' || specific_schema || '.' || routine_name
from information_schema.routine_privileges where specific_schema = any (%s) and grantee like 'plantwright%%'
"""


def before() -> list[Migration]:
    """The steps that the release before brought."""
    wanted = dict(
        reversed(line.split()) for line in (RELEASES / "before.txt").read_text(encoding="utf-8").splitlines()
    )
    steps = [step for step in packaged_migrations() if step.name in wanted]
    # A database of that release would be refused otherwise.
    assert {step.name: step.checksum for step in steps} == wanted
    return steps


def seen(dsn: str, statement: str, times: int = 1) -> set[Any]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(statement.encode(), [list(SCHEMAS)] * times).fetchall()
    return {row[0] if len(row) == 1 else row for row in rows}


def rows_of(dsn: str, columns: set[str]) -> dict[str, list[Any]]:
    """Every row of every table, in the columns given."""
    by_table: dict[str, list[str]] = {}
    for each in columns:
        table, _, column = each.rpartition(".")
        by_table.setdefault(table, []).append(column)
    with psycopg.connect(dsn) as connection:
        return {
            table: sorted(
                connection.execute(
                    f"select ({', '.join(sorted(names))})::text from {table}".encode()
                    if len(names) > 1
                    else f"select {names[0]}::text from {table}".encode()
                ).fetchall()
            )
            for table, names in by_table.items()
            if not table.startswith(("jobs.", "langgraph."))
        }


async def on_record(dsn: str, folder: Path, kind: str) -> None:
    keys = AuditKeys.kept_in(folder)
    log = CheckpointLog(folder / "checkpoints.jsonl", keys.signing)
    async with await PostgresTrail.open(dsn, keys, log=log) as trail:
        await trail.append([AuditEvent(kind, now_utc(), "planner", "planner", {"n": 1}, "p-1", "KAS")])  # type: ignore[arg-type]


async def test_rows_of_the_release_before_are_all_there_after_the_upgrade(
    bare_database: Database, tmp_path: Path
) -> None:
    """Each in the columns that it had; the record goes on and verifies; people are who they were."""
    owner = bare_database.dsn(OWNER_ROLE)
    migrate(owner, before())
    with psycopg.connect(owner) as connection:
        connection.execute((RELEASES / "rows.sql").read_bytes())
    await on_record(owner, tmp_path, "proposal")
    columns = {name for name, *_ in seen(owner, COLUMNS)}
    held = rows_of(owner, columns)
    assert sum(map(len, held.values())) >= 15

    done = migrate(owner)
    assert done == missing_steps({step.name for step in before()})
    assert migrate(owner) == ()
    assert rows_of(owner, columns) == held

    await on_record(bare_database.dsn(), tmp_path, "confirmation")
    public = AuditKeys.kept_in(tmp_path).public
    with tables(owner) as (source, _):
        report = verify(source, witnesses(tmp_path / "checkpoints.jsonl", public), public)
    assert (report.findings, report.last) == ([], 2)
    async with await Store.open(bare_database.dsn()) as store:
        assert (await store.caller("buyer")).sites == {"KAS", "LEI"}


def test_the_release_before_finds_all_that_it_uses_on_the_new_schema(bare_database: Database) -> None:
    """No column, function or right is taken away, and nothing that it does not know has to be filled in."""
    owner = bare_database.dsn(OWNER_ROLE)
    migrate(owner, before())
    columns, functions = seen(owner, COLUMNS), seen(owner, FUNCTIONS)
    rights, needed = seen(owner, RIGHTS, 2), seen(owner, NEEDED)
    old_tables = {name.rpartition(".")[0] for name, *_ in columns}
    migrate(owner)
    assert columns - seen(owner, COLUMNS) == set()
    assert functions - seen(owner, FUNCTIONS) == set()
    assert rights - seen(owner, RIGHTS, 2) == set()
    assert {name for name, table in seen(owner, NEEDED) - needed if table in old_tables} == set()
