"""Series as they are kept: signals, their latest samples, trends, flaws, and when machines stood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from erp_adapters.errors import ErpError
from erp_adapters.series.batch import MICROSECONDS, Moments, Qualities, Values, micros, moment
from erp_adapters.series.packing import BUCKETS, hours, unpacked
from erp_adapters.series.signal import Rule
from erp_adapters.store.session import ReadTransaction

BUCKET: Final = timedelta(minutes=5)
_BUCKET_US: Final = 300 * MICROSECONDS
_MOST_SAMPLES: Final = 200_000
_SIGNALS: Final = """
select s.signal, s.site, s.source, s.name, s.address, s.measures, s.unit, s.work_centre, s.asset,
       s.is_current, s.rule::text, coalesce(w.name, '') as work_centre_name,
       n.at, n.value, n.quality, n.arrived_at, n.same_since
from app.signal s
left join app.signal_now n using (signal)
left join erp.work_centre w on w.site = s.site and w.work_centre_id = s.work_centre
where %(site)s::text is null or s.site = %(site)s
order by s.site, s.work_centre, s.measures, s.name, s.source
"""
# All hours in two values: a row each would cost more than all that is done with them.
_HOURS: Final = """
select string_agg(int8send((extract(epoch from hour) * 1000000)::bigint), ''::bytea order by hour),
       string_agg(packed, ''::bytea order by hour)
from app.signal_hour where signal = %(signal)s and hour >= %(since)s and hour < %(until)s
"""
_HOURS_OF_SEVERAL: Final = """
select signal, hour, packed from app.signal_hour
where signal = any(%(signals)s::int[]) and hour > %(since)s - interval '1 hour' and hour < %(until)s
"""
_SAMPLES: Final = """
select packed from app.samples
where signal = %(signal)s and last_at >= %(since)s and first_at < %(until)s
  and first_at >= %(since)s - interval '1 day'
order by first_at
"""
_FLAWS: Final = """
select signal, kind, since, until, number, worst from app.signal_flaw
where signal = any(%(signals)s::int[]) and until > %(since)s and since < %(until)s
order by signal, kind, since
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A signal with its latest sample."""

    signal: int
    site: str
    source: str
    name: str
    address: str
    measures: str
    unit: str
    work_centre: str
    asset: str
    is_current: bool
    rule: Rule
    work_centre_name: str
    at: datetime | None
    """None where nothing came yet."""
    value: float | None
    quality: int | None
    arrived_at: datetime | None
    same_since: datetime | None


@dataclass(frozen=True, slots=True)
class Trend:
    """A signal in equal steps of time; steps without a sample that counts hold NaN, never a guess."""

    starts: Moments
    """Microseconds since 1970, of each step."""
    mean: Values
    """Of the samples, however long each held."""
    low: Values
    high: Values
    number: NDArray[np.int64]
    useless: NDArray[np.int64]
    """Samples that came and count for nothing."""

    def __len__(self) -> int:
        return len(self.starts)


@dataclass(frozen=True, slots=True)
class FlawSeen:
    """Something that was wrong with samples of a signal."""

    signal: int
    kind: str
    since: datetime
    until: datetime
    number: int
    worst: float | None


async def signals(tx: ReadTransaction, site: str | None = None) -> tuple[Seen, ...]:
    """The signals in the caller's scope, by site, work centre and what they measure."""
    return tuple(
        Seen(*row[:10], Rule.model_validate_json(str(row[10])), *row[11:])  # type: ignore[call-arg, arg-type]
        for row in (await tx.fetch(_SIGNALS, {"site": site})).rows
    )


async def trend(
    tx: ReadTransaction, signal: int, since: datetime, until: datetime, step: timedelta = BUCKET
) -> Trend:
    """A signal from a moment to another in steps of five minutes or a multiple.

    Raises:
        ErpError: the step is no multiple of five minutes.
    """
    width, rest = divmod(step, BUCKET)
    if width < 1 or rest:
        raise ErpError(f"a trend has steps of five minutes or a multiple, not of {step}")
    begins = micros(since) // (_BUCKET_US * width) * width
    ends = -(-micros(until) // (_BUCKET_US * width)) * width
    found = await tx.fetch(
        _HOURS,
        {
            "signal": signal,
            "since": moment(begins // BUCKETS * BUCKETS * _BUCKET_US),
            "until": moment(ends * _BUCKET_US),
        },
    )
    number, useless = np.zeros(ends - begins, np.int64), np.zeros(ends - begins, np.int64)
    total = np.zeros(ends - begins)
    low, high = np.full(ends - begins, np.inf), np.full(ends - begins, -np.inf)
    [(told, packed)] = found.rows
    if told is not None:
        data = hours([bytes(packed)])  # type: ignore[call-overload]
        first = np.frombuffer(bytes(told), ">i8").astype(np.int64) // _BUCKET_US - begins  # type: ignore[call-overload]
        into = (first[:, None] + np.arange(BUCKETS)).reshape(-1)
        inside = (into >= 0) & (into < ends - begins)
        for column, kept in zip((number, useless, total, low, high), data.dtype.names or (), strict=True):
            column[into[inside]] = data[kept].reshape(-1)[inside]
    together = (-1, width)
    number, useless = number.reshape(together).sum(1), useless.reshape(together).sum(1)
    with np.errstate(invalid="ignore"):
        mean = total.reshape(together).sum(1) / np.where(number, number, np.nan)
    lows, highs = low.reshape(together).min(1), high.reshape(together).max(1)
    empty = number == 0
    lows[empty] = highs[empty] = np.nan
    starts = (begins + np.arange(len(number)) * width) * _BUCKET_US
    return Trend(starts.astype(np.int64), mean, lows, highs, number, useless)


async def means(
    tx: ReadTransaction, wanted: Sequence[int], since: datetime, until: datetime
) -> Mapping[int, float]:
    """The mean of what came of each signal from a moment to another, without those silent."""
    found = (
        await tx.fetch(_HOURS_OF_SEVERAL, {"signals": list(wanted), "since": since, "until": until})
    ).rows
    if not found:
        return {}
    data = hours([bytes(row[2]) for row in found])  # type: ignore[call-overload]
    starts = np.array([micros(row[1]) for row in found])[:, None] + np.arange(BUCKETS) * _BUCKET_US  # type: ignore[arg-type]
    inside = (starts >= micros(since)) & (starts < micros(until))
    total, number = (data["total"] * inside).sum(1), (data["number"] * inside).sum(1)
    sums: dict[int, tuple[float, int]] = {}
    for (signal, _, _), more, came in zip(found, total.tolist(), number.tolist(), strict=True):
        before = sums.get(int(str(signal)), (0.0, 0))
        sums[int(str(signal))] = before[0] + more, before[1] + came
    return {signal: total / number for signal, (total, number) in sums.items() if number}


async def samples(
    tx: ReadTransaction, signal: int, since: datetime, until: datetime
) -> tuple[Moments, Values, Qualities]:
    """Single samples in the order of time, at most 200,000: the earliest."""
    rows = (await tx.fetch(_SAMPLES, {"signal": signal, "since": since, "until": until})).rows
    parts = [unpacked(bytes(row[0])) for row in rows]  # type: ignore[call-overload]
    if not parts:
        return np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8)
    at, values, qualities = (np.concatenate([part[column] for part in parts]) for column in range(3))
    order = np.argsort(at, kind="stable")
    order = order[(at[order] >= micros(since)) & (at[order] < micros(until))][:_MOST_SAMPLES]
    return at[order], values[order], qualities[order]


async def flaws(
    tx: ReadTransaction, wanted: Sequence[int], since: datetime, until: datetime
) -> tuple[FlawSeen, ...]:
    """What was wrong with samples of some signals from a moment to another."""
    asked: Mapping[str, object] = {"signals": list(wanted), "since": since, "until": until}
    return tuple(FlawSeen(*row) for row in (await tx.fetch(_FLAWS, asked)).rows)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Stood:
    """A time in which a machine stood, as its state says."""

    since: datetime
    until: datetime | None
    """None while it stands."""
    value: float


def stood(at: Moments, values: Values, down: Sequence[float]) -> tuple[Stood, ...]:
    """When a state was one of those in which the machine stands; samples without a number say nothing."""
    known = np.isfinite(values)
    at, values = at[known], values[known]
    if len(at) == 0:
        return ()
    stands = np.isin(values, down)
    edges = np.flatnonzero(np.r_[True, stands[1:] != stands[:-1]])
    found = []
    for place, start in enumerate(edges.tolist()):
        if stands[start]:
            ended = place + 1 < len(edges)
            until = moment(at[edges[place + 1]]) if ended else None
            found.append(Stood(moment(at[start]), until, float(values[start])))
    return tuple(found)
