"""The benchmark of confirmations measures confirmations: each is on record and is to be written."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg

from erp_adapters.store import OWNER_ROLE
from eval.benchmarks.confirming import measured, people
from tests.conftest import Database


def test_everything_that_is_counted_was_confirmed_once(database: Database, tmp_path: Path) -> None:
    """A figure counts only what the shipped policy, audit and outbox took part in."""
    people(database.dsn(OWNER_ROLE))
    load = asyncio.run(measured(database.dsn, tmp_path, seconds=1.0, rate=10))
    assert len(load.spent_ms) == 10
    assert 0 < load.at(0.5) <= load.at(0.99) <= load.at(1.0)
    with psycopg.connect(database.dsn(OWNER_ROLE)) as owner:
        row = owner.execute(
            "select count(*), count(distinct proposal),"
            " (select count(*) from app.proposal where state = 'confirmed'),"
            " (select count(*) from audit.event where kind = 'confirmation') from app.outbox"
        ).fetchone()
    assert row == (15, 15, 15, 15)
