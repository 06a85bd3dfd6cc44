"""The checked-in mappings and site rules say what the dialects say, and suit each other."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from erp_adapters.demo.book import Book
from erp_adapters.demo.dialects import DIALECTS, SYSTEMS, dialect, site_codes
from erp_adapters.demo.dialects.dialect import Table
from erp_adapters.demo.dialects.fields import type_of
from erp_adapters.demo.dialects.reading_back import MAPPINGS, mapping_text
from erp_adapters.demo.dialects.site_codes import SITES
from erp_adapters.demo.plants import plants_of
from erp_adapters.errors import ConfigurationError

MIGRATIONS = Path(__file__).parents[4] / "erp_adapters/store/migrations"
SQL_TYPES = {
    "numeric(20,6)": "decimal",
    "text": "text",
    "integer": "integer",
    "date": "date",
    "timestamptz": "moment",
    "time": "time",
    "boolean": "flag",
    "real[]": "series",
}


def _rules(site: str) -> Any:
    return yaml.load((SITES / f"{site}.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)


@pytest.mark.parametrize("name", DIALECTS)
def test_mapping_is_what_the_dialect_says(name: str) -> None:
    """`python -m erp_adapters.demo.dialects.reading_back` writes them anew."""
    assert (MAPPINGS / f"{name}.yaml").read_text(encoding="utf-8") == mapping_text(dialect(name))


@pytest.mark.parametrize("name", DIALECTS)
def test_a_mapping_names_no_code_and_no_site(name: str) -> None:
    """What is the site's stays in its rules: the mapping of a system suits every plant."""
    text = (MAPPINGS / f"{name}.yaml").read_text(encoding="utf-8")
    plants = plants_of("small")
    assert not [p.code for p in plants if re.search(rf"\b({p.code}|{p.name}|{p.time_zone})\b", text)]
    assert "enum" not in text


@pytest.mark.parametrize("name", DIALECTS)
def test_something_is_left_out_with_a_reason(name: str) -> None:
    """Each column that no field shows is left out, and each that is read is declared."""
    mapping = yaml.safe_load((MAPPINGS / f"{name}.yaml").read_text(encoding="utf-8"))
    left_out = {(item["table"], column) for item in mapping["left_out"] for column in item["columns"]}
    assert left_out
    for table, spec in dialect(name).tables.items():
        declared = next(file["columns"] for file in mapping["files"].values() if file["table"] == table)
        for column, cell in spec.columns.items():
            is_left_out = bool({(table, column), ("*", column)} & left_out)
            assert is_left_out is (cell.technical is not None) is (column not in declared), (table, column)


def test_each_plant_has_systems_and_rules() -> None:
    """No plant is without, and none is left over."""
    codes = {plant.code for plant in plants_of("small")}
    assert set(SYSTEMS) == codes == {path.stem for path in SITES.glob("*.yaml")}


@pytest.mark.parametrize("site", SYSTEMS)
def test_rules_of_a_site(site: str) -> None:
    """Every rule that its systems need, each with a reason, and nothing that they do not use."""
    rules = _rules(site)
    needed = frozenset[str]().union(*(dialect(system).rules() for system in SYSTEMS[site]))
    assert rules["site"] == site
    assert set(rules["codes"]) == needed
    assert all(rule["because"] for rule in [*rules["codes"].values(), *rules["settings"].values()])
    assert rules["calendar"]["because"]
    assert rules["material_number"]["because"]


@pytest.mark.slow
def test_calendar_of_the_rules_is_that_of_the_book(book: Book) -> None:
    """Months or weeks as the company has it; weeks begin on the days that its periods say."""
    calendar = _rules(book.plant.code)["calendar"]
    (company,) = book.rows("company")
    kind = str(company["fiscal_calendar"])
    assert calendar["kind"] == ("months" if kind == "calendar" else kind)
    if calendar["kind"] != "months":
        known = {f"{year}-01": date.fromisoformat(day) for year, day in calendar["first_days"].items()}
        starts = {str(row["period"]): row["starts_on"] for row in book.rows("fiscal_period")}
        firsts = {period: day for period, day in starts.items() if period.endswith("-01")}
        assert firsts
        assert {period: known[period] for period in firsts} == firsts


def test_the_first_code_for_one_of_a_thing_is_written() -> None:
    """Of several codes the first; never one that stands for more than one, such as a thousand pieces."""
    codes = site_codes("KAS")
    assert codes.code("unit", "PC") == "ST"
    assert "TS" in _rules("KAS")["codes"]["unit"]["values"]
    with pytest.raises(
        ConfigurationError, match=r"KAS has no code for 'BOX' under the rule 'unit'.*KAS.yaml"
    ):
        codes.code("unit", "BOX")


def test_periods_as_sites_write_them() -> None:
    """A period and the first day of its month are the same code."""
    assert site_codes("KAS").period_code("2026-03") == "003.2026"
    assert site_codes("GRR").period_code(date(2026, 3, 1)) == "2026/P03"
    assert site_codes("BRE").period_code("2025-12") == "12/2025"


def test_field_types_are_those_of_the_store() -> None:
    """A name means the same in every table of the store, as far as any dialect shows it."""
    sql = "".join(path.read_text(encoding="utf-8") for path in sorted(MIGRATIONS.glob("*.sql")))
    types = "|".join(map(re.escape, sorted(SQL_TYPES, key=len, reverse=True)))
    found = {}
    for table in re.finditer(r"create table erp\.(\w+) \((.*?)\n\);", sql, re.DOTALL):
        for line in re.finditer(rf"^    (\w+)\s+({types})(?!\w)", table[2], re.MULTILINE):
            found[table[1], line[1]] = SQL_TYPES[line[2]]
    for line in re.finditer(rf"alter table erp\.(\w+) add column (\w+) ({types})(?!\w)", sql):
        found[line[1], line[2]] = SQL_TYPES[line[3]]
    carried = {
        (record, field)
        for name in DIALECTS
        for record in dialect(name).records()
        for field in dialect(name).fields(record)
    }
    assert carried <= set(found)
    assert {key: type_of(*key) for key in carried} == {key: found[key] for key in carried}


def test_a_table_of_several_records_says_of_which() -> None:
    """A field's name alone would fall under the table silently."""
    with pytest.raises(ValueError, match="EBELN: say of which record"):
        Table.model_validate(
            {
                "holds": ["purchase_order", "contract"],
                "key": ["EBELN"],
                "columns": {"EBELN": {"of": "order_id"}},
            }
        )
