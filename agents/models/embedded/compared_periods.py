"""Periods that a question sets against each other: each has a row of its own, or a figure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import combinations, pairwise

from agents.models.embedded.encoder import SEPARATOR
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.periods import Period
from tools.metrics.query import AnyTest, DateTest, Filter, Grain, Grouping, Measure, MetricQuery

_GRAINS: tuple[Grain, ...] = ("month", "quarter", "year")
_COARSER = {"day": ("week", "month", "quarter", "year"), "month": ("quarter", "year"), "quarter": ("year",)}
_HALF = "half"
_SAID = {
    "week": re.compile(r"\bweek(?:s|ly)?\b"),
    "month": re.compile(r"\bmonth(?:s|ly)?\b"),
    "quarter": re.compile(r"\bquarter(?:s|ly)?\b"),
    "year": re.compile(r"\b(?:year(?:s|ly)?|annual(?:ly)?|per annum|p\.? ?a|yoy)\b"),
}
"""Words by which a question asks for such rows itself."""
_AGAINST = frozenset({"versus", "vs", "vs.", "against", "compared", "comparison", "v"})
_JOINED = frozenset({"and", "with", "to", ",", "&", "of", "in", "the", "or", "/"})
_COMPARE = re.compile(r"\b(?:compare|comparing|comparison|side by side)\b")
_MOST_FIGURES = 6


def beside_one_another(query: MetricQuery, question: Masked) -> MetricQuery:
    """The query with a row for each of the quarters of `compare Q1 and Q2 2025`, not one for their year."""
    if query.rows_of or query.extreme or query.limit or query.output != "rows":
        return query
    spots = _own(question)
    named = [at for at, spot in enumerate(spots) if _whole(spot.period)]
    periods = [period for at in named if (period := spots[at].period) is not None]
    grains = {period.grain for period in periods}
    dates = _dates(query, periods)
    if len(set(periods)) < 2 or len(grains) != 1 or not dates:
        return query
    (grain,) = grains
    text = " ".join(spot.word for spot in spots)
    grouped = next((group for group in query.by if group.grain), None)
    if grouped is None:
        return _apart(query, grain, periods, dates) if _compares(spots, named, text) else query
    coarser = ("year",) if grain == _HALF else _COARSER.get(grain, ())
    if grouped.grain not in coarser or _SAID[grouped.grain].search(text):
        return query
    if not any(_same_row(one, other, grouped.grain) for one, other in combinations(set(periods), 2)):
        return query
    rest = query.model_copy(update={"by": tuple(group for group in query.by if group is not grouped)})
    if grain == _HALF:
        return _apart(rest, grain, periods, dates)
    finer = grouped.model_copy(update={"grain": grain})
    return query.model_copy(update={"by": tuple(finer if group is grouped else group for group in query.by)})


def _own(question: Masked) -> Sequence[Spot]:
    words = question.words
    return question.spots[: words.index(SEPARATOR)] if SEPARATOR in words else question.spots


def _whole(period: Period | None) -> bool:
    return period is not None and period.start is not None and period.end is not None


def _dates(query: MetricQuery, periods: Sequence[Period]) -> DateTest | None:
    """The condition that takes all the periods, on one day of the records."""
    tests = [test for part in query.where for test in _flat(part) if isinstance(test, DateTest)]
    if not tests or len({(test.entity, test.role) for test in tests}) != 1:
        return None
    taken = all(any(_covers(test, period) for test in tests) for period in periods)
    return tests[0] if taken else None


def _flat(test: Filter) -> tuple[Filter, ...]:
    return test.of if isinstance(test, AnyTest) else (test,)


def _covers(test: DateTest, period: Period) -> bool:
    if None in (test.start, test.end, period.start, period.end):
        return False
    return test.start <= period.start and period.end <= test.end  # type: ignore[operator]


def _compares(spots: Sequence[Spot], named: Sequence[int], text: str) -> bool:
    """True where something between the periods, or the verb right before them, sets them against others."""
    for at, then in pairwise(named):
        between = {spot.word for spot in spots[at + 1 : then]}
        if between & _AGAINST or (_COMPARE.search(text) and between <= _JOINED):
            return True
    return False


def _same_row(one: Period, other: Period, grain: str) -> bool:
    starts = (one.start, other.start)
    return all(starts) and _row(starts[0], grain) == _row(starts[1], grain)


def _row(day: date | None, grain: str) -> tuple[int, int]:
    assert day is not None
    match grain:
        case "week":
            return day.isocalendar()[:2]
        case "month":
            return day.year, day.month
        case "quarter":
            return day.year, (day.month + 2) // 3
        case _:
            return day.year, 0


def _apart(query: MetricQuery, grain: str, periods: Sequence[Period], dates: DateTest) -> MetricQuery:
    """A row for each period; a figure for each half, as there are no rows of half years."""
    if any(isinstance(test, DateTest) for one in query.measures for test in one.where):
        return query
    if grain in _GRAINS or grain == "day":
        by = (*query.by, Grouping.model_validate({"grain": grain, "role": dates.role}))
        return query.model_copy(update={"by": by, "order": ()})
    distinct = sorted(set(periods), key=lambda period: period.start or date.min)
    if grain != _HALF or query.having or any(one.derive or one.hidden for one in query.measures):
        return query
    if len(distinct) * len(query.measures) > _MOST_FIGURES:
        return query
    measures = tuple(
        _within(one, dates, period, f"{one.name}_{at}")
        for one in query.measures
        for at, period in enumerate(distinct, 1)
    )
    where = tuple(test for test in query.where if not any(isinstance(one, DateTest) for one in _flat(test)))
    return query.model_copy(update={"measures": measures, "where": where, "order": ()})


def _within(measure: Measure, dates: DateTest, period: Period, name: str) -> Measure:
    test = dates.model_copy(update={"start": period.start, "end": period.end})
    return measure.model_copy(update={"name": name, "where": (*measure.where, test)})
