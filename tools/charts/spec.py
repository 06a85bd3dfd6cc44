"""The specification of a chart: references into tables, and words; a renderer takes the values itself."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from pydantic import BaseModel, ConfigDict

ChartKind: TypeAlias = Literal["line", "bar", "stacked", "scatter", "waterfall", "pareto", "gantt"]
Grain: TypeAlias = Literal["day", "week", "month", "quarter", "year"]
Value: TypeAlias = str | bool | None
"""A cell as answers carry it: numbers are decimal strings, dates ISO 8601."""

CHART_VERSION: Literal["1"] = "1"


class TableLike(Protocol):
    """A table as answers carry it."""

    @property
    def names(self) -> tuple[str, ...]:
        """Stable names of the columns."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Headings."""
        ...

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of the columns."""
        ...

    @property
    def units(self) -> tuple[str, ...]:
        """Unit or currency of each column."""
        ...

    @property
    def rows(self) -> tuple[tuple[Value, ...], ...]:
        """Cells."""
        ...

    @property
    def truncated(self) -> bool:
        """True where there are more rows than these."""
        ...


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChartX(_Frozen):
    """What lies along the axis: a period, the names of things, or a number."""

    columns: tuple[str, ...]
    """Names of the columns that name a point; several are read one after the other."""
    type: Literal["time", "category", "number"]
    label: str
    unit: str = ""
    grain: Grain | None = None
    """For time: the period that a value stands for, so that missing ones can be seen."""


class ChartSeries(_Frozen):
    """What is drawn: a column of numbers, or that of the rows of one group."""

    column: str
    of: tuple[str, ...] = ()
    """Values of the chart's `split` columns in the rows that belong to it; empty where all do."""
    label: str
    unit: str = ""
    currency: str = ""
    """ISO code where the unit is one."""
    axis: Literal["left", "right"] = "left"
    adds_up: bool = False
    """True where its values may be added up: sums and counts, never rates, averages and prices."""


class Only(_Frozen):
    """The rows that are drawn: those with one currency or unit, where a table holds several."""

    column: str
    value: str


class ReferenceLine(_Frozen):
    """A line across: the mean of the points drawn, or the target that a column of the table gives."""

    kind: Literal["average", "target"]
    column: str
    words: str


class ChartNote(_Frozen):
    """A remark by code; `[[number]]`, `[[sum]]` and `[[day]]` in its words are filled in from the answer."""

    code: Literal[
        "rest",
        "rest_not_added",
        "other_series",
        "incomplete",
        "data_as_of",
        "gaps",
        "other_currencies",
        "log_refused",
        "kind_refused",
        "total",
        "cumulative",
        "left_out",
    ]
    words: str
    at: str = ""
    """For `incomplete`: the first value on the axis that the data does not cover."""
    evidence: str = ""
    """Id of the evidence whose `data_as_of` is `[[day]]`."""


class GanttBars(_Frozen):
    """Names of the columns that a Gantt chart is drawn of: a bar for each row of the table.

    Bars of one `row` lie in one line, those of the plan `before` above those of the plan `after`.
    """

    row: str
    """The work centre."""
    start: str
    """When the bar begins, ISO 8601 with its offset."""
    end: str
    label: str
    """The order."""
    part: str
    """The operation of the order."""
    plan: str
    """Which plan it is of: as `before` and `after` say."""
    moved: str
    """A flag: the operation is elsewhere in the other plan."""
    before: str
    """What the column of plans says for the plan before."""
    after: str


class ChartSpec(_Frozen):
    """How a table of the answer is drawn. It holds no figure."""

    version: Literal["1"] = CHART_VERSION
    kind: ChartKind
    table: int
    """Position in the answer's tables."""
    title: str
    x: ChartX
    series: tuple[ChartSeries, ...]
    split: tuple[str, ...] = ()
    """Columns whose values tell the series of one column apart."""
    only: Only | None = None
    sort: Literal["table", "x", "value"] = "table"
    """Order along the axis: that of the table, by time or number, or by the first series, largest first."""
    most: int | None = None
    """Points that are drawn of those in order; the rest is summed up in a note. None for all."""
    scale: Literal["linear", "log"] = "linear"
    lines: tuple[ReferenceLine, ...] = ()
    gaps: bool = False
    """True where a missing period is left open, and no line is drawn across it."""
    notes: tuple[ChartNote, ...] = ()
    asked: bool = False
    """True where a person asked for it; others are shown folded."""
    gantt: GanttBars | None = None
    """Of the kind `gantt` alone."""
