"""A run for programs."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from eval.rates import Rate
from eval.report.summary import Summary
from eval.tallies import Tally


def record(found: Summary) -> dict[str, Any]:
    """Gates, tables and what the run was made with; the tries themselves lie beside it."""
    return {
        "against": None if found.against is None else asdict(found.against),
        "made_with": found.run.manifest.model_dump(mode="json"),
        "passes": found.passes,
        "gates": [
            {"name": one.gate.name, "value": _number(one.value), "interval": one.interval, "holds": one.holds}
            for one in found.passages
        ],
        "tables": {
            section.title: [tally_record(tally) for tally in section.tallies] for section in found.sections
        },
        "holding_back": {
            name: {"right": _rate(right), "within_one_click": _rate(click)}
            for name, right, click in found.calibration
        },
    }


def tally_record(tally: Tally) -> dict[str, Any]:
    """The figures of some tries."""
    names = (
        "right", "wrong", "held_back", "within_click", "failed", "rightly_declined", "wrongly_declined",
        "dangerous", "grounded", "calls_right",
    )  # fmt: skip
    return {
        "name": tally.name,
        "tries": len(tally.tries),
        **{name: _rate(getattr(tally, name)) for name in names},
        "unsafe": tally.unsafe,
        "money_wrong": tally.money_wrong,
        "p50_ms": _number(tally.latency_ms(0.5)),
        "p95_ms": _number(tally.latency_ms(0.95)),
        "overhead_p95_ms": _number(tally.overhead_ms(0.95)),
        "tokens": tally.tokens,
    }


def _rate(rate: Rate) -> dict[str, Any]:
    low, high = rate.interval
    return {"count": rate.count, "of": rate.of, "share": rate.share, "low": low, "high": high}


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value
