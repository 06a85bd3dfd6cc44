"""A question as look-ups see it: words, and slots for materials, suppliers, numbers, days and the like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from agents.models.embedded.lookups_patterns import BETWEEN, DROPPED, UNIT_STEMS, UNITS, bag, compiled
from agents.models.embedded.periods import FoundPeriod, Period
from agents.models.embedded.text import Token, stem

Kind = Literal["M", "S", "C", "N", "P", "W", "G", "A", "D", "word"]
"""Material, supplier, currency, number, period, site, company, account, department, or a plain word."""

_FACTORS = {
    "k": 1000,
    "thousand": 1000,
    "m": 1_000_000,
    "million": 1_000_000,
    "mio": 1_000_000,
    "hundred": 100,
}
_GENERIC = bag("material part product item component assembly article subassembly sku vendor supplier")
_ORDER_CODE = re.compile(r"(wo|po)(\d{1,9})")
_ORDER_CODES = {"wo": ("work", "order"), "po": ("purchase", "order")}
_ORDER_NOUNS = bag("order job po wo number no nr id num")


@dataclass(frozen=True, slots=True)
class Item:
    """A word or slot with the tokens it covers, as positions [first, after)."""

    kind: Kind
    word: str
    """Stem of a word; what to pass on as the argument for a slot."""
    first: int
    after: int
    number: Decimal | None = None
    period: Period | None = None
    doubt: float = 0.0
    """How unsure it is that this names such a thing."""


class Sentence:
    """The items of a question, and patterns found in them."""

    def __init__(self, items: Sequence[Item], tokens: Sequence[Token], today: date | None = None) -> None:
        self.items = tuple(items)
        self.today = today
        """The data's today, for what is to come."""
        self.tokens = tuple(tokens)
        symbols = [item.word if item.kind == "word" else item.kind for item in self.items]
        self.text = "".join(f" {symbol}" for symbol in symbols)
        self.norms = frozenset(self.tokens[item.first].norm for item in self.items if item.kind == "word")
        """The words as typed, where their tense or number matters."""
        self._ends: list[int] = []
        length = 0
        for symbol in symbols:
            length += len(symbol) + 1
            self._ends.append(length)

    def of(self, kind: Kind) -> tuple[Item, ...]:
        """The slots of a kind in order."""
        return tuple(item for item in self.items if item.kind == kind)

    def said(self, *patterns: str) -> bool:
        """True where one of the patterns occurs; parts joined by ` & ` occur in whatever order."""
        return any(all(compiled(part).search(self.text) for part in text.split(" & ")) for text in patterns)

    def slots(self, text: str) -> tuple[Item, ...]:
        """The slots inside the first occurrence of a pattern, in order; empty where it does not occur."""
        found = compiled(text).search(self.text)
        if found is None:
            return ()
        placed = zip(self.items, self._ends, strict=True)
        return tuple(i for i, end in placed if i.kind != "word" and found.start() < end <= found.end())

    def quantity(self, thing: Item) -> Item | None:
        """The number that says how many of a thing: `20 pieces of X`, `a batch of 20 X`, `X, 20 pieces`."""
        index = self.items.index(thing)
        back = index - 1
        while back >= 0 and self.items[back].kind == "word" and self.items[back].word in BETWEEN:
            back -= 1
        if back >= 0 and self.items[back].kind == "N":
            return self.items[back]
        after = self.items[index + 1 : index + 3]
        if after and after[0].kind == "N" and (len(after) < 2 or after[1].word in UNIT_STEMS):
            return after[0]
        if len(after) == 2 and after[0].word in ("x", "quantiti", "time") and after[1].kind == "N":
            return after[1]
        return self._far_quantity() if len(self.of("M")) == 1 else None

    def _far_quantity(self) -> Item | None:
        """A number with a unit somewhere else: `X: what goes in, for 12 pieces`."""
        numbers = self.of("N")
        if len(numbers) != 1:
            return None
        index = self.items.index(numbers[0])
        following = self.items[index + 1].word if index + 1 < len(self.items) else ""
        return numbers[0] if following in UNIT_STEMS else None


def items_of(tokens: Sequence[Token], names: Iterable[Item], periods: Iterable[FoundPeriod]) -> list[Item]:
    """Names, periods and numbers as slots, and all other words that say something."""
    named = {item.first: item for item in names}
    dated = {period.first: period for period in periods}
    items: list[Item] = []
    position = 0
    while position < len(tokens):
        if position in named:
            _drop_generic(items, tokens)
            items.append(named[position])
            position = named[position].after
            continue
        period = dated.get(position)
        if period and not _counts_things(tokens, period, named):
            items.append(Item("P", "", period.first, period.after, period=period.period))
            position = period.after
            continue
        token = tokens[position]
        if token.kind == "mark" or token.norm in DROPPED:
            position += 1
            continue
        glued = _ORDER_CODE.fullmatch(token.norm)
        if glued:
            items += [Item("word", stem(word), position, position + 1) for word in _ORDER_CODES[glued[1]]]
            items.append(Item("N", glued[2], position, position + 1, number=Decimal(glued[2])))
            position += 1
            continue
        number, after = _number(tokens, position, named)
        if number is not None:
            items.append(Item("N", f"{number.normalize():f}", position, after, number=number))
        else:
            items.append(Item("word", token.stem, position, after))
        position = after
    return items


def _counts_things(tokens: Sequence[Token], period: FoundPeriod, named: dict[int, Item]) -> bool:
    """True where what looks like a year is a number: `build 2000 HL Fork`, `PO 2004`."""
    numbers = [k for k in range(period.first, period.after) if tokens[k].kind == "number"]
    if period.period.grain not in ("year", "range") or len(numbers) != 1 or numbers[0] != period.after - 1:
        return False
    before = next((tokens[k].norm for k in range(numbers[0] - 1, -1, -1) if tokens[k].kind != "mark"), "")
    following = tokens[period.after].norm if period.after < len(tokens) else ""
    return period.after in named or following in UNITS or before in _ORDER_NOUNS


def _number(tokens: Sequence[Token], position: int, named: dict[int, Item]) -> tuple[Decimal | None, int]:
    token, after = tokens[position], position + 1
    if token.number is None:
        return None, after
    following = tokens[after].norm if after < len(tokens) else ""
    if following in _FACTORS and after not in named:
        return token.number * _FACTORS[following], after + 1
    if token.norm == "one" and not (after in named or following in UNITS):
        return None, after
    return token.number, after


def _drop_generic(items: list[Item], tokens: Sequence[Token]) -> None:
    """`The material X` is X, but not in `which parts X needs` or `bill of material X`."""
    words = [tokens[item.first].norm if item.kind == "word" else "" for item in items[-2:]]
    if len(words) == 2 and words[0] in _GENERIC and words[1] in ("number", "no", "nr", "id", "code"):
        items.pop()
    elif not words or words[-1] not in _GENERIC:
        return
    before = [item.word for item in items[-3:-1]]
    if before[-1:] not in (["which"], ["what"], ["mani"], ["each"], ["everi"]) and before != ["bill", "of"]:
        items.pop()
