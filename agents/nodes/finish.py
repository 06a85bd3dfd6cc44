"""Puts the answer together and keeps it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC

from langgraph.runtime import Runtime

from agents.answer import Alternative, Answer, AnswerDraft, AnswerTable, Timings, ToolCallRecord
from agents.auditing import ready_events
from agents.charts import answer_charts, nothing_to_draw
from agents.context import TurnContext
from agents.conversations import StoredAnswer, readings_of, stored
from agents.events import Clause
from agents.models.protocol import Reading
from agents.nodes.run_tools import run
from agents.publishing import EXPLANATION
from agents.rendering import (
    answer_not_comparable,
    answer_parts,
    askable,
    data_caveats,
    escaped,
    evidence_ids,
    in_prose,
    visible,
)
from agents.state import TurnState
from erp_adapters.errors import CopilotError
from tools.charts import ChartSpec
from tools.drafting.listing import STATES
from tools.languages import counted, said
from tools.languages.forms import day_text, joined
from tools.results import ToolResult

_NOT_KEPT = "This answer could not be kept, so it cannot be replayed or followed up: [[error]]."
_QUESTION_SHOWN = 200
_ROLES = {
    "planner": "a planner",
    "buyer": "a buyer",
    "controller": "a controller",
    "inventory": "somebody of inventory",
    "production": "somebody of production",
    "quality": "somebody of quality",
    "steward": "a data steward",
    "plant_manager": "a plant manager",
    "admin": "an administrator",
}
"""Who may confirm, as people say it."""


async def finish(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """The turn's answer, kept under its id."""
    turn = runtime.context
    work = turn.work
    alternatives = await _alternatives(turn)
    work.answer = _answer(turn, alternatives)
    if work.opened and turn.keep:
        try:
            await _keep(turn, work.answer)
        except CopilotError as error:
            caveat = said(_NOT_KEPT, error=error)
            work.answer = work.answer.model_copy(update={"caveats": (*work.answer.caveats, caveat)})
    return {"status": work.status}


async def _keep(turn: TurnContext, answer: Answer) -> None:
    """Have the conversation keep an answer, where it can be in one transaction with what is on record."""
    work = turn.work
    calls = stored(work.asked) if work.status == "answered" else ()
    kept = StoredAnswer(answer, calls, readings_of(work.offered), work.text_of(answer))
    if turn.keeping is not None:
        done = await turn.keeping.keep(turn.caller, kept, ready_events(turn, answer))
        work.is_kept, work.is_on_record = done.answer, done.events
    if not work.is_kept:
        await turn.conversations.save(turn.caller, kept)
        work.is_kept = True


def _answer(turn: TurnContext, alternatives: Sequence[Alternative]) -> Answer:
    work = turn.work
    results = work.shown
    tables, figures, evidence = work.parts()
    charts = _charts(turn, results, tables)
    spent = turn.watch.spent
    tools = {tool.name for tool in turn.tools}
    return Answer(
        id=turn.answer_id,
        status=work.status,
        # A refused text may be anything; it is not repeated whole.
        question=turn.question if work.opened else visible(turn.question[:_QUESTION_SHOWN]),
        reading=_reading(turn, results),
        answer=" ".join([*work.clauses, *_of_draft(turn)]),
        alternatives=tuple(alternatives),
        tables=tables,
        figures=figures,
        caveats=tuple(dict.fromkeys([*map(in_prose, work.caveats), *data_caveats(results)])),
        not_comparable=answer_not_comparable(results),
        charts=charts,
        evidence=evidence,
        suggestions=tuple(
            dict.fromkeys(visible(s) for result in results for s in result.suggestions if askable(s))
        )[:5],
        tool_calls=tuple(
            ToolCallRecord(name=step.call.name, arguments=escaped(step.call.arguments.model_dump_json()))
            for step in work.steps
            if step.call.name in tools
        ),
        model=turn.model.name,
        language=turn.language,
        usage=turn.usage,
        draft=work.draft if work.status == "answered" else None,
        hypothetical=tuple(dict.fromkeys(in_prose(one) for result in results for one in result.supposed)),
        conversation=turn.conversation,
        timings=Timings(
            plan_ms=round(spent.get("plan", 0.0), 1),
            tools_ms=round(spent.get("tools", 0.0), 1),
            compose_ms=round(spent.get("compose", 0.0), 1),
            total_ms=round(turn.watch.total(), 1),
        ),
    )


def _of_draft(turn: TurnContext) -> list[str]:
    """What a draft means for the reader: it waits, and for whom."""
    draft = turn.work.draft
    if draft is None or turn.work.status != "answered":
        return []
    roles = joined([said(_ROLES.get(role, role)) for role in draft.may_confirm], "or")
    roles = roles or said("nobody at this site may")
    if draft.kind == EXPLANATION:
        return _told(turn, [_to_publish(draft, roles)])
    found = []
    if turn.work.waits is not None:
        proposal = turn.work.waits.proposal
        made = proposal.created_at.astimezone(UTC)
        found.append(
            said(
                "A draft for the same need is there already ([[state]]): [[id]], of [[day]], [[time]] UTC,"
                " from [[requester]]. No second one was made: decide about that one, or change it.",
                state=said(STATES.get(draft.state, draft.state)),
                id=draft.id,
                day=day_text(made.date()),
                time=f"{made:%H:%M}",
                requester=visible(proposal.requester, 60),
            )
        )
    found.append(
        counted(
            draft.signatures,
            "Nothing is written before a person confirms it: [[roles]].",
            "Nothing is written before [[number]] persons confirm it: [[roles]].",
            roles=roles,
        )
    )
    if draft.requester_may:
        found.append(said("You may confirm it yourself."))
    return _told(turn, found)


def _to_publish(draft: AnswerDraft, roles: str) -> str:
    text = (
        "It is drafted as version [[version]]; nothing is published before another person does it: [[roles]]."
        if draft.is_new
        else "It is drafted already, as version [[version]]; another person publishes it: [[roles]]."
    )
    return said(text, version=draft.version, roles=roles)


def _told(turn: TurnContext, found: Sequence[str]) -> list[str]:
    text = [in_prose(one) for one in found]
    for one in text:
        turn.emit(Clause(one))
    return text


def _charts(
    turn: TurnContext, results: Sequence[ToolResult], tables: Sequence[AnswerTable]
) -> tuple[ChartSpec, ...]:
    """What is drawn; where a chart was asked for and there is none, a caveat says so."""
    work = turn.work
    wish = turn.wish.over(work.proposed) if turn.wish else work.proposed
    found = answer_charts(
        results, tables, evidence_ids(results), wish, work.charts, told=turn.wish is not None
    )
    if turn.wish is not None and work.status == "answered" and not found:
        work.caveats.append(nothing_to_draw(tables))
    return found


def _reading(turn: TurnContext, results: Sequence[ToolResult]) -> str:
    read = "; ".join(dict.fromkeys(in_prose(result.reading) for result in results if result.reading))
    read = read or in_prose(turn.work.words)
    if not read or not turn.taken:
        return read
    return said("[[reading]]; as the page shows: [[things]]", reading=read, things=", ".join(turn.taken))


async def _alternatives(turn: TurnContext) -> list[Alternative]:
    offered = readings_of(turn.work.offered)
    plain = [Alternative(key=reading.key, reading=in_prose(reading.words)) for reading in offered]
    if not turn.with_alternatives:
        return plain
    since = time.perf_counter()
    filled = []
    for alternative, reading in zip(plain, turn.work.offered, strict=True):
        limit = turn.in_time()
        try:
            async with limit:
                alternative = await _filled(turn, alternative, reading)
        except TimeoutError:
            if not limit.expired():
                raise
        filled.append(alternative)
    turn.watch.add("tools", since)
    return filled


async def _filled(turn: TurnContext, alternative: Alternative, reading: Reading) -> Alternative:
    """The alternative with its results; without them where one of its calls fails."""
    ran = await run(turn, reading.calls)
    results = [one.result for one in ran if one.result is not None]
    if len(results) < len(ran):
        return alternative
    tables, figures, _ = answer_parts(results)
    return alternative.model_copy(update={"tables": tables, "figures": figures})
