"""What has been said in a conversation, or found by a tool: the source of a plan's numbers and days."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from pydantic import BaseModel

from agents.models.embedded.periods import Periods
from agents.models.embedded.text import amount, stems, tokenise
from agents.models.protocol import Turn

_DIGITS = re.compile(r"\d+(?:[.,'\u00a0\u202f ]\d{3})*(?:[.,]\d+)?|\d+")
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}(?:-\d{2})?(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_DAY = timedelta(days=1)
_TELLING = 4
"""Letters from which on a word of a name says which is meant."""
# Numbers that a question means without naming them: `without stock`, `the highest`, `more than one`.
_ALWAYS = frozenset({Decimal(0), Decimal(1)})
_MEANT = {
    Decimal(2): frozenset({"several", "multiple", "both", "double", "twice", "two", "pair", "duplicate"}),
    Decimal("0.5"): frozenset({"half", "majority", "halb", "hälfte", "moitié", "mitad"}),
    Decimal(50): frozenset({"half", "majority", "most", "halb", "hälfte", "moitié", "mitad"}),
}
_ELSEWHERE = {
    2: "zwei deux dos", 3: "drei trois tres", 4: "vier quatre cuatro", 5: "fünf cinq cinco",
    6: "sechs six seis", 7: "sieben sept siete", 8: "acht huit ocho", 9: "neun neuf nueve",
    10: "zehn dix diez", 11: "elf onze once", 12: "zwölf douze doce", 20: "zwanzig vingt veinte",
    100: "hundert cent cien", 1000: "tausend mille mil",
}  # fmt: skip
_NUMBER_WORDS = {word: Decimal(value) for value, words in _ELSEWHERE.items() for word in words.split()}
_MONTHS = (
    "january jan januar jänner janvier enero", "february feb februar février febrero",
    "march mar märz mars marzo", "april apr avril abril", "may mai mayo", "june jun juni juin junio",
    "july jul juli juillet julio", "august aug août agosto", "september sep sept septembre septiembre",
    "october oct oktober octobre octubre", "november nov novembre noviembre",
    "december dec dezember décembre diciembre",
)  # fmt: skip
_MONTH_OF = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}


@dataclass(frozen=True, slots=True)
class _Heard:
    """What one text says."""

    text: str
    words: frozenset[str]
    stems: frozenset[str]
    numbers: frozenset[Decimal]
    days: frozenset[date]
    months: frozenset[int]
    years: frozenset[int]


# A question is heard again with each that follows it.
@lru_cache(maxsize=2_000)
def _heard(text: str, today: date) -> _Heard:
    tokens = tokenise(text)
    words = frozenset(word.casefold() for word in _WORD.findall(text))
    numbers = {_NUMBER_WORDS[word] for word in words if word in _NUMBER_WORDS}
    numbers |= {number for at in range(len(tokens)) if (number := amount(tokens, at)[0]) is not None}
    numbers |= set(_numbers(text))
    months = frozenset(_MONTH_OF[word] for word in words if word in _MONTH_OF)
    years = {int(number) for number in numbers if 1900 <= number <= 2100 and number % 1 == 0}
    if months:
        years.add(today.year)
    periods = Periods(today)
    found = (*periods.find(tokens), *periods.parts(tokens))
    days = frozenset(day for one in found for day in (one.period.start, one.period.end) if day is not None)
    return _Heard(
        folded(text),
        words,
        frozenset(token.stem for token in tokens),
        frozenset(numbers),
        days,
        months,
        frozenset(years | {day.year for day in days}),
    )


class Said:
    """The words, numbers and days of a turn's question, of the turns before, and of results already seen."""

    def __init__(self, turn: Turn, today: date) -> None:
        self._numbers: set[Decimal] = set()
        self._days: set[date] = {today}
        self._months: set[int] = set()
        self._years: set[int] = set()
        self._words: set[str] = set()
        self._stems: set[str] = set()
        self._texts: list[str] = []
        for question in (turn.question, *(past.question for past in turn.past)):
            heard = _heard(question, today)
            self._texts.append(heard.text)
            self._words |= heard.words
            self._stems |= heard.stems
            self._numbers |= heard.numbers
            self._days |= heard.days
            self._months |= heard.months
            self._years |= heard.years
        for past in turn.past:
            for call in past.calls:
                self._take(call.arguments)
        for step in turn.steps:
            for table in step.result.tables if step.result else ():
                self._take(table.rows)
            for figure in step.result.figures if step.result else ():
                self._take(figure.value)
        self._bounds = self._days | {
            day + step for day in self._days if date.min < day < date.max for step in (_DAY, -_DAY)
        }

    def number(self, value: Decimal) -> bool:
        """True for a number that was said, in digits or words, also as a share of a hundred."""
        if value in _ALWAYS or _MEANT.get(value, frozenset()) & self._words:
            return True
        return any(
            form in self._numbers
            for form in (value, -value, value * 100, value / 100, 1 - value, 100 - value)
        )

    def day(self, value: date) -> bool:
        """True for an end of a period that was said, or the day beside it."""
        if value in self._bounds:
            return True
        first, last = value.day == 1, value.day == monthrange(value.year, value.month)[1]
        return (
            value.year in self._years
            and value.month in self._months
            and (first or last or Decimal(value.day) in self._numbers)
        )

    def text(self, value: str) -> bool:
        """True for words that stand in what was said, in whatever form."""
        plain = folded(value)
        if any(plain in text for text in self._texts):
            return True
        wanted = stems(value)
        return bool(wanted) and set(wanted) <= self._stems

    def mentions(self, value: str) -> bool:
        """True where a telling word of a name was said: `dollars` of `US Dollar`."""
        telling = [word for word in stems(value) if len(word) >= _TELLING or any(map(str.isdigit, word))]
        return self.text(value) or any(word in self._stems for word in telling)

    def _take(self, value: object) -> None:
        """What a call or a result holds."""
        if isinstance(value, bool) or value is None:
            return
        if isinstance(value, datetime):
            self._days.add(value.date())
        elif isinstance(value, date):
            self._days.add(value)
        elif isinstance(value, int | Decimal):
            self._numbers.add(Decimal(value))
        elif isinstance(value, str):
            self._texts.append(folded(value))
            self._days |= {date.fromisoformat(f"{text}-01"[:10]) for text in _dates(value)}
        elif isinstance(value, BaseModel):
            for name in type(value).model_fields:
                self._take(getattr(value, name))
        elif isinstance(value, tuple | list):
            for item in value:
                self._take(item)


def folded(text: str) -> str:
    """The text without case, accents and spare blanks."""
    if text.isascii():
        return " ".join(text.casefold().split())
    plain = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def _dates(text: str) -> Iterator[str]:
    for found in _DATE.findall(text):
        try:
            date.fromisoformat(f"{found}-01"[:10])
        except ValueError:
            continue
        yield found


def _numbers(text: str) -> Iterator[Decimal]:
    """Every number in digits, in each way that its separators can be meant."""
    for found in _DIGITS.findall(text):
        bare = re.sub(r"['\s\u00a0\u202f]", "", found)
        for form in {bare.replace(",", ""), bare.replace(".", "").replace(",", "."), bare.replace(",", ".")}:
            try:
                yield Decimal(form)
            except InvalidOperation:
                continue
