"""What of a query's result can be drawn: which columns add up, and whether rows are a series or a ranking."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from tools.metrics.catalogue import Catalogue, Metric
from tools.metrics.query import Measure, MetricQuery
from tools.results import Column

_TIME = frozenset({"day", "week", "month", "quarter", "year"})


def shown_as(query: MetricQuery) -> Literal["", "series", "ranking"]:
    """A series where rows are periods, a ranking where groups or records stand in order."""
    if query.output != "rows" or not query.measures:
        return ""
    if any(grouping.grain in _TIME for grouping in query.by):
        return "series"
    return "ranking" if query.by or query.order else ""


def adding_up(columns: tuple[Column, ...], query: MetricQuery, catalogue: Catalogue) -> tuple[Column, ...]:
    """The columns, each with whether its values in several rows may be added."""
    measures = {measure.name: measure for measure in query.measures}
    return tuple(
        replace(column, adds_up=column.name in measures and _adds_up(column.name, measures, catalogue))
        for column in columns
    )


def _adds_up(name: str, measures: dict[str, Measure], catalogue: Catalogue) -> bool:
    measure = measures[name]
    if measure.derive:
        parts = measure.derive in ("difference", "sum")
        return measure.derive == "share_of_total" or (
            parts and all(_adds_up(other, measures, catalogue) for other in measure.of)
        )
    if measure.metric:
        return _metric_adds_up(catalogue.metrics[measure.metric])
    return bool(measure.count_of) or measure.aggregate == "sum"


def _metric_adds_up(metric: Metric) -> bool:
    """Sums and plain counts do; what counts different things would count some of them twice."""
    if metric.adds_up is not None:
        return metric.adds_up
    value = metric.value.lower().removeprefix("coalesce(")
    return (
        metric.kind in ("count", "quantity", "money")
        and value.startswith(("sum(", "count("))
        and "distinct" not in value
        and "/" not in value
    )
