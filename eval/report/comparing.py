"""Two runs side by side: how the rates differ, with intervals, and which cases flipped."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from eval.rates import Rate
from eval.results import Run, Try, Versions

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
class Change:
    """What one of two runs was made with and the other was not."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two runs."""

    made: tuple[Change, ...]
    """Code, prompts, catalogue, data and the like: a difference can only be put down to these."""
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
    made = tuple(_changes(before.manifest.versions, after.manifest.versions))
    return Comparison(made, len(keys), len(old) - len(keys), len(new) - len(keys), differences, flips)


def _changes(before: Versions, after: Versions) -> Iterator[Change]:
    """Each prompt and kind of data by its name; the digest of all prompts says no more than these."""
    old, new = _named(before), _named(after)
    for what in dict.fromkeys((*old, *new)):
        was, now = old.get(what, "none"), new.get(what, "none")
        if was != now and (what != "prompts" or not (before.each_prompt and after.each_prompt)):
            yield Change(what, was, now)


def _named(versions: Versions) -> dict[str, str]:
    plain = versions.model_dump(exclude={"data", "each_prompt"})
    prompts = {f"prompt {name}": text for name, text in versions.each_prompt.items()}
    return {**plain, **prompts, **{f"data {name}": text for name, text in versions.data.items()}}


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
    lines = [f"{one.what}: {one.before} -> {one.after}" for one in found.made] or [_NOTHING]
    lines += [shared(found), f"{'':20} {'before':>16} {'after':>16} {'difference':>24}"]
    lines += [f"{name:20} {was:>16} {now:>16} {spread:>24}" for name, was, now, spread in rates(found)]
    lines += [" ".join((one.suite, f"{one.case}:", one.before, "->", one.after)) for one in found.flips]
    return "\n".join(lines)


_NOTHING = "both were made with the same"


def shared(found: Comparison) -> str:
    """How many tries the comparison rests on."""
    return (
        f"{found.shared} tries in both; {found.only_before} only in the first,"
        f" {found.only_after} only in the second"
    )


def rates(found: Comparison) -> list[tuple[str, str, str, str]]:
    """Each rate before and after, and by how many points it differs, with its interval."""
    return [
        (
            one.name,
            str(one.before),
            str(one.after),
            f"{100 * (one.after.share - one.before.share):+.1f}"
            f" [{100 * one.low:+.1f}, {100 * one.high:+.1f}]",
        )
        for one in found.differences
    ]
