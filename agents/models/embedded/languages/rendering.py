"""A question's tokens as the finders of names and periods understand them: closed classes of words in English,
words that hold the sentence together as nothing, and all others as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from agents.models.embedded.languages.compounds import Goods
from agents.models.embedded.languages.tables import Phrase, Table, folded
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.naming import name_index
from agents.models.embedded.text import Token, stem

_SLOT = re.compile(r"<(\w+)>")
_SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
          "twelve")  # fmt: skip
_NOTHING = "_"
"""Begins what no finder knows."""


class Rendering:
    """Renders the tokens of one language, with a glance at the names in the data."""

    def __init__(self, table: Table, data: MasterData) -> None:
        self._table = table
        self._index = name_index(data.phrases)
        self._goods = Goods(table, data)

    def rendered(self, tokens: Sequence[Token]) -> tuple[Token, ...]:
        """The tokens for the finders; each keeps the place of what it stands for."""
        found: list[Token] = []
        named = self._named(tokens)
        at = 0
        while at < len(tokens):
            if at in named:
                found.append(tokens[at])
                at += 1
                continue
            phrase, after = self._phrase(tokens, at, named)
            if phrase is not None and self._longer_goods(tokens, at, after, found):
                at = self._goods.after
                continue
            if phrase is not None:
                found += _english(tokens[at:after], phrase, self._table)
            elif self._longer_goods(tokens, at, at, found):
                after = self._goods.after
            else:
                found.append(self._alone(tokens[at]))
                after = at + 1
            at = after
        return tuple(found)

    def _longer_goods(self, tokens: Sequence[Token], at: int, after: int, found: list[Token]) -> bool:
        """True where a name made of goods and their kind reaches beyond a position; it is added."""
        words = self._goods.at(tokens, at)
        if not words or self._goods.after <= after:
            return False
        found += _spread(tokens[at : self._goods.after], words)
        return True

    def _named(self, tokens: Sequence[Token]) -> frozenset[int]:
        """Positions of words that stand beside each other in a name, and of quoted ones."""
        words = [at for at, token in enumerate(tokens) if token.kind != "mark"]
        found = {at for at, token in enumerate(tokens) if token.quoted}
        for first, second in zip(words, words[1:], strict=False):
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
        for key in self._keys(tokens[at]):
            for phrase in self._table.phrases.get(key, ()):
                after = at + len(phrase.said)
                if after > len(tokens) or any(k in named for k in range(at, after)):
                    continue
                if all(self._is(tokens[at + k], want) for k, want in enumerate(phrase.said)) and (
                    not phrase.named or self._goods.has(phrase.means)
                ):
                    return phrase, after
        return None, at

    def _keys(self, token: Token) -> Iterator[str]:
        """What a phrase that begins with this token can be found by; those of several words first."""
        for slot in ("<n>", "<ord>", "<unit>", "<month>", "<year>"):
            if self._is(token, slot):
                yield slot
        yield folded(token.norm)

    def _is(self, token: Token, want: str) -> bool:
        match want:
            case "<n>":
                return token.number is not None and token.number == int(token.number)
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

    # ── single words ──
    def _alone(self, token: Token) -> Token:
        if token.kind == "number":
            return _number(token)
        if token.kind == "mark":
            return token
        word = folded(token.norm)
        for pattern, size in self._table.compact:
            if part := pattern.fullmatch(word):
                return replace(token, norm=size + part[1], stem=size + part[1])
        if word in self._table.months:
            return _word(token, self._table.months[word])
        if word in self._table.units:
            return _word(token, self._table.units[word])
        if word in self._table.functions:
            return replace(token, norm=_NOTHING + word, stem=_NOTHING + word)
        return token


def _english(stretch: Sequence[Token], phrase: Phrase, table: Table) -> Iterator[Token]:
    """The English of a phrase; a slot keeps its own place where the order is the same."""
    slots = {want: token for want, token in zip(phrase.said, stretch, strict=True) if want.startswith("<")}
    whole = _whole(stretch)
    for piece in phrase.means:
        name = _SLOT.search(piece)
        if name is None:
            yield _word(whole if len(stretch) > 1 else stretch[0], piece)
            continue
        token = slots[name[0]]
        said = _slot(name[0], token, table)
        if piece != name[0]:
            joined = piece.replace(name[0], said.norm)
            number = Decimal(joined) if joined.isdigit() else None
            kind = said.kind if number is not None else "word"
            yield replace(token, text=joined, norm=joined, stem=joined, number=number, kind=kind)
        else:
            yield said


def _slot(slot: str, token: Token, table: Table) -> Token:
    word = folded(token.norm)
    match slot:
        case "<month>":
            return _word(token, table.months[word])
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
        return replace(token, text=token.norm)
    small = token.number < len(_SMALL) and token.number == int(token.number)
    return replace(token, text=token.norm, stem=_SMALL[int(token.number)] if small else token.norm)


def _word(token: Token, english: str) -> Token:
    """An English word in a token's place; a name of a month keeps its capital."""
    lower = english.lower()
    return replace(token, text=english, norm=lower, stem=stem(lower), kind="word", number=None)


def _spread(stretch: Sequence[Token], english: Sequence[str]) -> Iterator[Token]:
    whole = _whole(stretch)
    for word in english:
        yield _word(whole, word)
