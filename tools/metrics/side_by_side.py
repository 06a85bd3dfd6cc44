"""Groups of a few values as columns: `2023` beside `2024`, what is made beside what is bought."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tools.languages import said
from tools.metrics.columns import CompiledColumn
from tools.metrics.query import Grouping, MetricQuery
from tools.results import Cell, Column, Table

_FEWEST = 2
_MOST_VALUES = 6
_MOST_COLUMNS = 12
_ZERO = Decimal(0)


def side_by_side(query: MetricQuery, compiled: Sequence[CompiledColumn], table: Table) -> Table | None:
    """The table with the values of one grouping as columns; None where that would say nothing new.

    It holds the same figures. Needed are every row of the result and one grouping that has a column to itself
    and from two to six values; on its own only one that is yes or no.
    """
    if query.output != "rows" or query.rows_of or query.limit or query.extreme or table.truncated:
        return None
    if len(compiled) != len(table.columns):
        return None  # a column of currencies stands behind the measures
    measures = [at for at, column in enumerate(compiled) if column.is_measure]
    if not measures:
        return None
    at = _spread(query.by, measures[0], table)
    if at is None:
        return None
    values = list(dict.fromkeys(row[at] for row in table.rows))
    if len(values) * len(measures) > _MOST_COLUMNS:
        return None
    values.sort(key=_rank)
    kept = [i for i in range(measures[0]) if i != at]
    found: dict[tuple[Cell, ...], dict[tuple[Cell, int], Cell]] = {}
    for row in table.rows:
        cells = found.setdefault(tuple(row[i] for i in kept), {})
        cells |= {(row[at], measure): row[measure] for measure in measures}
    columns = [table.columns[i] for i in kept]
    columns += [
        _column(table.columns[measure], table.columns[at], value, number, alone=len(measures) == 1)
        for measure in measures
        for number, value in enumerate(values, 1)
    ]
    absent = {measure: _absent(compiled[measure]) for measure in measures}
    rows = tuple(
        (*key, *(cells.get((value, measure), absent[measure]) for measure in measures for value in values))
        for key, cells in found.items()
    )
    title = table.columns[measures[0]].label if len(measures) == 1 else ""
    return Table(tuple(columns), rows, title=title, restates=True, total_rows=len(rows), shows=table.shows)


def _spread(by: Sequence[Grouping], width: int, table: Table) -> int | None:
    """Position of the column whose values become columns; None where there is none."""
    if len(by) == 1:
        return 0 if width == 1 and table.columns[0].kind == "flag" and len(table.rows) > 1 else None
    at = 0
    found: list[tuple[int, int]] = []
    for grouping in by:
        if grouping.entity:
            # Its id, its code and its name, of which it may have any.
            while at < width and table.columns[at].name.startswith(grouping.via or grouping.entity):
                at += 1
            continue
        if _FEWEST <= len({row[at] for row in table.rows}) <= _MOST_VALUES:
            found.append((_preference(grouping, table.columns[at]), at))
        at += 1
    return max(found)[1] if found else None


def _preference(grouping: Grouping, column: Column) -> int:
    """Yes and no first, then years, then categories; shorter periods read better downwards."""
    if column.kind == "flag":
        return 3
    if grouping.grain:
        return 2 if grouping.grain == "year" else 0
    return 1


def _rank(value: Cell) -> tuple[bool, bool, str]:
    """Yes before no, the rest by name or time, what has no value last."""
    return value is None, value is False, "" if isinstance(value, bool) else str(value)


def _column(measure: Column, group: Column, value: Cell, number: int, *, alone: bool) -> Column:
    if isinstance(value, bool):
        heading = said("[[flag]]" if value else "not [[flag]]", flag=group.label)
    else:
        heading = said("(none)") if value is None else str(value)
    label = heading if alone else f"{measure.label}, {heading}"
    return Column(
        f"{measure.name}_{number}", label, measure.kind, measure.unit, measure.good, measure.adds_up
    )


def _absent(column: CompiledColumn) -> Cell:
    """What a group without records has: nothing of what is counted; no amount of money."""
    return _ZERO if column.adds_up and column.kind in ("count", "quantity") else None
