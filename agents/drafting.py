"""Whether a question asks for a draft, by its own words and those before it: no model has a say in that."""

from __future__ import annotations

from collections.abc import Sequence

from agents.answer import AnswerDraft
from agents.models.embedded.drafting_wish import changes
from agents.models.embedded.drafting_words import DraftKind, asked_kind, is_question
from agents.models.protocol import PastTurn


def drafting(question: str, past: Sequence[PastTurn]) -> tuple[DraftKind | None, AnswerDraft | None]:
    """The kind of draft that is asked for, and the draft that the question changes; none of either for
    everything else."""
    kind = asked_kind(question)
    if kind is not None:
        return kind, None
    if not past or is_question(question):
        return None, None
    kind, before = _conversed(past)
    if kind is None or not (past[-1].asked_back or changes(question)):
        return None, None
    return kind, before


def _conversed(past: Sequence[PastTurn]) -> tuple[DraftKind | None, AnswerDraft | None]:
    """The draft that the last turns were about without a break."""
    before: AnswerDraft | None = None
    for turn in reversed(past):
        before = before or turn.draft
        kind = asked_kind(turn.question)
        if kind is not None:
            return kind, before
        if turn.draft is None and not turn.asked_back:
            break
    return None, None
