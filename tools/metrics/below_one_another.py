"""Figures of several years or values in one row as a row for each: `2023` above `2024`, what is pending above
what is approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TypeAlias

from tools.languages import said
from tools.metrics.catalogue import Catalogue
from tools.metrics.columns import CompiledColumn
from tools.metrics.labels import Labels
from tools.metrics.query import DateTest, Filter, Measure, MetricQuery, ValueTest
from tools.metrics.wording import Wording
from tools.results import Cell, Column, Table

_Side: TypeAlias = DateTest | ValueTest
_Key: TypeAlias = tuple[str, ...]
"""What sides are sides of: the role of their days, or the field."""
_FEWEST = 2


def below_one_another(
    query: MetricQuery, compiled: Sequence[CompiledColumn], table: Table, catalogue: Catalogue
) -> Table | None:
    """The single row as a row for each side that its figures are of; None where they are of no sides.

    Every figure must be of one side, and each side must have the same figures.
    """
    if query.by or query.rows_of or query.output != "rows" or len(table.rows) != 1:
        return None
    if len(compiled) != len(table.columns) or not _is_layered(query):
        return None
    found = _sides(query)
    if found is None:
        return None
    bare = _without_sides(query, {side for side, _ in found.values()})
    columns: dict[_Side, dict[str, int]] = {}
    for at, column in enumerate(compiled):
        if column.name not in found:
            return None
        side, content = found[column.name]
        columns.setdefault(side, {})[content] = at
    first, *others = columns.values()
    if len(columns) < _FEWEST or sum(map(len, columns.values())) < len(compiled):
        return None
    if any(list(other) != list(first) for other in others):
        return None
    wording, named = Wording(catalogue), {measure.name: measure for measure in bare.measures}
    headings = [
        _column(table.columns[at], wording.measure(named[compiled[at].name], bare)) for at in first.values()
    ]
    if any(
        table.columns[figures[each]].unit != table.columns[first[each]].unit
        for figures in others
        for each in figures
    ):
        return None
    key = _key_column(next(iter(columns)), Labels(catalogue))
    rows = tuple(
        (_cell(side), *(table.rows[0][at] for at in figures.values())) for side, figures in columns.items()
    )
    return Table((key, *headings), rows, title=table.title, restates=True, total_rows=len(rows))


def _is_layered(query: MetricQuery) -> bool:
    """True where measures are derived from earlier ones alone, so that none leads back to itself."""
    places = {measure.name: at for at, measure in enumerate(query.measures)}
    return all(places[name] < at for at, measure in enumerate(query.measures) for name in measure.of)


def _sides(query: MetricQuery) -> Mapping[str, tuple[_Side, str]] | None:
    """Each shown measure's side, and what it is apart from that; None where not all have one of one kind."""
    named = {measure.name: measure for measure in query.measures}
    tests = [_tests(measure, named) for measure in query.measures if not measure.hidden]
    kinds = {_kind(test) for each in tests for test in each if isinstance(test, _Side)}
    for kind in kinds:
        found: dict[str, tuple[_Side, str]] = {}
        for measure in query.measures:
            own = {test for test in _tests(measure, named) if isinstance(test, _Side) and _kind(test) == kind}
            if measure.hidden:
                continue
            if len(own) != 1:
                break
            side = own.pop()
            found[measure.name] = side, _content(measure, named, side)
        else:
            if len({side for side, _ in found.values()}) >= _FEWEST and all(
                map(_is_whole, {side for side, _ in found.values()})
            ):
                return found
    return None


def _tests(measure: Measure, named: Mapping[str, Measure]) -> tuple[Filter, ...]:
    parts = [named[name] for name in measure.of]
    return (*measure.where, *(test for part in parts for test in _tests(part, named)))


def _kind(side: _Side) -> _Key:
    if isinstance(side, DateTest):
        return "date", side.entity, side.role
    return "value", side.path, side.op


def _is_whole(side: _Side) -> bool:
    """True for a side that a cell can name: a stretch of time with both its ends, or one value."""
    if isinstance(side, DateTest):
        return side.start is not None and side.end is not None
    return side.op == "=" and len(side.values) == 1 and isinstance(side.values[0], str)


def _content(measure: Measure, named: Mapping[str, Measure], side: _Side) -> str:
    own = measure.model_copy(
        update={"name": "m", "of": (), "where": tuple(test for test in measure.where if test != side)}
    )
    return "|".join([own.model_dump_json(), *(_content(named[name], named, side) for name in measure.of)])


def _without_sides(query: MetricQuery, sides: set[_Side]) -> MetricQuery:
    measures = tuple(
        measure.model_copy(update={"where": tuple(test for test in measure.where if test not in sides)})
        for measure in query.measures
    )
    return query.model_copy(update={"measures": measures})


def _column(column: Column, words: str) -> Column:
    return Column(column.name, words, column.kind, column.unit, column.good, column.adds_up)


def _key_column(side: _Side, labels: Labels) -> Column:
    if isinstance(side, DateTest):
        return Column("period", said("period"), "text")
    entity, _, name = side.path.split("/")[-1].partition(".")
    return Column("of", labels.field(entity, name), "text")


def _cell(side: _Side) -> Cell:
    if isinstance(side, ValueTest):
        return str(side.values[0])
    assert side.start is not None
    assert side.end is not None
    return _span(side.start, side.end)


def _span(start: date, end: date) -> str:
    """`2024`, `2024-Q1`, `2024-03`, or both days."""
    after = end + timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month
    if start.day == after.day == 1:
        if months == 12 and start.month == 1:
            return f"{start.year}"
        if months == 3 and start.month % 3 == 1:
            return f"{start.year}-Q{start.month // 3 + 1}"
        if months == 1:
            return f"{start:%Y-%m}"
    return f"{start.isoformat()}/{end.isoformat()}"
