"""The order of a turn: admit, plan, run tools, propose, compose, finish. Wiring only.

Nothing here pauses or guards. A checkpoint holds ids and references (`agents.state`); what was computed
lives in the turn's workspace and then, as the answer, in `app.answer` under row-level security.

All steps are one node: nothing waits between them and nothing reads a checkpoint of one, so that LangGraph's
bookkeeping is paid for once a turn rather than once a step (ADR 51).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from agents.context import TurnContext
from agents.nodes.admit import admit
from agents.nodes.compose import compose
from agents.nodes.finish import finish
from agents.nodes.plan import plan
from agents.nodes.propose import propose
from agents.nodes.run_tools import run_tools
from agents.state import Next, TurnState
from erp_adapters.tracing import span
from tools.languages import speaking

TurnGraph: TypeAlias = "CompiledStateGraph[TurnState, TurnContext, TurnState, TurnState]"
Node: TypeAlias = Callable[[TurnState, Runtime[TurnContext]], Awaitable[TurnState]]


@dataclass(frozen=True, slots=True)
class _Step:
    node: Node
    stage: str
    """What it is traced as."""
    following: frozenset[Next]
    """What may come next; none after the last one."""


_STEPS: Final[Mapping[Next, _Step]] = MappingProxyType(
    {
        "plan": _Step(plan, "plan", frozenset({"run_tools", "propose", "compose", "finish"})),
        "run_tools": _Step(run_tools, "tools", frozenset({"plan", "propose", "compose", "finish"})),
        "propose": _Step(propose, "propose", frozenset({"compose", "finish"})),
        "compose": _Step(compose, "compose", frozenset({"finish"})),
        "finish": _Step(finish, "finish", frozenset()),
    }
)


async def turn(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """The state at the end of a turn: its steps in their order, each in the language of the turn."""
    state = {**state, **await admit(state, runtime)}
    # A step can only choose among those that follow it; what a question is read in is known once it is in.
    may_follow: frozenset[Next] = frozenset({"plan", "finish"})
    with speaking(runtime.context.language):
        while may_follow:
            following = state["next"]
            if following not in may_follow:
                raise AssertionError(f"{following!r} cannot follow here; there are {sorted(may_follow)}")
            step = _STEPS[following]
            with span(step.stage):
                state = {**state, **await step.node(state, runtime)}
            may_follow = step.following
    return state


def turn_graph(checkpointer: BaseCheckpointSaver[str] | None = None) -> TurnGraph:
    """The graph of one turn, run once for each question."""
    graph = StateGraph(TurnState, context_schema=TurnContext)
    graph.add_node("turn", turn)
    graph.add_edge(START, "turn")
    graph.add_edge("turn", END)
    return graph.compile(checkpointer=checkpointer)
