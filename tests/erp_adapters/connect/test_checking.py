"""A check does all that a load would and keeps nothing; a load of the same file is answered on."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import psycopg
import pytest

from erp_adapters.connect import databases, files
from erp_adapters.connect.again import load_again
from erp_adapters.connect.checking import check, questions
from erp_adapters.connect.gathering import gathered
from erp_adapters.connect.proposing import propose
from erp_adapters.connect.scaffold import Scaffold
from erp_adapters.connect.source import Connected, read_connection
from erp_adapters.errors import ConfigurationError, SourceUnreadable
from erp_adapters.store.loading import load_source
from tests.erp_adapters.connect.workshops import GERMAN, database

SITE = "  - {code: WERK, name: Werk, country: DE, time_zone: Europe/Berlin, currency: EUR}\n"


def connected(folder: Path, script: str = GERMAN) -> Connected:
    """A German database with the mapping that was proposed for it, unchanged."""
    url = database(folder / "source.db", script)
    with databases.opened(url) as tables:
        text = Scaffold(propose(databases.tables_of(tables)), "source", url).text()
    (folder / "mapping.yaml").write_text(text, encoding="utf-8")
    (folder / "connection.yaml").write_text(f"url: {url}\nsites:\n{SITE}", encoding="utf-8")
    return read_connection(folder)


def rows(owner_dsn: str) -> int:
    with psycopg.connect(owner_dsn) as connection:
        found = connection.execute(
            "select (select count(*) from erp.material) + (select count(*) from erp.site)"
            " + (select count(*) from erp.stock) + (select count(*) from erp.load)"
        ).fetchone()
    assert found is not None
    return int(found[0])


async def test_what_a_check_shows_is_what_a_load_does(tmp_path: Path, owner_dsn: str) -> None:
    """Counts, flags, rows side by side and answerable questions; nothing in the store before the load."""
    source = connected(tmp_path)
    site = source.connection.site(None)
    with gathered(source) as folder:
        found = check(owner_dsn, source.mapping, folder, site)
        assert rows(owner_dsn) == 0
        report = await load_source(owner_dsn, source.mapping, folder, site=site)
    assert not found.refused
    assert report.checksum == found.report.checksum
    assert report.loaded == found.report.loaded > 0
    stock = next(each for each in found.records if each.outcome.record == "stock")
    assert stock.outcome.flagged == 1
    assert stock.pairs[0].source == {
        "Artikelnummer": "A-100",
        "Lagerort_Nr": "L2",
        "Bestand": "12.0",
        "Inventurdatum": "2026-03-31",
    }
    assert stock.pairs[0].canonical["quantity"] == "12.000000"
    assert {"stock", "materials", "production_orders"} <= set(found.capabilities)
    answerable = {question.question: found.lacking(question) for question in questions()}
    assert answerable["Inventory value by location at standard cost"] == ()
    assert "scrap_reason.name" in answerable["Top five scrap reasons by scrapped quantity"]
    with psycopg.connect(owner_dsn) as connection:
        value = connection.execute(
            "select sum(s.quantity * m.standard_cost) from erp.stock s"
            " join erp.material m using (site, material_id)"
        ).fetchone()
    assert value is not None
    # 12 x 41.50 + 820.5 x 2.40 - 2 x 3.10
    assert value[0] == pytest.approx(2461)


def test_every_record_that_would_be_refused_is_named(tmp_path: Path, second_database: object) -> None:
    """The first poor one does not hide the others, and codes without a meaning are among them."""
    script = GERMAN + "update Bestellung set Status = 'x'; update Lagerbestand set Inventurdatum = 'gestern';"
    source = connected(tmp_path, script)
    text = (tmp_path / "mapping.yaml").read_text(encoding="utf-8")
    assert "counted_on" not in text.partition("records:")[2].replace("# counted_on", "")
    owner = second_database.dsn("plantwright_owner")  # type: ignore[attr-defined]
    with gathered(source) as folder:
        found = check(owner, source.mapping, folder, source.connection.site(None))
    assert [each.outcome.record for each in found.refused] == ["purchase_order"]
    [rule] = next(each for each in found.records if each.is_refused).outcome.rules
    assert rule.rule == "unmapped_code"


def test_every_file_that_cannot_be_read_is_named(tmp_path: Path, owner_dsn: str) -> None:
    """A column that is gone and a row that is cut, in one answer."""
    held = tmp_path / "files"
    held.mkdir()
    (held / "article.csv").write_text(
        "ArticleNumber,Name,DiscontinuedDate\nA1,Bolt,2026-01-01\nA2,Nut,\n", encoding="utf-8"
    )
    (held / "vendor.csv").write_text("VendorId,Name\n1,North\n2,South\n", encoding="utf-8")
    text = Scaffold(propose(files.tables_of(held)), "source", "files").text()
    (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "connection.yaml").write_text(f"folder: files\nsites:\n{SITE}", encoding="utf-8")
    source = read_connection(tmp_path)
    (held / "article.csv").write_text("ArticleNumber,Title\nA1,Bolt\n", encoding="utf-8")
    (held / "vendor.csv").write_text("VendorId,Name\n1\n", encoding="utf-8")
    with (
        gathered(source) as folder,
        pytest.raises(SourceUnreadable, match=r"(?s)no column 'Name'.*|vendor") as caught,
    ):
        check(owner_dsn, source.mapping, folder, source.connection.site(None))
    assert "article.csv, line 1" in str(caught.value)
    assert "vendor.csv, line 2" in str(caught.value)


def test_a_source_is_never_written_to(tmp_path: Path) -> None:
    """Not even by a statement that would."""
    url = database(tmp_path / "source.db", GERMAN)
    with databases.opened(url) as tables, pytest.raises(sqlite3.OperationalError, match="readonly"):
        tables._connection.execute("delete from Artikel")  # type: ignore[attr-defined]


def test_a_postgres_is_looked_at_and_never_written_to(owner_dsn: str) -> None:
    """Keys and references from its catalogue, rows as text, in a session that only reads."""
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("create schema if not exists shop")
        connection.execute(
            "create table shop.item (item_no text primary key, name text, price numeric, sold boolean)"
        )
        connection.execute(
            "create table shop.stock (item_no text references shop.item, qty numeric, counted date)"
        )
        connection.execute("insert into shop.item values ('A1', 'Bolt', 1.50, true)")
        connection.execute("insert into shop.item values ('A2', 'Nut', 2, false)")
        connection.execute("insert into shop.stock values ('A1', 5, '2026-03-31')")
    told = psycopg.conninfo.conninfo_to_dict(owner_dsn)
    url = f"postgresql://{told['user']}@/{told['dbname']}?host={told['host']}&port={told['port']}"
    with databases.opened(url) as tables:
        found = {each.name: each for each in databases.tables_of(tables) if each.name.startswith("shop.")}
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            tables._connection.execute("delete from shop.item")  # type: ignore[attr-defined]
        tables._connection.rollback()  # type: ignore[attr-defined]
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("drop schema shop cascade")
    item, stock = found["shop.item"], found["shop.stock"]
    assert item.key == ("item_no",)
    assert stock.references[0].table == "shop.item"
    assert item.column("price").samples == ("1.50", "2")
    assert item.flags == ("true", "false")
    assert stock.dates == "iso"
    proposal = propose(list(found.values()))
    assert [each.record.record for each in proposal.records] == ["material"]
    # It has no location, which the store does not keep stock without.
    assert "stock" in dict(proposal.possible)


@pytest.mark.slow
def test_what_a_person_has_to_say_is_asked_for(tmp_path: Path) -> None:
    """A `?` is refused by name, and so are a password in an address and a site that is none."""
    source = connected(tmp_path)
    with pytest.raises(ConfigurationError, match="no site 'X'; it has WERK"):
        source.connection.site("X")
    file = tmp_path / "connection.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("Europe/Berlin", '"?"'), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="time_zone of site 'WERK' is still"):
        read_connection(file)
    file.write_text(f"url: postgresql://me:secret@host/db\nsites:\n{SITE}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="leave the password out") as caught:
        read_connection(file)
    assert "secret" not in str(caught.value)


async def test_a_connection_is_loaded_again_only_where_something_is_another(
    tmp_path: Path, owner_dsn: str
) -> None:
    """Nothing was written: nothing is loaded. A row, or the mapping, is another: all of it in its place."""
    source = connected(tmp_path)
    site = source.connection.site(None)

    async def again(*, anew: bool = False) -> int | None:
        with gathered(read_connection(tmp_path)) as folder:
            report = await load_again(owner_dsn, read_connection(tmp_path), folder, site, anew=anew)
        return None if report is None else report.loaded

    first = await again()
    assert first
    assert await again() is None
    assert await again(anew=True) == first
    with sqlite3.connect(tmp_path / "source.db") as changed:
        changed.execute("update Lagerbestand set Bestand = Bestand + 1")
    changed.close()
    assert await again() == first
    assert await again() is None
    later = (tmp_path / "mapping.yaml").stat().st_mtime + 3600
    os.utime(tmp_path / "mapping.yaml", (later, later))
    assert await again() == first
