"""Queries that no record can meet are no reading, and late orders that are not finished are those overdue."""

from __future__ import annotations

from typing import Any

import pytest

from agents.models.embedded.impossible import is_impossible, late_by_now
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery

CATALOGUE = packaged_catalogue()
OPEN: dict[str, Any] = {"test": "named", "entity": "production_order", "condition": "open_order"}


def query(metric: str, *where: dict[str, Any]) -> MetricQuery:
    return MetricQuery.model_validate({"measures": [{"name": "n", "metric": metric}], "where": where})


def field(path: str, other: str) -> dict[str, Any]:
    return {"test": "field", "path": f"material.{path}", "op": "<", "other": f"material.{other}"}


@pytest.mark.parametrize(
    ("asked", "never"),
    [
        (query("late_order_count", OPEN), True),
        (query("late_order_count"), False),
        (query("work_order_count", OPEN), False),
        (query("work_order_count", OPEN, {"test": "date", "role": "end", "start": "2026-03-01"}), True),
        (query("material_count", field("stock_on_hand", "standard_cost")), True),
        (query("material_count", field("list_price", "standard_cost")), False),
    ],
)
def test_contradictions_and_unlike_amounts_are_no_reading(asked: MetricQuery, never: bool) -> None:
    """A zero everywhere, or stock below a cost, is no answer."""
    assert is_impossible(asked, CATALOGUE) is never


def test_late_and_not_finished_is_overdue() -> None:
    """Late says of a finished order that it came late; of one that is open, that it is overdue."""
    found = late_by_now(query("late_order_count", OPEN), CATALOGUE)
    assert [one.count_of for one in found.measures] == ["production_order"]
    assert [getattr(test, "condition", "") for test in found.where] == ["overdue"]
