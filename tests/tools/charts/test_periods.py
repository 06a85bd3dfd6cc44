"""Periods are told from names, counted, and ended where the calendar ends them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.charts.periods import grain_of, last_day, named, ordinal
from tools.charts.spec import Grain

FORMS: dict[Grain, str] = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m", "year": "%Y"}


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.sampled_from(sorted(FORMS)))
def test_a_period_is_found_again_by_its_number(day: date, grain: Grain) -> None:
    """Of the neighbours of a period one comes before and one after, and each has its own name."""
    text = day.strftime(FORMS[grain])
    number = ordinal(text, grain)
    assert number is not None
    assert named(number, grain) == text
    for step in (-1, 1):
        assert ordinal(named(number + step, grain), grain) == number + step
    end = last_day(text, grain)
    assert end is not None
    assert end >= day
    assert end.strftime(FORMS[grain]) == text
    assert date.fromordinal(end.toordinal() + 1).strftime(FORMS[grain]) == named(number + 1, grain)


@pytest.mark.parametrize(
    ("text", "grain", "end"),
    [
        ("2025-Q4", "quarter", "2025-12-31"),
        ("2024-02", "month", "2024-02-29"),
        ("2025-W01", "week", "2025-01-05"),
    ],
)
def test_a_period_ends_with_its_last_day(text: str, grain: Grain, end: str) -> None:
    """Also in a leap year, and where a week of one year begins in the other."""
    assert str(last_day(text, grain)) == end


@pytest.mark.parametrize(
    ("name", "cells", "grain"),
    [
        ("month", ("2025-01", None, "2025-12"), "month"),
        ("month_2", ("2025-01",), "month"),
        ("month", ("2025-13",), None),
        ("month", ("January",), None),
        ("month_of_year", ("01",), None),
        ("site", ("2025-01",), None),
        ("year", (), None),
    ],
)
def test_only_periods_are_taken_for_periods(
    name: str, cells: tuple[str | None, ...], grain: Grain | None
) -> None:
    """By the column's name and by every cell of it."""
    assert grain_of(name, cells) == grain
