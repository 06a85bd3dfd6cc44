"""Flags that a plan denies while nothing in the question does: `active`, `preferred` and not active ones."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing
from agents.models.embedded.text import singular, tokenise
from tools.metrics.query import ValueTest

_DENIES = frozenset({
    "not", "no", "non", "never", "without", "neither", "nor", "none", "except", "other", "others", "rest",
    "remaining", "versus", "whether", "against", "else", "opposite", "lack", "lacking", "missing", "instead",
    "excluding", "exclude", "excluded", "ignoring", "ignore", "ignored", "skip", "skipping", "omit", "out",
    "apart", "aside", "only", "zero", "0", "false", "off", "yet", "outside", "compared", "both", "either",
    "stopped", "ceased", "former", "formerly", "previously", "once", "closed", "ended", "lost", "since",
    "used",
})  # fmt: skip


def denied(question: Asked, doing: Doing) -> Iterator[Left]:
    """`how many are active and how many preferred`, of which a plan counts what is not active."""
    if question.language != "en" or any("n't" in spot.text.lower() for spot in question.spots):
        return
    said = frozenset(
        singular(word) for spot in question.spots for word in (spot.word, *spot.text.lower().split())
    )
    if said & _DENIES:
        return
    tested = {
        (test.path.split("/")[-1], value)
        for test in doing.tests
        if isinstance(test, ValueTest)
        for value in test.values
        if isinstance(value, bool)  # a number 1 is no flag
    }
    for path in sorted(path for path, value in tested if not value):
        entity, _, name = path.partition(".")
        flags = {
            each: field
            for each, field in doing.catalogue.entities[entity].fields.items()
            if field.kind == "flag"
        }
        if name not in flags or any(_words(phrase) <= said for phrase in flags[name].fails):
            continue
        # Where a plan parts by yes and no, it is another flag that should have been counted.
        parted = (path, True) in tested
        meant = (
            [name] if not parted else [each for each in flags if not _is_tested(f"{entity}.{each}", tested)]
        )
        for field in (flags[each] for each in meant):
            if any(_words(phrase) <= said for phrase in field.holds):
                yield Left("exception", (field.label,))
                return


def _is_tested(path: str, tested: AbstractSet[tuple[str, bool]]) -> bool:
    return any(each == path for each, _ in tested)


@lru_cache(maxsize=1024)
def _words(phrase: str) -> frozenset[str]:
    return frozenset(singular(token.norm) for token in tokenise(phrase) if token.kind != "mark")
