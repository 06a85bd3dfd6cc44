"""Values are written for people without becoming other values, and for programs without losing a digit."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.rendering import (
    answer_figure,
    answer_parts,
    answer_table,
    askable,
    data_caveats,
    decimal_text,
    escaped,
    in_prose,
    is_markup,
    number_text,
    value_text,
    visible,
)
from tools.results import Cell, Column, ColumnKind, Figure, Table, ToolResult


@pytest.mark.parametrize(
    ("value", "kind", "unit", "text"),
    [
        (Decimal("3126.000000"), "quantity", "pcs", "3,126 pcs"),
        (Decimal("1234567.891"), "money", "USD", "1,234,567.89 USD"),
        (Decimal("-0.5"), "money", "EUR", "-0.5 EUR"),
        (Decimal("0"), "money", "EUR", "0.00 EUR"),
        (Decimal("0.2363"), "percent", "%", "0.2363 %"),
        (Decimal("12.34567"), "percent", "%", "12.35 %"),
        (Decimal("0.00004"), "percent", "%", "0.00004 %"),
        (Decimal("1.23456789"), "rate", "", "1.2346"),
        (Decimal("2.675"), "quantity", "", "2.68"),
        (Decimal("-0.0000"), "quantity", "", "0"),
        (Decimal("1E+3"), "count", "", "1,000"),
        (Decimal("NaN"), "quantity", "", "no value"),
        (7, "count", "", "7"),
        (320, "id", "", "320"),
        (72591, "id", "", "72591"),
        (True, "flag", "", "yes"),
        (None, "quantity", "pcs", "no value"),
        (date(2014, 6, 2), "date", "", "2014-06-02"),
        (datetime(2014, 6, 2, 14, 5, tzinfo=UTC), "date", "", "2014-06-02 14:05 UTC"),
        ("a\u202eb\n c", "text", "", "ab c"),
    ],
)
def test_a_value_is_written_for_people(value: Cell, kind: ColumnKind, unit: str, text: str) -> None:
    """Grouped digits, rounding that never makes a small share vanish, ISO dates, the unit behind."""
    assert value_text(value, kind, unit) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6))
def test_rounding_for_display_stays_near(value: Decimal) -> None:
    """Half of the last place shown, at most."""
    shown = Decimal(number_text(value, "quantity").replace(",", ""))
    assert abs(shown - value) <= max(Decimal("0.005"), abs(value) * Decimal("0.0005"))
    assert Decimal(decimal_text(value)) == value
    assert "E" not in decimal_text(value)


def test_a_table_for_programs_is_exact() -> None:
    """Decimal strings, ISO dates, nulls, machine names and units."""
    table = Table(
        (
            Column("name", "Name\u200b", "text"),
            Column("n", "Value", "money", "USD"),
            Column("on", "Day", "date"),
            Column("ok", "OK", "flag"),
        ),
        (("x\u202ey", Decimal("0.100000"), date(2014, 1, 2), False), ("z", None, None, None)),
        truncated=True,
        total_rows=9,
    )
    shown = answer_table(table)
    assert shown.columns == ("Name", "Value", "Day", "OK")
    assert shown.rows == (("xy", "0.1", "2014-01-02", False), ("z", None, None, None))
    assert shown.units == ("", "USD", "", "")
    result = ToolResult("t", "r", (table,), (), (), caveats=("Old.", "Old."))
    assert data_caveats([result]) == ["Old.", "The table shows the first 2 of 9 rows."]


def test_a_percentage_is_as_displayed() -> None:
    """0.2363 means 0.2363 %."""
    assert answer_figure(Figure("Scrap rate", Decimal("0.236300"), "%", "percent", "e")).value == "0.2363"


def test_text_from_data_keeps_what_can_be_seen() -> None:
    """Accents, scripts and emoji stay; tags, controls, variation selectors and fillers go."""
    assert visible("Müller & Söhne 東京 😀") == "Müller & Söhne 東京 😀"
    assert visible("a\U000e0041\u3164\ufe0f\u2066b\u2069\x00\x1b[0m") == "ab[0m"
    assert visible("x" * 50, 10) == "x" * 9 + "…"


def test_what_is_not_seen_is_written_out_in_json() -> None:
    """The record of a call shows what was really sent, and stays the same JSON."""
    sent = json.dumps({"material": "a\u202eb\U000e0041\x1b Müller 東京\n"}, ensure_ascii=False)
    shown = escaped(sent)
    assert json.loads(shown) == json.loads(sent)
    assert "a\\u202eb\\udb40\\udc41\\u001b Müller 東京" in shown
    assert escaped(shown) == shown


@pytest.mark.parametrize("text", ["a < b", "S/4HANA", "material.name", "1/2", "Rad & Co", "x [1] (2)"])
def test_plain_text_is_no_markup(text: str) -> None:
    """What stands in names and filters every day."""
    assert not is_markup(text)
    assert is_markup(f"{text} see //x")


HOSTILE = "Wheel ![x](https://a.example/?d=1) <b>[y][1] `z` www.a.example [1]: //a.example\x1b[2J"


def test_a_sentence_with_a_name_from_data_is_only_text() -> None:
    """No image, link, address, markup, code or reference, and nothing more happens the second time."""
    shown = in_prose(f"Suppliers of {HOSTILE} {{{{{{r0.figures[0]}}}}}}, at KS")
    assert shown == (
        "Suppliers of Wheel ! [x] (https: //a.example/?d=1) ‹b›[y] [1] 'z' www .a.example"
        " [1] : //a.example[2J { { {r0.figures[0]} } }, at KS"
    )
    assert in_prose(shown) == shown


@given(st.lists(st.sampled_from([*"[]()!:/<>`a1 {}\n", "://", "www.", "](", "Www.a", "{{"]), max_size=30))
def test_no_text_is_a_link_in_prose(parts: list[str]) -> None:
    """However the characters follow each other."""
    shown = in_prose("".join(parts))
    assert not any(part in shown for part in ("](", "][", "]:", "![", "://", "<", "`", "{{", "}}"))
    assert not re.search(r"(?<!\w)www\.\w", shown, re.IGNORECASE)
    assert in_prose(shown) == shown


@pytest.mark.parametrize(
    ("suggestion", "offered"),
    [
        ("Who supplies Mountain-200 Black, 38?", True),
        ("Who supplies Müller & Söhne's Bolts?", True),
        (f"Who supplies {HOSTILE}?", False),
        (f"Who supplies {'Wheel ' * 30}?", False),
        ("Who supplies {{r0.figures[0]}}?", False),
    ],
)
def test_a_question_is_offered_only_where_it_reads_as_one(suggestion: str, offered: bool) -> None:
    """What is clicked becomes the person's own words."""
    assert askable(suggestion) is offered


def _looked_up(*rows: tuple[str, int]) -> ToolResult:
    columns = (Column("material", "Material", "text"), Column("most", "Can be built", "count"))
    table = Table(columns, tuple((name, Decimal(most)) for name, most in rows))
    return ToolResult("buildable", "", (table,), (), ())


def test_one_look_up_for_two_things_is_one_table() -> None:
    """What was asked of two things stands side by side; tables of several rows stay as they are."""
    one, other, longer = _looked_up(("Fork", 5)), _looked_up(("Frame", 7)), _looked_up(("A", 1), ("B", 2))
    tables, _, _ = answer_parts([one, other])
    assert [table.rows for table in tables] == [(("Fork", "5"), ("Frame", "7"))]
    tables, _, _ = answer_parts([longer, one, longer])
    assert [len(table.rows) for table in tables] == [2, 1, 2]
