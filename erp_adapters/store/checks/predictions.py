"""Models whose predictions no longer fit what comes, from a day on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from erp_adapters.store.checks.finding import Finding, Found, Key, Measure, Retrain
from erp_adapters.store.checks.limits import limits
from erp_adapters.store.checks.look import Check, Look

NAME = "model_drift"


@dataclass(frozen=True, slots=True)
class PredictionRow:
    """What was foretold for a day beside what came."""

    site: str
    source_system: str
    source_key: str
    model: str
    model_version: str
    for_day: date
    value: float
    actual: float
    unit: str


@dataclass(frozen=True, slots=True)
class Change:
    """Where predictions began to be off."""

    day: date
    before: float
    """Usual difference between foretold and come, before it; and after."""
    after: float
    strength: float
    """How many times the scatter of such differences the change is."""


_ROWS = """
select site, source_system, source_key, model, model_version, for_day, value::float as value,
       actual::float as actual, unit
from erp.prediction where site = any(%(sites)s) and actual is not null
order by site, model, model_version, for_day, prediction_id
"""


def find(look: Look) -> Found:
    """Models that drifted at a site, with the day and by how much."""
    rows = look.rows(PredictionRow, _ROWS)
    return Found(tuple(drifted(rows)), Counter(row.site for row in rows))


CHECK = Check(NAME, find)


def drifted(rows: Sequence[PredictionRow]) -> Iterator[Finding]:
    """The same from rows, the earliest first."""
    of_model: dict[tuple[str, str, str], list[PredictionRow]] = defaultdict(list)
    for row in rows:
        of_model[row.site, row.model, row.model_version].append(row)
    for (site, model, version), of_one in of_model.items():
        change = change_of(of_one)
        if change is None:
            continue
        after = [row for row in of_one if row.for_day >= change.day]
        scale = float(np.mean([abs(row.actual) for row in after])) or 1.0
        bias = 100 * (change.after - change.before) / scale
        yield Finding(
            NAME,
            Key(site, "prediction", after[0].source_key),
            after[0].source_system,
            "serious",
            "model_foretells_too_little" if change.after < change.before else "model_foretells_too_much",
            Retrain(f"{model} {version}"),
            round(min(0.99, 0.7 + 0.02 * change.strength), 3),
            {
                "model": model.replace("_", " "),
                "version": version,
                "day": change.day,
                "percent": Decimal(str(round(abs(bias)))),
                "unit": after[0].unit,
            },
            tuple(Key(site, "prediction", row.source_key) for row in after[1:20]),
            Measure(_decimal(change.after), *_usual(of_one, change), after[0].unit),
            group=f"{site} {model} {version} {change.day}",
        )


def change_of(rows: Sequence[PredictionRow]) -> Change | None:
    """The day from which on a model is off by more than chance; None where it is not."""
    limit = limits(NAME)
    days = sorted({row.for_day for row in rows})
    if len(rows) < limit["fewest_predictions"] or len(days) < limit["fewest_days"]:
        return None
    residuals = np.array([row.value - row.actual for row in rows])
    # Relative where things are of different sizes, so that the largest does not hide the others.
    size = np.array([max(abs(row.actual), abs(row.value)) for row in rows])
    relative = residuals / np.maximum(size, float(np.median(size)) * 0.1 or 1.0)
    place = {day: number for number, day in enumerate(days)}
    number_of = np.array([place[row.for_day] for row in rows])
    count = np.bincount(number_of, minlength=len(days)).astype(float)
    total = np.bincount(number_of, relative, minlength=len(days))
    cuts = np.arange(int(limit["margin_days"]), len(days) - int(limit["margin_days"]) + 1)
    if len(cuts) == 0:
        return None
    counts, totals = np.cumsum(count), np.cumsum(total)
    n_before, n_after = counts[cuts - 1], counts[-1] - counts[cuts - 1]
    before, after = totals[cuts - 1] / n_before, (totals[-1] - totals[cuts - 1]) / n_after
    gain = (after - before) ** 2 * n_before * n_after / counts[-1]
    best = int(np.argmax(gain))
    cut = days[int(cuts[best])]
    is_after = np.array([row.for_day >= cut for row in rows])
    scatter = float(np.sqrt((np.var(relative[~is_after]) + np.var(relative[is_after])) / 2)) or 1e-9
    shift = float(after[best] - before[best])
    strength = float(np.sqrt(gain[best])) / scatter
    if abs(shift) < limit["least_shift"] or abs(shift) < limit["least_effect"] * scatter:
        return None
    if strength < limit["least_strength"]:
        return None
    return Change(cut, float(residuals[~is_after].mean()), float(residuals[is_after].mean()), strength)


def _usual(rows: Sequence[PredictionRow], change: Change) -> tuple[Decimal, Decimal]:
    before = np.array([row.value - row.actual for row in rows if row.for_day < change.day])
    low, high = np.quantile(before, (0.1, 0.9))
    return _decimal(float(low)), _decimal(float(high))


def _decimal(value: float) -> Decimal:
    return Decimal(str(round(value, 3)))
