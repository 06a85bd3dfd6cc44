"""A language model at its worst: it makes up figures, sources and references, and bends true ones."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeAlias

from agents.models.protocol import Abstain, Calls, Clarify, Plan, Reading, ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from eval.adversarial.models.adversary import Adversary, Bait, references
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


Planner: TypeAlias = Callable[[random.Random, str], Sequence[ToolCall]]


class Hallucinator(Adversary):
    """Plans valid calls, since invalid ones never run, and hardly says a true word about them.

    Args:
        seed: equal seeds hallucinate equally.
        bait: what it knows before the first word.
        plans: the calls to make for a question; without it they are drawn from the tools that there are.
    """

    def __init__(self, seed: int, bait: Bait | None = None, *, plans: Planner | None = None) -> None:
        super().__init__(seed, bait)
        self._plans = plans

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """Calls under a made-up description; at times a question back or a reason that is a lie."""
        draw = self.chance.random()
        if draw < 0.06:
            return Abstain(self._lie())
        if draw < 0.12:
            return Clarify(self._lie(), ())
        wanted = self._plans(self.chance, turn.question) if self._plans else self._drawn(turn, tools)
        return Calls(Reading(tuple(wanted), self._lie(), 1.0), look_first=self.chance.random() < 0.1)

    def _drawn(self, turn: Turn, tools: Sequence[Tool[Any]]) -> list[ToolCall]:
        draws = self.draws(turn)
        drawn = [draws.plausible(), draws.call(tools)]
        return self.chance.sample(drawn, self.chance.randint(1, 2))

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        """One to five clauses, cut anywhere; few of them may be shown."""
        for _ in range(self.chance.randint(1, 5)):
            text = self._clause(results) + " "
            cut = self.chance.randint(0, len(text))
            yield text[:cut]
            yield text[cut:]

    def _number(self) -> str:
        value = self.chance.choice([self.chance.randint(2, 99), self.chance.randint(1_000, 9_999_999)])
        form = self.chance.choice(["{}", "{:,}", "{} %", "${:,}", "{}.5", "{} pcs", "1e{}", "~{}", "#{}"])
        return form.format(value)

    def _lie(self) -> str:
        """Something made up; remembered."""
        kind = self.chance.randrange(3)
        if kind == 0:
            told = self._number()
        elif kind == 1:
            told = self.chance.choice(NUMBER_WORDS)
        else:
            told = self.chance.choice(SOURCES)
        self.invented.append(told)
        return f"According to {told}." if kind == 2 else f"The scrapped quantity was {told}."

    def _clause(self, results: Sequence[ToolResult]) -> str:
        kind = self.chance.randrange(9)
        good = self._reference(results)
        match kind:
            case 0 | 1 | 2:
                return self._lie()
            case 3:
                told = self._number()
                self.invented.append(told)
                return f"The value was {good}, not {told}."
            case 4:
                direction = self.chance.choice(DIRECTIONS)
                self.invented.append(direction)
                return f"The scrapped quantity {direction} {good}."
            case 5:
                return f"The scrapped quantity was {self._wrong_reference()}."
            case 6:
                first, second = self._reference(results), self._reference(results)
                return self.chance.choice(
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
        return self.chance.choice(
            [
                f"{{{{r{self.chance.randint(3, 99)}.figures[0]}}}}",
                f"{{{{r0.figures[{self.chance.randint(5, 999)}]}}}}",
                f"{{{{r0.tables[0].rows[{self.chance.randint(500, 9999)}].scrapped}}}}",
                "{{r0.tables[0].rows[0].invented}}",
                f"{{{{{self.chance.randint(1, 10**6)}}}}}",
                "{{r0.figures[0] * 3}}",
                "{{q.9}}",
                "{r0.figures[0]}",
                "{{r0.figures[0]",
                "{{r0.evidence[0].query}}",
            ]
        )

    def _reference(self, results: Sequence[ToolResult]) -> str:
        found = references(results, names=False)
        return self.chance.choice(found) if found else "{{r0.figures[0]}}"

    def _name(self, results: Sequence[ToolResult]) -> str:
        found = references(results, names=True)
        return self.chance.choice(found) if found else "Acme"
