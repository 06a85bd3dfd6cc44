"""The pieces of a question as they are read about one kind of record."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from agents.models.embedded.periods import Period
from tools.metrics.query import Aggregate, Filter, Grain, Operator

Mark = Literal[
    "count", "sum", "share", "per", "each", "aggregate", "top", "first", "not", "only", "or", "and", "comma",
    "break", "versus", "change", "verb", "missing", "of", "with", "ask", "exclude", "sort", "until", "since",
    "last", "minus", "days", "then", "rates", "when",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """The records themselves: `orders`."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What the records refer to: their material, their supplier."""

    entity: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field of the records, or of what they refer to."""

    path: str
    kind: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric of the records."""

    metric: str


@dataclass(frozen=True, slots=True)
class Test:
    """A condition on the records, or on what they refer to."""

    filter: Filter
    field: str = ""
    """Path that it tests, where it is the value of one."""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Role:
    """Which of the records' dates is meant: `due`."""

    role: str
    field: str


@dataclass(frozen=True, slots=True)
class Related:
    """Records of another kind that refer to these: the repairs of a machine."""

    entity: str
    where: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """Groups of which a figure is above nothing: `where we overspent`."""

    metric: str


@dataclass(frozen=True, slots=True)
class Qualifier:
    """Says which of several like fields is meant in the whole question: `unrestricted stock only`."""

    instead: tuple[tuple[str, str], ...] = ()
    """Paths and conditions as they are called, each with the one that is meant."""


Meaning: TypeAlias = Record | Thing | Attribute | Figure | Test | Role | Related | Held | Qualifier


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the question with what it can mean, or a marker that says how others hang together."""

    first: int
    after: int
    meanings: tuple[Meaning, ...] = ()
    mark: Mark | None = None
    period: Period | None = None
    grain: Grain | None = None
    number: Decimal | None = None
    op: Operator | None = None
    unit: str = ""
    aggregate: Aggregate | None = None
    up: bool = True
    """False for the lowest, the earliest, the fewest."""
    strange: bool = False
    """True for a word that means nothing here."""

    def all(self, *kinds: type[Meaning]) -> list[Meaning]:
        """Meanings of some kinds."""
        return [meaning for meaning in self.meanings if isinstance(meaning, kinds)]
