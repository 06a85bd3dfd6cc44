"""A Gantt chart of two plans: which columns its bars are drawn of, and the bars of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tools.charts.notes import said_note
from tools.charts.spec import ChartSpec, ChartX, GanttBars, TableLike, Value
from tools.languages import said

BEFORE, AFTER = "before", "after"
_COLUMNS = ("work_centre", "plan", "order_id", "operation", "start", "end", "moved")


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, with the row of the table that it is."""

    row: int
    start: datetime
    end: datetime
    label: str
    is_moved: bool


@dataclass(frozen=True, slots=True)
class Line:
    """The bars of one work centre in one plan."""

    name: str
    is_before: bool
    bars: tuple[Bar, ...]


def gantt_of(
    at: int, table: TableLike, title: str, evidence: str = "", as_of: date | None = None
) -> ChartSpec | None:
    """The specification for a table that has the columns of a plan; None where it has none of its bars."""
    if not set(_COLUMNS) <= set(table.names) or not table.rows:
        return None
    return ChartSpec(
        kind="gantt",
        table=at,
        title=title,
        x=ChartX(columns=("start", "end"), type="time", label=said("Time")),
        series=(),
        split=("plan",),
        notes=(said_note("data_as_of", evidence=evidence),) if evidence and as_of else (),
        asked=True,
        gantt=GanttBars(
            row="work_centre",
            start="start",
            end="end",
            label="order_id",
            part="operation",
            plan="plan",
            moved="moved",
            before=said(BEFORE),
            after=said(AFTER),
        ),
    )


def lines_of(spec: ChartSpec, table: TableLike) -> tuple[Line, ...]:
    """The lines of a Gantt chart in the order of the table: of a work centre the plan before, then after."""
    assert spec.gantt is not None
    columns = spec.gantt
    at = {name: i for i, name in enumerate(table.names)}
    found: dict[tuple[str, bool], list[Bar]] = {}
    for number, row in enumerate(table.rows):
        start, end = moment(row[at[columns.start]]), moment(row[at[columns.end]])
        if start is None or end is None:
            continue
        key = (str(row[at[columns.row]]), row[at[columns.plan]] == columns.before)
        bar = Bar(number, start, end, str(row[at[columns.label]]), row[at[columns.moved]] is True)
        found.setdefault(key, []).append(bar)
    names = list(dict.fromkeys(name for name, _ in found))
    return tuple(
        Line(name, is_before, tuple(sorted(found[name, is_before], key=lambda one: one.start)))
        for name in names
        for is_before in (True, False)
        if (name, is_before) in found
    )


def moment(cell: Value) -> datetime | None:
    """The moment of a cell; None where it is none."""
    if not isinstance(cell, str):
        return None
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        return None


def span(lines: Sequence[Line]) -> tuple[datetime, datetime] | None:
    """From the first start to the last end."""
    bars = [bar for line in lines for bar in line.bars]
    return (min(bar.start for bar in bars), max(bar.end for bar in bars)) if bars else None
