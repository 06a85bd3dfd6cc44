"""Forms of what is told apart: yes and no as two figures, what shares an extreme once for each."""

from __future__ import annotations

import re
from typing import Literal

from agents.models.embedded.accounting.doing import entity_of
from agents.models.embedded.masked import Masked
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Grouping, Measure, MetricQuery, Order, ValueTest

_HOW_MANY = re.compile(r"\bhow (?:many|much)\b")
_BY = re.compile(r"\b(?:by|per|for each|split|broken|breakdown|for both|of each)\b")
_WHO = re.compile(r"\b(?:for|from|by|with|of|at|and|,) (?:which|what|whom|whose)\b|\bwho\b")
_RECORDS = re.compile(
    r"\b(?:which|what) (?:order|line|purchase order|po|work order|record)s?\b"
    r"|\b(?:order|po|line|work order) ?(?:number|no|nr|id)s?\b"
    r"|\bwhen\b|\bdates?\b|\bon which\b|\blist\b|\bshow\b|\ball\b|\bhow (?:many|often)\b"
)
_TWO = 2


def as_two(query: MetricQuery, question: Masked, catalogue: Catalogue) -> MetricQuery:
    """A figure for yes and one for no, where a question asks `how many are made and how many bought`."""
    text = " ".join(question.words)
    if question.language != "en" or len(_HOW_MANY.findall(text)) != _TWO or _BY.search(text):
        return query
    shown = [measure for measure in query.measures if not measure.hidden]
    if len(query.by) != 1 or len(shown) != 1 or len(query.measures) != 1 or shown[0].derive or query.having:
        return query
    path = query.by[0].path
    if not path or not _is_flag(path, catalogue) or query.extreme or query.limit or query.output != "rows":
        return query
    if any(isinstance(test, ValueTest) and test.path == path for test in query.where):
        return query
    measures = tuple(
        _part(shown[0], path, value=value, name=name) for value, name in ((True, "yes"), (False, "no"))
    )
    return query.model_copy(update={"measures": measures, "by": (), "order": ()})


def once_each(query: MetricQuery, question: Masked) -> MetricQuery:
    """What shares an extreme once, not for each of many lines: `the highest price, and for which part`."""
    text = " ".join(question.words)
    if question.language != "en" or not query.rows_of or not query.extreme or len(query.order) != 1:
        return query
    if query.measures or query.having or not _WHO.search(text) or _RECORDS.search(text):
        return query
    (order,) = query.order
    others = [path for path in query.show if path != order.by and entity_of(path) != query.rows_of]
    own = [path for path in query.show if path != order.by and entity_of(path) == query.rows_of]
    if (
        entity_of(order.by) != query.rows_of
        or not others
        or not all(path.endswith(".name") for path in others)
    ):
        return query
    if any(not path.endswith("_id") for path in own) or any("/" in path for path in query.show):
        return query
    end: Literal["maximum", "minimum"] = "maximum" if order.descending else "minimum"
    return query.model_copy(
        update={
            "rows_of": "",
            "show": (),
            "measures": (Measure(name="end", field=order.by, aggregate=end),),
            "by": tuple(Grouping(entity=entity_of(path)) for path in others),
            "order": (Order(by="end", descending=order.descending),),
        }
    )


def _part(measure: Measure, path: str, *, value: bool, name: str) -> Measure:
    test = ValueTest(path=path, values=(value,))
    return measure.model_copy(update={"name": name, "where": (*measure.where, test)})


def _is_flag(path: str, catalogue: Catalogue) -> bool:
    entity, _, name = path.split("/")[-1].partition(".")
    known = catalogue.entities.get(entity)
    return known is not None and name in known.fields and known.fields[name].kind == "flag"
