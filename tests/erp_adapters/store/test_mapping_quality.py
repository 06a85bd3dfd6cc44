"""Quality rules catch the rows that they describe, and no others; reports add up."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from erp_adapters.store.date_formats import Clock
from erp_adapters.store.expressions import Unmapped, compile_condition, compile_expression
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.reading import Value, Values
from erp_adapters.store.site_rules import parse_rules
from erp_adapters.store.terms import Condition, Expression

COLUMNS = ["id", "name", "ordered", "received", "group"]
ROW: Values = (1, "Bolt", Decimal(5), Decimal(7), 10)


class Shelf:
    """Two files: `lines`, whose rows are judged, and `groups`, in which things are looked up."""

    site = SiteSpec(code="W1", name="Workshop", country="DE", time_zone="Europe/Berlin", currency="EUR")
    rules = parse_rules("site: W1\nsettings: {a: {value: b, because: c}}", "w1.yaml")

    def clock(self, file: str) -> Clock:
        return Clock(ZoneInfo("UTC"))

    def position(self, file: str, column: str) -> int:
        return COLUMNS.index(column) if file == "lines" else ["id", "name"].index(column)

    def index(self, file: str, key: str) -> Mapping[Value, Values]:
        return {10: (10, "Screws"), 11: (11, None)}

    def loaded(self, record: str) -> Mapping[Values, object]:
        return {(1,): 2}

    def repeated(self, file: str, columns: tuple[str, ...]) -> frozenset[Values]:
        return frozenset({("bolt",)})


def value_of(expression: object, row: Values = ROW) -> Value:
    parsed: Expression = TypeAdapter(Expression).validate_python(expression)
    return compile_expression(parsed, "lines", Shelf())(row)


def holds(condition: object, row: Values = ROW) -> bool:
    parsed: Condition = TypeAdapter(Condition).validate_python(condition)
    return compile_condition(parsed, "lines", Shelf())(row)


def without(column: str) -> Values:
    return tuple(None if name == column else value for name, value in zip(COLUMNS, ROW, strict=True))


LOOKUP = {"lookup": "groups", "key": "id", "by": "group", "value": "name"}


@pytest.mark.parametrize(
    ("expression", "row", "value"),
    [
        ("name", ROW, "Bolt"),
        ({"constant": "USD"}, ROW, "USD"),
        ({"enum": "id", "values": {"1": "open"}}, ROW, "open"),
        ({"enum": "id", "values": {"1": "open"}}, without("id"), None),
        ({"scaled": "ordered", "times": "0.1"}, ROW, Decimal("0.5")),
        ({"scaled": "ordered", "times": "0.1"}, without("ordered"), None),
        ({"concat": ["name", {"constant": "x"}, "id"], "separator": "/"}, ROW, "Bolt/x/1"),
        ({"concat": ["name", "id"], "separator": "/"}, without("name"), "1"),
        ({"concat": ["name"]}, without("name"), None),
        (LOOKUP, ROW, "Screws"),
        (LOOKUP, without("group"), None),
        (LOOKUP, (*ROW[:4], 99), None),
        (LOOKUP, (*ROW[:4], 11), None),
    ],
)
def test_an_expression_gives(expression: object, row: Values, value: Value) -> None:
    """Each kind of expression, with a value and with an empty source."""
    assert value_of(expression, row) == value


def test_a_code_without_a_word_is_not_passed_on() -> None:
    """A new status of the source cannot enter as a number or as empty."""
    with pytest.raises(Unmapped, match="id '1' is none of 4"):
        value_of({"enum": "id", "values": {"4": "complete"}})


@pytest.mark.parametrize(
    ("condition", "row", "expected"),
    [
        ({"missing": ["name"]}, ROW, False),
        ({"missing": ["name", "group"]}, without("group"), True),
        ({"compare": "received", "op": ">", "to": "ordered"}, ROW, True),
        ({"compare": "received", "op": "<=", "to": "ordered"}, ROW, False),
        ({"compare": "received", "op": ">", "to": "ordered"}, without("ordered"), False),
        ({"compare": "ordered", "op": "!=", "to": {"constant": 5}}, ROW, False),
        ({"compare": LOOKUP, "op": "=", "to": {"constant": "Screws"}}, ROW, True),
        ({"orphan": "material", "by": ["id"]}, ROW, False),
        ({"orphan": "material", "by": ["group"]}, ROW, True),
        ({"orphan": "material", "by": ["group"]}, without("group"), False),
        ({"exists": "groups", "key": "id", "by": "group"}, ROW, True),
        ({"exists": "groups", "key": "id", "by": "id"}, ROW, False),
        ({"duplicate": ["name"]}, (1, "  BOLT ", None, None, None), True),
        ({"duplicate": ["name"]}, (1, "Nut", None, None, None), False),
        ({"all": [{"missing": ["name"]}, {"missing": ["group"]}]}, without("group"), False),
        ({"any": [{"missing": ["name"]}, {"missing": ["group"]}]}, without("group"), True),
        ({"not": {"missing": ["name"]}}, ROW, True),
    ],
)
def test_a_condition_holds(condition: object, row: Values, expected: bool) -> None:
    """Each kind of condition, where it holds and where it must not."""
    assert holds(condition, row) is expected
