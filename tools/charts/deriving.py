"""How charts follow from an answer's tables: from their columns, and from what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from tools.charts.axes import Axes, Row, axes_of, currencies_of, is_currency
from tools.charts.gantt import gantt_of
from tools.charts.kinds import is_possible, usual_kind
from tools.charts.notes import notes_of, said_note
from tools.charts.points import number_of
from tools.charts.spec import (
    ChartKind,
    ChartNote,
    ChartSeries,
    ChartSpec,
    ChartX,
    Only,
    ReferenceLine,
    TableLike,
)
from tools.charts.wishes import ChartWish
from tools.languages import said

MOST_POINTS = 30
"""Names along an axis that can be read; more are summed up."""

_NUMERIC = frozenset({"quantity", "count", "money", "percent", "ratio", "days", "rate"})
_FEWEST_UNASKED = 3
_MOST_CHARTS = 3
_MOST_SERIES = 6
_MOST_BESIDE = 3
"""Columns drawn beside each other where nobody named any."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A table of an answer, with what a chart must know of it."""

    at: int
    """Position in the answer's tables."""
    table: TableLike
    adds_up: tuple[bool, ...]
    shows: Literal["", "series", "ranking", "bridge", "gantt"] = ""
    evidence: str = ""
    as_of: date | None = None
    """Day up to which its data reaches."""


def charts_of(
    offered: Sequence[Offered], wish: ChartWish | None = None, *, told: bool = True
) -> tuple[ChartSpec, ...]:
    """The charts of the first table that has something to draw; none where none has.

    Args:
        offered: the tables as they are shown.
        wish: what was asked for; without one, a series over time or a ranking of three to thirty is drawn.
        told: False where the wish is an earlier one, so that what it does not fit is left out quietly.
    """
    for one in offered:
        if one.shows == "gantt":
            plans = gantt_of(one.at, one.table, said("Plan before and after"), one.evidence, one.as_of)
            if plans is not None:
                return (plans,)
    for one in offered:
        if wish is None and not _worth_it(one):
            continue
        found = _Deriving(one, wish or ChartWish(), wish is not None, told).charts()
        if found:
            return found
    return ()


def _worth_it(one: Offered) -> bool:
    count = len(one.table.rows)
    if one.shows == "series":
        return count >= _FEWEST_UNASKED
    if one.shows == "bridge":
        return 2 <= count <= MOST_POINTS
    return one.shows == "ranking" and _FEWEST_UNASKED <= count <= MOST_POINTS


class _Deriving:
    """The charts of one table."""

    def __init__(self, offered: Offered, wish: ChartWish, asked: bool, told: bool) -> None:
        self._offered = offered
        self._table = offered.table
        self._wish = wish
        self._asked = asked
        self._told = told

    def charts(self) -> tuple[ChartSpec, ...]:
        """A chart for each unit and currency, as many as can be looked at together."""
        numbers = self._numbers()
        if not numbers or len(self._table.rows) < 2:
            return ()
        if self._wish.kind == "scatter" and (scatter := self._scatter(numbers)) is not None:
            return (scatter,)
        axes = axes_of(self._table, self._wish.x, dated=self._offered.shows == "series")
        if axes is None:
            return ()
        onlys = currencies_of(self._table, numbers)
        groups = self._by_unit(numbers)
        made = [self._chart(axes, group, only) for group in groups for only in onlys]
        charts = [chart for chart in made if chart is not None]
        most = _MOST_CHARTS if self._asked else max(1, min(len(onlys), _MOST_CHARTS))
        kept = charts[:most]
        left = [_left_out(one) for one in charts[most:] if self._asked]
        if kept and left:
            kept[-1] = kept[-1].model_copy(update={"notes": (*kept[-1].notes, *left)})
        return tuple(kept)

    def _numbers(self) -> list[int]:
        table, wanted = self._table, self._wish.columns
        found = [
            i
            for i, kind in enumerate(table.kinds)
            if kind in _NUMERIC and any(number_of(row[i]) is not None for row in table.rows)
        ]
        named = [i for i in found if table.names[i] in wanted or table.columns[i] in wanted]
        return named or found

    def _by_unit(self, numbers: Sequence[int]) -> list[list[int]]:
        """Columns that may share an axis: those of one unit and, without a unit, of one kind."""
        groups: dict[tuple[str, str], list[int]] = {}
        for i in numbers:
            unit = self._table.units[i]
            groups.setdefault((unit, "" if unit else self._table.kinds[i]), []).append(i)
        return list(groups.values())

    # ── one chart ─────────────────────────────────────────────────────────────────────────────────
    def _chart(self, axes: Axes, group: Sequence[int], only: Only | None) -> ChartSpec | None:
        rows = [row for row in self._table.rows if only is None or self._cell(row, only.column) == only.value]
        drawn = [i for i in group if any(number_of(row[i]) is not None for row in rows)]
        if len(rows) < 2 or not drawn:
            return None
        axes = axes.within(self._table, rows)
        wanted = self._wish.columns
        most = _MOST_SERIES if wanted or axes.x.type == "time" else _MOST_BESIDE
        series, others = self._series(axes, drawn[:most], rows, only)
        others += [self._table.columns[i] for i in drawn[most:]]
        kind, notes = self._kind(axes, series, rows)
        if kind in ("waterfall", "pareto"):
            others = [*(one.label for one in series[1:]), *others]
            series = series[:1]
        if self._offered.shows == "bridge":
            # What a step comes from and to stands in the table; the bridge is about the step.
            others = []
        if kind == "pareto":
            series, notes = self._with_shares(series, notes, only)
        notes += [said_note("other_series", name=", ".join(others))] if others else []
        return self._finished(axes, kind, series, only, rows, notes)

    def _finished(
        self,
        axes: Axes,
        kind: ChartKind,
        series: tuple[ChartSeries, ...],
        only: Only | None,
        rows: Sequence[Row],
        notes: list[ChartNote],
    ) -> ChartSpec:
        spec = ChartSpec(
            kind=kind,
            table=self._offered.at,
            title=self._title(series, axes),
            x=axes.x,
            series=series,
            split=axes.split,
            only=only,
            sort="x" if axes.x.type == "time" else "value" if kind == "pareto" else "table",
            gaps=axes.x.type == "time" and axes.x.grain is not None,
            asked=self._asked,
        )
        if axes.x.type == "category" and len(axes.labels(self._table, rows)) > MOST_POINTS:
            spec = spec.model_copy(update={"most": MOST_POINTS, "sort": "value"})
        spec, scale_notes = self._scaled(spec, rows)
        lines = self._lines(spec)
        spec = spec.model_copy(update={"lines": lines})
        more = notes_of(spec, self._table, self._offered.evidence, self._offered.as_of)
        return spec.model_copy(update={"notes": (*notes, *scale_notes, *more)})

    def _series(
        self,
        axes: Axes,
        drawn: Sequence[int],
        rows: Sequence[Row],
        only: Only | None,
    ) -> tuple[tuple[ChartSeries, ...], list[str]]:
        """The series, and the names of those that there is no room for."""
        if not axes.split:
            return tuple(self._one(i, only) for i in drawn), []
        i = drawn[0]
        sizes: dict[tuple[str, ...], Decimal] = {}
        labels: dict[tuple[str, ...], str] = {}
        for row in rows:
            key, label = axes.part(self._table, row)
            labels.setdefault(key, label)
            sizes[key] = sizes.get(key, Decimal(0)) + abs(number_of(row[i]) or Decimal(0))
        order = list(sizes) if len(sizes) <= _MOST_SERIES else sorted(sizes, key=lambda key: -sizes[key])
        kept, cut = order[:_MOST_SERIES], order[_MOST_SERIES:]
        series = tuple(
            self._one(i, only).model_copy(update={"of": key, "label": labels[key]}) for key in kept
        )
        return series, [*(labels[key] for key in cut), *(self._table.columns[other] for other in drawn[1:])]

    def _one(self, i: int, only: Only | None) -> ChartSeries:
        table = self._table
        # A column whose unit stands in another one takes it from the rows that are drawn.
        unit = table.units[i] or (only.value if only and table.kinds[i] in ("money", "quantity") else "")
        return ChartSeries(
            column=table.names[i],
            label=table.columns[i],
            unit=unit,
            currency=unit if table.kinds[i] == "money" and is_currency(unit) else "",
            adds_up=self._offered.adds_up[i],
        )

    def _title(self, series: Sequence[ChartSeries], axes: Axes) -> str:
        columns = {one.column: self._table.columns[self._table.names.index(one.column)] for one in series}
        names = ", ".join(dict.fromkeys(columns.values()))
        if not axes.split:
            return said("[[measure]] by [[group]]", measure=names, group=axes.x.label)
        others = ", ".join(self._table.columns[self._table.names.index(name)] for name in axes.split)
        return said("[[measure]] by [[group]] and [[other]]", measure=names, group=axes.x.label, other=others)

    # ── kinds ─────────────────────────────────────────────────────────────────────────────────────
    def _kind(
        self, axes: Axes, series: Sequence[ChartSeries], rows: Sequence[Row]
    ) -> tuple[ChartKind, list[ChartNote]]:
        values = [number_of(self._cell(row, series[0].column)) or Decimal(0) for row in rows]
        whole = not self._table.truncated
        usual = usual_kind(axes, series, values, whole=whole)
        if self._offered.shows == "bridge" and is_possible("waterfall", axes, series, values, whole=whole):
            usual = "waterfall"
        wanted = self._wish.kind
        if wanted is None or wanted == usual:
            return usual, []
        if is_possible(wanted, axes, series, values, whole=whole):
            return wanted, []
        return usual, [said_note("kind_refused")] if self._told else []

    def _with_shares(
        self, series: tuple[ChartSeries, ...], notes: list[ChartNote], only: Only | None
    ) -> tuple[tuple[ChartSeries, ...], list[ChartNote]]:
        """Bars and, on the right, their shares added up: the table's own, or those of what it shows."""
        table = self._table
        found = [
            i
            for i, unit in enumerate(table.units)
            if unit == "%" and self._offered.adds_up[i] and table.names[i] != series[0].column
        ]
        shares = self._one(found[0], only) if found else series[0]
        right = shares.model_copy(update={"axis": "right", "unit": "%", "currency": ""})
        whole = bool(found) or series[0].unit == "%"
        note = said_note("cumulative") if whole else said_note("cumulative", of_shown=True)
        return (series[0], right), [*notes, note]

    def _scatter(self, numbers: Sequence[int]) -> ChartSpec | None:
        """One number against another, a point for each row."""
        table = self._table
        if len(numbers) < 2:
            return None
        across, up = numbers[0], numbers[1]
        if self._wish.x in table.names and table.names.index(self._wish.x) in numbers:
            across = table.names.index(self._wish.x)
            up = next(i for i in numbers if i != across)
        onlys = currencies_of(table, [across, up])
        only = onlys[0]
        x = ChartX(
            columns=(table.names[across],),
            type="number",
            label=table.columns[across],
            unit=self._one(across, only).unit,
        )
        series = self._one(up, only)
        others = [said_note("other_currencies", name=str(one.value)) for one in onlys[1:] if one]
        spec = ChartSpec(
            kind="scatter",
            table=self._offered.at,
            title=said("[[measure]] by [[group]]", measure=series.label, group=x.label),
            x=x,
            series=(series,),
            only=only,
            sort="x",
            asked=self._asked,
        )
        spec, notes = self._scaled(spec, table.rows)
        more = notes_of(spec, table, self._offered.evidence, self._offered.as_of)
        return spec.model_copy(update={"lines": self._lines(spec), "notes": (*others, *notes, *more)})

    # ── scale and lines ───────────────────────────────────────────────────────────────────────────
    def _scaled(self, spec: ChartSpec, rows: Sequence[Row]) -> tuple[ChartSpec, list[ChartNote]]:
        if not self._wish.log:
            return spec, []
        values = [number_of(self._cell(row, one.column)) for one in spec.series for row in rows]
        fits = spec.kind in ("line", "scatter") and all(value is None or value > 0 for value in values)
        if fits:
            return spec.model_copy(update={"scale": "log"}), []
        return spec, [said_note("log_refused")] if self._told else []

    def _lines(self, spec: ChartSpec) -> tuple[ReferenceLine, ...]:
        found = []
        first = spec.series[0]
        if self._wish.average and spec.kind in ("line", "bar", "scatter") and not first.of:
            found.append(ReferenceLine(kind="average", column=first.column, words=said("mean of the points")))
        for i, name in enumerate(self._table.names):
            alike = self._table.units[i] == first.unit and self._table.kinds[i] in _NUMERIC
            if name.removesuffix("_target").removesuffix("target") != name and alike and name != first.column:
                found.append(ReferenceLine(kind="target", column=name, words=self._table.columns[i]))
        return tuple(found[:2])

    def _cell(self, row: Row, column: str) -> str | bool | None:
        return row[self._table.names.index(column)]


def _left_out(chart: ChartSpec) -> ChartNote:
    """That there is a chart more, which is not shown."""
    if chart.only is not None:
        return said_note("other_currencies", name=chart.only.value)
    return said_note("left_out", name=chart.series[0].label)
