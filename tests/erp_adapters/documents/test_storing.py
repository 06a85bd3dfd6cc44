"""A folder and the index of its site agree after an import, whatever was there before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from erp_adapters.documents.embedding import KnownVectors, NgramEmbedder
from erp_adapters.documents.storing import embed_again, import_documents, index_state, manifest
from erp_adapters.errors import ConfigurationError, ImportRunning
from erp_adapters.store import OWNER_ROLE
from tests.conftest import Database
from tests.erp_adapters.store.records import insert

EMBEDDER = NgramEmbedder()


@pytest.fixture
def owner_dsn(database: Database) -> str:
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        for table in ("document_chunk", "document", "site"):
            connection.execute(f"delete from erp.{table}".encode())
        insert(connection, "site", "KS", "1000", "Kassel")
    return database.dsn(OWNER_ROLE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "receipt.md").write_text(
        "# Receipt\n\n## 1 Partial\n\nBooked as it comes.\n", encoding="utf-8"
    )
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "prices.txt").write_text(
        "---\nid: P1\nroles: controller\n---\nSecret prices.", encoding="utf-8"
    )
    return tmp_path


def names(dsn: str) -> dict[str, tuple[str, ...]]:
    return {one.document: one.roles for one in manifest(dsn)}


def test_unchanged_files_are_skipped_changed_ones_replaced_and_gone_ones_removed(
    owner_dsn: str, folder: Path
) -> None:
    first = import_documents(owner_dsn, folder, "KS", EMBEDDER)
    assert (len(first.indexed), first.refused) == (2, [])
    assert names(owner_dsn) == {"receipt": (), "P1": ("controller",)}
    again = import_documents(owner_dsn, folder, "KS", EMBEDDER)
    assert (again.indexed, sorted(again.unchanged)) == ([], ["receipt.md", "sub/prices.txt"])
    (folder / "receipt.md").write_text("Now otherwise.", encoding="utf-8")
    (folder / "sub" / "prices.txt").unlink()
    third = import_documents(owner_dsn, folder, "KS", EMBEDDER)
    assert ([one.document for one in third.indexed], third.removed) == (["receipt"], ["P1"])
    with psycopg.connect(owner_dsn) as connection:
        rows = connection.execute("select text from erp.document_chunk").fetchall()
    assert rows == [("Now otherwise.",)]


def test_roles_of_the_command_hold_for_documents_that_name_nobody(owner_dsn: str, folder: Path) -> None:
    import_documents(owner_dsn, folder, "KS", EMBEDDER)
    import_documents(owner_dsn, folder, "KS", EMBEDDER, roles=("buyer",))
    assert names(owner_dsn) == {"receipt": ("buyer",), "P1": ("controller",)}


def test_a_file_that_cannot_be_read_is_named_and_keeps_what_was_indexed(owner_dsn: str, folder: Path) -> None:
    import_documents(owner_dsn, folder, "KS", EMBEDDER)
    (folder / "receipt.md").write_bytes(b"\0\0")
    (folder / "notes.xlsx").write_bytes(b"x")
    (folder / "twice.md").write_text("---\nid: P1\n---\nText", encoding="utf-8")
    report = import_documents(owner_dsn, folder, "KS", EMBEDDER)
    assert sorted(line.split(":")[0] for line in report.refused) == [
        "notes.xlsx",
        "receipt.md",
        "twice.md",
    ] or [line.split(":")[0] for line in report.refused] == ["notes.xlsx", "receipt.md", "sub/prices.txt"]
    assert set(names(owner_dsn)) == {"receipt", "P1"}


def test_a_sidecar_describes_a_file_and_a_link_leads_nowhere(
    owner_dsn: str, folder: Path, tmp_path: Path
) -> None:
    (folder / "page.html").write_text("<p>Only quality releases.</p>", encoding="utf-8")
    (folder / "page.html.yaml").write_text("title: Release\nkind: policy\nrevision: 3\n", encoding="utf-8")
    (folder / "outside.md").symlink_to(Path("/etc/hostname"))
    import_documents(owner_dsn, folder, "KS", EMBEDDER)
    found = {one.document: (one.title, one.kind) for one in manifest(owner_dsn)}
    assert found["page"] == ("Release", "policy")
    assert "outside" not in found


def test_another_embedder_makes_every_vector_anew(owner_dsn: str, folder: Path) -> None:
    import_documents(owner_dsn, folder, "KS", EMBEDDER)
    other = KnownVectors(EMBEDDER, {})
    other.version = "2"
    assert embed_again(owner_dsn, other) == 2
    assert embed_again(owner_dsn, other) == 0
    assert [(state.documents, state.embedder) for state in index_state(owner_dsn)] == [
        (2, "character-ngrams 2")
    ]
    assert len(import_documents(owner_dsn, folder, "KS", EMBEDDER).indexed) == 2


def test_a_site_or_folder_that_is_not_there_is_named(owner_dsn: str, folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="there are KS"):
        import_documents(owner_dsn, folder, "XX", EMBEDDER)
    with pytest.raises(ConfigurationError, match="is no folder"):
        import_documents(owner_dsn, folder / "nowhere", "KS", EMBEDDER)


def test_two_imports_into_one_site_do_not_mix(owner_dsn: str, folder: Path) -> None:
    class Meanwhile(NgramEmbedder):
        def passages(self, texts: Any) -> Any:
            with pytest.raises(ImportRunning):
                import_documents(owner_dsn, folder, "KS", EMBEDDER)
            return super().passages(texts)

    assert len(import_documents(owner_dsn, folder, "KS", Meanwhile()).indexed) == 2


def test_vectors_have_length_one_and_known_ones_are_not_made_again() -> None:
    made: list[str] = []

    class Counting(NgramEmbedder):
        def passages(self, texts: Any) -> Any:
            made.extend(texts)
            return super().passages(texts)

    known = KnownVectors(Counting(), {"a b": NgramEmbedder().passages(["a b"])[0]})
    found = known.passages(["a b", "goods receipt", "a b"])
    assert made == ["goods receipt"]
    assert np.allclose(np.linalg.norm(found[1]), 1.0)
    assert np.allclose(found[0], found[2])
