"""Proposals: the right column where the source shows it, nothing where it does not, always loadable."""

from __future__ import annotations

from pathlib import Path

import pytest

from erp_adapters.connect import databases, files
from erp_adapters.connect.proposing import Proposal, propose
from erp_adapters.connect.scaffold import Scaffold, site_lines
from erp_adapters.store.consistency import parse_mapping
from erp_adapters.store.mapping import RecordSpec, SourceMapping
from erp_adapters.store.terms import Concat, EnumMap, Lookup, OfSite
from tests.erp_adapters.connect.workshops import GERMAN, SAP, bad_files, database


def proposed(folder: Path, script: str) -> Proposal:
    with databases.opened(database(folder / "source.db", script)) as tables:
        return propose(databases.tables_of(tables))


def read(proposal: Proposal) -> tuple[SourceMapping, str]:
    text = Scaffold(proposal, "source", "a test").text()
    return parse_mapping(text, "mapping.yaml"), text


def record(mapping: SourceMapping, name: str) -> RecordSpec:
    return next(spec for spec in mapping.records if spec.record == name)


@pytest.fixture(scope="module")
def sap(tmp_path_factory: pytest.TempPathFactory) -> Proposal:
    return proposed(tmp_path_factory.mktemp("sap"), SAP)


def test_sap_is_read_by_its_own_names(sap: Proposal) -> None:
    """The plant's view is the material, with its name from another table; clients are no part of a key."""
    mapping, _ = read(sap)
    material = record(mapping, "material")
    assert (material.file, material.key) == ("MARC", ["MATNR", "WERKS"])
    assert material.fields["material_id"] == "MATNR"
    name = material.fields["name"]
    assert isinstance(name, Lookup)
    assert (name.lookup, name.value) == ("MAKT", "MAKTX")
    assert material.fields["safety_stock"] == "EISBE"
    assert record(mapping, "stock").fields["quantity"] == "LABST"
    assert mapping.files["MARC"].columns["MATNR"].type == "zero_padded"
    assert mapping.files["MAKT"].columns["MATNR"].type == "zero_padded"
    assert mapping.files["EKKO"].dates == "ymd"


def test_rows_of_another_plant_are_left_out(sap: Proposal) -> None:
    """The site column makes a condition, and the connection names its sites with what is not known as `?`."""
    mapping, _ = read(sap)
    only = record(mapping, "stock").only
    assert only is not None
    assert only.model_dump(by_alias=True) == {"compare": "WERKS", "op": "=", "to": {"site": "code"}}
    [site] = list(site_lines(sap, {"currency": "EUR"}))
    assert 'code: "1000"' in site
    assert 'currency: "EUR"' in site
    assert 'time_zone: "?"' in site


def test_lines_that_are_numbered_within_an_order_get_a_number_of_their_own(sap: Proposal) -> None:
    """Else the second order's first line would be taken for the first one's."""
    line = record(read(sap)[0], "purchase_line")
    assert line.fields["line_id"] == Concat(concat=["EBELN", "EBELP"], separator="-")
    assert line.fields["order_id"] == "EBELN"
    currency = line.currency
    assert isinstance(currency, Lookup)
    assert currency.value == "WAERS"


def test_codes_that_nothing_explains_stay_open(sap: Proposal) -> None:
    """No status is made up: the codes stand there with their rows, and none has a meaning."""
    mapping, text = read(sap)
    status = record(mapping, "purchase_order").fields["status"]
    assert status == EnumMap(enum="STATU", values={})
    assert '# "9": ?  # 2 rows' in text


def test_a_german_database_is_read(tmp_path: Path) -> None:
    """Keys and references as declared, codes translated, and what is nobody's business left alone."""
    proposal = proposed(tmp_path, GERMAN)
    mapping, text = read(proposal)
    assert {spec.record: spec.file for spec in mapping.records} == {
        "location": "Lagerort",
        "supplier": "Lieferant",
        "material": "Artikel",
        "bom_item": "Stueckliste",
        "stock": "Lagerbestand",
        "purchase_order": "Bestellung",
        "purchase_line": "Bestellposition",
        "production_order": "Fertigungsauftrag",
    }
    order = record(mapping, "purchase_order")
    assert order.fields["status"] == EnumMap(
        enum="Status", values={"erledigt": "complete", "offen": "pending"}
    )
    assert order.currency == "Waehrung"
    assert record(mapping, "material").currency == OfSite(site="currency")
    production = record(mapping, "production_order").fields
    assert (production["start_on"], production["end_on"], production["due_on"]) == (
        "Starttermin",
        "Endtermin",
        "Faelligkeit",
    )
    assert mapping.files["Artikel"].flags == ("J", "N")
    assert "Kantinenplan (2 rows)" in text
    assert "Kantinenplan" not in mapping.files


@pytest.mark.slow
def test_bad_files_make_a_mapping_that_says_what_is_wrong(tmp_path: Path) -> None:
    """What lacks a key or a required field waits as comments; doubts stand where they matter."""
    mapping, text = read(propose(files.tables_of(bad_files(tmp_path / "bad"))))
    assert {spec.record for spec in mapping.records} == {"material", "supplier"}
    assert "NOT YET: stock_movement of buchungen lacks movement_id, kind." in text
    assert "NOT UNIQUE in the rows that were looked at" in text
    assert "DOUBTFUL: two encodings in one file" in text
    assert "NOT READABLE: mappe.xlsx" in text
    assert mapping.files["artikel"].decimals == "comma"
    # Nothing in it is on record as done.
    assert [(each.file, each.column) for each in mapping.as_of.latest] == [("reading", "read_on")]


def test_days_and_figures_that_mean_two_things_are_said_to(tmp_path: Path) -> None:
    """01.02.2026 may be of January or February, 1.234 a thousand or a fraction."""
    (tmp_path / "article.csv").write_text(
        "ArticleNumber;Name;Weight;DiscontinuedDate\nA1;Bolt;1.234;01/02/2026\nA2;Nut;2.345;03/04/2026\n",
        encoding="utf-8",
    )
    _, text = read(propose(files.tables_of(tmp_path)))
    assert "# OPEN: Weight could be thousands or fractions" in text
    assert "# OPEN: `dates` dmy or mdy in DiscontinuedDate?" in text


def test_two_columns_that_fit_alike_are_both_named(tmp_path: Path) -> None:
    """Neither is chosen: a person says which price it is."""
    (tmp_path / "article.csv").write_text(
        "ArticleNumber;Name;Price;PriceList;Updated\nA1;Bolt;1.5;1.7;2026-01-01\nA2;Nut;2.5;2.7;2026-01-02\n",
        encoding="utf-8",
    )
    mapping, text = read(propose(files.tables_of(tmp_path)))
    assert record(mapping, "material").fields.get("list_price") in ("PriceList", None)
    assert "Price" in text


def test_shares_become_hundredths(tmp_path: Path) -> None:
    """Where the record wants percent and every figure is from 0 to 1."""
    (tmp_path / "company.csv").write_text(
        "CompanyCode,CompanyName,Ownership,Currency\n10,North,1,EUR\n20,South,.75,USD\n", encoding="utf-8"
    )
    text = Scaffold(propose(files.tables_of(tmp_path)), "source", "a test").text()
    assert "ownership_pct: {scaled: Ownership, times: 100}" in text
