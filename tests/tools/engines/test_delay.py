"""Working time between moments, and delays whose parts add up to the whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.engines.delay import Claim, Worked, WorkingTime, delay_of, explained, tied

BERLIN = ZoneInfo("Europe/Berlin")
# Other work on the machine is no reason to fail.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TWO_SHIFTS = WorkingTime(BERLIN, time(6), 16.0, frozenset({date(2025, 6, 14), date(2025, 6, 15)}))
_START = datetime(2025, 6, 9, 0, 0, tzinfo=UTC)
_moments = st.integers(min_value=0, max_value=20_000).map(lambda minutes: _START + timedelta(minutes=minutes))
_working = st.sampled_from([
    TWO_SHIFTS,
    WorkingTime(BERLIN),
    WorkingTime(BERLIN, time(22), 8.0),
    WorkingTime(ZoneInfo("America/Monterrey"), time(7), 9.5, frozenset({date(2025, 6, 12)})),
])  # fmt: skip


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 6, day, hour, minute, tzinfo=BERLIN)


def test_only_shifts_on_working_days_count() -> None:
    """Nights and the weekend are no waiting that anybody could have saved."""
    assert TWO_SHIFTS.minutes(local(10, 5), local(10, 7)) == 60
    assert TWO_SHIFTS.minutes(local(10, 21), local(11, 7)) == 120
    assert TWO_SHIFTS.minutes(local(13, 21), local(16, 7)) == 120
    assert TWO_SHIFTS.minutes(local(11, 7), local(10, 21)) == -120
    assert TWO_SHIFTS.end_of(date(2025, 6, 15)) == local(13, 22)
    assert TWO_SHIFTS.start_of(date(2025, 6, 14)) == local(16, 6)


@_UNHURRIED
@given(_working, _moments, _moments, _moments)
def test_working_time_adds_up(working: WorkingTime, one: datetime, two: datetime, three: datetime) -> None:
    """From the first to the last moment is from the first to the second and on to the last."""
    assert working.minutes(one, two) + working.minutes(two, three) == working.minutes(one, three)


@_UNHURRIED
@given(_working, _moments, st.integers(min_value=0, max_value=5_000))
def test_so_many_minutes_before_are_so_many(working: WorkingTime, moment: datetime, minutes: int) -> None:
    assert working.minutes(working.before(moment, minutes), moment) == minutes


@_UNHURRIED
@given(_moments, _moments, st.lists(st.tuples(_moments, _moments), max_size=5))
def test_what_explains_a_wait_is_never_more_than_the_wait(
    one: datetime, two: datetime, spans: list[tuple[datetime, datetime]]
) -> None:
    """Overlapping claims share the time: the first takes it, the next what is left."""
    wait = (min(one, two), max(one, two))
    claims = [Claim(f"k{at}", (min(span), max(span))) for at, span in enumerate(spans)]
    taken, rest = explained(wait, claims, TWO_SHIFTS)
    assert rest >= 0
    assert sum(each.minutes for each in taken) + rest == TWO_SHIFTS.minutes(*wait)


@_UNHURRIED
@given(
    _working,
    st.lists(
        st.tuples(
            st.integers(min_value=0, max_value=600),
            st.integers(min_value=1, max_value=900),
            st.integers(min_value=1, max_value=900),
            st.integers(min_value=0, max_value=50),
        ),
        max_size=4,
    ),
    _moments,
    st.lists(st.tuples(st.sampled_from(["downtime", "busy"]), _moments, _moments), max_size=4),
    st.integers(min_value=0, max_value=500),
)
def test_reasons_add_up_to_the_delay(
    working: WorkingTime,
    steps: list[tuple[int, int, int, int]],
    due: datetime,
    claims: list[tuple[str, datetime, datetime]],
    still_open: int,
) -> None:
    """Whatever happened, the rows make the total; what nothing explains is a row of its own."""
    at = _START + timedelta(days=1)
    operations = []
    for number, (gap, took, planned, rework) in enumerate(steps):
        start = at + timedelta(minutes=gap)
        at = start + timedelta(minutes=took)
        operations.append(Worked(number, "W", (start, at), planned, rework))
    end = at + timedelta(minutes=still_open)
    waits = {"W": [Claim(kind, (min(a, b), max(a, b))) for kind, a, b in claims]}
    reasons = delay_of(operations, due, end, working, waits, "W" if still_open else "")
    assert sum(one.minutes for one in reasons) == working.minutes(due, end)
    named = [one.minutes for one in reasons if one.kind != "unexplained"]
    assert named == sorted(named, reverse=True)


def test_a_wait_is_put_down_to_what_was_in_the_way() -> None:
    """A stop of two hours before an operation, then other orders, and an operation that took too long."""
    operations = [
        Worked(10, "M1", (local(10, 6), local(10, 8)), 120, 0),
        Worked(20, "P1", (local(10, 14), local(10, 17)), 120, 20),
    ]
    waits = {
        "P1": [
            Claim("downtime", (local(10, 7), local(10, 10)), "Hydraulic leak"),
            Claim("busy", (local(10, 9), local(10, 13))),
        ]
    }
    found = {
        (one.kind, one.what): one.minutes
        for one in delay_of(operations, local(10, 10), local(10, 17), TWO_SHIFTS, waits)
    }
    assert found == {
        ("busy", ""): 180,
        ("downtime", "Hydraulic leak"): 120,
        ("rework", ""): 20,
        ("longer", ""): 40,
        ("unexplained", ""): 60,
    }


def test_an_order_that_began_early_has_a_cushion() -> None:
    """It counts against the reasons, so that they still add up."""
    operations = [Worked(10, "M1", (local(10, 8), local(10, 10)), 120, 0)]
    found = delay_of(operations, local(10, 20), local(10, 21), TWO_SHIFTS, {}, "P1")
    assert [(one.kind, one.minutes) for one in found] == [("unconfirmed", 660), ("cushion", -600)]


def test_equal_reasons_are_one_row() -> None:
    reasons = tied([], 5)
    assert [(one.kind, one.minutes) for one in reasons] == [("unexplained", 5)]
    assert tied([], 0) == []


def test_operations_side_by_side_are_not_waited_for_twice() -> None:
    """One that was worked within another's time leaves only the hour after the longer one as waiting."""
    operations = [
        Worked(10, "M1", (local(10, 6), local(10, 12)), 360, 0),
        Worked(20, "M1", (local(10, 8), local(10, 9)), 0, 0),
        Worked(30, "M1", (local(10, 13), local(10, 14)), 60, 0),
    ]
    waits = {"M1": [Claim("busy", (local(10, 6), local(10, 22)))]}
    found = delay_of(operations, local(10, 13), local(10, 14), TWO_SHIFTS, waits)
    assert [(one.kind, one.minutes) for one in found if one.kind == "busy"] == [("busy", 60)]
