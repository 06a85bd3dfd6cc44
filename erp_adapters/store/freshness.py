"""How old the data is: per source and site, when it was last loaded and up to when it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from erp_adapters.store.session import ReadTransaction

_LATEST = """
select distinct on (l.source_system, l.site)
       l.source_system, l.site, coalesce(s.name, l.site), l.load_id, l.finished_at,
       coalesce(l.as_of, s.as_of), l.rows,
       (select max(f.started_at) from erp.load f
        where f.source_system = l.source_system and f.site = l.site and f.status = 'failed'
          and f.started_at > l.started_at)
from erp.load l left join erp.site s on s.site = l.site
where l.status = 'loaded' and l.finished_at is not null
order by l.source_system, l.site, l.finished_at desc
"""


@dataclass(frozen=True, slots=True)
class Freshness:
    """The last complete load of one source and site."""

    source_system: str
    site: str
    site_name: str
    load_id: UUID
    loaded_at: datetime
    data_as_of: datetime | None
    """Business time up to which the data reaches; None where the source does not say."""
    rows: int
    failed_at: datetime | None
    """When a later attempt failed: the data is older than somebody wanted it to be."""

    def age(self, now: datetime) -> timedelta:
        """Time since the load."""
        return now - self.loaded_at


async def freshness(tx: ReadTransaction) -> tuple[Freshness, ...]:
    """The last complete load of each source and site in the caller's scope, by source and site."""
    return tuple(
        Freshness(
            source_system=str(source),
            site=str(site),
            site_name=str(name),
            load_id=_uuid(load_id),
            loaded_at=_time(loaded_at),
            data_as_of=None if as_of is None else _time(as_of),
            rows=int(str(rows)),
            failed_at=None if failed_at is None else _time(failed_at),
        )
        for source, site, name, load_id, loaded_at, as_of, rows, failed_at in (await tx.fetch(_LATEST)).rows
    )


def _time(value: object) -> datetime:
    assert isinstance(value, datetime)
    return value


def _uuid(value: object) -> UUID:
    assert isinstance(value, UUID)
    return value
