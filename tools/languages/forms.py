"""Numbers, days, months and lists as the language spoken writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce
from typing import Literal

from tools.languages.speaking import Language, language, said

_MARKS: dict[Language, tuple[str, str]] = {
    "en": (",", "."),
    "de": (".", ","),
    "es": (".", ","),
    "fr": ("\u202f", ","),
}
"""What stands between groups of three digits, and before the decimals."""
_UNGROUPED = 4
"""Digits of a whole number that Spanish does not group yet."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip

_PAIRS = {"and": "[[one]] and [[other]]", "or": "[[one]] or [[other]]"}


def numeral(english: str) -> str:
    """A number as English writes it, `1,234.5`, with the marks of the language: `1.234,5`, `1 234,5`."""
    spoken = language()
    group, point = _MARKS[spoken]
    whole, mark, decimals = english.partition(".")
    if spoken == "es" and len(whole.lstrip("-").replace(",", "")) <= _UNGROUPED:
        group = ""
    return whole.replace(",", group) + (point if mark else "") + decimals


def decimal_mark() -> str:
    """What stands before the decimals of a number."""
    return _MARKS[language()][1]


def day_text(day: date) -> str:
    """A day in prose: `2024-03-15`, `15.03.2024`, `15/03/2024`."""
    if language() == "en":
        return day.isoformat()
    return ("." if language() == "de" else "/").join((f"{day.day:02}", f"{day.month:02}", f"{day.year:04}"))


def month_text(day: date) -> str:
    """The month of a day in prose: `2024-03`, `März 2024`, `marzo de 2024`, `mars 2024`."""
    if language() == "en":
        return f"{day.year:04}-{day.month:02}"
    return said("[[month]] [[year]]", month=said(_MONTHS[day.month - 1]), year=day.year)


def listed(parts: Sequence[str]) -> str:
    """`one, two and three`."""
    if len(parts) < 2:
        return "".join(parts)
    return joined((", ".join(parts[:-1]), parts[-1]))


def joined(parts: Sequence[str], by: Literal["and", "or"] = "and") -> str:
    """`one and two and three`, for parts that hold commas themselves."""
    return reduce(lambda one, other: _pair(one, other, by), parts) if parts else ""


def _pair(one: str, other: str, by: Literal["and", "or"]) -> str:
    if language() == "es" and _sounds_like(other, by):
        return f"{one} {'e' if by == 'and' else 'u'} {other}"
    return said(_PAIRS[by], one=one, other=other)


def _sounds_like(word: str, by: Literal["and", "or"]) -> bool:
    """True before a word that begins with the sound of the Spanish conjunction itself."""
    start = word[:3].lower()
    if by == "and":
        return start.startswith(("i", "hi")) and not start.startswith(("ie", "hie", "hia", "ia", "io"))
    return start.startswith(("o", "ho", "8"))
