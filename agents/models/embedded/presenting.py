"""The form in which a plan is shown where the question leaves it open: what is first, what stands beside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import FieldTest, MetricQuery, NamedTest, Order, ValueTest

_MOST_SHOWN = 9
_AGAINST = re.compile(r"(\w+) (?:[<>]=?) (\w+)")
"""A condition that is one field against another."""


class Presenting:
    """Dresses metric queries; what they mean stays the same."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def presented(self, call: ToolCall) -> ToolCall:
        """The call with the largest figures first, and with what tells its records and figures apart.

        Figures by things come largest first where no order is asked for. Listed records that have no name are
        shown with what they are about, and a figure that is calculated from others with these.
        """
        query = call.arguments
        if not isinstance(query, MetricQuery) or query.output != "rows":
            return call
        dressed = self._beside(query) if query.rows_of else _largest_first(query)
        return call if dressed is query else ToolCall(call.name, dressed)

    def _beside(self, query: MetricQuery) -> MetricQuery:
        entity = self._catalogue.entities.get(query.rows_of)
        if entity is None:
            return query
        shown = [
            *(() if query.measures else entity.beside),
            *self._calculated(query),
            *self._compared(query),
            *self._told_apart(query),
        ]
        more = tuple(dict.fromkeys(path for path in shown if path not in query.show))
        room = max(0, _MOST_SHOWN - len(query.show))
        return query.model_copy(update={"show": (*query.show, *more[:room])}) if more[:room] else query

    def _told_apart(self, query: MetricQuery) -> Iterator[str]:
        """Paths of the listed records' own fields that several values, or one side of one, tell apart."""
        entity = self._catalogue.entities[query.rows_of]
        for test in query.where:
            if not isinstance(test, ValueTest) or any(isinstance(value, bool) for value in test.values):
                continue
            owner, _, name = test.path.partition(".")
            several = test.op not in ("=", "<>") or (test.op == "=" and len(test.values) > 1)
            named = name in (entity.name, entity.key, "number")
            if several and owner == query.rows_of and name in entity.fields and not named:
                yield test.path

    def _compared(self, query: MetricQuery) -> Iterator[str]:
        """Paths of both fields that a condition of the listed records holds against each other."""
        fields = self._catalogue.fields_of(query.rows_of)
        conditions = self._catalogue.entities[query.rows_of].conditions
        for test in query.where:
            match test:
                case FieldTest() if test.op not in ("=", "<>"):
                    pair = tuple(path.partition(".") for path in (test.path, test.other))
                    names = [name for owner, _, name in pair if owner == query.rows_of]
                case NamedTest(via="") if test.entity == query.rows_of and test.condition in conditions:
                    found = _AGAINST.fullmatch(conditions[test.condition].sql)
                    names = list(found.groups()) if found else []
                case _:
                    continue
            if len(names) == len(set(names) & fields.keys()) and all(
                fields[name].is_number for name in names
            ):
                yield from (f"{query.rows_of}.{name}" for name in names)

    def _calculated(self, query: MetricQuery) -> Iterator[str]:
        """Paths of what the shown fields are calculated from."""
        for path in query.show:
            route, _, name = path.rpartition(".")
            entity = self._catalogue.entities.get(route.rpartition("/")[2])
            if entity is not None and name in entity.fields:
                yield from (f"{route}.{other}" for other in entity.fields[name].beside)


def _largest_first(query: MetricQuery) -> MetricQuery:
    if query.order or not query.by:
        return query
    shown = [measure for measure in query.measures if not measure.hidden]
    if not shown or any(grouping.grain for grouping in query.by):
        return query
    return query.model_copy(update={"order": (Order(by=shown[0].name),)})
