"""How old the data is: per source and site, when it was last loaded and up to when it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from erp_adapters.store.session import ReadTransaction

_LATEST = """
select l.source_system, l.site, coalesce(s.name, l.site), l.load_id, coalesce(r.read_at, l.finished_at),
       coalesce(r.read_at, l.as_of, s.as_of), l.rows,
       case when r.parts is not null then r.failing_since else
       (select max(f.started_at) from erp.load f
        where f.source_system = l.source_system and f.site = l.site and f.status = 'failed'
          and f.started_at > l.started_at) end
from (select distinct on (source_system, site) * from erp.load
      where status = 'loaded' and finished_at is not null
      order by source_system, site, finished_at desc) l
left join erp.site s on s.site = l.site
left join (select source_system, site, min(read_at) as read_at, min(failing_since) as failing_since,
                  count(*) as parts
           from erp.sync_feed where part <> 'documents' group by source_system, site) r
       on r.source_system = l.source_system and r.site = l.site
order by l.source_system, l.site
"""
_TROUBLES = """
select source_system, site, part, read_at, failing_since, problem, remedy,
       rows, source_rows, total, source_total
from erp.sync_feed
where failing_since is not null
   or (read_at is not null and (rows <> source_rows or coalesce(total, 0) <> source_total))
order by source_system, site, part
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


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part of a source that could not be read to its end, or of which not all is here."""

    source_system: str
    site: str
    part: str
    read_at: datetime | None
    """How it stood then is what the store has; None where it was never read to its end."""
    failing_since: datetime | None
    """None where it was read and what is kept differs from what the source says that it has."""
    problem: str
    remedy: str


async def troubles(tx: ReadTransaction) -> tuple[Trouble, ...]:
    """What is wrong with readings of systems in the caller's scope, by source, site and part."""
    found = []
    for row in (await tx.fetch(_TROUBLES)).rows:
        source, site, part, read_at, failing, problem, remedy, rows, source_rows, total, source_total = row
        if failing is None:
            problem = difference(int(str(rows)), _number(total), int(str(source_rows)), _number(source_total))
            remedy = "The next reading looks at everything again."
        found.append(
            Trouble(
                str(source),
                str(site),
                str(part),
                None if read_at is None else _time(read_at),
                None if failing is None else _time(failing),
                str(problem),
                str(remedy),
            )
        )
    return tuple(found)


def difference(rows: int, total: Decimal | None, source_rows: int, source_total: Decimal | None) -> str:
    """In words, how what is kept differs from what the source says that it has; empty where it does not."""
    said = []
    if rows != source_rows:
        said.append(f"{rows:,} rows are kept and the source has {source_rows:,}")
    if source_total is not None and (total or 0) != source_total:
        off = (total or Decimal(0)) - source_total
        said.append(f"what is kept comes to {off:+,f} more than the source's {source_total:,f}")
    return "; ".join(said)


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


def _number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _time(value: object) -> datetime:
    assert isinstance(value, datetime)
    return value


def _uuid(value: object) -> UUID:
    assert isinstance(value, UUID)
    return value
