"""Runs the planned calls side by side, each in one read transaction under the caller's scope."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from langgraph.runtime import Runtime

from agents.arguments import repeats_a_claim, unfounded
from agents.context import Ran, TurnContext
from agents.drafting import unsaid
from agents.events import Progress
from agents.models.protocol import Calls, Step, ToolCall
from agents.state import Next, TurnState
from erp_adapters.errors import CopilotError, StoreUnavailable
from erp_adapters.store.session import ReadTransaction
from erp_adapters.tracing import span
from tools.errors import ToolError
from tools.languages import said
from tools.naming import all_sites
from tools.registry import Effect, ToolContext

_REFUSED = "A tool refused what the language model asked of it. Ask again in other words."


async def run_tools(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Results to write about, another round of planning, or the end with the reason."""
    turn = runtime.context
    work = turn.work
    assert work.plan is not None
    since = time.perf_counter()
    calls = work.plan.reading.calls
    if len(calls) > turn.budget.calls:
        await turn.look.rest()
        turn.stop("cannot_answer", turn.exceeded("calls"))
        return {"next": "finish"}
    # A name that is no admitted tool's is the model's own text.
    running = sorted({tool.name for tool in turn.tools} & {call.name for call in calls})
    if running:
        turn.emit(Progress("tools", said("Running [[tools]]", tools=", ".join(running))))
    limit = turn.in_time()
    try:
        async with limit:
            ran = await run(turn, calls)
    except TimeoutError:
        if not limit.expired():
            raise
        turn.stop("cannot_answer", turn.exceeded("seconds"))
        return {"next": "finish"}
    finally:
        await turn.look.rest()
        turn.watch.add("tools", since)
    news = _noted(turn, work.plan, ran)
    following = _following(turn, work.plan, ran, news, state.get("round", 1))
    return {"next": following, "results": [f"r{i}" for i in range(len(work.results))]}


async def run(turn: TurnContext, calls: Sequence[ToolCall]) -> list[Ran]:
    """The calls in their order; errors that are not ours to explain are raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_ran(turn, call)) for call in calls]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


async def _ran(turn: TurnContext, call: ToolCall) -> Ran:
    """The call made; it is noted however it ends."""
    ran = Ran(call, None)
    # A name that is no admitted tool's is the model's own text.
    name = call.name if any(tool.name == call.name for tool in turn.tools) else "none"
    with span("tool", tool=name) as seen:
        try:
            ran = await _made(turn, call)
        finally:
            turn.work.ran.append(ran)
            seen.note("outcome", "answered" if ran.result else type(ran.failure).__name__)
    return ran


async def _made(turn: TurnContext, call: ToolCall) -> Ran:
    try:
        admitted = {tool.name: tool for tool in turn.tools}
        tool = admitted.get(call.name)
        if tool is None:
            raise ToolError(f"there is no tool {call.name!r}; there are {', '.join(admitted)}")
        if type(call.arguments) is not tool.arguments:
            raise ToolError(f"the arguments of {call.name!r} are not of its own kind")
        work = turn.work
        if turn.worded_by_a_model and (phrase := unfounded(call, turn.question, work.past, work.steps)):
            raise ToolError(f"{phrase!r} is neither in the question nor in a result; look it up first")
        async with turn.reading() as tx:
            if tool.effect is Effect.DRAFT and turn.worded_by_a_model:
                await _said_so(turn, call, tx)
            context = ToolContext(turn.caller, tx, lambda text: turn.emit(Progress("tools", text)))
            return Ran(call, await tool.run(call.arguments, context))
    except CopilotError as error:
        return Ran(call, None, error)


async def _said_so(turn: TurnContext, call: ToolCall, tx: ReadTransaction) -> None:
    """Raise for a draft of a language model that holds what nobody said."""
    sites = await all_sites(tx)
    for today in sorted({site.today for site in sites})[-1:]:
        reason = unsaid(call, turn.asked(), today)
        if reason:
            raise ToolError(reason)


def _noted(turn: TurnContext, plan: Calls, ran: Sequence[Ran]) -> bool:
    """Keep what came back; True where anything of it is new."""
    work = turn.work
    known = {_key(step.call) for step in work.steps}
    news = False
    for one in ran:
        if _key(one.call) in known:
            continue
        known.add(_key(one.call))
        news = True
        work.steps.append(Step(one.call, one.result, "" if one.failure is None else str(one.failure)))
        if one.result is not None:
            if plan.look_first:
                work.looked_up.add(len(work.results))
            work.asked.append(one.call)
            work.results.append(one.result)
    return news


def _following(turn: TurnContext, plan: Calls, ran: Sequence[Ran], news: bool, done: int) -> Next:
    failures = [one for one in ran if one.failure is not None]
    gone = next((one.failure for one in failures if isinstance(one.failure, StoreUnavailable)), None)
    if gone is not None:
        turn.stop("cannot_answer", str(gone))
        return "finish"
    if not failures and not plan.look_first:
        return "propose" if turn.has_drafted else "compose"
    # A model that writes from templates would plan the same again; a given reading has no planner.
    again = turn.given is None and (plan.look_first or turn.worded_by_a_model)
    if again and news:
        if done < turn.budget.rounds:
            return "plan"
        turn.stop("cannot_answer", turn.exceeded("rounds"))
        return "finish"
    if failures:
        # What a draft cannot be made of is asked for again, and what was said of it is kept.
        asks = turn.work.drafts is not None and isinstance(failures[0].failure, ToolError)
        turn.stop("clarify" if asks else "cannot_answer", _complaint(turn, failures[0]))
        return "finish"
    return "propose" if turn.has_drafted else "compose"


def _complaint(turn: TurnContext, ran: Ran) -> str:
    """The tool's message, or ours where it repeats what a language model put into the call."""
    message = str(ran.failure)
    if turn.worded_by_a_model and repeats_a_claim(message, ran.call, turn.question):
        return said(_REFUSED)
    return message


def _key(call: ToolCall) -> tuple[str, str]:
    return call.name, call.arguments.model_dump_json()
