"""How each source of series stands; without what it takes to read one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from erp_adapters.store.session import ReadTransaction

_SOURCES: Final = """
select source, site, kind, signals, heard_at, reached_to, tried_at, failing_since, problem
from app.series_source order by source, site
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
