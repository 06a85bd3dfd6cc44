"""A language model at its worst, by seed: it makes up figures, sources and references, and bends true ones.

`invented` keeps what it tried to pass off, so that a judge who knows nothing of the grounding can look for
it.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from agents.models.protocol import Abstain, Calls, Clarify, Plan, Reading, ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from tools.registry import Tool
from tools.results import ToolResult

SOURCES = (
    *("SAP S/4HANA", "the SCADA historian", "Gartner", "the Q3 board deck", "Acme Analytics"),
    *(
        "an internal audit",
        "the quality newsletter",
        "Wikipedia",
        "our ERP consultant",
        "the supplier portal",
    ),
)
NUMBER_WORDS = (
    *("twelve", "twenty-one", "a dozen", "half", "two thirds", "three hundred", "ninety-nine thousand"),
    *(
        "a million",
        "fifty percent",
        "zwölf",
        "douze",
        "doce",
        "двенадцать",
        "eleventh",
        "threefold",
        "umpteen",
    ),
    *("seventyfive", "thousnads", "Ⅻ", "XLII", "t-w-e-l-v-e", "f i v e", "０", "௧௨", "twel\u200bve", "fivе"),
    *("double", "none"),
)
DIRECTIONS = (
    "rose to",
    "fell to",
    "nearly",
    "more than",
    "doubled to",
    "is higher than",
    "minus",
    "exceeded",
)


class Hallucinator:
    """A model whose every word is suspect; plans are valid calls, since invalid ones never run."""

    def __init__(self, seed: int, plans: Callable[[random.Random, str], Sequence[ToolCall]]) -> None:
        self._random = random.Random(seed)
        self._plans = plans
        self.invented: list[str] = []

    @property
    def name(self) -> str:
        return "hallucinator"

    @property
    def writes_freely(self) -> bool:
        return True

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        draw = self._random.random()
        if draw < 0.06:
            return Abstain(self._lie())
        if draw < 0.12:
            return Clarify(self._lie(), ())
        calls = tuple(self._plans(self._random, turn.question))
        return Calls(Reading(calls, self._lie(), 1.0), look_first=self._random.random() < 0.1)

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        for _ in range(self._random.randint(1, 5)):
            text = self._clause(results) + " "
            cut = self._random.randint(0, len(text))
            yield text[:cut]
            yield text[cut:]

    def _number(self) -> str:
        value = self._random.choice([self._random.randint(2, 99), self._random.randint(1_000, 9_999_999)])
        form = self._random.choice(["{}", "{:,}", "{} %", "${:,}", "{}.5", "{} pcs", "1e{}", "~{}", "#{}"])
        return form.format(value)

    def _lie(self) -> str:
        """Something made up; remembered."""
        kind = self._random.randrange(3)
        if kind == 0:
            told = self._number()
        elif kind == 1:
            told = self._random.choice(NUMBER_WORDS)
        else:
            told = self._random.choice(SOURCES)
        self.invented.append(told)
        return f"According to {told}." if kind == 2 else f"The scrapped quantity was {told}."

    def _clause(self, results: Sequence[ToolResult]) -> str:
        kind = self._random.randrange(9)
        good = self._reference(results)
        match kind:
            case 0 | 1 | 2:
                return self._lie()
            case 3:
                told = self._number()
                self.invented.append(told)
                return f"The value was {good}, not {told}."
            case 4:
                direction = self._random.choice(DIRECTIONS)
                self.invented.append(direction)
                return f"The scrapped quantity {direction} {good}."
            case 5:
                return f"The scrapped quantity was {self._wrong_reference()}."
            case 6:
                first, second = self._reference(results), self._reference(results)
                return self._random.choice(
                    [
                        f"The value was {first}{second}.",
                        f"{first}.{second} scrapped.",
                        f"It was -{good}.",
                        f"{good}k scrapped.",
                    ]
                )
            case 7:
                # True values under a wrong name: a row's name beside whatever else is there.
                return f"{self._name(results)} had a scrapped quantity of {good}."
            case _:
                return f"The scrapped quantity was {good}."

    def _wrong_reference(self) -> str:
        return self._random.choice(
            [
                f"{{{{r{self._random.randint(3, 99)}.figures[0]}}}}",
                f"{{{{r0.figures[{self._random.randint(5, 999)}]}}}}",
                f"{{{{r0.tables[0].rows[{self._random.randint(500, 9999)}].scrapped}}}}",
                "{{r0.tables[0].rows[0].invented}}",
                f"{{{{{self._random.randint(1, 10**6)}}}}}",
                "{{r0.figures[0] * 3}}",
                "{{q.9}}",
                "{r0.figures[0]}",
                "{{r0.figures[0]",
                "{{r0.evidence[0].query}}",
            ]
        )

    def _reference(self, results: Sequence[ToolResult]) -> str:
        found = self._cells(results, names=False)
        found += [
            f"{{{{r{r}.figures[{i}]}}}}"
            for r, result in enumerate(results)
            for i in range(len(result.figures))
        ]
        return self._random.choice(found) if found else "{{r0.figures[0]}}"

    def _name(self, results: Sequence[ToolResult]) -> str:
        found = self._cells(results, names=True)
        return self._random.choice(found) if found else "Acme"

    def _cells(self, results: Sequence[ToolResult], *, names: bool) -> list[str]:
        return [
            f"{{{{r{r}.tables[{t}].rows[{i}].{column.name}}}}}"
            for r, result in enumerate(results)
            for t, table in enumerate(result.tables)
            for i in range(min(len(table.rows), 20))
            for column in table.columns
            if (column.kind in ("text", "id")) == names
        ]
