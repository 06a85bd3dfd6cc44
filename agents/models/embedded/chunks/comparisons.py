"""Comparisons: `more than 5 days`, `at least 10 percent`, `20 or more`, `higher than` another figure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from agents.models.embedded.chunks.chunk import Chunk
from agents.models.embedded.text import Token, amount
from tools.metrics.query import Operator

_BEFORE_NUMBER: dict[Operator, tuple[str, ...]] = {
    ">": (
        "more than", "greater than", "higher than", "larger than", "bigger than", "longer than", "older than",
        "worse than", "worth more than", "over", "above", "exceeding", "exceeds", "exceed", "beyond",
        "costing", ">",
    ),
    ">=": ("at least", "no less than", "not less than", "minimum"),
    "<": (
        "less than", "fewer than", "lower than", "smaller than", "shorter than", "cheaper than",
        "better than", "under", "below", "<",
    ),
    "<=": ("at most", "no more than", "not more than", "up to"),
    "=": ("exactly", "equal to", "precisely", "="),
}  # fmt: skip
_AFTER_NUMBER: dict[Operator, tuple[str, ...]] = {
    ">=": (
        "or more", "or over", "or above", "or longer", "or higher", "or greater", "or worse", "and more", "+",
        "upwards", "plus",
    ),
    "<=": ("or less", "or fewer", "or below", "or lower", "or better", "or shorter"),
}  # fmt: skip
_BEFORE = tuple((tuple(phrase.split()), op) for op, said in _BEFORE_NUMBER.items() for phrase in said)
_AFTER = tuple((tuple(phrase.split()), op) for op, said in _AFTER_NUMBER.items() for phrase in said)
_WITHOUT_NUMBER = frozenset({"above", "below", "exceed", "exceeds", "exceeding", "equal"})
"""Words that compare two figures too; of the phrases, all with `than` do."""
_INSIDE = frozenset({"a", "the", "of", "dollar", "euro", "just", "some", "about"})
"""Words that may stand before the number."""
_UNITS = {
    "day": "days", "days": "days", "percent": "percent",
    "piece": "pieces", "pieces": "pieces", "unit": "pieces", "units": "pieces",
    "dollar": "money", "dollars": "money", "usd": "money", "eur": "money", "euro": "money", "euros": "money",
}  # fmt: skip


def comparison(tokens: Sequence[Token], i: int) -> Chunk | None:
    """A comparison with a number and its unit, or the words that compare two figures."""
    return _word_first(tokens, i) or _number_first(tokens, i)


def _word_first(tokens: Sequence[Token], i: int) -> Chunk | None:
    words = tuple(token.norm for token in tokens[i : i + 3])
    found = next((said for said in _BEFORE if words[: len(said[0])] == said[0]), None)
    if found is None:
        return None
    phrase, op = found
    at = i + len(phrase)
    while at < len(tokens) and tokens[at].norm in _INSIDE:
        at += 1
    number, after = _amount(tokens, at)
    if number is not None:
        unit, after = _unit(tokens, i, after)
        return Chunk(i, after, marker="compare", number=number, op=op, unit=unit)
    if phrase[-1] == "than" or phrase[0] in _WITHOUT_NUMBER:
        return Chunk(i, i + len(phrase), marker="than", op=op)
    return None


def _number_first(tokens: Sequence[Token], i: int) -> Chunk | None:
    if tokens[i].number is None:
        return None
    number, after = _amount(tokens, i)
    for at in (after, after + 1, after + 2):
        words = tuple(token.norm for token in tokens[at : at + 2])
        for phrase, op in _AFTER:
            if words[: len(phrase)] == phrase:
                unit, _ = _unit(tokens, i, after)
                return Chunk(i, at + len(phrase), marker="compare", number=number, op=op, unit=unit)
    return None


def _amount(tokens: Sequence[Token], i: int) -> tuple[Decimal | None, int]:
    """A number with its multiplier and percent sign, and the position after it."""
    number, after = amount(tokens, i)
    if number is not None and after < len(tokens) and tokens[after].norm == "percent":
        return number, after + 1
    return number, after


def _unit(tokens: Sequence[Token], first: int, after: int) -> tuple[str, int]:
    """Unit of a compared number and the position after it; the word for days stays to be read."""
    unit = _UNITS.get(tokens[after].norm) if after < len(tokens) else None
    if unit is not None:
        return unit, after if unit == "days" else after + 1
    inside = {token.norm for token in tokens[first:after]}
    if "percent" in inside:
        return "percent", after
    return ("money" if inside & {"dollar", "euro"} else ""), after
