"""Which kind of chart figures make, and which they can."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tools.charts.axes import Axes
from tools.charts.spec import ChartKind, ChartSeries


def usual_kind(
    axes: Axes, series: Sequence[ChartSeries], values: Sequence[Decimal], *, whole: bool
) -> ChartKind:
    """The kind that is drawn where none is asked for; `values` are those of the first series."""
    if axes.x.type != "category":
        return "line"
    first = series[0]
    # Amounts that push a total up and down, as variances do.
    signed = first.unit != "%" and min(values) < 0 < max(values)
    if signed and is_possible("waterfall", axes, series, values, whole=whole):
        return "waterfall"
    shares = first.unit == "%" and first.adds_up
    return "pareto" if shares and is_possible("pareto", axes, series, values, whole=whole) else "bar"


def is_possible(
    kind: ChartKind, axes: Axes, series: Sequence[ChartSeries], values: Sequence[Decimal], *, whole: bool
) -> bool:
    """Whether that kind says something true of the figures; `whole` where no row of the table is missing."""
    names = axes.x.type == "category" and not axes.split
    match kind:
        case "line":
            return axes.x.type == "time"
        case "bar":
            return True
        case "stacked":
            return all(one.adds_up for one in series) and len(series) > 1
        case "waterfall":
            # What runs up to a total must all be there.
            return names and series[0].adds_up and whole
        case "pareto":
            return names and series[0].adds_up and min(values) >= 0
        case "scatter" | "gantt":
            return False
