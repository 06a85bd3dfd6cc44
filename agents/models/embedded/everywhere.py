"""Totals over everything: `worth at all locations together` has one row, and none for each location."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from agents.models.embedded.lexicon import CatalogueHolder
from agents.models.embedded.masked import Masked
from agents.models.embedded.text import singular, stem
from tools.metrics.catalogue import Catalogue, EntityField
from tools.metrics.query import Grouping, MetricQuery

_OVER = frozenset({"over", "across", "through", "throughout"})
_AT = frozenset({"at", "in", "on", "from", "of", "for", "with"})
_ALL = frozenset({"all", "every", "any", "whole", "entire", "whatever"})
_WHICHEVER = frozenset({"any", "whatever"})
_OPENS = frozenset({",", "(", ";", ".", ":", "-", "–"})
_CLOSES = _OPENS | {")", "?", "!", "and", "or"}
_ONCE = frozenset({"once", "one", "equally", "same"})
_COUNTS = frozenset({"count", "counts", "counted", "counting"})
_OR = frozenset({"or", "/"})
_SEPARATE = re.compile(
    r"\b(?:each|split|separately|apart|respective(?:ly)?|versus|compare|compared|broken|breakdown|both"
    r"|more|less|fewer|higher|lower|larger|greater|bigger|better|worse|which|whether|than)\b"
)
_TOLD_APART = re.compile(rf"{_SEPARATE.pattern}|\b(?:per|by)\b")
_BETWEEN = frozenset({"the", "our", "of", "their", "its", "single"})
_TOGETHER = re.compile(
    r"\b(?:everything|altogether|in total|in all(?! \w)|all in all|overall|together|combined|total|summed|sum"
    r"|added up|all told|as a whole|one (?:figure|number|total))\b"
)
_APART = re.compile(
    r"\b(?:each(?= (?:one|of them|of these)\b|\W*$)|split|break|broken|breakdown|list(?! prices?\b)"
    r"|rank|ranked|which|respective|respectively|separately|one by one)\b"
)
_BEFORE = 4
"""Words before a name in which it may be said that all of them are meant."""
_LONGEST = 3
_TWO = 2


class Everywhere:
    """Takes groups away where a question names their kind only to say that all of them are meant."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._holder = CatalogueHolder(catalogue)

    def summed(self, query: MetricQuery, question: Masked) -> MetricQuery:
        """The query without a group whose kind stands only in words like `over all locations`."""
        if question.language != "en" or query.output != "rows" or query.rows_of:
            return query
        if len(query.by) > 1:
            return self._fewer(query, question)
        if len(query.by) != 1 or query.extreme or query.limit or query.having:
            return query
        if not self._is_whole(query.by[0], question):
            return query
        return query.model_copy(update={"by": (), "order": ()})

    def _fewer(self, query: MetricQuery, question: Masked) -> MetricQuery:
        """The query without groups that stand in a remark of their own: `top ten items, every PO status`."""
        words = question.words
        kept = tuple(group for group in query.by if not self._is_remark_alone(group, words))
        return query.model_copy(update={"by": kept}) if kept and kept != query.by else query

    def _is_remark_alone(self, group: Grouping, words: tuple[str, ...]) -> bool:
        said = list(self._named(group, words))
        if not said:
            return self._is_either(group, words, _SEPARATE)
        category = self._is_category(group)
        return all(
            _quantified(words, at) == "over"
            or _is_remark(words, at, end, category=category)
            or _is_taken(words, at, _ALL if category else _ALL - {"every"})
            for at, end in said
        )

    def _is_either(self, group: Grouping, words: tuple[str, ...], apart: re.Pattern[str]) -> bool:
        """True for `pending or approved orders`: that says which of them, and tells nothing apart."""
        field = self._field(group)
        if field is None or apart.search(" ".join(words)):
            return False
        values = {tuple(map(stem, said.split())) for each in field.values.values() for said in each}
        stems = [stem(word) for word in words]
        either = (at for at, word in enumerate(words) if word in _OR)
        return any(
            any(tuple(stems[at - size : at]) in values for size in range(1, _LONGEST + 1))
            and any(tuple(stems[at + 1 : at + 1 + size]) in values for size in range(1, _LONGEST + 1))
            for at in either
        )

    def _field(self, group: Grouping) -> EntityField | None:
        owner, _, name = group.path.split("/")[-1].partition(".")
        known = self._holder.catalogue.entities.get(owner)
        return known.fields.get(name) if known else None

    def _is_category(self, group: Grouping) -> bool:
        """True for a status and the like: `every status` says which records count."""
        field = self._field(group)
        return field is not None and field.kind == "category"

    def _is_whole(self, group: Grouping, question: Masked) -> bool:
        words, text = question.words, " ".join(question.words)
        if group.path and self._is_either(group, words, _TOLD_APART):
            return True
        category = self._is_category(group)
        said = [
            "over"
            if _is_remark(words, at, end, category=category)
            or _is_taken(words, at, _ALL if category else _WHICHEVER)
            else _quantified(words, at)
            for at, end in self._named(group, words)
        ]
        if not said or not all(said) or _APART.search(text):
            return False
        return all(each == "over" for each in said) or bool(_TOGETHER.search(text))

    def _named(self, group: Grouping, words: tuple[str, ...]) -> Iterator[tuple[int, int]]:
        """Where the kind of group is named: the first word, and the one after."""
        phrases = _called(group.entity, group.path.split("/")[-1], group.grain, self._holder)
        stems = [singular(word) for word in words]
        at = 0
        while at < len(stems):
            size = next((n for n in range(_LONGEST, 0, -1) if tuple(stems[at : at + n]) in phrases), 0)
            if size:
                yield at, at + size
            at += size or 1


@lru_cache(maxsize=256)
def _called(entity: str, path: str, grain: str, holder: CatalogueHolder) -> frozenset[tuple[str, ...]]:
    """What such groups are called, in the singular."""
    known = holder.catalogue.entities
    texts = [grain]
    if entity in known:
        texts += [known[entity].singular, *known[entity].words]
    owner, _, name = path.partition(".")
    if owner in known and name in known[owner].fields:
        texts += [known[owner].fields[name].label, *known[owner].fields[name].words]
    return frozenset(tuple(singular(word) for word in text.split()) for text in texts if text)


def _is_remark(words: tuple[str, ...], first: int, end: int, *, category: bool) -> bool:
    """True for `, any status` and `(all locations)`: nothing is told apart by them."""
    if _is_once(words, first, end):
        return True
    before = _before(words, first)
    ends = not words[end : end + 1] or words[end] in _CLOSES
    if not ends or not before or before[-1] not in _ALL:
        return False
    if before[-1] in _WHICHEVER:
        return True
    if len(before) < _TWO or before[-2] not in _OPENS:
        return False
    # `Stock value, all locations` may want them one by one, `, every location` does.
    aside = words[end : end + 1] == (")",) or words[end : end + 2] == (",", "and")
    return category or (before[-1] != "every" and aside)


def _is_taken(words: tuple[str, ...], first: int, taking: frozenset[str]) -> bool:
    """True for `by account, all cost centres`, where `all` is among the words that take them together."""
    before = _before(words, first)
    return before[-2:-1] == [","] and before[-1] in taking


def _before(words: tuple[str, ...], first: int) -> list[str]:
    return [word for word in words[max(0, first - _BEFORE) : first] if word not in _BETWEEN]


def _is_once(words: tuple[str, ...], first: int, end: int) -> bool:
    """True for `each product counting once`: that says how a mean is taken."""
    after = words[end : end + _BEFORE]
    return (
        words[first - 1 : first] in (("each",), ("every",), ("all",))
        and not _COUNTS.isdisjoint(after)
        and not _ONCE.isdisjoint(after)
    )


def _quantified(words: tuple[str, ...], at: int) -> str:
    """`over` for `over all locations`, `at` for `at every location`; empty where not all are meant."""
    before = _before(words, at)
    if len(before) < _TWO or before[-1] not in _ALL:
        return ""
    if before[-2] in _OVER:
        return "over"
    return "at" if before[-2] in _AT else ""
