"""Whether a question asks for a draft, by its own words and those before it: no model has a say in that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from agents.answer import AnswerDraft
from agents.models.embedded.drafting_amounts import amounts_in
from agents.models.embedded.drafting_days import days_in, says_latest, without_days
from agents.models.embedded.drafting_wish import changes
from agents.models.embedded.drafting_words import DraftKind, asked_kind, is_question
from agents.models.embedded.redating_reader import redating_wanted
from agents.models.embedded.replanning_draft import moves_wanted, way_said
from agents.models.embedded.taking_back import taking_back_wanted
from agents.models.protocol import PastTurn, ToolCall, Turn
from agents.models.said import Said
from agents.publishing import EXPLANATION
from tools.drafting.cancellation import DraftCancellation
from tools.drafting.redating import DraftRedating
from tools.languages import said
from tools.replanning.arguments import Replan
from tools.replanning.drafting import DraftReplanning


def drafting(question: str, past: Sequence[PastTurn]) -> tuple[DraftKind | None, AnswerDraft | None]:
    """The kind of draft that is asked for, and the draft that the question changes; none of either for
    everything else."""
    kind = asked_kind(question)
    if kind is not None:
        return kind, None
    if taking_back_wanted(question, past) is not None:
        return "cancellation", None
    if redating_wanted(question):
        return "redating", None
    if moves_wanted(question, past) is not None:
        return "moves", None
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
        if turn.draft is not None and turn.draft.kind == EXPLANATION:
            break
        before = before or turn.draft
        kind = asked_kind(turn.question)
        if kind is not None:
            return kind, before
        if turn.draft is None and not turn.asked_back:
            break
    return None, None


def unsaid(call: ToolCall, turn: Turn, today: date) -> str:
    """Why a draft that a language model asks for does not rest on what the person said; empty where it does.

    Quantities and days stand in the conversation exactly, and names with a telling word of theirs: a draft
    holds nothing that a model came up with.
    """
    heard = [turn.question, *(past.question for past in turn.past)]
    if isinstance(call.arguments, DraftReplanning):
        return _unsaid_of_moves(call.arguments, turn, heard, today)
    if isinstance(call.arguments, DraftRedating):
        return _unsaid_of_redating(call.arguments, turn, heard, today)
    if isinstance(call.arguments, DraftCancellation):
        return _unsaid_of_taking_back(call.arguments, turn, heard)
    before = [
        getattr(done.arguments, name, None) for past in turn.past for done in past.calls for name in _EXACT
    ]
    bare = [without_days(text, today, turn.language) for text in heard]
    amounts = {value for text in bare for value in amounts_in(text, turn.language)}
    days = {day for text in heard for day in days_in(text, today, turn.language)}
    # What a model has looked up was said by nobody.
    known = Said(replace(turn, steps=()), today)
    for name in type(call.arguments).model_fields:
        value = getattr(call.arguments, name)
        match value:
            case None if name == "quantity":
                # What was said of an amount is not left out either: without one a hold takes all there is.
                left_out = _unheeded(call, amounts)
                if left_out:
                    return said("[[amount]] was said, and the draft leaves it out", amount=left_out[0])
                continue
            case None:
                continue
            case bool():
                fine = not value or any(map(says_latest, heard))
            case Decimal():
                fine = value in amounts or value in before
            case date():
                fine = value in days or value in before
            case str():
                fine = known.mentions(value.removeprefix("id:").removeprefix("code:").removeprefix("name:"))
            case _:
                fine = False
        if not fine:
            return said(_UNSAID, part=name, value=value)
    return ""


def _unsaid_of_moves(arguments: DraftReplanning, turn: Turn, heard: Sequence[str], today: date) -> str:
    """The same for moves: a disturbance is one that was looked up, a single order and its day were said."""
    if arguments.way is not None and arguments.way not in map(way_said, heard):
        return said(_UNSAID, part="way", value=arguments.way)
    if arguments.follows is not None:
        known = {past.draft.id for past in turn.past if past.draft is not None}
        fine = arguments.follows in known or any(arguments.follows in text for text in heard)
        return "" if fine else said(_UNSAID, part="follows", value=arguments.follows)
    looked_up = [one.arguments for past in turn.past for one in past.calls]
    if any(isinstance(one, Replan) and one == arguments.replan() for one in looked_up):
        return ""
    days = {day for text in heard for day in days_in(text, today, turn.language)}
    numbers = {number for text in heard for number in re.findall(r"\w+", text)}
    if arguments.kind == "move" and arguments.about in numbers and arguments.until in days:
        return ""
    return said(_UNSAID, part="kind", value=arguments.kind)


def _unsaid_of_redating(arguments: DraftRedating, turn: Turn, heard: Sequence[str], today: date) -> str:
    """The same for another day of a line: order, line and days were said, and the reason in these words."""
    days = {day for text in heard for day in days_in(text, today, turn.language)}
    words = {word for text in heard for word in re.findall(r"[\w-]+", text)}
    for part, value, known in (
        ("order", arguments.order, words),
        ("line", arguments.line, words),
        ("needed_on", arguments.needed_on, days),
        ("due_now", arguments.due_now, days),
    ):
        if value is not None and value not in known:
            return said(_UNSAID, part=part, value=value)
    if arguments.reason is not None and not any(arguments.reason in text for text in heard):
        return said(_UNSAID, part="reason", value=arguments.reason)
    return ""


def _unsaid_of_taking_back(arguments: DraftCancellation, turn: Turn, heard: Sequence[str]) -> str:
    """The same for taking back: the document's number was said, or its draft spoken of; so was the reason."""
    known = {past.draft.id for past in turn.past if past.draft is not None}
    words = {word for text in heard for word in re.findall(r"[\w/-]+", text)}
    if arguments.document not in known | words:
        return said(_UNSAID, part="document", value=arguments.document)
    if arguments.reason is not None and not any(arguments.reason in text for text in heard):
        return said(_UNSAID, part="reason", value=arguments.reason)
    return ""


_UNSAID = "[[part]] [[value]] was not said; a draft holds only what was"
_EXACT = ("quantity", "needed_on")


def _unheeded(call: ToolCall, amounts: Iterable[Decimal]) -> list[Decimal]:
    """Amounts that stand in no part of the call: neither in a number of a batch nor in a name."""
    texts = [getattr(call.arguments, name) for name in type(call.arguments).model_fields]
    named = {word for text in texts if isinstance(text, str) for word in re.findall(r"\d+", text)}
    return sorted(amount for amount in amounts if f"{amount:f}" not in named)
