"""A wrong mapping is refused before any row is read, and every wrong place is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from erp_adapters.errors import ConfigurationError
from erp_adapters.store.consistency import parse_mapping, read_mapping, type_of
from erp_adapters.store.terms import Lookup

MAPPING = """
source: workshop
version: 1
site: {code: W1, name: Workshop, country: DE, time_zone: Europe/Berlin, currency: EUR}
as_of: {latest: [{file: parts, column: counted}], because: the last count}
plausible_dates: {first: 2000-01-01, last: 2040-12-31}
files:
  groups: {file: groups.csv, table: Group, columns: {id: integer required, name: text required}}
  parts:
    file: parts.csv
    table: Part
    columns: {id: integer required, name: text, price: decimal, group: integer, counted: date}
records:
  - record: department
    file: groups
    key: [id]
    fields: {department_id: id, name: name}
  - record: material
    file: parts
    key: [id]
    currency: {constant: EUR}
    fields:
      material_id: id
      number: {concat: [{constant: P}, id], separator: "-"}
      name: name
      category: {lookup: groups, key: id, by: group, value: name}
      standard_cost: price
    quality:
      - rule: no_cost
        severity: flag
        when: {any: [{missing: [price]}, {compare: price, op: "<=", to: {constant: 0}}]}
        reason: no cost
"""


def refusal(old: str, new: str) -> str:
    assert old in MAPPING
    with pytest.raises(ConfigurationError) as caught:
        parse_mapping(MAPPING.replace(old, new), "workshop.yaml")
    return str(caught.value)


def test_a_mapping_knows_the_type_of_every_field() -> None:
    """What a lookup or a text put together gives is known without reading a row."""
    mapping = parse_mapping(MAPPING, "workshop.yaml")
    fields = mapping.records[1].expressions()
    assert isinstance(fields["category"], Lookup)
    kinds = {name: type_of(expression, "parts", mapping) for name, expression in fields.items()}
    assert kinds == {
        "material_id": "integer",
        "number": "text",
        "name": "text",
        "category": "text",
        "standard_cost": "decimal",
        "currency": "text",
    }


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("version: 1", "version: 1\nvendor: x", ["vendor", "Extra inputs"]),
        ("key: [id]\n    currency", "keys: [id]\n    currency", ["records.1.key", "records.1.keys"]),
        (
            "name: name\n      category",
            "name: nam\n      category",
            ["'material'", "'nam'", "id, name, price"],
        ),
        ("file: parts\n    key", "file: part\n    key", ["no file 'part'", "groups, parts"]),
        ("price: decimal", "price: money", ["files.parts.columns.price", "'decimal'"]),
        ("id: integer required, name: text,", "id: integer needed, name: text,", ["'integer needed'"]),
        ("by: group,", "by: name,", ["text and integer are never equal"]),
        ("to: {constant: 0}", "to: {constant: none}", ["decimal and text are never equal"]),
        ("{constant: EUR}", "{constant: EUR, scaled: price}", ["exactly one of"]),
        ("{missing: [price]}", "{absent: [price]}", ["a condition is exactly one of"]),
        ("{missing: [price]}", "{orphan: supplier, by: [id]}", ["'supplier' must be filled before"]),
        ("{missing: [price]}", "{orphan: department, by: [id, group]}", ["the key of 'department' is id"]),
        ("{missing: [price]}", "{orphan: department, by: [name]}", ["text and integer"]),
        ("standard_cost: price", "standard_cost: {scaled: name, times: 2}", ["'name' is not a number"]),
        (
            "category: {lookup: groups, key: id, by: group, value: name}",
            "category: name",
            ["parts.group is used"],
        ),
        ("column: counted", "column: name", ["as_of", "is not a date"]),
        ("Europe/Berlin", "Europe/Bonn", ["'Europe/Bonn'", "time zone"]),
        ("table: Group,", "table: Group, encoding: utf-99,", ["'utf-99' is not an encoding"]),
        ("file: groups.csv", "file: ../groups.csv", ["files.groups.file"]),
        ("code: W1", 'code: "W1,W2"', ["site.code"]),
        ("record: department", "record: material", ["'material' is filled twice"]),
        ("severity: flag", "severity: warn", ["'pass', 'flag' or 'quarantine'"]),
        ("fields:\n      material_id", "units: {weight: kg}\n    fields:\n      material_id", ["'weight'"]),
        ("source: workshop", "source: [workshop", ["not YAML"]),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_place(old: str, new: str, words: list[str]) -> None:
    """Typing errors, unknown names, unlike types and forgotten columns are found without data."""
    message = refusal(old, new)
    assert all(word in message for word in words), message
    assert "workshop.yaml" in message


def test_a_column_that_is_left_out_needs_a_reason() -> None:
    """A declared column that nothing uses is accepted once it is listed with why."""
    unused = MAPPING.replace("counted: date", "counted: date, note: text")
    with pytest.raises(ConfigurationError, match=r"parts\.note is used nowhere"):
        parse_mapping(unused, "workshop.yaml")
    explained = unused + "left_out:\n  - {table: Part, columns: [note], because: prose}\n"
    assert parse_mapping(explained, "workshop.yaml").left_out[0].because == "prose"


def test_two_rules_cannot_share_a_name() -> None:
    """Counts in a report belong to one rule."""
    again = MAPPING + "      - {rule: no_cost, severity: pass, when: {missing: [name]}, reason: x}\n"
    with pytest.raises(ConfigurationError, match="two rules are called 'no_cost'"):
        parse_mapping(again, "workshop.yaml")


def test_a_mapping_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The path stands in the message."""
    with pytest.raises(ConfigurationError, match=r"absent\.yaml"):
        read_mapping(tmp_path / "absent.yaml")
