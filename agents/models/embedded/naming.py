"""Names as people write them: shortened, in another order, in part or with a slip of the keyboard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from agents.models.embedded.chunks import KNOWN_WORDS
from agents.models.embedded.lexicon import Phrases, ValueWord
from agents.models.embedded.spelling import everyday, nearest
from agents.models.embedded.text import Token, singular, stem, tokenise

_BETWEEN = frozenset({"-", "/", ",", ".", "(", ")", "'", "’", "+", "&"})
_LINKING = frozenset({"in", "size", "colour"})
"""Words that may stand before the size in a name: `Classic Vest in M`."""
_COMPASS = {"nw": "northwest", "ne": "northeast", "sw": "southwest", "se": "southeast"}
_ONE_WORD = frozenset({"supplier", "customer"})
"""Kinds of names that one word of them can stand for."""
_FUNCTION = frozenset({"and", "of", "in", "the", "for", "not", "as", "to", "a", "is"})
_TIGHT = frozenset({"-", ".", "'", "’"})
"""Marks that hold a name together; others may part two names."""
_SHORTEST = 5


@dataclass(frozen=True, slots=True)
class Loose:
    """A name found by its words: token positions [first, after), and how many words it took."""

    first: int
    after: int
    meanings: tuple[ValueWord, ...]
    length: int


class NameIndex:
    """Names of several words by each of their words."""

    def __init__(self, names: Phrases) -> None:
        self._names: list[tuple[tuple[str, ...], tuple[ValueWord, ...]]] = []
        self._by_word: dict[str, set[int]] = defaultdict(set)
        self._pairs: set[tuple[str, str]] = set()
        self._joined: dict[str, tuple[str, str]] = {}
        self._spelt: dict[str, str] = {}
        for key in tuple(names.keys()):
            meanings = tuple(m for m in names.get(key) if isinstance(m, ValueWord))
            for meaning in meanings:
                self._spell(meaning.shown)
            if meanings:
                self._add(key, meanings)
        self._initial: dict[str, list[tuple[str, str]]] = defaultdict(list)
        paired = {word for pair in self._pairs for word in pair}
        for word, stemmed in self._spelt.items():
            if stemmed in paired:
                self._initial[word[0]].append((word, stemmed))
        self._long = sorted(word for word in self._spelt if len(word) >= _SHORTEST - 1)

    def _spell(self, shown: str) -> None:
        for word, stemmed in _words(shown):
            self._spelt.setdefault(word, stemmed)

    def _add(self, key: tuple[str, ...], meanings: tuple[ValueWord, ...]) -> None:
        number = len(self._names)
        self._names.append((key, meanings))
        for word in key:
            self._by_word[word].add(number)
        for pair in pairwise(key):
            self._pairs.add(pair)
            self._joined.setdefault("".join(pair), pair)

    # ── words ──
    def beside_each_other(self, first: str, second: str) -> bool:
        """True for stems that follow each other in some name."""
        return (first, second) in self._pairs

    def resolved(self, tokens: Sequence[Token], words: Phrases, *, alone: bool = True) -> tuple[Token, ...]:
        """Tokens with abbreviated, joined and misspelt words of names written out; others stay.

        Unless `alone`, a slip is mended only beside another word of the same name: what looks like one may be
        a word of another language.
        """
        strange = [self._strange(token, words) for token in tokens]
        options = [
            self._abbreviated(token) if unknown else (token.stem,) if token.kind != "mark" else ()
            for token, unknown in zip(tokens, strange, strict=True)
        ]
        found: list[Token] = []
        for at, token in enumerate(tokens):
            short = token.norm in _COMPASS
            if not strange[at] and not short:
                found.append(token)
                continue
            meant = self._beside(options, at, tokens) if options[at] else ()
            found += self._written_out(token, meant, None if alone else _neighbours(tokens, at))
        return tuple(found)

    def _strange(self, token: Token, words: Phrases) -> bool:
        if token.kind != "word" or not token.norm.isalpha() or token.number is not None:
            return False
        if token.norm in _COMPASS:
            return True
        known = token.stem in words.words or token.stem in self._by_word or token.norm in KNOWN_WORDS
        return not known and len(token.norm) > 2 and not everyday(token.norm)

    def _abbreviated(self, token: Token) -> tuple[str, ...]:
        if token.norm in _COMPASS:
            return (stem(_COMPASS[token.norm]),)
        known = self._initial.get(token.norm[0], ())
        return tuple(dict.fromkeys(stemmed for word, stemmed in known if _shortens(token.norm, word)))

    def _beside(
        self, options: Sequence[tuple[str, ...]], at: int, tokens: Sequence[Token]
    ) -> tuple[str, ...]:
        """The written-out words that stand beside their neighbour in some name; none where several do."""
        before = next((k for k in range(at - 1, -1, -1) if tokens[k].kind != "mark"), None)
        # In `mtn+road bikes` the noun comes later.
        after = [k for k in range(at + 1, min(at + 6, len(tokens))) if tokens[k].kind != "mark"][:3]
        fits = [
            word
            for word in options[at]
            if any((word, other) in self._pairs for k in after for other in options[k])
            or (before is not None and any((other, word) in self._pairs for other in options[before]))
        ]
        return tuple(fits) if len(fits) == 1 else ()

    def _written_out(self, token: Token, meant: tuple[str, ...], beside: Sequence[str] | None) -> list[Token]:
        if not meant:
            meant = self._joined.get(token.norm) or self._joined.get(token.stem) or ()
        if meant:
            return [replace(token, stem=word) for word in meant]
        if len(token.norm) >= _SHORTEST:
            near = nearest(token.norm, self._long)
            if near is not None and (beside is None or self._paired(self._spelt[near], beside)):
                return [replace(token, norm=near, stem=self._spelt[near])]
        return [token]

    def _paired(self, word: str, others: Sequence[str]) -> bool:
        return any((word, other) in self._pairs or (other, word) in self._pairs for other in others)

    # ── names ──
    def at(self, tokens: Sequence[Token], i: int, words: Phrases) -> Loose | None:
        """The longest name that begins at a token with its words in any order, or with enough of them to be
        the only one."""
        best: Loose | None = None
        for stretch in self._growing(tokens, i):
            whole = [number for number in stretch.ids if len(self._names[number][0]) == len(stretch.used)]
            number = whole[0] if len(whole) == 1 else self._shortest(stretch.ids)
            key, meanings = self._names[number]
            if len(whole) == 1:
                fits = self._arranged(tokens[i], stretch, key)
            else:
                only = not whole and self._is_one(stretch.ids, number)
                fits = only and self._enough(tokens[i], stretch, key, meanings, words)
            if fits:
                best = Loose(i, stretch.after, meanings, len(stretch.used))
        return best

    def _shortest(self, ids: Iterable[int]) -> int:
        """The name of fewest words; of a company the one without its legal form."""
        return min(ids, key=lambda number: (len(self._names[number][0]), number))

    def _is_one(self, ids: Iterable[int], number: int) -> bool:
        """True where every other name is a longer form of that one."""
        short = {(meaning.entity, value) for meaning in self._names[number][1] for value in meaning.values}
        longer = (meaning for other in ids for meaning in self._names[other][1])
        return all({(meaning.entity, value) for value in meaning.values} <= short for meaning in longer)

    def _growing(self, tokens: Sequence[Token], i: int) -> Iterator[_Stretch]:
        """Ever longer stretches from a token on with the names that hold all their words."""
        ids = self._by_word.get(tokens[i].stem)
        used: tuple[str, ...] = (tokens[i].stem,)
        at, tight, sized = i + 1, True, False
        while ids:
            yield _Stretch(at, used, ids, tight, sized)
            following = at
            while following < len(tokens) and following - at < 3 and tokens[following].norm in _BETWEEN:
                mark = tokens[following]
                joined = mark.start == tokens[following - 1].end
                tight = tight and joined and mark.norm in _TIGHT
                following += 1
            if following < len(tokens) and tokens[following].norm in _LINKING:
                following, sized = following + 1, True
            if following >= len(tokens) or tokens[following].stem in used:
                return
            tight = tight and (following == at or tokens[following].start == tokens[following - 1].end)
            if sized and len(tokens[following].norm) > 2:
                return
            ids = ids & self._by_word.get(tokens[following].stem, set())
            used = (*used, tokens[following].stem)
            at = following + 1

    @staticmethod
    def _arranged(token: Token, stretch: _Stretch, key: tuple[str, ...]) -> bool:
        """True for all words of a name, in its order or in another that nothing parts; `60 Road-650 Black`
        are sixty of them."""
        if len(key) < 2:
            return False
        if stretch.used == key:
            return True
        led = token.kind == "number" and stretch.used[:2] not in set(pairwise(key))
        return stretch.tight and not stretch.sized and not led

    @staticmethod
    def _enough(
        token: Token,
        stretch: _Stretch,
        key: tuple[str, ...],
        meanings: tuple[ValueWord, ...],
        words: Phrases,
    ) -> bool:
        """True for words that single a name out and are no everyday expression."""
        used = stretch.used
        if len(used) == 1:
            known = everyday(token.norm) or token.stem in words.words or token.norm in KNOWN_WORDS
            proper = all(meaning.entity in _ONE_WORD and meaning.exact for meaning in meanings)
            # `fasteners` are no `River Fasteners`.
            led = used[0] == key[0] or token.capital
            return proper and led and len(token.norm) >= _SHORTEST and token.norm.isalpha() and not known
        letters = iter(key)
        ordered = all(word in letters for word in used)
        telling = [word for word in used if word not in _FUNCTION]
        strange = any(word not in words.words for word in telling)
        plain = stretch.tight and not stretch.sized and used[-1] not in _FUNCTION
        return ordered and plain and strange and len(telling) > 1 and len(used) >= 0.6 * len(key)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words from a token up to `after`, with the names that hold them all."""

    after: int
    used: tuple[str, ...]
    ids: set[int]
    tight: bool
    sized: bool
    """True where `in` or `size` stands before the last word."""


def _neighbours(tokens: Sequence[Token], at: int) -> list[str]:
    """Stems of the words right before and after a token."""
    words = [k for k, token in enumerate(tokens) if token.kind != "mark"]
    place = words.index(at)
    return [tokens[k].stem for k in (*words[max(0, place - 1) : place], *words[place + 1 : place + 2])]


@lru_cache(maxsize=8)
def name_index(names: Phrases) -> NameIndex:
    """The index of some names, made once."""
    return NameIndex(names)


@lru_cache(maxsize=20_000)
def _words(shown: str) -> tuple[tuple[str, str], ...]:
    return tuple((t.norm, t.stem) for t in tokenise(shown) if t.kind == "word" and t.norm.isalpha())


def same_form(tokens: Sequence[Token], meaning: ValueWord) -> bool:
    """True unless a word stands in another form than in the name: `painted` is no `Paint`."""
    forms = {singular(word) for name in (meaning.shown, *meaning.values[:50]) for word, _ in _words(name)}
    stems = {stemmed for name in (meaning.shown, *meaning.values[:50]) for _, stemmed in _words(name)}
    return all(
        singular(token.norm) in forms or token.stem not in stems or stem(token.norm) != token.stem
        for token in tokens
        if token.kind == "word"
    )


def _shortens(short: str, word: str) -> bool:
    """True for `div` of `division` and `mtn` of `mountain`."""
    if len(short) < 3 or len(word) <= len(short) or short[0] != word[0]:
        return False
    if word.startswith(short):
        return True
    if set(short[1:]) & set("aeiou"):
        return False
    letters = iter(word)
    return all(letter in letters for letter in short)
