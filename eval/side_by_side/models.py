"""The language model behind a name, as a person types it.

`server` makes its one model from its settings and is not imported here; a name means the same in both.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from agents.models.embedded.model import EmbeddedModel
from agents.models.protocol import ModelProtocol
from erp_adapters.errors import ConfigurationError, ModelError


@dataclass(frozen=True, slots=True)
class Access:
    """How `openai:` models are reached."""

    key: str | None = None
    base_url: str | None = None


@asynccontextmanager
async def model_named(name: str, access: Access) -> AsyncIterator[ModelProtocol]:
    """The model of a name, until the block ends; nothing is sent anywhere by making it.

    Args:
        name: `embedded`, `local:<file>`, `openai:<model>`, `<provider>:<model>` or
            `langchain:<provider>:<model>`.

    Raises:
        ConfigurationError: there is no such model, or its key or package is missing; the message says which.
    """
    provider, _, rest = name.partition(":")
    if name == "embedded":
        yield EmbeddedModel()
    elif not rest or not provider:
        raise ConfigurationError(
            f"{name!r} names no model; give embedded, local:<file>, openai:<model> or <provider>:<model>"
        )
    elif provider == "local":
        async with _in_a_file(rest) as model:
            yield model
    elif provider == "openai":
        async with _compatible(name, rest, access) as model:
            yield model
    else:
        yield _through_langchain(rest if provider == "langchain" else name)


@asynccontextmanager
async def _in_a_file(name: str) -> AsyncIterator[ModelProtocol]:
    """The model in a file, prepared: what it reads is kept beside it, and the time it takes is reported."""
    from agents.models.local.llama import LlamaEngine
    from agents.models.local.model import LocalModel
    from agents.models.local.store import found

    path = found(name)
    made = LocalModel(LlamaEngine(path, path.parent / "read"), budget_s=_PATIENT_S)
    try:
        await asyncio.wrap_future(made.picker.prepare())
    except ModelError as error:
        raise ConfigurationError(f"local:{path.name}: {error}") from error
    try:
        yield made
    finally:
        made.close()


_PATIENT_S = 60.0
"""Longest time for a question where answers are compared, not waited for."""


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
