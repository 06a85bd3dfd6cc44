"""Faults of every kind are found, and sound rows are left alone."""

from __future__ import annotations

import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE
from erp_adapters.store.checks import find
from eval.benchmarks.quality import LEAST_RECALL, MOST_FALSE, scores, told
from eval.benchmarks.seeded import Seed, seeded, store
from tests.conftest import Database

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def test_faults_are_found_and_sound_rows_are_not(database: Database) -> None:
    """On an enterprise made up for it: what the checks promise, for every kind of fault that is in it."""
    sheets = seeded(materials=120)
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        store(connection, sheets)
        looked = find(connection)
        findings = told(connection)
    late = Seed("late_posting", "S5", "site", "site/S5")
    done = scores([*sheets.seeds, late], findings, {each.check: each.rows for each in looked}, {})
    assert len(done) >= 15
    assert {s.kind: s.missed for s in done if s.recall < LEAST_RECALL} == {}
    assert {s.kind: s.false for s in done if s.false_share > MOST_FALSE} == {}
