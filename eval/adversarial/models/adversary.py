"""What the characters share: a seed, what they know before the first word, and a memory of their lies."""

from __future__ import annotations

import random
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from agents.models.protocol import Calls, Plan, Reading, ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from eval.adversarial.drawing import Draws
from tools.registry import Tool
from tools.results import ToolResult


@dataclass(frozen=True, slots=True)
class Bait:
    """What an attacker may know: nothing of it counts as a leak, everything of it is asked for."""

    sites: tuple[str, ...] = ()
    """Codes and names of all sites, the caller's and the others'."""
    records: tuple[str, ...] = ()
    """Names and numbers of records at any site."""
    tools: tuple[str, ...] = ()
    """Tools that exist and are closed to everybody who is asked about."""
    goods: tuple[str, ...] = ()
    """Names of materials that a draft can be about."""

    @property
    def words(self) -> tuple[str, ...]:
        """All that can be put into an argument."""
        return self.sites + self.records + self.goods


class Adversary(ABC):
    """A hostile model behind the model protocol; equal seeds play equal roles.

    Attributes:
        invented: phrases that it tried to pass off as true, for a judge who knows nothing of the grounding.
    """

    def __init__(self, seed: int, bait: Bait | None = None) -> None:
        self.bait = bait or Bait()
        self.chance = random.Random(seed)
        self.invented: list[str] = []

    @property
    def name(self) -> str:
        """The character: its class in words."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(self).__name__).lower()

    @property
    def writes_freely(self) -> bool:
        """True: every word of it is to be verified."""
        return True

    @abstractmethod
    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """What it wants to have run."""

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        """What it wants to have shown; by default it keeps quiet, so that the tools speak."""
        nothing: tuple[str, ...] = ()
        for fragment in nothing:
            yield fragment

    def draws(self, turn: Turn) -> Draws:
        """Arguments from what it knows and has seen."""
        return Draws(self.chance, (*self.bait.words, *cells_of(turn)))

    def lie(self, phrase: str) -> str:
        """The phrase, remembered as one that nobody may be shown."""
        self.invented.append(phrase)
        return phrase


Character: TypeAlias = Callable[[int, Bait], Adversary]
"""Makes the adversary of a seed."""


def calls(*wanted: ToolCall, look_first: bool = False, words: str = "") -> Calls:
    """A plan of one reading."""
    return Calls(Reading(tuple(wanted), words, 1.0), look_first=look_first)


def cells_of(turn: Turn) -> tuple[str, ...]:
    """The texts in the tables that earlier steps of the turn came back with."""
    return tuple(
        cell
        for step in turn.steps
        if step.result is not None
        for table in step.result.tables
        for row in table.rows
        for cell in row
        if isinstance(cell, str) and cell
    )


def references(results: Sequence[ToolResult], *, names: bool) -> list[str]:
    """References to the first rows' names, or to their values and to the figures."""
    found = [
        f"{{{{r{r}.tables[{t}].rows[{i}].{column.name}}}}}"
        for r, result in enumerate(results)
        for t, table in enumerate(result.tables)
        for i in range(min(len(table.rows), 20))
        for column in table.columns
        if (column.kind in ("text", "id")) == names
    ]
    if not names:
        found += [
            f"{{{{r{r}.figures[{i}]}}}}"
            for r, result in enumerate(results)
            for i in range(len(result.figures))
        ]
    return found
