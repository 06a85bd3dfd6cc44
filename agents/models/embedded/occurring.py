"""Records that a quantity is spread over: `how many units were scrapped, and on how many work orders`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from agents.models.embedded.lexicon import CatalogueHolder
from agents.models.embedded.masked import Masked
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Measure, MetricQuery, NamedTest

_SPREAD = re.compile(r"\b(?:on|in|across|over|from|by|among|with|spread over|affecting) how many\b")
_SUM = re.compile(r"sum\((\w+)\)")


class Occurring:
    """Counts records that have some of a quantity where a question asks over how many it is spread."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._holder = CatalogueHolder(catalogue)

    def counted(self, calls: tuple[ToolCall, ...], question: Masked) -> tuple[ToolCall, ...]:
        """The calls with their count of all records as one of those that the quantity beside it occurs on."""
        if question.language != "en" or not _SPREAD.search(" ".join(question.words)):
            return calls
        queries = [call.arguments for call in calls if isinstance(call.arguments, MetricQuery)]
        found = next((test for query in queries for test in self._occurs(query)), None)
        if found is None or any(
            isinstance(test, NamedTest) and test.condition == found.condition
            for query in queries
            for test in query.where
        ):
            return calls
        return tuple(
            ToolCall(call.name, self._over(call.arguments, found))
            if isinstance(call.arguments, MetricQuery)
            else call
            for call in calls
        )

    def once(self, query: MetricQuery) -> MetricQuery:
        """The query without conditions that say again what a sum is of: `rejected pieces (with rejects)`."""
        known = _occurrences(self._holder)
        measures = tuple(
            measure.model_copy(
                update={"where": tuple(test for test in measure.where if test != known[measure.metric])}
            )
            if measure.metric in known and known[measure.metric] in measure.where
            else measure
            for measure in query.measures
        )
        return query if measures == query.measures else query.model_copy(update={"measures": measures})

    def _over(self, query: MetricQuery, found: NamedTest) -> MetricQuery:
        measures = tuple(
            measure.model_copy(update={"where": (found,)})
            if self._counts(measure) == found.entity and not measure.where
            else measure
            for measure in query.measures
        )
        return query.model_copy(update={"measures": measures})

    def _occurs(self, query: MetricQuery) -> Iterator[NamedTest]:
        """The condition of records that have some of a quantity that the query shows."""
        known = _occurrences(self._holder)
        yield from (known[one.metric] for one in query.measures if one.metric in known and not one.where)

    def _counts(self, measure: Measure) -> str:
        """The kind of record that a measure counts all of; empty where it does not."""
        if measure.count_of:
            return measure.count_of
        metric = self._holder.catalogue.metrics.get(measure.metric)
        return metric.entity if metric and metric.value == "count(*)" and not metric.filter else ""


@lru_cache(maxsize=8)
def _occurrences(holder: CatalogueHolder) -> dict[str, NamedTest]:
    """By quantity, the condition of records that have some of it."""
    catalogue, found = holder.catalogue, {}
    for entity, known in catalogue.entities.items():
        for name, condition in known.conditions.items():
            metric = catalogue.metrics.get(condition.quantity)
            added = _SUM.fullmatch(metric.value) if metric and metric.entity == entity else None
            field = known.fields.get(added[1]) if added else None
            above_zero = added and condition.sql == f"{added[1]} > 0"
            # `greatest(ordered - received, 0)` is there where `received < ordered`.
            short = re.fullmatch(r"greatest\((\w+) - (\w+), 0\)", field.sql) if field else None
            if above_zero or (short and condition.sql == f"{short[2]} < {short[1]}"):
                found[condition.quantity] = NamedTest(entity=entity, condition=name)
    return found
