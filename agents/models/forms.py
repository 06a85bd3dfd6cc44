"""The forms in which an endpoint can be asked for tool calls, from the surest to one that any model takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias, get_args

from agents.models.chat import Description, Json, Message, Request
from prompts import prompt

Form: TypeAlias = Literal["tools", "offered", "schema", "text"]
"""`tools`: native tools, one of which must be called; `offered`: native tools without that word, which some
endpoints refuse; `schema`: a JSON object held to a closed schema; `text`: the same object, only asked for."""
FORMS: tuple[Form, ...] = get_args(Form)

MOST_CALLS = 12
"""Calls of one round that the schema admits; what a turn may run is its budget's affair."""
_FENCE = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)


def asked(form: Form, messages: Sequence[Message], tools: Sequence[Description]) -> dict[str, Any]:
    """What is sent in that form, besides the model's name."""
    match form:
        case "tools":
            return {**asked("offered", messages, tools), "tool_choice": "required"}
        case "offered":
            return {"messages": [native(one) for one in messages], "tools": [_tool(tool) for tool in tools]}
        case "schema":
            held = {"name": "plan", "schema": plan_schema(tools), "strict": False}
            return {
                "messages": _written(messages, tools),
                "response_format": {"type": "json_schema", "json_schema": held},
            }
        case "text":
            return {"messages": _written(messages, tools)}


def plan_schema(tools: Sequence[Description]) -> dict[str, Json]:
    """The closed schema of a plan: a list of calls, each of one of these tools with its own arguments."""
    shared: dict[str, Json] = {}
    calls: list[Json] = []
    for tool in tools:
        # Every tool brings definitions of its own; their names must not meet.
        text = json.dumps(tool.parameters).replace('"#/$defs/', f'"#/$defs/{tool.name}.')
        arguments = json.loads(text)
        for name, definition in arguments.pop("$defs", {}).items():
            shared[f"{tool.name}.{name}"] = definition
        calls.append(_closed({"tool": {"const": tool.name}, "arguments": arguments}))
    held: Json = {"type": "array", "minItems": 1, "maxItems": MOST_CALLS, "items": {"anyOf": calls}}
    schema = _closed({"calls": held})
    return {**schema, "$defs": shared} if shared else schema


def _closed(properties: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def calls_in(text: str) -> tuple[Request, ...]:
    """The calls of a plan that was written as JSON; none where the text is no such plan."""
    text = _THOUGHT.sub("", text).strip()
    fenced = _FENCE.search(text)
    try:
        plan = json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError):
        return ()
    calls = plan.get("calls") if isinstance(plan, dict) else None
    return tuple(_requests(calls)) if isinstance(calls, list) else ()


def _requests(calls: Sequence[object]) -> Iterator[Request]:
    for i, call in enumerate(calls):
        # What is no call becomes one of a tool that does not exist: the model is told so, and may mend it.
        named = call if isinstance(call, dict) else {}
        yield Request(f"call_{i}", str(named.get("tool", "")), json.dumps(named.get("arguments", {})))


def native(message: Message) -> Any:
    """A message as endpoints with native tools take it."""
    match message.role:
        case "tool":
            return {"role": "tool", "tool_call_id": message.answers, "content": message.text}
        case "assistant" if message.requests:
            calls = [
                {
                    "id": request.id,
                    "type": "function",
                    "function": {"name": request.name, "arguments": request.arguments},
                }
                for request in message.requests
            ]
            return {"role": "assistant", "content": message.text or None, "tool_calls": calls}
        case _:
            return {"role": message.role, "content": message.text}


def _tool(tool: Description) -> Any:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _written(messages: Sequence[Message], tools: Sequence[Description]) -> list[Any]:
    """The exchange for an endpoint without tools: calls and results are text, and tools are described."""
    listed = "\n\n".join(
        f"## {tool.name}\n{tool.description}\n{json.dumps(tool.parameters, separators=(',', ':'))}"
        for tool in tools
    )
    how = prompt("as_json").render(tools=listed)
    first = next((at for at, one in enumerate(messages) if one.role == "system"), None)
    found: list[Any] = [] if first is not None else [{"role": "system", "content": how}]
    for at, one in enumerate(messages):
        if at == first:
            found.append({"role": "system", "content": f"{one.text}\n\n{how}"})
        elif one.role == "tool":
            _say(found, "user", f"Result of {one.answers}:\n{one.text}")
        elif one.requests:
            _say(found, "assistant", one.text or _as_plan(one.requests))
        else:
            _say(found, one.role, one.text)
    return found


def _say(found: list[Any], role: str, text: str) -> None:
    # Templates of small models want user and assistant to take turns.
    if found and found[-1]["role"] == role and role != "system":
        found[-1]["content"] += f"\n\n{text}"
    else:
        found.append({"role": role, "content": text})


def _as_plan(requests: Sequence[Request]) -> str:
    calls = ", ".join(
        f'{{"tool": {json.dumps(request.name)}, "arguments": {request.arguments}}}' for request in requests
    )
    return f'{{"calls": [{calls}]}}'
