"""A question in words, with the query that it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.metrics.query import Filter, Measure, MetricQuery


@dataclass
class Asked:
    """A question in words, with the query that it means."""

    words: str
    query: MetricQuery


def of_records(words: str, entity: str, where: Sequence[Filter], *, counting: bool) -> Asked:
    """A question for the number of records that meet conditions, or for the records."""
    if counting:
        measure = Measure(name="n", count_of=entity)
        return Asked(words, MetricQuery(measures=(measure,), where=tuple(where)))
    return Asked(words, MetricQuery(rows_of=entity, where=tuple(where)))
