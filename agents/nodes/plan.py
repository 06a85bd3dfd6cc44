"""Asks the model what to run; falls back to the second model where the first one fails."""

from __future__ import annotations

import time

from langgraph.runtime import Runtime

from agents.arguments import checked
from agents.context import TurnContext
from agents.events import Progress
from agents.grounding import Grounding, Verified
from agents.models.protocol import OFFERED, Abstain, Calls, Clarify, ModelProtocol, Plan
from agents.models.reasons import ASKED_BACK, REASONS, is_known
from agents.state import Next, TurnState
from erp_adapters.errors import CopilotError, ModelError
from tools.languages import said


async def plan(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Calls to run, a question back, or the end with the reason."""
    turn = runtime.context
    since = time.perf_counter()
    turn.emit(Progress("plan", said("Reading the question")))
    if turn.work.drafts is not None and turn.desk is None and turn.given is None:
        turn.stop("cannot_answer", said("Nothing can be drafted here: no system takes drafts."))
        return {"next": "finish"}
    if turn.work.publishes and turn.publisher is None and turn.given is None:
        turn.stop("cannot_answer", said("Nothing can be published here: explanations are not kept."))
        return {"next": "finish"}
    limit = turn.in_time()
    try:
        async with limit:
            decided = Calls(turn.given) if turn.given else await _decided(turn)
            if not (isinstance(decided, Calls) and decided.reading.calls and turn.meter.left):
                # Only a tool goes on in what the plan was linked in.
                await turn.look.rest()
    except TimeoutError:
        if not limit.expired():
            raise
        turn.stop("cannot_answer", turn.exceeded("seconds"))
        return {"next": "finish"}
    except CopilotError as error:
        turn.stop("cannot_answer", str(error))
        return {"next": "finish"}
    finally:
        turn.watch.add("plan", since)
    if turn.meter.left == 0:
        turn.stop("cannot_answer", turn.exceeded("tokens"))
        return {"next": "finish"}
    return {"next": _taken(turn, decided), "round": state.get("round", 0) + 1}


async def _decided(turn: TurnContext) -> Plan:
    if turn.work.publishes:
        return await _by_rules(turn)
    try:
        return await _planned(turn, turn.model)
    except ModelError as error:
        fallback = turn.take_fallback(error)
        if fallback is None:
            raise
        return await _planned(turn, fallback)


async def _by_rules(turn: TurnContext) -> Plan:
    """What is to be published, read without any language model, which also writes nothing about it."""
    readers = [model for model in (turn.model, turn.fallback) if model and not model.writes_freely]
    if not readers:
        return Abstain(said("Only a reader by rules takes what is to be published, and none is set up here."))
    plan = await _planned(turn, readers[0])
    if isinstance(plan, Calls):
        turn.given = plan.reading
    return plan


async def _planned(turn: TurnContext, model: ModelProtocol) -> Plan:
    async with turn.look.held() as tx:
        decided = await model.plan(turn.asked(), turn.caller, turn.tools, tx)
    if not model.writes_freely:
        return decided
    return checked(
        decided, turn.question, turn.work.past, turn.work.steps, tools=turn.tools, most=turn.budget.calls
    )


def _taken(turn: TurnContext, decided: Plan) -> Next:
    work = turn.work
    match decided:
        case Clarify():
            work.offered = decided.readings[:OFFERED]
            turn.stop("clarify", _own(turn, decided.question, said(ASKED_BACK["meaning"])))
            return "finish"
        case Abstain():
            work.offered = decided.readings[:OFFERED]
            turn.stop(
                "refused" if decided.refused else "cannot_answer",
                _own(turn, decided.reason, said(REASONS["not_in_data"])),
            )
            return "finish"
        case Calls():
            work.offered = decided.others[:OFFERED]
            work.words = decided.reading.words
            work.plan = decided
            work.proposed = decided.chart or work.proposed
            if decided.reading.calls:
                return "run_tools"
            # A model that has seen what it wanted plans nothing more.
            if work.results:
                return "propose" if turn.has_drafted else "compose"
            turn.stop("cannot_answer", said(REASONS["not_in_data"]))
            return "finish"


def _own(turn: TurnContext, text: str, otherwise: str) -> str:
    """The model's sentence, or ours where a language model brings in what nobody asked about."""
    if not turn.model.writes_freely or is_known(text, turn.question):
        return text
    verdict = Grounding(turn.question, ()).verify(text)
    return verdict.text if isinstance(verdict, Verified) else otherwise
