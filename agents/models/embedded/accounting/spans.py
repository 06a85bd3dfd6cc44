"""Several periods of a question: set against each other, or each about a day of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import DAYS, Asked, roles_of
from agents.models.embedded.accounting.doing import Doing
from agents.models.embedded.masked import Spot

_NEAR = 3
"""Words at most between the word that says which day is meant and its period."""
_UNTIL = frozenset({
    "to", "through", "thru", "till", "until", "up", "-", "–", "bis", "a", "al", "hasta", "au", "jusqu",
    "jusquau", "jusqua", "and", "y", "et", "und",
})  # fmt: skip
"""Between two periods they make them one, or may do so."""
_BETWEEN = frozenset({"between", "zwischen", "entre"})


def spans(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the first half of 2023 against that of 2024`: what lies between them is taken too."""
    spots = question.spots
    places = [at for at, spot in enumerate(spots) if _days(spot) is not None]
    for at, then in pairwise(places):
        one, other = _days(spots[at]), _days(spots[then])
        if one is None or other is None or not _UNTIL.isdisjoint(question.plain[at + 1 : then]):
            continue
        if not _BETWEEN.isdisjoint(question.plain[max(0, at - 2) : at]):
            continue
        first, second = sorted((one, other))
        if second[0] <= first[1] + timedelta(days=1):
            continue
        if any(_covers(test.start, test.end, first, second) for test in doing.periods):
            yield Left("periods", (spots[at].text, spots[then].text))


def unused(question: Asked, doing: Doing) -> Iterator[Left]:
    """A period that no condition of the plan is about, where others are."""
    tests = [(test.start, test.end) for test in doing.periods]
    if not tests or doing.looks_up or doing.by_days:
        return
    for spot in question.spots:
        days = _days(spot)
        if days is not None and not any(_touches(test, days) for test in tests):
            yield Left("periods", (spot.text,))


def vague(question: Asked, doing: Doing) -> Iterator[Left]:
    """`scrap in late 2024`, `Ende März`: all of it is taken; `by the end of March` says which days."""
    metrics = [doing.catalogue.metrics.get(measure.metric) for measure in doing.measures]
    closing = any(metric is not None and _CLOSING in metric.note for metric in metrics)
    if doing.looks_up or closing or any(_MONTH_END in name for name in doing.names):
        return
    tests = {(test.start, test.end) for test in doing.periods}
    for cue in question.cues("part_of_period"):
        at = next(
            (at for at in range(cue.after, len(question.spots)) if question.plain[at] not in _ARTICLES), -1
        )
        days = _days(question.spots[at]) if at > 0 else None
        before = next((word for word in reversed(question.plain[: cue.first]) if word not in _ARTICLES), "")
        if days is not None and days[0] < days[1] and days in tests and before not in _BOUNDS:
            yield Left("periods", (cue.words, question.spots[at].text))


_CLOSING = "month's end"
"""In the note of a metric that is one day's in each month."""
_MONTH_END = "month_end"
_ARTICLES = frozenset({"the", "of", "des", "der", "von", "del", "de", "du", "l"})
_BOUNDS = _UNTIL - {"a"} | {
    "was", "were", "be", "is", "are", "ran", "run", "date", "fecha", "mit", "zwischen", "between",
    "vom", "entre", "by", "before", "since", "from", "after", "month", "year", "vor", "seit", "ab",
    "antes", "desde", "avant", "depuis", "ici",
}  # fmt: skip


def that_day(question: Asked, doing: Doing) -> Iterator[Left]:
    """`when was it last sold, and how many that day`: those of all days are shown beside the last."""
    found = [cue.words for cue in question.cues("that_day")]
    if not found or doing.looks_up or doing.grouped:
        return
    days = [one for one in doing.measures if one.field and doing.kind_of(one.field) == "date"]
    others = [one for one in doing.measures if one not in days and not one.hidden]
    if days and others and all(one.aggregate in _ENDS for one in days):
        yield Left("periods", tuple(found))


_ENDS = frozenset({"minimum", "maximum", "first", "last"})


def paired(question: Asked, doing: Doing) -> Iterator[Left]:
    """`due in December, finished in January`: the plan has it the other way round."""
    spots = question.spots
    for kind in DAYS:
        for cue in question.dated(kind):
            near = [at for at in range(cue.after, cue.after + _NEAR) if at < len(spots)]
            at = next((at for at in near if spots[at].period is not None), None)
            if at is None or any(_parts(spot) for spot in spots[cue.after : at]):
                continue
            days = _days(spots[at])
            meant = [test for test in doing.periods if test.role in roles_of(kind)]
            others = [test for test in doing.periods if test.role and test.role not in roles_of(kind)]
            if days is None or not meant or not others:
                continue
            if not any(_meets((test.start, test.end), days) for test in meant):
                yield Left("date_role", (cue.words, spots[at].text))


def _days(spot: Spot) -> tuple[date, date] | None:
    period = spot.period
    if period is None or period.start is None or period.end is None or spot.word == "NUMBER":
        return None
    return period.start, period.end


def _covers(
    start: date | None, end: date | None, first: tuple[date, date], second: tuple[date, date]
) -> bool:
    return start is not None and end is not None and start <= first[0] and end >= second[1]


def _touches(test: tuple[date | None, date | None], days: tuple[date, date]) -> bool:
    """True where a condition begins or ends with these days, beside them, or lies inside."""
    start, end = test
    day = timedelta(days=1)
    edges = {days[0], days[1], days[0] - day, days[1] + day}
    inside = start is not None and end is not None and days[0] <= start and end <= days[1]
    around = (start is None or start <= days[0]) and (end is None or end >= days[1])
    return inside or around or start in edges or end in edges


def _meets(test: tuple[date | None, date | None], days: tuple[date, date]) -> bool:
    start, end = test
    return (start is None or start <= days[1]) and (end is None or end >= days[0])


def _parts(spot: Spot) -> bool:
    return spot.word in (",", ";", ":", "?", ".", "=", "and", "und", "y", "et")
