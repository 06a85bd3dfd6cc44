"""Hands a draft in: what a tool drafted becomes a proposal that waits for a person, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from langgraph.runtime import Runtime

from agents.context import TurnContext
from agents.desk import ProposedDraft, answered
from agents.events import Progress
from agents.state import TurnState
from erp_adapters.errors import ConfirmationInvalid, CopilotError, Denied, SwitchedOff
from policies.drafts.proposal import Digest
from tools.languages import said
from tools.languages.reasons import in_words
from tools.results import Drafted
from tools.variance.tool import ExplainVariance


async def propose(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Go on to write about the draft, or to the end with the reason why there is none."""
    turn = runtime.context
    work = turn.work
    explained = next((result.publishes for result in work.results if result.publishes is not None), None)
    if isinstance(explained, ExplainVariance) and turn.keep:
        return await _to_publish(turn, explained)
    drafted = [result.drafted for result in work.results if result.drafted is not None]
    if not drafted or turn.desk is None or not turn.keep:
        return {"next": "compose"}
    with _handing_in(turn) as went:
        if len(drafted) > 1:
            turn.stop("cannot_answer", said("Ask for one draft at a time; none was made."))
            return {"next": "finish"}
        proposed = await _handed_in(turn, drafted[0])
        work.draft = answered(proposed)
        work.waits = None if proposed.is_new else proposed.shown
        if turn.flows is not None:
            await turn.flows.begin(proposed.shown.proposal.series)
        went.well = True
    # What was worked out for a second draft is not what the first one says.
    return {"next": "compose" if went.well and work.waits is None else "finish"}


async def _to_publish(turn: TurnContext, explained: ExplainVariance) -> TurnState:
    """The explanation as a draft that somebody else publishes."""
    if turn.publisher is None:
        turn.stop("cannot_answer", said("Nothing can be published here: explanations are not kept."))
        return {"next": "finish"}
    with _handing_in(turn) as went:
        turn.work.draft = await turn.publisher.draft(turn.caller, explained, turn.language)
        went.well = True
    return {"next": "compose" if went.well else "finish"}


@dataclass
class _Went:
    """How handing in went."""

    well: bool = False


@contextmanager
def _handing_in(turn: TurnContext) -> Iterator[_Went]:
    """Says that it is done and how long it took; what is refused ends the turn with the reason."""
    since = time.perf_counter()
    turn.emit(Progress("propose", said("Handing the draft in")))
    went = _Went()
    try:
        yield went
    except (Denied, SwitchedOff) as error:
        turn.stop("refused", in_words(error))
    except CopilotError as error:
        turn.stop("cannot_answer", in_words(error))
    finally:
        turn.watch.add("tools", since)


async def _handed_in(turn: TurnContext, drafted: Drafted) -> ProposedDraft:
    """A new version of the draft that the turn goes on with; another where it can be changed no more."""
    assert turn.desk is not None
    before = turn.work.amends
    if before is not None:
        try:
            return await turn.desk.edit(
                turn.caller,
                UUID(before.id),
                Digest(before.digest),
                drafted.draft,
                business_date=drafted.business_date,
            )
        except ConfirmationInvalid as error:
            turn.work.caveats.append(
                said(
                    "The draft before is not changed any more ([[reason]]); this is another one.",
                    reason=in_words(error),
                )
            )
    return await turn.desk.propose(turn.caller, drafted.draft, business_date=drafted.business_date)
