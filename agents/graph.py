"""The order of a turn: admit, plan, run tools, propose, compose, finish. Wiring only.

Nothing here pauses or guards. A checkpoint holds ids and references (`agents.state`); what was computed
lives in the turn's workspace and then, as the answer, in `app.answer` under row-level security.
"""

from __future__ import annotations

from typing import Protocol

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

TurnGraph = CompiledStateGraph[TurnState, TurnContext, TurnState, TurnState]


class Node(Protocol):
    """A step of a turn."""

    async def __call__(self, state: TurnState, runtime: Runtime[TurnContext]) -> TurnState: ...


def _next(state: TurnState) -> Next:
    return state["next"]


def _in_its_language(node: Node, stage: str) -> Node:
    """The node, saying all that it says in the language of its turn, as a stage that can be traced."""

    async def spoken(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
        with speaking(runtime.context.language), span(stage):
            return await node(state, runtime)

    return spoken


def turn_graph(checkpointer: BaseCheckpointSaver[str] | None = None) -> TurnGraph:
    """The graph of one turn, run once for each question."""
    graph = StateGraph(TurnState, context_schema=TurnContext)
    graph.add_node("admit", admit)
    graph.add_node("plan", _in_its_language(plan, "plan"))
    graph.add_node("run_tools", _in_its_language(run_tools, "tools"))
    graph.add_node("propose", _in_its_language(propose, "propose"))
    graph.add_node("compose", _in_its_language(compose, "compose"))
    graph.add_node("finish", _in_its_language(finish, "finish"))
    graph.add_edge(START, "admit")
    graph.add_conditional_edges("admit", _next, ["plan", "finish"])
    graph.add_conditional_edges("plan", _next, ["run_tools", "propose", "compose", "finish"])
    graph.add_conditional_edges("run_tools", _next, ["plan", "propose", "compose", "finish"])
    graph.add_conditional_edges("propose", _next, ["compose", "finish"])
    graph.add_edge("compose", "finish")
    graph.add_edge("finish", END)
    return graph.compile(checkpointer=checkpointer)
