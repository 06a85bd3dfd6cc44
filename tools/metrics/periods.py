"""Periods in words, as short as they can be named exactly."""

from __future__ import annotations

from datetime import date, timedelta

from tools.languages import said
from tools.languages.forms import day_text, month_text


def within(start: date, end: date) -> str:
    """`in 2024`, `in 2024-03`, `in 2024-Q2`, `on 2024-03-05`, or from one day, month or year to another."""
    if start == end:
        return said("on [[day]]", day=day_text(start))
    if end == date.max:
        return _from_to(day_text(start), day_text(end))
    after = end + timedelta(days=1)
    if start.day > 1 or after.day > 1:
        return _from_to(day_text(start), day_text(end))
    months = (after.year - start.year) * 12 + after.month - start.month
    if months == 1:
        return said("in [[month]]", month=month_text(start))
    if months == 12 and start.month == 1:
        return said("in [[year]]", year=f"{start.year:04}")
    if months == 3 and start.month % 3 == 1:
        return said("in [[year]]-Q[[quarter]]", year=start.year, quarter=(start.month + 2) // 3)
    if start.month == 1 and after.month == 1:
        return _from_to(str(start.year), str(end.year))
    return _from_to(month_text(start), month_text(end))


def started(day: date) -> str:
    """`since 2024-03-05`, that day included."""
    return said("since [[day]]", day=day_text(day))


def ended(day: date) -> str:
    """`until 2024-03-05`, that day included."""
    return said("until [[day]]", day=day_text(day))


def _from_to(first: str, last: str) -> str:
    return said("in [[first]] to [[last]]", first=first, last=last)
