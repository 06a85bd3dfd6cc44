"""Queries as OData has them: filters, orders, selections and expansions over kept rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.systems.sap_odata.shapes import Shape

Row = dict[str, Any]
Test = Callable[[Row], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>(?:datetimeoffset|datetime|guid)?'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)[mMdD]?(?![\w-])"
    r"|(?P<moment>\d{4}-\d\d-\d\d(?:T[\d:]+Z)?)|(?P<name>\w+)|(?P<mark>[(),]))"
)


class BadQuery(Exception):
    """The query is not one that the service can answer; says why."""


def filtered(rows: list[Row], text: str, shape: Shape) -> list[Row]:
    """Rows that a `$filter` lets through."""
    test = _Filter(text, shape).whole()
    return [row for row in rows if test(row)]


class _Filter:
    def __init__(self, text: str, shape: Shape) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._shape = shape
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if found is None:
                raise BadQuery(f"Invalid token detected at position '{at}' of '{text}'")
            kind = str(found.lastgroup)
            self._tokens.append((kind, found[kind]))
            at = found.end()
        self._at = 0

    def whole(self) -> Test:
        test = self._any()
        if self._at != len(self._tokens):
            raise BadQuery(f"Unexpected '{self._tokens[self._at][1]}' in the filter")
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._next("or"):
            tests.append(self._all())
        return lambda row: any(test(row) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._next("and"):
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        if self._next("("):
            test = self._any()
            self._must(")")
            return test
        if self._next("startswith"):
            self._must("(")
            name = self._name()
            self._must(",")
            prefix = str(self._value())
            self._must(")")
            return lambda row: str(row.get(name) or "").startswith(prefix)
        name, (_, operator) = self._name(), self._take()
        value = self._value()
        match operator:
            case "eq":
                return lambda row: _kept(row, name) == value
            case "ne":
                return lambda row: _kept(row, name) != value
            case "gt":
                return lambda row: _kept(row, name) > value
            case "ge":
                return lambda row: _kept(row, name) >= value
            case "lt":
                return lambda row: _kept(row, name) < value
            case "le":
                return lambda row: _kept(row, name) <= value
        raise BadQuery(f"The operator '{operator}' is not supported")

    def _take(self) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise BadQuery("The filter ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _next(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][1] == word:
            self._at += 1
            return True
        return False

    def _must(self, word: str) -> None:
        if not self._next(word):
            raise BadQuery(f"'{word}' is missing in the filter")

    def _name(self) -> str:
        name = self._take()[1]
        known(self._shape, name, "filtered")
        return name

    def _value(self) -> Any:
        kind, text = self._take()
        match kind:
            case "number":
                return Decimal(text)
            case "moment":
                return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
            case "name":
                return {"true": True, "false": False, "null": ""}[text]
        prefix, _, rest = text.partition("'")
        plain = rest[:-1].replace("''", "'")
        if prefix == "datetime":
            return date.fromisoformat(plain[:10])
        if prefix == "datetimeoffset":
            return datetime.fromisoformat(plain).astimezone(UTC)
        return plain


def _kept(row: Row, name: str) -> Any:
    value = row.get(name)
    return "" if value is None else value


def known(shape: Shape, name: str, used: str) -> None:
    """BadQuery where the entity has no such property, or none that can be used so."""
    if name not in shape.properties:
        raise BadQuery(f"Property '{name}' not found in type '{shape.service}.{shape.name}Type'")
    if used != "selected" and not shape.properties[name].is_filterable:
        raise BadQuery(f"Property '{name}' of '{shape.name}' cannot be {used}")


def ordered(rows: list[Row], text: str, shape: Shape) -> list[Row]:
    """Rows in the order of an `$orderby`."""
    for part in reversed([each.strip() for each in text.split(",")]):
        name, _, way = part.partition(" ")
        known(shape, name, "sorted")
        rows = sorted(rows, key=lambda row, name=name: _kept(row, name), reverse=way == "desc")  # type: ignore[misc]
    return rows


def aggregated(rows: list[Row], names: list[str], shape: Shape) -> list[Row]:
    """One row for each combination of the selected dimensions, with sums: how analytical services answer."""
    dimensions = [name for name in names if name not in shape.aggregates and name not in shape.keys]
    sums: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row.get(name) for name in dimensions)
        found = sums.setdefault(key, {name: row.get(name) for name in dimensions})
        for name in shape.aggregates:
            found[name] = found.get(name, Decimal(0)) + row[name]
    return [{**row, "ID": ".".join(str(each) for each in key)} for key, row in sums.items()]


def expansions(text: str, shapes: Mapping[str, Shape], shape: Shape) -> dict[str, dict[str, Any]]:
    """What is expanded, as a tree."""
    tree: dict[str, dict[str, Any]] = {}
    for path in filter(None, text.split(",")):
        node, at = tree, shape
        for link in path.split("/"):
            if link not in at.links:
                raise BadQuery(f"Navigation property '{link}' not found in type '{at.name}Type'")
            node, at = node.setdefault(link, {}), shapes[at.links[link]]
    return tree
