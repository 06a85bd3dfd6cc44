"""Periods set against each other have a row each, and `when was the last` has one day for an answer."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agents.models.embedded.accounting import Accounts
from agents.models.embedded.compared_periods import beside_one_another
from agents.models.embedded.counted_as import with_value
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.one_day import on_one_day
from agents.models.embedded.periods import Period, period_of
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery

CATALOGUE = packaged_catalogue()
ACCOUNTS = Accounts(CATALOGUE)
QUARTERS = {"Q1": (date(2025, 1, 1), date(2025, 3, 31)), "Q2": (date(2025, 4, 1), date(2025, 6, 30))}
ORDERS: dict[str, Any] = {"name": "n", "count_of": "purchase_order"}


def spot(word: str) -> Spot:
    if word in QUARTERS:
        return Spot("PERIOD", word, period=Period(*QUARTERS[word], "quarter"))
    period = period_of(date(2025, 3, 1), date(2025, 3, 1)) if word == "DAY" else None
    return Spot(word, word, period=period)


def asked(text: str) -> Masked:
    return Masked(tuple(map(spot, text.split())))


def query(**parts: Any) -> MetricQuery:
    return MetricQuery.model_validate(parts)


def left(text: str, **parts: Any) -> bool:
    return bool(ACCOUNTS.left(asked(text), (ToolCall("query_metrics", query(**parts)),)))


@pytest.mark.parametrize(
    ("text", "grains", "expected"),
    [
        ("compare Q1 and Q2 : number of purchase orders", ["year"], ["quarter"]),
        ("purchase orders Q1 vs Q2", [], ["quarter"]),
        ("purchase orders of Q1 and Q2", [], []),
        ("compare Q1 and Q2 by year", ["year"], ["year"]),
        ("purchase orders of Q1", ["year"], ["year"]),
    ],
)
def test_periods_that_are_compared_have_a_row_each(text: str, grains: list[str], expected: list[str]) -> None:
    dates = [{"test": "date", "start": start, "end": end} for start, end in QUARTERS.values()]
    where = ({"test": "any", "of": dates},)
    by = [{"grain": grain} for grain in grains]
    found = beside_one_another(query(measures=(ORDERS,), by=by, where=where), asked(text))
    assert [group.grain for group in found.by] == expected


@pytest.mark.parametrize(
    ("text", "aggregate"),
    [
        ("when did SUPPLIER . last ship an order to us", "maximum"),
        ("on which day was the first order placed", "minimum"),
        ("since when do we order from SUPPLIER", "minimum"),
        ("when were the last NUMBER orders placed", ""),
        ("orders by day , the last ones too", ""),
    ],
)
def test_one_day_is_shown_where_one_is_asked_for(text: str, aggregate: str) -> None:
    by = ({"path": "purchase_order.shipped_on"},)
    found = on_one_day(query(measures=(ORDERS,), by=by), asked(text), CATALOGUE)
    assert (found.measures[0].aggregate if found.measures[0].field else "") == aggregate
    assert bool(found.by) is not bool(aggregate)


def test_what_differs_has_a_value() -> None:
    """Materials without a colour have none other than red."""
    test = {"test": "value", "path": "material.colour", "op": "<>", "values": ["Red"]}
    plan = query(measures=({"name": "n", "count_of": "material"},), where=(test,))
    assert len(with_value(plan, asked("materials that have a colour other than red")).where) > 1
    assert with_value(plan, asked("materials that are not red")) == plan


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("which supplier has the second highest number of orders", True),
        ("which supplier has the highest number of orders", False),
        ("suppliers with orders in every month", True),
        ("how many orders were placed in each month", False),
        ("number of orders placed before DAY and shipped after it", True),
        ("first purchase order of PERIOD", False),
    ],
)
def test_what_a_row_alone_cannot_tell_is_not_answered(text: str, *, held: bool) -> None:
    order = ({"by": "n", "descending": True},)
    by = ({"entity": "supplier"}, {"grain": "month"})
    assert left(text, measures=(ORDERS,), by=by, order=order, extreme=True) is held
