"""Registered models that lost their right to speak at a site, where no other version speaks since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from erp_adapters.store.checks.finding import Finding, Found, Key, Retrain
from erp_adapters.store.checks.look import Check, Look

NAME = "suspended_models"


@dataclass(frozen=True, slots=True)
class SuspendedRow:
    """A version as it was suspended."""

    id: int
    site: str
    name: str
    version: str
    reason: str
    day: date


_ROWS = """
select id, site, name, version, reason, day from app.suspended_model where site = any(%(sites)s)
order by site, name
"""
_REGISTERED = """
select site, count(distinct (name, version)) from app.predictor_state
where site = any(%(sites)s) group by site
"""


def find(look: Look) -> Found:
    """A task for each model that nobody has trained anew or let in again since it was suspended."""
    rows = look.rows(SuspendedRow, _ROWS)
    return Found(tuple(to_retrain(rows)), Counter(look.counts(_REGISTERED)))


CHECK = Check(NAME, find)


def to_retrain(rows: Sequence[SuspendedRow]) -> Iterator[Finding]:
    """The same from rows; a suspension opens it in the same transaction, by the same id."""
    for row in rows:
        model = f"{row.name} {row.version}"
        yield Finding(
            NAME,
            Key(row.site, "predictor", model),
            "plantwright",
            "serious",
            "model_suspended",
            Retrain(model),
            1.0,
            {"name": row.name, "version": row.version, "day": row.day, "reason": row.reason},
            # Suspended once more, it is another task: what was decided about the first is over.
            group=f"{row.site} {row.name} {row.version} {row.id}",
        )
