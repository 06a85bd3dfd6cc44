"""Stops of machines out of the MES's timeline, which draws them: windows put together again, none cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from erp_adapters.fsmes.client import Client
from erp_adapters.fsmes.mapping import moment

WINDOW: Final = timedelta(hours=8)
"""The MES folds what is shorter than a 1,200th of a window into what stands beside it: 24 seconds here."""
_AT_ONCE: Final = 60
"""Machines that the MES draws together."""
_STANDS: Final = frozenset({"down", "setup"})


@dataclass(frozen=True, slots=True)
class Stop:
    """One stretch in which a machine stood."""

    id: str
    machine: str
    state: str
    """`down`, `setup`, or `idle` where somebody said why."""
    since: datetime
    until: datetime | None
    reason: str
    reason_code: str


async def stops(client: Client, machines: Sequence[str], since: datetime, now: datetime) -> list[Stop]:
    """Every stop that lasted after a moment, in the order in which they began.

    Args:
        since: a bound of windows, so that what is folded is the same whenever it is read.
        now: when reading began; what stands then has no end.
    """
    found: dict[str, Stop] = {}
    start = since
    while start < now:
        end = min(start + WINDOW, now)
        for first in range(0, len(machines), _AT_ONCE):
            drawn = await client.get(
                "analysis",
                "timeline",
                start=_named(start),
                end=_named(end),
                equipment=",".join(machines[first : first + _AT_ONCE]),
                limit=_AT_ONCE,
            )
            for machine in drawn["machines"]:
                for interval in machine["intervals"]:
                    _add(found, str(machine["code"]), interval, is_last=end >= now)
        start = end
    # What follows too shortly is folded into the stop before it, which then seems to last.
    current = {str(one["equipment"]): one for one in await client.get("equipment", "states")}
    for id_, stop in found.items():
        state = current.get(stop.machine)
        if stop.until is None and state is not None and state["state"] != stop.state:
            found[id_] = replace(stop, until=moment(state["since"]))
    return sorted(found.values(), key=lambda stop: (stop.since, stop.id))


def _add(found: dict[str, Stop], machine: str, interval: Mapping[str, Any], *, is_last: bool) -> None:
    state = str(interval["state"])
    named = interval["reason_code"] or interval["reason"]
    if interval["id"] is None or not (state in _STANDS or (state == "idle" and named)):
        return
    id_, began, ended = str(interval["id"]), moment(interval["start"]), moment(interval["end"])
    assert began is not None, "the MES draws nothing that has not begun"
    is_open = bool(interval["open"]) and is_last
    before = found.get(id_)
    found[id_] = Stop(
        id_,
        machine,
        state,
        # A window shows the part that lies within it; the same stop goes on in the next.
        began if before is None else before.since,
        None if is_open else ended,
        str(interval["reason"] or ""),
        str(interval["reason_code"] or ""),
    )


def bound(at: datetime) -> datetime:
    """The last bound of windows up to a moment."""
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + (at - day) // WINDOW * WINDOW


def _named(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat()
