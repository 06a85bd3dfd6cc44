"""All rows where a question asks for the first, and then for each: `Which uses most? kWh per cost centre`."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.masked import Masked
from agents.models.embedded.text import stem
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import MetricQuery

_ENDS = frozenset({"?", ".", ":", ";", "-", "–"})
_EACH = frozenset({"per", "by", "each", "every"})
_ORDERED = frozenset({"order", "top", "first", "rank", "sort", "descend", "worst", "best", "most", "highest"})
_NEAR = 4


def all_of_them(query: MetricQuery, question: Masked, catalogue: Catalogue) -> MetricQuery:
    """The query with all of its groups, largest or smallest first, where a second sentence asks for each."""
    if question.language != "en" or not query.by or not query.order or query.output != "rows":
        return query
    if not (query.extreme or query.limit == 1) or query.having:
        return query
    words = [spot.word.lower() for spot in question.spots]
    end = next((at for at, word in enumerate(words) if word == "?"), len(words))
    if not words or words[0] not in ("which", "what", "who", "where") or not _ENDS.isdisjoint(words[:end]):
        return query
    rest = words[end + 1 :]
    if any(spot.word == "NUMBER" for spot in question.spots[end + 1 :]) or not _ORDERED.isdisjoint(
        map(stem, rest)
    ):
        return query
    if not _says_each(rest, _called(query, catalogue)):
        return query
    return query.model_copy(update={"extreme": False, "limit": None})


def _says_each(words: Sequence[str], called: frozenset[str]) -> bool:
    """True for `per cost centre` and `for each plant` where the rows are such."""
    return any(
        word in _EACH and not called.isdisjoint(map(stem, words[at + 1 : at + _NEAR]))
        for at, word in enumerate(words)
    )


def _called(query: MetricQuery, catalogue: Catalogue) -> frozenset[str]:
    """The last word of each name of what the rows are."""
    names: list[str] = []
    for group in query.by:
        entity = catalogue.entities.get(group.entity)
        if entity is not None:
            names += [entity.singular, *entity.words]
        owner, _, name = group.path.rpartition("/")[2].partition(".")
        known = catalogue.entities.get(owner)
        if known is not None and name in known.fields:
            names += [known.fields[name].label, *known.fields[name].words]
        names += [group.grain] if group.grain else []
    return frozenset(stem(name.split()[-1]) for name in names if name)
