"""The language model that a setting names, with the embedded one behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.models.protocol import ModelProtocol
from erp_adapters.breaker import Breaker
from erp_adapters.errors import ConfigurationError, ModelError
from erp_adapters.store.session import Store
from policies.egress import egress_of
from server.settings import Settings

if TYPE_CHECKING:
    from agents.models.local.model import LocalModel


def model_of(settings: Settings, breaker: Breaker | None = None) -> ModelProtocol:
    """The embedded or hosted model that answers; nothing is sent anywhere by making it.

    Args:
        settings: name it.
        breaker: leaves a hosted model's endpoint alone where it keeps failing.

    Raises:
        ConfigurationError: its key or its package is missing; the message names the remedy.
    """
    if settings.model == "embedded":
        return embedded()
    provider, _, name = settings.model.partition(":")
    if provider != "openai":
        from agents.models.langchain_bridge import named

        return named(settings.model, breaker=breaker, egress=egress_of(settings.egress))
    from agents.models.known_forms import KnownForms
    from agents.models.openai_compatible import OpenAIModel

    key = settings.openai_api_key
    if key is None and settings.openai_base_url is None:
        raise ConfigurationError(
            f"{settings.model!r} needs OPENAI_API_KEY, or OPENAI_BASE_URL for an endpoint of your own;"
            " the embedded model needs neither"
        )
    return OpenAIModel(
        name,
        key.get_secret_value() if key else "none",
        settings.openai_base_url,
        form=None if settings.model_form == "found" else settings.model_form,
        known=KnownForms(settings.home / "endpoints.json"),
        breaker=breaker,
        egress=egress_of(settings.egress),
    )


async def let_go(model: ModelProtocol) -> None:
    """End the connections that a model keeps to its endpoint."""
    from agents.models.openai_compatible import OpenAIModel

    if isinstance(model, OpenAIModel):
        await model.close()


def fallback_of(settings: Settings) -> ModelProtocol | None:
    """What takes over, visibly, where the model fails."""
    return None if settings.model == "embedded" else embedded()


def read_beside(hosted: ModelProtocol, second: ModelProtocol, store: Store) -> ModelProtocol:
    """The hosted model with the embedded reader beside it."""
    from agents.models.beside import ReadBeside

    return ReadBeside(hosted, second, store.reading)


def local(settings: Settings) -> LocalModel:
    """The model in the file that the settings name; nothing is loaded by making it."""
    from agents.models.local.llama import LlamaEngine
    from agents.models.local.model import LocalModel
    from agents.models.local.store import found

    file = found(settings.model.removeprefix("local:"), settings.models)
    return LocalModel(LlamaEngine(file, settings.models / "read"))


def readiness(settings: Settings) -> str:
    """Whether the model in a file can be used, in words; nothing is loaded to find out."""
    from agents.models.local.llama import check, is_kept, kept_name
    from agents.models.local.model import names_here
    from agents.models.local.picker import start_of
    from agents.models.local.store import found

    file = found(settings.model.removeprefix("local:"), settings.models)
    try:
        check(file)
    except ModelError as error:
        return f"cannot be used: {error}; the embedded model answers"
    if is_kept(settings.models / "read", kept_name(file, start_of(names_here()))):
        return "ready"
    return "not prepared: it must read the catalogue first, for minutes (`plantwright models prepare`)"


def embedded() -> ModelProtocol:
    """The model that needs no key and no network."""
    from agents.models.embedded.model import EmbeddedModel

    return EmbeddedModel()
