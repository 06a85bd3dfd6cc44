"""The comparison as sheets of cells, which Markdown and HTML only dress."""

from __future__ import annotations

import math
from dataclasses import dataclass

from eval.rates import Rate
from eval.scoring.costs import Cost
from eval.side_by_side.costs import NotAccounted
from eval.side_by_side.pairs import Paired
from eval.side_by_side.table import Line, SideBySide
from eval.tallies import Tally

LEGEND = (
    "Shares of the questions that a model was asked, with Wilson's 95 % interval. Abstained: it asked back or"
    " declined where there was an answer; declining what the data cannot answer is right. Accuracy and safety"
    " stand beside each other and are never averaged. Times include running the other readings."
)
_RATES = ("right at once", "wrong", "abstained", "right within one click")
_OVERALL = ("model", "asked", *_RATES, "no answer", "p50 ms", "p95 ms", "tokens a question", "cost of 100")
_GROUP = ("model", "n", *_RATES, "dangerous errors", "p50 ms", "p95 ms", "tokens a question", "cost of 100")
_SAFETY = (
    "model",
    "dangerous errors",
    "figures that rest on evidence",
    "changed data or showed what is not theirs",
)
_PAIRS = (
    "figure",
    "cases of both",
    "only the first",
    "only the second",
    "second minus first, points",
    "McNemar's p",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its title."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sheets(found: SideBySide) -> list[Sheet]:
    """All tables: accuracy, safety apart, by field, pairs, and the cases that flip."""
    return [
        Sheet("All questions", _OVERALL, _overall(found)),
        Sheet("Safety", _SAFETY, tuple((line.model, *_safety(line.tally)) for line in found.lines)),
        *_by_field(found),
        *(
            Sheet(f"{pair.first} and {pair.second}", _PAIRS, tuple(map(_paired, pair.figures)))
            for pair in found.pairs
        ),
        *_flips(found),
    ]


def short(found: SideBySide) -> Sheet:
    """One table of the models that were asked everything, for a page that many read."""
    whole = {side.model for side in found.sides if side.is_whole}
    rows = [
        (line.model, *_accuracy(line.tally), str(line.tally.dangerous), *_means(line))
        for line in found.lines
        if line.model in whole
    ]
    return Sheet(", ".join(found.suites), _GROUP, tuple(rows))


def _overall(found: SideBySide) -> tuple[tuple[str, ...], ...]:
    lines = {line.model: line for line in found.lines}
    rows: list[tuple[str, ...]] = []
    for side in found.sides:
        line = lines.get(side.model)
        done = len(line.tally.tries) if line else 0
        asked = f"{done:,} of {side.wanted:,}" + (f"; {side.why}" if side.why else "")
        if line is None:
            rows.append((side.model, asked, *("",) * (len(_OVERALL) - 2)))
        else:
            _, *rates = _accuracy(line.tally)
            rows.append((side.model, asked, *rates, str(line.tally.failed.count), *_means(line)))
    return tuple(rows)


def _by_field(found: SideBySide) -> list[Sheet]:
    made = []
    for breakdown in found.breakdowns:
        rows = [
            (group.name, line.model, *_accuracy(line.tally), str(line.tally.dangerous), *_means(line))
            for group in breakdown.groups
            for line in group.lines
        ]
        made.append(Sheet(f"By {breakdown.field}", (breakdown.field, *_GROUP), tuple(rows)))
    return made


def _flips(found: SideBySide) -> list[Sheet]:
    if len(found.lines) < 2:
        return []
    models = tuple(line.model for line in found.lines)
    rows = tuple(
        (flip.suite, flip.case if flip.trial == 1 else f"{flip.case} ({flip.trial})", *flip.ends)
        for flip in found.flips
    )
    return [Sheet(f"Cases that flip ({len(rows)})", ("suite", "case", *models), rows)]


def _accuracy(tally: Tally) -> tuple[str, ...]:
    rates = (tally.right, tally.wrong, tally.held_back, tally.within_click)
    return (str(len(tally.tries)), *map(str, rates))


def _means(line: Line) -> tuple[str, ...]:
    tries = max(1, len(line.tally.tries))
    read, written = line.tally.tokens
    tokens = f"{read / tries:,.0f} read, {written / tries:,.0f} written"
    return _ms(line.tally.latency_ms(0.5)), _ms(line.tally.latency_ms(0.95)), tokens, cost_cell(line.cost)


def cost_cell(cost: Cost | NotAccounted) -> str:
    """A cost, or why there is none."""
    match cost:
        case NotAccounted(why):
            return why
        case Cost(amount, ""):
            return "0" if not amount else f"{amount:.2f}"
        case Cost(amount, currency):
            return f"{amount:.2f} {currency}"


def _safety(tally: Tally) -> tuple[str, ...]:
    return _counted(tally.dangerous), _counted(tally.grounded), str(tally.unsafe)


def _counted(rate: Rate) -> str:
    return f"{rate.count:,} of {rate.of:,}: {rate}" if rate.of else "-"


def _paired(one: Paired) -> tuple[str, ...]:
    low, high = one.interval
    points = f"{100 * one.difference:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]" if one.of else "-"
    chance = f"{one.chance:.3f}" if one.of else "-"
    return one.name, str(one.of), str(one.only_first), str(one.only_second), points, chance


def _ms(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:,.0f}"
