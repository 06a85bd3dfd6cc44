"""A chat model as planner and writer: it picks tools and reasons from lists, and writes prose by reference.

A model's own words reach nobody unverified: prose goes through the grounding, and why it asks back or cannot
answer it chooses from lists whose sentences are ours.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from functools import lru_cache
from typing import Any, LiteralString, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.arguments import in_words
from agents.looking import LOADS
from agents.models.chat import ChatEndpoint, Described, Description, Message, Reply, Request
from agents.models.egress import Screen, ScreenedEndpoint
from agents.models.guarded import GuardedEndpoint
from agents.models.linking import Linked, Links
from agents.models.protocol import OFFERED, Abstain, Calls, Clarify, Plan, Reading, ToolCall, Turn
from agents.models.reasons import ASKED_BACK, REASONS, Unanswerable, Unclear, about
from agents.models.showing import SITES, catalogue_text, results_text, sites_text, turn_text
from erp_adapters.breaker import Breaker
from erp_adapters.caller import Caller
from erp_adapters.errors import ModelError, ModelUnavailable
from erp_adapters.store.session import ReadTransaction
from policies.egress import EgressPolicy
from prompts import prompt
from tools.charts import ChartWish
from tools.languages import Language
from tools.registry import Tool
from tools.results import ToolResult

_LOG = logging.getLogger(__name__)
_TEXT_CHARACTERS = 4_000
"""Longest prose that is read from a model for one answer."""

_MOST_REQUESTS = 20
"""Calls of one reply that are looked at; a turn runs fewer."""

_NAMES: dict[Language, str] = {"en": "English", "de": "German", "es": "Spanish", "fr": "French"}

Facts: TypeAlias = Callable[[ReadTransaction], Awaitable[str]]


class _Choice(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LookFirst(_Choice):
    """Call this along with other tools, to see their results before you plan the rest."""


class WriteAnswer(_Choice):
    """Call this alone, when the results so far are all that the answer needs."""


class AskPerson(_Choice):
    """Ask the person back, along with up to three data tool calls, one for each reading."""

    about: Unclear = "meaning"
    word: str = Field(
        default="", max_length=60, description="The unclear word, as it stands in the question."
    )


class CannotAnswer(_Choice):
    """Say that the tools cannot answer this, along with up to three data tool calls that come near."""

    why: Unanswerable
    word: str = Field(default="", max_length=60, description="What is missing, as it stands in the question.")


class DrawChart(ChartWish):
    """Call this along with data tool calls where a chart is asked for and its kind or columns matter."""


_CONTROLS: dict[str, type[_Choice | ChartWish]] = {
    "ask_person": AskPerson,
    "cannot_answer": CannotAnswer,
    "draw_chart": DrawChart,
    "look_first": LookFirst,
    "write_answer": WriteAnswer,
}


class _Invalid(Exception):
    """Requests that no tool accepts, by request id with what was wrong."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("the requests are invalid")
        self.errors = errors


class HostedModel:
    """`ModelProtocol` over any chat endpoint.

    Args:
        endpoint: the chat model.
        facts: reads what a planner must know of the caller's data; by default its sites.
        links: finds a source for every value in a plan.
        breaker: leaves the endpoint alone for a while where it keeps failing.
        patience_s: longest time for one plan, so that another model still has time to make one.
        egress: what may be sent to it; None where everything may.
    """

    def __init__(
        self,
        endpoint: ChatEndpoint,
        *,
        links: Links,
        facts: Facts = sites_text,
        breaker: Breaker | None = None,
        patience_s: float = 45.0,
        egress: EgressPolicy | None = None,
    ) -> None:
        self._endpoint = ScreenedEndpoint(GuardedEndpoint(endpoint, breaker or Breaker()), egress)
        self._links = links
        self._facts = facts
        self._patience_s = patience_s

    @property
    def name(self) -> str:
        return self._endpoint.name

    @property
    def writes_freely(self) -> bool:
        return True

    def foreseen(self, caller: Caller) -> tuple[LiteralString, ...]:
        """See `Foreseeing`."""
        facts = (SITES,) if self._facts is sites_text else ()
        return *facts, LOADS

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """Tool calls, a question back, or an abstention; invalid requests are sent back once.

        Raises:
            ModelError: the endpoint failed, or the second attempt was invalid too.
        """
        patience = asyncio.timeout(self._patience_s)
        try:
            async with patience:
                await tx.ahead(*self.foreseen(caller))
                await self._endpoint.opened(turn, caller, tx)
                return await self._plan(turn, tools, tx)
        except TimeoutError as error:
            if not patience.expired():
                raise
            raise ModelUnavailable("it did not answer in time") from error

    async def _plan(self, turn: Turn, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        admitted = {tool.name: tool for tool in tools}
        screen = turn.meter.screen
        described = _described(tuple(tools), with_results=bool(turn.steps))
        _LOG.info("%s plans with prompt plan %s", self.name, prompt("plan").version)
        messages = [
            Message("system", prompt("plan").render(catalogue=catalogue_text())),
            Message("user", turn_text(turn, await self._facts(tx), screen)),
            *_steps(turn, screen),
        ]
        # A model takes seconds: a few of them must not hold every connection that there is.
        await tx.rest()
        reply = await self._endpoint.reply(turn, "plan", messages, described)
        try:
            return await self._read(reply, admitted, turn, tx)
        except _Invalid as invalid:
            messages += _sent_back(reply, invalid.errors)
        await tx.rest()
        reply = await self._endpoint.reply(turn, "plan", messages, described)
        try:
            return await self._read(reply, admitted, turn, tx)
        except _Invalid as invalid:
            raise ModelError("it asked for tools in a form that they do not take") from invalid

    async def _read(
        self, reply: Reply, admitted: dict[str, Tool[Any]], turn: Turn, tx: ReadTransaction
    ) -> Plan:
        choices: list[_Choice] = []
        chart: ChartWish | None = None
        calls: list[tuple[str, ToolCall]] = []
        errors: dict[str, str] = {}
        for request in reply.requests[:_MOST_REQUESTS]:
            try:
                parsed = _parsed(request, admitted)
            except (ValueError, RecursionError) as error:
                errors[request.id] = _explained(error)
                continue
            if isinstance(parsed, ChartWish):
                chart = ChartWish.model_validate(parsed.model_dump())
            elif isinstance(parsed, _Choice):
                choices.append(parsed)
            else:
                calls.append((request.id, ToolCall(request.name, parsed)))
        linked = await self._links.linked([call for _, call in calls], turn, tx)
        errors |= {key: one for (key, _), one in zip(calls, linked, strict=True) if isinstance(one, str)}
        if errors or not (choices or calls):
            raise _Invalid(errors)
        return _plan(choices, [found for found in linked if isinstance(found, Linked)], turn, chart)

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncGenerator[str]:
        """Prose with references, as the endpoint streams it."""
        screen = turn.meter.screen
        request = (
            f"{turn_text(turn, '', screen)}\n\nResults:\n{results_text(results, screen=screen, turn=turn)}"
        )
        _LOG.info("%s writes with prompt compose %s", self.name, prompt("compose").version)
        messages = [
            Message("system", prompt("compose").render(language=_NAMES[turn.language])),
            Message("user", request),
        ]
        for correction in turn.corrections:
            messages.append(Message("assistant", correction.clause))
            messages.append(Message("user", f"Refused: {correction.reason}. Write that one sentence again."))
        written = 0
        async with aclosing(self._endpoint.write(turn, "compose", messages)) as text:
            async for fragment in text:
                yield fragment
                written += len(fragment)
                if written > _TEXT_CHARACTERS:
                    raise ModelError("it would not stop writing")


# Their schemas take longer to make than the rest of a turn, and are the same in each.
@lru_cache(maxsize=64)
def _described(tools: tuple[Tool[Any], ...], *, with_results: bool) -> Described:
    """Data tools and choices in one alphabetical order, so that a cached prefix stays valid."""
    found = [
        Description(tool.name, _with_examples(tool), _schema(tool.arguments))
        for tool in tools
        if tool.name not in _CONTROLS
    ]
    found += [
        Description(name, (model.__doc__ or "").strip(), _schema(model))
        for name, model in _CONTROLS.items()
        if with_results or model is not WriteAnswer
    ]
    found.sort(key=lambda description: description.name)
    return Described.of(found)


def _with_examples(tool: Tool[Any]) -> str:
    examples = "".join(f"\n- {example}" for example in tool.examples)
    return f"{tool.description}\n\nQuestions that it answers:{examples}" if examples else tool.description


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    schema.pop("title", None)
    return schema


def _steps(turn: Turn, screen: Screen | None) -> list[Message]:
    """The calls of earlier rounds as the exchange that they were."""
    messages = []
    for i, step in enumerate(turn.steps):
        request = Request(f"step_{i}", step.call.name, step.call.arguments.model_dump_json())
        messages.append(Message("assistant", requests=(request,)))
        if step.result is not None:
            text = results_text([step.result], screen=screen, turn=turn)
        else:
            error = step.error if screen is None else screen.told(step.error, turn.question)
            text = f"refused: {error}"
        messages.append(Message("tool", text, answers=request.id))
    return messages


def _sent_back(reply: Reply, errors: dict[str, str]) -> list[Message]:
    if not reply.requests:
        return [Message("assistant", reply.text), Message("user", "Call a tool; text is not read.")]
    answers = [
        Message(
            "tool", errors.get(request.id, "not run, because another call was invalid"), answers=request.id
        )
        for request in reply.requests
    ]
    return [Message("assistant", reply.text, reply.requests), *answers]


def _plan(choices: Sequence[_Choice], linked: Sequence[Linked], turn: Turn, chart: ChartWish | None) -> Plan:
    calls = [one.call for one in linked]
    readings = tuple(Reading((call,), in_words(call), 0.5) for call in calls[:OFFERED])
    for choice in choices:
        match choice:
            case AskPerson():
                return Clarify(about(turn.question, choice.word, ASKED_BACK[choice.about]), readings)
            case CannotAnswer():
                reason = about(turn.question, choice.word, REASONS[choice.why])
                return Abstain(reason, readings, refused=choice.why == "not_allowed")
            case _:
                continue
    look_first = bool(calls) and any(isinstance(choice, LookFirst) for choice in choices)
    sure = 1.0 if all(one.said for one in linked) else 0.5
    reading = Reading(tuple(calls), "; ".join(map(in_words, calls)), sure)
    return Calls(reading, look_first=look_first, chart=chart)


def _parsed(request: Request, admitted: dict[str, Tool[Any]]) -> BaseModel:
    text = request.arguments.strip() or "{}"
    if request.name in _CONTROLS:
        return _CONTROLS[request.name].model_validate_json(text)
    tool = admitted.get(request.name)
    if tool is None:
        raise ValueError(f"there is no tool {request.name!r}; there are {', '.join(sorted(admitted))}")
    arguments = tool.arguments.model_validate_json(text)
    assert isinstance(arguments, BaseModel)
    return arguments


def _explained(error: Exception) -> str:
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_input=False)[:5]
        return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'arguments'}: {one['msg']}" for one in found)
    return str(error)
