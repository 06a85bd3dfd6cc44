"""Phrases for everything that the catalogue names: its own words and how people say it, in speakable
forms."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypedDict

import yaml

from tools.metrics.catalogue import Catalogue

_SPOKEN = Path(__file__).with_name("spoken.yaml")
_COUNTED = frozenset(
    [
        "unit",
        "piece",
        "part",
        "order",
        "job",
        "vendor",
        "supplier",
        "material",
        "item",
        "product",
        "line",
        "day",
        "component",
        "location",
        "currency",
        "account",
        "record",
        "transaction",
        "movement",
        "posting",
        "sku",
        "article",
        "assembly",
        "model",
        "organisation",
        "company",
        "receipt",
        "reject",
    ]
)
_STAYS = frozenset(
    {"per", "each", "a", "an", "one", "every", "single", "purchase", "work", "sales", "production"}
)
_BEFORE = re.compile(
    r"^(with|without|in|on|under|below|above|over|at|under|behind|for|past|off|out|ahead|beyond)\b"
)
_CLAUSE = re.compile(r"^(whose|that|where|we|nobody|of which|which)\b")
_HAVE = re.compile(
    r"^(have|has|had|got|lack|do|does|did|own|supply|hold|go|goes|went|charge|need|were|was|cost)\b"
)
_LACK = re.compile(r"^(no|zero|nothing|not a|not one|non zero|positive)\b")


class _Said(TypedDict, total=False):
    says: list[str]
    asks: list[str]


class _Spoken(TypedDict):
    entities: dict[str, list[str]]
    metrics: dict[str, _Said]
    conditions: dict[str, list[str]]
    flags: dict[str, dict[str, list[str]]]
    values: dict[str, list[str]]
    fields: dict[str, list[str]]


def plural(noun: str) -> str:
    """The plural of a noun phrase without complement."""
    head, _, rest = noun.partition(" of ")
    if rest:
        return f"{plural(head)} of {rest}"
    for joint in (" to ", " with ", " we ", " in ", " from ", " placed "):
        if joint in noun:
            head, _, rest = noun.partition(joint)
            return f"{plural(head)}{joint}{rest}"
    if noun.endswith(("s", "stuff", "money", "wip", "inventory")):
        return noun
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("ch", "sh", "x")) else "s")


def spoken(phrase: str, chance: random.Random) -> str:
    """A catalogue phrase with plurals where people would say them."""
    words = phrase.split()
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        after = words[index + 1] if index + 1 < len(words) else ""
        if word in _COUNTED and before not in _STAYS and after not in _COUNTED and chance.random() < 0.75:
            if not after or after in (
                "of",
                "in",
                "on",
                "from",
                "with",
                "did",
                "that",
                "scrapped",
                "ordered",
                "received",
                "we",
                "rejected",
            ):
                words[index] = plural(word)
    return " ".join(words)


@dataclass(frozen=True)
class Described:
    """A condition's phrase, said after its noun and, where that is possible, before it."""

    after: str
    before: str = ""


def described(phrase: str) -> Described:
    """Where a condition's phrase can stand."""
    if _BEFORE.match(phrase) or _CLAUSE.match(phrase):
        return Described(phrase)
    if _HAVE.match(phrase):
        return Described(f"that {phrase}")
    if _LACK.match(phrase):
        return Described(f"with {phrase}")
    if len(phrase.split()) <= 2:
        return Described(f"that are {phrase}", phrase)
    return Described(f"that are {phrase}")


class Phrases:
    """What to call entities, metrics, fields, conditions and values; every choice is seeded."""

    def __init__(self, catalogue: Catalogue, chance: random.Random) -> None:
        self.catalogue = catalogue
        self.chance = chance
        self._said: _Spoken = yaml.safe_load(_SPOKEN.read_text(encoding="utf-8"))
        unknown = [
            *(name for name in self._said["entities"] if name not in catalogue.entities),
            *(name for name in self._said["metrics"] if name not in catalogue.metrics),
            *(name for name in self._said["conditions"] if not self._condition_exists(name)),
        ]
        if unknown:
            raise ValueError(f"spoken.yaml names what the catalogue does not have: {', '.join(unknown)}")

    def _condition_exists(self, name: str) -> bool:
        entity, _, condition = name.partition(".")
        return entity in self.catalogue.entities and condition in self.catalogue.entity(entity).conditions

    def pick(self, own: list[str], said: list[str], share: float = 0.5) -> str:
        """One of the catalogue's words, or as people say it."""
        if said and (not own or self.chance.random() < share):
            return self.chance.choice(said)
        # The first words are the usual ones.
        return self.chance.choice(own[:2] if self.chance.random() < 0.35 else own)

    def entity(self, name: str, many: bool = True) -> str:
        """A noun for an entity."""
        entity = self.catalogue.entity(name)
        noun = self.pick([entity.singular, *entity.words], self._said["entities"].get(name, []), 0.3)
        return plural(noun) if many else noun

    @cached_property
    def _metric_words(self) -> dict[str, tuple[list[str], list[str]]]:
        found: dict[str, tuple[list[str], list[str]]] = {}
        for name, metric in self.catalogue.metrics.items():
            said = self._said["metrics"].get(name, {})
            own = [metric.label, *metric.words]
            nouns = [word for word in own if not word.startswith("how ")]
            found[name] = (nouns, [word for word in own if word.startswith("how ")] + said.get("asks", []))
        return found

    def metric(self, name: str) -> str:
        """A noun phrase for a metric."""
        own = self._metric_words[name][0]
        return spoken(self.pick(own, self._said["metrics"].get(name, {}).get("says", [])), self.chance)

    def asks(self, name: str) -> str:
        """A whole question for a metric; empty where there is none."""
        asks = self._metric_words[name][1]
        return spoken(self.chance.choice(asks), self.chance) if asks else ""

    def condition(self, entity: str, name: str) -> Described:
        """A condition's phrase."""
        condition = self.catalogue.entity(entity).conditions[name]
        own = [condition.label, *condition.words]
        return described(
            spoken(self.pick(own, self._said["conditions"].get(f"{entity}.{name}", [])), self.chance)
        )

    def field(self, entity: str, name: str) -> str:
        """A noun for a field."""
        field = self.catalogue.entity(entity).fields[name]
        return self.pick([field.label, *field.words], self._said["fields"].get(f"{entity}.{name}", []), 0.35)

    def flag(self, entity: str, name: str, holds: bool) -> Described | None:
        """A phrase for a flag that holds or fails."""
        field = self.catalogue.entity(entity).fields[name]
        own = list(field.holds if holds else field.fails)
        said = self._said["flags"].get(f"{entity}.{name}", {}).get("holds" if holds else "fails", [])
        return described(self.pick(own, said)) if own or said else None

    def value(self, entity: str, name: str, value: str) -> Described | None:
        """A phrase for a category's value."""
        own = list(self.catalogue.entity(entity).fields[name].values[value])
        said = self._said["values"].get(f"{entity}.{name}={value}", [])
        return described(self.pick(own, said)) if own or said else None

    @cached_property
    def metrics_of(self) -> dict[str, list[str]]:
        """Metrics by entity."""
        found: dict[str, list[str]] = defaultdict(list)
        for name, metric in self.catalogue.metrics.items():
            found[metric.entity].append(name)
        return dict(found)
