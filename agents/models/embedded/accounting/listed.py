"""Columns that a question lists one after the other, and figures that it ranks by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import TypeAlias

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing, entity_of
from agents.models.embedded.lexicon import CatalogueHolder
from agents.models.embedded.masked import Spot
from agents.models.embedded.text import singular
from tools.metrics.query import Measure, MetricQuery, ValueTest

Words: TypeAlias = frozenset[str]
Named: TypeAlias = frozenset[Words]
"""What a column may be called, each name by the stems of its words."""

_BETWEEN = frozenset({",", "and", "/"})
_CLOSES = frozenset({".", "?", ";", ":", "(", ")", "-", "–"})
_OPENS = frozenset({"with", "show", "need", "give", "including", "want", "list", "plus", "what", "which"})
_LACKS = frozenset({"lacking", "missing", "without", "no", "not", "lack", "lacks", "neither", "empty"})
"""In front of them fields are a condition."""
_LITTLE = frozenset({"the", "a", "its", "their", "our", "each", "also", "pls", "please", "me"})
_LEAST_KNOWN = 2
"""Columns of a list that are shown, from which on its other parts are columns as well."""
_NEAR = 5
"""Words within which the figure stands that something is the most of."""


def listed(question: Asked, doing: Doing) -> Iterator[Left]:
    """`product, ordered, received, unit price`: what the records have by that name is no column."""
    if doing.looks_up or question.language != "en" or len(doing.queries) != 1:
        return
    holder = CatalogueHolder(doing.catalogue)
    shown = _shown(doing.queries[0], doing, holder)
    known = frozenset(name for entity in doing.touched for name in _names_of(entity, holder))
    for parts in _lists(question.spots):
        lacking = [(spots, words) for spots, words in parts if not any(_tells(each, words) for each in shown)]
        if len(parts) - len(lacking) < _LEAST_KNOWN:
            continue
        for spots, words in lacking:
            if words in known or (len(spots) == 1 and _is_untold(spots[0], doing)):
                yield Left("columns", tuple(spot.text for spot in spots))


def _is_untold(spot: Spot, doing: Doing) -> bool:
    """True for `bike` in `number, bike and quantity`, where no column says which bike it is."""
    kinds = {meaning.entity for meaning in spot.meanings if meaning.field in _CLASSES}
    return bool(kinds) and not kinds & doing.told


def counted_alone(question: Asked, doing: Doing) -> Iterator[Left]:
    """`number of orders scrapped for that reason, and pieces`: the orders alone are counted."""
    if doing.looks_up or question.language != "en" or doing.figures != 1 or doing.grouped:
        return
    if not any(measure.count_of or measure.metric in _COUNTS for measure in doing.measures):
        return
    words = [(at, word) for at, word in enumerate(question.plain) if word and word not in _CLOSES | _LITTLE]
    if len(words) > 1 and words[-1][1] in _QUANTITIES and words[-2][1] == "and":
        yield Left("count", (question.spots[words[-1][0]].text,))


_CLASSES = frozenset({"category", "subcategory"})
_COUNTS = frozenset({"work_order_count", "purchase_order_count", "purchase_line_count"})
_QUANTITIES = frozenset({"pieces", "units", "quantity", "qty", "amount", "value"})


def unknown_among(question: Asked, doing: Doing) -> Iterator[Left]:
    """`Central, Northeast and Northwest`: one of the names that stand side by side is not known."""
    if doing.looks_up or question.language != "en":
        return
    spots = question.spots
    for at in range(1, len(spots) - 1):
        spot, before, then = spots[at], spots[at - 1], spots[at + 1]
        if before.word not in _BETWEEN | {"(", ":"} or then.word not in _BETWEEN | {")"}:
            continue
        if spot.meanings or spot.word.isupper() or not spot.text[:1].isupper():
            continue
        beside = [spots[place] for place in (at - 4, at - 2, at + 2, at + 4) if 0 <= place < len(spots)]
        if sum(bool(_values(one) & doing.values) for one in beside) >= _LEAST_KNOWN:
            yield Left("names", (spot.text,))


def _values(spot: Spot) -> frozenset[str]:
    return frozenset(value for meaning in spot.meanings for value in meaning.values if spot.word.isupper())


def ranked_by(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the month with the highest subtotal`: the first by another of the figures is shown."""
    if doing.looks_up or question.language != "en" or len(doing.queries) != 1:
        return
    (query,) = doing.queries
    cut = query.extreme or query.limit is not None or query.output != "rows"
    if not cut or not query.order:
        return
    holder = CatalogueHolder(doing.catalogue)
    first = {one.name: _of_measure(one, doing, holder) for one in query.measures if not one.hidden}
    ranked = first.pop(query.order[0].by, None)
    if ranked is None:
        return
    by = next(one for one in query.measures if one.name == query.order[0].by)
    # `highest minutes per planned minute` begins with what the ratio is of.
    ranked = ranked.union(*(first.get(name, frozenset()) for name in by.of[:1]))
    for cue in question.cues("superlative"):
        words = _stems(question.spots[cue.after : cue.after + _NEAR])
        # `share of received pieces rejected`: what it is a share of is not what is ranked.
        stretch = words[: words.index("of")] if "of" in words else words
        if _begins(stretch, ranked) or not any(_begins(stretch, each) for each in first.values()):
            continue
        yield Left("ranking", (cue.words,))


def ends_alone(question: Asked, doing: Doing) -> Iterator[Left]:
    """`what is the longest lead time`: all of them are listed, and not that one alone."""
    if doing.looks_up or question.language != "en" or not doing.grouped or doing.has_end:
        return
    for cue in question.cues("superlative"):
        words = question.plain[max(0, cue.first - 2) : cue.first]
        after = question.plain[cue.after] if cue.after < len(question.plain) else ""
        if words in _ONE_IS and after and singular(after) == after and after not in _NOT_ONE:
            yield Left("ranking", (cue.words,))


_ONE_IS = frozenset(product(("is", "was", "s", "whats"), ("the", "our")))
_NOT_ONE = frozenset({"first", "to", ",", "and", "on", "at"})


def _lists(spots: Sequence[Spot]) -> Iterator[list[tuple[Sequence[Spot], Words]]]:
    """The parts between the commas of each stretch that has some, with the stems of their words."""
    begin = 0
    for at in range(len(spots) + 1):
        if at < len(spots) and spots[at].word not in _CLOSES:
            continue
        stretch = spots[begin:at]
        begin = at + 1
        if any(spot.word == "," for spot in stretch) and all(spot.word not in _LACKS for spot in stretch):
            parts = list(_parts(stretch))
            yield [(part, _of(part)) for part in parts if part]


def _parts(stretch: Sequence[Spot]) -> Iterator[Sequence[Spot]]:
    begin = 0
    for at in range(len(stretch) + 1):
        if at == len(stretch) or stretch[at].word in _BETWEEN:
            part = stretch[begin:at]
            opened = next((i for i in range(len(part) - 1, -1, -1) if part[i].word in _OPENS), -1)
            yield [spot for spot in part[opened + 1 :] if spot.word not in _LITTLE]
            begin = at + 1


def _of(spots: Sequence[Spot]) -> Words:
    return frozenset(_stems(spots))


def _stems(spots: Sequence[Spot]) -> tuple[str, ...]:
    return tuple(singular(spot.word) if spot.word.isalpha() else spot.word for spot in spots)


def _begins(stretch: Sequence[str], named: Named) -> bool:
    """True where the words begin with one of the names, two others before it at most."""
    return any(
        frozenset(stretch[skip : skip + len(words)]) == words
        for words in named
        for skip in range(3)
        if skip + len(words) <= len(stretch)
    )


def _tells(name: Words, words: Words) -> bool:
    return bool(words) and (words <= name or name <= words)


def _shown(query: MetricQuery, doing: Doing, holder: CatalogueHolder) -> Named:
    """What the columns of a query may be called, and the fields that a condition gives a value."""
    found: set[Words] = set()
    for test in doing.periods:
        # `subtotal, order date`: by which day a period is meant.
        dates = doing.catalogue.entities[test.entity].dates if test.entity else {}
        found |= {_phrase(words) for words in dates[test.role].words} if test.role in dates else set()
    paths = [*query.show, *(each.path for each in query.by if each.path)]
    paths += [test.path for test in doing.tests if isinstance(test, ValueTest) and len(test.values) == 1]
    for path in paths:
        entity, _, name = path.split("/")[-1].partition(".")
        found |= _field(entity, name, holder)
        known = doing.catalogue.entities.get(entity)
        if known is not None and name in (known.name, known.key, known.code):
            found |= _entity(entity, holder)
    for name in (query.rows_of, *(each.entity for each in query.by)):
        found |= _entity(name, holder) if name else frozenset()
    for measure in query.measures:
        found |= _of_measure(measure, doing, holder)
    return frozenset(found)


def _of_measure(measure: Measure, doing: Doing, holder: CatalogueHolder) -> Named:
    if measure.metric in doing.catalogue.metrics:
        metric = doing.catalogue.metrics[measure.metric]
        return frozenset(map(_phrase, (metric.label, *metric.words)))
    if measure.field:
        return _field(entity_of(measure.field), measure.field.rpartition(".")[2], holder)
    if measure.count_of:
        return _entity(measure.count_of, holder)
    return frozenset({_phrase(measure.label)} if measure.label else ())


@lru_cache(maxsize=2048)
def _field(entity: str, name: str, holder: CatalogueHolder) -> Named:
    known = holder.catalogue.entities.get(entity)
    field = holder.catalogue.fields_of(entity).get(name) if known else None
    return frozenset(map(_phrase, (field.label, *field.words))) if field else frozenset()


@lru_cache(maxsize=256)
def _entity(name: str, holder: CatalogueHolder) -> Named:
    """What records of a kind are called, and their name, number and id."""
    known = holder.catalogue.entities.get(name)
    if known is None:
        return frozenset()
    own = [_field(name, each, holder) for each in (known.name, known.key, known.code, "number") if each]
    called = map(_phrase, (known.singular, known.plural, *known.words))
    return frozenset(called).union(*own)


@lru_cache(maxsize=256)
def _names_of(entity: str, holder: CatalogueHolder) -> Named:
    """What the fields of a kind of record are called."""
    fields = holder.catalogue.fields_of(entity)
    return frozenset(words for name in fields for words in _field(entity, name, holder))


def _phrase(text: str) -> Words:
    return frozenset(map(singular, text.lower().replace("(", " ").replace(")", " ").split()))
