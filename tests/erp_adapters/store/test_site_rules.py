"""Site rules say what they say, in text, and a wrong one is refused with its place."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from erp_adapters.errors import ConfigurationError
from erp_adapters.store.rule_trials import differences
from erp_adapters.store.site_rules import parse_rules, read_rules

RULES = r"""
site: W1
codes:
  unit:
    because: trade units
    values: {ST: PC, NO: PC, 010: kg, TS: {is: PC, times: 1000}}
settings:
  company: {value: 0100, because: one company}
material_number:
  because: two schemes
  schemes:
    - {name: group, pattern: 'W1-([A-Z]+)-0*(\d+)', number: '\1-\2'}
    - {name: old, pattern: '0*(\d{5})', number: 'OLD-\1'}
"""


def refusal(old: str, new: str) -> str:
    assert old in RULES
    with pytest.raises(ConfigurationError) as caught:
        parse_rules(RULES.replace(old, new), "w1.yaml")
    return str(caught.value)


def test_every_scalar_is_text() -> None:
    """`NO` is not false and `010` is not eight."""
    unit = parse_rules(RULES, "w1.yaml").codes["unit"]
    assert list(unit.values) == ["ST", "NO", "010", "TS"]
    assert (unit.values["TS"].value, unit.values["TS"].times) == ("PC", Decimal(1000))
    assert parse_rules(RULES, "w1.yaml").settings["company"].value == "0100"
    assert unit.code_of("PC") == "ST"
    assert unit.code_of("m") is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("ST: PC,", "ST: PC, ST: kg,", ["'ST' stands there twice, in lines 6 and 6"]),
        ("    because: trade units\n", "", ["codes.unit.because", "Field required"]),
        ("because: one company", "because: ''", ["settings.company.because"]),
        ("times: 1000", "times: 0", ["codes.unit.values.TS.times"]),
        ("times: 1000", "factor: 1000", ["codes.unit.values.TS.factor", "Extra inputs"]),
        ("  unit:", "  Unit:", ["'Unit' is no name of a rule"]),
        ("(\\d{5})'", "(\\d{5}'", ["scheme 'old'"]),
        ("OLD-\\1", "OLD-\\2", ["scheme 'old'", "no group for \\2"]),
        ("site: W1\n", "", ["site", "Field required"]),
        ("site: W1", "site: [W1", ["not YAML"]),
    ],
)
def test_wrong_rules_are_refused_with_the_place(old: str, new: str, words: list[str]) -> None:
    message = refusal(old, new)
    assert "w1.yaml" in message
    assert all(word in message for word in words), message


def test_rules_must_say_something() -> None:
    with pytest.raises(ConfigurationError, match="no rule in it"):
        parse_rules("site: W1", "w1.yaml")


@pytest.mark.parametrize(
    ("number", "canonical"),
    [("W1-BOLT-0012", "BOLT-12"), ("0000012345", "OLD-12345"), ("BOLT-12", None), ("W1-BOLT-12x", None)],
)
def test_material_numbers_follow_a_scheme(number: str, canonical: str | None) -> None:
    """One material under several schemes has one canonical number; what follows none has none."""
    assert parse_rules(RULES, "w1.yaml").canonical_number(number) == canonical


def test_the_digest_is_of_what_is_said() -> None:
    """Comments and the order of rules do not matter; a code, its order and a reason do."""
    rules = parse_rules(RULES, "w1.yaml")
    assert parse_rules(rules.canonical_text, "again.yaml").digest == rules.digest
    assert parse_rules("# a comment\n" + RULES, "w1.yaml").digest == rules.digest
    for old, new in (("ST: PC", "ST: kg"), ("ST: PC, NO: PC", "NO: PC, ST: PC"), ("trade units", "other")):
        assert parse_rules(RULES.replace(old, new), "w1.yaml").digest != rules.digest


def test_differences_name_the_place() -> None:
    after = parse_rules(RULES.replace("NO: PC, ", "").replace("times: 1000", "times: 100"), "w1.yaml")
    found = {d.place: (d.before, d.after) for d in differences(parse_rules(RULES, "w1.yaml"), after)}
    assert found == {
        "codes.unit.values.NO": ("PC", None),
        "codes.unit.values.TS.times": ("1000", "100"),
    }


def test_a_file_of_rules_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.yaml"):
        read_rules(tmp_path / "absent.yaml")
