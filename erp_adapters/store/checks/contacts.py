"""Plants and sources that could not be reached, and those from which nothing came for longer than usual."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from erp_adapters.store.checks.finding import ContactSource, Finding, Found, Key, Measure
from erp_adapters.store.checks.limits import limits
from erp_adapters.store.checks.look import Check, Look, Plant

OFFLINE, OVERDUE = "offline", "overdue_sources"


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A stretch in which a source could be reached, or not."""

    site: str
    source_system: str
    source_key: str
    system: str
    from_at: datetime
    to_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without contact."""

    site: str
    source_system: str
    source_key: str
    system: str
    from_at: datetime
    to_at: datetime


@dataclass(frozen=True, slots=True)
class LoadRow:
    """When a source was loaded."""

    site: str
    source_system: str
    finished_at: datetime


_CONTACTS = """
select site, source_system, source_key, system, from_at, to_at, state from erp.source_contact
where site = any(%(sites)s) order by site, system, from_at
"""
_LOADS = """
select site, source_system, finished_at from erp.load
where status = 'loaded' and finished_at is not null and site = any(%(sites)s)
order by site, source_system, finished_at
"""


def find_offline(look: Look) -> Found:
    """Times in which a plant's sources could not be reached; at once counts as one."""
    rows = look.rows(ContactRow, _CONTACTS)
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.site] += 1
    return Found(tuple(offline(rows, look.plants)), counts)


def find_overdue(look: Look) -> Found:
    """Sources from which nothing has come for longer than they usually take."""
    rows = look.rows(LoadRow, _LOADS)
    now = look.connection.execute("select now()").fetchone()
    assert now is not None
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.site] += 1
    return Found(tuple(overdue(rows, now[0])), counts)


OFFLINE_CHECK = Check(OFFLINE, find_offline)
OVERDUE_CHECK = Check(OVERDUE, find_overdue)


def offline(rows: Sequence[ContactRow], plants: dict[str, Plant]) -> Iterator[Finding]:
    """The same from rows, by site, system and time."""
    limit = limits(OFFLINE)
    gaps = [gap for gap in _gaps(rows) if _hours(gap) >= limit["hours"]]
    systems = {site: len({row.system for row in rows if row.site == site}) for site in plants}
    for group in _at_once(gaps):
        site = group[0].site
        begins, ends = min(gap.from_at for gap in group), max(gap.to_at for gap in group)
        hours = (ends - begins) / timedelta(hours=1)
        zone = ZoneInfo(plants[site].time_zone)
        whole = len({gap.system for gap in group}) == systems[site] > 1
        yield Finding(
            OFFLINE,
            Key(site, "source_contact", group[0].source_key),
            group[0].source_system,
            "serious" if hours >= limit["serious_hours"] else "flag",
            "plant_offline" if whole else "source_offline",
            ContactSource(", ".join(sorted({gap.system for gap in group}))),
            1.0,
            {
                "systems": ", ".join(sorted({gap.system for gap in group})),
                "from": f"{begins.astimezone(zone):%Y-%m-%d %H:%M}",
                "to": f"{ends.astimezone(zone):%Y-%m-%d %H:%M}",
                "zone": plants[site].time_zone,
                "hours": Decimal(str(round(hours, 1))),
            },
            tuple(Key(site, "source_contact", gap.source_key) for gap in group[1:]),
            Measure(Decimal(str(round(hours, 1))), high=Decimal(str(limit["hours"])), unit="hours"),
        )


def _gaps(rows: Sequence[ContactRow]) -> Iterator[Gap]:
    """Stretches that say offline, and times that no stretch covers."""
    by_system: dict[tuple[str, str], list[ContactRow]] = defaultdict(list)
    for row in rows:
        by_system[row.site, row.system].append(row)
    for stretches in by_system.values():
        reached: datetime | None = None
        for row in sorted(stretches, key=lambda row: row.from_at):
            if row.state == "offline":
                yield Gap(row.site, row.source_system, row.source_key, row.system, row.from_at, row.to_at)
            elif reached is not None and row.from_at > reached:
                yield Gap(row.site, row.source_system, row.source_key, row.system, reached, row.from_at)
            reached = row.to_at if reached is None else max(reached, row.to_at)


def _hours(gap: Gap) -> float:
    return (gap.to_at - gap.from_at) / timedelta(hours=1)


def _at_once(gaps: Sequence[Gap]) -> Iterator[list[Gap]]:
    """Gaps of one site that overlap, together."""
    group: list[Gap] = []
    for gap in sorted(gaps, key=lambda gap: (gap.site, gap.from_at, gap.system)):
        if group and (gap.site != group[0].site or gap.from_at > max(each.to_at for each in group)):
            yield group
            group = []
        group.append(gap)
    if group:
        yield group


def overdue(rows: Sequence[LoadRow], now: datetime) -> Iterator[Finding]:
    """The same from loads, the earliest first."""
    limit = limits(OVERDUE)
    by_source: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for row in rows:
        by_source[row.site, row.source_system].append(row.finished_at)
    for (site, system), times in by_source.items():
        if len(times) < limit["fewest_loads"]:
            continue
        usual = median((later - earlier) / timedelta(hours=1) for earlier, later in pairwise(times))
        waited = (now - times[-1]) / timedelta(hours=1)
        if waited < max(limit["times"] * usual, limit["least_hours"]):
            continue
        yield Finding(
            OVERDUE,
            Key(site, "site", f"site/{site}"),
            system,
            "flag",
            "source_overdue",
            ContactSource(system),
            0.9,
            {
                "system": system,
                "hours": Decimal(str(round(waited, 1))),
                "usual": Decimal(str(round(usual, 1))),
            },
            measure=Measure(
                Decimal(str(round(waited, 1))),
                high=Decimal(str(round(limit["times"] * usual, 1))),
                unit="hours",
            ),
            group=f"{site} {system}",
        )


def _decimal(value: float) -> Decimal:
    return Decimal(str(round(value, 1)))
