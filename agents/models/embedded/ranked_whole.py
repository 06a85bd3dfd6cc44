"""All rows where a question asks for the first, and then for each: `Which uses most? kWh per cost centre`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.models.embedded.masked import Masked
from agents.models.embedded.text import stem
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import MetricQuery

_ENDS = frozenset({"?", ".", ":", ";", "-", "–"})
_EACH = frozenset({"per", "by", "each", "every"})
_ORDERED = frozenset({"order", "top", "first", "rank", "sort", "descend", "worst", "best", "most", "highest"})
_OTHERWISE = frozenset({
    "only", "just", "one", "single", "not", "no", "never", "without", "except", "exclude", "excluding",
    "we", "i", "it",
})  # fmt: skip
"""What asks for less than all rows, or says how they are reckoned."""
_BEHIND = frozenset({
    "for", "in", "of", "at", "with", "during", "since", "and", "please", "pls", "then", "from", "as",
    "on", "period", "day",
})  # fmt: skip
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
    if not _OTHERWISE.isdisjoint(rest) or not _says_each(rest, _called(query, catalogue)):
        return query
    return query.model_copy(update={"extreme": False, "limit": None})


def _says_each(words: Sequence[str], called: frozenset[str]) -> bool:
    """True for `per cost centre` and `for each plant` where the rows are such."""
    return any(
        word in _EACH
        and any(stem(then) in called and _ends(words, at + 1 + near) for near, then in _after(words, at))
        for at, word in enumerate(words)
    )


def _after(words: Sequence[str], at: int) -> Iterator[tuple[int, str]]:
    return enumerate(words[at + 1 : at + _NEAR])


def _ends(words: Sequence[str], at: int) -> bool:
    """False for `material` in `by material group`."""
    behind = words[at + 1] if at + 1 < len(words) else "."
    return not behind.isalpha() or behind.isupper() or behind in _BEHIND


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
