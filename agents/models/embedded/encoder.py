"""A small transformer encoder in numpy: text to token states, with the word pieces that it was trained on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]

PLACEHOLDERS = (
    "MATERIAL", "SUPPLIER", "LOCATION", "COMPANY", "ACCOUNT", "COST_CENTRE", "SCRAP_REASON", "SHIP_METHOD",
    "CURRENCY", "WORK_CENTRE", "CUSTOMER", "SITE", "DEPARTMENT", "CATEGORY", "SUBCATEGORY", "MODEL", "COLOUR",
    "VALUE", "PERIOD", "DAY", "NUMBER", "AMOUNT",
)  # fmt: skip
"""Words in a masked question that stand for a name, a period or a number."""
_LONGEST = 64
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"<{word}>" for word in PLACEHOLDERS))


class WordPieces:
    """Splits words into the pieces of a vocabulary, longest first."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._ids = {piece: index for index, piece in enumerate(pieces)}
        self._cache: dict[str, tuple[int, ...]] = {}
        self.unknown = self._ids["[UNK]"]
        self.first, self.last = self._ids["[CLS]"], self._ids["[SEP]"]

    @staticmethod
    def special() -> tuple[str, ...]:
        """Pieces that a vocabulary begins with."""
        return _SPECIAL

    def encode(self, words: Sequence[str]) -> list[int]:
        """Ids of the pieces of words in lower case; a placeholder stands in capitals."""
        ids = [self.first]
        for word in words:
            ids.extend(self._word(word))
            if len(ids) >= _LONGEST - 1:
                break
        return [*ids[: _LONGEST - 1], self.last]

    def _word(self, word: str) -> tuple[int, ...]:
        found = self._cache.get(word)
        if found is None:
            special = self._ids.get(f"<{word}>")
            found = (special,) if special is not None else self._split(word)
            if len(self._cache) < 20_000:
                self._cache[word] = found
        return found

    def _split(self, word: str) -> tuple[int, ...]:
        pieces: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = word[start:end] if start == 0 else f"##{word[start:end]}"
                index = self._ids.get(piece)
                if index is not None:
                    pieces.append(index)
                    start = end
                    break
            else:
                return (self.unknown,)
        return tuple(pieces)


class Encoder:
    """Token states and a pooled vector of a text; parameters come quantised and are widened once."""

    def __init__(self, folder: Path) -> None:
        self.settings: dict[str, object] = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        self._pieces = WordPieces((folder / "pieces.txt").read_text(encoding="utf-8").splitlines())
        self._table = np.load(folder / "pieces.npy", mmap_mode="r")
        with np.load(folder / "reader.npz") as packed:
            self.weights: dict[str, Floats] = widened(packed)
        self._heads = int(str(self.settings["heads"]))
        self._layers = int(str(self.settings["layers"]))

    def pooled(self, words: Sequence[str]) -> Floats:
        """The mean of the token states, and beside it their maximum."""
        states = self.states(self._pieces.encode(words))
        return np.concatenate([states.mean(axis=0), states.max(axis=0)]).astype(np.float32)

    def states(self, ids: Sequence[int]) -> Floats:
        """Token states after the last layer."""
        weights = self.weights
        x = self._table[ids].astype(np.float32) * weights["pieces.scale"][ids, None]
        x = x @ weights["project.weight"] + weights["project.bias"] + weights["positions"][: len(ids)]
        x = _normal(x, weights["start.scale"], weights["start.shift"])
        for layer in range(self._layers):
            x = self._layer(x, f"layer{layer}.")
        return x

    def _layer(self, x: Floats, at: str) -> Floats:
        weights = self.weights
        length, width = x.shape
        size = width // self._heads
        mixed = x @ weights[at + "qkv.weight"] + weights[at + "qkv.bias"]
        query, key, value = mixed.reshape(length, 3, self._heads, size).transpose(1, 2, 0, 3)
        scores = query @ key.transpose(0, 2, 1) * np.float32(size**-0.5)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        seen = (scores @ value).transpose(1, 0, 2).reshape(length, width)
        x = _normal(
            x + seen @ weights[at + "out.weight"] + weights[at + "out.bias"],
            weights[at + "seen.scale"],
            weights[at + "seen.shift"],
        )
        inner = np.maximum(x @ weights[at + "up.weight"] + weights[at + "up.bias"], 0.0)
        return _normal(
            x + inner @ weights[at + "down.weight"] + weights[at + "down.bias"],
            weights[at + "done.scale"],
            weights[at + "done.shift"],
        )


def widened(packed: Mapping[str, npt.NDArray[np.generic]]) -> dict[str, Floats]:
    """Parameters as 32-bit floats; an 8-bit matrix has a scale for each column beside it."""
    found: dict[str, Floats] = {}
    for name in packed:
        if name.endswith("//scale"):
            continue
        values = packed[name].astype(np.float32)
        if f"{name}//scale" in packed:
            values *= packed[f"{name}//scale"].astype(np.float32)
        found[name] = np.ascontiguousarray(values)
    return found


def _normal(x: Floats, scale: Floats, shift: Floats) -> Floats:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(1e-5))
    return np.asarray(centred / spread * scale + shift, dtype=np.float32)
