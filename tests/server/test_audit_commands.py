"""`plantwright audit` tells tampering by its exit code, offline too, and shows people what is on record."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result
from typer.testing import CliRunner

from erp_adapters.store import ADMIN_ROLE, OWNER_ROLE, EmbeddedPostgres
from policies.audit.checkpoints import CheckpointLog
from policies.audit.event import AuditEvent
from policies.audit.keys import AuditKeys
from policies.audit.trail import PostgresTrail
from server.commands.tree import app
from tests.conftest import Database, _clone

NOW = datetime(2026, 12, 3, 9, tzinfo=UTC)


class Shell:
    """`plantwright audit` in a home whose database is one of the test run's."""

    def __init__(self, database: Database, home: Path) -> None:
        self.database, self.home = database, home
        self.folder = home / "audit"

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Result:
        given = {"PLANTWRIGHT_HOME": str(self.home), "DATABASE_URL": self.database.dsn(), **environment}
        return CliRunner().invoke(app, ["audit", *arguments], input=stdin, env=given)

    def fill(self) -> None:
        asyncio.run(self._fill())

    async def _fill(self) -> None:
        keys = AuditKeys.kept_in(self.folder)
        log = CheckpointLog(self.folder / "checkpoints.jsonl", keys.signing)
        async with await PostgresTrail.open(self.database.dsn(), keys, log=log) as trail:
            for number, (kind, who) in enumerate((("proposal", "planner"), ("confirmation", "buyer"))):
                payload: dict[str, Any] = {"number": number, "what": "500 of M-1023"}
                await trail.append([AuditEvent(kind, NOW, who, who, payload, "p-1", "KAS")])  # type: ignore[arg-type]
            await trail.append([AuditEvent("switch", NOW, "admin", "admin", {"site": "KAS"}, "", "KAS")])

    def tamper(self, statement: str) -> None:
        with psycopg.connect(self.database.dsn(ADMIN_ROLE)) as connection:
            connection.execute("set session_replication_role = replica")
            connection.execute(statement)


@pytest.fixture
def audit(postgres: EmbeddedPostgres, empty_template: str, tmp_path: Path) -> Iterator[Shell]:
    with _clone(postgres, empty_template) as database:
        yield Shell(database, tmp_path)


def test_before_anything_happened_there_is_nothing_to_verify(audit: Shell) -> None:
    done = audit("verify")
    assert (done.exit_code, done.stdout) == (
        0,
        "Nothing is on record yet.\nThe audit is as it was written.\n",
    )
    assert not audit.folder.exists()


def test_an_intact_audit_and_its_export_verify(audit: Shell, tmp_path: Path) -> None:
    audit.fill()
    done = audit("verify")
    assert done.exit_code == 0, done.stderr
    assert "3 events" in done.stdout
    assert done.stdout.endswith("The audit is as it was written.\n")

    file = tmp_path / "export.jsonl"
    done = audit("export", "--out", str(file))
    assert (done.exit_code, done.stderr) == (0, "3 events exported\n")
    assert "M-1023" not in file.read_text()
    checkpoints, key = str(audit.folder / "checkpoints.jsonl"), str(audit.folder / "signing.pub")
    away = {"DATABASE_URL": "host=/nowhere", "PLANTWRIGHT_HOME": "/nonexistent"}
    offline = audit("verify", "--export", str(file), "--checkpoints", checkpoints, "--key", key, **away)
    assert offline.exit_code == 0, offline.output
    assert audit("export", "--out", str(file)).exit_code == 2, "an export is never overwritten"

    for since, count in (("3", 1), ("2026-12-03", 3), ("2026-12-04", 0), ("1", 3)):
        part = tmp_path / f"since-{since}.jsonl"
        done = audit("export", "--since", since, "--out", str(part))
        assert done.stderr == f"{count} events exported\n"
        assert audit("verify", "--export", str(part)).exit_code == 0
    assert audit("export", "--since", "yesterday").exit_code == 2


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("update audit.event set site = 'LEI' where position = 2", "event 2 was changed"),
        ("delete from audit.event where position = 2", "event 2 is missing"),
        ("delete from audit.event where position > 2", "later events were cut off"),
        (
            "update audit.subject_key set wrapped = sha256('x'), tag = sha256(tag)",
            "no erasure of it is on record",
        ),
    ],
)
def test_tampering_ends_with_exit_code_1_and_is_named(audit: Shell, statement: str, words: str) -> None:
    audit.fill()
    audit.tamper(statement)
    done = audit("verify")
    assert done.exit_code == 1
    assert words in done.stdout
    found = json.loads(audit("verify", "--json").stdout)
    assert found["intact"] is False
    assert found["findings"]


def test_a_packet_is_json_or_a_page_and_names_the_persons(audit: Shell, tmp_path: Path) -> None:
    audit.fill()
    made = json.loads(audit("packet", "p-1").stdout)
    assert [(each["kind"], each["actor"]) for each in made["events"]] == [
        ("proposal", "planner"),
        ("confirmation", "buyer"),
    ]
    assert made["findings"] == []
    page = tmp_path / "packet.html"
    assert audit("packet", "p-1", "--html", str(page)).exit_code == 0
    assert "Confirmed by buyer" in page.read_text()
    unknown = audit("packet", "p-2")
    assert unknown.exit_code == 1
    assert "nothing is on record about the proposal 'p-2'" in unknown.stderr


def test_an_erasure_asks_back_and_leaves_the_chain_intact(audit: Shell) -> None:
    audit.fill()
    owner = audit.database.dsn(OWNER_ROLE)
    assert audit("erase", "buyer", "--why", "asked for", stdin="n\n").exit_code != 0
    assert "500 of M-1023" in audit("packet", "p-1").stdout
    done = audit("erase", "buyer", "--why", "asked for", "--yes")
    assert done.exit_code == 0, done.stderr
    assert [each["actor"] for each in json.loads(audit("packet", "p-1").stdout)["events"]] == [
        "planner",
        None,
    ]
    assert audit("verify").exit_code == 0
    with psycopg.connect(owner) as connection:
        assert connection.execute("select kind from audit.event where position = 4").fetchone() == (
            "erasure",
        )
    assert audit("erase", "buyer", "--why", "asked for", "--yes").exit_code == 1


def test_without_its_wrapping_key_the_chain_is_verified_and_the_contents_are_not(audit: Shell) -> None:
    audit.fill()
    (audit.folder / "wrapping.key").unlink()
    done = audit("verify")
    assert done.exit_code == 0, done.stdout
    assert "contents were not looked at" in done.stdout
