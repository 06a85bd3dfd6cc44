"""What a table's points are named by: a period, a thing, or a thing in a period."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tools.charts.periods import grain_of
from tools.charts.points import key_of, label_of
from tools.charts.spec import ChartX, Only, TableLike, Value

Row = Sequence[Value]

_KEYS = frozenset({"id", "text", "date", "flag"})
_BESIDE = frozenset({"currency", "unit"})
"""Columns that say what the numbers of a row are in."""
_MOST_SPLIT = 12
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Axes:
    """What lies along the axis, and what tells series apart."""

    x: ChartX
    split: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()
    """Columns that tell apart what is called alike."""

    def labels(self, table: TableLike, rows: Sequence[Row]) -> list[str]:
        """The names along the axis; of a table without series, one for each row."""
        at = [table.names.index(name) for name in self.x.columns]
        found = [label_of(row, at) for row in rows]
        return list(dict.fromkeys(found)) if self.split else found

    def part(self, table: TableLike, row: Row) -> tuple[tuple[str, ...], str]:
        """The series that a row belongs to, as the specification names it and as people read it."""
        at = [table.names.index(name) for name in self.split]
        return tuple(key_of(row[i]) for i in at), label_of(row, at)

    def within(self, table: TableLike, rows: Sequence[Row]) -> Axes:
        """The same for some of the rows: no split that they do not need, and names that tell them apart."""
        if self.split and len({self.part(table, row)[0] for row in rows}) < 2:
            return replace(self, split=()).within(table, rows)
        found = self
        for name in self.spare:
            labels = found.labels(table, rows)
            if found.split or len(set(labels)) == len(labels):
                break
            found = replace(found, x=found.x.model_copy(update={"columns": (*found.x.columns, name)}))
        return found


def axes_of(table: TableLike, wanted: str = "", *, dated: bool = False) -> Axes | None:
    """The axes of a table; None where nothing names its rows.

    Args:
        table: with at least one row.
        wanted: name of the column that is to lie along the axis.
        dated: True where a column of days is the axis rather than one remark among others.
    """
    keys = [i for i, kind in enumerate(table.kinds) if kind in _KEYS and table.names[i] not in _BESIDE]
    codes = {i for i in keys if table.kinds[i] == "id" and _name_of(table, i) in table.names}
    named = [i for i in keys if i not in codes]
    if not named:
        named = list(keys)
    if not named:
        return None
    columns = {i: [row[i] for row in table.rows] for i in named}
    times = {i: grain for i in named if (grain := grain_of(table.names[i], columns[i]))}
    days = [i for i in named if table.kinds[i] == "date"]
    first = next((i for i in named if wanted in (table.names[i], table.columns[i])), None) if wanted else None
    if first is None:
        first = next(iter(times), None)
    if first is None and days and (dated or len(named) == 1):
        first = days[0]
    if first is not None and (first in times or first in days):
        return _over_time(table, first, named, days)
    things = [i for i in named if i not in days] or named
    return _by_thing(table, first if first in things else things[0], things, sorted(codes))


def _over_time(table: TableLike, first: int, named: Sequence[int], days: Sequence[int]) -> Axes:
    grain = grain_of(table.names[first], [row[first] for row in table.rows])
    x = ChartX(columns=(table.names[first],), type="time", label=table.columns[first], grain=grain)
    periods = [row[first] for row in table.rows]
    others = [i for i in named if i != first and i not in days]
    apart = len(set(periods)) < len(periods)
    return Axes(x, tuple(table.names[i] for i in others) if apart else ())


def _by_thing(table: TableLike, first: int, things: Sequence[int], codes: Sequence[int]) -> Axes:
    x = ChartX(columns=(table.names[first],), type="category", label=table.columns[first])
    others = [i for i in things if i != first]
    names = [key_of(row[first]) for row in table.rows]
    spare = tuple(table.names[i] for i in (*others, *codes))
    if len(set(names)) < len(names) and len(others) == 1:
        parts = {key_of(row[others[0]]) for row in table.rows}
        pairs = {(name, key_of(row[others[0]])) for name, row in zip(names, table.rows, strict=True)}
        crossed = len(parts) * len(set(names)) < 2 * len(pairs)
        if 2 <= len(parts) <= _MOST_SPLIT and len(pairs) == len(names) and crossed:
            return Axes(x, (table.names[others[0]],), spare)
    return Axes(x, (), spare)


def _name_of(table: TableLike, code: int) -> str:
    return re.sub(r"_id(_\d+)?$", r"\1", table.names[code])


def is_currency(unit: str) -> bool:
    """True for an ISO code."""
    return bool(_CURRENCY.fullmatch(unit))


def currencies_of(table: TableLike, numbers: Sequence[int]) -> list[Only | None]:
    """The parts of a table that may share an axis: one for each currency or unit that its rows are in."""
    for name, kinds in (("currency", {"money"}), ("unit", {"quantity", "money"})):
        if name not in table.names:
            continue
        open_ones = [i for i in numbers if table.kinds[i] in kinds and not table.units[i]]
        at = table.names.index(name)
        values = [str(row[at]) for row in table.rows if isinstance(row[at], str)]
        if open_ones and len(set(values)) > 1:
            order = sorted(dict.fromkeys(values), key=lambda value: -values.count(value))
            return [Only(column=name, value=value) for value in order]
    return [None]
