"""An audit with real keys, a real database and a second place in a folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from erp_adapters.store import ADMIN_ROLE, OWNER_ROLE, EmbeddedPostgres
from policies.audit.checkpoints import CheckpointLog
from policies.audit.event import AuditEvent
from policies.audit.keys import AuditKeys
from policies.audit.reading import tables
from policies.audit.trail import Often, PostgresTrail
from policies.audit.verify import Report, verify, witnesses
from tests.conftest import Database, _clone

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
SECRET = "five hundred of M-1023"
Event = Callable[..., AuditEvent]


def event(number: int = 0, **given: Any) -> AuditEvent:
    """An event about the planner."""
    held = {
        "kind": "proposal",
        "at": NOON + timedelta(seconds=number, microseconds=number),
        "actor": "planner",
        "about": "planner",
        "payload": {"what": SECRET, "number": number},
        "proposal": f"p-{number}",
        "site": "KAS",
    }
    return AuditEvent(**{**held, **given})


@dataclass(frozen=True, slots=True)
class Home:
    """A database with an audit, and where its keys and checkpoints are."""

    database: Database
    folder: Path
    keys: AuditKeys

    @property
    def file(self) -> Path:
        return self.folder / "checkpoints.jsonl"

    @property
    def log(self) -> CheckpointLog:
        return CheckpointLog(self.file, self.keys.signing)

    @property
    def owner(self) -> str:
        return self.database.dsn(OWNER_ROLE)

    async def trail(self, dsn: str = "", often: Often = Often(1000, 60.0)) -> PostgresTrail:  # noqa: B008
        return await PostgresTrail.open(dsn or self.database.dsn(), self.keys, log=self.log, often=often)

    def report(self) -> Report:
        """What an offline verification of the tables says."""
        seen = witnesses(self.file, self.keys.public)
        with tables(self.owner) as (source, _):
            return verify(source, seen, self.keys.public)

    @contextmanager
    def tampering(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """Somebody who owns the server and stops at nothing."""
        with psycopg.connect(self.database.dsn(ADMIN_ROLE)) as connection:
            connection.execute("set session_replication_role = replica")
            yield connection


@pytest.fixture
def home(postgres: EmbeddedPostgres, empty_template: str, tmp_path: Path) -> Iterator[Home]:
    """A home of one test, which may break it."""
    with _clone(postgres, empty_template) as database:
        yield Home(database, tmp_path / "audit", AuditKeys.kept_in(tmp_path / "audit"))


@pytest.fixture
async def trail(home: Home) -> AsyncIterator[PostgresTrail]:
    """The home's trail, without checkpoints in between."""
    async with await home.trail() as trail:
        yield trail
