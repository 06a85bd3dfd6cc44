"""Years, halves and quarters: `2024`, `FY24`, `Q2 2024`, `the second half of 2023`."""

from __future__ import annotations

from agents.models.embedded.periods.numeric import iso
from agents.models.embedded.periods.period import FoundPeriod, Period, half_of, quarter_of, year_of
from agents.models.embedded.periods.said import Said
from agents.models.embedded.text import amount

_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_COUNTED = ("pieces", "units", "dollars", "dollar")


def year(said: Said, i: int) -> FoundPeriod | None:
    """`2024`, `2024-03-05`, `2024 Q2`, or a year written otherwise; no amount such as `$2000`."""
    named = said.year(i)
    if named is None:
        return other_year(said, i)
    following = said.word(i + 1)
    if following == "-" and said.number(i + 2) is not None:
        return iso(said, i, named)
    part = i + 2 if following in ("-", "/") else i + 1
    word = said.word(part)
    if len(word) == 2 and word[0] in "qh" and word[1] in ("1234" if word[0] == "q" else "12"):
        size = "quarter" if word[0] == "q" else "half"
        return FoundPeriod(_sized(size, named, int(word[1])), i, part + 1)
    money = said.word(i - 1) == "dollar" and said.joined(i - 1, i + 1)
    if following in _COUNTED or money or (following == "days" and named < 2000):
        return None
    return FoundPeriod(year_of(named), i, i + 1)


def other_year(said: Said, i: int) -> FoundPeriod | None:
    """`FY2012`, `CY2012`, `twenty twenty four`, and `13` in `2011-13`."""
    word = said.word(i)
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
    """`Q2 2024`, `H1'24`, `third quarter of 2024`, `quarter 3`."""
    word, following = said.word(i), said.word(i + 1)
    after = i + 2
    if len(word) == 2 and word[0] in "qh" and word[1] in "1234":
        part, size, after = int(word[1]), "quarter" if word[0] == "q" else "half", i + 1
    elif word in _ORDINALS and following in ("quarter", "half"):
        part, size = _ORDINALS[word], following
    elif word == "quarter" and (number := said.number(i + 1)) in (1, 2, 3, 4):
        part, size = number, "quarter"
    else:
        return None
    at = said.past_fillers(after)
    if said.word(at) in ("/", "-") and said.joined(after, at + 2):
        at += 1
    named = said.year(at) or said.short_year(at)
    if named is not None:
        after = said.after_short_year(at)
    return FoundPeriod(_sized(size, named or said.today.year, part), i, after, named is not None)


def _sized(size: str, year: int, part: int) -> Period:
    return quarter_of(year, part) if size == "quarter" else half_of(year, min(part, 2))
