"""Takes a question in: refuses what is no question, and reads what was said before."""

from __future__ import annotations

import unicodedata

from langgraph.runtime import Runtime

from agents.chart_words import AskedChart, asked_chart
from agents.context import TurnContext
from agents.conversations import Opened, past_turns
from agents.drafting import drafting
from agents.models.embedded.languages.detecting import language_of
from agents.models.embedded.publishing_reader import asks_to_publish
from agents.models.embedded.replanning_draft import moves_wanted
from agents.models.protocol import Foreseeing, Reading
from agents.page import completed
from agents.rendering import visible
from agents.state import TurnState
from policies.lettering import deceiving, made_visible
from tools.charts import wish_of
from tools.languages import Language, said, speaking
from tools.languages.forms import numeral
from tools.presenting import several

_NOTHING_BEFORE = (
    "There is no answer before this that could be drawn."
    " Say what the chart is to show, for example scrap by month."
)
_DECEIVING = (
    "The request holds characters that nobody sees or that look like others: [[characters]]."
    " Nothing was drafted; type it again without them."
)
_NAMED = 5
"""Characters that are named at most."""
_UNREADABLE = frozenset({"Cc", "Cs", "Co"})


def unfit(question: str, limit: int) -> str:
    """Why this text is not taken as a question, and what to do about it; empty where it is."""
    if len(question) > limit:
        return said(
            "The question has [[number]] characters; the limit is [[limit]]."
            " Ask in a sentence or two, and leave out pasted tables and files.",
            number=numeral(f"{len(question):,}"),
            limit=numeral(f"{limit:,}"),
        )
    if not any(character.isalnum() for character in question):
        return said(
            "The question is empty. Type what you want to know, for example a stock, an order or a cost."
        )
    bad = next((c for c in question if _unreadable(c)), None)
    if bad is not None:
        return said(
            "The question holds a character that cannot be read (U+[[code]]), as binary data does."
            " Type the question as plain text.",
            code=f"{ord(bad):04X}",
        )
    return ""


def _unreadable(character: str) -> bool:
    # Unassigned code points are let through: they are the letters and emoji of a newer Unicode.
    nothing = ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef" or character == "\ufffd"
    return nothing or (unicodedata.category(character) in _UNREADABLE and character not in "\t\r\n")


def _language(turn: TurnContext, otherwise: Language) -> Language:
    """What the question is asked in; a reading that is given keeps the language of its answer."""
    if turn.given is not None:
        return turn.language
    found = language_of(turn.question[: turn.budget.question_characters], otherwise)
    return found if found in turn.languages else otherwise


def _drawn(turn: TurnContext, asked: AskedChart, opened: Opened) -> bool:
    """Keep what is asked of a chart; False where there is nothing that it could be a chart of."""
    turn.wish, turn.unadorned = turn.wish or asked.wish, asked.rest
    if asked.rest or turn.given is not None:
        return True
    # Nothing but `as bars`: the answer before is computed again and drawn so.
    if asked.language is not None and asked.language in turn.languages:
        turn.language = asked.language
    turn.wish = asked.wish.over(wish_of(turn.work.charts))
    before = opened.past[-1:]
    turns = past_turns(before, turn.registry, turn.caller)
    if turns and turns[0].calls and before[0].answer.status == "answered":
        turn.given = Reading(turns[0].calls, turns[0].words, 1.0)
        return True
    with speaking(turn.language):
        turn.stop("cannot_answer", said(_NOTHING_BEFORE))
    return False


async def admit(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Go on to planning, or straight to the end with the reason."""
    turn = runtime.context
    work = turn.work
    turn.language = _language(turn, turn.language)
    with speaking(turn.language):
        reason = unfit(turn.question, turn.budget.question_characters)
    if reason:
        work.status, work.clauses = "refused", [reason]
        return {"next": "finish"}
    typed = turn.question
    turn.question = visible(typed, turn.budget.question_characters)
    model = turn.model
    foreseen = model.foreseen(turn.caller) if turn.given is None and isinstance(model, Foreseeing) else ()
    opened: Opened = await turn.conversations.open(
        turn.caller, turn.conversation, turn.question, turn.budget.past_turns, foreseen
    )
    turn.look.know(opened.along)
    if opened.past:
        turn.language = _language(turn, opened.past[-1].answer.language)
    if turn.page is not None and turn.given is None:
        with speaking(turn.language):
            async with turn.store.reading(turn.caller) as tx:
                whole = await completed(turn.question, turn.page, tx, goes_on=bool(opened.past))
        turn.question, turn.taken = whole.question, whole.taken
    work.past = past_turns(opened.past, turn.registry, turn.caller)
    work.drafts, work.amends = drafting(turn.question, work.past)
    if work.drafts == "moves" and turn.desk is None and moves_wanted(turn.question, work.past) == "move":
        # Where nothing can be drafted, the wish to move an order is answered by what would become of it.
        work.drafts = None
    work.publishes = work.drafts is None and asks_to_publish(turn.question)
    work.preferred = opened.preferred
    work.opened = True
    if (
        (work.drafts is not None or work.publishes)
        and turn.given is None
        and (characters := deceiving(typed))
    ):
        # What is asked about may be read without them; what is written must be what everybody sees.
        turn.question = made_visible(" ".join(typed.split()))
        with speaking(turn.language):
            turn.stop("refused", said(_DECEIVING, characters=several(characters, _NAMED)))
        return {"next": "finish"}
    work.charts = opened.past[-1].answer.charts if opened.past else ()
    asked = asked_chart(turn.question)
    if asked is not None and not _drawn(turn, asked, opened):
        return {"next": "finish"}
    return {"next": "plan"}
