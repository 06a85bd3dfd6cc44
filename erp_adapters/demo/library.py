"""The demo's documents: procedures, contracts and policies of each plant, and the group's at every plant.

No person and no company in them is real. Their vectors come with them, so that the demo is built in seconds;
`python -m erp_adapters.demo.library` writes them anew after a text was changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import psycopg

from erp_adapters.documents.chunking import passages
from erp_adapters.documents.embedding import Embedder, KnownVectors, packaged_embedder
from erp_adapters.documents.storing import ImportReport, files_of, opened, store

FOLDER = Path(__file__).with_name("documents")
GROUP = FOLDER / "group"
VECTORS = FOLDER / "vectors.npz"
_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


def index_library(connection: _Connection, embedder: Embedder | None = None) -> tuple[ImportReport, ...]:
    """Index the documents of every plant that is in the store, in the connection's transaction."""
    quick = with_packaged_vectors(embedder or packaged_embedder())
    sites = [str(row[0]) for row in connection.execute("select site from erp.site order by 1").fetchall()]
    return tuple(
        store(connection, (FOLDER / site, GROUP), site, quick) for site in sites if (FOLDER / site).is_dir()
    )


def with_packaged_vectors(embedder: Embedder) -> Embedder:
    """The embedder, sparing what was embedded when the documents were written, where it is the same one."""
    known = _packaged(embedder.name, embedder.version)
    return KnownVectors(embedder, _ByText(known)) if known else embedder


def searched_texts() -> Iterator[str]:
    """What is embedded of every document."""
    for folder in sorted(path for path in FOLDER.iterdir() if path.is_dir()):
        for path in files_of(folder):
            one = opened(path, path.name, "", ())
            yield from (passage.searched for passage in passages(one.text, one.card.title))


def write_vectors(embedder: Embedder) -> int:
    """Embed every text and keep the vectors beside the documents; how many there are."""
    texts = list(dict.fromkeys(searched_texts()))
    vectors = embedder.passages(texts).astype(np.float16)
    keys = np.array([_key(text) for text in texts])
    np.savez_compressed(
        VECTORS, keys=keys, vectors=vectors, made_by=np.array([embedder.name, embedder.version])
    )
    return len(texts)


class _ByText(Mapping[str, npt.NDArray[np.float32]]):
    def __init__(self, known: Mapping[str, npt.NDArray[np.float32]]) -> None:
        self._known = known

    def __getitem__(self, text: str) -> npt.NDArray[np.float32]:
        return self._known[_key(text)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


@cache
def _packaged(name: str, version: str) -> Mapping[str, npt.NDArray[np.float32]]:
    if not VECTORS.is_file():
        return {}
    with np.load(VECTORS, allow_pickle=False) as kept:
        if kept["made_by"].tolist() != [name, version]:
            return {}
        return dict(zip(kept["keys"].tolist(), kept["vectors"].astype(np.float32), strict=True))


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


if __name__ == "__main__":
    write_vectors(packaged_embedder())
