"""Changes of what fell, as amounts that it fell by."""

from __future__ import annotations

import re

from agents.models.embedded.masked import Masked
from agents.models.protocol import ToolCall
from tools.metrics.query import FieldTest, MetricQuery, NamedTest, ValueTest

_BY = re.compile(
    r"\b(?:by (?:how much|what amount)|how (?:much|far) (?:less|lower|cheaper|below|down)"
    r"|how (?:much|far) (?:did|has|have) .{0,60}\b(?:fall|fallen|drop|dropped|decrease|decreased))\b"
)
_FALLS = {
    "material.standard_cost_change": "material.standard_cost_fall",
    "material.list_price_change": "material.list_price_fall",
}
_FELL = frozenset({"cost_fell", "price_fell"})


def fallen(calls: tuple[ToolCall, ...], question: Masked) -> tuple[ToolCall, ...]:
    """The calls; a question by how much something fell is answered with how much less it is."""
    if question.language != "en" or not _BY.search(" ".join(question.words)):
        return calls
    return tuple(
        ToolCall(call.name, _fallen(call.arguments)) if isinstance(call.arguments, MetricQuery) else call
        for call in calls
    )


def _fallen(query: MetricQuery) -> MetricQuery:
    if not any(_fell(test) for test in query.where):
        return query
    show = tuple(_FALLS.get(path, path) for path in query.show)
    order = tuple(
        each.model_copy(update={"by": _FALLS[each.by], "descending": not each.descending})
        if each.by in _FALLS
        else each
        for each in query.order
    )
    return query if show == query.show else query.model_copy(update={"show": show, "order": order})


def _fell(test: object) -> bool:
    match test:
        case NamedTest():
            return test.condition in _FELL and not test.negated
        case ValueTest():
            return test.path in _FALLS and test.op in ("<", "<=") and test.values in ((0,), ("0",))
        case FieldTest():
            pair = (
                test.path.rpartition(".")[2].partition("_")[0],
                test.other.rpartition(".")[2].partition("_")[0],
            )
            return (pair == ("last", "first") and test.op == "<") or (
                pair == ("first", "last") and test.op == ">"
            )
        case _:
            return False
