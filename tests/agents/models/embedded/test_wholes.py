"""A percentage is of what the question says, or the reading is none."""

from __future__ import annotations

from typing import Any

import pytest

from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.text import tokenise
from agents.models.embedded.wholes import Wholes
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery

WHOLES = Wholes(packaged_catalogue())
COMPLETE = {"test": "value", "path": "purchase_order.status", "values": ["complete"]}


def question(text: str) -> Masked:
    return Masked(tuple(Spot(token.norm, token.text) for token in tokenise(text)))


def in_percent(part: dict[str, Any], whole: dict[str, Any]) -> tuple[ToolCall, ...]:
    measures = [part | {"name": "a"}, whole | {"name": "b"}, {"name": "c", "derive": "percent", "of": "ab"}]
    measures[2]["of"] = ["a", "b"]
    return (ToolCall("query_metrics", MetricQuery.model_validate({"measures": measures})),)


@pytest.mark.parametrize(
    ("asked", "contradicts"),
    [
        ("freight on completed orders, and what percentage of their subtotal is that", True),
        ("what percentage of the freight was on completed orders", False),
        ("what share of all of it was on completed orders", False),
        ("freight on completed orders in percent", False),
        ("tax on completed orders, and what percentage of their total due is that", True),
    ],
)
def test_a_share_of_something_else_is_no_reading(asked: str, *, contradicts: bool) -> None:
    """Freight of some orders in percent of all freight, where its percentage of the subtotal is asked for."""
    calls = in_percent({"metric": "freight_cost", "where": [COMPLETE]}, {"metric": "freight_cost"})
    assert WHOLES.contradicts(calls, WHOLES.named(question(asked))) == contradicts


@pytest.mark.parametrize("whole", [{"metric": "purchase_value"}, {"field": "purchase_order.subtotal"}])
def test_a_metric_and_the_field_that_it_adds_up_are_one_whole(whole: dict[str, Any]) -> None:
    """`Their subtotal` is the purchase order value."""
    calls = in_percent({"metric": "freight_cost"}, whole)
    assert not WHOLES.contradicts(calls, WHOLES.named(question("freight in percentage of their subtotal")))


def test_a_percentage_of_a_percentage_is_no_reading() -> None:
    """A rate is in percent already."""
    calls = in_percent({"metric": "late_rate"}, {"metric": "work_order_count"})
    assert WHOLES.contradicts(calls, frozenset())


def test_a_share_of_the_total_is_of_all_of_it() -> None:
    """`Each one's share of our total stock` is of what is shown, whatever else is called so."""
    measures = [
        {"name": "a", "metric": "stock_quantity"},
        {"name": "b", "derive": "share_of_total", "of": ["a"]},
    ]
    query = MetricQuery.model_validate({"measures": measures, "by": [{"entity": "location"}]})
    calls = (ToolCall("query_metrics", query),)
    assert not WHOLES.contradicts(calls, WHOLES.named(question("each one's share of our total stock")))
    assert WHOLES.contradicts(calls, WHOLES.named(question("stock in percent of the order subtotals")))


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("SUPPLIER : share of our complete spend", True),
        ("what share of the complete spend went to SUPPLIER", True),
        ("SUPPLIER : what percent of its orders is complete", False),
        ("share of our complete spend", False),
    ],
)
def test_what_a_share_is_of_is_limited_as_it_is_said(asked: str, *, held: bool) -> None:
    """`X: share of our complete spend` is of all that is complete, and not of all that X was ordered."""
    part = {"name": "a", "metric": "purchase_value", "where": [COMPLETE]}
    whole = {"name": "b", "metric": "purchase_value"}
    share = {"name": "c", "derive": "percent", "of": ["a", "b"]}
    named = {"test": "value", "path": "supplier.name", "values": ["Superior Bicycles"]}
    query = MetricQuery.model_validate({"measures": [part, whole, share], "where": [named]})
    meaning = (ValueWord("supplier", "name", ("Superior Bicycles",), "Superior Bicycles"),)
    spots = tuple(Spot(word, word, meaning if word.isupper() else ()) for word in asked.split())
    assert WHOLES.part_for_whole((ToolCall("query_metrics", query),), Masked(spots)) is held
