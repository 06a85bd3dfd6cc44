"""What a language says in closed classes of words, and which English the finders know it by."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict

from tools.languages import Language

Foreign: TypeAlias = Literal["de", "es", "fr"]
FOREIGN: tuple[Foreign, ...] = ("de", "es", "fr")

_FOLDER = Path(__file__).parent
_SLOT_OR_WORD = re.compile(r"<\w+>|\w+~?|[^\w\s]")
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("ß", "ss"), ("œ", "oe"))


class Written(BaseModel):
    """A language's file as people write it: English words, and what stands for them, divided by commas.

    `~` at the end of a word stands for each of the endings; `<n>`, `<q>`, `<mm>`, `<year>`, `<yy>`,
    `<month>`, `<unit>` and `<ord>` for a number, one up to four, a month in two digits, a year, its last two
    digits, a month's name, a unit of time and an ordinal.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    endings: str
    """What `~` stands for; `-` is nothing."""
    functions: str
    """Words that hold sentences together."""
    openers: str
    """Words that a question about the turn before begins with."""
    pointing: str
    """Words that point at the turn before."""
    trade: str
    """Words of the trade by which the language is told, besides all others here."""
    false_friends: str
    """Words of this language that look like names in English and are none."""
    also_words: str
    """Words for goods and values that mean something else as well, and stay to be read."""
    suffixes: str
    """Endings of words that only this language has."""
    letters: str
    """Letters and marks that tell the language, one a piece."""
    elisions: str = ""
    """Words that lose their vowel before an apostrophe."""
    numbers: Mapping[int, str]
    """Number words up to the tens."""
    scales: Mapping[int, str]
    """Number words that multiply the one before them."""
    articles: str
    """Words for `a`, which count only before a large scale: `une million`."""
    joiners: str
    """Words inside a number: `treinta y cinco`."""
    half: str
    """The word that says 50 percent."""
    compact: Mapping[str, str]
    """Patterns of parts of a year in one word, with groups for the part and its year: `T1`, `4T25`."""
    months: Mapping[str, str]
    units: Mapping[str, str]
    ordinals: Mapping[int, str]
    periods: Mapping[str, str]
    """Words and phrases about time and quantity."""
    cues: Mapping[str, str]
    """Words for fields, beside which their values stand."""
    names: Mapping[str, str]
    """Values that data may have: colours, countries, currencies, units of measure, states."""
    goods: Mapping[str, str]
    """Nouns of the trade; alternatives in English are divided by slashes."""
    modifiers: Mapping[str, str]
    """What stands before or after such a noun, or begins a compound with it."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of the language, folded or slots, and the English for them."""

    said: tuple[str, ...]
    spelt: tuple[str, ...]
    """The same with accents: a word typed with some is only another that has them too."""
    means: tuple[str, ...]
    named: bool = False
    """True for what counts only where the data has it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A language ready to be looked up; all words are folded."""

    language: Foreign
    endings: tuple[str, ...]
    """What `~` stands for."""
    functions: frozenset[str]
    openers: frozenset[str]
    pointing: frozenset[str]
    trade: frozenset[str]
    false_friends: frozenset[str]
    also_words: frozenset[str]
    known: frozenset[str]
    """Every other word of the tables."""
    suffixes: tuple[str, ...]
    letters: frozenset[str]
    elisions: tuple[str, ...]
    numbers: Mapping[str, int]
    scales: Mapping[str, int]
    articles: frozenset[str]
    joiners: frozenset[str]
    half: frozenset[str]
    compact: tuple[tuple[re.Pattern[str], str], ...]
    months: Mapping[str, str]
    units: Mapping[str, str]
    ordinals: Mapping[str, int]
    phrases: Mapping[str, tuple[Phrase, ...]]
    """By their first word or slot, longest first."""
    goods: Mapping[str, tuple[str, ...]]
    """Single words for goods, with their English alternatives."""
    modifiers: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=50_000)
def folded(word: str) -> str:
    """A word without its accents, and with umlauts however they are typed: `für` and `fuer` are one."""
    lower = word.lower()
    for typed, plain in _UMLAUTS:
        lower = lower.replace(typed, plain)
    decomposed = unicodedata.normalize("NFD", lower)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@cache
def table(language: Language) -> Table:
    """The table of a language other than English."""
    if language == "en":
        raise ValueError("English is what the tables lead to")
    raw: dict[str, object] = {}
    for file in sorted((_FOLDER / language).glob("*.yaml")):
        raw |= yaml.safe_load(file.read_text(encoding="utf-8"))
    written = Written.model_validate(raw)
    endings = tuple("" if ending == "-" else ending for ending in written.endings.split())
    goods = _turned(written.goods, endings)
    phrases: list[Phrase] = []
    for section, named in ((written.periods, False), (written.cues, False), (written.names, True)):
        phrases += [
            Phrase(_folded(said), said, tuple(english.split()), named)
            for english, forms in section.items()
            for said in _forms(forms, endings)
        ]
    for said, alternatives in goods.items():
        phrases += [Phrase(_folded(said), said, tuple(one.split()), named=True) for one in alternatives]
    functions = _words(written.functions, endings)
    months, units = _by_word(written.months, endings), _by_word(written.units, endings)
    known = {word for phrase in phrases for word in phrase.said if word.isalpha()}
    return Table(
        language=language,
        endings=endings,
        functions=functions,
        openers=_words(written.openers, endings),
        pointing=_words(written.pointing, endings),
        trade=_words(written.trade, endings),
        false_friends=_words(written.false_friends, endings),
        also_words=_words(written.also_words, endings),
        known=frozenset((known | months.keys() | units.keys()) - functions),
        suffixes=tuple(written.suffixes.split()),
        letters=frozenset(written.letters.split()),
        elisions=tuple(written.elisions.split()),
        numbers={folded(word): value for value, forms in written.numbers.items() for word in forms.split()},
        scales={folded(word): value for value, forms in written.scales.items() for word in forms.split()},
        articles=_words(written.articles, endings),
        joiners=_words(written.joiners, endings),
        half=_words(written.half, endings),
        compact=tuple((re.compile(pattern), size) for pattern, size in written.compact.items()),
        months=months,
        units=units,
        ordinals={
            folded(said[0]): value
            for value, forms in written.ordinals.items()
            for said in _forms(forms, endings)
        },
        phrases=_by_first(phrases),
        goods={folded(said[0]): alternatives for said, alternatives in goods.items() if len(said) == 1},
        modifiers={folded(said[0]): names for said, names in _turned(written.modifiers, endings).items()},
    )


def phrases_of(section: Mapping[str, str], endings: tuple[str, ...]) -> Iterator[Phrase]:
    """Phrases by the English that they stand for, with `~` for nothing as well."""
    for english, forms in section.items():
        for said in dict.fromkeys(_forms(str(forms), tuple(dict.fromkeys(("", *endings))))):
            yield Phrase(_folded(said), said, tuple(english.split()))


def plain(word: str) -> str:
    """A word in lower case with its accents, in letters that every keyboard of the language has."""
    return word.lower().replace("ß", "ss").replace("œ", "oe")


def _folded(said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word if word.startswith("<") else folded(word) for word in said)


def _forms(forms: str, endings: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Each form of a list with its endings written out."""
    for form in forms.split(", "):
        parts = _SLOT_OR_WORD.findall(form)
        yield from product(*(_spelt(part, endings) for part in parts))


def _spelt(part: str, endings: tuple[str, ...]) -> tuple[str, ...]:
    if part.startswith("<"):
        return (part,)
    if part.endswith("~") and len(part) > 1:
        return tuple(plain(part[:-1] + ending) for ending in endings)
    return (plain(part),)


def _words(text: str, endings: tuple[str, ...]) -> frozenset[str]:
    return frozenset(folded(form) for word in text.split() for form in _spelt(word, endings))


def _by_word(section: Mapping[str, str], endings: tuple[str, ...]) -> dict[str, str]:
    return {folded(said[0]): english for english, forms in section.items() for said in _forms(forms, endings)}


def _turned(section: Mapping[str, str], endings: tuple[str, ...]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """The English alternatives of each form."""
    found: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for english, forms in section.items():
        for said in _forms(forms, endings):
            found[said] |= dict.fromkeys(one.strip() for one in english.split("/"))
    return {said: tuple(names) for said, names in found.items()}


def _by_first(phrases: list[Phrase]) -> dict[str, tuple[Phrase, ...]]:
    found: dict[str, list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        found[phrase.said[0]].append(phrase)
    return {first: tuple(sorted(some, key=lambda one: -len(one.said))) for first, some in found.items()}
