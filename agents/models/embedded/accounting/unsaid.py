"""Conditions and groups of a plan that nothing in a question speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing, entity_of
from agents.models.embedded.lexicon import SKIPPED
from agents.models.embedded.text import singular, tokenise
from tools.metrics.catalogue import EntityField
from tools.metrics.query import Grouping, NamedTest, ValueTest

_KIND = frozenset({"flag", "category"})
_ALWAYS = frozenset({"with", "without", "any", "no", "not", "at", "least", "than", "one", "only", "whose"})
_GRAINS = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}


def unsaid(question: Asked, doing: Doing) -> int:
    """How many conditions and groups of the queries an English question has no words for."""
    said = {singular(word) for spot in question.spots for word in (spot.word, *spot.text.lower().split())}
    kinds = {meaning.entity for spot in question.spots for meaning in spot.meanings}
    fields = {f"{meaning.entity}.{meaning.field}" for spot in question.spots for meaning in spot.meanings}
    return sum(not any(_is_said(text, said) for text in texts) for texts in _spoken_of(doing, kinds, fields))


def _is_said(text: str, said: set[str]) -> bool:
    """True where more than half of the words of a phrase that mean something are said."""
    content = _content(text)
    return bool(content) and 2 * len(content & said) > len(content)


def _spoken_of(doing: Doing, kinds: set[str], fields: set[str]) -> Iterator[tuple[str, ...]]:
    """What each condition and group is called; those that names of the question stand for are left out."""
    for test in doing.tests:
        match test:
            case NamedTest():
                condition = doing.catalogue.entities[test.entity].conditions[test.condition]
                yield (condition.label, *condition.words)
            case ValueTest():
                path = test.path.split("/")[-1]
                field = _field(doing, path)
                if field is not None and field.kind in _KIND and path not in fields:
                    values = tuple(word for value in test.values for word in _called(field, value))
                    yield (field.label, *field.words, *field.holds, *field.fails, *values)
            case _:
                pass
    for query in doing.queries:
        for group in query.by:
            if texts := _of_group(doing, group, kinds):
                yield texts


def _of_group(doing: Doing, group: Grouping, kinds: set[str]) -> tuple[str, ...]:
    if group.grain:
        return (group.grain, _GRAINS.get(group.grain, ""))
    if group.path:
        field = _field(doing, group.path)
        owner = doing.catalogue.entities[entity_of(group.path)]
        if field is None:
            return ()
        values = (word for value in field.values for word in _called(field, value))
        return (field.label, *field.words, *field.holds, *field.fails, *values, owner.singular)
    known = doing.catalogue.entities.get(group.entity)
    if known is None or group.entity in kinds:
        return ()
    return (known.singular, known.plural, *known.words)


def _called(field: EntityField, value: object) -> tuple[str, ...]:
    return (str(value), *field.values.get(str(value), ()))


def _field(doing: Doing, path: str) -> EntityField | None:
    entity, _, name = path.split("/")[-1].partition(".")
    known = doing.catalogue.entities.get(entity)
    return known.fields.get(name) if known else None


@lru_cache(maxsize=4096)
def _content(text: str) -> frozenset[str]:
    nothing = SKIPPED | _ALWAYS
    words = (token.norm for token in tokenise(text) if token.kind != "mark")
    return frozenset(singular(word) for word in words if word not in nothing)
