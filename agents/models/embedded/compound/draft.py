"""A table in the making: its conditions, its columns, what its rows are."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.models.embedded.compound.pieces import Attribute, Figure, Record, Thing
from agents.models.embedded.periods import Period
from tools.metrics.query import Aggregate, Calculation, Filter, Grouping, Having, Operator


@dataclass(slots=True)
class Column:
    """One thing that is asked for of each row, or of all records together."""

    attribute: Attribute | None = None
    figure: Figure | None = None
    counts: Record | Thing | None = None
    """Counted: the records, or the different things that they refer to."""
    aggregate: Aggregate | None = None
    where: list[Filter] = field(default_factory=list)
    """Conditions of this column alone: `and how many of them late`."""
    share: bool = False
    """In percent of the same without its own conditions."""
    in_percent_of: Attribute | None = None
    partial: bool = False
    """True for `how much of it`, which has a condition of its own."""
    of_total: bool = False
    """In percent of all rows together."""
    up: bool = True
    ranked: bool = False
    """True where rows are ranked by it."""
    clause: int = 0
    beside: bool = False
    """True for a field that is only shown because a condition is about it."""
    apart: bool = False
    """True for an item of a list of columns."""

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two columns the same."""
        return (
            self.attribute,
            self.figure,
            self.counts,
            self.aggregate,
            repr(self.where),
            self.share,
            self.of_total,
            self.in_percent_of,
        )


@dataclass(slots=True)
class Dated:
    """A period with the date that it is about."""

    period: Period
    role: str = ""
    field: str = ""
    clause: int = 0
    column: Column | None = None
    """The only column that it limits."""


@dataclass(slots=True)
class Latest:
    """Of several records the last one."""

    path: str
    """The date that says which."""


@dataclass(slots=True)
class Draft:
    """What was understood so far."""

    entity: str
    where: list[Filter] = field(default_factory=list)
    periods: list[Dated] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    by: list[Grouping] = field(default_factory=list)
    head: Record | Thing | None = None
    head_plural: bool = False
    """True for `which reasons`: several of them are asked for, and not the first alone."""
    listed: bool = False
    limit: int | None = None
    top: str = ""
    """The word of `top 5`, `worst 3`."""
    top_up: bool = True
    first_dated: bool = False
    """True for `soonest first`: the order is one of days."""
    first_up: bool | None = None
    """`oldest first`, where it says no column."""
    order_by: Column | None = None
    latest: Latest | None = None
    of_each: bool = False
    """True for `the largest order of each supplier`: of each group one record, and no figure."""
    calculated: list[Calculation] = field(default_factory=list)
    having: list[tuple[Column, Having]] = field(default_factory=list)
    against: list[tuple[Column, Operator, Column]] = field(default_factory=list)
    """Figures of each group that are held against another of its figures, or what the group's thing has."""
    versus: bool = False
    change: bool = False
    changes_percent: bool = False
    sides: list[Grouping] = field(default_factory=list)
    """Groups that are only there because several names stand side by side."""
    split: list[Filter] = field(default_factory=list)
    """Conditions that stand side by side: `planned and unplanned`."""
    totals: bool = False
    """True where sums are asked for in so many words."""
    strange: list[int] = field(default_factory=list)
    """Positions of words that found no place."""
    doubts: float = 0.0
