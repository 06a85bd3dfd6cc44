"""Whoever reads the record reads nothing else; whoever loads touches no people, no drafts and no record."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE
from erp_adapters.store.provision import AUDITOR_ROLE, LOADER_ROLE
from tests.conftest import Database
from tests.erp_adapters.store.records import insert

_READS_RECORD = ("audit.chain", "audit.head", "audit.event", "audit.subject_key")
_NOT_THE_AUDITORS = ("erp.material", "erp.person", "app.proposal", "app.answer", "app.session")
_NOT_THE_LOADERS = (
    "audit.event",
    "audit.subject_key",
    "app.proposal",
    "app.answer",
    "app.session",
    "app.outage",
)
_KEPT = (
    "update erp.person set roles = array['admin']",
    "insert into erp.person (subject, name) values ('me', 'Me')",
    "update erp.site_rules set status = 'approved'",
    # What a folder holds is a person's to index; what hangs on a system's objects is read with the system.
    "insert into erp.document (site, source_system, source_key, load_id, document_id, kind, title)"
    " values ('KS', 'documents', 'k', '00000000-0000-0000-0000-000000000001', 'd', 'policy', 'T')",
    "create table erp.mine (a integer)",
    "select app.admit_roles()",
)


def test_the_auditor_reads_the_record_and_nothing_else(database: Database) -> None:
    """Every table of the record, and no other; it changes none of them."""
    with psycopg.connect(database.dsn(AUDITOR_ROLE), autocommit=True) as auditor:
        for table in _READS_RECORD:
            auditor.execute(f"select count(*) from {table}".encode())
            for change in (f"delete from {table}", f"insert into {table} default values"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    auditor.execute(change.encode())
        for table in _NOT_THE_AUDITORS:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                auditor.execute(f"select from {table}".encode())


def test_the_loader_keeps_records_and_no_authority(database: Database) -> None:
    """Rows of every site are written, also of tables that come with later steps; people and rules are not."""
    with psycopg.connect(database.dsn(LOADER_ROLE), autocommit=True) as loader:
        insert(loader, "material", "KS", "1", "x")
        insert(loader, "sync_feed", "KS", "1", "x")
        loader.execute("select erp.index_by_key('material', 'x')")
        # A source that was away is back: the time is noted, which the loader itself may not do.
        for failing in ("now() - interval '1 hour'", "null"):
            loader.execute(f"update erp.sync_feed set failing_since = {failing}".encode())
        # What machines tell is kept in places that others make, and days are dropped whole.
        loader.execute("select series.make_place('samples', '2020-01-01')")
        row = loader.execute("select count(*) from app.samples").fetchone()
        assert row == (0,)
        for beyond in (
            "delete from app.samples",
            "select count(*) from series.samples_20200101",
            "drop table series.samples_20200101",
            "delete from app.signal",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                loader.execute(beyond.encode())
        assert loader.execute("select series.drop_samples('2021-01-01')").fetchall() == [(date(2020, 1, 1),)]
        loader.execute(
            "insert into app.series_batch (source, site, sequence, samples) values ('x', 'KS', 1, 1)"
        )
        row = loader.execute("delete from erp.material returning site").fetchone()
        assert row == ("KS",)
        for statement in _KEPT:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                loader.execute(statement.encode())
        for table in _NOT_THE_LOADERS:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                loader.execute(f"select from {table}".encode())
    with psycopg.connect(database.dsn(OWNER_ROLE), autocommit=True) as owner:
        left = owner.execute(
            "select c.relname from pg_class c where c.relnamespace = 'erp'::regnamespace"
            " and c.relkind in ('r', 'p') and c.relrowsecurity"
            " and not has_table_privilege('plantwright_loader', c.oid, 'select')"
        ).fetchall()
        away = owner.execute("select site from app.outage").fetchall()
    assert left == []
    assert away == [("KS",)]
