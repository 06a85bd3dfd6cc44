"""Labelled utterances: questions for the catalogue, for the look-up tools, and some that nothing here can
answer."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import yaml

from agents.models.embedded.labels import labels_of
from agents.models.embedded.learned import normalised, reading_words
from agents.models.embedded.training.noise import noisy
from agents.models.embedded.training.phrases import Phrases
from agents.models.embedded.training.shapes import Shapes
from tools.metrics.catalogue import Catalogue

_OTHER = Path(__file__).with_name("other.yaml")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_TRAILING = ("in PERIOD", "PERIOD", "please", "of MATERIAL", "for CATEGORY")


@dataclass(frozen=True, slots=True)
class Utterance:
    """A masked question's words with what they mean."""

    words: tuple[str, ...]
    frame: str
    entity: str
    labels: frozenset[str]
    reading: tuple[str, ...]
    """The meaning in words; empty for look-ups and what cannot be answered."""


class _Tool(TypedDict):
    entity: str
    asks: list[str]


class _Other(TypedDict):
    lookups: dict[str, _Tool]
    unanswerable: list[str]


def other() -> _Other:
    """Templates of look-ups and of what cannot be answered."""
    found: _Other = yaml.safe_load(_OTHER.read_text(encoding="utf-8"))
    return found


def utterances(catalogue: Catalogue, seed: int, many: int) -> Iterator[Utterance]:
    """So many utterances; the same for the same seed and catalogue."""
    chance = random.Random(seed)
    shapes = Shapes(Phrases(catalogue, chance))
    rest = other()
    made = 0
    while made < many:
        roll = chance.random()
        if roll < 0.09:
            yield _unanswerable(rest["unanswerable"], chance)
        elif roll < 0.20:
            yield _lookup(rest["lookups"], chance)
        else:
            asked = shapes.one()
            if asked is None:
                continue
            labels = labels_of(asked.query, catalogue)
            words = normalised(noisy(asked.words, chance))
            yield Utterance(
                words,
                labels.frame,
                labels.entity,
                frozenset(labels.all()),
                normalised(reading_words(asked.query, catalogue)),
            )
        made += 1


def _unanswerable(templates: list[str], chance: random.Random) -> Utterance:
    text = _filled(chance.choice(templates), chance)
    if chance.random() < 0.2:
        text = f"{text} {chance.choice(_TRAILING)}"
    if chance.random() < 0.25 and not text.startswith(("wh", "how", "tell", "hello")):
        text = f"{chance.choice(('what is the', 'what are the', 'show me the', 'give me', 'do we know the', 'list'))} {text}"
    return Utterance(normalised(noisy(text, chance)), "unanswerable", "", frozenset(), ())


def _lookup(tools: dict[str, _Tool], chance: random.Random) -> Utterance:
    name = chance.choice(sorted(tools))
    text = _filled(chance.choice(tools[name]["asks"]), chance)
    return Utterance(
        normalised(noisy(text, chance)), f"lookup:{name}", tools[name]["entity"], frozenset(), ()
    )


def _filled(template: str, chance: random.Random) -> str:
    while found := _CHOICE.search(template):
        template = template[: found.start()] + chance.choice(found[1].split("|")) + template[found.end() :]
    return template
