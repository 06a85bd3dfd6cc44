"""Parts of a variance with their effect on profit, and rounded so that they add up to the totals shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from tools.engines.variance.equations import Var

Side = Literal["cost", "profit"]
"""What more of it does: a cost takes from the profit, everything else adds to it."""
Effect = Literal["F", "U", "N"]
CENTS = 2
_MOST_DIGITS = 12
_TELLING = 100
"""The largest amount is shown with at least as many units of the last digit."""


@dataclass(frozen=True, slots=True)
class Component:
    """A variance of one cause."""

    side: Side
    exact: Fraction
    """Actual less reference, not rounded."""
    delta: Decimal
    """Actual less reference, as it is shown."""

    @property
    def amount(self) -> Decimal:
        """Without its sign."""
        return self.delta.copy_abs()

    @property
    def profit_impact(self) -> Decimal:
        """What it adds to the profit."""
        return _negated(self.delta) if self.side == "cost" else self.delta

    @property
    def effect(self) -> Effect:
        """Favourable, unfavourable or nil."""
        if not self.delta:
            return "N"
        return "F" if self.profit_impact > 0 else "U"


@dataclass(frozen=True, slots=True)
class Total:
    """A variance that is the sum of others, in their effect on profit; `*` stands for every item."""

    of: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variances:
    """The parts of one case under their names, those of items under name and item."""

    parts: Mapping[Var, Component]
    amounts: Mapping[Var, Decimal] = field(default_factory=dict)
    """Figures beside the variances, such as an actual cost that remains."""
    conventions: tuple[str, ...] = ()
    """What the inputs left open, and how it was taken."""

    def __getitem__(self, name: str) -> Component:
        return self.parts[Var(name)]


def totals(text: str) -> tuple[Total, ...]:
    """Totals as lines of `total: part part`, the widest first."""
    read = (line.split(":") for line in text.strip().splitlines())
    return tuple(Total(of.strip(), tuple(parts.split())) for of, parts in read)


def components(
    exact: Mapping[Var, Fraction], sides: Mapping[str, Side], sums: Sequence[Total], digits: int | None = None
) -> tuple[dict[Var, Component], list[str]]:
    """The parts as they are shown, and what had to be said about totals that inputs had rounded.

    A total is rounded first; what its rounded parts miss of it goes to the largest of them. Where two
    variances split by item add up to a third, as mix and yield to usage, the third and one of the two come
    before the other.
    """
    values = dict(exact)
    said: list[str] = []
    held = [each for total in sums for each in _applied(total, values)]
    for of, parts in reversed(held):
        summed = sum((_profit(each, values, sides) for each in parts), Fraction(0))
        own = _profit(of, values, sides)
        if summed != own:
            values[of] = -summed if sides[of.name] == "cost" else summed
            said.append(f"{of} is the sum of its parts; the inputs had it rounded")
    places = digits if digits is not None else _telling_digits(values.values())
    shown = _shown(values, held, sides, places)
    return {
        each: Component(sides[each.name], value, decimal(shown[each], places))
        for each, value in values.items()
    }, said


def decimal(units: int, places: int) -> Decimal:
    """A whole number of the last place as a decimal, exact at any size."""
    digits = tuple(int(digit) for digit in str(abs(units)))
    return Decimal((int(units < 0), digits, -places))


def rounded(value: Fraction, places: int) -> int:
    """Units of the last place, halves away from zero as in accounts."""
    numerator, denominator = value.numerator, value.denominator
    whole: int = (2 * abs(numerator) * 10**places + denominator) // (2 * denominator)
    return -whole if numerator < 0 else whole


def _applied(total: Total, values: Mapping[Var, Fraction]) -> list[tuple[Var, list[Var]]]:
    """The sums of a total that have all their parts: one for the case, or one for each item."""
    if total.of.endswith("*"):
        items = [each.item for each in values if each.name == total.of[:-1]]
        found = [(Var(total.of[:-1], i), [Var(part.rstrip("*"), i) for part in total.parts]) for i in items]
        return [(of, parts) for of, parts in found if all(part in values for part in parts)]
    parts: list[Var] = []
    for part in total.parts:
        if part.endswith("*"):
            parts += [each for each in values if each.name == part[:-1]]
        else:
            parts.append(Var(part))
    of = Var(total.of)
    return [(of, parts)] if of in values and parts and all(part in values for part in parts) else []


def _shown(
    values: Mapping[Var, Fraction],
    held: Sequence[tuple[Var, list[Var]]],
    sides: Mapping[str, Side],
    places: int,
) -> dict[Var, int]:
    shown: dict[Var, int] = {}
    signs = {each: -1 if sides[each.name] == "cost" else 1 for each in values}
    for of, parts in held:
        open_parts = [part for part in parts if part not in shown]
        if of not in shown and open_parts:
            shown[of] = rounded(values[of], places)
        shown.update({part: rounded(values[part], places) for part in open_parts})
        summed = sum(signs[part] * shown[part] for part in parts)
        if of not in shown:
            shown[of] = signs[of] * summed
        elif open_parts and (missing := signs[of] * shown[of] - summed):
            largest = max(open_parts, key=lambda part: abs(values[part]))
            shown[largest] += signs[largest] * missing
    return {each: shown.get(each, rounded(value, places)) for each, value in values.items()}


def _profit(of: Var, values: Mapping[Var, Fraction], sides: Mapping[str, Side]) -> Fraction:
    return -values[of] if sides[of.name] == "cost" else values[of]


def _telling_digits(values: Iterable[Fraction]) -> int:
    largest = max((abs(each) for each in values), default=Fraction(0))
    places = CENTS
    while largest and places < _MOST_DIGITS and largest * 10**places < _TELLING:
        places += 1
    return places


def _negated(value: Decimal) -> Decimal:
    return value.copy_negate() if value else value
