"""Days and moments are read as the file writes them, also where the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_adapters.store.date_formats import Ambiguous, Clock, DateFormat, DateOrder, time_of_day

FIRST, LAST = date(2000, 1, 1), date(2040, 12, 31)
FORMS: dict[DateOrder, tuple[str, ...]] = {
    "iso": ("%Y-%m-%d",),
    "dmy": ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y"),
    "mdy": ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y"),
    "ymd": ("%Y%m%d",),
}
ZONES = ("Europe/Berlin", "America/New_York", "America/Monterrey", "Australia/Lord_Howe", "UTC")


@given(st.dates(FIRST, LAST), st.sampled_from([(order, form) for order in FORMS for form in FORMS[order]]))
def test_days_are_read_again(day: date, written: tuple[DateOrder, str]) -> None:
    order, form = written
    assert DateFormat(order, FIRST, LAST).day(day.strftime(form)) == day


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2040, 12, 30)).map(lambda at: at.replace(microsecond=0)),  # noqa: DTZ001
    st.sampled_from(list(FORMS)),
    st.sampled_from(["%H:%M:%S", "%H%M%S"]),
)
def test_moments_are_read_again(at: datetime, order: DateOrder, clock_form: str) -> None:
    """Date and time in one cell, in UTC, in every order."""
    text = f"{at.strftime(FORMS[order][0])} {at.strftime(clock_form)}"
    read = DateFormat(order, FIRST, LAST).moment(text, Clock(ZoneInfo("UTC")))
    assert read == at.replace(tzinfo=UTC)


@given(st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001
def test_a_clock_agrees_with_its_zone(local: datetime, name: str) -> None:
    """Every local time gives the moment of the zone's first reading; doubtful ones say so, and only they."""
    zone = ZoneInfo(name)
    first, second = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
    doubtful = first.utcoffset() != second.utcoffset()
    try:
        moment = Clock(zone).moment(local.date(), local.time())
        assert not doubtful
    except Ambiguous as exc:
        moment = exc.moment
        assert doubtful
    assert moment == first.astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "at", "utc"),
    [
        # Autumn: 02:30 comes twice, and is read as summer time, the earlier.
        (date(2025, 10, 26), time(2, 30), datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
        # Spring: 02:30 never comes, and is read by the offset before the change.
        (date(2025, 3, 30), time(2, 30), datetime(2025, 3, 30, 1, 30, tzinfo=UTC)),
    ],
)
def test_hours_of_the_change_take_the_earlier_offset(day: date, at: time, utc: datetime) -> None:
    with pytest.raises(Ambiguous) as caught:
        Clock(ZoneInfo("Europe/Berlin")).moment(day, at)
    assert caught.value.moment == utc


def test_the_other_hours_of_that_day_are_certain() -> None:
    clock = Clock(ZoneInfo("Europe/Berlin"))
    before = clock.moment(date(2025, 10, 26), time(1, 59, 59))
    after = clock.moment(date(2025, 10, 26), time(3))
    assert after - before == timedelta(hours=2, seconds=1)


@pytest.mark.parametrize(
    ("order", "text"),
    [("ymd", "00000000"), ("dmy", "00.00.0000"), ("mdy", "00/00/0000"), ("iso", "0000-00-00")],
)
def test_a_date_of_zeros_is_empty(order: DateOrder, text: str) -> None:
    dates = DateFormat(order, FIRST, LAST)
    assert dates.day(text) is None
    assert dates.timestamp(text) is None
    assert dates.moment(text, Clock(ZoneInfo("UTC"))) is None


@pytest.mark.parametrize(
    ("order", "text", "words"),
    [
        ("dmy", "03/31/2026", "not a day of the calendar"),
        ("mdy", "31.03.2026", "not a day of the calendar"),
        ("dmy", "31.03/2026", "not a date as DD.MM.YYYY"),
        ("dmy", "31.03.26", "not a date as DD.MM.YYYY"),
        ("ymd", "2026-03-31", "not a date as YYYYMMDD"),
        ("ymd", "20260230", "not a day of the calendar"),
        ("iso", "20260331", "not a date as YYYY-MM-DD"),
        ("ymd", "19991231", "not between 2000-01-01 and 2040-12-31"),
    ],
)
def test_another_order_is_refused(order: DateOrder, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        DateFormat(order, FIRST, LAST).day(text)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-31T08:15:00Z", datetime(2026, 3, 31, 8, 15, tzinfo=UTC)),
        ("2026-03-31 08:15:00+02:00", datetime(2026, 3, 31, 6, 15, tzinfo=UTC)),
        ("2026-03-31 08:15", datetime(2026, 3, 31, 6, 15, tzinfo=UTC)),
        ("2026-03-31", datetime(2026, 3, 30, 22, tzinfo=UTC)),
    ],
)
def test_an_offset_goes_before_the_zone(text: str, utc: datetime) -> None:
    assert DateFormat("iso", FIRST, LAST).moment(text, Clock(ZoneInfo("Europe/Berlin"))) == utc


@pytest.mark.parametrize(
    "text", ["2026-03-31 25:00", "2026-03-31 x", "2026-13-01 08:00", "2026-03-31T08:15+99:00"]
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a (date|moment|day)"):
        DateFormat("iso", FIRST, LAST).moment(text, Clock(ZoneInfo("UTC")))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("081530", time(8, 15, 30)),
        ("0815", time(8, 15)),
        ("8:15", time(8, 15)),
        ("08:15:30.5", time(8, 15, 30)),
        ("02:15 PM", time(14, 15)),
        ("12:05:00 am", time(0, 5)),
        ("000000", time()),
    ],
)
def test_times_of_day(text: str, at: time) -> None:
    assert time_of_day(text) == at


@pytest.mark.parametrize("text", ["240000", "086000", "08:15Z", "13:00 PM", "noon", "8"])
def test_what_is_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        time_of_day(text)
