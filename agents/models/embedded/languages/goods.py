"""Goods by their nouns: `Fahrräder`, `Mountainbike-Rahmen`, `Dosierpumpen`, `cuadros de montaña`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from agents.models.embedded.languages.tables import Table, folded
from agents.models.embedded.lexicon import Phrases, ValueWord
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.text import Token, stem

_SHORTEST = 3
_LINKS = ("", "s", "n", "en", "er", "e")
"""Letters between the parts of a German compound."""
_OF = frozenset({"de", "d", "para", "pour", "a", "en", "fur", "von"})
"""Words between goods and their kind."""
_LISTED = frozenset({",", "/", "+", "-", "y", "e", "o", "et", "ou", "und", "oder", "and"})
_FARTHEST = 8
"""Tokens from the first kind of a list to its goods: `Mountain-, Rennrad- und Tourenrahmen`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of tokens [first, after) and the English name of the goods that it stands for."""

    first: int
    after: int
    english: tuple[str, ...]


class Goods:
    """Finds the goods that the data has by their nouns in one language."""

    def __init__(self, table: Table, data: MasterData) -> None:
        self._table = table
        self._names: tuple[Phrases, ...] = (data.phrases, data.values)

    def has(self, english: Sequence[str]) -> bool:
        """True where the data has a name or value of these English words."""
        key = tuple(stem(word.lower()) for word in english if word.isalnum())
        return any(names.get(key) for names in self._names)

    def at(self, tokens: Sequence[Token], at: int) -> tuple[Found, ...]:
        """Goods of certain kinds that begin at a token, with those listed after them; none where none do."""
        word = folded(tokens[at].norm)
        goods = self._table.goods.get(word, ())
        kinds = self._table.modifiers.get(word, ())
        if kinds and (before := self._before(tokens, at, kinds)):
            return before
        if goods:
            return tuple(self._after(tokens, at, goods))
        if kinds:
            return ()
        if self._table.language == "de" and len(word) > 2 * _SHORTEST:
            for english in filter(self.has, self._compound(word)):
                return (Found(at, at + 1, english),)
        return ()

    def _after(self, tokens: Sequence[Token], at: int, goods: Sequence[str]) -> Iterator[Found]:
        """`cuadros de montaña, de carretera y de touring`: kinds after the goods."""
        first, skipped = at, _OF | {"-"}
        while True:
            following = first + 1
            while following < len(tokens) and folded(tokens[following].norm) in skipped:
                following += 1
            kinds = self._kinds(tokens, following)
            english = next(filter(self.has, _joined(kinds, goods)), None)
            if english is None:
                return
            yield Found(at if first == at else following, following + 1, english)
            first, skipped = following, _OF | _LISTED

    def _before(self, tokens: Sequence[Token], at: int, kinds: Sequence[str]) -> tuple[Found, ...]:
        """`Mountain-, Rennrad- und Tourenrahmen`: kinds before the goods."""
        places = [(at, tuple(kinds))]
        following = at + 1
        while following < len(tokens) and following - at < _FARTHEST:
            word = folded(tokens[following].norm)
            goods = self._table.goods.get(word, ())
            names = (*goods, *self._head(word))
            found = [
                Found(k, k + 1, english)
                for k, some in places
                if (english := next(filter(self.has, _joined(some, names)), None))
            ]
            if len(found) == len(places) and not _unfinished(tokens, following):
                wholes = (*self._compound(word), *(tuple(name.split()) for name in goods if " " in name))
                if whole := next(filter(self.has, wholes), None):
                    return (*found, Found(following, following + 1, whole))
                if goods:
                    return (*found[:-1], replace(found[-1], after=following + 1))
            if more := self._kinds(tokens, following):
                places.append((following, more))
            elif word not in _LISTED and word not in _OF:
                return ()
            following += 1
        return ()

    def _kinds(self, tokens: Sequence[Token], at: int) -> tuple[str, ...]:
        if at >= len(tokens) or _is_coded(tokens, at):
            return ()
        return self._table.modifiers.get(folded(tokens[at].norm), ())

    # ── compounds ──
    def _compound(self, word: str) -> Iterator[tuple[str, ...]]:
        for cut in range(_SHORTEST, len(word) - _SHORTEST + 1):
            names = self._table.goods.get(word[cut:], ())
            for head in _heads(word[:cut]) if names else ():
                yield from _joined(self._table.modifiers.get(head, ()), names)

    def _head(self, word: str) -> tuple[str, ...]:
        """The goods that a compound ends with."""
        cuts = range(_SHORTEST, len(word) - _SHORTEST + 1)
        return next((self._table.goods[word[cut:]] for cut in cuts if word[cut:] in self._table.goods), ())

    def split(self, tokens: Sequence[Token]) -> tuple[Token, ...]:
        """The tokens with goods parted from what is said of them: `Fahrrad` and `bestand`."""
        if self._table.language != "de":
            return tuple(tokens)
        return tuple(part for token in tokens for part in self._parts(token))

    def _parts(self, token: Token) -> tuple[Token, ...]:
        word = token.norm
        if token.kind != "word" or token.quoted or len(word) < 3 * _SHORTEST or len(word) != len(token.text):
            return (token,)
        if folded(word) in self._table.known or folded(word) in self._table.trade:
            return (token,)
        for cut in range(len(word) - _SHORTEST, _SHORTEST, -1):
            rest = folded(word[cut:])
            if not {rest, rest.removesuffix("n")} & self._table.trade:
                continue
            for head in _heads(word[:cut]):
                goods = self._table.goods.get(folded(head), ())
                if any(self.has(name.split()) for name in goods):
                    middle = token.start + cut
                    first = replace(token, text=token.text[:cut], norm=head, stem=stem(head), end=middle)
                    said = word[cut:]
                    last = replace(token, text=token.text[cut:], norm=said, stem=stem(said), start=middle)
                    return first, last
        return (token,)

    # ── several meanings ──
    def means_more(self, tokens: Sequence[Token]) -> bool:
        """True for a word that is no name alone, as `Lager`."""
        return len(tokens) == 1 and folded(tokens[0].norm) in self._table.also_words

    def also(self, tokens: Sequence[Token]) -> tuple[ValueWord, ...]:
        """All that one word for goods stands for, single kinds first: `Räder` are bicycles or wheels."""
        names = self._table.goods.get(folded(tokens[0].norm), ()) if len(tokens) == 1 else ()
        if len(names) < 2:
            return ()
        found = [
            meaning
            for name in names
            for known in self._names
            for meaning in known.get(tuple(stem(word) for word in name.split()))
            if isinstance(meaning, ValueWord)
        ]
        return tuple(sorted(found, key=lambda meaning: not meaning.exact))


def _is_coded(tokens: Sequence[Token], at: int) -> bool:
    """True for `Road` in `bicicletas Road-150`, which is a model."""
    parts = tokens[at : at + 3]
    tight = all(one.end == other.start for one, other in pairwise(parts))
    return len(parts) == 3 and tight and parts[1].norm == "-" and parts[2].text.isdigit()


def _unfinished(tokens: Sequence[Token], at: int) -> bool:
    """True for `Rennrad-` in a list, whose goods come later."""
    return at + 2 < len(tokens) and tokens[at + 1].norm == "-" and folded(tokens[at + 2].norm) in _LISTED


def _heads(word: str) -> Iterator[str]:
    """The beginning of a compound, without the letters that link it."""
    for link in _LINKS:
        if word.endswith(link) and len(word) - len(link) >= _SHORTEST:
            yield word.removesuffix(link) if link else word


def _joined(kinds: Sequence[str], goods: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for kind in kinds:
        for name in goods:
            yield (*kind.split(), *name.split())
