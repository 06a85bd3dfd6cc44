"""Stops out of the MES's timeline: whole, however it was drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from erp_adapters.fsmes.stops import WINDOW, bound, stops

_BEGAN = datetime(2026, 11, 29, 7, 40, tzinfo=UTC)


class Drawn:
    """A timeline that draws, as the MES does, the part of each interval that lies within a window."""

    def __init__(self, *intervals: tuple[int, str, datetime, datetime | None, str]) -> None:
        self._intervals = intervals

    async def get(self, *path: str, start: str = "", end: str = "", **_: object) -> Any:
        if path == ("equipment", "states"):
            _, state, since, *_ = max(self._intervals, key=lambda one: one[2])
            named = since.replace(tzinfo=None).isoformat()
            return [{"equipment": "MILL01", "state": state, "since": named}]
        assert path == ("analysis", "timeline")
        first, last = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end))
        drawn = [
            {
                "id": id_,
                "state": state,
                "reason": reason or None,
                "reason_code": None,
                "start": max(began, first).replace(tzinfo=None).isoformat(),
                "end": min(ended or last, last).replace(tzinfo=None).isoformat(),
                "open": ended is None,
            }
            for id_, state, began, ended, reason in self._intervals
            if began < last and (ended is None or ended > first)
        ]
        return {"machines": [{"code": "MILL01", "intervals": drawn}]}


async def read(drawn: Drawn, now: datetime) -> list[tuple[str, datetime, datetime | None]]:
    found = await stops(drawn, ["MILL01"], bound(_BEGAN), now)  # type: ignore[arg-type]
    return [(stop.id, stop.since, stop.until) for stop in found]


async def test_a_stop_over_several_windows_is_one_with_both_its_ends() -> None:
    """Each window cuts it; what comes out begins where it began and ends where it ended."""
    ended = _BEGAN + timedelta(hours=19)
    drawn = Drawn((7, "down", _BEGAN, ended, "Breakdown"))
    assert await read(drawn, _BEGAN + 3 * WINDOW) == [("7", _BEGAN, ended)]


async def test_a_stop_that_lasts_has_no_end() -> None:
    """Not the end of the window that it was last seen in, nor of one before."""
    drawn = Drawn((7, "down", _BEGAN, None, ""))
    assert await read(drawn, _BEGAN + timedelta(hours=30)) == [("7", _BEGAN, None)]


async def test_running_and_idle_are_no_stops_but_where_somebody_said_why() -> None:
    """Nobody stopped a machine that waits a second for its next piece; one that starves stands."""
    hour = timedelta(hours=1)
    drawn = Drawn(
        (1, "running", _BEGAN, _BEGAN + hour, ""),
        (2, "idle", _BEGAN + hour, _BEGAN + 2 * hour, ""),
        (3, "idle", _BEGAN + 2 * hour, _BEGAN + 3 * hour, "Starved"),
        (4, "setup", _BEGAN + 3 * hour, _BEGAN + 4 * hour, ""),
    )
    assert [id_ for id_, *_ in await read(drawn, _BEGAN + 5 * hour)] == ["3", "4"]


async def test_a_stop_that_the_timeline_folds_the_present_into_has_ended() -> None:
    """A machine that has just begun to run seems to stand where its short run is folded into the stop."""
    ended = _BEGAN + timedelta(hours=3)

    class Folding(Drawn):
        async def get(self, *path: str, **asked: Any) -> Any:
            told = await super().get(*path, **asked)
            if path == ("analysis", "timeline"):
                # The stop takes in the run of a second, which is open.
                told["machines"][0]["intervals"] = [{**told["machines"][0]["intervals"][0], "open": True}]
            return told

    drawn = Folding((7, "down", _BEGAN, ended, ""), (8, "running", ended, None, ""))
    assert await read(drawn, ended + timedelta(seconds=1)) == [("7", _BEGAN, ended)]
