"""A backup is the whole database, comes back with its guards, and an older one is told from a whole one."""

from __future__ import annotations

import stat
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from erp_adapters.errors import AuditUnavailable, ConfigurationError, StoreUnavailable
from erp_adapters.store import ADMIN_ROLE, OWNER_ROLE, EmbeddedPostgres, Store, migrate
from erp_adapters.store.backup import back_up, restore
from policies.audit.checkpoints import CheckpointLog
from policies.audit.contents import check_contents
from policies.audit.event import AuditEvent
from policies.audit.keys import AuditKeys
from policies.audit.reading import tables
from policies.audit.trail import PostgresTrail
from policies.audit.verify import Report, verify, witnesses
from policies.clock import now_utc
from tests.conftest import Database, _drop

pytestmark = pytest.mark.slow

ROWS = Path(__file__).with_name("releases") / "rows.sql"
TABLES = """
select format('%I.%I', table_schema, table_name) from information_schema.tables
where table_schema in ('erp', 'app', 'audit') and table_type = 'BASE TABLE'
"""


@pytest.fixture
def elsewhere(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """A database that is not there yet."""
    database = Database(postgres, f"test_{uuid.uuid4().hex[:12]}")
    yield database
    _drop(database)


async def put(database: Database, folder: Path, *numbers: int) -> None:
    keys = AuditKeys.kept_in(folder)
    log = CheckpointLog(folder / "checkpoints.jsonl", keys.signing)
    async with await PostgresTrail.open(database.dsn(), keys, log=log) as trail:
        for number in numbers:
            await trail.append([AuditEvent("proposal", now_utc(), "planner", "planner", {"number": number})])


def checked(database: Database, folder: Path) -> Report:
    keys = AuditKeys.kept_in(folder)
    with tables(database.dsn(OWNER_ROLE)) as (source, connection):
        report = verify(source, witnesses(folder / "checkpoints.jsonl", keys.public), keys.public)
        check_contents(connection, keys.wrapping, report)
    return report


def counts(database: Database) -> dict[str, int]:
    with psycopg.connect(database.dsn(ADMIN_ROLE)) as connection:
        names = [str(name) for (name,) in connection.execute(TABLES)]
        text = " union all ".join(f"select '{name}', count(*) from {name}" for name in names)
        return dict(connection.execute(text.encode()).fetchall())


async def test_a_backup_comes_back_whole_and_guarded_and_its_record_verifies(
    bare_database: Database, elsewhere: Database, tmp_path: Path
) -> None:
    """Every row, forced row-level security, the schema of this version; then a later loss is named."""
    admin = elsewhere.server.dsn(ADMIN_ROLE, "postgres")
    keys, file = tmp_path / "audit", tmp_path / "plantwright.dump"
    migrate(bare_database.dsn(OWNER_ROLE))
    with psycopg.connect(bare_database.dsn(OWNER_ROLE)) as connection:
        connection.execute(ROWS.read_bytes())
    await put(bare_database, keys, 1, 2, 3)
    assert back_up(admin, file, bare_database.name) == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    restore(admin, file, elsewhere.name)

    assert counts(elsewhere) == counts(bare_database)
    assert checked(elsewhere, keys).findings == []
    assert migrate(elsewhere.dsn(OWNER_ROLE)) == ()
    async with await Store.open(elsewhere.dsn()) as store:
        assert (await store.caller("buyer")).sites == {"KAS", "LEI"}
    with (
        psycopg.connect(elsewhere.dsn()) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select set_config('plantwright.sites', 'KAS', true)")

    # What happened after the backup is lost with it: the record says which events, and nothing is written.
    await put(bare_database, keys, 4, 5)
    found = checked(elsewhere, keys).findings
    assert [each.kind for each in found] == ["cut_off"]
    assert "ends with event 3" in found[0].what
    assert "saw event 5" in found[0].what
    with pytest.raises(AuditUnavailable, match="was set back"):
        await put(elsewhere, keys, 6)
    # As docs/operations.md says: the file is kept, and a new one begins with the next start.
    (keys / "checkpoints.jsonl").rename(keys / "checkpoints-before.jsonl")
    await put(elsewhere, keys, 6)
    assert checked(elsewhere, keys).findings == []


def test_nothing_is_overwritten_and_half_a_backup_is_none(
    database: Database, elsewhere: Database, tmp_path: Path
) -> None:
    """A file or a database that is there stays, and what is cut off is refused as a whole."""
    admin = database.server.dsn(ADMIN_ROLE, "postgres")
    file = tmp_path / "plantwright.dump"
    back_up(admin, file, database.name)
    with pytest.raises(ConfigurationError, match="there already"):
        back_up(admin, file, database.name)
    with pytest.raises(ConfigurationError, match="not empty"):
        restore(admin, file, database.name)
    half = tmp_path / "half.dump"
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(StoreUnavailable, match="pg_restore failed"):
        restore(admin, half, elsewhere.name)
    text = tmp_path / "text.dump"
    text.write_text("a shopping list")
    with pytest.raises(ConfigurationError, match="no backup"):
        restore(admin, text, elsewhere.name)
    with psycopg.connect(elsewhere.dsn(ADMIN_ROLE)) as connection:
        assert connection.execute("select to_regclass('erp.material')").fetchone() == (None,)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["half.dump", "plantwright.dump", "text.dump"]
