"""A query in the making, with what it explains and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.models.embedded.periods import Period
from tools.metrics.query import Aggregate, Filter, Grouping, Having, Measure, Order


@dataclass(slots=True)
class Assembly:
    """A query in the making, with what it explains and what speaks against it."""

    entity: str
    measures: list[Measure] = field(default_factory=list)
    by: list[Grouping] = field(default_factory=list)
    rows_of: str = ""
    show: list[str] = field(default_factory=list)
    where: list[Filter] = field(default_factory=list)
    before_head: int = 0
    """How many of the conditions stood before the head noun."""
    having: list[Having] = field(default_factory=list)
    order: list[Order] = field(default_factory=list)
    limit: int | None = None
    extreme: bool = False
    counted: str = ""
    sorting: str = ""
    """`most` or `least` first, where only the order of the rows is named."""
    asks_grain: bool = False
    """True for `in which month`, where one period is asked for, not a row for each."""
    share: bool = False
    by_share: bool = False
    """True for `what share of the orders is late`, where nothing is counted besides."""
    share_of: list[Filter] | None = None
    top_share: bool = False
    compare: bool = False
    listed: bool = False
    chart: bool = False
    head: str = ""
    role: str = ""
    """Date role that was named for all dates: `by due date`."""
    aggregates: list[Aggregate] = field(default_factory=list)
    """Aggregates without a field of their own: `and the median`."""
    size: str = ""
    """`most` or `least`, where the biggest of something is asked for without saying in what."""
    periods: list[tuple[Period, str, str]] = field(default_factory=list)
    """Period, entity and role (both empty for the default)."""
    used: set[int] = field(default_factory=set)
    """Positions of the words that it explains."""
    penalty: float = 0.0

    def name(self) -> str:
        """A fresh measure name."""
        return f"m{len(self.measures) + 1}"

    def show_also(self, path: str) -> None:
        """Shows a field, unless it is shown already."""
        if path not in self.show:
            self.show.append(path)

    @property
    def grouped(self) -> bool:
        """True where the answer's rows are groups of records: by a dimension, or by another head noun."""
        return bool(self.by) or (bool(self.head) and self.head != self.entity)


def replace_measure(measure: Measure, **changes: object) -> Measure:
    """A copy of a measure with other values."""
    return Measure.model_validate({**measure.model_dump(), **changes})
