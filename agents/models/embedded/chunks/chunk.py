"""A chunk, and the kinds of markers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from agents.models.embedded.lexicon import Meaning
from agents.models.embedded.periods import Period
from tools.metrics.query import Aggregate, Grain, Operator

MarkerKind = Literal[
    "count", "list", "by", "each", "limit", "most", "least", "aggregate", "share", "compare", "grain", "not",
    "and", "comma", "total", "versus", "with", "period", "chart", "worse", "only", "other", "excluded",
    "sorted", "sorted_up", "than", "never", "per", "who", "ever", "or", "among", "same",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of the question: a phrase with meanings, or a marker."""

    first: int
    after: int
    meanings: tuple[Meaning, ...] = ()
    marker: MarkerKind | None = None
    unit: str = ""
    """`days`, `percent`, `pieces` or `money`, where a compared number names it; a grain's date role."""
    number: Decimal | None = None
    op: Operator = "="
    aggregate: Aggregate = "sum"
    grain: Grain | None = None
    period: Period | None = None
    weight: int = 1
