"""The embedder that a setting names: the one that comes with the packages, or an endpoint's."""

from __future__ import annotations

from erp_adapters.documents.embedding import Embedder, packaged_embedder
from erp_adapters.errors import ConfigurationError
from policies.egress import egress_of
from server.settings import Settings


def embedder_of(settings: Settings) -> Embedder:
    """What makes vectors of documents and of questions about them; nothing is sent anywhere by making it.

    Raises:
        ConfigurationError: its key is missing, or the egress policy keeps here what it would be sent.
    """
    if settings.embedder == "packaged":
        return packaged_embedder()
    if not egress_of(settings.egress).sends(("question", "free_text")):
        raise ConfigurationError(
            f"{settings.embedder!r} would be sent questions and what stands in documents, and the egress"
            ' policy does not send them everywhere; say question = "send" and free_text = "send" in the file'
            " that PLANTWRIGHT_EGRESS names, or use the packaged embedder"
        )
    key = settings.openai_api_key
    if key is None and settings.openai_base_url is None:
        raise ConfigurationError(
            f"{settings.embedder!r} needs OPENAI_API_KEY, or OPENAI_BASE_URL for an endpoint of your own;"
            " the packaged embedder needs neither"
        )
    from agents.models.openai_embedding import OpenAIEmbedder

    return OpenAIEmbedder(
        settings.embedder.partition(":")[2],
        key.get_secret_value() if key else "none",
        settings.openai_base_url,
    )
