"""Groups of a few values stand side by side, with the same figures as the rows they come from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.asking import Asking
from tests.tools.metrics.questions import metric
from tools.metrics.columns import CompiledColumn
from tools.metrics.query import MetricQuery
from tools.metrics.side_by_side import side_by_side
from tools.metrics.tool import query_metrics
from tools.results import Cell, Column, Table

MADE: dict[str, Any] = {"path": "material.is_made"}
KIND: dict[str, Any] = {"path": "material.category"}
COUNT: dict[str, Any] = {"name": "n", "count_of": "material"}


async def test_made_beside_bought(at_kassel: Asking) -> None:
    """A figure for yes and one for no are two columns of one row; the rows stay in the answer as well."""
    result = await at_kassel(query_metrics, measures=[COUNT], by=[MADE])
    rows, beside = result.tables
    figures = dict(rows.rows)
    assert [column.label for column in beside.columns] == ["made in house", "not made in house"]
    assert beside.rows == ((figures[True], figures[False]),)
    assert beside.restates


async def test_years_become_columns(at_kassel: Asking) -> None:
    """What has no orders in a year was ordered zero times in it."""
    result = await at_kassel(
        query_metrics,
        measures=[metric("n", "work_order_count")],
        by=[{"grain": "year"}, {"entity": "material"}],
    )
    rows, beside = result.tables
    years = sorted({str(row[0]) for row in rows.rows})
    assert [column.label for column in beside.columns[-len(years) :]] == years
    assert sum(cell for row in beside.rows for cell in row[2:] if isinstance(cell, Decimal)) == sum(
        row[-1] for row in rows.rows if isinstance(row[-1], Decimal)
    )


@pytest.mark.parametrize(
    "more",
    [
        {"by": [KIND]},
        {"by": [KIND, MADE], "order": [{"by": "n"}], "limit": 3},
        {"by": [KIND, MADE], "order": [{"by": "n"}], "extreme": True},
        {"by": [KIND, MADE], "output": "count"},
        {"rows_of": "material", "show": ["material.is_made"], "measures": []},
    ],
)
async def test_what_says_nothing_new_stays_as_it_is(at_kassel: Asking, more: dict[str, Any]) -> None:
    """One grouping of names, a top few, a count and a list have one form."""
    result = await at_kassel(query_metrics, **{"measures": [COUNT], **more})
    assert len(result.tables) == 1


CELLS = st.dictionaries(
    st.tuples(
        st.sampled_from("abcd"), st.sampled_from(["red", "blue", "green"]), st.sampled_from([True, False])
    ),
    st.integers(0, 99).map(Decimal),
    min_size=2,
)


@given(CELLS)
def test_no_figure_is_lost_or_made_up(cells: dict[tuple[str, str, bool], Decimal]) -> None:
    """Every cell of the rows is in the columns once, and what is added is zero."""
    query = MetricQuery.model_validate(
        {
            "measures": [COUNT],
            "by": [{"path": "material.name"}, {"path": "material.colour"}, MADE],
        }
    )
    compiled = [
        CompiledColumn("name", "name", "text"),
        CompiledColumn("colour", "colour", "text"),
        CompiledColumn("is_made", "made in house", "flag"),
        CompiledColumn("n", "materials", "count", is_measure=True, adds_up=True),
    ]
    columns = tuple(Column(one.name, one.label, one.kind) for one in compiled)
    rows: list[tuple[Cell, ...]] = [(*key, value) for key, value in cells.items()]
    found = side_by_side(query, compiled, Table(columns, tuple(rows)))
    if found is None:
        assert all(len({row[at] for row in rows}) < 2 for at in range(3))
        return
    names = sum(column.kind != "count" for column in found.columns)
    shown = [cell for row in found.rows for cell in row[names:]]
    assert sorted(cell for cell in shown if cell) == sorted(value for value in cells.values() if value)
    assert all(isinstance(cell, Decimal) for cell in shown)
    assert len({row[:names] for row in found.rows}) == len(found.rows)
