"""A second sentence that asks for each row has all of them shown; one that asks for less has not."""

from __future__ import annotations

import pytest

from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.one_day import on_one_day
from agents.models.embedded.ranked_whole import all_of_them
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery

CATALOGUE = packaged_catalogue()


def asked(text: str) -> Masked:
    return Masked(tuple(Spot(word, word) for word in text.split()))


@pytest.mark.parametrize(
    ("then", "whole"),
    [
        ("kwh per cost centre for PERIOD", True),
        ("downtime by cost centre please", True),
        ("i only want one , by cost centre", False),
        ("just one , not by cost centre", False),
        ("energy by cost centre manager", False),
        ("top three per cost centre", False),
        ("kwh in PERIOD", False),
    ],
)
def test_all_rows_are_shown_where_a_second_sentence_asks_for_each(then: str, *, whole: bool) -> None:
    query = MetricQuery.model_validate(
        {
            "measures": ({"name": "n", "count_of": "downtime"},),
            "by": ({"entity": "cost_centre"},),
            "order": ({"by": "n"},),
            "limit": 1,
        }
    )
    found = all_of_them(query, asked(f"which cost centre uses most ? {then}"), CATALOGUE)
    assert (found.limit is None) is whole


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("when was the last purchase order placed", True),
        ("which purchase orders are open and since when", False),
        ("which orders are open , and when was the last one placed", False),
    ],
)
def test_whoever_asks_which_there_are_is_shown_all(text: str, *, cut: bool) -> None:
    query = MetricQuery.model_validate({"rows_of": "purchase_order", "show": ("purchase_order.ordered_on",)})
    assert on_one_day(query, asked(text), CATALOGUE).extreme is cut
