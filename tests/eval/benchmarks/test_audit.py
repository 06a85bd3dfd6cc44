"""The benchmark of the audit measures what it says: its chain is whole, and what it counts is kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg

from erp_adapters.store import OWNER_ROLE
from eval.benchmarks.audit import CALLERS, Place, bare_fsyncs, bare_inserts, measured, verified
from tests.conftest import Database


def test_every_event_that_is_counted_is_in_a_chain_that_verifies(database: Database, tmp_path: Path) -> None:
    class Server:
        def dsn(self, role: str) -> str:
            return database.dsn(role)

    at = Place(Server(), tmp_path)  # type: ignore[arg-type]
    assert bare_inserts(at, 0.05) > 0
    assert bare_fsyncs(at, 0.05) > 0
    rates, joined, turns = asyncio.run(measured(at, 0.1))
    assert [rate.callers for rate in rates] == list(CALLERS)
    events, speed = verified(at)
    # Those of the warm-up are in the chain as well.
    assert events >= sum(rate.events for rate in rates) + joined.events + 6 * len(turns)
    assert speed > 0
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        assert connection.execute("select count(*), max(position) from audit.event").fetchone() == (
            events,
            events,
        )
