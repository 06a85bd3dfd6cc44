"""The schema goes forward only, each step once, whole or not at all, and never leaves a table unprotected."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from erp_adapters.errors import ConfigurationError, StoreUnavailable
from erp_adapters.store import ADMIN_ROLE, APP_ROLE, OWNER_ROLE, migrate, provision
from erp_adapters.store.migrate import Migration, packaged_migrations
from tests.conftest import Database
from tests.erp_adapters.store.records import insert, scoped_tables

STEPS = packaged_migrations()
NAMES = tuple(step.name for step in STEPS)
NEVER_FILLED = {"mapping_rule"}
"""Tables that a later step replaced before anything was ever kept in them."""


def test_steps_run_once_and_in_order(bare_database: Database) -> None:
    owner_dsn = bare_database.dsn(OWNER_ROLE)
    assert migrate(owner_dsn) == NAMES
    assert migrate(owner_dsn) == ()
    assert sorted(NAMES) == list(NAMES)
    assert len({name.split("_")[0] for name in NAMES}) == len(NAMES)


def test_a_filled_database_of_the_previous_version_goes_forward(bare_database: Database) -> None:
    owner_dsn = bare_database.dsn(OWNER_ROLE)
    assert migrate(owner_dsn, STEPS[:-1]) == NAMES[:-1]
    with psycopg.connect(owner_dsn) as connection:
        before = [table for table in scoped_tables(connection) if table not in NEVER_FILLED]
        for table in before:
            insert(connection, table, "KS", "1000", "10")
    assert migrate(owner_dsn) == NAMES[-1:]
    with psycopg.connect(owner_dsn) as connection:
        assert set(before) <= set(scoped_tables(connection))
        for table in before:
            assert connection.execute(f"select count(*) from erp.{table}").fetchone() == (1,), table


def test_many_processes_may_migrate_at_once(bare_database: Database) -> None:
    owner_dsn = bare_database.dsn(OWNER_ROLE)
    with ThreadPoolExecutor(4) as pool:
        ran = list(pool.map(lambda _: migrate(owner_dsn), range(4)))
    assert sorted(ran, key=len) == [(), (), (), NAMES]


def test_a_step_that_fails_leaves_nothing_and_goes_on_when_mended(bare_database: Database) -> None:
    owner_dsn = bare_database.dsn(OWNER_ROLE)
    broken = Migration("9001_broken", "create table app.half (x int); select 1 / 0")
    with pytest.raises(ConfigurationError, match="rolled back: division by zero"):
        migrate(owner_dsn, (*STEPS, broken))
    assert migrate(owner_dsn) == ()
    with psycopg.connect(owner_dsn) as connection:
        assert connection.execute("select to_regclass('app.half')").fetchone() == (None,)


def test_a_step_that_was_changed_after_it_ran_is_refused(bare_database: Database) -> None:
    owner_dsn = bare_database.dsn(OWNER_ROLE)
    migrate(owner_dsn)
    changed = Migration(STEPS[-1].name, STEPS[-1].sql + " ")
    with pytest.raises(ConfigurationError, match="ran here with another text"):
        migrate(owner_dsn, (*STEPS[:-1], changed))


def test_a_database_of_a_newer_program_is_left_alone(bare_database: Database) -> None:
    owner_dsn = bare_database.dsn(OWNER_ROLE)
    migrate(owner_dsn, (*STEPS, Migration("9001_future", "select 1")))
    with pytest.raises(
        ConfigurationError, match="'9001_future', which this version of the program does not know"
    ):
        migrate(owner_dsn)


def test_a_table_without_row_level_security_is_refused(bare_database: Database) -> None:
    forgetful = Migration("9001_forgetful", "create table erp.naked (site text)")
    with pytest.raises(ConfigurationError, match=r"without forced row-level security: erp\.naked"):
        migrate(bare_database.dsn(OWNER_ROLE), (*STEPS, forgetful))
    assert migrate(bare_database.dsn(OWNER_ROLE)) == ()


def test_a_table_without_a_site_needs_a_policy_of_its_own(bare_database: Database) -> None:
    siteless = Migration("9001_siteless", "create table erp.odd (x int); select erp.apply_scope()")
    with pytest.raises(ConfigurationError, match=r"erp\.odd has neither a site nor a policy"):
        migrate(bare_database.dsn(OWNER_ROLE), (*STEPS, siteless))


def test_a_database_that_does_not_answer(bare_database: Database) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be migrated"):
        migrate(bare_database.server.dsn(OWNER_ROLE, "absent"))


def test_the_application_may_not_migrate(bare_database: Database) -> None:
    with pytest.raises(ConfigurationError, match="permission denied"):
        migrate(bare_database.dsn(APP_ROLE))


def test_provisioning_twice_changes_nothing_and_needs_an_administrator(bare_database: Database) -> None:
    admin_dsn = bare_database.server.dsn(ADMIN_ROLE, "postgres")
    provision(admin_dsn, bare_database.name)
    with pytest.raises(ConfigurationError, match="administrator"):
        provision(bare_database.server.dsn(APP_ROLE, "postgres"), "another")
