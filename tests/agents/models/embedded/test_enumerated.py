"""Values that a question names side by side are all in the plan, or it is no answer."""

from __future__ import annotations

from typing import Any

import pytest

from agents.models.embedded.enumerated import Enumerated
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.text import tokenise
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery, ValueTest

ENUMERATED = Enumerated(packaged_catalogue())
STATUS = "purchase_order.status"


def question(text: str) -> Masked:
    return Masked(tuple(Spot(token.norm, token.text) for token in tokenise(text)))


def by_status(*values: str) -> MetricQuery:
    where: list[dict[str, Any]] = [{"test": "value", "path": STATUS, "values": values}] if values else []
    return MetricQuery.model_validate(
        {"measures": [{"name": "n", "count_of": "purchase_order"}], "by": [{"path": STATUS}], "where": where}
    )


def values(query: MetricQuery) -> list[set[object]]:
    return [set(test.values) for test in query.where if isinstance(test, ValueTest)]


@pytest.mark.parametrize(
    ("asked", "planned", "kept"),
    [
        ("how many orders are pending and how many are approved", ("pending",), [{"pending", "approved"}]),
        ("split the open ones into pending and approved", (), [{"pending", "approved"}]),
        ("orders per status, complete and turned down", ("complete",), [{"complete", "rejected"}]),
        ("how many are pending", ("pending",), [{"pending"}]),
        ("how many are pending, not approved", ("pending",), [{"pending"}]),
        ("how many are pending? And what did we pay for approved ones", ("pending",), [{"pending"}]),
        ("orders in each status (pending, approved and so on)", (), []),
        ("by status, such as pending and approved", (), []),
        ("orders by status", (), []),
    ],
)
def test_groups_are_of_all_values_that_are_named(
    asked: str, planned: tuple[str, ...], kept: list[set[object]]
) -> None:
    """One value of several that stand side by side is not what was asked for."""
    assert values(ENUMERATED.completed(by_status(*planned), question(asked))) == kept


def test_a_figure_of_one_value_is_left_as_it_is() -> None:
    """Where rows are not told apart by the field, another value is a matter of its own."""
    query = by_status("pending").model_copy(update={"by": ()})
    assert ENUMERATED.completed(query, question("pending and approved orders")) == query
