"""What a percentage is of, where a question says so: `what percentage of their subtotal`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agents.models.embedded.lexicon import (
    CatalogueHolder,
    FieldWord,
    Meaning,
    MetricWord,
    Phrases,
    catalogue_phrases,
    reduced,
)
from agents.models.embedded.masked import Masked
from agents.models.embedded.text import stem
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Measure, MetricQuery, ValueTest

_SHARES = frozenset({"percent", "percentage", "share", "%"})
_ALL = frozenset({"total", "all", "whole", "overall", "entire"})
"""They ask for the share of each in all of it."""
_OURS = frozenset({"our", "the", "all", "total"})
_TWO = 2
_EVERYTHING = "*"
_OF = frozenset({"of", "on"})
_LONGEST = 4
_SKIPPED = 3
"""Words that may stand before the amount: `of the order subtotals`."""
_AMOUNTS = frozenset({"quantity", "money"})


class Wholes:
    """Holds percentages against the whole that a question names."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._phrases = catalogue_phrases(catalogue.hash, CatalogueHolder(catalogue))

    def named(self, question: Masked) -> frozenset[str]:
        """Metrics and paths of fields that a percentage is said to be of; empty where nothing is."""
        if question.language != "en":
            return frozenset()
        words = [spot.word for spot in question.spots]
        found: set[str] = set()
        for at, word in enumerate(words[:-2]):
            stretch = words[at + 2 : at + 2 + _SKIPPED]
            if word in _SHARES and words[at + 1] in _OF:
                found |= set() if _ALL.isdisjoint(stretch) else {_EVERYTHING}
                found |= set(self._amounts(words[at + 2 : at + 2 + _LONGEST + 2]))
        return frozenset(found)

    def contradicts(self, calls: Sequence[ToolCall], named: frozenset[str]) -> bool:
        """True where a plan takes a percentage of something else than what is named, or of a percentage."""
        shares = [
            (query, measure)
            for call in calls
            if isinstance(query := call.arguments, MetricQuery)
            for measure in query.measures
            if measure.derive in ("percent", "share_of_total")
        ]
        if any(self._is_rate(_of(query, measure.of[0])) for query, measure in shares):
            return True
        return bool(shares and named - {_EVERYTHING}) and not any(
            named & self._called(_of(query, measure.of[-1]))
            or (_EVERYTHING in named and measure.derive == "share_of_total")
            for query, measure in shares
        )

    def part_for_whole(self, calls: Sequence[ToolCall], question: Masked) -> bool:
        """True where a condition of the whole limits the part alone: `X: its share of our complete spend`.

        The share is then one of the part that a name stands for, and what it is of is limited as well.
        """
        if question.language != "en" or not any(
            spot.meanings and spot.word.isupper() for spot in question.spots
        ):
            return False
        words = [spot.word for spot in question.spots]
        whole = {
            stem(word)
            for at in range(len(words) - 2)
            if words[at] in _SHARES and words[at + 1] in _OF and words[at + 2] in _OURS
            for word in words[at + 2 : at + 2 + _LONGEST + 1]
        }
        queries = [call.arguments for call in calls if isinstance(call.arguments, MetricQuery)]
        return bool(whole) and any(
            isinstance(test, ValueTest)
            and any(stem(word) in whole for value in test.values for word in str(value).lower().split())
            for query in queries
            if any(isinstance(test, ValueTest) for test in query.where)
            for measure in query.measures
            if measure.derive == "percent" and len(measure.of) == _TWO
            for part, of in [[_of(query, name) for name in measure.of]]
            if part is not None and of is not None
            for test in part.where
            if test not in (*of.where, *query.where)
        )

    def _amounts(self, words: Sequence[str]) -> Iterator[str]:
        """The amounts that the first phrase may be."""
        key = tuple(stem(word) for word in words)
        for start in range(_SKIPPED):
            for size in range(_LONGEST, 0, -1):
                stretch = reduced(key[start : start + size])
                found = [self._amount(one) for one in _meanings(self._phrases, stretch)]
                if any(found):
                    yield from filter(None, found)
                    return

    def _amount(self, meaning: Meaning) -> str:
        match meaning:
            case MetricWord(metric=name):
                return name if self._catalogue.metrics[name].kind in _AMOUNTS else ""
            case FieldWord(entity=entity, field=field):
                known = self._catalogue.entities[entity].fields[field]
                return f"{entity}.{field}" if known.kind in _AMOUNTS else ""
            case _:
                return ""

    def _is_rate(self, measure: Measure | None) -> bool:
        metric = self._catalogue.metrics.get(measure.metric) if measure is not None else None
        return metric is not None and metric.kind in ("percent", "ratio")

    def _called(self, measure: Measure | None) -> frozenset[str]:
        """A measure by its metric and the field that it adds up."""
        if measure is None:
            return frozenset()
        metric = self._catalogue.metrics.get(measure.metric)
        added = re.fullmatch(r"sum\((\w+)\)", metric.value) if metric else None
        field = {f"{metric.entity}.{added[1]}"} if metric and added else set()
        return frozenset({measure.metric, measure.field.split("/")[-1], *field} - {""})


def _of(query: MetricQuery, name: str) -> Measure | None:
    return next((measure for measure in query.measures if measure.name == name), None)


def _meanings(phrases: Phrases, stretch: tuple[str, ...]) -> tuple[Meaning, ...]:
    return phrases.get(stretch) if stretch else ()
