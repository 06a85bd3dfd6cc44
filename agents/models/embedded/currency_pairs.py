"""Pairs of currencies in questions about exchange rates: which of them rates are kept for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from agents.models.embedded.masked import Masked, Spot
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Filter, MetricQuery, ValueTest
from tools.rates import ExchangeRate

_RATE = "fx_rate"
_FROM, _TO = f"{_RATE}.from_currency", f"{_RATE}.to_currency"
_INTO = frozenset({"to", "into", "in", "-", "/"})
_EACH = frozenset({"per", "for"})
_BETWEEN = 3


def code_of(spot: Spot) -> str:
    """The currency that a spot names; empty where it names none, or several."""
    codes = {
        value
        for one in spot.meanings
        if (one.entity, one.field) == ("currency", "currency")
        for value in one.values
    }
    return codes.pop() if len(codes) == 1 else ""


def is_of_rates(query: MetricQuery, catalogue: Catalogue) -> bool:
    """True for a query about exchange rates alone."""
    entities = {query.rows_of} if query.rows_of else set()
    for measure in query.measures:
        metric = catalogue.metrics.get(measure.metric)
        entities |= {metric.entity if metric else "", measure.count_of, measure.field.partition(".")[0]}
    return entities - {""} == {_RATE}


def paired(query: MetricQuery, question: Masked, catalogue: Catalogue) -> MetricQuery:
    """The query about the one currency that is named beside that which rates are quoted from."""
    base, named = question.base_currency, _named(question)
    others = [code for code in named if code != base]
    if base not in named or len(set(others)) != 1 or not is_of_rates(query, catalogue):
        return query
    where = tuple(_of(test, others[0], base) for test in query.where)
    kept = tuple(test for test in where if test is not None)
    return query if kept == query.where else query.model_copy(update={"where": kept})


def _of(test: Filter, other: str, base: str) -> Filter | None:
    if not isinstance(test, ValueTest):
        return test
    if test.path.endswith(_FROM) and test.values == (base,):
        return None
    if test.path.endswith(_TO) and test.values == (base,):
        return test.model_copy(update={"values": (other,)})
    return test


def of_one_day(calls: Sequence[ToolCall], question: Masked) -> bool:
    """True where the average rate of a day is looked up, and an average over more days is asked for."""
    looked_up = any(
        isinstance(call.arguments, ExchangeRate) and call.arguments.rate == "average" for call in calls
    )
    periods = [spot.period for spot in question.spots if spot.period is not None]
    return looked_up and bool(periods) and all(period.grain != "day" for period in periods)


def turned_round(calls: Sequence[ToolCall], question: Masked, catalogue: Catalogue) -> tuple[str, ...]:
    """`euro to dollar`, as typed, where rates are only kept the other way and a query would show those."""
    if not any(
        isinstance(call.arguments, MetricQuery) and is_of_rates(call.arguments, catalogue) for call in calls
    ):
        return ()
    places = [(at, code) for at, spot in enumerate(question.spots) if (code := code_of(spot))]
    for (at, one), (then, other) in pairwise(places):
        between = {spot.word for spot in question.spots[at + 1 : then]}
        if one == other or then - at > _BETWEEN:
            continue
        into = other == question.base_currency and not between.isdisjoint(_INTO)
        each = one == question.base_currency and not between.isdisjoint(_EACH)
        if into or each:
            return tuple(spot.text for spot in question.spots[at : then + 1])
    return ()


def _named(question: Masked) -> list[str]:
    return [code for spot in question.spots if (code := code_of(spot))]
