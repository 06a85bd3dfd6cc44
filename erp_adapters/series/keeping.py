"""Batches into the store: each once, whole or not at all, whoever hands them over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

import numpy as np
import psycopg

from erp_adapters.errors import ConfigurationError
from erp_adapters.series.batch import BAD, MICROSECONDS, OUT_OF_RANGE, Batch, Moments, Values, micros, moment
from erp_adapters.series.normalising import Flaw, Known, Normalised, normalised
from erp_adapters.series.packing import BUCKETS, empty_hours, hours, packed_rows, unpacked
from erp_adapters.series.signal import Rule, Signal
from erp_adapters.store.failures import translated

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"
_BUCKET_US: Final = 300 * MICROSECONDS
_HOUR_US: Final = BUCKETS * _BUCKET_US
_BEGIN_US: Final = micros(datetime(2000, 1, 1, tzinfo=UTC))
_MOMENT: Final = "int8"
"""A moment as binary COPY has it: microseconds since 2000. Dates of Python would cost most of a batch."""
_REMEMBERED: Final = timedelta(days=7)
"""For how long a batch that is handed over again is known."""
_SIGNALS: Final = """
select s.signal, s.site, s.name, s.address, s.measures, s.unit, s.work_centre, s.asset, s.rule::text,
       coalesce(e.time_zone, ''), (extract(epoch from n.at) * 1000000)::bigint, n.value,
       (extract(epoch from n.same_since) * 1000000)::bigint
from app.signal s left join app.signal_now n using (signal) left join erp.site e on e.site = s.site
where s.source = %s and s.name = any(%s)
"""
_DECLARE: Final = """
insert into app.signal (site, source, name, address, measures, unit, work_centre, asset, rule)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (site, source, name) do update set address = excluded.address, measures = excluded.measures,
    unit = excluded.unit, work_centre = excluded.work_centre, asset = excluded.asset, rule = excluded.rule,
    is_current = true
"""
_WORK: Final = """
create temp table if not exists hour_in (signal integer, hour timestamptz, site text, packed bytea)
    on commit delete rows;
create temp table if not exists now_in (signal integer, site text, at timestamptz, value double precision,
    quality smallint, same_since timestamptz) on commit delete rows
"""
_HOURS: Final = """
insert into app.signal_hour (signal, hour, site, packed) select signal, hour, site, packed from hour_in
on conflict (signal, hour) do update set packed = excluded.packed
"""
_HOURS_THERE: Final = """
select w.signal, w.us, h.packed
from unnest(%s::int[], %s::bigint[]) as w (signal, us)
join app.signal_hour h on h.signal = w.signal
                      and h.hour = timestamptz 'epoch' + w.us * interval '1 microsecond'
"""
_NOW: Final = """
insert into app.signal_now (signal, site, at, value, quality, arrived_at, same_since)
select signal, site, at, value, quality, %s, same_since from now_in
on conflict (signal) do update set at = excluded.at, value = excluded.value, quality = excluded.quality,
    arrived_at = excluded.arrived_at, same_since = excluded.same_since
"""
_FLAW: Final = """
insert into app.signal_flaw as f (signal, site, kind, since, until, number, worst)
values (%s, %s, %s, %s, %s, %s, %s)
on conflict (signal, kind, since) do update set until = greatest(f.until, excluded.until),
    number = f.number + excluded.number, worst = greatest(f.worst, excluded.worst)
"""
_FORGET: Final = """
delete from app.series_batch b where taken_at < now() - %s::interval
  and sequence < (select max(sequence) from app.series_batch where source = b.source)
"""
# The last of each stays: after a break of any length, that is the one which is handed over again.
_HEARD: Final = """
update app.series_source f set heard_at = now(), tried_at = now(), failing_since = null, problem = '',
    reached_to = (select max(n.at) from app.signal s join app.signal_now n using (signal)
                  where s.source = f.source and s.site = f.site)
where source = %(source)s and site = any(%(sites)s)
"""
_COLLECTOR: Final = """
insert into app.collector (name, site, heard_at, version, waiting_batches, waiting_samples, waiting_since,
                           full_since, set_aside)
values (%(name)s, %(site)s, now(), %(version)s, %(batches)s, %(samples)s, %(since)s, %(full_since)s,
        %(set_aside)s)
on conflict (name, site) do update set heard_at = excluded.heard_at, version = excluded.version,
    waiting_batches = excluded.waiting_batches, waiting_samples = excluded.waiting_samples,
    waiting_since = excluded.waiting_since, full_since = excluded.full_since, set_aside = excluded.set_aside
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch."""

    samples: int
    """That were kept."""
    flaws: tuple[Flaw, ...]
    is_new: bool = True
    """False where the very batch was taken before: nothing was done with it again."""


@dataclass(frozen=True, slots=True)
class CollectorTold:
    """How a collector says that things stand at a site."""

    name: str
    site: str
    version: str
    batches: int
    samples: int
    since: datetime | None
    full_since: datetime | None
    set_aside: int


class Keeper:
    """Keeps batches through one connection of the role that loads.

    ::

        with Keeper.open(owner_dsn) as keeper:
            keeper.declare("press hall", signals)
            keeper.keep(batch)
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._places: set[tuple[str, int]] = set()
        self._connection.execute(_WORK)
        self._connection.commit()

    @classmethod
    @contextmanager
    def open(cls, owner_dsn: str) -> Iterator[Keeper]:
        """A keeper with a connection of its own.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        with translated(), psycopg.connect(owner_dsn, connect_timeout=15) as connection:
            yield cls(connection)

    def declare(self, source: str, signals: Sequence[Signal]) -> None:
        """Make a source's signals and rules those that are given; samples of others stay readable.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        with translated(), self._connection.transaction():
            self._connection.execute("update app.signal set is_current = false where source = %s", (source,))
            self._connection.cursor().executemany(
                _DECLARE,
                [
                    (
                        each.site,
                        source,
                        each.name,
                        each.address,
                        each.measures,
                        each.unit,
                        each.work_centre,
                        each.asset,
                        each.rule.model_dump_json(exclude_defaults=True),
                    )
                    for each in signals
                ],
            )

    def keep(self, batch: Batch) -> Taken:
        """Take a batch: all of it is there when this returns, and it is there once.

        Raises:
            StoreUnavailable: the database does not answer; the batch may be handed over again.
            ConfigurationError: it names a signal that was never declared.
        """
        with translated(), self._connection.transaction():
            return self._kept(batch)

    def last(self, source: str) -> dict[str, datetime]:
        """Up to when each signal of a source is kept, by name."""
        with translated(), self._connection.transaction():
            rows = self._connection.execute(
                "select s.name, n.at from app.signal s join app.signal_now n using (signal)"
                " where s.source = %s and s.is_current",
                (source,),
            ).fetchall()
        return dict(rows)

    def note_source(self, source: str, kind: str, signals: Sequence[Signal]) -> None:
        """Let people know of a source, whether or not it answers."""
        numbers = Counter(signal.site for signal in signals)
        with translated(), self._connection.transaction():
            self._connection.execute(
                "delete from app.series_source where source = %s and site <> all (%s)",
                (source, list(numbers)),
            )
            self._connection.cursor().executemany(
                "insert into app.series_source (source, site, kind, signals) values (%s, %s, %s, %s)"
                " on conflict (source, site) do update set kind = excluded.kind, signals = excluded.signals",
                [(source, site, kind, number) for site, number in numbers.items()],
            )

    def note_heard(self, source: str, sites: Sequence[str]) -> None:
        """A source was reached just now."""
        with translated(), self._connection.transaction():
            self._connection.execute(_HEARD, {"source": source, "sites": list(sites)})

    def note_failing(self, source: str, sites: Sequence[str], problem: str) -> None:
        """A source could not be reached, and why."""
        with translated(), self._connection.transaction():
            self._connection.execute(
                "update app.series_source set tried_at = now(), problem = %s,"
                " failing_since = coalesce(failing_since, now()) where source = %s and site = any(%s)",
                (problem[:2000], source, list(sites)),
            )

    def note_collector(self, told: Sequence[CollectorTold]) -> None:
        """Let people know how a collector stands, at each of its sites."""
        with translated(), self._connection.transaction():
            self._connection.cursor().executemany(_COLLECTOR, [asdict(each) for each in told])

    def _kept(self, batch: Batch) -> Taken:
        connection = self._connection
        # Two that hand over batches of one source, such as a retry beside the call that hangs, take turns.
        connection.execute("select pg_advisory_xact_lock(hashtext(%s), 39)", (batch.source,))
        known = self._known(batch)
        new = connection.execute(
            "insert into app.series_batch (source, site, sequence, samples) values (%s, %s, %s, %s)"
            " on conflict do nothing",
            (batch.source, known[0].signal.site if known else "", batch.sequence, len(batch)),
        )
        if new.rowcount == 0:
            return Taken(0, (), is_new=False)
        found = normalised(batch, known, lambda place, first, last: self._stored(known[place], first, last))
        if len(found.at):
            self._write_samples(found, known)
            self._write_hours(found, known)
        self._write_latest(found, known, batch.arrived_at)
        if batch.is_history:
            self._fill_gaps(found, known)
        self._write_flaws(found.flaws, known)
        if batch.sequence % 1000 == 0:
            connection.execute(_FORGET, (_REMEMBERED,))
        return Taken(len(found.at), found.flaws)

    def _known(self, batch: Batch) -> list[Known]:
        rows = self._connection.execute(_SIGNALS, (batch.source, list(batch.signals))).fetchall()
        by_name = {
            name: Known(
                id,
                _signal(site, name, address, measures, unit, centre, asset, rule),
                zone,
                at,
                float("nan") if value is None else value,
                since,
            )
            for id, site, name, address, measures, unit, centre, asset, rule, zone, at, value, since in rows
        }
        if unknown := [name for name in batch.signals if name not in by_name]:
            raise ConfigurationError(
                f"{batch.source!r} has no signal {unknown[0]!r}; declare it in the file of its signals"
            )
        return [by_name[name] for name in batch.signals]

    def _stored(self, known: Known, first: int, last: int) -> tuple[Moments, Values]:
        rows = self._connection.execute(
            "select packed from app.samples where signal = %s and first_at <= %s and last_at >= %s"
            " and first_at >= %s::timestamptz - interval '2 days'",
            (known.id, moment(last), moment(first), moment(first)),
        ).fetchall()
        if not rows:
            return np.empty(0, np.int64), np.empty(0, np.float64)
        parts = [unpacked(bytes(data)) for (data,) in rows]
        at, values = (np.concatenate([part[column] for part in parts]) for column in (0, 1))
        order = np.argsort(at, kind="stable")
        return at[order], values[order]

    def _place(self, of: str, day: int) -> None:
        if (of, day) not in self._places:
            self._connection.execute("select series.make_place(%s, %s)", (of, moment(day * 24 * _HOUR_US)))
            self._places.add((of, day))

    def _write_samples(self, found: Normalised, known: Sequence[Known]) -> None:
        # A row may not reach over midnight: days are partitions.
        days = found.at // (24 * _HOUR_US)
        cuts = (found.which[1:] != found.which[:-1]) | (days[1:] != days[:-1])
        starts = np.flatnonzero(np.r_[True, cuts])
        ends = np.r_[starts[1:], len(found.at)]
        for day in np.unique(days).tolist():
            self._place("samples", day)
            # Straight into the partition: COPY knows no row-level security, which is on the table above it.
            partition = f"series.samples_{moment(day * 24 * _HOUR_US):%Y%m%d}"
            own = days[starts] == day
            begins, lasts = starts[own], ends[own]
            rows = packed_rows(found.at, found.values, found.qualities, begins, lasts)
            with (
                self._connection.cursor() as cursor,
                cursor.copy(f"copy {partition} from stdin with (format binary)") as copy,
            ):
                copy.set_types(["int4", "text", _MOMENT, _MOMENT, "int4", "bytea"])
                for place, first, last, number, data in zip(
                    found.which[begins].tolist(),
                    (found.at[begins] - _BEGIN_US).tolist(),
                    (found.at[lasts - 1] - _BEGIN_US).tolist(),
                    (lasts - begins).tolist(),
                    rows,
                    strict=True,
                ):
                    one = known[place]
                    copy.write_row((one.id, one.signal.site, first, last, number, data))

    def _write_hours(self, found: Normalised, known: Sequence[Known]) -> None:
        hour_of = found.at // _HOUR_US
        cuts = (found.which[1:] != found.which[:-1]) | (hour_of[1:] != hour_of[:-1])
        row_of = np.r_[0, np.cumsum(cuts)]
        first = np.flatnonzero(np.r_[True, cuts])
        places, starts = found.which[first].tolist(), (hour_of[first] * _HOUR_US).tolist()
        keys = [(known[place].id, start) for place, start in zip(places, starts, strict=True)]
        for day in np.unique(hour_of[first] // 24):
            self._place("signal_hour", int(day))
        made = empty_hours(len(first))
        there = {
            (signal, hour): data
            for signal, hour, data in self._connection.execute(
                _HOURS_THERE,
                ([signal for signal, _ in keys], starts),
                binary=True,
            )
        }
        old = [place for place, key in enumerate(keys) if key in there]
        if old:
            made[old] = hours([there[keys[place]] for place in old])
        bucket = (found.at // _BUCKET_US) % BUCKETS
        counts = np.isfinite(found.values) & ((found.qualities & 3) != BAD)
        counts &= (found.qualities & OUT_OF_RANGE) == 0
        into = (row_of[counts], bucket[counts])
        np.add.at(made["number"], into, 1)
        np.add.at(made["total"], into, found.values[counts])
        np.minimum.at(made["low"], into, found.values[counts])
        np.maximum.at(made["high"], into, found.values[counts])
        np.add.at(made["useless"], (row_of[~counts], bucket[~counts]), 1)
        with (
            self._connection.cursor() as cursor,
            cursor.copy("copy hour_in from stdin with (format binary)") as copy,
        ):
            copy.set_types(["int4", _MOMENT, "text", "bytea"])
            for place, (signal, hour) in enumerate(keys):
                site = known[places[place]].signal.site
                copy.write_row((signal, hour - _BEGIN_US, site, made[place].tobytes()))
        self._connection.execute(_HOURS)

    def _write_latest(self, found: Normalised, known: Sequence[Known], arrived_at: datetime) -> None:
        if not found.latest:
            return
        with (
            self._connection.cursor() as cursor,
            cursor.copy("copy now_in from stdin with (format binary)") as copy,
        ):
            copy.set_types(["int4", "text", _MOMENT, "float8", "int2", _MOMENT])
            for each in found.latest:
                one = known[each.signal]
                value = None if np.isnan(each.value) else each.value
                times = (each.at - _BEGIN_US, each.same_since - _BEGIN_US)
                copy.write_row((one.id, one.signal.site, times[0], value, each.quality, times[1]))
        self._connection.execute(_NOW, (arrived_at,))

    def _fill_gaps(self, found: Normalised, known: Sequence[Known]) -> None:
        """Gaps that a history has filled are no longer gaps; what is left of them is noted anew."""
        for place in found.older:
            one = known[place]
            mine = found.at[found.which == place]
            limit = one.signal.rule.gap_s
            if limit is None or len(mine) == 0:
                continue
            first, last = int(mine[0]), int(mine[-1])
            gone = self._connection.execute(
                "delete from app.signal_flaw where signal = %s and kind = 'gap' and since < %s and until > %s"
                " returning since, until",
                (one.id, moment(last), moment(first)),
            ).fetchall()
            for since, until in gone:
                at, _ = self._stored(one, micros(since), micros(until))
                length = np.diff(at)
                left = np.flatnonzero(length > limit * MICROSECONDS)
                self._write_flaws(
                    [
                        Flaw(place, "gap", int(at[n]), int(at[n + 1]), 1, int(length[n]) / MICROSECONDS)
                        for n in left
                        if micros(since) <= at[n] and at[n + 1] <= micros(until)
                    ],
                    known,
                )

    def _write_flaws(self, flaws: Sequence[Flaw], known: Sequence[Known]) -> None:
        if flaws:
            self._connection.cursor().executemany(
                _FLAW,
                [
                    (
                        known[each.signal].id,
                        known[each.signal].signal.site,
                        each.kind,
                        moment(each.since),
                        moment(each.until),
                        each.number,
                        each.worst,
                    )
                    for each in flaws
                ],
            )


_read: dict[tuple[str, ...], Signal] = {}


def _signal(*told: str) -> Signal:
    """A signal as it was declared; reading its rule takes longer than keeping a minute of its samples."""
    if told not in _read:
        if len(_read) > 100_000:
            _read.clear()
        site, name, address, measures, unit, work_centre, asset, rule = told
        _read[told] = Signal(
            site=site,
            name=name,
            address=address,
            measures=measures,
            unit=unit,
            work_centre=work_centre,
            asset=asset,
            rule=Rule.model_validate_json(rule),
        )
    return _read[told]
