"""A metric query in words, generated from the query alone: what a person checks a figure against."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import assert_never

from tools.errors import QueryInvalid
from tools.metrics.catalogue import Catalogue
from tools.metrics.conditions import value_of
from tools.metrics.query import (
    AnyTest,
    ContainsTest,
    DateTest,
    FieldTest,
    Filter,
    Grouping,
    Having,
    Measure,
    MetricQuery,
    NamedTest,
    NullTest,
    RelatedTest,
    ValidTest,
    ValueTest,
)

_OPERATORS = {"=": "is", "<>": "is not", "<": "below", "<=": "at most", ">": "above", ">=": "at least"}
_AGGREGATES = {
    "sum": "total",
    "average": "average",
    "median": "median",
    "minimum": "lowest",
    "maximum": "highest",
    "count_distinct": "number of different",
    "first": "first",
    "last": "last",
}


class Wording:
    """Words for queries against one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def query(self, query: MetricQuery) -> str:
        """`Scrapped quantity and scrap rate, by scrap reason, top 5 by scrapped quantity, all dates`."""
        parts = [self._subject(query)]
        if query.by:
            parts.append("by " + " and ".join(self.grouping(grouping) for grouping in query.by))
        parts += self._conditions(query)
        if query.having:
            parts.append("with " + " and ".join(self._having(test, query) for test in query.having))
        parts += [self.test(test) for test in query.where if isinstance(test, DateTest)]
        parts += self._tail(query)
        if not self._dated(query) and self._has_dates(query):
            parts.append("all dates")
        text = ", ".join(part for part in parts if part)
        return text[:1].upper() + text[1:]

    def _conditions(self, query: MetricQuery) -> list[str]:
        """`with stock below safety stock`, `where site is Kassel`: each as its words are made to be read."""
        said = [test for test in query.where if not isinstance(test, DateTest)]
        phrases = [self.test(test) for test in said if isinstance(test, NamedTest | RelatedTest)]
        clauses = [self.test(test) for test in said if not isinstance(test, NamedTest | RelatedTest)]
        return [
            *([" and ".join(phrases)] if phrases else []),
            *(["where " + " and ".join(clauses)] if clauses else []),
        ]

    def _subject(self, query: MetricQuery) -> str:
        measures = [self.measure(measure, query) for measure in query.measures if not measure.hidden]
        if not query.rows_of:
            return _listed(measures)
        plural = self._catalogue.entity(query.rows_of).plural
        if query.output == "count":
            head = f"number of {plural}"
            return f"{head} (counting {_listed(measures)} of each)" if measures else head
        beside = measures + [self._path(path) for path in query.show]
        return f"{plural} with {_listed(beside)}" if beside else plural

    def _tail(self, query: MetricQuery) -> list[str]:
        if query.output == "count":
            return ["how many there are"] if query.by else []
        ordered = ""
        if query.order:
            first = query.order[0]
            ordered = self._name(first.by, query)
        if query.output == "ties":
            return [
                f"the {'highest' if query.order[0].descending else 'lowest'} {ordered} and how many have it"
            ]
        if query.extreme and ordered:
            return [f"{'highest' if query.order[0].descending else 'lowest'} {ordered}, ties kept"]
        if query.output == "top_share":
            return [f"share of the top {query.limit} by {ordered}"]
        if query.limit and ordered:
            return [
                f"{'top' if query.order[0].descending else 'lowest'} {query.limit} by {ordered}, ties kept"
            ]
        if query.limit:
            return [f"first {query.limit}"]
        return [f"sorted by {ordered}"] if ordered else []

    def _dated(self, query: MetricQuery) -> bool:
        tests = [*query.where, *(test for measure in query.measures for test in measure.where)]
        return any(isinstance(test, DateTest) for test in tests)

    def _has_dates(self, query: MetricQuery) -> bool:
        for measure in query.measures:
            entity = self._catalogue.metrics[measure.metric].entity if measure.metric else measure.count_of
            if entity and self._catalogue.entity(entity).default_date and entity != "material":
                return True
        return False

    def measure(self, measure: Measure, query: MetricQuery, within: tuple[str, ...] = ()) -> str:
        """What one measure is, in words.

        Args:
            measure: one of the query.
            query: whose measures it may be calculated from.
            within: names of the measures that it is part of.

        Raises:
            QueryInvalid: it is calculated from itself.
        """
        if measure.derive:
            return self._derived(measure, query, within)
        if measure.metric:
            words = self._catalogue.metrics[measure.metric].label
        elif measure.count_of:
            words = f"number of {self._catalogue.entity(measure.count_of).plural}"
        else:
            words = f"{_AGGREGATES[measure.aggregate]} {self._path(measure.field)}"
        if measure.where:
            words += " (" + " and ".join(self.test(test) for test in measure.where) + ")"
        return words

    def _derived(self, measure: Measure, query: MetricQuery, within: tuple[str, ...]) -> str:
        if measure.name in within:
            raise QueryInvalid(f"measure {measure.name!r} is calculated from itself")
        named = {other.name: other for other in query.measures}
        within += (measure.name,)
        of = [named[name].label or self.measure(named[name], query, within) for name in measure.of]
        match measure.derive:
            case "difference":
                return f"difference between {of[0]} and {of[1]}"
            case "sum":
                return f"{of[0]} plus {of[1]}"
            case "ratio":
                return f"{of[0]} per {of[1]}"
            case "percent":
                return f"{of[0]} in percent of {of[1]}"
            case "change_percent":
                return f"change in percent from {of[1]} to {of[0]}"
            case _:
                return f"share of total {of[0]}"

    def grouping(self, grouping: Grouping) -> str:
        """What the rows are grouped by, in words."""
        if grouping.entity:
            return (grouping.via or self._catalogue.entity(grouping.entity).singular).replace("_", " ")
        if grouping.path:
            return self._path(grouping.path)
        role = f" ({grouping.role} date)" if grouping.role else ""
        return grouping.grain.replace("_", " ") + role

    def test(self, test: Filter) -> str:
        """A filter in words."""
        match test:
            case ValueTest():
                return self._value(test)
            case ContainsTest():
                return f"{self._path(test.path)} contains “{test.text}”"
            case NullTest():
                return f"{self._path(test.path)} {'missing' if test.missing else 'present'}"
            case FieldTest():
                return f"{self._path(test.path)} {_OPERATORS[test.op]} {self._path(test.other)}"
            case NamedTest():
                label = self._catalogue.entity(test.entity).conditions[test.condition].label
                said = f"not {label}" if test.negated else label
                return f"{test.via.replace('_', ' ')} {said}" if test.via else said
            case DateTest():
                return self._period(test)
            case ValidTest():
                return f"valid on {test.on.isoformat()}"
            case RelatedTest():
                what = self._catalogue.entity(test.entity)
                inner = " and ".join(self.test(part) for part in test.where)
                return f"with {_amount(test)} {what.singular if test.at_least == 1 else what.plural}" + (
                    f" ({inner})" if inner else ""
                )
            case AnyTest():
                return "(" + " or ".join(self.test(part) for part in test.of) + ")"
            case _:
                assert_never(test)

    def _value(self, test: ValueTest) -> str:
        entity, _, name = test.path.split("/")[-1].partition(".")
        field = self._catalogue.entity(entity).fields[name]
        if field.kind == "flag":
            holds = value_of(field, test.values[0]) == (test.op == "=")
            return field.label if holds else f"not {field.label}"
        if test.label:
            singular = self._catalogue.entity(entity).singular
            if len(test.values) == 1:
                return f"{singular} {_OPERATORS[test.op]} {test.label}"
            return f"{singular} {'' if test.op == '=' else 'not '}{test.label} with all below it"
        values = [_plain(value) for value in test.values]
        if test.op == "=" and len(values) > 1:
            return f"{self._path(test.path)} any of {', '.join(values)}"
        return f"{self._path(test.path)} {_OPERATORS[test.op]} {' or '.join(values)}"

    def _having(self, test: Having, query: MetricQuery) -> str:
        right = _plain(test.value) if test.value is not None else self._name(test.right or "", query)
        return f"{self._name(test.left, query)} {_OPERATORS[test.op]} {right}"

    def _name(self, name: str, query: MetricQuery) -> str:
        for measure in query.measures:
            if measure.name == name:
                return measure.label or self.measure(measure, query)
        if "." in name:
            return self._path(name)
        if name.startswith("#"):
            return self.grouping(query.by[int(name[1:]) - 1])
        return name.replace("_", " ")

    def _path(self, path: str) -> str:
        *links, last = path.split("/")
        entity, _, name = last.partition(".")
        label = self._catalogue.entity(entity).fields[name].label
        if links:
            return f"{links[-1].replace('_', ' ')}'s {label}"
        return label

    def _period(self, test: DateTest) -> str:
        role = f"{test.role} " if test.role else ""
        if test.start and test.end:
            return role + ("in " if not _single_day(test) else "on ") + period_words(test.start, test.end)
        if test.start:
            return f"{role}since {test.start.isoformat()}"
        if test.end:
            return f"{role}until {test.end.isoformat()}"
        return f"with a {role}date"


def _single_day(test: DateTest) -> bool:
    return test.start == test.end


def period_words(start: date, end: date) -> str:
    """The shortest exact name of a period: `2024`, `2024-03`, `2024-Q2`, or both days."""
    if start == end:
        return start.isoformat()
    if end == date.max:
        return f"{start.isoformat()} to {end.isoformat()}"
    after = end + timedelta(days=1)
    if start.day == 1 and after.day == 1:
        months = (after.year - start.year) * 12 + after.month - start.month
        if months == 1:
            return f"{start:%Y-%m}"
        if months == 12 and start.month == 1:
            return f"{start:%Y}"
        if months == 3 and start.month % 3 == 1:
            return f"{start.year}-Q{(start.month + 2) // 3}"
        if start.month == 1 and after.month == 1:
            return f"{start.year} to {end.year}"
        return f"{start:%Y-%m} to {end:%Y-%m}"
    return f"{start.isoformat()} to {end.isoformat()}"


def _plain(value: str | Decimal | bool | None) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _amount(test: RelatedTest) -> str:
    if test.at_least == 1:
        return "no" if test.negated else "at least 1"
    return f"{'fewer than' if test.negated else 'at least'} {test.at_least}"


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
