"""A Postgres that somebody else runs serves as well as the embedded one: over TCP and with passwords."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError, StoreUnavailable
from erp_adapters.store import ADMIN_ROLE, APP_ROLE, DATABASE, OWNER_ROLE, Store, migrate, provision
from erp_adapters.store.programs import Programs

pytestmark = pytest.mark.slow

PASSWORD = "correct horse"
ANNA = Caller("anna", "Anna", frozenset(), frozenset({"KS"}), frozenset())


@dataclass(frozen=True, slots=True)
class Given:
    """A server at a port of this machine; the socket is its administrator's."""

    port: int
    socket: Path

    def admin(self) -> str:
        return make_conninfo(host=str(self.socket), port=self.port, user=ADMIN_ROLE, dbname="postgres")

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"


@pytest.fixture(scope="module")
def given() -> Iterator[Given]:
    """A bare server that asks for passwords."""
    folder = Path(tempfile.mkdtemp(prefix="plantwright-given-"))
    folder.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    programs = Programs(folder)
    programs.prepare(folder / "data")
    programs.give(folder)
    hosts = ("--auth-local=trust", "--auth-host=scram-sha-256")
    made = programs.run("initdb", "-D", "data", "-U", ADMIN_ROLE, *hosts, "--no-sync")
    assert made.code == 0, made.said
    options = f"-p {port} -k {folder} -h 127.0.0.1"
    started = programs.run("pg_ctl", "start", "-D", "data", "-w", "-o", options, "-l", "log")
    assert started.code == 0, started.said
    yield Given(port, folder)
    programs.run("pg_ctl", "stop", "-D", "data", "-m", "immediate")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def provisioned(given: Given) -> Given:
    """The server after its administrator has provisioned it and set passwords."""
    provision(given.admin())
    with psycopg.connect(given.admin(), autocommit=True) as admin:
        for role in (OWNER_ROLE, APP_ROLE):
            admin.execute(f"alter role {role} password '{PASSWORD}'")
    return given


async def test_the_same_code_works_over_tcp_with_passwords(provisioned: Given) -> None:
    assert migrate(provisioned.url(OWNER_ROLE))
    async with await Store.open(provisioned.url(APP_ROLE)) as store, store.reading(ANNA) as tx:
        assert (await tx.fetch("select count(*) from erp.stock")).rows == ((0,),)


async def test_a_wrong_password_is_an_answer_and_not_a_hang(provisioned: Given) -> None:
    wrong = provisioned.url(APP_ROLE).replace("horse", "cow")
    with pytest.raises(StoreUnavailable, match="database"):
        await Store.open(wrong, acquire_timeout_s=0.5)
    with pytest.raises(StoreUnavailable, match="password authentication failed"):
        migrate(provisioned.url(OWNER_ROLE).replace("horse", "cow"))


def test_an_administrator_without_the_right_to_add_types_is_told(provisioned: Given) -> None:
    with psycopg.connect(provisioned.admin(), autocommit=True) as admin:
        admin.execute(f"create role dba login createrole createdb password '{PASSWORD}'")
        admin.execute(f"grant {OWNER_ROLE} to dba with admin option")
    with pytest.raises(ConfigurationError, match=r"vector.*have an administrator run"):
        provision(provisioned.url("dba", "postgres"), "another")
