"""Years, halves and quarters: `2024`, `FY24`, `Q2 2024`, `the second half of 2023`."""

from __future__ import annotations

import re

from agents.models.embedded.periods.numeric import iso
from agents.models.embedded.periods.period import FoundPeriod, Period, half_of, month_of, quarter_of, year_of
from agents.models.embedded.periods.said import APOSTROPHES, Said
from agents.models.embedded.text import amount

_COUNTED = ("pieces", "units", "dollars", "dollar")


_UNITS = {"quarter": "quarter", "quarters": "quarter", "half": "half", "halves": "half", "semester": "half"}
_LISTED = ("and", "or", "&", ",", "to", "-")
_ENDS = {"opening": 1, "closing": 4}
_OF_A_YEAR = ("in", "of", "for", "since", "during", "from", "and", "to", "or", "-")
_TURNED = re.compile(r"([1-4])(q)(\d\d)?|([12])(h)")
"""`1Q24`, `1Q 2024` and `2H 2024`."""


def year(said: Said, i: int) -> FoundPeriod | None:
    """`2024`, `2024-03-05`, `2024/03`, `2024 Q2`, or a year written otherwise; no amount such as `$2000`."""
    named = said.year(i)
    if named is None:
        other = other_year(said, i)
        return (
            _in_part(said, other.period.start.year, i, other.after) or other
            if other and other.period.start
            else None
        )
    following = said.word(i + 1)
    if following == "-" and said.number(i + 2) is not None:
        return iso(said, i, named)
    part = _in_part(said, named, i, i + 2 if following in ("-", "/") else i + 1)
    if part is not None:
        return part
    number = said.number(i + 2) if following == "/" and len(said.word(i + 2)) == 2 else None
    # `2011/12` is a year that begins within another.
    if number is not None and number <= 12 and said.joined(i, i + 3) and number != (named + 1) % 100:
        return FoundPeriod(month_of(named, number), i, i + 3) if number else None
    money = said.word(i - 1) == "dollar" and said.joined(i - 1, i + 1)
    if following in _COUNTED or money or (following == "days" and named < 2000):
        return None
    return FoundPeriod(year_of(named), i, i + 1)


def _in_part(said: Said, named: int, first: int, at: int) -> FoundPeriod | None:
    """`Q2` right after its year."""
    word = said.word(at)
    if len(word) != 2 or word[0] not in "qh" or word[1] not in ("1234" if word[0] == "q" else "12"):
        return None
    size = "quarter" if word[0] == "q" else "half"
    return FoundPeriod(_sized(size, named, int(word[1])), first, at + 1)


def other_year(said: Said, i: int) -> FoundPeriod | None:
    """`FY2012`, `CY2012`, `in '24`, `twenty twenty four`, and `13` in `2011-13`."""
    word = said.word(i)
    if word in APOSTROPHES and said.word(i - 1) in _OF_A_YEAR and (short := said.short_year(i)) is not None:
        return FoundPeriod(year_of(short), i, i + 2)
    if word[:2] in ("fy", "cy") and word[2:].isdigit() and len(word) in (4, 6):
        named = int(word[2:]) + (2000 if len(word) == 4 else 0)
        return FoundPeriod(year_of(named), i, i + 1) if 1950 <= named <= 2099 else None
    if word == "twenty" and i + 1 < len(said.tokens) and said.tokens[i + 1].kind == "word":
        number, after = amount(said.tokens, i + 1)
        spoken = number is not None and 10 <= number <= 39 and number == int(number)
        return FoundPeriod(year_of(2000 + int(number or 0)), i, after) if spoken else None
    first, last = said.year(i - 2), said.short_year(i)
    ranged = said.word(i - 1) == "-" and said.joined(i - 2, i + 1)
    if first is not None and last is not None and ranged and last > first and last % 100 > 12:
        return FoundPeriod(year_of(last), i, i + 1)
    return None


def part_of_year(said: Said, i: int) -> FoundPeriod | None:
    """`Q2 2024`, `H1'24`, `1Q 2024`, `third quarter of 2024`, `2nd half of last year`, `quarter 3`."""
    named = _part(said, i)
    if named is None:
        return None
    part, size, after = named
    at = said.past_fillers(after)
    if said.word(at) in ("/", "-") and said.joined(after, at + 2):
        at += 1
    told = said.year_here(at)
    if told is None and (short := said.short_year(at)) is not None:
        told = short, said.after_short_year(at)
    if told is not None:
        return FoundPeriod(_sized(size, told[0], part), i, told[1])
    certain = said.word(i) not in (*_ENDS, "half") and not _TURNED.fullmatch(said.word(i))
    return FoundPeriod(_sized(size, said.today.year, part), i, after, dated=False) if certain else None


def quarter_of_two_digits(said: Said, i: int) -> FoundPeriod | None:
    """`1Q24`."""
    found = _TURNED.fullmatch(said.word(i))
    if found is None or found[3] is None:
        return None
    return FoundPeriod(quarter_of(2000 + int(found[3]), int(found[1])), i, i + 1)


def _part(said: Said, i: int) -> tuple[int, str, int] | None:
    """The number of a quarter or a half, which of both, and the position after it."""
    word = said.word(i)
    if len(word) == 2 and word[0] in "qh" and word[1] in "1234":
        return int(word[1]), "quarter" if word[0] == "q" else "half", i + 1
    if turned := _TURNED.fullmatch(word):
        # `2h` are two hours where no year stands right behind.
        is_half = bool(turned[5]) and said.year(i + 1) is not None
        part = int(turned[1] or turned[4])
        return (
            (part, "half" if is_half else "quarter", i + 1)
            if is_half or (turned[2] and not turned[3])
            else None
        )
    if word in _ENDS and (size := _UNITS.get(said.word(i + 1))):
        return (_ENDS[word] if size == "quarter" else min(_ENDS[word], 2)), size, i + 2
    if (counted := said.ordinal(i)) is not None:
        part, at = counted
        alone = _UNITS.get(said.word(at))
        if alone:
            return part, alone, _past_year(said, at + 1)
        while said.word(at) in _LISTED and (more := said.ordinal(at + 1)) is not None:
            at = more[1]
        listed = _UNITS.get(said.word(at))
        return (part, listed, counted[1]) if listed else None
    if word in ("quarter", "half"):
        at = _past_year(said, i + 1)
        number = said.number(at)
        if number is not None and 1 <= number <= (4 if word == "quarter" else 2):
            return number, word, at + 1
    return None


def _past_year(said: Said, at: int) -> int:
    """The position after `-year` or `year`, as in `half-year`."""
    if said.word(at) == "-" and said.word(at + 1) == "year":
        return at + 2
    return at + 1 if said.word(at) == "year" and said.number(at + 1) in (1, 2) else at


def _sized(size: str, year: int, part: int) -> Period:
    return quarter_of(year, part) if size == "quarter" else half_of(year, min(part, 2))
