"""What a question's own words promise of an answer: a percentage, a number, an average."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from agents.models.embedded.assembly import Assembly
from agents.models.embedded.shaping.figures import Figures
from agents.models.embedded.text import Token
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Measure, MetricQuery, ValueTest

_TAILS = (
    ("who", "are", "they"),
    ("which", "are", "they"),
    ("what", "are", "they"),
    ("list", "them"),
    ("name", "them"),
    ("which", "ones"),
    ("show", "them"),
)


class Expectations:
    """Holds queries against the words of one question."""

    def __init__(self, catalogue: Catalogue, tokens: Sequence[Token], figures: Figures) -> None:
        self._catalogue = catalogue
        self._figures = figures
        self._words = [token.norm for token in tokens]
        spoken = [token.norm for token in tokens if token.kind != "mark"]
        self._asks_who = spoken[:1] == ["who"]
        self._wants_names = any(tuple(spoken[-len(tail) :]) == tail for tail in _TAILS)

    def list_names(self, out: Assembly) -> None:
        """`How many ..., and who are they?` wants the list; its length is the number."""
        if out.counted and self._wants_names and not out.share:
            out.head, out.listed, out.counted = out.counted, True, ""
        people = out.head in ("supplier", "company", "customer") or any(
            "buyer" in grouping.path for grouping in out.by
        )
        if self._asks_who and not people:
            out.penalty += 1.5

    def weigh(self, out: Assembly, query: MetricQuery) -> None:
        """Holds against the assembly what the question promises of an answer, and its query lacks."""
        words = set(self._words)
        if {"percent", "percentage", "share"} & words and not self._gives_percent(query):
            out.penalty += 1.5
        if "versus" in words and not query.by and len(query.measures) < 2:
            out.penalty += 1.5  # nothing is compared
        if ("how", "many") in pairwise(self._words) and self._only_lists(query):
            out.penalty += 1.0
        if {"average", "mean", "median"} & words and not self._gives_average(query):
            out.penalty += 1.0

    def _only_lists(self, query: MetricQuery) -> bool:
        return (
            bool(query.rows_of) and query.output == "rows" and not self._wants_names and len(query.show) < 2
        )

    def _gives_percent(self, query: MetricQuery) -> bool:
        tested = [test.path for test in query.where if isinstance(test, ValueTest)]
        return (
            query.output == "top_share"
            or any(self._is_percent(measure) for measure in query.measures)
            or any(self._figures.kind(path) == "percent" for path in (*query.show, *tested))
        )

    def _is_percent(self, measure: Measure) -> bool:
        if measure.derive:
            return measure.derive in ("percent", "share_of_total", "change_percent")
        return self._figures.measure_kind(measure) == "percent"

    def _gives_average(self, query: MetricQuery) -> bool:
        return any(self._is_average(measure) for measure in query.measures) or any(
            "average" in path for path in query.show
        )

    def _is_average(self, measure: Measure) -> bool:
        if measure.metric:
            metric = self._catalogue.metrics[measure.metric]
            return bool(metric.denominator) or metric.value.startswith(("avg(", "percentile"))
        return measure.aggregate in ("average", "median") or "average" in measure.field
