"""Figures of several years or values in one row are told again in a row for each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.metrics.questions import metric, period, value
from tools.metrics.below_one_another import below_one_another
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import MetricQuery
from tools.results import Column, Table

CATALOGUE = packaged_catalogue()
COMPILER = Compiler(CATALOGUE)


def told_again(*measures: dict[str, Any], **more: Any) -> Table | None:
    """The rows for a single row of 1, 2, 3 ..."""
    query = MetricQuery.model_validate({"measures": measures, **more})
    compiled = COMPILER.compile(query).columns
    columns = tuple(Column(one.name, one.label, one.kind, one.unit) for one in compiled)
    row = tuple(str(at) for at in range(1, len(columns) + 1))
    return below_one_another(query, compiled, Table(columns, (row,)), CATALOGUE)


def late(name: str, *where: dict[str, Any], **more: Any) -> dict[str, Any]:
    return metric(name, "late_rate", where=where, **more)


def of_year(year: int) -> dict[str, Any]:
    return period(f"{year}-01-01", f"{year}-12-31", role="due")


def test_years_become_rows() -> None:
    """Each year once, with the figure of it, under the figure's own name."""
    table = told_again(late("a", of_year(2023)), late("b", of_year(2024)))
    assert table is not None
    assert [column.label for column in table.columns] == ["period", "late rate"]
    assert table.rows == (("2023", "1"), ("2024", "2"))
    assert table.restates


def test_values_become_rows_with_several_figures() -> None:
    """`how many pending and how many approved, and what are they worth`."""
    of = {name: value("purchase_order.status", name) for name in ("pending", "approved")}
    count, worth = "purchase_order_count", "purchase_value"
    table = told_again(
        metric("a", count, where=[of["pending"]]),
        metric("b", count, where=[of["approved"]]),
        metric("c", worth, where=[of["pending"]]),
        metric("d", worth, where=[of["approved"]]),
    )
    assert table is not None
    assert table.rows == (("pending", "1", "3"), ("approved", "2", "4"))


@pytest.mark.parametrize(
    "measures",
    [
        (late("a", of_year(2023)), late("b")),
        (late("a", of_year(2023)), metric("b", "work_order_count", where=[of_year(2024)])),
        (late("a", of_year(2023)),),
        (late("a", of_year(2023), of=["a"]), late("b", of_year(2024), of=["a"])),
        (
            late("a", of_year(2023)),
            late("b", of_year(2024)),
            {"name": "c", "derive": "difference", "of": ["b", "a"]},
        ),
    ],
)
def test_what_is_not_the_same_of_each_side_stays_in_its_row(measures: tuple[dict[str, Any], ...]) -> None:
    """A part beside its whole, different figures, one figure, and a change between the two."""
    assert told_again(*measures) is None
