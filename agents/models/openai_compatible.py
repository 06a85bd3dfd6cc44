"""Chat models behind the OpenAI interface: OpenAI, Azure, vLLM, Ollama, llama.cpp and the like."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.models.chat import Description, Message, Reply, Request
from agents.models.hosted import Facts, HostedModel
from agents.models.protocol import Meter
from agents.models.showing import sites_text
from erp_adapters.errors import ModelError, ModelUnavailable

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletionChunk

_UNREADABLE = "its endpoint answered in a form that cannot be read"


class OpenAIModel(HostedModel):
    """A model behind an OpenAI-compatible endpoint, called with native tools.

    Args:
        model: the model's name at the endpoint.
        api_key: sent to the endpoint and to nobody else; any text where the endpoint asks for none.
        base_url: the endpoint, such as `http://localhost:11434/v1`; OpenAI's own where it is None.
        timeout_s: longest silence of the endpoint.
        deadline_s: longest time for one reply, with all attempts.
        attempts: attempts in all, for 429, 5xx and lost connections; `Retry-After` is honoured.
    """

    def __init__(
        self,
        model: str,
        api_key: str,
        base_url: str | None = None,
        *,
        timeout_s: float = 20.0,
        deadline_s: float = 40.0,
        attempts: int = 3,
        facts: Facts = sites_text,
    ) -> None:
        endpoint = OpenAIEndpoint(
            model, api_key, base_url, timeout_s=timeout_s, deadline_s=deadline_s, attempts=attempts
        )
        super().__init__(endpoint, facts=facts)
        self.close = endpoint.close


class OpenAIEndpoint:
    """`ChatEndpoint` over the OpenAI SDK, which backs off with jitter and honours `Retry-After`."""

    def __init__(
        self,
        model: str,
        api_key: str,
        base_url: str | None,
        *,
        timeout_s: float,
        deadline_s: float,
        attempts: int,
    ) -> None:
        self._model = model
        self._key, self._base_url = api_key, base_url
        self._timeout_s, self._deadline_s, self._attempts = timeout_s, deadline_s, attempts
        self._client: AsyncOpenAI | None = None

    @property
    def name(self) -> str:
        return f"openai:{self._model}"

    async def reply(self, messages: Sequence[Message], tools: Sequence[Description], meter: Meter) -> Reply:
        with _translated():
            async with asyncio.timeout(self._deadline_s):
                completion = await self._connected().chat.completions.create(
                    model=self._model,
                    messages=[_message(message) for message in messages],
                    tools=[_tool(tool) for tool in tools],
                    tool_choice="required",
                )
        response = _read(completion)
        reply = _reply(response)
        _count(meter, response.usage, messages, reply.text + "".join(one.arguments for one in reply.requests))
        return reply

    async def write(self, messages: Sequence[Message], meter: Meter) -> AsyncIterator[str]:
        written = ""
        usage: _Usage | None = None
        finished = ""
        with _translated():
            async with asyncio.timeout(self._deadline_s):
                stream = await self._connected().chat.completions.create(
                    model=self._model,
                    messages=[_message(message) for message in messages],
                    stream=True,
                    stream_options={"include_usage": True},
                )
            async with stream:
                async for chunk in _until(stream, self._deadline_s):
                    response = _read(chunk)
                    usage = response.usage or usage
                    for choice in response.choices[:1]:
                        if choice.delta.refusal:
                            raise ModelError("it declined to answer")
                        finished = choice.finish_reason or finished
                        if choice.delta.content:
                            written += choice.delta.content
                            yield choice.delta.content
        _count(meter, usage, messages, written)
        if finished != "stop":
            raise ModelUnavailable("its text was cut off")

    def _connected(self) -> AsyncOpenAI:
        if self._client is None:
            # Imported on first use: it weighs more than the rest of the service.
            from openai import AsyncOpenAI

            self._client = AsyncOpenAI(
                api_key=self._key,
                base_url=self._base_url,
                timeout=self._timeout_s,
                max_retries=self._attempts - 1,
            )
        return self._client

    async def close(self) -> None:
        """Close the connections to the endpoint."""
        if self._client is not None:
            await self._client.close()


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of the SDK leave the block as `ModelError`s in words of ours: theirs may quote the endpoint."""
    import openai

    try:
        yield
    except (TimeoutError, openai.APITimeoutError) as error:
        raise ModelUnavailable("it did not answer in time") from error
    except openai.RateLimitError as error:
        raise ModelUnavailable("it is overloaded or its quota is used up") from error
    except openai.InternalServerError as error:
        raise ModelUnavailable("it failed on its side") from error
    except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
        raise ModelError("it refused the API key") from error
    except openai.NotFoundError as error:
        raise ModelError("its endpoint does not know the model or the address") from error
    except openai.APIStatusError as error:
        raise ModelError(f"its endpoint refused the request (status {error.status_code})") from error
    except openai.APIConnectionError as error:
        raise ModelUnavailable("its endpoint cannot be reached or broke off") from error
    except (openai.OpenAIError, json.JSONDecodeError) as error:
        raise ModelError(_UNREADABLE) from error


async def _until(
    stream: AsyncIterator[ChatCompletionChunk], deadline_s: float
) -> AsyncIterator[ChatCompletionChunk]:
    """The chunks, or TimeoutError once the deadline for all of them has passed."""
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline_s
    while True:
        # A timeout around each chunk, since one around a generator would be torn apart by its consumer.
        async with asyncio.timeout_at(end):
            chunk = await anext(stream, None)
        if chunk is None:
            return
        yield chunk


class _Part(BaseModel):
    """What is read of a response; the SDK itself passes on whatever the endpoint sent."""

    model_config = ConfigDict(extra="ignore")


class _Function(_Part):
    name: str
    arguments: str | None = None


class _Call(_Part):
    id: str = ""
    function: _Function


class _Message(_Part):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None


class _Delta(_Part):
    content: str | None = None
    refusal: str | None = None


class _Choice(_Part):
    message: _Message = _Message()
    delta: _Delta = _Delta()
    finish_reason: str | None = None


class _Usage(_Part):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Response(_Part):
    choices: list[_Choice]
    usage: _Usage | None = None


def _read(response: BaseModel) -> _Response:
    try:
        return _Response.model_validate(response.model_dump(warnings=False))
    except (ValidationError, AttributeError) as error:
        raise ModelError(_UNREADABLE) from error


def _reply(response: _Response) -> Reply:
    if not response.choices:
        raise ModelError(_UNREADABLE)
    choice = response.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ModelError("it declined to answer")
    if choice.finish_reason == "length":
        raise ModelError("its reply was cut off at its length limit")
    requests = tuple(
        Request(call.id or f"call_{i}", call.function.name, call.function.arguments or "{}")
        for i, call in enumerate(choice.message.tool_calls or ())
    )
    return Reply(choice.message.content or "", requests)


def _message(message: Message) -> Any:
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


def _count(meter: Meter, usage: _Usage | None, messages: Sequence[Message], written: str) -> None:
    """Count what was spent; an endpoint that keeps quiet about it is estimated at four characters a token."""
    if usage is not None:
        meter.add(usage.prompt_tokens, usage.completion_tokens)
    else:
        meter.add(sum(len(message.text) for message in messages) // 4, len(written) // 4)
