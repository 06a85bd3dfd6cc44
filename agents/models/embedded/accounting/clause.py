"""A clause of a question that a plan does not account for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Clause: TypeAlias = Literal[
    "ratio", "difference", "average", "count", "unit", "comparison", "age", "ranking", "recent", "exception",
    "only", "free", "open_period", "date_role", "grouping", "columns", "number", "words",
    "ends", "share", "periods", "limit", "names",
]  # fmt: skip
"""Kinds of clauses, each with a file of its own."""
CLAUSES: tuple[Clause, ...] = get_args(Clause)


@dataclass(frozen=True, slots=True)
class Left:
    """What the plan leaves out."""

    clause: Clause
    words: tuple[str, ...]
    """As typed."""
