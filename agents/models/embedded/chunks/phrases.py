"""The phrases that the catalogue and the master data know, as they stand in a question."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.lexicon import (
    EntityWord,
    Match,
    Meaning,
    MetricWord,
    Phrases,
    ValueWord,
    matches,
)
from agents.models.embedded.text import Token

_GROUPS = frozenset({"category", "subcategory", "colour", "model", "kind", "line"})
# Kinds of names that an everyday word in lower case rather does not mean.
_PROPER = frozenset({
    "material", "supplier", "location", "account", "cost_centre", "company", "department", "scrap_reason",
    "currency", "work_centre", "customer", "ship_method",
})  # fmt: skip


class KnownPhrases:
    """Finds phrases of a catalogue's words and of names."""

    def __init__(self, words: Phrases, names: Phrases) -> None:
        self._words = words
        self._names = names

    def longest(self, tokens: Sequence[Token], i: int, dated: set[int]) -> Match | None:
        """The longest phrase that begins at a token with all that it means; a single word of a period is
        none."""
        found = [*matches(tokens, self._words, i), *matches(tokens, self._names, i)]
        found = [match for match in found if not (match.first in dated and match.length == 1)]
        if not found:
            return None
        after = max(match.after for match in found)
        best = [match for match in found if match.after == after]
        meanings = tuple(dict.fromkeys(meaning for match in best for meaning in match.meanings))
        length = max(match.length for match in best)
        return Match(i, after, _plausible(meanings, tokens[i], single=after == i + 1, opens=i == 0), length)

    def cut(self, value: Match, tokens: Sequence[Token], dated: set[int]) -> bool:
        """True where a longer phrase begins inside: `in | stock movement` rather than `in stock |
        movement`."""
        for at in range(value.first + 1, value.after):
            other = self.longest(tokens, at, dated)
            if other is None or other.after <= value.after:
                continue
            if _outweighs(other, value) and not self.cut(other, tokens, dated):
                return True
        return False

    def name(self, one: Token, other: Token) -> tuple[Meaning, ...]:
        """What two words mean together as a name."""
        return self._names.get((one.stem, other.stem))

    def names_records(self, tokens: Sequence[Token], i: int) -> bool:
        """True where a kind of record is named within the next three words."""
        return any(
            isinstance(meaning, EntityWord)
            for at in range(i, min(i + 3, len(tokens)))
            for match in matches(tokens, self._words, at)
            for meaning in match.meanings
        )


def _outweighs(other: Match, value: Match) -> bool:
    """True for a phrase of more words, or one of records or figures of as many."""
    if other.length > value.length:
        return True
    if other.length == 1:
        return False
    entity = any(isinstance(meaning, EntityWord) for meaning in other.meanings)
    if other.length == value.length:
        return entity or any(isinstance(meaning, MetricWord) for meaning in other.meanings)
    return entity and other.first == value.after - 1


def _plausible(
    meanings: tuple[Meaning, ...], token: Token, *, single: bool, opens: bool
) -> tuple[Meaning, ...]:
    """A quoted name is a name; a lower-case everyday word is rather not a person-given one."""
    if token.quoted:
        return tuple(meaning for meaning in meanings if isinstance(meaning, ValueWord)) or meanings
    if not single or (token.capital and not opens):
        return meanings
    everyday = tuple(
        meaning
        for meaning in meanings
        if not isinstance(meaning, ValueWord) or meaning.entity not in _PROPER or meaning.field in _GROUPS
    )
    return everyday or meanings  # a name that nothing else competes with stays a name
