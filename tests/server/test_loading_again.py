"""What `connect` has made is loaded again by the worker, when it is due and something in it has changed."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from erp_adapters.documents.embedding import NgramEmbedder, packaged_embedder
from erp_adapters.store import OWNER_ROLE, make_demo_home
from server.commands.tree import app
from server.doctor.systems import systems
from server.reading_again import ReadingAgain
from server.settings import Settings
from server.systems import systems_of
from tests.conftest import Database
from tests.server.test_sync_command import invoke

STOCK = "Artikelnummer;Lagerort;Bestand;Inventurdatum\nA-1;L2;12;31.03.2026\nR-2;L1;820,5;31.03.2026\n"
FILES = {
    "Artikel": "Artikelnummer;Bezeichnung;Mengeneinheit;Standardpreis\nA-1;Rahmen;ST;41,5\nR-2;Rohr;M;2,4\n",
    "Lagerort": "Lagerort;Bezeichnung\nL1;Rohlager\nL2;Fertiglager\n",
    "Lagerbestand": STOCK,
}
TO = [
    *("--site", "W1", "--name", "Works", "--country", "DE", "--time-zone", "Europe/Berlin"),
    *("--currency", "EUR", "--no-ask"),
]
SYSTEMS = '[works]\nadapter = "connection"\nfolder = "works"\nevery = "1h"\n'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A connection as the command proposes it, named in the file of systems."""
    (tmp_path / "data").mkdir()
    for name, text in FILES.items():
        (tmp_path / "data" / f"{name}.csv").write_text(text, encoding="utf-8")
    made = CliRunner().invoke(
        app, ["connect", "to", str(tmp_path / "data"), "--into", str(tmp_path / "works"), *TO]
    )
    assert made.exit_code == 0, made.output
    (tmp_path / "systems.toml").write_text(SYSTEMS, encoding="utf-8")
    return Settings(home=tmp_path / "home", systems=tmp_path / "systems.toml")


def said(database: Database, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.dsn(OWNER_ROLE)) as owner:
        return owner.execute(statement).fetchall()


def due(database: Database) -> None:
    with psycopg.connect(database.dsn(OWNER_ROLE)) as owner:
        owner.execute("update erp.sync_feed set tried_at = tried_at - interval '2 hours'")


async def test_files_beside_a_connection_are_quoted_and_gone_with_it(
    settings: Settings, database: Database
) -> None:
    """By where they lie, of kinds that are named and for whom, and nothing that a link leads to."""
    make_demo_home(database.dsn(OWNER_ROLE))
    works = settings.home.parent / "works"
    (works / "files" / "supplier" / "V-1").mkdir(parents=True)
    (works / "files" / "purchase_order" / "12").mkdir(parents=True)
    (works / "files" / "purchase_order" / "12" / "terms.txt").write_text("Two days of notice.")
    (works / "files" / "supplier" / "V-1" / "rating.txt").write_text("Slow.")
    (works / "files" / "purchase_order" / "12" / "link.txt").symlink_to(works / "mapping.yaml")
    (works / "files" / "loose.txt").write_text("Loose.")
    connection = works / "connection.yaml"
    connection.write_text(
        connection.read_text() + "documents: {folder: files, readers: {purchase_order: [buyer]}}\n"
    )
    again = ReadingAgain(database, systems_of(settings), NgramEmbedder)
    await again.sweep()
    found = "select title, system, about, object, roles from erp.document where site = 'W1'"
    assert said(database, found) == [("terms.txt", "data", "purchase_order", "12", ["buyer"])]
    (works / "files" / "purchase_order" / "12" / "terms.txt").unlink()
    due(database)
    await again.sweep()
    assert said(database, found) == []


QUANTITY = "select quantity::int from erp.stock where material_id = 'A-1'"


async def test_a_connection_is_loaded_by_the_worker_when_it_is_due(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    """At once, then not before its time; a file that no longer fits leaves what was there, and says why."""
    stock = tmp_path / "data" / "Lagerbestand.csv"
    again = ReadingAgain(database, systems_of(settings), packaged_embedder)
    assert again
    await again.sweep()
    assert said(database, QUANTITY) == [(12,)]
    stock.write_text(STOCK.replace("L2;12", "L2;15"), encoding="utf-8")
    await again.sweep()
    assert said(database, QUANTITY) == [(12,)]
    due(database)
    await again.sweep()
    assert said(database, QUANTITY) == [(15,)]
    stock.write_text(STOCK.replace("Bestand", "Menge"), encoding="utf-8")
    due(database)
    await again.sweep()
    assert said(database, QUANTITY) == [(15,)]
    [(part, failing, problem)] = said(
        database, "select part, failing_since is not null, problem from erp.sync_feed"
    )
    assert (part, failing) == ("everything", True)
    assert "Bestand" in str(problem)
    stock.write_text(STOCK, encoding="utf-8")
    due(database)
    await again.sweep()
    assert said(database, QUANTITY) == [(12,)]
    assert said(database, "select failing_since, problem from erp.sync_feed") == [(None, "")]


def test_it_is_loaded_by_its_name_and_what_fails_is_in_the_status(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As any system of the file; where nothing has changed nothing is loaded."""
    make_demo_home(database.dsn(OWNER_ROLE))
    monkeypatch.setenv("DATABASE_URL", database.dsn())
    monkeypatch.setenv("PLANTWRIGHT_HOME", str(settings.home))
    monkeypatch.setenv("PLANTWRIGHT_SYSTEMS", str(settings.systems))
    for has_changed in (True, False):
        told = json.loads(invoke("sync", "works", "--json"))
        assert (told["site"], told["changed"]) == ("W1", has_changed)
    make_demo_home(database.dsn(OWNER_ROLE))
    stock = tmp_path / "data" / "Lagerbestand.csv"
    stock.write_text(STOCK.replace("Bestand", "Menge"), encoding="utf-8")
    invoke("sync", "works", code=1)
    [trouble] = json.loads(invoke("status", "--json"))["readings"]
    assert (trouble["site"], trouble["part"]) == ("W1", "everything")
    assert "connect check" in trouble["remedy"]


def test_the_doctor_says_what_is_wrong_with_a_connection(settings: Settings, tmp_path: Path) -> None:
    """Its files are read as the worker would; a folder that is gone is named."""
    [finding] = systems(settings)
    assert finding.state == "ok"
    assert "W1" in finding.why
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    [finding] = systems(settings)
    assert (finding.state, "data" in finding.why) == ("broken", True)
    (tmp_path / "works" / "mapping.yaml").unlink()
    [finding] = systems(settings)
    assert finding.state == "broken"
