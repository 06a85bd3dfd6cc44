"""What is read of the replies of OpenAI-compatible endpoints, whatever else they send."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.models.chat import Message, Reply, Request
from agents.models.forms import Form, calls_in
from agents.models.protocol import Meter
from erp_adapters.errors import ModelError

UNREADABLE = "its endpoint answered in a form that cannot be read"


class _Part(BaseModel):
    """The SDK itself passes on whatever the endpoint sent."""

    # Frozen ones are not copied where they stand as a default, which every piece of a stream has.
    model_config = ConfigDict(extra="ignore", frozen=True)


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


class _Details(_Part):
    cached_tokens: int | None = None


class Usage(_Part):
    """Tokens of one request, as the endpoint counts them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None

    @property
    def cached_tokens(self) -> int:
        """Of the prompt tokens, those that it had in its cache."""
        return (self.prompt_tokens_details and self.prompt_tokens_details.cached_tokens) or 0


class Response(_Part):
    """A whole reply, or a piece of a streamed one."""

    choices: list[_Choice]
    usage: Usage | None = None
    error: object = None


def read_json(text: bytes) -> Response:
    """A reply, or a piece of one, as it was sent.

    Raises:
        ModelError: it is none.
    """
    try:
        return Response.model_validate_json(text)
    except ValidationError as error:
        raise ModelError(UNREADABLE) from error


def reply_of(response: Response, form: Form) -> Reply:
    """The model's reply to a request of that form.

    Raises:
        ModelError: there is none, or it declined, or was cut off.
    """
    if not response.choices:
        raise ModelError(UNREADABLE)
    choice = response.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ModelError("it declined to answer")
    if choice.finish_reason == "length":
        raise ModelError("its reply was cut off at its length limit")
    text = choice.message.content or ""
    requests = tuple(
        Request(call.id or f"call_{i}", call.function.name, call.function.arguments or "{}")
        for i, call in enumerate(choice.message.tool_calls or ())
    )
    if not requests and form in ("schema", "text"):
        requests = calls_in(text)
    return Reply(text, requests)


def count(meter: Meter, usage: Usage | None, messages: Sequence[Message], written: str) -> None:
    """Count what was spent; an endpoint that keeps quiet about it is estimated at four characters a token."""
    if usage is not None:
        meter.add(usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens)
    else:
        read = sum(len(message.text) for message in messages) // 4
        meter.add(read, len(written) // 4, estimated=True)
