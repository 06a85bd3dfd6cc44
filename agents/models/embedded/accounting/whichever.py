"""What a question takes whatever it is: `any status`. A plan that takes only some of it is the contrary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing
from agents.models.embedded.masked import Spot
from agents.models.embedded.text import singular
from tools.metrics.catalogue import EntityField
from tools.metrics.query import Filter, NamedTest, ValueTest

_ALL = frozenset({"any", "every", "all", "whatever", "whichever"})
_REGARDLESS = (("regardless", "of"), ("irrespective", "of"), ("independent", "of"), ("no", "matter"))
_BETWEEN = frozenset({"the", "our", "their", "its", "of", "which", "what", "purchase", "order", "work", "po"})
_SOME = frozenset({"without", "not", "never", "no", "have", "has", "had", "having", "with", "there"})
"""Before `any` they ask whether there is some."""
_EXCEPT = frozenset({"except", "but", "other", "excluding", "without", "apart", "aside", "minus", "not"})
_NEAR = 4


def whichever(question: Asked, doing: Doing) -> Iterator[Left]:
    """`purchase orders of any status`, of which a plan takes the open ones."""
    if question.language != "en":
        return
    words = [spot.word for spot in question.spots]
    taken = [
        at for at in range(len(words)) if _is_any(words, at) and _EXCEPT.isdisjoint(words[at + 1 : at + 2])
    ]
    for test in doing.tests if taken else ():
        entity, name, formula = _of(test, doing)
        field = doing.catalogue.entities[entity].fields.get(name) if entity else None
        fields = doing.catalogue.entities[entity].fields if entity else {}
        about = [field] if field else [each for column, each in fields.items() if _names(formula, column)]
        for each in about:
            called = {singular(word) for word in each.label.split()[-1:]}
            if each.kind == "category" and any(
                singular(words[at]) in called and not _begins_value(question.spots[at + 1 :], each)
                for at in taken
            ):
                yield Left("exception", (each.label,))


def _begins_value(spots: Sequence[Spot], field: EntityField) -> bool:
    """True after `status` in `all orders status pending`: it is that one alone."""
    said = " ".join(spot.text.lower() for spot in spots[:_NEAR]) + " "
    called = {word.lower() for each, words in field.values.items() for word in (each, *words)}
    return any(said.startswith(f"{word} ") for word in called)


def _is_any(words: list[str], at: int) -> bool:
    before = words[max(0, at - _NEAR) : at]
    while before and before[-1] in _BETWEEN and tuple(before[-2:]) not in _REGARDLESS:
        before.pop()
    if before[-1:] == ["any"] and not _SOME.isdisjoint(before[-2:-1]):
        return False
    return bool(before) and (before[-1] in _ALL or tuple(before[-2:]) in _REGARDLESS)


def _of(test: Filter, doing: Doing) -> tuple[str, str, str]:
    """The kind of record that a condition is about, its field, or its formula."""
    match test:
        case ValueTest():
            entity, _, name = test.path.split("/")[-1].partition(".")
            return entity, name, ""
        case NamedTest():
            return test.entity, "", doing.catalogue.entities[test.entity].conditions[test.condition].sql
        case _:
            return "", "", ""


def _names(formula: str, column: str) -> bool:
    return bool(re.search(rf"\b{column}\b", formula))
