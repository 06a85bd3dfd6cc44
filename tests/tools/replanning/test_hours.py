"""Minutes of work and the clock say the same: no minute is worked at night, and none is lost in between."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tools.replanning.hours import Hours

_ZONE = "Europe/Berlin"
_NOON = datetime(2026, 3, 31, 12, tzinfo=ZoneInfo(_ZONE))
_WEEKENDS = frozenset(
    day for n in range(-7, 401) if (day := date(2026, 3, 31) + timedelta(days=n)).weekday() > 4
)
TWO = [(time(6), time(14)), (time(14), time(22))]
NIGHTS = [*TWO, (time(22), time(6))]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 4, day, hour, minute, tzinfo=ZoneInfo(_ZONE))


def test_an_operation_pauses_overnight() -> None:
    """Ten hours of work are left today from noon; the next minute is worked at six tomorrow."""
    hours = Hours(_ZONE, _NOON, TWO, _WEEKENDS)
    assert hours.end(600) == datetime(2026, 3, 31, 22, tzinfo=ZoneInfo(_ZONE))
    assert hours.start(600) == at(1, 6)
    assert hours.minute(at(1, 3)) == 600
    assert hours.minute(at(1, 7)) == 660


def test_an_evening_is_free_until_work_begins_again() -> None:
    """Eight hours at night, more at a weekend; around the clock there is only the weekend."""
    hours = Hours(_ZONE, _NOON, TWO, _WEEKENDS)
    found = hours.evenings(date(2026, 4, 3))
    assert [one.free for one in found] == [480, 480, 480, 3360]
    assert [hours.end(one.minute) for one in found] == [one.closes for one in found]
    assert found[0].closes == datetime(2026, 3, 31, 22, tzinfo=ZoneInfo(_ZONE))
    assert [one.free for one in Hours(_ZONE, _NOON, NIGHTS, _WEEKENDS).evenings(date(2026, 4, 6))] == [2880]


def test_weekends_hold_no_work() -> None:
    """Friday's last minute is followed by Monday's first."""
    hours = Hours(_ZONE, _NOON, TWO, _WEEKENDS)
    assert hours.day_ends(date(2026, 4, 3)) == hours.day_begins(date(2026, 4, 6))
    assert hours.day_ends(date(2026, 4, 4)) == hours.day_ends(date(2026, 4, 3))


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    """Around the clock the day ends at six the next morning."""
    hours = Hours(_ZONE, _NOON, NIGHTS, _WEEKENDS)
    assert hours.end(hours.day_ends(date(2026, 4, 1))) == at(2, 6)


def test_a_day_that_is_over_ended_before_now() -> None:
    """What was due yesterday is late by more than what was due today."""
    hours = Hours(_ZONE, _NOON, TWO, _WEEKENDS)
    assert hours.day_ends(date(2026, 3, 30)) < 0 < hours.day_ends(date(2026, 3, 31))


@given(st.integers(0, 60_000), st.sampled_from([TWO, NIGHTS, TWO[:1]]))
def test_minutes_come_back_from_the_clock(minute: int, shifts: list[tuple[time, time]]) -> None:
    """Any minute's moment is that minute again, over the change to winter time too."""
    hours = Hours(_ZONE, _NOON, shifts, _WEEKENDS)
    assert hours.minute(hours.start(minute)) == minute
    assert hours.minute(hours.end(minute)) == minute
