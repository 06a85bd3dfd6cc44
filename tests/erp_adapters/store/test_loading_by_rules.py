"""One mapping of a system reads the files of any of its sites by the rules of the site."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError, ImportFailed
from erp_adapters.store import Store
from erp_adapters.store.consistency import parse_mapping
from erp_adapters.store.lineage import lineage
from erp_adapters.store.loading import load_into, load_source
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.rule_trials import effects
from erp_adapters.store.rulebook import install_packaged
from erp_adapters.store.site_rules import parse_rules

TEXT = """
source: norda
version: 1
as_of: {latest: [{file: mseg, column: BUDAT}], because: the last posting}
plausible_dates: {first: 2000-01-01, last: 2040-12-31}
max_quarantined_share: 0.5
files:
  mara:
    file: MARA.txt
    table: MARA
    delimiter: "|"
    columns: {MATNR: zero_padded required, MEINS: text}
  mseg:
    file: MSEG.txt
    table: MSEG
    delimiter: "|"
    decimals: comma
    dates: ymd
    columns:
      MBLNR: zero_padded required
      MATNR: zero_padded
      BUDAT: date
      CPUTM: time
      BWART: text
      MENGE: decimal
      MEINS: text
      PREIS: decimal
      PEINH: decimal
      WAERS: text
  bkpf:
    file: BKPF.txt
    table: BKPF
    delimiter: "|"
    decimals: comma
    columns: {BELNR: zero_padded required, PERIO: text, DMBTR: decimal, WAERS: text, KZ: text}
records:
  - record: stock_movement
    file: mseg
    only: {not: {compare: BWART, op: "=", to: {constant: "999"}}}
    key: [MBLNR]
    company: {setting: company}
    currency: {coded: WAERS, rule: currency}
    fields:
      movement_id: MBLNR
      material_id: MATNR
      moved_on: BUDAT
      posted_at: {moment: BUDAT, time: CPUTM}
      kind: {coded: BWART, rule: movement_kind}
      quantity: {quantity: MENGE, unit: MEINS, rule: unit}
      unit: {coded: MEINS, rule: unit}
      unit_cost:
        price: PREIS
        unit: {lookup: mara, key: MATNR, by: MATNR, value: MEINS}
        rule: unit
        per: PEINH
  - record: work_in_process
    file: bkpf
    key: [BELNR]
    currency: {coded: WAERS, rule: currency}
    fields:
      order_id: BELNR
      period: {period: PERIO}
      amount: {amount: DMBTR, currency: WAERS, rule: currency}
  - record: purchase_order
    file: bkpf
    key: [BELNR]
    currency: {site: currency}
    fields:
      order_id: BELNR
      supplier_id: {constant: S}
      status: {constant: approved}
      revision: {coded: KZ, rule: revision, type: integer}
      ordered_on: {period: PERIO, type: date}
"""
RULES = """
site: W1
codes:
  unit: {because: x, values: {ST: PC, TS: {is: PC, times: 1000}}}
  movement_kind: {because: x, values: {101: production, 261: consumption}}
  currency: {because: x, values: {EUR: EUR, EUC: {is: EUR, times: 0.01}}}
  revision: {because: x, values: {A: 1, B: zwei}}
settings:
  company: {value: K1, because: x}
calendar: {because: x, periods: ["{period:3}.{year}"]}
"""
FILES = {
    "MARA.txt": "MATNR|MEINS\n00000007|TS\n00000008|ST\n",
    "MSEG.txt": "MBLNR|MATNR|BUDAT|CPUTM|BWART|MENGE|MEINS|PREIS|PEINH|WAERS\n"
    "0001|00000007|20251026|013000|101|1,500|TS|1.000,00|1|EUR\n"
    "0002|00000008|20251026|023000|261|12,50-|ST|250,00|100|EUR\n"
    "0003|00000008|20251028|000000|999|1|ST|1|1|EUR\n"
    "0004|00000008|20251027||101|1||1,00|1|\n",
    "BKPF.txt": "BELNR|PERIO|DMBTR|WAERS|KZ\n01|010.2025|12.345|EUC|A\n02|2025-11|99,5|EUR|\n",
}
SITE = SiteSpec(code="W1", name="Workshop", country="DE", time_zone="Europe/Berlin", currency="EUR")
CALLER = Caller("t", "T", frozenset(), frozenset({"W1"}), frozenset({"K1"}))
MAPPING = parse_mapping(TEXT, "norda.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def install(owner: psycopg.Connection[Any], text: str = RULES) -> int:
    """Rules of the packager in force; the fixture's connection commits by itself."""
    with owner.transaction():
        return install_packaged(owner, text, parse_rules(text, "x"), "the packager").version


async def test_codes_amounts_and_moments_are_those_of_the_site(
    owner: psycopg.Connection[Any], owner_dsn: str, folder: Path
) -> None:
    """Multiples of units, prices of many, minor currency units, periods, and the hour that comes twice."""
    report = await load_source(owner_dsn, MAPPING, folder, site=SITE, rules=parse_rules(RULES, "x"))
    rows = owner.execute(
        "select movement_id, company, material_id, kind, quantity::text, unit, unit_cost::text, currency,"
        " posted_at at time zone 'UTC', flags from erp.stock_movement order by 1"
    ).fetchall()
    first, second, fourth = rows
    assert first[:8] == ("1", "K1", "7", "production", "1500.000000", "PC", "1.000000", "EUR")
    assert (str(first[8]), first[9]) == ("2025-10-25 23:30:00", [])
    assert second[:8] == ("2", "K1", "8", "consumption", "-12.500000", "PC", "2.500000", "EUR")
    assert (str(second[8]), second[9]) == ("2025-10-26 00:30:00", ["ambiguous_time"])
    # Without a unit and a currency, figures stay as they are; without a time of day it is midnight.
    assert fourth[4:8] == ("1.000000", None, "1.000000", None)
    assert str(fourth[8]) == "2025-10-26 23:00:00"
    assert report.record("stock_movement").read == 3
    work = owner.execute(
        "select order_id, period, amount::text, currency from erp.work_in_process order by 1"
    )
    assert work.fetchall() == [("1", "2025-10", "123.450000", "EUR"), ("2", "2025-11", "99.500000", "EUR")]
    orders = owner.execute(
        "select currency, revision, ordered_on::text from erp.purchase_order order by order_id"
    )
    assert orders.fetchall() == [("EUR", 1, "2025-10-01"), ("EUR", None, "2025-11-01")]


async def test_a_code_without_a_rule_sets_its_row_aside(
    owner: psycopg.Connection[Any], owner_dsn: str, folder: Path
) -> None:
    """The reason names rule, code, site and remedy; the report keeps every code that was met."""
    rules = parse_rules(RULES.replace(", 261: consumption", ""), "x")
    report = await load_source(owner_dsn, MAPPING, folder, site=SITE, rules=rules)
    (reason,) = owner.execute("select reason from erp.quarantine where record = 'stock_movement'").fetchall()
    assert "movement_kind '261' has no rule at site W1" in reason[0]
    assert "plantwright sites propose W1 FILE" in reason[0]
    assert report.codes["movement_kind"] == {"101": 2, "261": 1}
    assert report.codes["currency"] == {"EUR": 3, "EUC": 1}
    # Two records are filled from that file, and each needs the period.
    assert report.codes["calendar"] == {"010.2025": 2, "2025-11": 2}


@pytest.mark.parametrize(
    ("old", "new", "record", "words"),
    [
        ("A: 1", "A: eins", "purchase_order", "'revision' says 'eins', which is no integer"),
        (
            '["{period:3}.{year}"]',
            "[]",
            "work_in_process",
            "period '010.2025' is not written as the calendar",
        ),
        ("times: 0.01", "times: 100000000000", "work_in_process", "more than 14 digits"),
    ],
)
async def test_a_rule_that_gives_nonsense_sets_rows_aside(
    owner: psycopg.Connection[Any],
    owner_dsn: str,
    folder: Path,
    old: str,
    new: str,
    record: str,
    words: str,
) -> None:
    rules = parse_rules(RULES.replace(old, new), "x")
    await load_source(owner_dsn, MAPPING, folder, site=SITE, rules=rules)
    (reason,) = owner.execute("select reason from erp.quarantine where record = %s", (record,)).fetchall()
    assert words in reason[0]


async def test_a_site_without_the_rules_it_needs_is_refused(
    owner: psycopg.Connection[Any], owner_dsn: str, folder: Path
) -> None:
    """Before any row is read, with the remedy."""
    elsewhere = SITE.model_copy(update={"code": "W7"})
    with pytest.raises(ConfigurationError, match=r"W7 has no approved rules.*plantwright sites propose W7"):
        await load_source(owner_dsn, MAPPING, folder, site=elsewhere)
    with pytest.raises(ConfigurationError, match=r"of site W7, and the rules of site W1"):
        await load_source(owner_dsn, MAPPING, folder, site=elsewhere, rules=parse_rules(RULES, "x"))
    with pytest.raises(ConfigurationError, match="say which site"):
        await load_source(owner_dsn, MAPPING, folder)
    poor = RULES.replace("calendar: {because", "material_number: {schemes: [], because").split("material")[0]
    with pytest.raises(ConfigurationError, match=r"lack what the mapping 'norda' needs: calendar"):
        await load_source(owner_dsn, MAPPING, folder, site=SITE, rules=parse_rules(poor, "x"))


async def test_a_load_records_which_rules_it_used(
    owner: psycopg.Connection[Any], owner_dsn: str, store: Store, folder: Path
) -> None:
    """The approved version by itself; report and lineage name it, and who approved it."""
    first = install(owner)
    report = await load_source(owner_dsn, MAPPING, folder, site=SITE)
    assert report.rules is not None
    assert (report.rules.version, report.rules.approved_by) == (first, "the packager")
    assert f"version {first} of the rules of site W1, approved by the packager" in report.to_text()
    second = install(owner, RULES.replace("because: x, values: {ST", "because: y, values: {ST"))
    again = await load_source(owner_dsn, MAPPING, folder, site=SITE)
    assert again.rules is not None
    assert again.rules.version == second
    # What the rules say changed in words only: the same rows have the same checksum.
    assert again.checksum == report.checksum
    async with store.reading(CALLER) as tx:
        (found,) = await lineage(tx, "stock_movement", "MSEG/2")
    assert found.rules == again.rules
    given = await load_source(owner_dsn, MAPPING, folder, site=SITE, rules=parse_rules(RULES, "x"))
    assert given.rules is not None
    assert given.rules.version == first


async def test_a_proposal_is_tried_on_the_codes_that_were_met(
    owner: psycopg.Connection[Any], owner_dsn: str, store: Store, folder: Path
) -> None:
    """What it sets aside, reads as something else, and newly reads, those that matter first."""
    before = parse_rules(RULES.replace(", 261: consumption", ""), "x")
    await load_source(owner_dsn, MAPPING, folder, site=SITE, rules=before)
    changed = RULES.replace("101: production", "131: production").replace(
        "TS: {is: PC, times: 1000}", "TS: PC"
    )
    async with store.reading(CALLER) as tx:
        found = await effects(tx, before, parse_rules(changed, "x"))
        assert [(e.kind, e.rule, e.code, e.rows, e.before, e.after) for e in found] == [
            ("set aside", "movement_kind", "101", 2, "production", None),
            ("changed", "unit", "TS", 2, "1000 PC", "PC"),
            ("accepted", "movement_kind", "261", 1, None, "consumption"),
        ]
        assert await effects(tx, before, before) == ()
    stranger = Caller("s", "S", frozenset(), frozenset({"W9"}), frozenset())
    async with store.reading(stranger) as tx:
        assert await effects(tx, before, parse_rules(changed, "x")) == ()


def test_several_loads_share_the_callers_transaction(
    owner: psycopg.Connection[Any], owner_dsn: str, folder: Path
) -> None:
    """All of them or none; business now may be stated."""
    rules, now = parse_rules(RULES, "x"), datetime(2025, 12, 1, 8, tzinfo=UTC)
    other = MAPPING.model_copy(update={"source": "second"})
    with psycopg.connect(owner_dsn) as connection:
        first = load_into(connection, MAPPING, folder, site=SITE, rules=rules, as_of=now)
        elsewhere = SITE.model_copy(update={"code": "W2"})
        own = rules.model_copy(update={"site": "W2"})
        second = load_into(connection, other, folder, site=elsewhere, rules=own, as_of=now)
        assert (first.as_of, second.as_of) == (now, now)
        assert first.records == second.records
        connection.rollback()
        assert owner.execute("select count(*) from erp.stock_movement").fetchone() == (0,)
        load_into(connection, MAPPING, folder, site=SITE, rules=rules, as_of=now)
        (folder / "MSEG.txt").write_text("x", encoding="utf-8")
        with pytest.raises(ImportFailed), connection.transaction():
            load_into(connection, other, folder, site=SITE, rules=rules, as_of=now)
    assert owner.execute("select distinct source_system from erp.stock_movement").fetchall() == [("norda",)]
    assert owner.execute("select as_of from erp.site where site = 'W1'").fetchone() == (now,)


async def test_an_empty_cell_takes_the_stores_default(
    owner: psycopg.Connection[Any], owner_dsn: str, tmp_path: Path
) -> None:
    """A field that must not be empty and has a default, such as the batch of a stock, takes it."""
    text = """
source: bins
version: 1
as_of: {latest: [{file: bins, column: counted}], because: the count}
plausible_dates: {first: 2000-01-01, last: 2040-12-31}
files:
  bins:
    file: BINS.csv
    table: BIN
    columns: {part: text required, batch: text, quantity: decimal required, counted: date}
records:
  - record: stock
    file: bins
    key: [part]
    fields:
      material_id: part
      location_id: {constant: L}
      batch_id: batch
      quantity: quantity
      counted_on: counted
"""
    (tmp_path / "BINS.csv").write_text("part,batch,quantity,counted\nA,,1,2025-01-01\nB,B1,2,2025-01-01\n")
    await load_source(owner_dsn, parse_mapping(text, "bins.yaml"), tmp_path, site=SITE)
    rows = owner.execute("select material_id, batch_id, status from erp.stock order by 1").fetchall()
    assert rows == [("A", "", "unrestricted"), ("B", "B1", "unrestricted")]
