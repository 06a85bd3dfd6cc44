"""The figures of several models as typed data; Markdown, HTML and JSON are made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from eval.results import Try
from eval.scoring.costs import Cost
from eval.side_by_side.asking import Side
from eval.side_by_side.costs import NotAccounted, per_hundred
from eval.side_by_side.pairs import Pair, paired
from eval.tallies import Tally, by_field

FIELDS = ("topic", "language", "kind")


@dataclass(frozen=True)
class Line:
    """One model over some cases."""

    model: str
    tally: Tally

    @property
    def cost(self) -> Cost | NotAccounted:
        """What a hundred of these questions cost."""
        return per_hundred(self.tally.tries)


@dataclass(frozen=True)
class Group:
    """All models over the cases of one topic, language or kind."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Breakdown:
    """The groups of one field, the largest first."""

    field: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Flip:
    """A case that does not end alike with all models."""

    suite: str
    case: str
    trial: int
    ends: tuple[str, ...]
    """For each model that was asked anything how it ended; empty where it was not asked."""


@dataclass(frozen=True)
class SideBySide:
    """Models beside each other."""

    suites: tuple[str, ...]
    sides: tuple[Side, ...]
    lines: tuple[Line, ...]
    """Of the models that were asked anything."""
    breakdowns: tuple[Breakdown, ...]
    pairs: tuple[Pair, ...]
    flips: tuple[Flip, ...]

    @property
    def is_whole(self) -> bool:
        """True where every model was asked every case."""
        return all(side.is_whole for side in self.sides)


def side_by_side(suites: Sequence[str], sides: Sequence[Side]) -> SideBySide:
    """What the sides come to."""
    runs = [(side.model, side.run) for side in sides if side.run is not None]
    tries = [(model, run.tries) for model, run in runs]
    return SideBySide(
        suites=tuple(suites),
        sides=tuple(sides),
        lines=tuple(Line(model, Tally(model, mine)) for model, mine in tries),
        breakdowns=tuple(_breakdown(field, tries) for field in FIELDS),
        pairs=tuple(paired(a, run_a, b, run_b) for (a, run_a), (b, run_b) in combinations(runs, 2)),
        flips=_flips(tries),
    )


def _breakdown(field: str, tries: Sequence[tuple[str, tuple[Try, ...]]]) -> Breakdown:
    tallies = {model: {tally.name: tally for tally in by_field(mine, field)} for model, mine in tries}
    names = [tally.name for tally in by_field([one for _, mine in tries for one in mine], field)]
    return Breakdown(
        field,
        tuple(
            Group(name, tuple(Line(model, mine[name]) for model, mine in tallies.items() if name in mine))
            for name in names
        ),
    )


def _flips(tries: Sequence[tuple[str, tuple[Try, ...]]]) -> tuple[Flip, ...]:
    """Of frozen suites too: how a case ended says nothing of what it asks."""
    by_model = [{one.key: _end(one) for one in mine} for _, mine in tries]
    keys = sorted({key for ends in by_model for key in ends})
    found = [Flip(*key, tuple(ends.get(key, "") for ends in by_model)) for key in keys]
    return tuple(flip for flip in found if len(set(flip.ends) - {""}) > 1)


def _end(one: Try) -> str:
    """How a try ended; a dangerous error is not the same as a harmless one."""
    return f"{one.outcome.value}, dangerous" if one.dangerous else one.outcome.value
