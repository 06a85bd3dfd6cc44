"""The catalogue's words: phrases of stems and what each can mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from agents.models.embedded.text import Token, singular, stems, tokenise
from tools.metrics.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class MetricWord:
    """A metric of the catalogue."""

    metric: str


@dataclass(frozen=True, slots=True)
class FieldWord:
    """A field of an entity."""

    entity: str
    field: str


@dataclass(frozen=True, slots=True)
class EntityWord:
    """A kind of record."""

    entity: str


@dataclass(frozen=True, slots=True)
class NamedWord:
    """A named condition."""

    entity: str
    condition: str


@dataclass(frozen=True, slots=True)
class FlagWord:
    """A flag that holds or fails."""

    entity: str
    field: str
    holds: bool


@dataclass(frozen=True, slots=True)
class ValueWord:
    """Values of a field, found in the catalogue or the master data."""

    entity: str
    field: str
    values: tuple[str, ...]
    shown: str
    exact: bool = True
    group: bool = False
    """True for an account or organisation that stands for all below it."""


@dataclass(frozen=True, slots=True)
class RankWord:
    """A superlative that orders by a certain field: `heaviest`."""

    entity: str
    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class RoleWord:
    """A date role of an entity: `due`, `started`."""

    entity: str
    role: str


@dataclass(frozen=True, slots=True)
class LinkWord:
    """The role that an entity plays in another: `assembly`, `component`."""

    entity: str
    link: str


Meaning: TypeAlias = (
    MetricWord | FieldWord | EntityWord | NamedWord | FlagWord | ValueWord | RankWord | RoleWord | LinkWord
)

# Words that carry nothing inside a phrase; kept few, because a long list hides what was not understood.
SKIPPED = frozenset(
    [
        "a",
        "an",
        "the",
        "our",
        "their",
        "its",
        "his",
        "of",
        "is",
        "are",
        "was",
        "were",
        "been",
        "be",
        "being",
        "we",
        "us",
        "my",
        "your",
        "this",
        "these",
        "those",
        "there",
        "they",
        "it",
        "do",
        "does",
        "did",
        "i",
        "you",
    ]
)
_SKIPPED_STEMS = frozenset(token.stem for word in SKIPPED for token in tokenise(word))


def reduced(words: Sequence[str]) -> tuple[str, ...]:
    """Stems without the words that carry nothing, unless hardly anything would be left."""
    kept = tuple(word for word in words if word not in _SKIPPED_STEMS)
    return kept if kept and (len(kept) > 1 or len(words) == 1) else tuple(words)


class Phrases:
    """Phrases of stems with their meanings, matched longest first."""

    def __init__(self) -> None:
        self._table: dict[tuple[str, ...], list[Meaning]] = defaultdict(list)
        self._forms: dict[tuple[str, Meaning], set[str]] = defaultdict(set)
        self.longest = 1
        self.words: set[str] = set()
        self.spellings: set[str] = set()
        """Words as they are written, for mending slips."""
        self.prefixes: set[tuple[str, ...]] = set()
        """Beginnings of phrases, two words or longer."""

    def add(self, phrase: str, meaning: Meaning) -> None:
        """Let a phrase mean something."""
        key = reduced(stems(phrase))
        self.spellings.update(token.norm for token in tokenise(phrase) if token.kind == "word")
        if len(key) == 1:
            # `budgeted` is a condition, `budget` a figure; `ordered` a figure, `order` a record.
            for token in tokenise(phrase):
                self._forms[key[0], meaning] |= {token.norm, token.norm + "s", token.norm.removesuffix("s")}
        self.add_stems(key, meaning)

    def add_name(self, name: str, meaning: Meaning, *, capitals: bool = False) -> None:
        """A name in the data: every word counts, and a single one keeps its form, or its capitals."""
        tokens = [token for token in tokenise(name) if token.kind != "mark"]
        if len(tokens) == 1:
            norm = tokens[0].norm
            forms = {norm, norm + "s", norm.removesuffix("s"), singular(norm)}
            forms = {f"!{norm}"} if capitals else forms
            self._forms[tokens[0].stem, meaning] |= forms
        self.add_stems(tuple(token.stem for token in tokens), meaning)

    def add_stems(self, key: tuple[str, ...], meaning: Meaning) -> None:
        """The same for stems that are reduced already."""
        if not key:
            return
        if meaning not in self._table[key]:
            self._table[key].append(meaning)
        self.prefixes.update(key[:length] for length in range(2, len(key)))
        self.longest = max(self.longest, len(key))
        self.words.update(key)

    def get(self, key: tuple[str, ...]) -> tuple[Meaning, ...]:
        """What a phrase means; empty where nothing."""
        return tuple(self._table.get(key, ()))

    def one(self, token: Token) -> tuple[Meaning, ...]:
        """What a single word means in the form it was typed in."""
        found = self._table.get((token.stem,), ())
        typed = {token.norm} | ({f"!{token.norm}"} if token.text.isupper() else set())
        return tuple(
            meaning for meaning in found if typed & self._forms.get((token.stem, meaning), {token.norm})
        )

    def keys(self) -> Iterable[tuple[str, ...]]:
        """All phrases."""
        return self._table.keys()


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found in a question: token positions [first, after) and its meanings."""

    first: int
    after: int
    meanings: tuple[Meaning, ...]
    length: int
    """Number of words that carry meaning."""


_OPTIONAL = frozenset({"got", "actually", "really", "currently", "any", "so", "far"})
_AUXILIARY = frozenset({"have", "has", "had"})
_PRONOUNS = frozenset({"we", "they", "you", "i", "been"})


def _continues(phrases: Phrases, key: tuple[str, ...]) -> bool:
    return key in phrases.prefixes


def matches(tokens: Sequence[Token], phrases: Phrases, start: int) -> Iterator[Match]:
    """Phrases that begin at a token, longest first; skipped words inside a phrase do not count."""
    key: list[str] = []
    found: list[Match] = []
    position = start
    while position < len(tokens) and len(key) < phrases.longest:
        token = tokens[position]
        if token.kind == "mark":
            if token.norm not in ("-", "/", "'", '"', "’", "“", "”", ","):
                break
            if position == start:
                break
            position += 1
            continue
        following = tokens[position + 1].norm if position + 1 < len(tokens) else ""
        auxiliary = token.norm in _AUXILIARY and following in _PRONOUNS
        if (token.stem in _SKIPPED_STEMS or token.norm in _OPTIONAL or auxiliary) and key:
            with_skipped = phrases.get((*key, token.stem))
            if with_skipped:
                found.append(Match(start, position + 1, with_skipped, len(key) + 1))
            if not _continues(phrases, (*key, token.stem)):
                position += 1
                continue
        key.append(token.stem)
        hit = phrases.get(tuple(key)) if len(key) > 1 else phrases.one(token)
        comma = any(t.norm == "," for t in tokens[start : position + 1])
        if hit:
            usable = tuple(m for m in hit if not comma or isinstance(m, ValueWord))
            if usable:
                found.append(Match(start, position + 1, usable, len(key)))
        position += 1
    yield from sorted(found, key=lambda match: -match.length)


@lru_cache(maxsize=4)
def catalogue_phrases(catalogue_hash: str, holder: CatalogueHolder) -> Phrases:
    """All phrases of a catalogue."""
    del catalogue_hash
    return _phrases(holder.catalogue)


class CatalogueHolder:
    """Makes a catalogue hashable for the cache by its content hash."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def __hash__(self) -> int:
        return hash(self.catalogue.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CatalogueHolder) and other.catalogue.hash == self.catalogue.hash


_COUNTING = frozenset({"number", "different", "distinct", "unique", "how"})


def _phrases(catalogue: Catalogue) -> Phrases:
    found = Phrases()
    for name, entity in catalogue.entities.items():
        for word in (entity.singular, *entity.words):
            found.add(word, EntityWord(name))
        for field_name, field in entity.fields.items():
            for word in (field.label, *field.words):
                found.add(word, FieldWord(name, field_name))
            for value, words in field.values.items():
                for word in words:
                    found.add(word, ValueWord(name, field_name, (value,), value))
            for word in field.holds:
                found.add(word, FlagWord(name, field_name, True))
            for word in field.fails:
                found.add(word, FlagWord(name, field_name, False))
            for word in field.high:
                found.add(word, RankWord(name, field_name, True))
            for word in field.low:
                found.add(word, RankWord(name, field_name, False))
        for condition_name, condition in entity.conditions.items():
            for word in condition.words:
                found.add(word, NamedWord(name, condition_name))
        for role, dates in entity.dates.items():
            for word in dates.words:
                found.add(word, RoleWord(name, role))
        for link_name, link in entity.links.items():
            for word in link.words:
                found.add(word, LinkWord(name, link_name))
    for name, metric in catalogue.metrics.items():
        if metric.value == "count(*)" and not metric.filter:
            continue  # counting records is grammar, not vocabulary
        plain_extreme = metric.label.split()[0] in (
            "highest",
            "lowest",
            "longest",
            "shortest",
        ) or metric.value.startswith("count(distinct")
        for word in (*(() if plain_extreme else (metric.label,)), *metric.words):
            if metric.value.startswith("count(distinct") and word.split()[0] in _COUNTING:
                continue
            nouns = found.get(reduced(stems(word)))
            if not any(isinstance(meaning, EntityWord) for meaning in nouns):
                found.add(word, MetricWord(name))
    return found
