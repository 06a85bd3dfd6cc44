"""What live sources of series send that is not sound: gaps, units, clocks, stuck and doubled samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from erp_adapters.store.checks.finding import (
    Argument,
    ContactSource,
    Finding,
    Found,
    Key,
    Measure,
    Proposal,
    ReplaceValue,
    Review,
    Severity,
)
from erp_adapters.store.checks.limits import limits
from erp_adapters.store.checks.look import Check, Look, Plant

NAME = "live_signals"
_USELESS: Final = frozenset({"out_of_range", "no_number", "bad"})


@dataclass(frozen=True, slots=True)
class Flawed:
    """One kind of flaw of one signal in the days that are looked at."""

    site: str
    source: str
    name: str
    unit: str
    kind: str
    first: datetime
    last: datetime
    number: int
    hours: float

    @property
    def key(self) -> Key:
        """Its signal."""
        return Key(self.site, "signal", f"{self.source}: {self.name}")


_FLAWS: Final = """
select s.site, s.source, s.name, s.unit, f.kind, min(f.since) as first, max(f.until) as last,
       sum(f.number)::int as number,
       (sum(extract(epoch from least(f.until, now())
            - greatest(f.since, now() - %(days)s * interval '1 day'))) / 3600)::float8 as hours
from app.signal s join app.signal_flaw f using (signal)
where s.site = any(%(sites)s) and s.is_current and f.until > now() - %(days)s * interval '1 day'
group by s.signal, f.kind order by s.site, s.source, s.name, f.kind
"""
_LOOKED: Final = "select site, count(*) from app.signal where is_current and site = any(%(sites)s) group by 1"


def find(look: Look) -> Found:
    """Signals with flaws, a finding for each kind."""
    days = int(limits(NAME)["days"])
    flawed = look.rows(Flawed, _FLAWS, {"days": days})
    return Found(tuple(unsound(flawed, look.plants, days)), look.counts(_LOOKED))


CHECK = Check(NAME, find)


def unsound(flawed: Sequence[Flawed], plants: Mapping[str, Plant], days: int) -> Iterator[Finding]:
    """The same from rows."""
    limit = limits(NAME)
    useless: dict[Key, list[Flawed]] = {}
    for each in flawed:
        match each.kind:
            case "gap" if each.hours >= limit["gap_hours"]:
                gap: dict[str, Argument] = {"number": each.number, "hours": _round(each.hours), "days": days}
                severity: Severity = "serious" if each.hours >= limit["serious_gap_hours"] else "flag"
                yield _finding(
                    each, severity, "signal_gaps", ContactSource(each.source), gap,
                    Measure(_round(each.hours), high=_round(limit["gap_hours"]), unit="hours"),
                )  # fmt: skip
            case "frozen" if each.hours >= limit["frozen_hours"]:
                since = {"day": each.first.date()}
                yield _finding(each, "flag", "signal_frozen", Review(), since)
            case "other_unit":
                fill = ReplaceValue("source_unit", "", "F")
                yield _finding(each, "serious", "signal_other_unit", fill, {"unit": each.unit})
            case "local_time":
                zone = ReplaceValue("time_zone", "", plants[each.site].time_zone)
                yield _finding(each, "serious", "signal_local_time", zone, {"day": each.last.date()})
            case "wrong_clock":
                yield _finding(
                    each, "flag", "signal_wrong_clock", ContactSource(each.source), {"day": each.last.date()}
                )
            case "duplicate" | "conflicting" if each.number >= limit["doubled"]:
                said: dict[str, Argument] = {"number": each.number, "days": days}
                what = "signal_doubled" if each.kind == "duplicate" else "signal_contradicts"
                yield _finding(each, "flag", what, ContactSource(each.source), said)
            case kind if kind in _USELESS:
                useless.setdefault(each.key, []).append(each)
    for group in useless.values():
        number = sum(each.number for each in group)
        if number >= limit["useless"]:
            yield _finding(group[0], "flag", "signal_useless", Review(), {"number": number, "days": days})


def _finding(
    of: Flawed,
    severity: Severity,
    what: str,
    proposal: Proposal,
    arguments: Mapping[str, Argument],
    measure: Measure | None = None,
) -> Finding:
    told = {"signal": of.name, "source": of.source, **arguments}
    return Finding(NAME, of.key, of.source, severity, what, proposal, 0.95, told, measure=measure)


def _round(value: float) -> Decimal:
    return Decimal(str(round(value, 1)))
