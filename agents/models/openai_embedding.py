"""Embeddings behind the OpenAI interface: OpenAI, Azure, vLLM, Ollama and the like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from erp_adapters.documents.embedding import Vectors
from erp_adapters.errors import ModelError, ModelUnavailable

if TYPE_CHECKING:
    from openai import OpenAI

_BATCH = 64
_CHARACTERS = 8_000
"""What is sent of one text at most; passages are shorter."""


class OpenAIEmbedder:
    """A model for embeddings at an OpenAI-compatible endpoint: passages and questions are sent there.

    Args:
        model: the model's name at the endpoint, such as `text-embedding-3-small`.
        api_key: sent to the endpoint and to nobody else.
        base_url: the endpoint; OpenAI's own where it is None.
    """

    version = "1"
    near = 0.25

    def __init__(
        self, model: str, api_key: str, base_url: str | None = None, *, timeout_s: float = 20.0
    ) -> None:
        self.name = f"openai:{model}"
        self._model, self._key, self._base_url = model, api_key, base_url
        self._timeout_s = timeout_s
        self._client: OpenAI | None = None

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.passages`.

        Raises:
            ModelError: the endpoint refused, or answered something else than a vector for each text.
        """
        if not texts:
            return np.zeros((0, 1), dtype=np.float32)
        return np.concatenate([self._asked(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)])

    def question(self, text: str) -> Vectors:
        """See `Embedder.question`."""
        return self.passages([text])

    def _asked(self, texts: Sequence[str]) -> Vectors:
        from openai import APIConnectionError, OpenAIError, RateLimitError

        try:
            response = self._connected().embeddings.create(
                model=self._model, input=[text[:_CHARACTERS] for text in texts], encoding_format="float"
            )
        except (APIConnectionError, RateLimitError) as exc:
            raise ModelUnavailable(f"the embedder {self.name!r} does not answer") from exc
        except OpenAIError as exc:
            raise ModelError(f"the embedder {self.name!r} refused") from exc
        rows = [one.embedding for one in sorted(response.data, key=lambda one: one.index)]
        if len(rows) != len(texts) or len({len(row) for row in rows}) != 1 or not rows[0]:
            raise ModelError(f"the embedder {self.name!r} gave no vector for each text")
        vectors = np.asarray(rows, dtype=np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise ModelError(f"the embedder {self.name!r} gave no usable vector")
        return np.asarray(vectors / lengths, dtype=np.float32)

    def _connected(self) -> OpenAI:
        if self._client is None:
            from openai import OpenAI

            self._client = OpenAI(api_key=self._key, base_url=self._base_url, timeout=self._timeout_s)
        return self._client
