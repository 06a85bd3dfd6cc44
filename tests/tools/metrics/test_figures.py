"""Figures equal those of statements written by hand, on the built-in demo and on AdventureWorks."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from tests.tools.asking import Asking
from tests.tools.conftest import Select
from tests.tools.metrics.questions import QUESTIONS, Question
from tools.metrics.tool import query_metrics
from tools.results import Table

HOMES = pytest.mark.parametrize("home", ["demo", "adventureworks"], indirect=True)


Row = tuple[object, ...]


def plain(rows: Sequence[Sequence[object]]) -> list[Row]:
    """Cells as floats or text, so that only values are compared."""
    return [tuple(_plain(cell) for cell in row) for row in rows]


def _plain(cell: object) -> object:
    if isinstance(cell, Decimal | int | float) and not isinstance(cell, bool):
        return float(cell)
    return None if cell is None else str(cell)


def _place(row: Row) -> list[str]:
    """Where a row stands whose order is not asked for: by its names, then by its numbers."""
    names = [cell for cell in row if isinstance(cell, str)]
    return [*names, *(f"{cell:.2f}" for cell in row if isinstance(cell, float))]


def _close(cell: object) -> object:
    return pytest.approx(cell, rel=1e-6, abs=2e-6) if isinstance(cell, float) else cell


@HOMES
@pytest.mark.parametrize("question", QUESTIONS, ids=[question.about for question in QUESTIONS])
async def test_figures_equal_those_of_a_statement_by_hand(
    place: Asking, at_home: Select, question: Question
) -> None:
    """Rows and their order where the query gives one; else the same rows in any order."""
    result = await place(query_metrics, **question.query)
    wanted = plain(at_home(question.statement))
    found = plain(_without_codes(result.tables[0], len(wanted[0]) if wanted else 0))
    if "order" not in question.query or question.query.get("limit") or question.query.get("extreme"):
        found, wanted = sorted(found, key=_place), sorted(wanted, key=_place)
    assert len(found) == len(wanted)
    for row, expected in zip(found, wanted, strict=True):
        assert row == tuple(map(_close, expected))


def _without_codes(table: Table, width: int) -> list[Sequence[object]]:
    """The rows without codes beside ids and names, which statements do not ask for."""
    kept = [at for at, column in enumerate(table.columns) if not column.name.endswith(("_number", "_code"))]
    wide = len(table.columns) == width
    return [row if wide else [row[at] for at in kept] for row in table.rows]


async def test_first_and_last_say_how_one_is_taken_of_a_day(aw: Asking) -> None:
    """Where several records share the day, the figure is one of theirs, and the answer says which."""
    last = {"name": "m1", "field": "purchase_line.unit_price", "aggregate": "last"}
    result = await aw(query_metrics, measures=[last], by=[{"entity": "material"}])
    assert any("on one day the smallest" in caveat for caveat in result.caveats)


def test_there_are_questions_for_every_part_of_a_query() -> None:
    """Thirty at least, and each kind of condition, calculation and output among them."""
    assert len(QUESTIONS) >= 30
    text = repr([question.query for question in QUESTIONS])
    for part in (
        *("value", "contains", "null", "field", "named", "date", "valid", "related", "any"),
        *("difference", "ratio", "percent", "change_percent", "share_of_total", "sum"),
        *("rows_of", "having", "extreme", "count", "top_share", "ties", "missing", "via", "hidden"),
    ):
        assert repr(part) in text, part


async def test_measures_of_one_kind_are_told_apart_by_their_conditions(at_kassel: Asking) -> None:
    """Two counts that differ only in what they count are never two columns of one name."""
    bought = {"test": "value", "path": "material.is_made", "values": [False]}
    counts: list[dict[str, Any]] = [
        {"name": "all", "count_of": "material"},
        {"name": "bought", "count_of": "material", "where": [bought]},
    ]
    (table,) = (await at_kassel(query_metrics, measures=counts)).tables
    assert [column.label for column in table.columns] == [
        "materials",
        "number of materials (not made in house)",
    ]
