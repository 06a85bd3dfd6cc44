"""An endpoint's embeddings: sent only where they are configured, checked before they are kept."""

from __future__ import annotations

from pathlib import Path

import httpx2
import numpy as np
import pytest
from openai import OpenAI

from agents.models.openai_embedding import OpenAIEmbedder
from erp_adapters.errors import ConfigurationError, ModelError, ModelUnavailable
from server.embedding import embedder_of
from server.settings import Settings


def answering(*rows: list[float], status: int = 200) -> tuple[OpenAIEmbedder, list[httpx2.Request]]:
    asked: list[httpx2.Request] = []

    def reply(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        data = [{"object": "embedding", "index": at, "embedding": row} for at, row in enumerate(rows)]
        body = {
            "object": "list",
            "model": "m",
            "data": data,
            "usage": {"prompt_tokens": 1, "total_tokens": 1},
        }
        return httpx2.Response(status, json=body)

    embedder = OpenAIEmbedder("m", "key", "http://localhost:9/v1")
    client = httpx2.Client(transport=httpx2.MockTransport(reply))
    embedder._client = OpenAI(
        api_key="key", base_url="http://localhost:9/v1", max_retries=0, http_client=client
    )
    return embedder, asked


def test_vectors_come_back_with_length_one_in_the_order_of_the_texts() -> None:
    embedder, asked = answering([3.0, 4.0], [0.0, 2.0])
    found = embedder.passages(["a", "b"])
    assert np.allclose(found, [[0.6, 0.8], [0.0, 1.0]])
    assert b'"model":"m"' in asked[0].content.replace(b" ", b"")


@pytest.mark.parametrize("rows", [([1.0],), ([0.0, 0.0], [1.0, 0.0]), ([1.0], [1.0, 2.0])])
def test_what_is_no_vector_for_each_text_is_refused(rows: tuple[list[float], ...]) -> None:
    embedder, _ = answering(*rows)
    with pytest.raises(ModelError):
        embedder.passages(["a", "b"])


def test_an_endpoint_that_is_overloaded_may_be_asked_again() -> None:
    embedder, _ = answering([1.0], status=429)
    with pytest.raises(ModelUnavailable):
        embedder.question("a")


def test_nothing_is_asked_for_no_text() -> None:
    embedder, asked = answering([1.0])
    assert len(embedder.passages([])) == 0
    assert asked == []


def test_a_setting_names_the_embedder_and_needs_a_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And a policy that lets documents go: the packaged one does not."""
    sending = tmp_path / "egress.toml"
    sending.write_text('[default]\nfree_text = "send"\n', encoding="utf-8")
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert not embedder_of(Settings()).name.startswith("openai:")
    with pytest.raises(ConfigurationError, match="needs OPENAI_API_KEY"):
        embedder_of(Settings(embedder="openai:text-embedding-3-small", egress=sending))
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:9/v1")
    assert embedder_of(Settings(embedder="openai:small", egress=sending)).name == "openai:small"
    with pytest.raises(ConfigurationError, match="PLANTWRIGHT_EGRESS"):
        embedder_of(Settings(embedder="openai:small"))
    with pytest.raises(ValueError, match="packaged"):
        Settings(embedder="other")
