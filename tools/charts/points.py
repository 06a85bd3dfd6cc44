"""The points of a chart, each with the row of the table whose value it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext

from tools.charts.periods import named, ordinal
from tools.charts.spec import ChartSeries, ChartSpec, TableLike, Value
from tools.languages import said

_MOST_GAPS = 60
"""Missing periods that get a place of their own in a chart of bars."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place along the axis."""

    label: str
    at: Decimal
    """Where it lies: its number in a row of periods, its own number, or its place in the order."""
    rows: tuple[int, ...]
    """Rows of the table that belong here; none for a period without data."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value of the table where it is drawn."""

    slot: int
    row: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Series:
    """The points of one series in the order of the axis."""

    spec: ChartSeries
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with its values."""

    slots: tuple[Slot, ...]
    series: tuple[Series, ...]
    rest: tuple[int, ...]
    """Rows of the table that the chart would show, were it not cut."""


def number_of(cell: Value) -> Decimal | None:
    """The number of a cell; None where it is none."""
    if not isinstance(cell, str):
        return None
    try:
        value = Decimal(cell)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def label_of(row: Sequence[Value], at: Sequence[int]) -> str:
    """What a row is called by some of its columns, in the language spoken."""
    return ", ".join(said(key_of(row[i])) if isinstance(row[i], bool) else key_of(row[i]) for i in at)


def key_of(cell: Value) -> str:
    """A cell as specifications name it."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "–" if cell is None else cell


def drawn(spec: ChartSpec, table: TableLike) -> Drawing:
    """The values that a specification refers to.

    Raises:
        ValueError: it names a column that the table does not have.
    """
    x = [table.names.index(name) for name in spec.x.columns]
    rows = list(_rows(spec, table))
    slots = _slots(spec, table, x, rows)
    split = [table.names.index(name) for name in spec.split]
    values = {one: table.names.index(one.column) for one in spec.series}
    if spec.sort == "value" and spec.series:
        slots.sort(key=lambda slot: _size(slot, spec.series[0], table, values, split), reverse=True)
    elif spec.sort == "x":
        slots.sort(key=lambda slot: slot.at)
    kept, cut = (slots, []) if spec.most is None else (slots[: spec.most], slots[spec.most :])
    if spec.x.type == "category":
        kept = [Slot(slot.label, Decimal(i), slot.rows) for i, slot in enumerate(kept)]
    series = tuple(Series(one, tuple(_points(one, kept, table, values[one], split))) for one in spec.series)
    return Drawing(tuple(kept), series, tuple(row for slot in cut for row in slot.rows))


def rest_of(spec: ChartSpec, table: TableLike) -> tuple[int, Decimal | None]:
    """How many points are not drawn, and their sum where values may be added."""
    drawing = drawn(spec, table)
    first = spec.series[0]
    at = table.names.index(first.column)
    values = [number_of(table.rows[row][at]) for row in drawing.rest]
    total = added(value for value in values if value is not None) if first.adds_up else None
    return len(values), total


def added(values: Iterator[Decimal]) -> Decimal:
    """The exact sum."""
    with localcontext(prec=60):
        return sum(values, Decimal(0))


def _rows(spec: ChartSpec, table: TableLike) -> Iterator[int]:
    only = None if spec.only is None else (table.names.index(spec.only.column), spec.only.value)
    for r, row in enumerate(table.rows):
        if only is None or row[only[0]] == only[1]:
            yield r


def _slots(spec: ChartSpec, table: TableLike, x: Sequence[int], rows: Sequence[int]) -> list[Slot]:
    places: dict[object, tuple[str, Decimal, list[int]]] = {}
    for r in rows:
        label = label_of(table.rows[r], x)
        at = _position(spec, table.rows[r][x[0]], len(places))
        if at is None:
            continue
        # Two things of one name stand apart, unless a second column tells the series apart.
        key: object = label if spec.split or spec.x.type == "time" else r
        places.setdefault(key, (label, at, []))[2].append(r)
    slots = [Slot(label, at, tuple(members)) for label, at, members in places.values()]
    return slots + _missing(spec, slots)


def _position(spec: ChartSpec, cell: Value, order: int) -> Decimal | None:
    match spec.x.type:
        case "category":
            return Decimal(order)
        case "number":
            return number_of(cell)
        case "time":
            number = ordinal(cell, spec.x.grain) if isinstance(cell, str) else None
            return None if number is None else Decimal(number)


def _missing(spec: ChartSpec, slots: Sequence[Slot]) -> list[Slot]:
    """Places of periods without data, so that bars leave them open as lines do."""
    if not spec.gaps or len(slots) < 2:
        return []
    there = {int(slot.at) for slot in slots}
    absent = [number for number in range(min(there), max(there)) if number not in there]
    if len(absent) > _MOST_GAPS:
        return []
    return [Slot(named(number, spec.x.grain), Decimal(number), ()) for number in absent]


def _points(
    one: ChartSeries, slots: Sequence[Slot], table: TableLike, at: int, split: Sequence[int]
) -> Iterator[Point]:
    for s, slot in enumerate(slots):
        for r in slot.rows:
            value = number_of(table.rows[r][at])
            if value is not None and _belongs(table.rows[r], one, split):
                yield Point(s, r, value)
                break


def _belongs(row: Sequence[Value], one: ChartSeries, split: Sequence[int]) -> bool:
    return not one.of or tuple(key_of(row[i]) for i in split) == one.of


def _size(
    slot: Slot, first: ChartSeries, table: TableLike, values: dict[ChartSeries, int], split: Sequence[int]
) -> tuple[bool, Decimal]:
    found = [number_of(table.rows[r][values[first]]) for r in slot.rows]
    there = [value for value in found if value is not None]
    return bool(there), added(iter(there))
