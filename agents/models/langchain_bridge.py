"""Any chat model that LangChain knows, through a thin bridge."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from agents.models.chat import Description, Message, Reply, Request
from agents.models.hosted import Facts, HostedModel
from agents.models.linking import DataLinks, Links
from agents.models.protocol import Meter
from agents.models.showing import sites_text
from erp_adapters.breaker import Breaker
from erp_adapters.errors import ConfigurationError, ModelError, ModelUnavailable
from policies.egress import EgressPolicy

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage


class LangChainModel(HostedModel):
    """A LangChain chat model as planner and writer."""

    def __init__(
        self,
        model: BaseChatModel,
        name: str,
        *,
        facts: Facts = sites_text,
        links: Links | None = None,
        breaker: Breaker | None = None,
        egress: EgressPolicy | None = None,
    ) -> None:
        endpoint = LangChainEndpoint(model, name)
        super().__init__(endpoint, facts=facts, links=links or DataLinks(), breaker=breaker, egress=egress)


def named(
    name: str,
    *,
    timeout_s: float = 20.0,
    breaker: Breaker | None = None,
    egress: EgressPolicy | None = None,
) -> LangChainModel:
    """The model of a name such as `anthropic:claude-sonnet-4-5`; its package and its key must be there.

    Raises:
        ConfigurationError: the provider is unknown, or its package is not installed.
    """
    from langchain.chat_models import init_chat_model
    from openai import OpenAIError

    try:
        model = init_chat_model(name, timeout=timeout_s, max_retries=2)
    except (ImportError, ValueError, OpenAIError) as error:
        # The OpenAI package has an error of its own for a key that is missing.
        said = str(error).partition("\n")[0]
        raise ConfigurationError(f"the language model {name!r} cannot be used: {said}") from error
    return LangChainModel(model, f"langchain:{name}", breaker=breaker, egress=egress)


class LangChainEndpoint:
    """`ChatEndpoint` over a LangChain chat model with bound tools."""

    def __init__(self, model: BaseChatModel, name: str) -> None:
        self._model = model
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    async def reply(self, messages: Sequence[Message], tools: Sequence[Description], meter: Meter) -> Reply:
        with _translated():
            bound = self._model.bind_tools([_tool(tool) for tool in tools], tool_choice="any")
            message = await bound.ainvoke([_message(one) for one in messages])
        _count(meter, message)
        requests = [
            Request(call["id"] or f"call_{i}", call["name"], json.dumps(call["args"]))
            for i, call in enumerate(message.tool_calls)
        ]
        # What LangChain could not parse goes to the same validation, which tells the model what was wrong.
        requests += [
            Request(call["id"] or f"invalid_{i}", call["name"] or "", call["args"] or "")
            for i, call in enumerate(message.invalid_tool_calls)
        ]
        return Reply(_text(message), tuple(requests))

    async def write(self, messages: Sequence[Message], meter: Meter) -> AsyncIterator[str]:
        with _translated():
            async for chunk in self._model.astream([_message(one) for one in messages]):
                _count(meter, chunk)
                if text := _text(chunk):
                    yield text


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ModelError, GeneratorExit):
        raise
    except (TimeoutError, ConnectionError) as error:
        raise ModelUnavailable("it did not answer") from error
    except Exception as error:
        # Each provider's package has errors of its own, in no common tree.
        raise ModelUnavailable(f"its provider's package reported {type(error).__name__}") from error


def _text(message: Any) -> str:
    content = message.content
    if isinstance(content, str):
        return content
    return "".join(block.get("text", "") for block in content if isinstance(block, dict))


def _count(meter: Meter, message: Any) -> None:
    usage = message.usage_metadata
    if usage:
        cached = (usage.get("input_token_details") or {}).get("cache_read") or 0
        meter.add(usage["input_tokens"], usage["output_tokens"], cached)


def _message(message: Message) -> BaseMessage:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

    match message.role:
        case "system":
            return SystemMessage(message.text)
        case "user":
            return HumanMessage(message.text)
        case "tool":
            return ToolMessage(message.text, tool_call_id=message.answers)
        case "assistant":
            calls: list[Any] = [
                {"id": request.id, "name": request.name, "args": _arguments(request)}
                for request in message.requests
            ]
            return AIMessage(message.text, tool_calls=calls)


def _arguments(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(request.arguments)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"arguments": request.arguments}


def _tool(tool: Description) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}
