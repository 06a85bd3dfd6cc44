"""Two runs side by side: how the rates differ, with intervals, and which cases flipped."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.rates import Rate
from eval.results import Run, Try

_DRAWS = 2_000
_SEED = 20_201
_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Difference:
    """A rate in both runs over the tries that both have."""

    name: str
    before: Rate
    after: Rate
    low: float
    high: float
    """Bounds of the 95 % interval of after minus before (paired bootstrap over cases)."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A case that ended otherwise."""

    suite: str
    case: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two runs."""

    shared: int
    only_before: int
    only_after: int
    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]
    """Of frozen suites too: how a case ended says nothing of what it asks."""


_RATES: tuple[tuple[str, Callable[[Try], bool]], ...] = (
    ("right at once", lambda one: one.is_right),
    ("wrong", lambda one: one.outcome.value == "wrong"),
    ("within one click", lambda one: one.within_click),
    ("dangerous error", lambda one: one.dangerous is not None),
    ("every check holds", lambda one: one.passed),
)


def compared(before: Run, after: Run) -> Comparison:
    """Two runs over the tries that both have."""
    old, new = ({one.key: one for one in run.tries} for run in (before, after))
    keys = sorted(old.keys() & new.keys())
    pairs = [(old[key], new[key]) for key in keys]
    flips = tuple(
        Flip(a.suite, a.case, a.outcome.value, b.outcome.value) for a, b in pairs if a.outcome != b.outcome
    )
    differences = tuple(_difference(name, holds, pairs) for name, holds in _RATES)
    return Comparison(len(keys), len(old) - len(keys), len(new) - len(keys), differences, flips)


def _difference(name: str, holds: Callable[[Try], bool], pairs: Sequence[tuple[Try, Try]]) -> Difference:
    was, now = [holds(a) for a, _ in pairs], [holds(b) for _, b in pairs]
    steps = [int(b) - int(a) for a, b in zip(was, now, strict=True)]
    chance = random.Random(_SEED)
    drawn = (
        sorted(sum(chance.choices(steps, k=len(steps))) / len(steps) for _ in range(_DRAWS))
        if steps
        else [0.0]
    )
    at = int(_TAIL * len(drawn))
    return Difference(name, Rate(sum(was), len(was)), Rate(sum(now), len(now)), drawn[at], drawn[-1 - at])


def as_text(found: Comparison) -> str:
    """The comparison as lines to read."""
    lines = [
        f"{found.shared} tries in both; {found.only_before} only in the first,"
        f" {found.only_after} only in the second",
        f"{'':20} {'before':>16} {'after':>16} {'difference':>24}",
    ]
    for one in found.differences:
        change = 100 * (one.after.share - one.before.share)
        spread = f"{change:+.1f} [{100 * one.low:+.1f}, {100 * one.high:+.1f}]"
        lines.append(f"{one.name:20} {one.before!s:>16} {one.after!s:>16} {spread:>24}")
    lines += [f"{one.suite} {one.case}: {one.before} -> {one.after}" for one in found.flips]
    return "\n".join(lines)
