"""The comparison for programs."""

from __future__ import annotations

from typing import Any

from eval.report.record import tally_record
from eval.scoring.costs import Cost
from eval.side_by_side.asking import Side, folder_name
from eval.side_by_side.pairs import Pair
from eval.side_by_side.table import Line, SideBySide


def record(found: SideBySide) -> dict[str, Any]:
    """Every figure of the tables, and what each run was made with."""
    lines = {line.model: line for line in found.lines}
    return {
        "suites": found.suites,
        "models": [_side(side, lines.get(side.model)) for side in found.sides],
        "by": {
            breakdown.field: {
                group.name: {line.model: _line(line) for line in group.lines} for group in breakdown.groups
            }
            for breakdown in found.breakdowns
        },
        "pairs": [_pair(pair) for pair in found.pairs],
        "flips": [
            {
                "suite": flip.suite,
                "case": flip.case,
                "trial": flip.trial,
                "ends": dict(zip(lines, flip.ends, strict=True)),
            }
            for flip in found.flips
        ],
    }


def _side(side: Side, line: Line | None) -> dict[str, Any]:
    return {
        "model": side.model,
        "folder": folder_name(side.model),
        "whole": side.is_whole,
        "why": side.why,
        "wanted": side.wanted,
        "made_with": side.run.manifest.model_dump(mode="json") if side.run else None,
        "figures": _line(line) if line else None,
    }


def _line(line: Line) -> dict[str, Any]:
    cost = line.cost
    return {
        **tally_record(line.tally),
        "cost_of_100": str(cost.amount) if isinstance(cost, Cost) else None,
        "currency": cost.currency if isinstance(cost, Cost) else None,
        "no_cost_because": "" if isinstance(cost, Cost) else cost.why,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "first": pair.first,
        "second": pair.second,
        "figures": [
            {
                "name": one.name,
                "cases": one.of,
                "only_first": one.only_first,
                "only_second": one.only_second,
                "difference": one.difference,
                "low": one.interval[0],
                "high": one.interval[1],
                "p": one.chance,
            }
            for one in pair.figures
        ],
    }
