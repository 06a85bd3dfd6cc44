"""Finds the form in which an endpoint calls tools, by one tiny request for each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from agents.models.chat import Description, Message, Reply
from agents.models.forms import FORMS, Form
from erp_adapters.errors import ModelError, ModelUnavailable

_WORD = "ready"
_TOOL = Description(
    "confirm",
    "Confirms that tools can be called.",
    {
        "type": "object",
        "properties": {"word": {"type": "string", "enum": [_WORD]}},
        "required": ["word"],
        "additionalProperties": False,
    },
)
_MESSAGES = (
    Message("system", "You call tools; you never answer in words."),
    Message("user", f"Call the tool `confirm` with the word {_WORD!r}."),
)


class FormRefused(ModelError):
    """The endpoint does not take requests of that form."""


class FailedInside(ModelUnavailable):
    """The endpoint failed on its side; some do so where they do not know a form."""


Ask: TypeAlias = Callable[[Form, "tuple[Message, ...]", "tuple[Description, ...]"], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Probed:
    """A form that works, and whether no other failed only by the way."""

    form: Form
    surely: bool


async def probed(ask: Ask) -> Probed:
    """The first form in which the endpoint calls a tool when it is asked to.

    Raises:
        ModelUnavailable: it does not answer now, so that nothing can be said of it.
        ModelError: it answers in none of the forms, or refuses the key or the model.
    """
    failure: ModelError | None = None
    for form in FORMS:
        try:
            reply = await ask(form, _MESSAGES, (_TOOL,))
        except (FormRefused, FailedInside) as error:
            failure = failure if isinstance(failure, FailedInside) else error
            continue
        if any(one.name == _TOOL.name and _WORD in one.arguments for one in reply.requests):
            return Probed(form, surely=not isinstance(failure, FailedInside))
    if isinstance(failure, FailedInside):
        raise failure
    raise failure or ModelError("it calls tools in none of the forms in which it can be asked to")
