"""Days to come, as people write them in four languages: `by 5 December`, `bis Freitag`, `in dos semanas`."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rapidfuzz.distance import OSA

_MONTHS = (
    "january jan januar jänner enero janvier",
    "february feb februar febrero février fevrier",
    "march mar märz maerz marzo mars",
    "april apr abril avril",
    "may mai mayo",
    "june jun juni junio juin",
    "july jul juli julio juillet",
    "august aug agosto août aout",
    "september sep sept septiembre septembre",
    "october oct oktober okt octubre octobre",
    "november nov noviembre novembre",
    "december dec dezember dez diciembre décembre decembre",
)
_MONTH = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
_WEEKDAYS = (
    "monday mon montag lunes lundi",
    "tuesday tue dienstag martes mardi",
    "wednesday wed mittwoch miércoles miercoles mercredi",
    "thursday thu donnerstag jueves jeudi",
    "friday fri freitag viernes vendredi",
    "saturday sat samstag sonnabend sábado sabado samedi",
    "sunday sun sonntag domingo dimanche",
)
_WEEKDAY = {word: number for number, words in enumerate(_WEEKDAYS) for word in words.split()}
_COUNT = {
    word: number
    for number, words in {
        1: "a an one ein eine einem einer un una une",
        2: "two zwei dos deux couple",
        3: "three drei tres trois",
        4: "four vier cuatro quatre",
        5: "five fünf cinco cinq",
        6: "six sechs seis",
        7: "seven sieben siete sept",
        8: "eight acht ocho huit",
        10: "ten zehn diez dix",
        12: "twelve zwölf doce douze",
    }.items()
    for word in words.split()
}
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_DAYS = "|".join(sorted(_WEEKDAY, key=len, reverse=True))
_COUNTS = "|".join(sorted(_COUNT, key=len, reverse=True))
# Each word is read in one way only, so that a long row of them takes no time; possessive repetition of alternatives is
# not to be relied on before Python 3.11.5.
_BEFORE = (
    r"(?<!\w)(?:(?:needed|required|due|delivered|delivery|to be there|in place|fällig|benötigt|lieferung|liefertermin|"
    r"termin|entrega|livraison|livrable)\s+)?(?:(?:not later than|no later than|latest|at the latest|"
    r"by|before|until|till|on|for|spätestens|bis|zur|zum|am|ab|vor|dem|für den|den|"
    r"antes del?|para|hasta|el|a más tardar|avant|pour|d'ici|la|au plus tard|le|the|to|auf|al|au)\s+)*"
)
_YEAR = r"(?:,?\s*(?:de\s+|del\s+)?(?P<year>(?:19|20)\d\d))?"
_ISO = re.compile(rf"{_BEFORE}\b(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})\b", re.I)
_DOTTED = re.compile(
    rf"{_BEFORE}(?<![\w.])(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.(?:\s?(?P<year>\d{{4}}|\d{{2}}))?(?![\w.]*\d)",
    re.I,
)
_SLASHED = re.compile(
    rf"{_BEFORE}(?<![\w/])(?P<one>\d{{1,2}})/(?P<two>\d{{1,2}})/(?P<year>\d{{4}}|\d{{2}})\b", re.I
)
_DAY_MONTH = re.compile(
    rf"{_BEFORE}(?<![\w.,])(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.|er|º)?\s*(?:of\s+|de\s+)?(?P<name>{_NAMES})\b\.?{_YEAR}",
    re.I,
)
_MONTH_DAY = re.compile(
    rf"{_BEFORE}\b(?P<name>{_NAMES})\.?\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:mm|%))"
    r"(?:,?\s*(?P<year>(?:19|20)\d\d))?",
    re.I,
)
_IN = re.compile(
    rf"(?:with)?in\s+(?P<n>\d+|{_COUNTS})\s+(?P<what>days?|weeks?|months?|tage?n?|wochen?|monate?n?)\b"
    rf"|en\s+(?P<n2>\d+|{_COUNTS})\s+(?P<what2>días?|dias?|semanas?|meses|mes)\b"
    rf"|dans\s+(?P<n3>\d+|{_COUNTS})\s+(?P<what3>jours?|semaines?|mois)\b"
    rf"|innerhalb von\s+(?P<n4>\d+|{_COUNTS})\s+(?P<what4>tagen|wochen|monaten)\b"
    rf"|(?P<n5>\d+|{_COUNTS})\s+(?P<what5>days?|weeks?|months?)\s+from\s+(?:now|today)\b",
    re.I,
)
_RELATIVE = (
    (r"(?:the )?day after tomorrow|übermorgen|uebermorgen|pasado mañana|après-demain", 2),
    (r"tomorrow|morgen|mañana|demain", 1),
    (r"today|heute|hoy|aujourd'hui", 0),
)
_END_OF = re.compile(
    rf"{_BEFORE}(?:the\s+)?(?:end of|ende(?: des)?|fin(?:ales)? de|finales de|la fin de|fin)\s+(?:the\s+|der\s+|dieser\s+|dieses\s+|"
    rf"cette\s+|este\s+|esta\s+|la\s+|ce\s+|this\s+)?(?:(?P<next>next|nächsten?s?|nächster|próxim[oa])\s+)?"
    rf"(?P<what>{_NAMES}|month|week|year|monats?|woche|jahres?|mes|semana|año|mois|semaine|année)\b(?:\s+(?P<year>20\d\d))?"
    rf"|{_BEFORE}(?P<alone>month[- ]end|monatsende|wochenende der woche|jahresende|year[- ]end)\b",
    re.I,
)
_NEXT_WEEK = re.compile(
    rf"{_BEFORE}(?:(?P<next>next|coming|following|nächsten?|kommenden?|naechste)\s+(?:week|woche)|"
    r"la próxima semana|la semana que viene|la semaine prochaine|this week|diese[rn]? woche|esta semana|cette semaine)\b",
    re.I,
)
_WEEK = re.compile(
    rf"{_BEFORE}(?:calendar week|week|wk|cw|kw|kalenderwoche|semana|semaine)\s*(?P<week>\d{{1,2}})\b", re.I
)
_ON_WEEKDAY = re.compile(
    rf"{_BEFORE}(?:(?P<next>next|nächsten?|kommenden?|próximo|prochain)\s+|this\s+|diesen\s+|este\s+|ce\s+)?(?P<name>{_DAYS})\b"
    r"(?:\s+(?P<after>next week|nächster woche|nächste woche|prochain|que viene))?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class FoundDay:
    """A day in a text with its place; or why what stands there is none."""

    day: date | None
    start: int
    end: int
    problem: str = ""
    """`no day`, or `two days` with both of them in `either`."""
    either: tuple[date, date] | None = None
    written: str = ""
    is_latest: bool = False
    """True where it is the end of a span: said with a word such as `by`, or a week or a month as a whole."""


_LATEST = re.compile(
    r"\b(?:by|before|until|till|latest|later than|spätestens|bis|vor|antes|para el|hasta|a más tardar|avant|d'ici|au plus tard|"
    r"within|innerhalb|end of|ende|fin(?:ales)? de|fin|month[- ]end|year[- ]end|monatsende|jahresende|week|woche|kw|semana|semaine)\b",
    re.I,
)
_AFTERWARDS = re.compile(
    r"\s*,?\s*(?:at the (?:very )?latest|or (?:earlier|sooner|before)|latest|spätestens|oder früher|a más tardar|o antes|au plus tard)\b",
    re.I,
)


def says_latest(text: str) -> bool:
    """True where a text has a word that gives a day as the last one that will do."""
    return bool(_LATEST.search(text) or _AFTERWARDS.search(text))


_NUMBERED = re.compile(r"(?<=\d\s)(?P<word>[^\W\d_]{5,})|(?P<before>[^\W\d_]{5,})(?=\s\d{1,2}\b)")


def with_months(text: str) -> str:
    """The text with months beside numbers spelt as they are meant: `4 decmber`."""

    def month(found: re.Match[str]) -> str:
        low = found[0].casefold()
        near = (one for one in _MONTH if len(one) > 4 and OSA.distance(low, one) == 1)
        return found[0] if low in _MONTH else next(near, found[0])

    return _NUMBERED.sub(month, text)


def find_day(text: str, today: date, language: str = "en") -> FoundDay | None:
    """The first day that a text names; without a year the next one to come."""
    readers: tuple[Callable[[str, date, str], FoundDay | None], ...] = (
        _iso, _slashed, _dotted, _named, _end_of, _within, _next_week, _of_week, _relative, _weekday,
    )  # fmt: skip
    found = [one for read in readers if (one := read(text, today, language)) is not None]
    # What names a day with a number tells more than a word beside it: `Friday, 5 June`.
    if not found:
        return None
    day = found[0]
    after = _AFTERWARDS.match(text, day.end)
    end = after.end() if after else day.end
    return replace(day, end=end, is_latest=after is not None or bool(_LATEST.search(text[day.start : end])))


def bare_day(written: str) -> str:
    """What names a day, without words such as `by` before it."""
    return re.sub(rf"^{_BEFORE}", "", written, flags=re.IGNORECASE).strip() or written


def nearest_day(written: str, today: date) -> date | None:
    """The day that exists and is nearest to one that does not, such as 31 June; None where its month is none."""
    found = next((one for p in (_ISO, _DOTTED, _DAY_MONTH, _MONTH_DAY) if (one := p.search(written))), None)
    if found is None:
        return None
    said = found.groupdict()
    month = _MONTH[said["name"].lower()] if "name" in said else int(said["month"])
    given = _full(said["year"])
    if not 1 <= month <= 12 or given == 0:
        return None

    def of(year: int) -> date:
        return date(year, month, min(max(int(said["day"]), 1), calendar.monthrange(year, month)[1]))

    near = of(given or today.year)
    return of(today.year + 1) if given is None and near < today else near


def days_in(text: str, today: date, language: str = "en") -> list[date]:
    """Every day that a text names, first ones first; of two that one writing may mean, both."""
    return _apart(text, today, language)[0]


def without_days(text: str, today: date, language: str = "en") -> str:
    """The text without the days that it names, so that their numbers are not taken for others."""
    return _apart(text, today, language)[1]


def _apart(text: str, today: date, language: str) -> tuple[list[date], str]:
    found: list[date] = []
    rest = with_months(text)
    while (one := find_day(rest, today, language)) is not None:
        found += [one.day] if one.day is not None else list(one.either or ())
        rest = rest[: one.start] + " | " + rest[one.end :]
    return found, rest


def _made(match: re.Match[str], year: int | None, month: int, day: int, today: date) -> FoundDay:
    written = match[0].strip()
    try:
        on = date(year or today.year, month, day)
        if year is None and on < today:
            on = date(today.year + 1, month, day)
    except ValueError:
        return FoundDay(None, match.start(), match.end(), "no day", written=written)
    return FoundDay(on, match.start(), match.end(), written=written)


def _full(year: str | None) -> int | None:
    return None if not year else int(year) + (2000 if len(year) == 2 else 0)


def _iso(text: str, today: date, language: str) -> FoundDay | None:
    match = _ISO.search(text)
    return _made(match, int(match["year"]), int(match["month"]), int(match["day"]), today) if match else None


def _dotted(text: str, today: date, language: str) -> FoundDay | None:
    match = _DOTTED.search(text)
    return (
        _made(match, _full(match["year"]), int(match["month"]), int(match["day"]), today) if match else None
    )


def _slashed(text: str, today: date, language: str) -> FoundDay | None:
    """`15/06/2026`; in English `04/05/2026` is two days, and asked about."""
    match = _SLASHED.search(text)
    if match is None:
        return None
    one, two, year = int(match["one"]), int(match["two"]), _full(match["year"])
    assert year is not None
    day_first = _made(match, year, two, one, today)
    month_first = _made(match, year, one, two, today)
    if language != "en" or day_first.day == month_first.day:
        return day_first
    if day_first.day is None or month_first.day is None:
        return day_first if month_first.day is None else month_first
    either = (day_first.day, month_first.day)
    return FoundDay(None, match.start(), match.end(), "two days", either, match[0].strip())


def _named(text: str, today: date, language: str) -> FoundDay | None:
    match = _DAY_MONTH.search(text) or _MONTH_DAY.search(text)
    if match is None:
        return None
    return _made(match, _full(match["year"]), _MONTH[match["name"].lower()], int(match["day"]), today)


def _within(text: str, today: date, language: str) -> FoundDay | None:
    match = _IN.search(text)
    if match is None:
        return None
    at = next(suffix for suffix in ("", "2", "3", "4", "5") if match[f"n{suffix}"])
    count = match[f"n{at}"].lower()
    number = int(count) if count.isdigit() else _COUNT[count]
    what = match[f"what{at}"].lower()
    if number > 3650:
        return FoundDay(None, match.start(), match.end(), "no day", written=match[0])
    if what.startswith(("month", "mon", "mes", "moi")):
        months = today.month - 1 + number
        year, month = today.year + months // 12, months % 12 + 1
        on = date(year, month, min(today.day, calendar.monthrange(year, month)[1]))
    else:
        weekly = what.startswith(("week", "wo", "sem"))
        on = today + timedelta(days=number * (7 if weekly else 1))
    return FoundDay(on, match.start(), match.end(), written=match[0])


def _relative(text: str, today: date, language: str) -> FoundDay | None:
    for words, days in _RELATIVE:
        match = re.search(rf"{_BEFORE}\b(?:{words})\b", text, re.I)
        if match is not None:
            return FoundDay(today + timedelta(days=days), match.start(), match.end(), written=match[0])
    return None


def _end_of(text: str, today: date, language: str) -> FoundDay | None:
    match = _END_OF.search(text)
    if match is None:
        return None
    what = (match["what"] or match["alone"]).lower()
    later = bool(match["next"])
    if what in _MONTH:
        year = _full(match["year"]) or today.year + (_MONTH[what] < today.month)
        return _made(match, year, _MONTH[what], calendar.monthrange(year, _MONTH[what])[1], today)
    if what.startswith(("w", "semai", "seman")):
        on = today + timedelta(days=(4 - today.weekday()) % 7 + 7 * later)
    elif what.startswith(("y", "j", "a")):
        on = date(today.year + later, 12, 31)
    else:
        months = today.month - 1 + later
        year, month = today.year + months // 12, months % 12 + 1
        on = date(year, month, calendar.monthrange(year, month)[1])
    return FoundDay(on, match.start(), match.end(), written=match[0].strip())


def _next_week(text: str, today: date, language: str) -> FoundDay | None:
    """`next week` is over on its Friday."""
    match = _NEXT_WEEK.search(text)
    if match is None:
        return None
    this = re.search(r"\b(?:this|diese\w*|esta|cette)\b", match[0], re.I)
    on = today - timedelta(days=today.weekday()) + timedelta(days=4 + (0 if this else 7))
    return FoundDay(on, match.start(), match.end(), written=match[0].strip())


def _of_week(text: str, today: date, language: str) -> FoundDay | None:
    match = _WEEK.search(text)
    if match is None:
        return None
    week = int(match["week"])
    year = today.year + (week < today.isocalendar().week)
    try:
        on = date.fromisocalendar(year, week, 5)
    except ValueError:
        return FoundDay(None, match.start(), match.end(), "no day", written=match[0].strip())
    return FoundDay(on, match.start(), match.end(), written=match[0].strip())


def _weekday(text: str, today: date, language: str) -> FoundDay | None:
    match = _ON_WEEKDAY.search(text)
    if match is None or (
        len(match["name"]) < 4 and not match[0].strip().lower().startswith(("by", "on", "next", "until"))
    ):
        return None
    ahead = (_WEEKDAY[match["name"].lower()] - today.weekday()) % 7 or 7
    after = (match["after"] or "").lower()
    if after.startswith(("next", "nächst", "que")) and ahead <= 6 - today.weekday():
        ahead += 7
    return FoundDay(today + timedelta(days=ahead), match.start(), match.end(), written=match[0].strip())
