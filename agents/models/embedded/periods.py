"""Periods in words: years, quarters, months, days, ranges and relative ones, as of the data's own today."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from agents.models.embedded.text import Token

_MONTHS = {name.lower(): i for i, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): i for i, name in enumerate(calendar.month_abbr) if name}
_MONTHS["sept"] = 9
_ORDINALS = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "last": -1,
}
_FILLERS = {"of", "the", "in", "year", "calendar", "month", "fiscal"}


@dataclass(frozen=True, slots=True)
class Period:
    """A period with both ends included; an open end is None."""

    start: date | None
    end: date | None
    grain: str
    """`year`, `quarter`, `half`, `month`, `day` or `range`."""


@dataclass(frozen=True, slots=True)
class FoundPeriod:
    """A period and the tokens that name it, as positions [first, after)."""

    period: Period
    first: int
    after: int


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def year_of(year: int) -> Period:
    """A calendar year."""
    return Period(date(year, 1, 1), date(year, 12, 31), "year")


def quarter_of(year: int, quarter: int) -> Period:
    """A calendar quarter."""
    return Period(date(year, 3 * quarter - 2, 1), _month_end(year, 3 * quarter), "quarter")


def half_of(year: int, half: int) -> Period:
    """Half a calendar year."""
    return Period(date(year, 6 * half - 5, 1), _month_end(year, 6 * half), "half")


def month_of(year: int, month: int) -> Period:
    """A calendar month."""
    return Period(date(year, month, 1), _month_end(year, month), "month")


class Periods:
    """Finds the periods of a question, relative to `today`; `recent` is the year that a bare month means."""

    def __init__(self, today: date) -> None:
        self.today = today

    def find(self, tokens: Sequence[Token]) -> list[FoundPeriod]:
        """All periods in order, ranges joined."""
        found: list[FoundPeriod] = []
        index = 0
        while index < len(tokens):
            hit = self._at(tokens, index)
            if hit is None:
                index += 1
                continue
            found.append(hit)
            index = hit.after
        return self._shared_year(self._ranges(tokens, found), tokens)

    def _at(self, tokens: Sequence[Token], i: int) -> FoundPeriod | None:
        for reader in (self._relative, self._part_of_year, self._day, self._month, self._year):
            hit = reader(tokens, i)
            if hit:
                return hit
        return None

    def _word(self, tokens: Sequence[Token], i: int) -> str:
        return tokens[i].norm if 0 <= i < len(tokens) else ""

    def _skip(self, tokens: Sequence[Token], i: int) -> int:
        while self._word(tokens, i) in _FILLERS:
            i += 1
        return i

    def _number(self, tokens: Sequence[Token], i: int) -> int | None:
        token = tokens[i] if 0 <= i < len(tokens) else None
        if token is None or token.kind != "number" or "." in token.norm or "," in token.text:
            return None
        return int(token.norm)

    def _year_at(self, tokens: Sequence[Token], i: int) -> int | None:
        number = self._number(tokens, i)
        return number if number is not None and 1950 <= number <= 2099 and len(tokens[i].norm) == 4 else None

    def _year(self, tokens: Sequence[Token], i: int) -> FoundPeriod | None:
        year = self._year_at(tokens, i)
        if year is None:
            return None
        following = self._word(tokens, i + 1)
        if self._word(tokens, i + 1) == "-" and self._number(tokens, i + 2) is not None:
            return self._iso(tokens, i, year)
        if following in ("pieces", "units", "dollars", "dollar", "days") or self._word(tokens, i - 1) in (
            "$",
            "dollar",
        ):
            return None
        return FoundPeriod(year_of(year), i, i + 1)

    def _iso(self, tokens: Sequence[Token], i: int, year: int) -> FoundPeriod | None:
        month = self._number(tokens, i + 2)
        if month is None or not 1 <= month <= 12:
            return FoundPeriod(year_of(year), i, i + 1)
        day = self._number(tokens, i + 4) if self._word(tokens, i + 3) == "-" else None
        if day is not None and 1 <= day <= calendar.monthrange(year, month)[1]:
            on = date(year, month, day)
            return FoundPeriod(Period(on, on, "day"), i, i + 5)
        return FoundPeriod(month_of(year, month), i, i + 3)

    def _part_of_year(self, tokens: Sequence[Token], i: int) -> FoundPeriod | None:
        word = self._word(tokens, i)
        part, size, after = 0, "", i + 1
        if len(word) == 2 and word[0] in "qh" and word[1] in "1234":
            part, size = int(word[1]), "quarter" if word[0] == "q" else "half"
        elif word in _ORDINALS and self._word(tokens, i + 1) in ("quarter", "half"):
            part, size, after = _ORDINALS[word], self._word(tokens, i + 1), i + 2
        elif word == "quarter" and self._number(tokens, i + 1) in (1, 2, 3, 4):
            part, size, after = self._number(tokens, i + 1) or 1, "quarter", i + 2
        if not size or part < 0:
            return None
        following = self._skip(tokens, after)
        year = self._year_at(tokens, following)
        if year is not None:
            after = following + 1
        return (
            FoundPeriod(self._sized(size, year or self.today.year, part), i, after)
            if year or word[0] in "qh" or word in _ORDINALS
            else None
        )

    @staticmethod
    def _sized(size: str, year: int, part: int) -> Period:
        return quarter_of(year, part) if size == "quarter" else half_of(year, min(part, 2))

    def _month(self, tokens: Sequence[Token], i: int) -> FoundPeriod | None:
        month = _MONTHS.get(self._word(tokens, i))
        if month is None or (
            self._word(tokens, i) in ("may", "march", "mar", "dec", "sun")
            and not self._certain_month(tokens, i)
        ):
            return None
        following = self._skip(tokens, i + 1)
        year = self._year_at(tokens, following)
        if year is not None:
            return FoundPeriod(month_of(year, month), i, following + 1)
        guessed = self.today.year if month <= self.today.month else self.today.year - 1
        return FoundPeriod(month_of(guessed, month), i, i + 1)

    def _certain_month(self, tokens: Sequence[Token], i: int) -> bool:
        return (
            tokens[i].capital
            or self._year_at(tokens, self._skip(tokens, i + 1)) is not None
            or self._word(tokens, i - 1) in ("in", "and", "to", "for")
        )

    def _day(self, tokens: Sequence[Token], i: int) -> FoundPeriod | None:
        """`3 June 2024`, `3rd of June 2024`, `June 3, 2024`."""
        day = self._day_number(tokens, i)
        if day is not None:
            at = i + 1
            while self._word(tokens, at) in ("of", "st", "nd", "rd", "th"):
                at += 1
            month = _MONTHS.get(self._word(tokens, at))
            if month:
                return self._on(tokens, day, month, at + 1, i)
        month = _MONTHS.get(self._word(tokens, i))
        if month:
            at = i + 1
            if self._word(tokens, at) == "the":
                at += 1
            day = self._day_number(tokens, at)
            if day is not None:
                return self._on(tokens, day, month, at + 1, i)
        return None

    def _day_number(self, tokens: Sequence[Token], i: int) -> int | None:
        token = tokens[i] if 0 <= i < len(tokens) else None
        if token is None:
            return None
        digits = token.norm.rstrip("stndrh") if token.kind == "word" else token.norm
        return int(digits) if digits.isdigit() and len(digits) <= 2 and 1 <= int(digits) <= 31 else None

    def _on(self, tokens: Sequence[Token], day: int, month: int, at: int, first: int) -> FoundPeriod | None:
        while self._word(tokens, at) in (",", "st", "nd", "rd", "th"):
            at += 1
        year = self._year_at(tokens, at)
        after = at + 1 if year is not None else at
        year = year or (self.today.year if month <= self.today.month else self.today.year - 1)
        try:
            on = date(year, month, day)
        except ValueError:
            return None
        return FoundPeriod(Period(on, on, "day"), first, after)

    def _relative(self, tokens: Sequence[Token], i: int) -> FoundPeriod | None:
        word, following = self._word(tokens, i), self._word(tokens, i + 1)
        if word in ("last", "previous", "past", "latest") and following in (
            "year",
            "month",
            "quarter",
            "week",
        ):
            return FoundPeriod(self._before(following, 1), i, i + 2)
        if word in ("this", "current") and following in ("year", "month", "quarter", "week"):
            return FoundPeriod(self._before(following, 0), i, i + 2)
        if word in ("last", "past", "previous"):
            number = self._number(tokens, i + 1) or (tokens[i + 1].number if i + 1 < len(tokens) else None)
            unit = self._word(tokens, i + 2).rstrip("s")
            if number is not None and unit in ("year", "month", "quarter", "week", "day"):
                return FoundPeriod(Period(self._back(int(number), unit), self.today, "range"), i, i + 3)
        if word == "today":
            return (
                FoundPeriod(Period(self.today, self.today, "day"), i, i + 1)
                if self._word(tokens, i - 1) == "due"
                else None
            )
        if word == "yesterday":
            day = self.today - timedelta(days=1)
            return FoundPeriod(Period(day, day, "day"), i, i + 1)
        return None

    def _before(self, unit: str, back: int) -> Period:
        today = self.today
        match unit:
            case "year":
                return year_of(today.year - back)
            case "month":
                first = today.replace(day=1)
                for _ in range(back):
                    first = (first - timedelta(days=1)).replace(day=1)
                return month_of(first.year, first.month)
            case "quarter":
                number = today.year * 4 + (today.month - 1) // 3 - back
                return quarter_of(number // 4, number % 4 + 1)
            case _:
                monday = today - timedelta(days=today.weekday() + 7 * back)
                return Period(monday, monday + timedelta(days=6), "range")

    def _back(self, number: int, unit: str) -> date:
        match unit:
            case "day":
                return self.today - timedelta(days=number)
            case "week":
                return self.today - timedelta(weeks=number)
            case _:
                months = number * {"month": 1, "quarter": 3, "year": 12}[unit]
                index = self.today.year * 12 + self.today.month - 1 - months
                year, month = divmod(index, 12)
                return date(year, month + 1, min(self.today.day, calendar.monthrange(year, month + 1)[1]))

    def _ranges(self, tokens: Sequence[Token], found: list[FoundPeriod]) -> list[FoundPeriod]:
        """Joins `from A to B`, `between A and B`, `A through B`; opens `since A`, `before B`, `until B`,
        `after A`."""
        joined: list[FoundPeriod] = []
        index = 0
        while index < len(found):
            here = found[index]
            before = [self._word(tokens, here.first - k) for k in (1, 2, 3)]
            if index + 1 < len(found):
                following = found[index + 1]
                between = [token.norm for token in tokens[here.after : following.first]]
                # "A to B" is a range; two years compared are told apart by the reader, which sees the verb.
                words = [
                    word
                    for word in between
                    if word not in ("the", "end", "of", ",", "month", "year", "full", "up")
                ]
                ranged = words in (["to"], ["through"], ["until"], ["till"], ["-"], ["thru"]) or (
                    words == ["and"] and "between" in before
                )
                if ranged and here.period.start and following.period.end:
                    start = self._with_year(here, following, tokens)
                    first = here.first - 1 if before[0] in ("from", "between") else here.first
                    if start <= following.period.end:
                        joined.append(
                            FoundPeriod(Period(start, following.period.end, "range"), first, following.after)
                        )
                        index += 2
                        continue
            joined.append(self._opened(here, before))
            index += 1
        return joined

    def _with_year(self, here: FoundPeriod, following: FoundPeriod, tokens: Sequence[Token]) -> date:
        """`August to December 2024`: a first end without a year takes the second's."""
        start = here.period.start
        assert start
        assert following.period.end
        has_year = any(self._year_at(tokens, k) for k in range(here.first, here.after))
        if not has_year:
            candidate = start.replace(year=following.period.end.year, day=min(start.day, 28))
            return (
                candidate if candidate <= following.period.end else candidate.replace(year=candidate.year - 1)
            )
        return start

    def _opened(self, here: FoundPeriod, before: list[str]) -> FoundPeriod:
        period = here.period
        if before[0] in ("since", "from") or (before[0] == "of" and before[1] == "start"):
            return FoundPeriod(Period(period.start, None, "range"), here.first - 1, here.after)
        if before[0] in ("after", "following") and period.end and before[1] != "day":
            return FoundPeriod(
                Period(period.end + timedelta(days=1), None, "range"), here.first - 1, here.after
            )
        if before[0] in ("before",) and period.start and before[1] not in ("day", "days"):
            return FoundPeriod(
                Period(None, period.start - timedelta(days=1), "range"), here.first - 1, here.after
            )
        if before[0] in ("until", "till", "by", "through") and period.end:
            return FoundPeriod(Period(None, period.end, "range"), here.first - 1, here.after)
        if before[0] in ("in", "during", "for", "on", "of", "within", "over"):
            return FoundPeriod(period, here.first - 1, here.after)
        return here

    def _shared_year(self, found: list[FoundPeriod], tokens: Sequence[Token]) -> list[FoundPeriod]:
        """`January and February 2024`, `Q1 and Q2 2024`: an earlier period without a year takes the next
        one's."""
        result = list(found)
        for index in range(len(result) - 2, -1, -1):
            here, following = result[index], result[index + 1]
            has_year = any(self._year_at(tokens, k) for k in range(here.first, here.after))
            later = any(self._year_at(tokens, k) for k in range(following.first, following.after))
            if (
                has_year
                or not later
                or not following.period.start
                or not here.period.start
                or here.period.grain != following.period.grain
            ):
                continue
            year = following.period.start.year
            period = here.period
            if period.grain == "month":
                result[index] = FoundPeriod(month_of(year, here.period.start.month), here.first, here.after)
            elif period.grain == "quarter":
                result[index] = FoundPeriod(
                    quarter_of(year, (here.period.start.month + 2) // 3), here.first, here.after
                )
            elif period.grain == "half":
                result[index] = FoundPeriod(
                    half_of(year, 1 if here.period.start.month == 1 else 2), here.first, here.after
                )
        return result
