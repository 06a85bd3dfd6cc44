"""What every chat model is asked through: messages, tool descriptions, a reply, and a stream of text."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, Protocol, TypeAlias

from agents.models.protocol import Meter

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Description:
    """A tool as a model is told of it."""

    name: str
    description: str
    parameters: Mapping[str, Json]
    """JSON schema of its arguments."""


@dataclass(frozen=True, slots=True)
class Described:
    """Tools as a model is told of them, and as the audit's digest takes them: the same in many turns."""

    tools: tuple[Description, ...]
    text: str

    @classmethod
    def of(cls, tools: Sequence[Description]) -> Described:
        """These tools, in this order."""
        return cls(tuple(tools), json.dumps([asdict(tool) for tool in tools]))


NO_TOOLS = Described((), "[]")


@dataclass(frozen=True, slots=True)
class Request:
    """A call that a model asks for; its arguments are text until a tool has validated them."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the exchange with a model."""

    role: Literal["system", "user", "assistant", "tool"]
    text: str = ""
    requests: tuple[Request, ...] = ()
    """For `assistant`: the calls that it asked for."""
    answers: str = ""
    """For `tool`: id of the request that this is the result of."""

    @property
    def held(self) -> dict[str, Json]:
        """All of it as JSON has it, as the audit's digest takes it."""
        requests = [{"id": one.id, "name": one.name, "arguments": one.arguments} for one in self.requests]
        return {"role": self.role, "text": self.text, "requests": requests, "answers": self.answers}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model came back with."""

    text: str
    requests: tuple[Request, ...]


class ChatEndpoint(Protocol):
    """A chat model behind some interface; it counts what it spends on the meter.

    Both methods raise `ModelUnavailable` where trying later may help, and `ModelError` where it will not.
    """

    @property
    def name(self) -> str:
        """Name of interface and model, such as `openai:gpt-5`."""
        ...

    async def reply(self, messages: Sequence[Message], tools: Sequence[Description], meter: Meter) -> Reply:
        """The model's reply, asked to call one of the tools or more."""
        ...

    def write(self, messages: Sequence[Message], meter: Meter) -> AsyncIterator[str]:
        """The model's text, fragment by fragment."""
        ...
