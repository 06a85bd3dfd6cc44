"""Plans take in what a question takes in, count what a quantity occurs on, and say falls as amounts."""

from __future__ import annotations

from typing import Any

import pytest

from agents.models.embedded.bounds import Bounds
from agents.models.embedded.falling import fallen
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.occurring import Occurring
from agents.models.embedded.text import tokenise
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import FieldTest, MetricQuery, NamedTest

BOUNDS = Bounds(packaged_catalogue())
OCCURRING = Occurring(packaged_catalogue())


def question(text: str) -> Masked:
    return Masked(tuple(Spot(token.norm, token.text) for token in tokenise(text)))


def query(*where: dict[str, Any], **more: Any) -> MetricQuery:
    measures = more.pop("measures", [{"name": "n", "count_of": "info_record"}])
    return MetricQuery.model_validate({"measures": measures, "where": where, **more})


def named(entity: str, condition: str) -> dict[str, Any]:
    return {"test": "named", "entity": entity, "condition": condition}


ABOVE = named("info_record", "above_standard_price")
BELOW = named("info_record", "below_standard_price")


@pytest.mark.parametrize(
    ("asked", "planned", "condition", "negated"),
    [
        ("last receipt cost not above the standard price", ABOVE, "above_standard_price", True),
        ("last receipt cost at most the standard price", ABOVE, "above_standard_price", True),
        ("last receipt cost at or below the standard price", BELOW, "above_standard_price", True),
        ("the last cost is not less than the standard price", BELOW, "below_standard_price", True),
        ("the last cost is at least the vendor's standard price", ABOVE, "below_standard_price", True),
        ("last receipt cost above the standard price", ABOVE, "above_standard_price", False),
        ("not more than 50 records above the standard price", ABOVE, "above_standard_price", False),
    ],
)
def test_a_bound_is_taken_in_where_the_question_says_so(
    asked: str, planned: dict[str, Any], condition: str, *, negated: bool
) -> None:
    """`Not above` and `at most` are neither `above` nor `below`."""
    (test,) = BOUNDS.taken_in(query(planned), question(asked)).where
    assert isinstance(test, NamedTest)
    assert (test.condition, test.negated) == (condition, negated)


def test_fields_are_compared_on_the_side_that_is_said() -> None:
    """A reader that takes `not less than` for `less than` is set right."""
    test = {"test": "field", "path": "material.stock_on_hand", "op": "<", "other": "material.reorder_point"}
    (found,) = BOUNDS.taken_in(query(test), question("stock not less than the reorder point")).where
    assert isinstance(found, FieldTest)
    assert found.op == ">="


SHORT = named("material", "below_safety_stock")
LOW = named("material", "below_reorder_point")


@pytest.mark.parametrize(
    ("asked", "below"),
    [
        ("stock at or above the reorder point but still below safety stock", {"below_safety_stock"}),
        ("stock lower than safety stock but not lower than their reorder point", {"below_safety_stock"}),
        ("under the reorder point and not below the safety stock", {"below_reorder_point"}),
        ("below safety stock and below the reorder point", {"below_safety_stock", "below_reorder_point"}),
    ],
)
@pytest.mark.parametrize("planned", [(SHORT, {**LOW, "negated": True}), ({**SHORT, "negated": True},)])
def test_each_of_two_bounds_is_on_its_own_side(
    asked: str, planned: tuple[dict[str, Any], ...], below: set[str]
) -> None:
    """`Above the one and below the other` is neither below nor above both."""
    where = BOUNDS.taken_in(query(*planned), question(asked)).where
    assert {test.condition for test in where if isinstance(test, NamedTest) and not test.negated} == below
    assert len(where) == len({test.condition for test in where if isinstance(test, NamedTest)}) == 2


SCRAP = {"name": "scrap", "metric": "scrapped_quantity"}
ORDERS = {"name": "n", "metric": "work_order_count"}


@pytest.mark.parametrize(
    ("asked", "occurs"),
    [
        ("how many units were scrapped and on how many work orders", True),
        ("how many units did we scrap, across how many work orders", True),
        ("how many units were scrapped and how many work orders were there", False),
    ],
)
@pytest.mark.parametrize("apart", [False, True])
def test_records_are_counted_that_the_quantity_occurs_on(asked: str, *, occurs: bool, apart: bool) -> None:
    """`Scrapped on how many work orders` does not count the clean ones, in one query or two."""
    queries = (
        [query(measures=[SCRAP]), query(measures=[ORDERS])] if apart else [query(measures=[SCRAP, ORDERS])]
    )
    calls = tuple(ToolCall("query_metrics", each) for each in queries)
    last = OCCURRING.counted(calls, question(asked))[-1].arguments
    assert isinstance(last, MetricQuery)
    assert bool(last.measures[-1].where) is occurs


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("whose standard cost fell, and by how much", "material.standard_cost_fall"),
        ("what changed in what fell", "material.standard_cost_change"),
    ],
)
def test_what_fell_by_how_much_is_an_amount(asked: str, shown: str) -> None:
    """Nobody says that a cost fell by -0.55."""
    planned = query(
        named("material", "cost_fell"),
        measures=[],
        rows_of="material",
        show=["material.standard_cost_change"],
    )
    (call,) = fallen((ToolCall("query_metrics", planned),), question(asked))
    assert isinstance(call.arguments, MetricQuery)
    assert call.arguments.show == (shown,)
