"""`plantwright sync` on a database of somebody else's, and how `status` says that a part cannot be read."""

from __future__ import annotations

import json
import runpy
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from erp_adapters.store import OWNER_ROLE, make_demo_home
from erp_adapters.store.freshness import Trouble
from server.commands.status import reading_said
from server.commands.tree import app
from tests.conftest import Database

make = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "examples" / "shop.py"))["make"]


@pytest.fixture
def home(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose file of systems names a SQLite database."""
    make_demo_home(database.dsn(OWNER_ROLE))
    monkeypatch.setenv("DATABASE_URL", database.dsn())
    monkeypatch.setenv("PLANTWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLANTWRIGHT_SYSTEMS", str(tmp_path / "systems.toml"))
    make(tmp_path)
    return tmp_path


def sell(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "shop.db")) as shop, shop:
        for statement in statements:
            shop.execute(statement)


def invoke(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
    assert done.exit_code == code, done.output
    return done.stdout


def test_a_database_is_read_again_and_what_fails_is_shown(home: Path, database: Database) -> None:
    """One plant's rows, then only what changed; a renamed column is named by `status` with the remedy."""
    first = json.loads(invoke("sync", "shop", "--once", "--json"))
    counted = [(p["part"], p["read"], p["written"]) for p in first["parts"]]
    assert counted == [
        ("materials", 2, 2),
        ("stock", 2, 2),
    ]
    assert not any(p["difference"] for p in first["parts"])
    make_demo_home(database.dsn(OWNER_ROLE))
    sell(home, "update items set price = 13, changed_at = '2026-11-02 08:00:00' where item = 'A1'")
    again = json.loads(invoke("sync", "shop", "--json"))
    assert [(p["part"], p["written"]) for p in again["parts"]] == [("materials", 1), ("stock", 0)]

    sell(home, "alter table stock rename column qty to amount")
    assert "no such column: qty" in " ".join(invoke("sync", "shop", code=1).split())
    shown = json.loads(invoke("status", "--json"))
    [trouble] = shown["readings"]
    assert (trouble["system"], trouble["site"], trouble["part"]) == ("shop", "NOR", "stock")
    assert "Give the login" in trouble["remedy"]
    [source] = [each for each in shown["sources"] if each["system"] == "shop"]
    assert source["rows"] == 4
    assert source["loaded_at"] == trouble["read_at"]
    sell(home, "alter table stock rename column amount to qty")
    assert not json.loads(invoke("sync", "shop", "--json"))["parts"][1]["problem"]


def test_a_failure_is_said_in_a_line() -> None:
    """Which part of what, since when, why, how old what there is is, and what to do."""
    at = datetime.now(UTC)
    trouble = Trouble("shop", "NOR", "stock", None, at - timedelta(hours=2), "it is away.", "Wait.")
    assert reading_said(trouble) == (
        "stock of shop at NOR cannot be read for 2 h: it is away. (never read to its end). Wait."
    )


@pytest.mark.usefixtures("home")
def test_what_cannot_be_read_is_refused_in_words() -> None:
    """A system that nobody named, a site of it that is not read, and a time that is none."""
    invoke("sync", "other", code=1)
    invoke("sync", "shop", "--site", "KAS", code=1)
    invoke("sync", "shop", "--every", "soon", code=1)
