"""Fiscal periods have the days that the site's calendar says, and are read in the codes that it writes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from erp_adapters.store.calendars import FiscalCalendar

WEEKS = FiscalCalendar.model_validate(
    {
        "because": "x",
        "kind": "4-4-5",
        "first_days": {
            "2024": "2024-01-01",
            "2025": "2024-12-30",
            "2026": "2025-12-29",
            "2027": "2027-01-04",
        },
        "periods": ["{year}/P{period:2}"],
    }
)
MONTHS = FiscalCalendar(because="x", periods=["{period:3}.{year}", "{year}/{period}"], special_periods=4)
OCTOBER = FiscalCalendar(because="x", first_month=10)


@given(st.dates(date(2024, 1, 1), date(2027, 1, 3)), st.sampled_from([WEEKS, MONTHS, OCTOBER]))
def test_every_day_is_in_the_period_that_holds_it(day: date, calendar: FiscalCalendar) -> None:
    """Days and periods lead to each other, and periods follow without a gap."""
    period = calendar.period_of(day)
    assert period is not None
    days = calendar.days_of(period)
    assert days is not None
    first, last = days
    assert first <= day <= last
    following = calendar.period_of(last + timedelta(days=1))
    assert following is None or following > period


@pytest.mark.parametrize(
    ("calendar", "period", "first", "last"),
    [
        (MONTHS, "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        (OCTOBER, "2026-01", date(2025, 10, 1), date(2025, 10, 31)),
        (OCTOBER, "2026-12", date(2026, 9, 1), date(2026, 9, 30)),
        (WEEKS, "2025-01", date(2024, 12, 30), date(2025, 1, 26)),
        (WEEKS, "2025-03", date(2025, 2, 24), date(2025, 3, 30)),
        # Fiscal 2026 has 53 weeks: the last period takes the extra one.
        (WEEKS, "2026-12", date(2026, 11, 23), date(2027, 1, 3)),
    ],
)
def test_days_of_periods(calendar: FiscalCalendar, period: str, first: date, last: date) -> None:
    assert calendar.days_of(period) == (first, last)


@pytest.mark.parametrize("period", ["2027-01", "2023-01", "2025-13", "2025-00", "P3"])
def test_days_of_what_the_calendar_does_not_know(period: str) -> None:
    assert WEEKS.days_of(period) is None


@pytest.mark.parametrize(
    ("calendar", "code", "period"),
    [
        (MONTHS, "003.2026", "2026-03"),
        (MONTHS, "2026/3", "2026-03"),
        (MONTHS, "2026-03", "2026-03"),
        (MONTHS, "014.2026", "2026-12"),
        (MONTHS, "017.2026", None),
        (MONTHS, "000.2026", None),
        (MONTHS, "03.2026", None),
        (WEEKS, "2026/P03", "2026-03"),
        (WEEKS, "2026/P13", None),
        (WEEKS, "2026.P03", None),
    ],
)
def test_codes_of_periods(calendar: FiscalCalendar, code: str, period: str | None) -> None:
    assert calendar.canonical(code) == period


@given(st.integers(2000, 2099), st.integers(1, 12), st.sampled_from([WEEKS, MONTHS, OCTOBER]))
def test_a_period_in_the_sites_code_is_read_again(year: int, number: int, calendar: FiscalCalendar) -> None:
    period = f"{year}-{number:02}"
    assert calendar.canonical(calendar.written(period)) == period


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "4-4-5"}, "two years or more"),
        ({"kind": "4-4-5", "first_days": {2025: "2024-12-30", 2027: "2026-12-28"}}, "without a gap"),
        ({"kind": "4-4-5", "first_days": {2025: "2024-12-30", 2026: "2025-12-30"}}, "365 days"),
        ({"first_days": {2025: "2024-12-30", 2026: "2025-12-29"}}, "calendars of weeks"),
        ({"periods": ["P{period}"]}, "must hold {year} and {period}"),
        ({"first_month": 13}, "less than or equal to 12"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        FiscalCalendar.model_validate({"because": "x", **fields})
    assert words in str(caught.value)
