"""What `overdue` means of production orders: open after the due date, where any is; else finished late.

An ERP in use has open orders, and who asks what is overdue wants those. Where every order is finished, as in
a history that was exported, only the late ones can be meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.models.protocol import ToolCall
from tools.languages import Language
from tools.metrics.query import Filter, Measure, MetricQuery, NamedTest

ORDER = "production_order"
OVERDUE = "overdue"
_LATE = "late"
_COUNT_OF_LATE = "late_order_count"
_SAYS: dict[Language, str] = {
    "en": r"\boverdue\b|\bpast (?:their |the |its )?due\b",
    "de": r"\b(?:über|ueber)fällig|\b(?:im|in) (?:verzug|rückstand)\b|\brückständig",
    "es": r"\bvencid[oa]s?\b|\bfuera de plazo\b",
    "fr": r"\béchue?s?\b|\bdépassée?s?\b",
}


def says_overdue(question: str, language: Language) -> bool:
    """True of a question that asks for what is overdue."""
    return re.search(_SAYS[language], question, re.IGNORECASE) is not None


def settled(calls: tuple[ToolCall, ...], *, is_open: bool) -> tuple[ToolCall, ...]:
    """Calls whose late production orders are those that are meant.

    Args:
        calls: of a question that says overdue.
        is_open: True where there are open orders past their due date.
    """
    return tuple(
        ToolCall(call.name, _of_query(call.arguments, is_open))
        if isinstance(call.arguments, MetricQuery)
        else call
        for call in calls
    )


def _of_query(query: MetricQuery, is_open: bool) -> MetricQuery:
    counted = is_open and any(one.metric == _COUNT_OF_LATE for one in query.measures)
    where = _filters(query.where, is_open)
    measures = tuple(_measure(one, is_open, alone=len(query.measures) == 1) for one in query.measures)
    if counted and len(measures) == 1:
        where = (*where, *(() if _OPEN in where else (_OPEN,)))
    return query.model_copy(update={"where": where, "measures": measures})


def _measure(measure: Measure, is_open: bool, *, alone: bool) -> Measure:
    where = _filters(measure.where, is_open)
    if is_open and measure.metric == _COUNT_OF_LATE:
        where = where if alone else (*where, _OPEN)
        return measure.model_copy(update={"metric": "", "count_of": ORDER, "where": where})
    return measure.model_copy(update={"where": where})


def _filters(where: Sequence[Filter], is_open: bool) -> tuple[Filter, ...]:
    before, after = (_LATE, OVERDUE) if is_open else (OVERDUE, _LATE)
    return tuple(
        one.model_copy(update={"condition": after})
        if isinstance(one, NamedTest) and (one.entity, one.condition) == (ORDER, before)
        else one
        for one in where
    )


_OPEN = NamedTest(entity=ORDER, condition=OVERDUE)
