"""Days, times of day and moments as plants write them, and the clock of a site."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

DateOrder: TypeAlias = Literal["iso", "dmy", "mdy", "ymd"]

_SHOWN: dict[DateOrder, str] = {
    "iso": "YYYY-MM-DD",
    "dmy": "DD.MM.YYYY",
    "mdy": "MM/DD/YYYY",
    "ymd": "YYYYMMDD",
}
_DAYS: dict[DateOrder, str] = {
    "iso": r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?:[ T](?P<time>.+))?",
    "dmy": r"(?P<d>\d{1,2})(?P<by>[./-])(?P<m>\d{1,2})(?P=by)(?P<y>\d{4})(?:[ T](?P<time>.+))?",
    "mdy": r"(?P<m>\d{1,2})(?P<by>[./-])(?P<d>\d{1,2})(?P=by)(?P<y>\d{4})(?:[ T](?P<time>.+))?",
    "ymd": r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)[ T]?(?P<time>.+)?",
}
_TIME = re.compile(
    r"(?P<h>\d\d?):?(?P<m>\d\d)(?::?(?P<s>\d\d)(?:[.,](?P<part>\d+))?)?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?P<offset>Z|[+-]\d\d(?::?\d\d)?)?\Z",
    re.ASCII,
)


class Ambiguous(Exception):
    """A local time that the clocks show twice or never; carries the moment under the earlier offset."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment


class DateFormat:
    """How days stand in one file; every method raises ValueError in words that follow the column's name."""

    def __init__(self, order: DateOrder, first: date, last: date) -> None:
        self._order = order
        self._first, self._last = first, last
        self._shown = _SHOWN[order]
        self._written = re.compile(_DAYS[order] + r"\Z", re.ASCII)

    def day(self, text: str) -> date | None:
        """A plausible day; a time of day behind it is dropped on purpose, as these are business days."""
        found = self._written.match(text)
        if not found or not _is_time(found["time"]):
            raise ValueError(f"is not a date as {self._shown}")
        day = self._day(found)
        if day is not None and not self._first <= day <= self._last:
            raise ValueError(f"is not between {self._first} and {self._last}")
        return day

    def timestamp(self, text: str) -> datetime | None:
        """Date and time as they stand."""
        found = self._written.match(text)
        if not found or not _is_time(found["time"]):
            raise ValueError(f"is not a date and time as {self._shown} HH:MM:SS")
        try:
            day = self._day(found)
            return None if day is None else datetime.combine(day, _time(found["time"] or "00:00"))
        except ValueError:
            raise ValueError("is not a moment of the calendar") from None

    def moment(self, text: str, clock: Clock) -> datetime | None:
        """An absolute time; the text's own offset goes before the clock's zone.

        Raises:
            Ambiguous: the clock shows that time twice or never.
        """
        found = self._written.match(text)
        parts = _TIME.match(found["time"] or "00:00") if found else None
        if not found or not parts or (parts["offset"] and self._order != "iso"):
            raise ValueError(f"is not a date and time as {self._shown} HH:MM:SS")
        try:
            day = self._day(found)
            if day is None:
                return None
            local = datetime.combine(day, _time(found["time"] or "00:00"))
            if parts["offset"]:
                return _absolute(local, parts["offset"])
        except (ValueError, OverflowError):
            raise ValueError("is not a moment of the calendar") from None
        if not self._first <= local.date() <= self._last:
            raise ValueError(f"is not between {self._first} and {self._last}")
        return clock.moment(local.date(), local.time())

    def _day(self, found: re.Match[str]) -> date | None:
        year, month, day = int(found["y"]), int(found["m"]), int(found["d"])
        if not year and not month and not day:
            return None
        try:
            return date(year, month, day)
        except ValueError:
            raise ValueError("is not a day of the calendar") from None


class Clock:
    """Turns what the clocks of a zone show into moments."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._steady: dict[date, timedelta | None] = {}

    def moment(self, day: date, at: time) -> datetime:
        """The moment at which the clocks show this, in UTC.

        Raises:
            Ambiguous: they show it twice or never.
        """
        try:
            offset = self._steady[day]
        except KeyError:
            offset = self._steady[day] = self._offset_of(day)
        if offset is not None:
            return datetime.combine(day, at, UTC) - offset
        local = datetime.combine(day, at)
        earlier, later = self._offset(local, 0), self._offset(local, 1)
        moment = (local - earlier).replace(tzinfo=UTC)
        if earlier != later:
            raise Ambiguous(moment)
        return moment

    def _offset_of(self, day: date) -> timedelta | None:
        """The offset of a day on which the clocks do not change."""
        midnight = datetime.combine(day, time())
        begins, ends = self._offset(midnight, 0), self._offset(midnight + timedelta(days=1), 1)
        steady = begins == ends == self._offset(midnight, 1) == self._offset(midnight + timedelta(days=1), 0)
        return begins if steady else None

    def _offset(self, local: datetime, fold: int) -> timedelta:
        offset = local.replace(tzinfo=self._zone, fold=fold).utcoffset()
        assert offset is not None, "a zone of the database always has an offset"
        return offset


def time_of_day(text: str) -> time:
    """A time of day to the second; ValueError where the text is none."""
    if len(text) == 6 and text.isascii() and text.isdigit() and text < "24":
        # The commonest of forms, and each text is another.
        minute, second = int(text[2:4]), int(text[4:])
        if minute < 60 and second < 60:
            return time(int(text[:2]), minute, second)
    found = _TIME.match(text)
    if not found or found["offset"]:
        raise ValueError("is not a time as HH:MM:SS")
    try:
        return _time(text).replace(microsecond=0)
    except ValueError:
        raise ValueError("is not a time of day") from None


def _absolute(local: datetime, offset: str) -> datetime:
    zone = datetime.fromisoformat(f"2000-01-01T00:00{offset}").tzinfo
    return local.replace(tzinfo=zone).astimezone(UTC)


def _is_time(text: str | None) -> bool:
    found = _TIME.match(text) if text else None
    return not text or (found is not None and not found["offset"])


def _time(text: str) -> time:
    found = _TIME.match(text)
    assert found is not None, "the caller has matched it"
    hour = int(found["h"])
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    part = (found["part"] or "0")[:6].ljust(6, "0")
    return time(hour, int(found["m"]), int(found["s"] or 0), int(part))
