"""The ratio that a question names by its two amounts: `actual minutes per planned minute`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from agents.models.embedded.accounting import Left
from agents.models.embedded.accounting.doing import kind_of
from agents.models.embedded.lexicon import CatalogueHolder, FieldWord, MetricWord, catalogue_phrases, reduced
from agents.models.embedded.masked import Masked
from agents.models.embedded.text import stem
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Measure, MetricQuery

_Kind: TypeAlias = Literal["ratio", "percent"]
_LINKS: tuple[tuple[tuple[str, ...], _Kind], ...] = (
    (("per",), "ratio"),
    (("divided", "by"), "ratio"),
    (("over",), "ratio"),
    (("as", "a", "share", "of"), "percent"),
    (("as", "share", "of"), "percent"),
    (("as", "a", "percentage", "of"), "percent"),
    (("as", "percentage", "of"), "percent"),
    (("as", "a", "percent", "of"), "percent"),
    (("in", "percent", "of"), "percent"),
    (("as", "percent", "of"), "percent"),
)
_DEGREES = frozenset({"ratio", "rate", "share", "percentage", "percent", "%", "quota"})
"""`actual over plan` is a ratio only with one of them; alone it is what plan was overrun by."""
_TIMES = frozenset({"day", "week", "month", "quarter", "year", "hour", "shift", "minute"})
"""`scrap per day` is told apart by days."""
_AVERAGED = frozenset({"average", "mean", "median", "avg", "typical"})
_ARTICLES = frozenset({"the", "its", "their", "our", "each", "every", "all", "total"})
_LONGEST = 4
_SUM = re.compile(r"sum\((\w+)\)")
_AMOUNTS = frozenset({"quantity", "money", "count", "days"})


class Ratios:
    """Shows, and ranks by, the ratio that a question names where both of its amounts are there."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._phrases = catalogue_phrases(catalogue.hash, CatalogueHolder(catalogue))

    def shown(self, query: MetricQuery, question: Masked) -> MetricQuery:
        """The query with the ratio of two of its figures, by which it is then ranked."""
        if query.output != "rows" or query.rows_of or any(map(self._is_ratio, query.measures)):
            return query
        for upper, lower, kind, _ in self._said(question):
            whole = self._with_lower(query, upper, lower)
            one, other = (self._measure(whole, names) for names in (upper, lower))
            if one is None or other is None or one is other:
                continue
            pair = (one.name, other.name)
            if any(limit.left in pair for limit in query.having):
                return query
            ratio = Measure(name="ratio", derive=kind, of=pair)
            order = tuple(
                by.model_copy(update={"by": ratio.name}) if by.by in pair else by for by in query.order
            )
            return whole.model_copy(update={"measures": (*whole.measures, ratio), "order": order})
        return query

    def _with_lower(self, query: MetricQuery, upper: frozenset[str], lower: frozenset[str]) -> MetricQuery:
        """The query with what its one figure is divided by, of the same records, where it lacks that."""
        if len(query.measures) != 1 or self._measure(query, lower) is not None:
            return query
        (one,) = query.measures
        if not one.field or one.where or one.records or self._measure(query, upper) is None:
            return query
        entity = one.field.rpartition(".")[0]
        paths = [name for name in lower if name.rpartition(".")[0] == entity]
        if len(paths) != 1:
            return query
        return query.model_copy(update={"measures": (one, Measure(name="divided_by", field=paths[0]))})

    def left(self, query: MetricQuery, question: Masked) -> Iterator[Left]:
        """The words of a ratio of two amounts of which a query shows none, or the other way round."""
        averaged = not _AVERAGED.isdisjoint(question.words)
        for upper, lower, _, words in self._said(question):
            turned = self._is_turned(query, upper, lower)
            if upper & lower or (self._is_there(query, averaged=averaged) and not turned):
                continue
            if turned or self._is_of(query, upper) or self._is_of(query, lower):
                yield Left("ratio", words)

    def _is_turned(self, query: MetricQuery, upper: frozenset[str], lower: frozenset[str]) -> bool:
        named = {one.name: self._called(one) for one in query.measures}
        return any(
            one.derive in ("ratio", "percent")
            and bool(named[one.of[0]] & lower)
            and bool(named[one.of[1]] & upper)
            for one in query.measures
        )

    def _is_there(self, query: MetricQuery, *, averaged: bool) -> bool:
        return (
            any(self._is_ratio(one) or (averaged and self._is_average(one)) for one in query.measures)
            or any(one.kind in ("over", "percent_of") for one in query.calculated)
            or any(kind_of(path, self._catalogue) in ("percent", "ratio", "rate") for path in query.show)
        )

    def _is_ratio(self, measure: Measure) -> bool:
        if measure.derive:
            return measure.derive in ("ratio", "percent", "share_of_total")
        metric = self._catalogue.metrics.get(measure.metric)
        kind = metric.kind if metric else kind_of(measure.field, self._catalogue)
        return kind in ("percent", "ratio", "rate") or bool(metric and metric.denominator)

    def _is_average(self, measure: Measure) -> bool:
        metric = self._catalogue.metrics.get(measure.metric)
        by_field = bool(measure.field) and measure.aggregate in ("average", "median")
        return by_field or bool(metric and metric.value.startswith("avg("))

    def _is_of(self, query: MetricQuery, names: frozenset[str]) -> bool:
        fields = {one.field.split("/")[-1] for one in query.measures}
        return bool(names & fields) or self._measure(query, names) is not None

    def _measure(self, query: MetricQuery, names: frozenset[str]) -> Measure | None:
        shown = [one for one in query.measures if not one.hidden and names & self._called(one)]
        return shown[0] if len(shown) == 1 else None

    def _called(self, measure: Measure) -> frozenset[str]:
        """A measure by its metric and the field that it adds up."""
        metric = self._catalogue.metrics.get(measure.metric)
        added = _SUM.fullmatch(metric.value) if metric else None
        field = {f"{metric.entity}.{added[1]}"} if metric and added and not metric.filter else set()
        own = {measure.field.split("/")[-1]} if measure.aggregate == "sum" else set()
        return frozenset({measure.metric, *own, *field} - {""})

    def _said(
        self, question: Masked
    ) -> Iterator[tuple[frozenset[str], frozenset[str], _Kind, tuple[str, ...]]]:
        """Both amounts of each ratio in the question, as metrics and paths of fields, and its words."""
        if question.language != "en":
            return
        words = [spot.word for spot in question.spots]
        typed = [spot.text for spot in question.spots]
        for at in range(1, len(words)):
            for link, kind in _LINKS:
                if tuple(words[at : at + len(link)]) != link:
                    continue
                if link == ("over",) and _DEGREES.isdisjoint(words):
                    continue
                end = at + len(link)
                while end < len(words) and words[end] in _ARTICLES:
                    end += 1
                first, upper = self._before(words, at)
                last, lower = self._behind(words, end)
                if upper and lower:
                    yield upper, lower, kind, tuple(typed[first:last])

    def _before(self, words: Sequence[str], end: int) -> tuple[int, frozenset[str]]:
        for first in range(max(0, end - _LONGEST), end):
            if found := self._amounts(words[first:end]):
                return first, found
        return end, frozenset()

    def _behind(self, words: Sequence[str], first: int) -> tuple[int, frozenset[str]]:
        if first >= len(words) or stem(words[first]) in _TIMES:
            return first, frozenset()
        for end in range(min(len(words), first + _LONGEST), first, -1):
            if found := self._amounts(words[first:end]):
                return end, found
        return first, frozenset()

    def _amounts(self, words: Sequence[str]) -> frozenset[str]:
        """The amounts that a phrase means; none where it may mean a thing as well."""
        found: set[str] = set()
        for meaning in self._phrases.get(reduced(tuple(map(stem, words)))):
            match meaning:
                case MetricWord(metric=name) if self._catalogue.metrics[name].kind in _AMOUNTS:
                    found.add(name)
                case FieldWord(entity=entity, field=field) if (
                    kind_of(f"{entity}.{field}", self._catalogue) in _AMOUNTS
                ):
                    found.add(f"{entity}.{field}")
                case _:
                    return frozenset()
        return frozenset(found)
