"""Watches a copilot from the inside: what its model is shown, which tools run, and for whom rows are read.

One copilot serves many scenes side by side, as it serves many people: nothing of one may reach another.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ValidationError

from agents.desk import Desk, ProposedDraft, ShownDraft
from agents.looking import ReadingStore
from agents.models.protocol import Plan, Turn
from agents.models.showing import results_text, sites_text, turn_text
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError
from erp_adapters.store.session import ReadTransaction
from eval.adversarial.models.adversary import Adversary
from policies.drafts.proposal import Digest, Draft
from tools.registry import Tool, ToolContext, ToolRegistry
from tools.results import ToolResult

_CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model was given at one point of a turn."""

    stage: Literal["plan", "compose"]
    turn: Turn
    """With the results of earlier steps, the turns before it and what is to be corrected."""
    tools: tuple[str, ...]
    results: tuple[ToolResult, ...]
    text: str
    """What a chat model would have read of all that, with the facts about the caller's data."""
    spent: int
    """Tokens that the turn had used before."""


@dataclass(frozen=True, slots=True)
class Run:
    """A tool that ran."""

    tool: str
    arguments: str
    """As they were when it began: JSON, or what the object calls itself."""
    own: bool
    """True where they are valid arguments of exactly the tool's own class."""
    roles: frozenset[str]
    """Whom the tool admits; empty for everybody."""
    callers: tuple[Caller, Caller]
    """Who it was told that asks, and whose rows its transaction sees."""
    round: int
    """Plans that the model had made before."""
    result: ToolResult | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Handed:
    """A draft that was handed in, whatever became of it."""

    caller: Caller
    draft: Draft


@dataclass(slots=True)
class Witness:
    """What was seen since it was last asked."""

    prompts: list[Prompt] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    read_for: list[Caller] = field(default_factory=list)
    """Whom the store was asked to read for, and whom it read for."""
    handed: list[Handed] = field(default_factory=list)

    def taken(self) -> Witness:
        """What was seen, which is then forgotten."""
        seen = Witness(self.prompts, self.plans, self.runs, self.read_for, self.handed)
        self.prompts, self.plans, self.runs, self.read_for, self.handed = [], [], [], [], []
        return seen


@dataclass(frozen=True, slots=True)
class _Scene:
    adversary: Adversary
    witness: Witness


_SCENE: ContextVar[_Scene] = ContextVar("who plays the model of this turn, and who watches")


@contextmanager
def scene(adversary: Adversary) -> Iterator[Witness]:
    """Puts an adversary in the model's place for whatever is asked in this task, and watches it."""
    witness = Witness()
    token = _SCENE.set(_Scene(adversary, witness))
    try:
        yield witness
    finally:
        _SCENE.reset(token)


class WatchedModel:
    """Whichever adversary is on the scene: its prompts and plans are kept, and its tokens are counted."""

    @property
    def name(self) -> str:
        """The character."""
        return _SCENE.get().adversary.name

    @property
    def writes_freely(self) -> bool:
        """As the character says."""
        return _SCENE.get().adversary.writes_freely

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """The character's plan."""
        adversary, witness = _SCENE.get().adversary, _SCENE.get().witness
        seen = [results_text([step.result]) if step.result else step.error for step in turn.steps]
        text = "\n".join([turn_text(turn, await sites_text(tx)), *seen])
        names = tuple(tool.name for tool in tools)
        witness.prompts.append(Prompt("plan", turn, names, (), text, _spent(turn)))
        plan = await adversary.plan(turn, caller, tools, tx)
        turn.meter.add(len(text) // _CHARACTERS_A_TOKEN, 0)
        # A copy, since the character may change what it handed over.
        witness.plans.append(deepcopy(plan))
        return plan

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncGenerator[str]:
        """The character's prose."""
        text = f"{turn_text(turn, '')}\n{results_text(results)}"
        prompt = Prompt("compose", turn, (), tuple(results), text, _spent(turn))
        _SCENE.get().witness.prompts.append(prompt)
        turn.meter.add(len(text) // _CHARACTERS_A_TOKEN, 0)
        prose = _SCENE.get().adversary.compose(turn, results)
        assert isinstance(prose, AsyncGenerator)
        async with aclosing(prose):
            async for fragment in prose:
                yield fragment


class WatchedStore:
    """A store that says for whom it was read."""

    def __init__(self, store: ReadingStore) -> None:
        self._store = store

    @asynccontextmanager
    async def reading(self, caller: Caller) -> AsyncIterator[ReadTransaction]:
        """The store's own transaction."""
        async with self._store.reading(caller) as tx:
            _SCENE.get().witness.read_for += [caller, tx.caller]
            yield tx


class WatchedDesk:
    """A desk that says what is handed in to it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def propose(self, caller: Caller, draft: Draft, *, business_date: date) -> ProposedDraft:
        """As the desk itself."""
        _SCENE.get().witness.handed.append(Handed(caller, draft))
        return await self._desk.propose(caller, draft, business_date=business_date)

    async def edit(
        self, caller: Caller, proposal_id: UUID, digest: Digest, draft: Draft, *, business_date: date
    ) -> ProposedDraft:
        """As the desk itself."""
        _SCENE.get().witness.handed.append(Handed(caller, draft))
        return await self._desk.edit(caller, proposal_id, digest, draft, business_date=business_date)

    async def read(self, caller: Caller, proposal_id: UUID) -> ShownDraft:
        """As the desk itself."""
        return await self._desk.read(caller, proposal_id)


def watched(registry: ToolRegistry) -> ToolRegistry:
    """The same tools, each of which says when it runs, with what, and what came of it."""
    return ToolRegistry(_watched(registry.get(name)) for name in registry.names())


def _watched(tool: Tool[Any]) -> Tool[Any]:
    inner: Callable[[Any, ToolContext], Awaitable[ToolResult]] = tool.run

    async def run(arguments: Any, context: ToolContext) -> ToolResult:
        witness = _SCENE.get().witness
        seen = Run(
            tool.name,
            _text(arguments),
            _is_own(arguments, tool.arguments),
            tool.roles,
            (context.caller, context.tx.caller),
            len(witness.plans),
            None,
        )
        try:
            result = await inner(arguments, context)
            seen = replace(seen, result=result)
        except CopilotError as error:
            seen = replace(seen, error=str(error))
            raise
        finally:
            witness.runs.append(seen)
        return result

    return replace(tool, run=run)


def _spent(turn: Turn) -> int:
    return turn.meter.prompt_tokens + turn.meter.completion_tokens


def _text(arguments: object) -> str:
    return arguments.model_dump_json(warnings=False) if isinstance(arguments, BaseModel) else repr(arguments)


def _is_own(arguments: object, own: type[BaseModel]) -> bool:
    if type(arguments) is not own:
        return False
    try:
        own.model_validate(arguments.model_dump(warnings=False))
    except ValidationError:
        return False
    return True
