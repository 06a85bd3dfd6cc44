"""The daily run: versions foretell, what came is joined to what was said, and each is judged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from math import nan
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
from tools.engines.predictions.quantities import Off
from tools.predicting.asking import Ask, terms_of
from tools.predicting.judging import Record, Retraining, Shown, record_of
from tools.predicting.kinds import KINDS, Foretelling, Measuring
from tools.predicting.things import Thing
from tools.rows import Queries, rows

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
from erp.site where site = any(%(sites)s) order by site
"""
_KNOWN = "select count(*) from app.foretold where name = %s and version = %s and site = %s and for_day = %s"
_KEEP = """
insert into app.foretold (name, version, site, subject, for_day, made_at, score, rule, quality, inputs,
                          rule_value, usual)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
"""
_OPEN = """
select distinct for_day from app.foretold
where name = %s and version = %s and site = %s and came is null and for_day + %s <= %s order by 1
"""
_JOIN = """
update app.foretold set came = subject = any(%s)
where name = %s and version = %s and site = %s and for_day = %s and came is null
"""
# What nobody could tell is joined as NaN: it is looked for once, and counts for nothing.
_MEASURED = """
select subject, usual from app.foretold
where name = %s and version = %s and site = %s and for_day = %s and came is null
"""
_JOIN_MEASURED = """
update app.foretold f set actual = m.actual, came = m.came
from unnest(%s::text[], %s::float8[], %s::boolean[]) m (subject, actual, came)
where f.name = %s and f.version = %s and f.site = %s and f.for_day = %s and f.came is null
  and f.subject = m.subject
"""
_SHOWN = """
select for_day, score, rule, quality, inputs, came, rule_value, actual, subject, made_at
from app.foretold
where name = %s and version = %s and site = %s and actual is distinct from 'NaN' order by for_day, subject
"""
_RECORD = """
insert into app.predictor_record (name, version, site, judged_at, steps, outcomes, model, rule, drifted,
                                  errors)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
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
    """Foretells, joins and judges, under the worker's login.

    Args:
        dsn: address for that login.
        store: opened under it.
        ask: puts inputs to a version's endpoint.
    """

    def __init__(self, dsn: str, store: Store, ask: Ask, trail: AuditTrail, clock: Clock) -> None:
        self._dsn = dsn
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
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as worker:
            async with worker.cursor(row_factory=class_row(Registered)) as cursor:
                await cursor.execute(REGISTERED.encode(), {"site": only, "kind": None})
                entries = await cursor.fetchall()
            if not entries:
                return ()
            async with self._store.reading(_upkeep(*{entry.site for entry in entries})) as tx:
                codes = {"sites": [entry.site for entry in entries]}
                sites = {each.site: each for each in await rows(tx, _Site, _SITES, codes)}
            for entry in entries:
                if entry.state != "retired" and entry.site in sites:
                    done.append(await self._one(worker, entry, sites[entry.site], weeks_back))
        return tuple(done)

    async def _one(
        self, worker: psycopg.AsyncConnection[Any], entry: Registered, site: _Site, weeks_back: int
    ) -> Ran:
        days = [site.today - timedelta(days=back) for back in range(0, 7 * weeks_back + 1, _EVERY_DAYS)]
        foretold, trouble = 0, ""
        try:
            for day in days:
                foretold += await self._foretell(worker, entry, site, day)
        except ErpError as error:
            trouble = str(error)
        joined = await self._join(worker, entry, site)
        record = await self._judge(worker, entry, is_new=bool(foretold or joined))
        suspended = await self._suspended(worker, entry, record)
        return Ran(
            entry.name,
            entry.version,
            entry.site,
            foretold,
            joined,
            record,
            suspended,
            trouble,
        )

    async def _foretell(
        self, worker: psycopg.AsyncConnection[Any], entry: Registered, site: _Site, day: date
    ) -> int:
        kind = KINDS[entry.kind]
        if not kind.can_tell(entry.inputs):
            return 0
        known = await worker.execute(_KNOWN, (entry.name, entry.version, entry.site, day))
        if await known.fetchone() != (0,):
            return 0
        moment = site.as_of - (site.today - day)
        async with self._store.reading(_upkeep(site.site)) as tx:
            subjects = await kind.subjects(Queries(tx), [site.site], moment)
            rules = kind.by_rule(subjects)
            if isinstance(kind, Foretelling) and kind.as_told is not None:
                subjects = await kind.as_told(subjects, entry.inputs, Queries(tx), moment)
        if not subjects:
            return 0
        answer = await self._ask(entry, Asked(tuple(entry.inputs), tuple(each.values for each in subjects)))
        rows = [
            (
                entry.name,
                entry.version,
                entry.site,
                each.subject,
                day,
                self._clock(),
                outcome.value,
                rules[each.site, each.subject].p,
                each.quality,
                list(each.values),
                *((each.rule.value, each.usual) if isinstance(each, Thing) else (None, None)),
            )
            for each, outcome in zip(subjects, answer.outcomes, strict=True)
        ]
        async with worker.transaction(), worker.cursor() as cursor:
            await cursor.executemany(_KEEP, rows)
        return len(rows)

    async def _join(self, worker: psycopg.AsyncConnection[Any], entry: Registered, site: _Site) -> int:
        """How many outcomes were joined: of days whose week is over."""
        key = (entry.name, entry.version, entry.site)
        kind = KINDS[entry.kind]
        over = await (await worker.execute(_OPEN, (*key, kind.horizon.days, site.today))).fetchall()
        joined = 0
        for (day,) in over:
            if isinstance(kind, Measuring):
                joined += await self._measure(worker, key, kind, site, day)
                continue
            async with self._store.reading(_upkeep(site.site)) as tx:
                came = await kind.came(tx, site.site, site.time_zone, day)
            joined += (await worker.execute(_JOIN, (came, *key, day))).rowcount
        return joined

    async def _measure(
        self,
        worker: psycopg.AsyncConnection[Any],
        key: tuple[str, str, str],
        kind: Measuring,
        site: _Site,
        day: date,
    ) -> int:
        """How many outcomes of a day were joined that could be told."""
        async with self._store.reading(_upkeep(site.site)) as tx:
            came = await kind.came(tx, site.site, site.time_zone, day)
        open_ = await (await worker.execute(_MEASURED, (*key, day))).fetchall()
        told = [(str(subject), came.get(subject, kind.absent), float(usual)) for subject, usual in open_]
        actual = [nan if value is None else value / usual for _, value, usual in told]
        crossed = [kind.line.is_crossed(each) for each in actual]
        await worker.execute(_JOIN_MEASURED, ([each[0] for each in told], actual, crossed, *key, day))
        return sum(value is not None for _, value, _ in told)

    async def _judge(
        self, worker: psycopg.AsyncConnection[Any], entry: Registered, *, is_new: bool
    ) -> Record:
        key = (entry.name, entry.version, entry.site)
        kind = KINDS[entry.kind]
        async with worker.cursor(row_factory=class_row(Shown)) as cursor:
            await cursor.execute(_SHOWN, key)
            shown = await cursor.fetchall()
        found = await (await worker.execute(_TRAINED, key[:2])).fetchone()
        trained_on: Mapping[str, Sequence[float]] = found[0] if found else {}
        record = record_of(
            shown,
            entry.inputs,
            trained_on,
            trained_until=entry.trained_until,
            least_quality=entry.least_quality,
            threshold=terms_of(entry).threshold,
            line=kind.line if isinstance(kind, Measuring) else None,
            horizon=kind.horizon if isinstance(kind, Measuring) and kind.overlaps else timedelta(0),
            has_seasons=isinstance(kind, Measuring) and kind.has_seasons,
            reaches_back=isinstance(kind, Measuring) and not kind.overlaps,
            accepted_at=entry.accepted_at,
            retraining=Retraining(entry.retrain_from_drift, entry.retrain_from_error),
        )
        if not is_new:
            return record
        steps = [(step.score_from, step.seen, step.came) for step in record.calibration.steps]
        judged = (
            json.dumps(_told(record.model, record.model_off)),
            json.dumps(_told(record.rule, record.rule_off)),
            list(record.drifted),
            list(record.errors),
        )
        await worker.execute(_RECORD, (*key, self._clock(), json.dumps(steps), record.outcomes, *judged))
        return record

    async def _suspended(
        self, worker: psycopg.AsyncConnection[Any], entry: Registered, record: Record
    ) -> str:
        if entry.state != "active" or not (why := record.complaint):
            return ""
        async with worker.transaction():
            await worker.execute(_SUSPEND, (entry.name, entry.version, entry.site, why))
        said = {"model": entry.name, "version": entry.version, "state": "suspended", "reason": why}
        await self._trail.append(
            [AuditEvent("predictor", self._clock(), SYSTEM, SYSTEM, said, site=entry.site)]
        )
        return why


def _upkeep(*sites: str) -> Caller:
    return Caller(SYSTEM, SYSTEM, frozenset(), frozenset(sites), frozenset())


def _told(record: Judged, measured: Off | None) -> dict[str, object]:
    told = {**asdict(record), "precision": record.precision, "recall": record.recall}
    return told if measured is None else {**told, "wape": measured.wape, "bias": measured.bias}
