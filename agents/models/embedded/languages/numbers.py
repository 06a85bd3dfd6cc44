"""Numbers in words: `zweihundertfünfzig`, `quince mil`, `quatre-vingt-dix`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from agents.models.embedded.languages import tables
from agents.models.embedded.languages.tables import Table, folded
from agents.models.embedded.text import Token

_LARGE = 1000
"""From here on a scale makes a number of `a` before it, and of digits."""
_LARGEST_JOINED = 20
"""A word such as `and` joins less than this to a number: `treinta y cinco`, `soixante et onze`."""
_FOURSCORE = ("vingt", "vingts")
"""Twenty after four is eighty."""


def counted(tokens: Sequence[Token], table: Table) -> tuple[Token, ...]:
    """The tokens with what several words count together as one of them."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        value, after = _said(tokens, at, table)
        if value is None:
            found.append(tokens[at])
            at += 1
            continue
        found.append(_one(tokens[at:after], value))
        at = after
    return tuple(found)


def _one(stretch: Sequence[Token], value: Decimal) -> Token:
    text = stretch[0].text
    for before, token in pairwise(stretch):
        text += " " * (token.start - before.end) + token.text
    digits = f"{value.normalize():f}"
    first = stretch[0]
    return Token(text, digits, digits, "number", first.start, stretch[-1].end, value, first.quoted)


def _said(tokens: Sequence[Token], at: int, table: Table) -> tuple[Decimal | None, int]:
    """The number that begins at a token and the position after it; none for plain digits."""
    value, after = _start(tokens, at, table)
    if value is None:
        return None, at
    room = _room(value)
    while after < len(tokens):
        multiplied = _scale(tokens, after, table)
        if multiplied and value < multiplied:
            value, after, room = value * multiplied, after + 1, Decimal(multiplied)
            continue
        following, joined = _past_joiners(tokens, after, table)
        if following < len(tokens) and value % 100 == 4 and folded(tokens[following].norm) in _FOURSCORE:
            value, after, room = value + 76, following + 1, Decimal(20)
            continue
        more = _word(tokens[following], table.language) if following < len(tokens) else None
        if more is None or not more < room or (joined and room > _LARGEST_JOINED):
            break  # `two million and three` are two numbers
        thousands = _scale(tokens, following + 1, table)
        if thousands and room > more * thousands:
            more, following = more * thousands, following + 1
        value, after, room = value + more, following + 1, _room(more)
    if after == at + 1 and tokens[at].kind == "number":
        return None, at
    return value, after


def _past_joiners(tokens: Sequence[Token], at: int, table: Table) -> tuple[int, bool]:
    """The position after hyphens and words inside a number, and whether there was such a word."""
    joined = False
    while at < len(tokens) and (tokens[at].norm == "-" or folded(tokens[at].norm) in table.joiners):
        joined = joined or tokens[at].norm != "-"
        at += 1
    return at, joined


def _start(tokens: Sequence[Token], at: int, table: Table) -> tuple[Decimal | None, int]:
    token = tokens[at]
    scale = _scale(tokens, at + 1, table)
    following = tokens[at + 1] if at + 1 < len(tokens) else token
    dated = following.norm == "." or following.kind == "number"
    if token.quoted or (dated and folded(token.norm) in table.months):
        return None, at  # `sept. 2024`
    if token.kind == "number":
        large = scale is not None and scale >= _LARGE and token.number is not None
        return (token.number, at + 1) if large else (None, at)
    if folded(token.norm) in table.articles:
        return (Decimal(1), at + 1) if scale is not None and scale > _LARGE else (None, at)
    if at and tokens[at - 1].norm in ("pour", "por") and folded(token.norm) in ("cent", "ciento", "cien"):
        return None, at  # `pour cent`
    value = _word(token, table.language)
    if value is None and (alone := _scale(tokens, at, table)) is not None and alone <= _LARGE:
        value = Decimal(alone)
    return value, at + 1


def _room(value: Decimal) -> Decimal:
    """What may be added to a number word is smaller than this: to `twenty` a unit, to `two` nothing."""
    if value >= 100:
        return Decimal(1000 if value % 1000 == 0 else 100 if value % 100 == 0 else 0)
    if value == 60:
        return Decimal(20)  # `soixante-dix`
    return Decimal(10 if value >= 20 and value % 10 == 0 else 0)


def _scale(tokens: Sequence[Token], at: int, table: Table) -> int | None:
    if not 0 <= at < len(tokens) or tokens[at].kind != "word":
        return None
    return table.scales.get(folded(tokens[at].norm))


def _word(token: Token, language: tables.Foreign) -> Decimal | None:
    if token.kind != "word" or not token.norm.isalpha():
        return None
    value = _value(folded(token.norm), language)
    return Decimal(value) if value is not None else None


@lru_cache(maxsize=20_000)
def _value(word: str, language: tables.Foreign) -> int | None:
    """A number word, or several written together."""
    table = tables.table(language)
    if word in table.numbers:
        return table.numbers[word]
    return _written_together(word, table) if language == "de" and len(word) > 6 else None


def _written_together(word: str, table: Table) -> int | None:
    """`zweihundertfünfzig` and `fünfundzwanzig`: by scales from the largest, then unit and ten."""
    for scale in sorted(table.scales.items(), key=lambda item: -item[1]):
        name, size = scale
        head, found, rest = word.partition(name)
        if not found:
            continue
        first = 1 if head in ("", "ein") else _value(head, "de")
        last = 0 if not rest else _value(rest.removeprefix("und"), "de")
        if first is None or last is None or first >= size:
            return None
        return first * size + last
    head, found, rest = word.partition("und")
    unit = 1 if head == "ein" else table.numbers.get(head)
    ten = table.numbers.get(rest)
    fits = found and unit is not None and ten is not None and unit < 10 <= ten
    return unit + ten if fits and unit is not None and ten is not None else None
