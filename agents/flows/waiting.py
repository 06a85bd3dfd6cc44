"""A thread that waits for what becomes of a draft. It pauses and guards nothing: the draft's row decides.

Thread id is the draft's series. A node holds the interrupt and nothing before it, so that running it again
does nothing twice; waking only has the row read, whoever wakes it and whatever is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol, TypedDict
from uuid import UUID

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, interrupt
from langsmith import tracing_context

from agents.flows.confirming import Outcome, outcome_of

FLOW = "draft"
"""Namespace of the threads, so that none is taken for a conversation's."""


class WaitingState(TypedDict, total=False):
    """What is checkpointed: an id and the last state that was read; never a draft, a digest or a person."""

    series: str
    state: str
    version: int


class Rows(Protocol):
    """Reads the latest version of a draft, for the flow and not for a person."""

    async def state_of(self, series: UUID) -> Outcome | None:
        """What the row says; None where there is no such draft."""
        ...


class Waiting:
    """The threads of all drafts.

    Args:
        rows: where drafts are kept.
        checkpointer: keeps the threads; any number of processes may share it.
    """

    def __init__(self, rows: Rows, checkpointer: BaseCheckpointSaver[str]) -> None:
        self._rows = rows
        self._graph = self._built(checkpointer)

    async def begin(self, series: UUID) -> None:
        """Have a thread wait for the draft; one that waits already is left alone."""
        if not await self._waits(series):
            await self._run({"series": str(series)}, series)

    async def wake(self, series: UUID) -> Outcome | None:
        """What has become of the draft; the thread waits on where nothing has, and ends where it is over.

        Nothing can be handed in: whatever wakes the thread, the row decides.
        """
        if await self._waits(series):
            await self._run(Command(resume=True), series)
        return await self._rows.state_of(series)

    async def sweep(self, pending: Iterable[UUID]) -> int:
        """Begin the threads of drafts that wait and have none; how many there were."""
        made = 0
        for series in pending:
            if not await self._waits(series):
                await self.begin(series)
                made += 1
        return made

    async def waits(self, series: UUID) -> bool:
        """True while a thread waits for the draft."""
        return await self._waits(series)

    async def _waits(self, series: UUID) -> bool:
        return bool((await self._graph.aget_state(_thread(series))).next)

    async def _run(self, given: WaitingState | Command[None], series: UUID) -> None:
        with tracing_context(enabled=False):
            # Durable before the interrupt: a thread that is said to wait is there after a crash.
            await self._graph.ainvoke(given, _thread(series), durability="sync")

    def _built(
        self, checkpointer: BaseCheckpointSaver[str]
    ) -> CompiledStateGraph[WaitingState, None, WaitingState, WaitingState]:
        graph = StateGraph(WaitingState)
        graph.add_node("wait", _wait)
        graph.add_node("look", self._look)
        graph.add_edge(START, "wait")
        graph.add_edge("wait", "look")
        graph.add_conditional_edges("look", _next, {"wait": "wait", "end": END})
        return graph.compile(checkpointer=checkpointer)

    async def _look(self, state: WaitingState) -> WaitingState:
        """What the row says now."""
        found = await self._rows.state_of(UUID(state["series"]))
        if found is None:
            return {"state": "gone"}
        return {"state": found.state, "version": found.version}


def _wait(state: WaitingState) -> WaitingState:
    interrupt(state["series"])
    return {}


def _next(state: WaitingState) -> Literal["wait", "end"]:
    return "end" if outcome_of(state["state"]).is_over else "wait"


def _thread(series: UUID) -> RunnableConfig:
    return {"configurable": {"thread_id": f"{FLOW}:{series}"}}
