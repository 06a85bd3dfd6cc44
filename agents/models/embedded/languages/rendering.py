"""A question's tokens as the finders of names and periods understand them: closed classes of words in
English, words that hold the sentence together as nothing, and all others as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from agents.models.embedded.languages.goods import Goods
from agents.models.embedded.languages.tables import Phrase, Table, folded, plain
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.naming import name_index
from agents.models.embedded.text import Token, stem, stems

_SLOT = re.compile(r"<(\w+)>")
_LAST_YEAR = "<lastyear>"
"""The year before today's, which stands in the English alone."""
_SLOTS = ("<q>", "<n>", "<mm>", "<ord>", "<unit>", "<month>", "<year>")
"""Slots that a phrase may begin with."""
_SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
          "twelve")  # fmt: skip
_NOTHING = "_"
"""Begins what no finder knows."""
_LONGEST_SHORT = 6
"""Letters of a word that may be an abbreviation."""


class Rendering:
    """Renders the tokens of one language, with a glance at the names in the data."""

    def __init__(self, table: Table, data: MasterData) -> None:
        self._table = table
        self._phrases = data.phrases
        self._last_year = str(data.today.year - 1)
        self._index = name_index(data.phrases)
        self._goods = Goods(table, data)

    def rendered(self, tokens: Sequence[Token]) -> tuple[Token, ...]:
        """The tokens for the finders; each keeps the place of what it stands for."""
        tokens = [self._spelt(tokens, at) for at in range(len(tokens)) if not _shortening(tokens, at)]
        named = self._named(tokens)
        found: list[Token] = []
        at = 0
        while at < len(tokens):
            if at in named:
                found.append(tokens[at])
                at += 1
                continue
            phrase, after = self._phrase(tokens, at, named)
            goods = self._goods.at(tokens, at)
            if goods and goods[-1].after > after:
                after = at
                for one in goods:
                    found += (self._alone(tokens, k) for k in range(after, one.first))
                    found += _spread(tokens[one.first : one.after], one.english)
                    after = one.after
            elif phrase is not None:
                found += self._english(tokens[at:after], phrase)
            else:
                found.append(self._alone(tokens, at))
                after = at + 1
            at = after
        return tuple(found)

    # ── names ──
    def _spelt(self, tokens: Sequence[Token], at: int) -> Token:
        """A token with the stem that names have in English, where one beside it makes that sure: `Color`."""
        token = tokens[at]
        if token.kind != "word" or not token.norm.isascii():
            return token
        english = stems(token.text)
        if len(english) != 1 or english[0] == token.stem:
            return token
        around = [tokens[k] for k in (at - 2, at - 1, at + 1, at + 2) if 0 <= k < len(tokens)]
        words = [one.stem for one in around if one.kind != "mark"]
        paired = any(self._index.beside_each_other(word, english[0]) for word in words)
        paired = paired or any(self._index.beside_each_other(english[0], word) for word in words)
        return replace(token, stem=english[0]) if paired else token

    def _named(self, tokens: Sequence[Token]) -> frozenset[int]:
        """Positions of words that stand beside each other in a name, and of quoted ones."""
        words = [at for at, token in enumerate(tokens) if token.kind != "mark"]
        found = {at for at, token in enumerate(tokens) if token.quoted}
        for first, second in pairwise(words):
            pair = (tokens[first].stem, tokens[second].stem)
            little = all(self._is_function(tokens[k]) or tokens[k].kind == "number" for k in (first, second))
            if second - first < 3 and not little and self._index.beside_each_other(*pair):
                found |= {first, second}
        return frozenset(found)

    def _is_function(self, token: Token) -> bool:
        return folded(token.norm) in self._table.functions

    # ── phrases ──
    def _phrase(self, tokens: Sequence[Token], at: int, named: frozenset[int]) -> tuple[Phrase | None, int]:
        """The longest phrase that begins at a token; of goods the first that the data has."""
        best: Phrase | None = None
        if _lettered(tokens, at):
            return None, at
        for key in self._keys(tokens[at]):
            for phrase in self._table.phrases.get(key, ()):
                after = at + len(phrase.said)
                if best is not None and len(phrase.said) <= len(best.said):
                    break
                if after > len(tokens) or any(k in named for k in range(at, after)):
                    continue
                stretch = zip(tokens[at:after], phrase.said, phrase.spelt, strict=True)
                if all(self._fits(*one) for one in stretch) and (
                    not phrase.named or self._goods.has(phrase.means)
                ):
                    best = phrase
                    break
        return best, at + len(best.said) if best is not None else at

    def _keys(self, token: Token) -> Iterator[str]:
        """What a phrase that begins with this token can be found by."""
        yield folded(token.norm)
        for slot in _SLOTS:
            if self._is(token, slot):
                yield slot

    def _fits(self, token: Token, want: str, spelt: str) -> bool:
        if not self._is(token, want):
            return False
        typed = plain(token.norm)
        return want.startswith("<") or typed.isascii() or typed == spelt

    def _is(self, token: Token, want: str) -> bool:
        match want:
            case "<n>":
                return token.number is not None and token.number == int(token.number)
            case "<q>":
                return token.number is not None and token.number in (1, 2, 3, 4)
            case "<mm>":
                return token.kind == "number" and len(token.text) == 2 and "01" <= token.text <= "12"
            case "<year>":
                return token.kind == "number" and len(token.text) == 4 and token.text[:2] in ("19", "20")
            case "<yy>":
                return token.kind == "number" and len(token.text) == 2 and "10" <= token.text <= "40"
            case "<month>":
                return folded(token.norm) in self._table.months
            case "<unit>":
                return folded(token.norm) in self._table.units
            case "<ord>":
                ordinal = token.number is not None and not token.text.isdigit() and token.text[:1].isdigit()
                return ordinal or folded(token.norm) in self._table.ordinals
            case _:
                return folded(token.norm) == want

    def _english(self, stretch: Sequence[Token], phrase: Phrase) -> Iterator[Token]:
        """The English of a phrase; slots and marks keep their own places."""
        own = dict(zip(phrase.said, stretch, strict=True))
        whole = _whole(stretch) if len(stretch) > 1 else stretch[0]
        for piece in phrase.means:
            if piece == _LAST_YEAR:
                yield _digits(whole, self._last_year)
            elif (slot := _SLOT.search(piece)) is not None:
                said = _slot(slot[0], own[slot[0]], self._table)
                yield said if piece == slot[0] else _digits(said, piece.replace(slot[0], said.norm))
            elif not piece.isalnum() and piece in own:
                yield own[piece]
            else:
                yield _word(whole, piece)

    # ── single words ──
    def _alone(self, tokens: Sequence[Token], at: int) -> Token:
        token = tokens[at]
        if token.kind == "number":
            return _number(token)
        if token.kind == "mark":
            return token
        word = folded(token.norm)
        for pattern, size in self._table.compact:
            if part := pattern.fullmatch(word):
                return replace(token, norm=size + part[1], stem=size + part[1])
        if word in self._table.months:
            return _month(token, self._table)
        if word in self._table.units:
            return _word(token, self._table.units[word])
        if self._is_own(token, word) and not _lettered(tokens, at):
            return replace(token, norm=_NOTHING + word, stem=_NOTHING + word)
        return self._of_place(token)

    def _is_own(self, token: Token, word: str) -> bool:
        """True for a word of the language, which is no name whatever the data has."""
        if word in self._table.functions:
            return len(word) == 1 or not token.text.isupper()
        if word in self._table.false_friends:
            return True
        return word in self._table.trade and not self._phrases.get((token.stem,))

    def _of_place(self, token: Token) -> Token:
        """`Kasseler` as the place."""
        place = token.norm.removesuffix("er")
        if self._table.language != "de" or place == token.norm or not token.capital:
            return token
        return replace(token, norm=place, stem=stem(place)) if self._phrases.get((stem(place),)) else token


def _lettered(tokens: Sequence[Token], at: int) -> bool:
    """True for a capital letter inside a sentence, which names something: shelf `A`."""
    single = len(tokens[at].norm) == 1 and tokens[at].text.isupper()
    return single and at > 0 and tokens[at - 1].norm not in (".", "?", "!", ":", ";")


def _shortening(tokens: Sequence[Token], at: int) -> bool:
    """True for the point of an abbreviation inside a sentence: `trim. anterior`, `Jan. 2024`."""
    if tokens[at].norm != "." or not 0 < at < len(tokens) - 1:
        return False
    before, following = tokens[at - 1], tokens[at + 1]
    if before.kind != "word" or before.end != tokens[at].start or len(before.norm) > _LONGEST_SHORT:
        return False
    return following.kind != "mark" or following.norm in "/-,:"


def _slot(slot: str, token: Token, table: Table) -> Token:
    word = folded(token.norm)
    match slot:
        case "<month>":
            return _month(token, table)
        case "<unit>":
            return _word(token, table.units[word])
        case "<ord>" if word in table.ordinals:
            value = table.ordinals[word]
            return replace(token, norm=str(value), stem=str(value), kind="number", number=Decimal(value))
        case _:
            return _number(token)


def _whole(stretch: Sequence[Token]) -> Token:
    first = stretch[0]
    text = " ".join(token.text for token in stretch)
    return Token(text, text, text, "word", first.start, stretch[-1].end, None, first.quoted)


def _number(token: Token) -> Token:
    """A number; in words where it was written so."""
    if token.number is None or token.text[:1].isdigit():
        # `2.000` is no year.
        apart = token.number is not None and not token.text.isalnum()
        return replace(token, text=f"{token.number:,}" if apart else token.norm)
    small = token.number < len(_SMALL) and token.number == int(token.number)
    word = _SMALL[int(token.number)] if small else token.norm
    return replace(token, kind="word", text=token.norm, stem=word)


def _digits(token: Token, said: str) -> Token:
    """A year, or a part of one as `q2`, in a token's place."""
    number = Decimal(said) if said.isdigit() else None
    return replace(
        token, text=said, norm=said, stem=said, number=number, kind="word" if number is None else "number"
    )


def _word(token: Token, english: str) -> Token:
    """An English word in a token's place."""
    lower = english.lower()
    return replace(token, text=lower, norm=lower, stem=stem(lower), kind="word", number=None)


def _month(token: Token, table: Table) -> Token:
    """A month in English, with the capital that tells `May` from `may`."""
    english = table.months[folded(token.norm)]
    return replace(_word(token, english), text=english)


def _spread(stretch: Sequence[Token], english: Sequence[str]) -> Iterator[Token]:
    whole = _whole(stretch)
    for word in english:
        yield _word(whole, word)
