"""How a question ended: right, wrong, or held back; and whether the right answer is a click away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agents.answer import Answer, AnswerFigure, AnswerTable
from eval.cases import AbstainsCheck, AsksBackCheck, Case
from eval.comparison import is_number, matches
from eval.golden import Golden
from eval.respondents import Reply


class Outcome(StrEnum):
    """How a question ended; each has exactly one."""

    RIGHT = "right"
    DECLINED_RIGHTLY = "rightly declined"
    """The data cannot answer it, and no figure was shown as its answer."""
    WRONG = "wrong"
    """Something was answered that is not what was expected."""
    HELD_BACK = "held back"
    """Asked back or declined where there was an answer."""
    FAILED = "failed"
    """No answer came back."""
    UNJUDGED = "not judged"
    """The case checks other things than figures."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of a question."""

    outcome: Outcome
    within_click: bool
    """Right at once, or one of the offered readings is."""

    @property
    def is_right(self) -> bool:
        """True where nothing could have been better."""
        return self.outcome in (Outcome.RIGHT, Outcome.DECLINED_RIGHTLY)


def verdict(case: Case, golden: Golden | None, reply: Reply) -> Verdict:
    """How the question of a case ended.

    Args:
        case: its values, asks_back or abstains check decides.
        golden: what that check's statement gives; None for abstains.
        reply: what came back.
    """
    if reply.answer is None:
        return Verdict(Outcome.FAILED, False)
    check, answer = case.verdict, reply.answer
    answered = answer.status == "answered"
    if check is None:
        return Verdict(Outcome.UNJUDGED, False)
    if isinstance(check, AbstainsCheck):
        return Verdict(Outcome.WRONG if answered else Outcome.DECLINED_RIGHTLY, not answered)
    assert golden is not None
    if answered and _holds(golden, check.tolerance, answer.tables, answer.figures):
        return Verdict(Outcome.RIGHT, True)
    click = _is_offered(golden, check.tolerance, answer)
    if click and isinstance(check, AsksBackCheck) and answer.status == "clarify":
        return Verdict(Outcome.RIGHT, True)
    return Verdict(Outcome.WRONG if answered else Outcome.HELD_BACK, click)


def _is_offered(golden: Golden, tolerance: float, answer: Answer) -> bool:
    return any(
        _holds(golden, tolerance, offered.tables, offered.figures or ())
        for offered in answer.alternatives
        if offered.tables is not None
    )


def _holds(
    golden: Golden, tolerance: float, tables: Sequence[AnswerTable], figures: Sequence[AnswerFigure]
) -> bool:
    # A currency or a unit is said with the figures, wherever a statement has it as a column of its own.
    measured = any(is_number(cell) for row in golden.rows for cell in row)
    rows = [
        [
            (*map(_with_percent, row, table.units), *_units(table.units if measured else ()))
            for row in table.rows
        ]
        for table in tables
    ]
    values = [_with_percent(figure.value, figure.unit) for figure in figures]
    values += _units([figure.unit for figure in figures if measured])
    headings = [table.columns for table in tables]
    return matches(rows, values, golden.rows, tolerance, golden.columns, headings)


def _with_percent(cell: str | bool | None, unit: str) -> str | bool | None:
    return f"{cell} %" if unit == "%" and isinstance(cell, str) else cell


def _units(units: Sequence[str]) -> list[str]:
    return [unit for unit in dict.fromkeys(units) if unit]
