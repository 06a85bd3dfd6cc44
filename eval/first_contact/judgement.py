"""What a reply is worth: right, wrong, or asked back, and whether the right answer is a click away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agents.answer import Answer, AnswerFigure, AnswerTable
from eval.first_contact.asking import Failed, Reply
from eval.first_contact.comparison import matches
from eval.first_contact.question_sets import Case


class Outcome(StrEnum):
    """How a question ended; each has exactly one."""

    RIGHT = "right"
    DECLINED_RIGHTLY = "rightly declined"
    """The data cannot answer it, and no figure was shown as its answer."""
    WRONG = "wrong"
    """Something was answered that is not what was expected."""
    HELD_BACK = "asked back or declined"
    FAILED = "failed"
    """No answer came back."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with its reply and what that is worth."""

    case: Case
    reply: Reply
    outcome: Outcome
    within_click: bool
    """Right at once, or one of the offered readings is."""

    @property
    def is_right(self) -> bool:
        """True where nothing could have been better."""
        return self.outcome in (Outcome.RIGHT, Outcome.DECLINED_RIGHTLY)


def judged(case: Case, reply: Reply) -> Judged:
    """The reply as it compares with what the case expects."""
    if isinstance(reply, Failed):
        return Judged(case, reply, Outcome.FAILED, False)
    answered = reply.status == "answered"
    if case.answer is None:
        outcome = Outcome.WRONG if answered else Outcome.DECLINED_RIGHTLY
        return Judged(case, reply, outcome, not answered)
    if answered and _holds(case, reply.tables, reply.figures):
        return Judged(case, reply, Outcome.RIGHT, True)
    click = _is_offered(case, reply)
    if click and case.expect == "clarify" and reply.status == "clarify":
        return Judged(case, reply, Outcome.RIGHT, True)
    return Judged(case, reply, Outcome.WRONG if answered else Outcome.HELD_BACK, click)


def _is_offered(case: Case, reply: Answer) -> bool:
    return any(
        _holds(case, offered.tables, offered.figures or ())
        for offered in reply.alternatives
        if offered.tables is not None
    )


def _holds(case: Case, tables: Sequence[AnswerTable], figures: Sequence[AnswerFigure]) -> bool:
    assert case.answer is not None
    rows = [table.rows for table in tables]
    return matches(rows, [figure.value for figure in figures], case.answer.rows, case.tolerance)
