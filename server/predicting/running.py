"""The daily run: versions foretell, what came is joined to what was said, and each is judged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import class_row

from erp_adapters.caller import Caller
from erp_adapters.endpoints import Asked
from erp_adapters.errors import ErpError
from erp_adapters.store.session import Store
from policies.audit.event import AuditEvent, AuditTrail
from policies.clock import Clock
from policies.predictors.registered import REGISTERED, Registered
from tools.engines.predictions.judging import Judged
from tools.predicting.asking import Ask, terms_of
from tools.predicting.inputs import FAILURE_MINUTES, HORIZON, INPUTS, centres_of
from tools.predicting.judging import Record, Shown, record_of
from tools.predicting.rules import by_rule
from tools.rows import Queries

SYSTEM = "system"
_EVERY_DAYS = 3
"""Between days that are made up for: not seven, or all of them would be the same day of the week."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did for one version at one site."""

    name: str
    version: str
    site: str
    foretold: int
    """Things newly foretold."""
    joined: int
    """Outcomes that were newly joined."""
    record: Record
    suspended: str = ""
    """Why it lost its right to speak in this run; empty where it did not."""
    trouble: str = ""
    """Why nothing was foretold; empty where all went well."""


_TRAINED = "select trained_on from app.predictor where name = %s and version = %s"
_SITES = """
select site, time_zone, (coalesce(as_of, now()) at time zone time_zone)::date as today,
       coalesce(as_of, now()) as as_of
from erp.site order by site
"""
_KNOWN = "select count(*) from app.foretold where name = %s and version = %s and site = %s and for_day = %s"
_KEEP = """
insert into app.foretold (name, version, site, subject, for_day, made_at, score, rule, quality, inputs)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
"""
_JOIN = """
update app.foretold f set came = exists (
    select from erp.downtime d
    where d.site = f.site and d.work_centre_id = f.subject and not d.is_planned and d.minutes >= %(minutes)s
      and d.started_at >= (f.for_day::timestamp at time zone %(zone)s)
      and d.started_at < ((f.for_day + %(days)s)::timestamp at time zone %(zone)s))
where f.name = %(name)s and f.version = %(version)s and f.site = %(site)s and f.came is null
  and f.for_day + %(days)s <= %(today)s
"""
_SHOWN = """
select for_day, score, rule, quality, inputs, came from app.foretold
where name = %s and version = %s and site = %s order by for_day, subject
"""
_RECORD = """
insert into app.predictor_record (name, version, site, judged_at, steps, outcomes, model, rule, drifted)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_SUSPEND = """
insert into app.predictor_state (name, version, site, state, reason, by)
values (%s, %s, %s, 'suspended', %s, 'system')
"""


@dataclass(frozen=True, slots=True)
class _Site:
    site: str
    time_zone: str
    today: date
    as_of: datetime


class DailyRun:
    """Foretells, joins and judges, as upkeep of the home."""

    def __init__(self, owner_dsn: str, store: Store, ask: Ask, trail: AuditTrail, clock: Clock) -> None:
        self._owner = owner_dsn
        self._store = store
        self._ask = ask
        self._trail = trail
        self._clock = clock

    async def run(self, *, weeks_back: int = 0, only: str | None = None) -> tuple[Ran, ...]:
        """One round over every version that is not retired, at every site where it is registered.

        Args:
            weeks_back: also foretell as of every third day of so many weeks before, each from what was known
                then: a version has a record on the first day.
            only: a site.
        """
        done = []
        async with await psycopg.AsyncConnection.connect(self._owner, autocommit=True) as owner:
            async with owner.cursor(row_factory=class_row(_Site)) as cursor:
                await cursor.execute(_SITES.encode())
                sites = {each.site: each for each in await cursor.fetchall()}
            async with owner.cursor(row_factory=class_row(Registered)) as cursor:
                await cursor.execute(REGISTERED.encode(), {"site": only, "kind": None})
                entries = await cursor.fetchall()
            for entry in entries:
                if entry.state != "retired" and entry.site in sites:
                    done.append(await self._one(owner, entry, sites[entry.site], weeks_back))
        return tuple(done)

    async def _one(
        self, owner: psycopg.AsyncConnection[Any], entry: Registered, site: _Site, weeks_back: int
    ) -> Ran:
        days = [site.today - timedelta(days=back) for back in range(0, 7 * weeks_back + 1, _EVERY_DAYS)]
        foretold, trouble = 0, ""
        try:
            for day in days:
                foretold += await self._foretell(owner, entry, site, day)
        except ErpError as error:
            trouble = str(error)
        named = {"name": entry.name, "version": entry.version, "site": entry.site}
        window = {"minutes": FAILURE_MINUTES, "days": HORIZON.days, "zone": site.time_zone}
        cursor = await owner.execute(_JOIN.encode(), {**named, **window, "today": site.today})
        record = await self._judge(owner, entry)
        suspended = await self._suspended(owner, entry, record)
        return Ran(
            entry.name,
            entry.version,
            entry.site,
            foretold,
            cursor.rowcount,
            record,
            suspended,
            trouble,
        )

    async def _foretell(
        self, owner: psycopg.AsyncConnection[Any], entry: Registered, site: _Site, day: date
    ) -> int:
        if tuple(entry.inputs) != INPUTS:
            return 0
        known = await owner.execute(_KNOWN, (entry.name, entry.version, entry.site, day))
        if await known.fetchone() != (0,):
            return 0
        moment = site.as_of - (site.today - day)
        upkeep = Caller(SYSTEM, SYSTEM, frozenset(), frozenset({site.site}), frozenset())
        async with self._store.reading(upkeep) as tx:
            centres = await centres_of(Queries(tx), [site.site], moment)
        if not centres:
            return 0
        answer = await self._ask(entry, Asked(INPUTS, tuple(centre.values for centre in centres)))
        rules = by_rule(centres)
        rows = [
            (
                entry.name,
                entry.version,
                entry.site,
                centre.centre,
                day,
                self._clock(),
                outcome.value,
                rules[centre.site, centre.centre].p,
                centre.quality,
                list(centre.values),
            )
            for centre, outcome in zip(centres, answer.outcomes, strict=True)
        ]
        async with owner.transaction(), owner.cursor() as cursor:
            await cursor.executemany(_KEEP, rows)
        return len(rows)

    async def _judge(self, owner: psycopg.AsyncConnection[Any], entry: Registered) -> Record:
        key = (entry.name, entry.version, entry.site)
        async with owner.cursor(row_factory=class_row(Shown)) as cursor:
            await cursor.execute(_SHOWN, key)
            shown = await cursor.fetchall()
        found = await (await owner.execute(_TRAINED, key[:2])).fetchone()
        trained_on: Mapping[str, Sequence[float]] = found[0] if found else {}
        record = record_of(
            shown,
            entry.inputs,
            trained_on,
            trained_until=entry.trained_until,
            least_quality=entry.least_quality,
            threshold=terms_of(entry).threshold,
        )
        steps = [(step.score_from, step.seen, step.came) for step in record.calibration.steps]
        judged = (json.dumps(_told(record.model)), json.dumps(_told(record.rule)), list(record.drifted))
        await owner.execute(_RECORD, (*key, self._clock(), json.dumps(steps), record.outcomes, *judged))
        return record

    async def _suspended(self, owner: psycopg.AsyncConnection[Any], entry: Registered, record: Record) -> str:
        if entry.state != "active" or not (why := record.complaint):
            return ""
        async with owner.transaction():
            await owner.execute(_SUSPEND, (entry.name, entry.version, entry.site, why))
        said = {"model": entry.name, "version": entry.version, "state": "suspended", "reason": why}
        await self._trail.append(
            [AuditEvent("predictor", self._clock(), SYSTEM, SYSTEM, said, site=entry.site)]
        )
        return why


def _told(record: Judged) -> dict[str, object]:
    return {**asdict(record), "precision": record.precision, "recall": record.recall}
