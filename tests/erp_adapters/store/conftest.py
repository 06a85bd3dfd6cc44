"""The workshop source, ready to be loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from erp_adapters.store.consistency import parse_mapping
from erp_adapters.store.mapping import SourceMapping
from tests.erp_adapters.store.workshop import FILES, TEXT


@pytest.fixture
def mapping() -> SourceMapping:
    return parse_mapping(TEXT, "workshop.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, lines in FILES.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def owner(owner_dsn: str) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection to a store that no earlier test has left anything in."""
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        for table in (
            *("material", "stock", "stock_movement", "work_in_process", "purchase_order", "ledger_line"),
            *("ledger_period", "source_line", "quarantine", "site", "load"),
        ):
            connection.execute(f"delete from erp.{table}")
        yield connection
