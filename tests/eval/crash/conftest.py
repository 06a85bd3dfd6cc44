"""Lanes of a crash test on the test run's own server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from erp_adapters.store import EmbeddedPostgres
from eval.crash.homes import lanes_of
from eval.crash.running import Lane


@pytest.fixture
def lane(postgres: EmbeddedPostgres, demo_template: str, tmp_path: Path) -> Iterator[Lane]:
    """One lane, whose ERP takes duplicates."""
    with lanes_of(postgres, 1, tmp_path, demo_template) as (only,), only:
        yield only
