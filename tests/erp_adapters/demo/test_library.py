"""The demo's documents can all be read, are those of the plants, and come with the vectors of their texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest

from erp_adapters.demo.library import FOLDER, VECTORS, searched_texts, with_packaged_vectors
from erp_adapters.documents.embedding import KnownVectors, NgramEmbedder, Vectors, packaged_embedder
from erp_adapters.documents.storing import files_of, opened
from erp_adapters.store import OWNER_ROLE
from tests.conftest import Database

FILES = [path for folder in sorted(FOLDER.iterdir()) if folder.is_dir() for path in files_of(folder)]


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_document_says_what_it_is(path: Path) -> None:
    card = opened(path, path.name, "", ()).card
    assert card.id
    assert card.title
    assert card.revision
    assert card.valid_from
    assert card.language == {
        "KAS": "de", "MTY": "es", "WRO": "pl", "OLO": "cs", "BRE": "it",
    }.get(path.parent.name, "en")  # fmt: skip


def test_every_plant_has_six_to_ten_and_two_are_restricted() -> None:
    group = [path for path in FILES if path.parent.name == "group"]
    for site in {path.parent.name for path in FILES} - {"group"}:
        assert 6 <= len(group) + sum(path.parent.name == site for path in FILES) <= 10
    restricted = [path for path in FILES if opened(path, path.name, "", ()).card.roles]
    assert len(restricted) == 2


def test_vectors_that_come_with_the_documents_are_of_these_texts() -> None:
    """`python -m erp_adapters.demo.library` after a text was changed."""
    embedder = packaged_embedder()
    if isinstance(embedder, NgramEmbedder):
        pytest.skip("no encoder is installed: its vectors cannot be compared")
    assert VECTORS.is_file()

    class Refusing(NgramEmbedder):
        name, version = embedder.name, embedder.version

        def passages(self, texts: Sequence[str]) -> Vectors:
            raise AssertionError(f"not embedded: {texts}")

    quick = with_packaged_vectors(Refusing())
    assert isinstance(quick, KnownVectors)
    assert len(quick.passages(list(searched_texts()))) > 150


def test_the_demo_has_its_documents_indexed(demo: Database) -> None:
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        missing = connection.execute(
            "select s.site from erp.site s"
            " where not exists (select from erp.document_chunk c where c.site = s.site)"
        ).fetchall()
    assert missing == []
