"""The tools as MCP lists and calls them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agents.answer import Answer
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError
from server.errors import problem
from server.house import Answering
from tools.registry import Effect, Tool

if TYPE_CHECKING:
    import mcp.types as mcp_types

INSTRUCTIONS = (
    "Figures of a manufacturer's ERP, each with its evidence. Say figures as they stand in the result and"
    " name their evidence; never compute others from them. Drafts wait for a person in plantwright: nothing"
    " can be confirmed here."
)


def listed(copilot: Answering, caller: Caller) -> list[mcp_types.Tool]:
    """What the person may call."""
    return [_described(tool) for tool in copilot.tools(caller)]


def _described(tool: Tool[Any]) -> mcp_types.Tool:
    import mcp.types as mcp_types

    reads = tool.effect is Effect.READ
    return mcp_types.Tool(
        name=tool.name,
        title=tool.name.replace("_", " ").capitalize(),
        description=tool.description,
        input_schema=tool.arguments.model_json_schema(),
        annotations=mcp_types.ToolAnnotations(
            read_only_hint=reads, destructive_hint=False, idempotent_hint=reads, open_world_hint=False
        ),
    )


async def called(
    copilot: Answering, caller: Caller, name: str, arguments: Mapping[str, Any]
) -> mcp_types.CallToolResult:
    """What came of one call; a refusal or a failure is a result that says so, as MCP wants it."""
    import mcp.types as mcp_types

    try:
        answer = await copilot.call(caller, name, arguments, f"{name} (over MCP)")
    except CopilotError as error:
        text = str(error)
    except Exception as error:  # noqa: BLE001  # a fault of ours is a number in the log, never a trace
        text = problem(error).detail
    else:
        return mcp_types.CallToolResult(
            content=[mcp_types.TextContent(type="text", text=_text(answer))],
            structured_content=answer.model_dump(mode="json", exclude={"question"}),
            is_error=answer.status != "answered",
        )
    return mcp_types.CallToolResult(content=[mcp_types.TextContent(type="text", text=text)], is_error=True)


def _text(answer: Answer) -> str:
    """The answer in words, with where it comes from and what is to be done with a draft."""
    lines = [answer.answer, f"Read as: {answer.reading}"] if answer.reading else [answer.answer]
    lines += [f"Note: {caveat}" for caveat in answer.caveats]
    lines += [f"Evidence {each.id}: {each.tool}, data as of {each.data_as_of}" for each in answer.evidence]
    if answer.draft is not None:
        lines.append(
            f"Draft {answer.draft.id} waits for a person in plantwright; it cannot be confirmed here."
        )
    return "\n".join(lines)
