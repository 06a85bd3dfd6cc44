"""Stand-ins with a known character, by which the harness proves itself.

Whoever does nothing gets no accuracy case right, the oracle all of them, and each lie is caught by the scorer
that it is meant for. None of them is a model, and none answers anybody but the harness.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Literal

from agents.answer import Alternative, Answer, AnswerEvidence, AnswerFigure, AnswerTable, ToolCallRecord
from eval.cases import AbstainsCheck, AsksBackCheck, CallsCheck, Case
from eval.comparison import Cell
from eval.golden import Golden
from eval.respondents import Reply

Expectation = Callable[[Case], Golden | None]
Lie = Literal["figure", "click", "abstention", "grounding", "text", "calls", "exposure"]
"""What a liar lies about: `figure` for values, `text` for a number that only stands in the prose."""
LIES: tuple[Lie, ...] = ("figure", "click", "abstention", "grounding", "text", "calls", "exposure")

PROOF = AnswerEvidence(
    id="e1",
    tool="oracle",
    version="1",
    arguments="{}",
    sources=(),
    data_as_of=None,
    loaded_at=None,
    query="",
    flags=(),
)


class DoNothing:
    """Answers everything with nothing."""

    name = "does nothing"

    async def reply(self, case: Case) -> Reply:
        """An answer without a word, a table or a figure."""
        return Reply(_answer(case, "answered"))


class Abstainer:
    """Says of everything that it cannot be answered."""

    name = "abstains"

    async def reply(self, case: Case) -> Reply:
        """An abstention."""
        return Reply(_answer(case, "cannot_answer"))


class Oracle:
    """Answers what is expected.

    Args:
        expects: the rows that a case's answer must hold.
    """

    name = "oracle"

    def __init__(self, expects: Expectation) -> None:
        self._expects = expects

    async def reply(self, case: Case) -> Reply:
        """The right answer, with its evidence."""
        return Reply(self.answer(case))

    def answer(self, case: Case) -> Answer:
        """The right answer."""
        golden = self._expects(case)
        calls = tuple(
            ToolCallRecord(name=call.tool, arguments=json.dumps(call.arguments))
            for check in case.checks
            if isinstance(check, CallsCheck)
            for call in check.calls
        )
        match case.verdict:
            case AbstainsCheck() | None:
                return _answer(case, "cannot_answer", tool_calls=calls)
            case AsksBackCheck():
                assert golden is not None
                offered = Alternative(key="1", reading="as expected", tables=(_table(golden),))
                return _answer(case, "clarify", alternatives=(offered,), tool_calls=calls)
            case _:
                assert golden is not None
                return _answer(
                    case, "answered", tables=(_table(golden),), evidence=(PROOF,), tool_calls=calls
                )


class Liar:
    """The oracle, but for one lie in every answer.

    Args:
        expects: the rows that a case's answer must hold.
        lie: what is lied about.
        secret: what the exposing liar lets slip.
    """

    def __init__(self, expects: Expectation, lie: Lie, secret: str = "") -> None:
        self._oracle = Oracle(expects)
        self._lie = lie
        self._secret = secret

    @property
    def name(self) -> str:
        """The lie."""
        return f"lies about its {self._lie}"

    async def reply(self, case: Case) -> Reply:
        """The right answer with the lie in it."""
        return Reply(self._bent(case, self._oracle.answer(case)))

    def _bent(self, case: Case, answer: Answer) -> Answer:
        match self._lie:
            case "figure":
                tables = tuple(_with_rows(table, _wrong) for table in answer.tables)
                return answer.model_copy(update={"tables": tables, "status": "answered"})
            case "click":
                offered = tuple(
                    one.model_copy(update={"tables": tuple(_with_rows(t, _wrong) for t in one.tables or ())})
                    for one in answer.alternatives
                )
                return answer.model_copy(update={"alternatives": offered})
            case "abstention":
                turned = "cannot_answer" if answer.status == "answered" else "answered"
                return answer.model_copy(update={"status": turned, "tables": ()})
            case "grounding":
                figure = AnswerFigure(label="profit", value="77731.5", unit="USD", evidence="e404")
                return answer.model_copy(update={"figures": (figure,)})
            case "text":
                return answer.model_copy(update={"answer": "It comes to 918,273.64 in all."})
            case "calls":
                other = (ToolCallRecord(name="freshness", arguments="{}"),)
                return answer.model_copy(update={"tool_calls": other})
            case "exposure":
                return answer.model_copy(update={"answer": f"By the way: {self._secret}."})


def _answer(case: Case, status: str, **more: object) -> Answer:
    return Answer.model_validate(
        {
            "id": "0",
            "status": status,
            "question": case.ask[-1],
            "reading": "",
            "answer": "",
            "model": "stand-in",
            **more,
        }
    )


def _table(golden: Golden) -> AnswerTable:
    rows = tuple(tuple(_shown(cell) for cell in row) for row in golden.rows)
    return AnswerTable(columns=golden.columns, units=("",) * len(golden.columns), rows=rows)


def _shown(cell: Cell) -> str | bool | None:
    return cell if cell is None or isinstance(cell, bool | str) else str(cell)


def _with_rows(table: AnswerTable, change: Callable[[str | bool | None], str | bool | None]) -> AnswerTable:
    """The table with every cell changed; where it has no rows it gets one."""
    rows = tuple(tuple(map(change, row)) for row in table.rows) or (("1",) * len(table.columns),)
    return table.model_copy(update={"rows": rows})


def _wrong(cell: str | bool | None) -> str | bool | None:
    if isinstance(cell, bool):
        return not cell
    if cell is None:
        return "7"
    try:
        return str(Decimal(cell) * 2 + 1)
    except InvalidOperation:
        return f"not {cell}"
