"""What a tool returns: typed tables and figures, each with the evidence it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from pydantic import BaseModel

from policies.drafts.proposal import Draft

Cell: TypeAlias = Decimal | int | str | bool | date | datetime | None

ColumnKind = Literal[
    "id", "text", "quantity", "count", "money", "percent", "ratio", "days", "date", "flag", "rate", "quote"
]
"""A `quote` is text from outside, shown as such: no model reads it and nothing is done because of it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a result table."""

    name: str
    """Stable machine name, unique in its table."""
    label: str
    """Heading a person reads."""
    kind: ColumnKind
    unit: str = ""
    """Unit or ISO currency of every cell: `USD`, `pcs`, `%`, `days`; empty for text and plain counts."""
    good: Literal["up", "down", "none"] = "none"
    """Which direction is good, for wording and colour."""
    adds_up: bool = False
    """True where values of several rows may be added: sums and counts, never rates, averages and prices."""
    words: str = ""
    """What its texts are where they are words of ours, as `status`: people read those in their language."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of typed cells; every row has one cell per column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    truncated: bool = False
    """True when more rows existed than were returned; the rendering says so."""
    total_rows: int | None = None
    """Number of rows before a limit was applied, where known."""
    restates: bool = False
    """True where it holds the figures of the table before it in another form; a screen shows only it."""
    shows: Literal["", "series", "ranking", "bridge", "gantt"] = ""
    """What its rows come to where a chart says more than they do: a series over time, groups in order, the
    steps of a bridge, which add up, or the bars of a plan."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its unit, as shown; `value` is rounded for display only by the renderer."""

    label: str
    value: Decimal
    unit: str
    kind: ColumnKind
    evidence: str
    """Id of the `Evidence` it rests on."""


@dataclass(frozen=True, slots=True)
class SourceShare:
    """How many source rows of one system and record an answer rests on."""

    system: str
    record: str
    rows: int | None = None
    sample_keys: tuple[str, ...] = ()
    """A few source keys, for a click-through."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a result comes from and how old it is."""

    id: str
    tool: str
    version: str
    """Version of the tool, or catalogue hash and metric versions for a metric query."""
    arguments: str
    """The validated arguments as canonical JSON."""
    sources: tuple[SourceShare, ...]
    data_as_of: datetime | None
    """Business time up to which the data reaches."""
    loaded_at: datetime | None
    """When the rows were last loaded."""
    query: str = ""
    """The SQL that ran, with its parameters as literals for reading, or the engine's name and version."""
    flags: tuple[str, ...] = ()
    """Data-quality remarks that apply, each a sentence."""


@dataclass(frozen=True, slots=True)
class SiteBasis:
    """What one site's figures rest on: the year of its standard costs, the kind of its periods."""

    site: str
    basis: str


@dataclass(frozen=True, slots=True)
class NotComparable:
    """A metric whose figures at several sites cannot be set against each other."""

    metric: str
    rule: str
    """Name of the rule that they break: `cost_year`."""
    reason: str
    """`standard costs are of different years: 2026 at Kassel and 2025 at Lyon`."""
    sites: tuple[SiteBasis, ...]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft that a tool made and nobody has proposed yet."""

    draft: Draft
    business_date: date
    """The site's today, for periods and blackouts."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A tool's whole answer: what was computed in words, the tables and figures, caveats, and evidence."""

    tool: str
    reading: str
    """What was computed, in words made from the arguments: `Scrapped quantity, by scrap reason, top 5`."""
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]
    evidence: tuple[Evidence, ...]
    sentence: str = ""
    """The tool's own rendering: one to three sentences with references such as `{{figures[0]}}` or
    `{{tables[0].rows[0].name}}` in place of every number; the renderer puts in the values."""
    caveats: tuple[str, ...] = ()
    """What a careful colleague would add: rows left out, currency, comparability, age."""
    not_comparable: tuple[NotComparable, ...] = ()
    """Where figures of several sites cannot be set against each other; they are not ranked then."""
    suggestions: tuple[str, ...] = field(default=())
    """Runnable follow-up questions."""
    drafted: Drafted | None = None
    """What a tool of effect DRAFT made; None of every other."""
    publishes: BaseModel | None = None
    """Arguments of an explanation that another person is to publish; None of every other result."""
    supposed: tuple[str, ...] = ()
    """What was supposed, each in words, where figures are of a world that is not: `demand rises by 10 %`."""
