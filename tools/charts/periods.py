"""Periods along an axis: which is which, in what order, and where one ends."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date, timedelta

from tools.charts.spec import Grain, Value

_FORMS: dict[Grain, re.Pattern[str]] = {
    "day": re.compile(r"(\d{4})-(\d\d)-(\d\d)"),
    "week": re.compile(r"(\d{4})-W(\d\d)"),
    "month": re.compile(r"(\d{4})-(\d\d)(?:-01)?"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "year": re.compile(r"(\d{4})"),
}
_NAMED = re.compile(r"(day|week|month|quarter|year)(?:_\d+)?")
_ISO_DAY = 10


def grain_of(name: str, cells: Sequence[Value]) -> Grain | None:
    """The period that a column's cells stand for, where its name says so and all of them read so."""
    found = _NAMED.fullmatch(name)
    if found is None:
        return None
    grain: Grain = found[1]  # type: ignore[assignment]
    there = [cell for cell in cells if cell is not None]
    whole = bool(there) and all(isinstance(cell, str) and ordinal(cell, grain) is not None for cell in there)
    return grain if whole else None


def ordinal(text: str, grain: Grain | None) -> int | None:
    """Number of a period among its like: neighbours differ by one. Without a grain that of the day."""
    try:
        if grain is None:
            return date.fromisoformat(text[:_ISO_DAY]).toordinal()
        found = _FORMS[grain].fullmatch(text)
        if found is None:
            return None
        match grain:
            case "day":
                return date.fromisoformat(text).toordinal()
            case "week":
                return date.fromisocalendar(int(found[1]), int(found[2]), 1).toordinal() // 7
            case "month":
                month = int(found[2])
                return int(found[1]) * 12 + month - 1 if 1 <= month <= 12 else None
            case "quarter":
                return int(found[1]) * 4 + int(found[2]) - 1
            case "year":
                return int(found[1])
    except ValueError:
        return None


def named(number: int, grain: Grain | None) -> str:
    """A period by its number, as tables write it."""
    match grain:
        case "week":
            year, week, _ = date.fromordinal(number * 7 + 1).isocalendar()
            return f"{year:04d}-W{week:02d}"
        case "month":
            return f"{number // 12:04d}-{number % 12 + 1:02d}"
        case "quarter":
            return f"{number // 4:04d}-Q{number % 4 + 1}"
        case "year":
            return f"{number:04d}"
        case _:
            return date.fromordinal(number).isoformat()


def last_day(text: str, grain: Grain | None) -> date | None:
    """The last day of a period."""
    number = ordinal(text, grain)
    if number is None:
        return None
    match grain:
        case "week":
            return date.fromordinal(number * 7 + 1) + timedelta(days=6)
        case "month" | "quarter" | "year":
            months = {"month": 1, "quarter": 3, "year": 12}[grain]
            year, month = divmod((number + 1) * months - 1, 12)
            return date(year, month + 1, calendar.monthrange(year, month + 1)[1])
        case _:
            return date.fromordinal(number)
