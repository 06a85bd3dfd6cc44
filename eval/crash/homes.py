"""Databases for crash tests: a small demo, built once, and a copy of it for each lane."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from erp_adapters.demo.adapter import build_demo
from erp_adapters.demo.erp import DuplicateStrength
from erp_adapters.store import ADMIN_ROLE, OWNER_ROLE, EmbeddedPostgres, migrate, provision
from eval.crash.children import Addresses
from eval.crash.drafts import Plants
from eval.crash.running import Lane

TEMPLATE = "crash_demo"


@contextlib.contextmanager
def scratch_server() -> Iterator[EmbeddedPostgres]:
    """A server with the small demo as a template, in a folder that goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="plantwright-crash-"))
    # As root the server runs under an account of its own, which has to get in.
    folder.chmod(0o755)
    try:
        with EmbeddedPostgres(folder / "postgres", durable=False) as server:
            provision(server.dsn(ADMIN_ROLE, "postgres"), TEMPLATE)
            migrate(server.dsn(OWNER_ROLE, TEMPLATE))
            asyncio.run(build_demo(server.dsn(OWNER_ROLE, TEMPLATE), size="small"))
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def lanes_of(
    server: EmbeddedPostgres, count: int, keys: Path, template: str = TEMPLATE
) -> Iterator[tuple[Lane, ...]]:
    """So many lanes, half of them with an ERP that takes duplicates.

    Args:
        server: where the template is.
        count: how many.
        keys: folder for the audit keys of each.
        template: database of a demo home.
    """
    strengths: tuple[DuplicateStrength, ...] = ("none", "rejects")
    names = [f"crash_{number}" for number in range(count)]
    with psycopg.connect(server.dsn(ADMIN_ROLE, "postgres"), autocommit=True) as admin:
        for name in names:
            admin.execute(f"drop database if exists {name} with (force)")
            admin.execute(f"create database {name} owner {OWNER_ROLE} template {template} strategy file_copy")
        try:
            yield tuple(
                _lane(_at(server, name), strengths[number % 2], keys / name)
                for number, name in enumerate(names)
            )
        finally:
            for name in names:
                admin.execute(f"drop database {name} with (force)")


def _lane(at: Callable[[str], str], duplicates: DuplicateStrength, keys: Path) -> Lane:
    plants = Plants(at(OWNER_ROLE))
    return Lane(Addresses.of(at, frozenset(plants.days), keys), plants, duplicates)


def _at(server: EmbeddedPostgres, database: str) -> Callable[[str], str]:
    return lambda role: server.dsn(role, database)
