"""Ranges: two periods joined to one, and periods left open at one end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from agents.models.embedded.periods.period import FoundPeriod, Period
from agents.models.embedded.periods.said import JOINS, Said

_UNTIL = (
    ("on", "or", "before"),
    ("in", "or", "before"),
    ("to", "and", "including"),
    ("until", "and", "including"),
    ("till", "and", "including"),
)
_SINCE = (("on", "or", "after"), ("in", "or", "after"))
"""Words before a period that is itself within the range."""
_INSIDE = ("the", "end", "of", ",", "month", "year", "full", "up")
"""Words beside the one that joins two ends."""


def ranges(said: Said, found: Sequence[FoundPeriod]) -> list[FoundPeriod]:
    """Joins `from A to B`, `between A and B`, `A through B`; opens `since A`, `before B`, `until B`,
    `after A`."""
    result: list[FoundPeriod] = []
    index = 0
    while index < len(found):
        here = found[index]
        joined = _joined(said, here, found[index + 1]) if index + 1 < len(found) else None
        result.append(joined or _opened(said, here))
        index += 2 if joined else 1
    return result


def _joined(said: Said, here: FoundPeriod, following: FoundPeriod) -> FoundPeriod | None:
    """`A to B` as one range; two years compared are told apart by the reader, which sees the verb."""
    between = [token.norm for token in said.tokens[here.after : following.first]]
    words = [word for word in between if word not in _INSIDE]
    before = [said.word(here.first - k) for k in (1, 2, 3)]
    ranged = (len(words) == 1 and words[0] in JOINS) or (words == ["and"] and "between" in before)
    start, end = here.period.start, following.period.end
    if not ranged or start is None or end is None:
        return None
    if not here.dated:
        start = _dated_before(start, end)
    if start > end:
        return None
    first = here.first - 1 if before[0] in ("from", "between") else here.first
    return FoundPeriod(Period(start, end, "range"), first, following.after)


def _dated_before(start: date, end: date) -> date:
    """`August to December 2024`: a first end without a year takes the second's."""
    candidate = start.replace(year=end.year, day=min(start.day, 28))
    return candidate if candidate <= end else candidate.replace(year=candidate.year - 1)


def _opened(said: Said, here: FoundPeriod) -> FoundPeriod:
    leads = tuple(said.word(here.first - k) for k in (3, 2, 1))
    if leads in _UNTIL and here.period.end is not None:
        return FoundPeriod(Period(None, here.period.end, "range"), here.first - 3, here.after, here.dated)
    if leads in _SINCE and here.period.start is not None:
        return FoundPeriod(Period(here.period.start, None, "range"), here.first - 3, here.after, here.dated)
    period = _meant(here.period, said.word(here.first - 1), said.word(here.first - 2))
    return FoundPeriod(period, here.first - 1, here.after, here.dated) if period else here


def _meant(period: Period, word: str, earlier: str) -> Period | None:
    """What a period means after a word that belongs to it; none after any other."""
    if word in ("since", "from") or (word == "of" and earlier == "start"):
        return Period(period.start, None, "range")
    if word in ("after", "following") and period.end and earlier != "day":
        return Period(period.end + timedelta(days=1), None, "range")
    if word == "before" and period.start and earlier not in ("day", "days"):
        return Period(None, period.start - timedelta(days=1), "range")
    if word in ("until", "till", "by", "through") and period.end:
        return Period(None, period.end, "range")
    return period if word in ("in", "during", "for", "on", "of", "within", "over") else None
