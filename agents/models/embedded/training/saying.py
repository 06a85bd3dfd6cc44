"""Plans in the words of a question whose periods were meant by who wrote it in another way than they are read now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from agents.models.embedded.masked import Masked
from agents.models.embedded.periods import Period
from agents.models.embedded.periods.period import month_end
from agents.models.embedded.plan_language import NotSayable, PlanLanguage, Word
from agents.models.protocol import ToolCall
from tools.metrics.query import DateTest, Filter, MetricQuery


def words_of(language: PlanLanguage, calls: Sequence[ToolCall], question: Masked, today: date) -> list[Word]:
    """The words of a plan; only where its periods point is learned, and which days these are is for the rules.

    Raises:
        NotSayable: a value of the plan stands nowhere in the question.
    """
    try:
        return language.words(calls, question)
    except NotSayable as error:
        ways = [(calls, other) for other in _otherwise(question, today)]
        for plan, asked in [*ways, ([_opened(call, today) for call in calls], question)]:
            try:
                return language.words(plan, asked)
            except NotSayable:
                continue
        raise NotSayable(str(error)) from error


def _opened(call: ToolCall, today: date) -> ToolCall:
    """The call whose periods up to today have no end: `since January`."""
    query = call.arguments
    if not isinstance(query, MetricQuery):
        return call
    measures = tuple(
        one.model_copy(update={"where": _all_opened(one.where, today)}) for one in query.measures
    )
    changes = {"where": _all_opened(query.where, today), "measures": measures}
    return replace(call, arguments=query.model_copy(update=changes))


def _all_opened(tests: Sequence[Filter], today: date) -> tuple[Filter, ...]:
    return tuple(
        test.model_copy(update={"end": None})
        if isinstance(test, DateTest) and test.start and test.end == today
        else test
        for test in tests
    )


def _otherwise(question: Masked, today: date) -> Iterator[Masked]:
    """The question with its periods up to today, and those of the year before and after."""
    yield _with(question, lambda period: _until(period, today))
    yield _with(question, lambda period: _moved(period, 1))
    yield _with(question, lambda period: _moved(period, -1))


def _with(question: Masked, change: Callable[[Period], Period]) -> Masked:
    spots = tuple(
        spot if spot.period is None else replace(spot, period=change(spot.period)) for spot in question.spots
    )
    return replace(question, spots=spots)


def _until(period: Period, today: date) -> Period:
    over = period.start is not None and period.end is not None and period.start <= today < period.end
    return replace(period, end=today) if over else period


def _moved(period: Period, years: int) -> Period:
    return replace(period, start=_year(period.start, years), end=_year(period.end, years))


def _year(day: date | None, years: int) -> date | None:
    """The same day of another year; the last of February stays the last."""
    if day is None:
        return None
    end = month_end(day.year, day.month)
    other = month_end(day.year + years, day.month)
    return other if day == end else day.replace(year=day.year + years)
