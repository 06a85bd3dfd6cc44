"""A server of Postgres that is broken on purpose, one thing after another; each is named and mended."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from erp_adapters.store import ADMIN_ROLE, APP_ROLE, OWNER_ROLE, EmbeddedPostgres, migrate
from server.doctor.finding import Finding, World
from server.doctor.store import store
from server.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def apart() -> Iterator[EmbeddedPostgres]:
    """A server of its own: roles belong to all databases of one."""
    folder = Path(tempfile.mkdtemp(prefix="plantwright-doctor-"))
    folder.chmod(0o755)
    try:
        with EmbeddedPostgres(folder / "postgres", durable=False) as server:
            migrate(server.dsn(OWNER_ROLE))
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_roles_clock_extension_and_the_server_itself(tmp_path: Path, apart: EmbeddedPostgres) -> None:
    """Each says what and how to mend it, and doing what it says mends it."""
    given = Settings(home=tmp_path, port=0, database_url=SecretStr(apart.dsn(APP_ROLE)))

    def found(name: str) -> Finding:
        (one,) = [each for each in store(given, apart, World()) if each.name == name]
        assert (one.mend == "") == (one.state == "ok")
        return one

    with psycopg.connect(apart.dsn(ADMIN_ROLE), autocommit=True) as admin:
        assert found("roles").state == "ok"
        admin.execute("alter role plantwright_worker rename to somebody")
        gone = found("roles")
        assert gone.why == "missing: plantwright_worker"
        assert "plantwright store provision" in gone.mend
        admin.execute("alter role somebody rename to plantwright_worker")
        admin.execute("alter role plantwright_graph bypassrls")
        strong = found("roles")
        assert "plantwright_graph" in strong.why
        admin.execute(strong.mend.encode())
        assert found("roles").state == "ok"
        admin.execute("alter role plantwright_graph nologin")
        shut = found("roles")
        assert "plantwright_graph cannot log in" in shut.why
        assert "alter role plantwright_graph login" in shut.mend
        admin.execute("alter role plantwright_graph login")

        # The database's own clock: what a session of the application takes for the time is two hours on.
        admin.execute("create schema skewed")
        admin.execute("grant usage on schema skewed to public")
        admin.execute(
            "create function skewed.clock_timestamp() returns timestamptz language sql"
            " as $$select pg_catalog.clock_timestamp() + interval '2 hours'$$"
        )
        admin.execute("alter role plantwright_app set search_path = skewed, pg_catalog, public")
        skewed = found("clock")
        assert (skewed.state, "NTP" in skewed.mend) == ("broken", True)
        assert "7200 s from the database" in skewed.why
        admin.execute("alter role plantwright_app reset search_path")
        assert found("clock").state == "ok"

        admin.execute("drop extension vector cascade")
        assert found("extensions").why == "missing: vector"
        admin.execute(found("extensions").mend.partition(": ")[2].encode())
        assert found("extensions").state == "ok"

    assert apart.stop()
    stopped = found("database")
    assert (stopped.state, "does not answer" in stopped.why) == ("broken", True)
    assert "DATABASE_URL" in stopped.mend
