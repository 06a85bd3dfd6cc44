"""Each breakage is found, named and comes with what mends it; a home that is well has none."""

from __future__ import annotations

import http.server
import json
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from erp_adapters.store import ADMIN_ROLE, APP_ROLE, OWNER_ROLE, Store
from policies.audit.checkpoints import CheckpointLog
from policies.audit.event import AuditEvent
from policies.audit.keys import AuditKeys
from policies.audit.trail import PostgresTrail
from server.doctor.endpoints import endpoints
from server.doctor.examining import examined
from server.doctor.finding import Finding, World
from server.doctor.machine import machine, packages, panel
from server.doctor.record import keys, record, second_place
from server.doctor.store import store
from server.settings import Settings
from tests.conftest import Database


class Home:
    """A database of the test run as the doctor gets it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self) -> None:
        return None

    def stop(self) -> None:
        return None

    def dsn(self, role: str) -> str:
        return self._database.dsn(role)


def settings(tmp_path: Path, **given: Any) -> Settings:
    return Settings(home=tmp_path, **{"port": 0, **given})


def found(findings: Iterator[Finding], name: str) -> Finding:
    """The worst finding of that name; each that is not well says how to mend it."""
    every = [one for one in findings if one.name == name]
    assert every, name
    worst = max(every, key=lambda one: ["ok", "warning", "broken"].index(one.state))
    assert (worst.mend == "") == (worst.state == "ok")
    return worst


def test_a_home_that_is_well(tmp_path: Path, demo: Database) -> None:
    """Nothing is broken, and looking changes nothing."""
    AuditKeys.kept_in(tmp_path / "audit")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    every = list(examined(settings(tmp_path), home=Home(demo)))
    assert [one for one in every if one.state == "broken"] == []
    names = {one.name for one in every}
    assert names >= {
        "python", "packages", "home", "disk", "panel", "database", "extensions", "schema", "roles",
        "row-level security", "clock", "sources", "erp", "keys", "checkpoints", "record", "egress", "model",
    }  # fmt: skip
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_home_that_is_not_there_yet(tmp_path: Path) -> None:
    """A newcomer is told what to run; nothing is made by looking."""
    every = list(examined(settings(tmp_path / "none")))
    assert found(iter(every), "home").state == "warning"
    assert "plantwright demo" in found(iter(every), "database").mend
    assert not (tmp_path / "none").exists()


def test_the_machine(tmp_path: Path) -> None:
    """An old interpreter, a full disk, a folder that everybody may write, a taken port, a missing package."""
    given = settings(tmp_path)

    def looked(world: World, **more: Any) -> Iterator[Finding]:
        return machine(settings(tmp_path, **more) if more else given, world, is_serving=False)

    assert found(looked(World(python=(3, 10))), "python").state == "broken"
    assert "without optimisations" in found(looked(World(is_optimised=False)), "python").why
    assert "without" not in found(looked(World(is_optimised=True)), "python").why
    assert found(looked(World(free=lambda _: 100 << 20)), "disk").state == "broken"
    assert found(looked(World(free=lambda _: 700 << 20)), "disk").state == "warning"
    tmp_path.chmod(0o777)
    assert "chmod o-w" in found(looked(World()), "home").mend
    tmp_path.chmod(0o755)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        busy = found(looked(World(), port=port), "port")
        assert (busy.state, "PLANTWRIGHT_PORT" in busy.mend) == ("broken", True)
        assert found(machine(settings(tmp_path, port=port), World(), is_serving=True), "port").state == "ok"
        assert found(looked(World(), metrics_port=port), "metrics port").state == "broken"
    assert "no-such-package" in packages(["no-such-package>=1", "pydantic>=2", "ragas; extra == 'eval'"]).why
    assert packages(["pydantic==0.0.1"]).state == "broken"
    assert panel(tmp_path).state == "warning"
    (tmp_path / "embed.js").write_text("")
    assert panel(tmp_path).state == "ok"


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    """The address is wrong, or nothing listens there."""

    class Away(Home):
        def __init__(self) -> None:
            return None

        def dsn(self, role: str) -> str:
            return "postgresql://x@127.0.0.1:9/x"

    given = settings(tmp_path, database_url=SecretStr("postgresql://x@127.0.0.1:9/x"))
    away = found(store(given, Away(), World()), "database")
    assert (away.state, "DATABASE_URL" in away.mend) == ("broken", True)
    assert {one.name for one in record(given, Away())} == {"keys", "checkpoints"}


def test_an_extension_is_missing(tmp_path: Path, bare_database: Database) -> None:
    """Without it documents cannot be searched; the schema is older too, being none."""
    with psycopg.connect(bare_database.dsn(ADMIN_ROLE), autocommit=True) as connection:
        connection.execute("drop extension vector")
    every = list(store(settings(tmp_path), Home(bare_database), World()))
    extensions = found(iter(every), "extensions")
    assert (extensions.state, extensions.why) == ("broken", "missing: vector")
    assert "create extension vector" in extensions.mend
    assert found(iter(every), "schema").state == "broken"


def test_schema_roles_scope_and_clock(tmp_path: Path, demo_copy: Database) -> None:
    """An older schema, a newer one, a table without its policy, and a clock that is wrong."""
    home = Home(demo_copy)
    given = settings(tmp_path)
    late = World(now=lambda: datetime.now(UTC) + timedelta(minutes=5))
    assert found(store(given, home, late), "clock").state == "broken"
    slightly = World(now=lambda: datetime.now(UTC) - timedelta(seconds=20))
    assert found(store(given, home, slightly), "clock").state == "warning"
    with psycopg.connect(demo_copy.dsn(OWNER_ROLE), autocommit=True) as connection:
        connection.execute("alter table erp.supplier no force row level security")
        assert "erp.supplier" in found(store(given, home, World()), "row-level security").mend
        connection.execute("insert into public.plantwright_migration (name, checksum) values ('9999_x', 'x')")
        assert "newer" in found(store(given, home, World()), "schema").why
        connection.execute(
            "delete from public.plantwright_migration where name in ('9999_x', '0016b_operations')"
        )
        assert "0016b_operations" in found(store(given, home, World()), "schema").why
        connection.execute("drop function app.schema_steps()")
        assert found(store(given, home, World()), "schema").state == "broken"


async def test_service_is_not_ready_on_an_older_schema(demo_copy: Database) -> None:
    """The probe says so, too: a program that is newer than its database serves nobody."""
    from erp_adapters.errors import StoreUnavailable
    from server.directory import StoreDirectory

    async with await Store.open(demo_copy.dsn(APP_ROLE)) as opened:
        await StoreDirectory(opened).ready()
        with psycopg.connect(demo_copy.dsn(OWNER_ROLE), autocommit=True) as connection:
            connection.execute("delete from public.plantwright_migration where name = '0016b_operations'")
        with pytest.raises(StoreUnavailable, match="store migrate"):
            await StoreDirectory(opened).ready()


def test_keys(tmp_path: Path) -> None:
    """Missing after something was recorded, readable by others, or no keys at all."""
    folder = tmp_path / "audit"
    assert keys(folder, has_events=False).state == "warning"
    assert keys(folder, has_events=True).state == "broken"
    AuditKeys.kept_in(folder)
    assert keys(folder, has_events=True).state == "ok"
    (folder / "signing.key").chmod(0o640)
    assert "chmod 600" in keys(folder, has_events=True).mend
    (folder / "signing.key").chmod(0o600)
    (folder / "wrapping.key").write_text("nonsense")
    (folder / "wrapping.key").chmod(0o600)
    assert keys(folder, has_events=True).state == "broken"


def test_the_second_place(tmp_path: Path) -> None:
    """A folder where the file should be, a file where the folder should be, and what is no checkpoint."""
    assert second_place(tmp_path / "audit" / "checkpoints.jsonl").state == "ok"
    (tmp_path / "file").write_text("x")
    assert second_place(tmp_path / "file" / "checkpoints.jsonl").state == "broken"
    assert second_place(tmp_path).state == "broken"
    (tmp_path / "nonsense").write_text("nonsense\n")
    assert "audit verify" in second_place(tmp_path / "nonsense").mend


async def test_a_record_that_contradicts_its_checkpoint(tmp_path: Path, demo_copy: Database) -> None:
    """Whoever set the database back, or signed with another key, is found out at once."""
    given = settings(tmp_path)
    held = AuditKeys.kept_in(given.keys)
    log = CheckpointLog(given.checkpoints, held.signing)
    async with await PostgresTrail.open(demo_copy.dsn(APP_ROLE), held, log=log) as trail:
        await trail.append([AuditEvent("switch", datetime.now(UTC), "a", "a", {"n": n}) for n in range(5)])
        await trail.witness()
    home = Home(demo_copy)
    assert found(record(given, home), "record").state == "ok"
    kept = given.checkpoints.read_bytes()
    other = AuditKeys.kept_in(tmp_path / "other")
    right = (given.keys / "wrapping.key").read_bytes()
    (given.keys / "wrapping.key").write_bytes((tmp_path / "other" / "wrapping.key").read_bytes())
    assert "of another record" in found(record(given, home), "keys").why
    (given.keys / "wrapping.key").write_bytes(right)
    assert found(record(given, home), "keys").state == "ok"
    with psycopg.connect(demo_copy.dsn(APP_ROLE)) as connection:
        row = connection.execute("select * from audit.latest()").fetchone()
    assert row is not None
    CheckpointLog(tmp_path / "ahead", held.signing).add(row[0], 99, bytes(32), datetime.now(UTC))
    given.checkpoints.write_bytes((tmp_path / "ahead").read_bytes())
    assert "contradicts" in found(record(given, home), "record").why
    CheckpointLog(tmp_path / "foreign", other.signing).add(row[0], 5, bytes(row[2]), datetime.now(UTC))
    given.checkpoints.write_bytes((tmp_path / "foreign").read_bytes())
    assert "key" in found(record(given, home), "record").why
    given.checkpoints.write_bytes(kept)
    os.unlink(given.keys / "signing.pub")
    assert found(record(given, home), "keys").state == "broken"


@contextmanager
def answering(status: int, body: object, date: str = "") -> Iterator[str]:
    """A server that gives one answer; its address."""

    class One(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(status)
            self.send_header("date", date or self.date_time_string())
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            return None

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), One)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("status", "body", "state", "said"),
    [
        (200, {"data": [{"id": "m"}]}, "ok", "has 'm'"),
        (200, {"data": [{"id": "other"}]}, "warning", "does not list"),
        (200, ["no list"], "warning", "does not list"),
        (404, {}, "warning", "lists no models"),
        (401, {}, "broken", "refuses the key"),
        (503, {}, "broken", "fails"),
        (302, {}, "warning", "lists no models"),
    ],
)
def test_the_models_endpoint(tmp_path: Path, status: int, body: object, state: str, said: str) -> None:
    """Reached, or why not; nothing of a question is sent to find out."""
    with answering(status, body) as place:
        given = settings(tmp_path, model="openai:m", openai_base_url=f"{place}/v1")
        one = found(endpoints(given, World()), "model")
    assert one.state == state
    assert said in one.why


def test_an_endpoint_that_is_dead_or_lives_in_another_time(tmp_path: Path) -> None:
    """Nobody listens there; or its clock is an hour off, so that tokens would not be valid."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    given = settings(tmp_path, model="openai:m", openai_base_url=f"http://127.0.0.1:{port}/v1")
    assert "OPENAI_BASE_URL" in found(endpoints(given, World()), "model").mend
    with answering(200, {"data": [{"id": "m"}]}, "Mon, 01 Jan 2024 00:00:00 GMT") as place:
        given = settings(tmp_path, model="openai:m", openai_base_url=place)
        assert found(endpoints(given, World()), "clock, the model's endpoint").state == "broken"


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n"])
def test_an_endpoint_that_hangs(tmp_path: Path, sent: bytes) -> None:
    """It takes the connection and says nothing, or a little again and again: nobody waits for its end."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def hang() -> None:
            taken, _ = listening.accept()
            with taken:
                taken.sendall(sent)
                while not ended.wait(0.05):
                    if sent:
                        taken.sendall(b".")

        thread = threading.Thread(target=hang)
        thread.start()
        given = settings(tmp_path, model="openai:m", openai_base_url=f"http://127.0.0.1:{port}/v1")
        one = found(endpoints(given, World(patience_s=0.3)), "model")
        ended.set()
        thread.join()
    assert (one.state, "ReadTimeout" in one.why) == ("broken", True)
    assert "until then the embedded model answers" in one.mend


def test_other_models_and_policies(tmp_path: Path) -> None:
    """A provider without its package, a model's file that is not there, a policy that cannot be read."""
    assert found(endpoints(settings(tmp_path), World()), "model").state == "ok"
    assert found(endpoints(settings(tmp_path, model="nobody:x"), World()), "model").state == "broken"
    assert found(endpoints(settings(tmp_path, model="local:none.gguf"), World()), "model").state == "broken"
    wrong = tmp_path / "egress.toml"
    wrong.write_text("[default]\nnames = 'hide'\n")
    assert found(endpoints(settings(tmp_path, egress=wrong), World()), "egress").state == "broken"
    # One cause is one advice: the model is not blamed for it.
    hosted = settings(tmp_path, egress=wrong, model="openai:m")
    assert found(endpoints(hosted, World()), "model").mend == "first mend `egress`"


def test_the_identity_provider(tmp_path: Path) -> None:
    """Its discovery is read where one is set: another issuer, or nothing there, keeps everybody out."""
    body: dict[str, str] = {}
    with answering(200, body) as place:
        given = settings(tmp_path, oidc_issuer=place, oidc_client_id="plantwright")
        assert found(endpoints(given, World()), "sign-in").state == "broken"
        body |= {"issuer": place, "authorization_endpoint": "a", "token_endpoint": "b"}
        assert "jwks_uri" in found(endpoints(given, World()), "sign-in").why
        body["jwks_uri"] = "c"
        assert found(endpoints(given, World()), "sign-in").state == "ok"
    assert found(endpoints(given, World()), "sign-in").state == "broken"
    assert [one for one in endpoints(settings(tmp_path), World()) if one.name == "sign-in"] == []


def test_a_postgres_that_is_too_old_is_named_with_what_it_has_to_be(tmp_path: Path) -> None:
    """A server of a version before the oldest that is supported, as libpq hears it."""
    answers = struct.pack("!cii", b"R", 8, 0)
    for name, value in (("server_version", "14.12"), ("client_encoding", "UTF8")):
        text = f"{name}\0{value}\0".encode()
        answers += struct.pack("!ci", b"S", 4 + len(text)) + text
    answers += struct.pack("!cic", b"Z", 5, b"I")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(answers)
                connection.recv(1024)

        server = threading.Thread(target=serve)
        server.start()
        address = (
            f"postgresql://x@127.0.0.1:{listening.getsockname()[1]}/x?sslmode=disable&gssencmode=disable"
        )

        class Old(Home):
            def __init__(self) -> None:
                return None

            def dsn(self, role: str) -> str:
                return address

        first = next(store(settings(tmp_path, database_url=SecretStr(address)), Old(), World()))
        server.join(10)
    assert (first.name, first.state) == ("database", "broken")
    assert first.why == "PostgreSQL 14.12 is too old"
    assert first.mend == "upgrade it to PostgreSQL 15 or later"
