"""Goods by their nouns: `Fahrräder`, `Mountainbike-Rahmen`, `Dosierpumpen`, `cuadros de montaña`, `cadres VTT`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.models.embedded.languages.tables import Table, folded
from agents.models.embedded.lexicon import Phrases
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.text import Token, stem

_SHORTEST = 3
_LINKS = ("", "s", "n", "en", "er", "e")
"""Letters between the parts of a German compound."""
_OF = frozenset({"de", "d", "para", "pour", "a", "en", "fur", "von"})
"""Words between goods and their kind."""


class Goods:
    """Finds the goods that the data has by their nouns in one language."""

    def __init__(self, table: Table, data: MasterData) -> None:
        self._table = table
        self._names: tuple[Phrases, ...] = (data.phrases, data.values)
        self.after = 0
        """The position after what was found last."""

    def has(self, english: Sequence[str]) -> bool:
        """True where the data has a name or value of these English words."""
        key = tuple(stem(word.lower()) for word in english)
        return any(names.get(key) for names in self._names)

    def at(self, tokens: Sequence[Token], at: int) -> tuple[str, ...]:
        """The English name of goods of a certain kind that begins at a token; empty where none does."""
        for words, after in self._readings(tokens, at):
            if self.has(words):
                self.after = after
                return words
        return ()

    def _readings(self, tokens: Sequence[Token], at: int) -> Iterator[tuple[tuple[str, ...], int]]:
        word = folded(tokens[at].norm)
        kinds, goods = self._table.modifiers.get(word, ()), self._table.goods.get(word, ())
        following = at + 1
        while following < len(tokens) and following - at < 4 and self._between(tokens[following]):
            following += 1
        other = folded(tokens[following].norm) if following < len(tokens) else ""
        if kinds:
            for kind in kinds:
                for name in self._table.goods.get(other, ()):
                    yield (*kind.split(), *name.split()), following + 1
        if goods:
            for kind in self._table.modifiers.get(other, ()):
                for name in goods:
                    yield (*kind.split(), *name.split()), following + 1
        if self._table.language == "de" and not goods and len(word) > 2 * _SHORTEST:
            for words in self._compound(word):
                yield words, at + 1

    @staticmethod
    def _between(token: Token) -> bool:
        return token.norm == "-" or folded(token.norm) in _OF

    def _compound(self, word: str) -> Iterator[tuple[str, ...]]:
        for cut in range(_SHORTEST, len(word) - _SHORTEST + 1):
            names = self._table.goods.get(word[cut:], ())
            if not names:
                continue
            for link in _LINKS:
                head = word[:cut].removesuffix(link) if link else word[:cut]
                for kind in self._table.modifiers.get(head, ()):
                    for name in names:
                        yield (*kind.split(), *name.split())
