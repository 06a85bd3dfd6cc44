"""The benchmark of causes finds what it put in, and leaves the data as it was."""

from __future__ import annotations

import asyncio

import psycopg

from erp_adapters.store import OWNER_ROLE
from eval.benchmarks.causes import measured, show
from tests.conftest import Database


def test_causes_that_were_put_in_are_found(demo: Database) -> None:
    """One of each kind, and none where there is none; the data is as before."""
    owner = demo.dsn(OWNER_ROLE)
    cases = asyncio.run(measured(owner, 10))
    assert len({case.put.kind for case in cases}) == 10
    assert [case for case in cases if not (case.has_driver and case.has_cause and case.ties)] == []
    with psycopg.connect(owner) as connection:
        assert connection.execute(
            "select count(*) from erp.ledger_line where line_id like 'SEED%'"
        ).fetchone() == (0,)


def test_a_wrong_cause_counts_as_wrong(demo: Database) -> None:
    """A benchmark that cannot fail measures nothing."""
    from dataclasses import replace

    cases = asyncio.run(measured(demo.dsn(OWNER_ROLE), 1))
    assert not show([replace(case, has_cause=False) for case in cases])
