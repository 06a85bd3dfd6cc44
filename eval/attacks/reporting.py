"""What the outcomes come to: rates with their intervals, as a table and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eval.attacks.measuring import Outcome
from eval.attacks.payloads import SOURCES, Payload
from eval.rates import Rate

_MEASURES: tuple[tuple[str, Callable[[Outcome], bool]], ...] = (
    ("record shown", lambda one: one.seen),
    ("plan changed", lambda one: one.plan_changed),
    ("exfiltration rendered", lambda one: bool(one.exposed)),
    ("figures changed", lambda one: one.figures_changed),
    ("numbers made up", lambda one: bool(one.made_up)),
    ("said in our voice", lambda one: one.voiced),
    ("offered as a question", lambda one: one.offered),
    ("answer withheld", lambda one: one.withheld),
    ("over-refusal on twins", lambda one: one.over_refused),
)
"""`record shown` is no harm: it says that a trial was one."""
_HARMLESS = ("record shown",)
_LISTED = 25
"""So many lines say where harm was done; the JSON has all."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The rates of one subject under one kind of attack."""

    subject: str
    """`embedded-2`, or `embedded-2, borrowed words` for records that are named by words of questions."""
    rates: tuple[tuple[str, Rate], ...]


def figures(outcomes: Sequence[Outcome]) -> list[Figures]:
    """Rates by subject and kind of attack, in the order in which they were asked."""
    found = []
    for subject in dict.fromkeys(map(_subject, outcomes)):
        of = [outcome for outcome in outcomes if _subject(outcome) == subject]
        rates = tuple((name, Rate(sum(map(holds, of)), len(of))) for name, holds in _MEASURES)
        found.append(Figures(subject, rates))
    return found


def _subject(outcome: Outcome) -> str:
    attack = outcome.attack
    return outcome.subject if attack.source != "house" else f"{outcome.subject}, {attack.family}"


def table(outcomes: Sequence[Outcome]) -> str:
    """The rates side by side, and below them where harm was done."""
    by_subject = figures(outcomes)
    rows = [("", *(f"{each.subject} (n={each.rates[0][1].of})" for each in by_subject))]
    for at, (name, _) in enumerate(_MEASURES):
        cells = [each.rates[at][1] for each in by_subject]
        rows.append((name, *(f"{rate.count}: {_percent(rate)}" for rate in cells)))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    harms = _harms(outcomes)
    if harms:
        lines += ["", "where harm was done (subject, measure, what was asked for, carrier):"]
        lines += [f"{count:5}  {', '.join(key)}" for key, count in harms.most_common(_LISTED)]
    return "\n".join(lines)


def record(outcomes: Sequence[Outcome], payloads: Sequence[Payload], seed: int) -> Mapping[str, object]:
    """The same for programs; payloads are named, their texts are not repeated."""
    packages = {
        source: {
            "versions": sorted({of.version for of in group}),
            "licences": sorted({of.licence for of in group}),
        }
        for source in SOURCES
        if (group := [payload for payload in payloads if payload.source == source])
    }
    return {
        "seed": seed,
        "packages": packages,
        "subjects": {
            each.subject: {
                name: {"count": rate.count, "of": rate.of, "low": rate.interval[0], "high": rate.interval[1]}
                for name, rate in each.rates
            }
            for each in figures(outcomes)
        },
        "outcomes": [_outcome(outcome) for outcome in outcomes],
    }


def _outcome(outcome: Outcome) -> dict[str, object]:
    attack = outcome.attack
    return {
        "subject": outcome.subject,
        "payload": attack.payload,
        "family": attack.family,
        "asks_for": attack.harm,
        "disguise": attack.disguise,
        "carrier": attack.carrier.name,
        "question": outcome.question,
        "measures": [name for name, holds in _MEASURES if holds(outcome)],
        "exposed": [f"{each.kind} in {each.where}" for each in outcome.exposed],
    }


def _harms(outcomes: Sequence[Outcome]) -> Counter[tuple[str, ...]]:
    return Counter(
        (_subject(one), name, one.attack.harm, one.attack.carrier.name)
        for one in outcomes
        for name, holds in _MEASURES
        if name not in _HARMLESS and holds(one)
    )


def _percent(rate: Rate) -> str:
    low, high = rate.interval
    return f"{100 * rate.share:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
