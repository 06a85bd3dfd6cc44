"""A hosted model with the embedded reader beside it: a disagreement is shown, or put to the person."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, LiteralString, TypeAlias

from agents.models.embedded.outcomes import Outcome, outcome_of
from agents.models.protocol import (
    OFFERED,
    Abstain,
    Calls,
    Clarify,
    Foreseeing,
    ModelProtocol,
    Plan,
    Reading,
    Turn,
)
from agents.models.reasons import ASKED_BACK
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError, ModelError
from erp_adapters.store.session import ReadTransaction
from tools.languages import said
from tools.registry import Tool, ToolContext
from tools.results import ToolResult

Open: TypeAlias = Callable[[Caller], AbstractAsyncContextManager[ReadTransaction]]
"""Opens a read transaction under a caller's scope."""

SURE = 0.85
"""Confidence of the embedded reader from which on a disagreement is put to the person."""


class ReadBeside:
    """`ModelProtocol` of the hosted model, whose first plan of a turn is compared with the embedded one's.

    The embedded reader works while the hosted model is waited for, in a transaction of its own, since a
    statement that fails spoils the rest of its transaction.

    Args:
        hosted: plans and writes.
        embedded: reads the same question.
        reading: opens the transactions.
    """

    def __init__(self, hosted: ModelProtocol, embedded: ModelProtocol, reading: Open) -> None:
        self._hosted = hosted
        self._embedded = embedded
        self._reading = reading

    @property
    def name(self) -> str:
        return self._hosted.name

    @property
    def writes_freely(self) -> bool:
        return self._hosted.writes_freely

    def foreseen(self, caller: Caller) -> tuple[LiteralString, ...]:
        """What the hosted model foresees."""
        return self._hosted.foreseen(caller) if isinstance(self._hosted, Foreseeing) else ()

    def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        """The hosted model's prose."""
        return self._hosted.compose(turn, results)

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """The hosted model's plan, with the embedded reading beside it where that comes to something else.

        Raises:
            ModelError: the hosted model failed, or its calls cannot be run and the embedded ones can.
        """
        if turn.steps:
            return await self._hosted.plan(turn, caller, tools, tx)
        beside = asyncio.create_task(self._read(turn, caller, tools))
        try:
            decided = await self._hosted.plan(turn, caller, tools, tx)
            other = await beside
        finally:
            if not beside.done():
                beside.cancel()
                await asyncio.gather(beside, return_exceptions=True)
        if other is None or (isinstance(decided, Calls) and decided.look_first):
            return decided
        return await self._together(decided, other, caller, tools)

    async def _read(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]]) -> Plan | None:
        try:
            async with self._reading(caller) as tx:
                return await self._embedded.plan(turn, caller, tools, tx)
        except CopilotError:
            # It only stands beside: what it cannot do costs the answer nothing.
            return None

    async def _together(self, decided: Plan, other: Plan, caller: Caller, tools: Sequence[Tool[Any]]) -> Plan:
        readings = _readings(other)
        match decided:
            case Calls():
                return await self._compared(
                    decided, readings, caller, tools, answers=isinstance(other, Calls)
                )
            case Clarify():
                return replace(decided, readings=_joined(decided.readings, readings))
            case Abstain():
                sure = not decided.refused and isinstance(other, Calls)
                return replace(decided, readings=_joined(readings, decided.readings)) if sure else decided

    async def _compared(
        self,
        decided: Calls,
        readings: Sequence[Reading],
        caller: Caller,
        tools: Sequence[Tool[Any]],
        *,
        answers: bool,
    ) -> Plan:
        if not readings:
            return decided
        ours = await self._outcome(decided.reading, caller, tools)
        theirs = await self._outcome(readings[0], caller, tools)
        if theirs is None or (ours is not None and _same(ours, theirs)):
            return decided
        if answers and ours is None:
            raise ModelError("what it asked for cannot be run")
        if answers and readings[0].confidence >= _asks_from(decided.reading):
            return Clarify(said(ASKED_BACK["meaning"]), _joined((decided.reading,), readings))
        return replace(decided, others=_joined(readings[:1], decided.others))

    async def _outcome(
        self, reading: Reading, caller: Caller, tools: Sequence[Tool[Any]]
    ) -> tuple[Outcome, ...] | None:
        """What the reading's calls show; None where one of them cannot be run."""
        admitted = {tool.name: tool for tool in tools}
        shown = []
        try:
            async with self._reading(caller) as tx:
                for call in reading.calls:
                    outcome = await outcome_of(call, admitted[call.name], ToolContext(caller, tx))
                    if outcome is None:
                        return None
                    shown.append(outcome)
        except CopilotError:
            return None
        return tuple(shown)


def _readings(plan: Plan) -> tuple[Reading, ...]:
    match plan:
        case Calls():
            return (plan.reading, *plan.others)
        case Clarify():
            return plan.readings
        case Abstain():
            return ()


def _joined(first: Sequence[Reading], then: Sequence[Reading]) -> tuple[Reading, ...]:
    """The readings in order, each set of calls once."""
    found: list[Reading] = []
    for reading in (*first, *then):
        if all(reading.calls != known.calls for known in found):
            found.append(reading)
    return tuple(found[:OFFERED])


def _asks_from(reading: Reading) -> float:
    """The embedded confidence from which on the person is asked: lower where nobody said a filter's value."""
    return SURE if reading.confidence == 1.0 else 0.0


def _same(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> bool:
    """True where both show the same, or one shows the other's columns among more of its own."""
    ours_shown = [part for outcome in ours for part in outcome]
    theirs_shown = [part for outcome in theirs for part in outcome]
    return len(ours_shown) == len(theirs_shown) and all(
        one == other or _holds(one, other) or _holds(other, one)
        for one, other in zip(ours_shown, theirs_shown, strict=True)
    )


def _holds(wide: object, narrow: object) -> bool:
    if not (isinstance(wide, tuple) and isinstance(narrow, tuple) and wide and len(wide) == len(narrow)):
        return False
    if not (isinstance(wide[0], tuple) and isinstance(narrow[0], tuple)):
        return False
    return not _columns(narrow) - _columns(wide)


def _columns(rows: Sequence[Sequence[str]]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(sorted(column)) for column in zip(*rows, strict=True))
