"""Charts as specifications: what is drawn of which columns of an answer's tables, and never a value."""

from tools.charts.deriving import Offered, charts_of
from tools.charts.points import Point, Series, drawn, rest_of
from tools.charts.spec import (
    CHART_VERSION,
    ChartKind,
    ChartNote,
    ChartSeries,
    ChartSpec,
    ChartX,
    GanttBars,
    Only,
    ReferenceLine,
    TableLike,
)
from tools.charts.wishes import ChartWish, is_wished_again, wish_of

__all__ = [
    "CHART_VERSION",
    "ChartKind",
    "ChartNote",
    "ChartSeries",
    "ChartSpec",
    "ChartWish",
    "ChartX",
    "GanttBars",
    "Offered",
    "Only",
    "Point",
    "ReferenceLine",
    "Series",
    "TableLike",
    "charts_of",
    "drawn",
    "is_wished_again",
    "rest_of",
    "wish_of",
]
