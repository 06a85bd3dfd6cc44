"""Which materials may stand in for another on a day: what is valid, allowed, there and not spoken for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Literal, TypeAlias

Hindrance: TypeAlias = Literal[
    "same", "turned_down", "not_yet", "no_longer", "unknown", "discontinued", "on_hold", "short", "none_free"
]
"""Why a material may not stand in, the first that holds: it is the one that is to be replaced; quality turned
it down; the pair is not valid yet or no longer; the site keeps no such material; it is discontinued by
then, on hold as a whole, or short itself; or all of it is spoken for."""
_PLACES = Decimal("0.000001")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Pair:
    """A material that may stand in, as the site keeps it."""

    replaced_by: str
    ratio: Decimal
    """Units of it for one unit of what it replaces."""
    valid_from: date
    valid_to: date | None = None
    needs_approval: bool = False
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class Spare:
    """So much of a material becomes free on a day, and nothing asks for it."""

    on: date
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds of a material that may stand in, on the day of need."""

    spare: tuple[Spare, ...]
    """By day, safety stock left out."""
    is_short: bool = False
    is_on_hold: bool = False
    discontinued_on: date | None = None

    @property
    def free(self) -> Decimal:
        """All that is spare."""
        return sum((one.quantity for one in self.spare), _ZERO)


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair with what it can do."""

    pair: Pair
    hindrance: Hindrance | None
    """None where it may stand in."""
    free: Decimal
    """In its own unit."""
    covers: Decimal
    """Units of what it replaces that the free ones stand in for."""
    enough_on: date | None
    """First day on which enough is free for the need, or all that will be; None where nothing is."""

    @property
    def is_allowed(self) -> bool:
        """True where it may stand in as soon as some of it is free."""
        return self.hindrance in (None, "none_free")


def judged(
    material: str, need: Decimal, pairs: Sequence[Pair], standings: Mapping[str, Standing], day: date
) -> tuple[Judged, ...]:
    """Each material of the pairs once: first what may stand in, without approval before with, most first.

    Args:
        need: units of the material that are needed; zero where no quantity is asked about.
        standings: of every material that the site keeps.
        day: on which they are to be used.
    """
    latest: dict[str, Pair] = {}
    for pair in sorted(pairs, key=lambda one: (_out_of_range(one, day) is None, one.valid_from)):
        # Of several for one material, what holds on the day counts; of several that hold, the latest.
        latest[pair.replaced_by] = pair
    found = [_judged(material, need, pair, standings.get(pair.replaced_by), day) for pair in latest.values()]
    return tuple(sorted(found, key=_rank))


def _rank(one: Judged) -> tuple[bool, bool, bool, Decimal, str]:
    return (
        not one.is_allowed,
        one.hindrance is not None,
        one.pair.needs_approval,
        -one.covers,
        one.pair.replaced_by,
    )


def _judged(material: str, need: Decimal, pair: Pair, standing: Standing | None, day: date) -> Judged:
    free = standing.free if standing else _ZERO
    covers = (free / pair.ratio).quantize(_PLACES, ROUND_FLOOR) if free > 0 and pair.ratio > 0 else _ZERO
    enough = _enough_on(standing.spare, need * pair.ratio) if standing and covers > 0 else None
    return Judged(pair, _hindrance(material, pair, standing, covers, day), free, covers, enough)


def _hindrance(
    material: str, pair: Pair, standing: Standing | None, covers: Decimal, day: date
) -> Hindrance | None:
    if pair.replaced_by == material:
        return "same"
    if pair.is_blocked:
        return "turned_down"
    out = _out_of_range(pair, day)
    if out is not None:
        return out
    if standing is None:
        return "unknown"
    if standing.discontinued_on is not None and standing.discontinued_on <= day:
        return "discontinued"
    if standing.is_on_hold:
        return "on_hold"
    if standing.is_short:
        return "short"
    return None if covers > 0 else "none_free"


def _out_of_range(pair: Pair, day: date) -> Literal["not_yet", "no_longer"] | None:
    if pair.valid_from > day:
        return "not_yet"
    return "no_longer" if pair.valid_to is not None and pair.valid_to < day else None


def _enough_on(spare: Sequence[Spare], wanted: Decimal) -> date | None:
    running = _ZERO
    last = None
    for one in sorted(spare, key=lambda each: each.on):
        running += one.quantity
        last = one.on
        if running >= wanted:
            break
    return last
