"""What names of tables and columns mean: English, German, Spanish, French and SAP's as the same words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from itertools import product
from typing import Final, TypeAlias

import yaml

Meaning: TypeAlias = frozenset[str]
"""The things that a name speaks of."""

_VARIANTS: Final = 12
"""Meanings of one name that are looked at; a name of many ambiguous words has more."""
_JOINED: Final = 4
"""Neighbouring words that may be one: `bill of materials`."""
_SHORTEST: Final = 3
"""Of a word that may be part of a compound."""
_LONG: Final = 5
_ALIKE: Final = 0.88
"""How much a mistyped or clipped word is like the known one."""
_LINKS: Final = ("", "s", "n", "en", "es", "e")
"""What German puts between the parts of a compound."""
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_LIGHT: Final = {"id": 0.5, "number": 0.5, "code": 0.5, "name": 0.5, "date": 0.6, "flag": 0.2, "header": 0.3}
"""Words that hardly tell one column from another."""
TOKENS: Final = frozenset({"id", "number", "code", "name"})
"""Words of which nearly every table has a column."""
_FOREIGN: Final = {"modified": 2.0, "created": 1.5}
"""Words of columns that are about the row and not about the thing."""


@dataclass(frozen=True, slots=True)
class _Words:
    meanings: dict[str, tuple[Meaning, ...]]
    sap: dict[str, Meaning]
    ignored: frozenset[str]


@cache
def _words() -> _Words:
    text = resources.files("erp_adapters.connect").joinpath("words.yaml").read_text(encoding="utf-8")
    held = yaml.safe_load(text)
    meanings: dict[str, list[Meaning]] = {}
    for thing, words in held["words"].items():
        for word in dict.fromkeys(str(words).split()):
            meanings.setdefault(word.replace("-", ""), []).append(frozenset(str(thing).split()))
    things = {thing for every in held["words"] for thing in str(every).split()}
    sap = {
        str(name): frozenset().union(
            *(
                frozenset({word}) if word in things else meanings.get(word, [{word}])[0]
                for word in words.split()
            )
        )
        for name, words in held["sap"].items()
    }
    return _Words({w: tuple(m) for w, m in meanings.items()}, sap, frozenset(map(str, held["ignored"])))


def folded(text: str) -> str:
    """The text in plain letters."""
    plain = unicodedata.normalize("NFKD", text.translate(_UMLAUTS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@cache
def meanings(name: str) -> tuple[Meaning, ...]:
    """Everything that a name may mean, the likeliest first; what no word is known for keeps its text."""
    words = _words()
    plain = folded(name)
    if (known := words.sap.get(plain.upper().rpartition("-")[2].rpartition(".")[2])) is not None:
        return (known,)
    found = [word.casefold() for word in _WORDS.findall(plain)]
    readings = list(_readings(found, words.ignored))
    combined = dict.fromkeys(frozenset().union(*each) for each in _some(readings))
    return tuple(combined) or (frozenset(),)


def _some(readings: list[tuple[Meaning, ...]]) -> Iterator[tuple[Meaning, ...]]:
    for number, each in enumerate(product(*readings)):
        if number >= _VARIANTS:
            return
        yield each


def _readings(found: list[str], ignored: frozenset[str]) -> Iterator[tuple[Meaning, ...]]:
    at = 0
    while at < len(found):
        if found[at] in ignored:
            at += 1
            continue
        for length in range(min(_JOINED, len(found) - at), 0, -1):
            known = _of_word("".join(found[at : at + length]), alone=length == 1)
            if known is not None:
                yield known
                at += length
                break


@cache
def _of_word(word: str, *, alone: bool) -> tuple[Meaning, ...] | None:
    known = _words().meanings
    for form in (word, word.removesuffix("s"), word.removesuffix("es")):
        if form in known:
            return known[form]
    if not alone:
        return None
    if word.isdigit():
        return (frozenset(),)
    parts = _compound(word)
    if parts is None:
        nearly = get_close_matches(word, known, 1, _ALIKE) if len(word) >= _LONG else []
        return known[nearly[0]] if nearly else (frozenset({f"?{word}"}),)
    return tuple(dict.fromkeys(frozenset().union(*each) for each in _some([known[part] for part in parts])))


@cache
def _compound(word: str) -> tuple[str, ...] | None:
    """The fewest known words that the word is put together from; None where there are none."""
    known, best = _words().meanings, {0: ()}  # type: dict[str, tuple[Meaning, ...]], dict[int, tuple[str, ...]]
    for end in range(1, len(word) + 1):
        for start in range(end):
            if start not in best:
                continue
            for link in _LINKS:
                part = word[start:end].removesuffix(link)
                if link and part == word[start:end]:
                    continue
                short = len(part) < _SHORTEST and not (end == len(word) and part in ("id", "nr", "no"))
                if short or (part not in known and part not in _words().ignored):
                    continue
                parts = best[start] + ((part,) if part in known else ())
                if end not in best or len(parts) < len(best[end]):
                    best[end] = parts
    return best.get(len(word)) or None


def likeness(one: Meaning, other: Meaning, within: Meaning) -> float:
    """How much two names mean the same, from 0 to 1.

    Args:
        one: what a column's name means.
        other: what a field may be called.
        within: what the table's name says already, which a column need not repeat.
    """
    shared = sum(map(_weight, one & other))
    if not shared:
        return 0.0
    return 2 * shared / (_whole(one, other, within) + _whole(other, one, within))


def _whole(one: Meaning, other: Meaning, within: Meaning) -> float:
    return sum(_weight(word) * (0.15 if word in within and word not in other else 1.0) for word in one)


def _weight(word: str) -> float:
    return _LIGHT.get(word) or _FOREIGN.get(word) or 1.0


def best_likeness(name: str, phrases: Iterable[str], within: Meaning) -> float:
    """The likeness of a name to the likest of some phrases; earlier ones are a little preferred."""
    best = 0.0
    for number, phrase in enumerate(phrases):
        for one in meanings(name):
            for other in meanings(phrase):
                best = max(best, likeness(one, other, within) - 0.01 * number)
    return best
