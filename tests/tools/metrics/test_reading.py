"""The reading in words says all that a query does: what a person checks a figure against."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.tools.metrics.questions import QUESTIONS, metric, named, period, related, value
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.periods import within
from tools.metrics.query import MetricQuery
from tools.metrics.wording import Wording

WORDING = Wording(packaged_catalogue())
SAID: list[tuple[dict[str, Any], str]] = [
    (
        {"measures": [metric("a", "scrapped_quantity"), metric("b", "scrap_rate")]},
        "Scrapped quantity and scrap rate, all dates",
    ),
    (
        {
            "measures": [metric("a", "scrapped_quantity")],
            "by": [{"entity": "scrap_reason"}],
            "order": [{"by": "a"}],
            "limit": 5,
        },
        "Scrapped quantity, by scrap reason, top 5 by scrapped quantity, ties kept, all dates",
    ),
    (
        {
            "measures": [metric("a", "work_order_count")],
            "where": [named("production_order", "late", negated=True), period("2024-01-01", "2024-03-31")],
        },
        "Work orders, not finished after the due date, in 2024-Q1",
    ),
    (
        {
            "measures": [metric("a", "work_order_count")],
            "by": [{"grain": "month", "role": "end"}],
            "where": [period("2024-02-01", "2024-02-29", role="end")],
        },
        "Work orders, by month (end date), end in 2024-02",
    ),
    (
        {
            "measures": [
                metric("a", "purchase_value", where=[period("2024-01-01", "2024-12-31")]),
                metric("b", "purchase_value", where=[period("2023-01-01", "2023-12-31")]),
                {"name": "c", "derive": "change_percent", "of": ["a", "b"]},
            ]
        },
        "Purchase order value (in 2024), purchase order value (in 2023) and change in percent"
        " from purchase order value (in 2023) to purchase order value (in 2024)",
    ),
    (
        {
            "rows_of": "material",
            "show": ["material.list_price"],
            "where": [value("material.is_made", False), value("material.colour", "Red", "Black")],
        },
        "Materials with list price, where not made in house and colour any of Red, Black",
    ),
    (
        {
            "rows_of": "material",
            "where": [value("material.is_made", "false"), value("material.colour", "Red", "Black", op="<>")],
        },
        "Materials, where not made in house and colour is not Red or Black",
    ),
    (
        {
            "rows_of": "supplier",
            "measures": [{"name": "n", "count_of": "purchase_order"}],
            "having": [{"left": "n", "op": ">=", "value": 3}],
            "output": "count",
        },
        "Number of suppliers (counting number of purchase orders of each),"
        " with number of purchase orders at least 3, all dates",
    ),
    (
        {"rows_of": "supplier", "where": [related("purchase_order", negated=True)]},
        "Suppliers, with no purchase order",
    ),
    (
        {"rows_of": "material", "where": [related("info_record", at_least=2, negated=True)]},
        "Materials, with fewer than 2 info records",
    ),
    (
        {
            "rows_of": "material",
            "where": [related("production_order", where=[named("production_order", "late")])],
        },
        "Materials, with at least 1 work order (finished after the due date)",
    ),
    (
        {
            "rows_of": "material",
            "where": [
                {"test": "null", "path": "material.weight"},
                {"test": "contains", "path": "material.name", "text": "Frame"},
            ],
        },
        "Materials, where weight missing and material contains “Frame”",
    ),
    (
        {
            "rows_of": "info_record",
            "where": [
                {
                    "test": "field",
                    "path": "info_record.last_price",
                    "op": ">",
                    "other": "info_record.standard_price",
                }
            ],
        },
        "Info records, where last receipt cost above vendor standard price",
    ),
    (
        {
            "rows_of": "supplier",
            "order": [{"by": "supplier.credit_rating"}],
            "extreme": True,
            "output": "ties",
            "show": ["supplier.credit_rating"],
        },
        "Suppliers with credit rating, the highest credit rating and how many have it",
    ),
    (
        {
            "measures": [metric("v", "purchase_value")],
            "by": [{"entity": "supplier"}],
            "order": [{"by": "v"}],
            "limit": 3,
            "output": "top_share",
        },
        "Purchase order value, by supplier, share of the top 3 by purchase order value, all dates",
    ),
    (
        {
            "measures": [metric("n", "bom_line_count")],
            "by": [{"entity": "material", "via": "component"}],
            "order": [{"by": "#1", "descending": False}],
            "where": [value("parent/material.name", "HL Fork")],
        },
        "BOM lines, by component, where parent's material is HL Fork, sorted by component, all dates",
    ),
    (
        {
            "measures": [{"name": "n", "count_of": "standard_cost_version"}],
            "where": [{"test": "valid", "entity": "standard_cost_version", "on": "2013-05-30"}],
        },
        "Number of standard cost versions, where valid on 2013-05-30, all dates",
    ),
    (
        {
            "measures": [metric("n", "work_order_count")],
            "where": [
                {
                    "test": "any",
                    "of": [named("production_order", "late"), value("production_order.scrapped", 5, op=">=")],
                }
            ],
        },
        "Work orders, where (finished after the due date or scrapped quantity at least 5), all dates",
    ),
]


@pytest.mark.parametrize(("query", "words"), SAID, ids=[words[:40] for _, words in SAID])
def test_a_query_in_words(query: dict[str, Any], words: str) -> None:
    assert WORDING.query(MetricQuery.model_validate(query)) == words


@pytest.mark.parametrize("question", QUESTIONS, ids=[question.about for question in QUESTIONS])
def test_every_query_has_words(question: Any) -> None:
    """No names of the machine's own, and no empty parts."""
    words = WORDING.query(MetricQuery.model_validate(question.query))
    assert words[0].isupper()
    assert "_" not in words
    assert ", ," not in words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2024-01-01", "2024-12-31", "in 2024"),
        ("2023-01-01", "2024-12-31", "in 2023 to 2024"),
        ("2024-02-01", "2024-02-29", "in 2024-02"),
        ("2023-02-01", "2023-02-28", "in 2023-02"),
        ("2024-04-01", "2024-06-30", "in 2024-Q2"),
        ("2024-02-01", "2024-04-30", "in 2024-02 to 2024-04"),
        ("2024-02-01", "2024-02-28", "in 2024-02-01 to 2024-02-28"),
        ("2024-02-01", "2024-02-01", "on 2024-02-01"),
        ("2024-01-01", "9999-12-31", "in 2024-01-01 to 9999-12-31"),
    ],
)
def test_periods_have_their_shortest_exact_name(start: str, end: str, words: str) -> None:
    assert within(date.fromisoformat(start), date.fromisoformat(end)) == words
