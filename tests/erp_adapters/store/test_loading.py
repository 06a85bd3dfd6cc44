"""An import is all or nothing, can be repeated, and says what it kept out and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.errors import (
    ConfigurationError,
    ImportFailed,
    RecordNotFound,
    SourceUnreadable,
)
from erp_adapters.store import Store
from erp_adapters.store.consistency import parse_mapping
from erp_adapters.store.lineage import lineage
from erp_adapters.store.loading import load_source
from erp_adapters.store.mapping import SourceMapping
from tests.erp_adapters.store.workshop import FILES, TEXT, change, content

CALLER = Caller("t", "T", frozenset(), frozenset({"W1"}), frozenset({"10"}))


async def test_rows_arrive_with_their_origin(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """Every row carries site, source, key and load; the ledger is summed by month and firm."""
    report = await load_source(owner_dsn, mapping, folder)
    assert (report.read, report.loaded, report.flagged, report.quarantined) == (11, 11, 2, 0)
    rows = owner.execute(
        "select site, source_system, source_key, load_id, flags, product_line, is_made from erp.material"
        " order by material_id limit 2"
    ).fetchall()
    assert rows == [
        ("W1", "workshop", "Part/1", report.load_id, [], "alpha", True),
        ("W1", "workshop", "Part/2", report.load_id, ["no_cost"], "beta", True),
    ]
    sums = owner.execute(
        "select company, month::text, amount::text, lines from erp.ledger_period order by 1, 2"
    )
    assert sums.fetchall() == [("10", "2025-01-01", "100.300000", 2), ("20", "2025-02-01", "7.000000", 1)]
    site = owner.execute("select name, as_of at time zone 'Europe/Berlin' from erp.site").fetchone()
    assert site is not None
    assert str(site[1]) == "2025-03-02 12:00:00"
    kept = owner.execute("select status, rows, report ->> 'checksum' from erp.load").fetchall()
    assert kept == [("loaded", 11, report.checksum)]


async def test_the_sources_own_balance_counts_what_is_set_aside(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """A booking that the store refuses, or whose day nobody can read, is in what the source comes to."""
    more = [f"{number},10,2025-01-07,1" for number in range(4, 12)]
    refused = ["4,10,2025-01-08,1000.00", "99,10,2525-01-01,5"]
    (folder / "bookings.csv").write_text("\n".join([*FILES["bookings.csv"], *more, *refused]) + "\n")
    report = await load_source(owner_dsn, mapping, folder)
    assert report.quarantined == 2
    there = owner.execute(
        "select company, month::text, account_id, lines, amount::text from erp.ledger_balance order by 1, 2"
    )
    assert there.fetchall() == [
        ("", "1900-01-01", "", 1, "0.000000"),
        ("10", "2025-01-01", "4000", 11, "1108.300000"),
        ("20", "2025-02-01", "4000", 1, "7.000000"),
    ]
    kept = owner.execute("select lines, amount::text from erp.ledger_period where company = '10'")
    assert kept.fetchall() == [(10, "108.300000")]


async def test_the_same_files_give_the_same_content(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """A second import replaces, it does not add; only the load's id and times differ."""
    first = await load_source(owner_dsn, mapping, folder)
    before = content(owner)
    second = await load_source(owner_dsn, mapping, folder)
    assert content(owner) == before
    assert first.checksum == second.checksum
    assert first.load_id != second.load_id
    change(folder, "parts.csv", 2, "1,P-1,Bolt,2.6,a")
    assert (await load_source(owner_dsn, mapping, folder)).checksum != first.checksum


async def test_rows_of_other_sources_and_sites_stay(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """An import replaces what the same source loaded for the same site, and nothing else."""
    await load_source(owner_dsn, mapping, folder)
    assert mapping.site is not None
    elsewhere = mapping.model_copy(update={"site": mapping.site.model_copy(update={"code": "W2"})})
    await load_source(owner_dsn, elsewhere, folder)
    (folder / "parts.csv").write_text("id,number,name,cost,kind\n1,P-1,Bolt,2.5,a\n", encoding="utf-8")
    (folder / "stock.csv").write_text("part,place,quantity,counted\n1,A,5,2025-03-01\n", encoding="utf-8")
    await load_source(owner_dsn, elsewhere, folder)
    counts = owner.execute("select site, count(*) from erp.material group by 1 order by 1").fetchall()
    assert counts == [("W1", 4), ("W2", 1)]
    assert owner.execute("select count(*) from erp.source_line where site = 'W1'").fetchone() == (11,)


@pytest.mark.parametrize(
    ("file", "line", "text", "record", "rule", "reason"),
    [
        (
            "stock.csv",
            3,
            "2,A,many,2025-03-02",
            "stock",
            "unfit_value",
            "quantity 'many' is not a decimal number",
        ),
        ("stock.csv", 3, "99,A,1,2025-03-02", "stock", "orphan", "no such part"),
        ("stock.csv", 3, "1,A,1,2025-03-02", "stock", "repeated_key", "line 2 has the same part, place"),
        ("parts.csv", 5, "5,P-4,Pin,1,z", "material", "unmapped_code", "kind 'z' is none of a, b"),
        ("parts.csv", 5, "5,P-4,,1,a", "material", "incomplete", "name is missing"),
        ("bookings.csv", 3, "2,10,2525-01-31,1", "ledger_line", "unfit_value", "is not between 2000-01-01"),
    ],
)
async def test_a_bad_row_is_set_aside_with_its_reason(
    owner: psycopg.Connection[Any],
    owner_dsn: str,
    mapping: SourceMapping,
    folder: Path,
    file: str,
    line: int,
    text: str,
    record: str,
    rule: str,
    reason: str,
) -> None:
    """Few bad rows do not stop an import; a steward finds each with its line, its reason and its values."""
    tolerant = mapping.model_copy(update={"max_quarantined_share": 0.5})
    change(folder, file, line, text)
    report = await load_source(owner_dsn, tolerant, folder)
    found = {rule.rule: rule for rule in report.record(record).rules}[rule]
    assert found.severity == "quarantine"
    assert found.samples[0].line == line
    row = owner.execute(
        "select file, line, rule, reason, row from erp.quarantine where record = %s order by line", (record,)
    ).fetchone()
    assert row is not None
    assert row[:3] == (file, line, rule)
    assert reason in row[3]
    # A null for an empty cell, or the cell itself where the row could not be typed.
    values = {name: value or "" for name, value in row[4].items()}
    assert values == dict(zip(FILES[file][0].split(","), text.split(","), strict=True))


async def test_a_part_that_was_set_aside_takes_its_stock_with_it(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """No row refers to one that is not there."""
    change(folder, "parts.csv", 5, "4,P-4,Pin,dear,a")
    report = await load_source(owner_dsn, mapping, folder)
    assert report.record("stock").quarantined == 1
    orphans = owner.execute("select count(*) from erp.stock where material_id = '4'").fetchone()
    assert orphans == (0,)


async def test_too_many_bad_rows_refuse_the_import(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """Above the declared share nothing is loaded, what was there stays, and the failure is on record."""
    await load_source(owner_dsn, mapping, folder)
    before = content(owner)
    lines = [FILES["parts.csv"][0], "1,P-1,Bolt,x,a", "2,P-2,Nut,y,a", "3,P-3,Pin,1,a"]
    (folder / "parts.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ImportFailed, match=r"parts\.csv: 2 of 3 rows .* 25\.00%.*line 2: cost 'x'"):
        await load_source(owner_dsn, mapping, folder)
    assert content(owner) == before
    failed = owner.execute("select report ->> 'error' from erp.load where status = 'failed'").fetchall()
    assert len(failed) == 1
    assert "parts.csv" in failed[0][0]


async def test_a_file_that_breaks_late_leaves_what_was_there(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """Files that were already read are not kept when the last one is refused."""
    change(folder, "bookings.csv", 4, "3,20")
    with pytest.raises(SourceUnreadable, match=r"bookings\.csv, line 4: 2 fields instead of 4"):
        await load_source(owner_dsn, mapping, folder)
    assert content(owner) == []


async def test_missing_files_are_all_named(owner_dsn: str, mapping: SourceMapping, tmp_path: Path) -> None:
    """One message lists every file that has to be brought; a wrong directory is said to be one."""
    (tmp_path / "parts.csv").write_text("id\n", encoding="utf-8")
    with pytest.raises(SourceUnreadable, match=r"stock\.csv, bookings\.csv: not found"):
        await load_source(owner_dsn, mapping, tmp_path)
    with pytest.raises(SourceUnreadable, match="is not a directory"):
        await load_source(owner_dsn, mapping, tmp_path / "parts.csv")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("record: stock", "record: stok", "the store has no record 'stok'"),
        ("record: stock", "record: load", "the store has no record 'load'"),
        ("number: number", "nummer: number", "'material' has no field 'nummer'"),
        ("number: number", "flags: number", "'material' has no field 'flags'"),
        (
            "standard_cost: cost",
            "standard_cost: name",
            "material.standard_cost is numeric, the mapping gives text",
        ),
        ("      number: number\n", "      colour: number\n", "material.number is required and not filled"),
    ],
)
async def test_a_mapping_that_does_not_fit_the_store_is_refused(
    owner_dsn: str, folder: Path, old: str, new: str, words: str
) -> None:
    """Before any row is read, every record and field that the store does not have is named."""
    text = TEXT.replace("    units: {standard_cost: EUR}\n", "").replace(old, new)
    with pytest.raises(ConfigurationError) as caught:
        await load_source(owner_dsn, parse_mapping(text, "workshop.yaml"), folder)
    assert words in str(caught.value)


async def test_a_row_leads_back_to_its_line(
    owner: psycopg.Connection[Any], owner_dsn: str, store: Store, mapping: SourceMapping, folder: Path
) -> None:
    """Lineage gives file, line, load and the reasons of flags, and stays inside the caller's scope."""
    report = await load_source(owner_dsn, mapping, folder)
    async with store.reading(CALLER) as tx:
        (found,) = await lineage(tx, "stock", "Stock/2/A")
        assert (found.file, found.line, found.load_id) == ("stock.csv", 3, report.load_id)
        assert found.flags == {"negative": "below zero"}
        (summed,) = await lineage(tx, "ledger_period", "sum of ledger lines")
        assert summed.file is None
        with pytest.raises(RecordNotFound, match="no stock with the source key"):
            await lineage(tx, "stock", "Stock/9/Z")
        with pytest.raises(RecordNotFound, match=r"no record 'stock; drop'; there are account, "):
            await lineage(tx, "stock; drop", "Stock/2/A")
        with pytest.raises(RecordNotFound):
            await lineage(tx, "ledger_line", "Booking/3")
    stranger = Caller("s", "S", frozenset(), frozenset({"W9"}), frozenset())
    async with store.reading(stranger) as tx:
        with pytest.raises(RecordNotFound):
            await lineage(tx, "stock", "Stock/2/A")


async def test_a_report_tells_what_was_found(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """As text and as JSON: counts, findings with their first line, what was ignored, the manifest."""
    change(folder, "stock.csv", 2, "77,A,5,2025-03-01")
    (folder / "parts.csv").write_text(
        "\n".join(f"{line},x" for line in FILES["parts.csv"]).replace("kind,x", "kind,extra"),
        encoding="utf-8",
    )
    (folder / "more.csv").write_text("a\n1\n", encoding="utf-8")
    manifest = [
        {"file": "parts.csv", "rows": 5, "sha256": "0"},
        {"file": "stock.csv", "rows": 4, "sha256": "0"},
    ]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    report = await load_source(owner_dsn, mapping, folder)
    text = report.to_text()
    for words in (
        "workshop into site W1: 10 of 11 rows loaded, 2 flagged, 1 quarantined",
        "Business now is 2025-03-02",
        "orphan",
        "stock.csv:2",
        "the name is there twice",
        "parts.csv: 4 rows, the manifest says 5",
        "stock.csv: same number of rows as the manifest says, other content",
        "extra",
        "more.csv",
    ):
        assert words in text, text
    document = json.loads(report.to_json())
    assert document["records"][0]["units"] == {"standard_cost": "EUR"}
    assert document["unknown_files"] == ["more.csv"]


async def test_a_broken_manifest_is_named(owner_dsn: str, mapping: SourceMapping, folder: Path) -> None:
    """The check is not skipped in silence."""
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(SourceUnreadable, match=r"manifest\.json: not a list .* or delete it"):
        await load_source(owner_dsn, mapping, folder)


async def test_text_that_looks_like_copy_syntax_arrives_unchanged(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """Backslashes, tabs, line breaks and the null marker are data, in names and in keys."""
    name = 'a\\N\t\\t "q"\nend\\.'
    change(folder, "parts.csv", 2, '1,\\N,"' + name.replace('"', '""') + '",2.5,a')
    change(folder, "stock.csv", 2, "1,\\.,5,2025-03-01")
    await load_source(owner_dsn, mapping, folder)
    row = owner.execute("select number, name from erp.material where material_id = '1'").fetchone()
    assert row == ("\\N", name)
    key = owner.execute("select source_key, location_id from erp.stock where material_id = '1'").fetchone()
    assert key == ("Stock/1/\\.", "\\.")
