"""Times in which a source of a site was away: what was said meanwhile did not know what came after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from erp_adapters.store.session import ReadTransaction

_AT: Final = """
select site, source, began_at, ended_at from app.outage
where began_at <= %(until)s and (ended_at is null or ended_at >= %(since)s)
order by site, source, began_at
"""


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a source of a site was away."""

    site: str
    source: str
    began_at: datetime
    ended_at: datetime | None
    """When what it had to tell was here; None where it is not yet."""

    def touches(self, sources: Collection[str], at: datetime) -> bool:
        """Whether what was said then of these sources lacks what came after, which is here now."""
        if self.ended_at is None or not self.began_at <= at <= self.ended_at:
            return False
        return any(each == self.source or each.startswith(f"{self.source}/") for each in sources)


async def outages(tx: ReadTransaction, since: datetime, until: datetime) -> tuple[Outage, ...]:
    """Outages of the caller's sites that reach into a time."""
    found = await tx.fetch(_AT, {"since": since, "until": until})
    return tuple(Outage(*row) for row in found.rows)  # type: ignore[arg-type]
