"""How each source of series stands; without what it takes to read one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from erp_adapters.store.session import ReadTransaction

SILENT_AFTER: Final = timedelta(minutes=3)
_SOURCES: Final = """
select source, site, kind, signals, heard_at, reached_to, tried_at, failing_since, problem
from app.series_source order by source, site
"""
_COLLECTORS: Final = """
select name, site, heard_at, waiting_batches, waiting_samples, waiting_since, full_since, set_aside
from app.collector order by name, site
"""


@dataclass(frozen=True, slots=True)
class SeriesSource:
    """How a source of series stands."""

    source: str
    site: str
    kind: str
    signals: int
    heard_at: datetime | None
    reached_to: datetime | None
    tried_at: datetime | None
    failing_since: datetime | None
    problem: str


async def sources(tx: ReadTransaction) -> tuple[SeriesSource, ...]:
    """How each source of series in the caller's scope stands."""
    return tuple(SeriesSource(*row) for row in (await tx.fetch(_SOURCES)).rows)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class CollectorStanding:
    """How a collector at a site stands, as it told last."""

    name: str
    site: str
    heard_at: datetime
    waiting_batches: int
    waiting_samples: int
    waiting_since: datetime | None
    full_since: datetime | None
    set_aside: int

    def is_silent(self, now: datetime) -> bool:
        """Whether it was not heard of for longer than a pause: the link is down, or the site is."""
        return now - self.heard_at > SILENT_AFTER


async def collectors(tx: ReadTransaction) -> tuple[CollectorStanding, ...]:
    """How each collector of the caller's sites stands."""
    return tuple(CollectorStanding(*row) for row in (await tx.fetch(_COLLECTORS)).rows)  # type: ignore[arg-type]
