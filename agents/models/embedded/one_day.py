"""The one day that `when did they last ship to us` asks for, where a plan has a row for every day."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from agents.models.embedded.accounting.doing import entity_of, kind_of
from agents.models.embedded.encoder import SEPARATOR
from agents.models.embedded.masked import Masked
from tools.metrics.catalogue import Catalogue, Entity
from tools.metrics.query import Grouping, Measure, MetricQuery, Order

End: TypeAlias = Literal["maximum", "minimum"]

_WHEN = re.compile(
    r"\b(?:when|(?:on )?(?:what|which) (?:day|date)) (?:did|was|were|is|have|has|had|do|does)\b"
    r"(?P<clause>(?:(?![.;?:]|\band\b).)*)"
)
"""`when were the last two` asks for several days, `and` for something else."""
_THE_DAY = re.compile(
    r"\b(?:is|was|s|tell me|need|and|what|which|,) the (?P<clause>(?:[a-z]+ ){1,3}(?:day|date)\b)"
)
_SINCE = re.compile(r"^since when\b")
_ASKS_A_DAY = re.compile(
    r"^(?:(?:and|so|please|tell|me|can|you|i|need|to|know) )*"
    r"(?:since when|when|on (?:what|which)|(?:what|which) (?:day|date)|what (?:is|was|were) the)\b"
)
"""Whoever asks which records there are, and then when, asks for all of them."""
_LATE = re.compile(r"\b(?:last|latest|newest|most recent(?:ly)?)\b(?! number)")
_EARLY = re.compile(r"\b(?:first|earliest|oldest)\b(?! number)")
_OF_EACH = re.compile(r"\b(?:each|every|per|by (?:month|quarter|year|week))\b")
_END_FIELDS = re.compile(r"(?:^|_)(?:last|first|latest)_")


def on_one_day(query: MetricQuery, question: Masked, catalogue: Catalogue) -> MetricQuery:
    """The query with the last day alone, or the first one, where a question asks when that was."""
    end = _end(question)
    if end is None or query.extreme or query.limit or query.having or query.output != "rows":
        return query
    if query.each is not None or _END_FIELDS.search(" ".join(query.show)):
        return query
    return _end_of_rows(query, question, end, catalogue) or _end_of_groups(query, end, catalogue) or query


def _end(question: Masked) -> End | None:
    words = question.words
    words = words[: words.index(SEPARATOR)] if SEPARATOR in words else words
    # The `.` of `Vision Cycles, Inc.` ends a name, and no sentence.
    ends = (
        word == "." and before.isupper() and then.islower()
        for before, word, then in zip(("", *words), words, (*words[1:], ""), strict=False)
    )
    text = " ".join(word for word, ended in zip(words, ends, strict=True) if not ended).lower()
    if question.language != "en":
        return None
    if _SINCE.search(text):
        return "minimum"
    clauses = [found["clause"] for pattern in (_WHEN, _THE_DAY) for found in pattern.finditer(text)]
    late, early = (any(map(pattern.search, clauses)) for pattern in (_LATE, _EARLY))
    return None if late is early else "maximum" if late else "minimum"


def _end_of_rows(query: MetricQuery, question: Masked, end: End, catalogue: Catalogue) -> MetricQuery | None:
    """The last of the records that are listed, where one of their days is shown."""
    days = [path for path in query.show if _is_day(path, catalogue)]
    if not query.rows_of or query.order or query.measures or len(days) != 1:
        return None
    if not _ASKS_A_DAY.search(" ".join(question.words).lower()):
        return None
    if entity_of(days[0]) != query.rows_of or _OF_EACH.search(" ".join(question.words)):
        return None
    order = (Order(by=days[0], descending=end == "maximum"),)
    return query.model_copy(update={"order": order, "extreme": True})


def _end_of_groups(query: MetricQuery, end: End, catalogue: Catalogue) -> MetricQuery | None:
    """The last day of the records that are counted by day."""
    counted = {_records(measure, catalogue) for measure in query.measures}
    if query.rows_of or len(query.measures) != 1 or len(counted) != 1 or query.measures[0].derive:
        return None
    entity = catalogue.entities.get(counted.pop())
    if entity is None:
        return None
    name = next(name for name, known in catalogue.entities.items() if known is entity)
    by_day = [(group, path) for group in query.by if (path := _day_of(group, name, entity, catalogue))]
    if len(by_day) != 1:
        return None
    (group, path) = by_day[0]
    day = Measure(name="day", field=path, aggregate=end, where=query.measures[0].where)
    rest = tuple(each for each in query.by if each is not group)
    return query.model_copy(update={"measures": (day,), "by": rest, "order": ()})


def _records(measure: Measure, catalogue: Catalogue) -> str:
    metric = catalogue.metrics.get(measure.metric)
    return measure.count_of or (metric.entity if metric else "")


def _day_of(group: Grouping, name: str, entity: Entity, catalogue: Catalogue) -> str:
    """Path of the day that rows are told apart by; empty for anything else."""
    if group.path:
        return group.path if entity_of(group.path) == name and _is_day(group.path, catalogue) else ""
    if group.grain != "day":
        return ""
    role = entity.dates.get(group.role or entity.default_date)
    return f"{name}.{role.field}" if role and "." not in role.field else ""


def _is_day(path: str, catalogue: Catalogue) -> bool:
    return kind_of(path, catalogue) == "date"
