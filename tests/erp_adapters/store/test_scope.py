"""Every table is under forced row-level security, and the application's login cannot get around it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from erp_adapters.errors import ConfigurationError
from erp_adapters.store import ADMIN_ROLE, APP_ROLE, GRAPH_ROLE, OWNER_ROLE, Store
from tests.conftest import Database


@pytest.fixture(scope="module")
def catalogue(database: Database) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(database.dsn(ADMIN_ROLE)) as connection:
        yield connection


@pytest.fixture
def app(dsn: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(dsn) as connection:
        yield connection


def test_every_table_forces_row_level_security_and_has_a_policy(
    catalogue: psycopg.Connection[tuple[object, ...]],
) -> None:
    tables = catalogue.execute(
        "select c.oid::regclass::text, c.relrowsecurity and c.relforcerowsecurity,"
        " exists (select from pg_policy p where p.polrelid = c.oid and p.polroles = array[%s::regrole::oid])"
        " from pg_class c where c.relnamespace in ('erp'::regnamespace, 'app'::regnamespace)"
        " and c.relkind in ('r', 'p', 'm', 'f')",
        (APP_ROLE,),
    ).fetchall()
    assert len(tables) > 60
    assert [name for name, forced, has_policy in tables if not (forced and has_policy)] == []


def test_policies_of_operational_tables_evaluate_the_scope_once_a_query(
    catalogue: psycopg.Connection[tuple[object, ...]],
) -> None:
    bare = catalogue.execute(
        "select polrelid::regclass::text from pg_policy"
        " where polname = 'scope' and pg_get_expr(polqual, polrelid) not like '%ANY (( SELECT%'"
    ).fetchall()
    assert bare == []


def test_unique_keys_name_the_site_so_that_a_conflict_reveals_nothing(
    catalogue: psycopg.Connection[tuple[object, ...]],
) -> None:
    keys = catalogue.execute(
        "select i.indrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid"
        " join pg_attribute s on s.attrelid = c.oid and s.attname = 'site'"
        " where c.relnamespace = 'erp'::regnamespace and i.indisunique and not s.attnum = any (i.indkey)"
        " and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attnum = any (i.indkey)"
        "                 and a.atttypid = 'uuid'::regtype)"
    ).fetchall()
    assert keys == []


def test_views_see_with_the_readers_rights(catalogue: psycopg.Connection[tuple[object, ...]]) -> None:
    views = catalogue.execute(
        "select c.oid::regclass::text from pg_class c"
        " where c.relnamespace in ('erp'::regnamespace, 'app'::regnamespace) and c.relkind = 'v'"
        " and not coalesce(c.reloptions @> array['security_invoker=true'], false)"
    ).fetchall()
    assert views == []


@pytest.mark.parametrize("role", [APP_ROLE, GRAPH_ROLE, OWNER_ROLE])
def test_no_role_has_powers_of_its_own(catalogue: psycopg.Connection[tuple[object, ...]], role: str) -> None:
    powers = catalogue.execute(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles"
        " where rolname = %s",
        (role,),
    ).fetchone()
    assert powers == (False,) * 5


def test_the_application_is_a_member_of_nothing(catalogue: psycopg.Connection[tuple[object, ...]]) -> None:
    assert catalogue.execute(
        "select count(*) from pg_auth_members where member = any (array[%s, %s]::regrole[])",
        (APP_ROLE, GRAPH_ROLE),
    ).fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "alter table erp.stock disable row level security",
        "alter table erp.stock no force row level security",
        "drop policy scope on erp.stock",
        "create policy mine on erp.stock for select using (true)",
        f"set role {OWNER_ROLE}",
        f"set session authorization {OWNER_ROLE}",
        "create table public.copy (x text)",
        "create table erp.copy (x text)",
        "create function app.f() returns int language sql as 'select 1'",
        "insert into erp.site (site, source_system, source_key, load_id, name, time_zone, currency)"
        " values ('X', 's', 'k', gen_random_uuid(), 'X', 'UTC', 'EUR')",
        "update erp.person set sites = array['KS']",
        "delete from erp.stock",
        "truncate erp.stock",
        "delete from app.answer",
        "update app.home set is_demo = true",
        "select erp.apply_scope()",
        "select set_config('plantwright.sites', 'KS', true)",
        "select query_to_xml('select set_config(''plantwright.sites'', ''KS'', true)', true, true, '')",
        "select * from langgraph.checkpoints",
        "select * from public.plantwright_migration",
        "copy erp.stock to program 'cat'",
        "select pg_read_file('postgresql.conf')",
    ],
)
def test_the_application_cannot(app: psycopg.Connection[tuple[object, ...]], statement: str) -> None:
    """The login may not change tables, policies, people or its own scope, nor reach beyond its schemas."""
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)):
        app.execute(statement)


def test_row_security_off_is_an_error_and_not_a_way_around(
    app: psycopg.Connection[tuple[object, ...]],
) -> None:
    app.execute("set row_security = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("select count(*) from erp.stock")


def test_a_scope_is_entered_once(app: psycopg.Connection[tuple[object, ...]]) -> None:
    enter = "select app.enter_scope('a', array['KS'], array['1000'], 1000)"
    app.execute(enter)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(enter)
    app.rollback()
    app.execute(enter)
    app.rollback()
    assert app.execute("select coalesce(current_setting('plantwright.sites', true), '')").fetchone() == ("",)


@pytest.mark.parametrize("code", ["KS,VI", "", "KS\nVI", "K" * 65])
def test_a_code_that_could_widen_the_scope_is_refused(
    app: psycopg.Connection[tuple[object, ...]], owner_dsn: str, code: str
) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        app.execute("select app.enter_scope('a', array[%s], array['1000'], 1000)", (code,))
    app.rollback()
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        app.execute("select app.enter_scope('a', array['KS'], array[%s], 1000)", (code,))


@pytest.mark.parametrize("code", ["KS,VI", "", "KS\nVI"])
def test_the_people_table_refuses_such_codes(owner_dsn: str, code: str) -> None:
    with psycopg.connect(owner_dsn) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "insert into erp.person (subject, name, sites) values ('a', 'A', array[%s])", (code,)
        )


async def test_the_store_refuses_a_login_that_sees_everything(database: Database) -> None:
    for role in (ADMIN_ROLE, OWNER_ROLE):
        with pytest.raises(ConfigurationError, match="plantwright_app"):
            await Store.open(database.dsn(role))
