"""Which day counts for what is known when orders end: those scrapped on in March were finished in it."""

from __future__ import annotations

import re
from functools import lru_cache

from agents.models.embedded.accounting.cues import Asked, Cue
from agents.models.embedded.encoder import SEPARATOR
from agents.models.embedded.lexicon import CatalogueHolder
from agents.models.embedded.masked import Masked
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import AnyTest, DateTest, Filter, Grouping, Measure, MetricQuery

_KNOWN_THEN = re.compile(r"\b(?:scrapped|stocked|cycle_days)\b")
"""Fields of an order that are filled when it is finished."""
_BEFORE = frozenset({"due", "start"})
"""How the turn before was read, where it was about another day."""
_LATE = re.compile(r"\b(?:end_on|late_days)\b")
_OTHER_DAYS = ("due", "started", "released")
"""Words that say that another day is meant."""
_ENDED = "end"


class AtTheEnd:
    """Takes the day on which orders were finished for figures that are known only then."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._holder = CatalogueHolder(catalogue)

    def dated(self, query: MetricQuery, question: Masked) -> MetricQuery:
        """The query; a period or month without a day of its own is that in which the orders were finished."""
        words = question.words
        if SEPARATOR in words and not _BEFORE.isdisjoint(words[words.index(SEPARATOR) :]):
            return query
        asked = Asked(question)
        if any(not _held_against(asked, cue) for kind in _OTHER_DAYS for cue in asked.dated(kind)):
            return query
        if not self._known_then(query, said=bool(asked.dated("finished"))):
            return query
        return query.model_copy(
            update={
                "where": tuple(map(_ended, query.where)),
                "by": tuple(map(_by_end, query.by)),
                "measures": tuple(
                    one.model_copy(update={"where": tuple(map(_ended, one.where))}) for one in query.measures
                ),
            }
        )

    def undated(self, query: MetricQuery) -> MetricQuery:
        """The query as it is said of a turn before, which the network knows without that day."""
        if not self._known_then(query, said=True):
            return query
        where = tuple(
            one.model_copy(update={"role": ""}) if isinstance(one, DateTest) and one.role == _ENDED else one
            for one in query.where
        )
        return query.model_copy(update={"where": where})

    def _known_then(self, query: MetricQuery, *, said: bool) -> bool:
        """True where what is measured is scrapped or finished pieces, or the time until then, of orders.

        Whether they came late is so only of those that are `finished in March` in so many words: they may
        as well have been due in it.
        """
        figures, lateness, counts = _of_ends(self._holder)
        figures = figures | lateness if said else figures
        shown = [one for one in query.measures if not one.derive]
        if query.rows_of or not any(one.metric in figures for one in shown):
            return False
        return all(one.metric in figures or self._counts(one, counts) for one in shown)

    def _counts(self, measure: Measure, entities: frozenset[str]) -> bool:
        metric = self._holder.catalogue.metrics.get(measure.metric)
        return (measure.count_of or (metric.entity if metric else "")) in entities


def _held_against(asked: Asked, cue: Cue) -> bool:
    """True in `finished after their due date`: that day is compared with, and the period is of another."""
    before = asked.plain[max(0, cue.first - _NEAR) : cue.first]
    at = next((at for at in range(len(before) - 1, -1, -1) if before[at] not in _ARTICLES), None)
    return at is not None and before[at] in _AGAINST


_NEAR = 5
_ARTICLES = frozenset({
    "the", "their", "its", "our", "a", "date", "la", "su", "sus", "de", "fecha", "leur", "l", "d", "ihrem",
    "dem",
})  # fmt: skip
_AGAINST = frozenset({
    "after", "before", "past", "than", "nach", "vor", "despues", "tras", "antes", "apres", "avant",
})  # fmt: skip
"""Words before a day that others are held against."""


def known_at_the_end(catalogue: Catalogue) -> frozenset[str]:
    """Metrics whose period is that in which orders were finished, where nobody names another day."""
    return _of_ends(CatalogueHolder(catalogue))[0]


@lru_cache(maxsize=8)
def _of_ends(holder: CatalogueHolder) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Metrics that are known when an order ends, those of whether it was late, and the entities of both."""
    catalogue = holder.catalogue
    entities = frozenset(
        name
        for name, entity in catalogue.entities.items()
        if _ENDED in entity.dates and entity.default_date not in ("", _ENDED)
    )
    formulas = {
        name: " ".join((metric.value, metric.numerator, metric.filter))
        for name, metric in catalogue.metrics.items()
        if metric.entity in entities
    }
    figures = frozenset(name for name, formula in formulas.items() if _KNOWN_THEN.search(formula))
    lateness = frozenset(name for name, formula in formulas.items() if _LATE.search(formula))
    return figures, lateness, entities


def _ended(test: Filter) -> Filter:
    match test:
        case DateTest(role=""):
            return test.model_copy(update={"role": _ENDED})
        case AnyTest():
            return test.model_copy(update={"of": tuple(map(_ended, test.of))})
        case _:
            return test


def _by_end(group: Grouping) -> Grouping:
    return group.model_copy(update={"role": _ENDED}) if group.grain and not group.role else group
