"""The language model behind a name, as a person types it.

`server` makes its one model from its settings and is not imported here; a name means the same in both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from agents.models.embedded.model import EmbeddedModel
from agents.models.protocol import ModelProtocol
from erp_adapters.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Access:
    """How `openai:` models are reached."""

    key: str | None = None
    base_url: str | None = None


@asynccontextmanager
async def model_named(name: str, access: Access) -> AsyncIterator[ModelProtocol]:
    """The model of a name, until the block ends; nothing is sent anywhere by making it.

    Args:
        name: `embedded`, `openai:<model>`, `<provider>:<model>` or `langchain:<provider>:<model>`.

    Raises:
        ConfigurationError: there is no such model, or its key or package is missing; the message says which.
    """
    provider, _, rest = name.partition(":")
    if name == "embedded":
        yield EmbeddedModel()
    elif not rest or not provider:
        raise ConfigurationError(
            f"{name!r} names no model; give embedded, openai:<model> or <provider>:<model>"
        )
    elif provider == "local":
        raise ConfigurationError("models in a file cannot be used by this version")
    elif provider == "openai":
        async with _compatible(name, rest, access) as model:
            yield model
    else:
        yield _through_langchain(rest if provider == "langchain" else name)


@asynccontextmanager
async def _compatible(name: str, model: str, access: Access) -> AsyncIterator[ModelProtocol]:
    from agents.models.openai_compatible import OpenAIModel

    if not access.key and not access.base_url:
        raise ConfigurationError(
            f"{name} needs OPENAI_API_KEY, or OPENAI_BASE_URL for an endpoint of your own"
        )
    made = OpenAIModel(model, access.key or "none", access.base_url or None)
    try:
        yield made
    finally:
        await made.close()


def _through_langchain(name: str) -> ModelProtocol:
    from agents.models.langchain_bridge import named

    return named(name)
