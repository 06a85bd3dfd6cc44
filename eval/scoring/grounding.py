"""Whether every figure that is shown rests on evidence, judged without the program's own grounding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from agents.answer import Answer
from tools.languages import Language

_DAY = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_MONTH = re.compile(r"(?<![\d-])(\d{4})-(\d{2})(?![\d-])")
_DAY_AS_SPOKEN = re.compile(r"(?<!\d)(\d{1,2})[./](\d{1,2})[./](\d{4})(?!\d)")
_AS_SPOKEN: dict[Language, re.Pattern[str]] = {
    "de": re.compile(r"(?<![\w.,])(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?(?![\w])"),
    "es": re.compile(r"(?<![\w.,])(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?(?![\w])"),
    "fr": re.compile(r"(?<![\w.,])(\d{1,3}(?:[\u202f\u00a0 ]\d{3})+|\d+)(?:,(\d+))?(?![\w])"),
}
"""Numbers as German, Spanish and French write them: digits, and those behind the comma."""
_NUMBER = re.compile(r"(?<![\w.])[-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Grounding:
    """Figures shown, and those of them that can be traced."""

    shown: int
    grounded: int
    loose: tuple[str, ...] = ()
    """What could not be traced."""


def grounding(answer: Answer) -> Grounding:
    """Each listed figure against the evidence it names, and each number of the text against what was found.

    A number of the text is traced where a figure or cell of the answer rounds to it, or where it stands in
    the question, the reading, a heading or a name that came from the data.
    """
    known = {entry.id for entry in answer.evidence}
    loose = [figure.label for figure in answer.figures if figure.evidence not in known]
    if any(table.rows for table in answer.tables) and not known:
        loose.append("a table")
    shown = len(answer.figures) + sum(bool(table.rows) for table in answer.tables)
    exact = list(_values(answer))
    texts = list(_said(answer))
    said = " ".join([*texts, *(_in_english(text, answer.language) for text in texts)])
    told = _in_english(answer.answer, answer.language)
    for day in _DAY.finditer(told):
        shown += 1
        if day.group() not in said and not _is_asked_day(day, answer):
            loose.append(day.group())
    told = _DAY.sub(" ", told)
    if answer.status != "answered":
        # A month that was understood is written as the calendar has it: `March 2026` is 2026-03.
        asked = set(re.findall(r"\d+", answer.question))
        told = _MONTH.sub(lambda month: " " if month[1] in asked else month[0], told)
    for match in _NUMBER.finditer(told):
        shown += 1
        if not _is_traced(match.group(), exact, said):
            loose.append(match.group())
    return Grounding(shown, shown - len(loose), tuple(loose))


def _in_english(text: str, language: Language) -> str:
    """The same with its days and numbers as English has them: `1.234,5` is `1234.5`."""
    if language == "en":
        return text
    text = _DAY_AS_SPOKEN.sub(lambda day: f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}", text)
    days = [match.span() for match in _DAY.finditer(text)]

    def plain(match: re.Match[str]) -> str:
        if any(start <= match.start() < end for start, end in days):
            return match[0]
        return re.sub(r"\D", "", match[1]) + (f".{match[2]}" if match[2] else "")

    return _AS_SPOKEN[language].sub(plain, text)


def _is_asked_day(day: re.Match[str], answer: Answer) -> bool:
    """True where the question names the day in another spelling: its year and its number of the month.

    Where nothing is answered, the year is enough: a period that was understood has its first and last day.
    """
    numbers = set(re.findall(r"\d+", answer.question))
    named = answer.status != "answered" or bool({day[3], day[3].lstrip("0")} & numbers)
    return day[1] in numbers and named


def _values(answer: Answer) -> Iterator[Decimal]:
    for text in (
        *(figure.value for figure in answer.figures),
        *(cell for table in answer.tables for row in table.rows for cell in row if isinstance(cell, str)),
        *(str(len(table.rows)) for table in answer.tables),
        *(str(table.total_rows) for table in answer.tables if table.total_rows is not None),
    ):
        try:
            value = Decimal(text)
        except InvalidOperation:
            continue
        if value.is_finite():
            yield value


def _said(answer: Answer) -> Iterator[str]:
    """Texts that a number may be repeated from."""
    yield answer.question
    yield answer.reading
    yield from answer.caveats
    for table in answer.tables:
        yield from table.columns
        for row in table.rows:
            yield from (cell for cell in row if isinstance(cell, str))
    for figure in answer.figures:
        yield figure.label
    for offered in answer.alternatives:
        yield offered.reading


def _is_traced(text: str, exact: list[Decimal], said: str) -> bool:
    plain = text.replace(",", "").replace("−", "-").lstrip("+")
    value = Decimal(plain)
    places = Decimal(1).scaleb(value.as_tuple().exponent) if "." in plain else Decimal(1)  # type: ignore[arg-type]
    half = places / 2
    if any(abs(abs(found) - abs(value)) <= half for found in exact):
        return True
    bare = text.lstrip("-−+")
    return re.search(rf"(?<![\d.]){re.escape(bare)}(?![\d])", said) is not None
