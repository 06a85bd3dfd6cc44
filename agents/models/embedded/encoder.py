"""A small transformer encoder in numpy: text to token states, with the word pieces that it was trained on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from tools.languages import LANGUAGES, Language

Floats: TypeAlias = npt.NDArray[np.float32]
_Any: TypeAlias = npt.NDArray[np.floating[Any]]

PLACEHOLDERS = (
    "MATERIAL", "SUPPLIER", "LOCATION", "COMPANY", "ACCOUNT", "COST_CENTRE", "SCRAP_REASON", "SHIP_METHOD",
    "CURRENCY", "WORK_CENTRE", "CUSTOMER", "SITE", "DEPARTMENT", "CATEGORY", "SUBCATEGORY", "MODEL", "COLOUR",
    "VALUE", "PERIOD", "DAY", "NUMBER", "AMOUNT", "TEXT",
)  # fmt: skip
"""Words in a masked question that stand for a name, a period or a number."""
SEPARATOR = "[SEP]"
"""Word that stands between a question and the turn before it."""
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", SEPARATOR, *(f"<{word}>" for word in PLACEHOLDERS))


_SHORTEST_KNOWN = 3
"""Letters before the part of a compound that makes it known."""
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "œ": "oe", "æ": "ae"})


def folded(word: str) -> str:
    """A word without accents, so that `fabricacion` and `fabricación` are one: `ueber` for `über`."""
    if word.isascii():
        return word
    plain = unicodedata.normalize("NFKD", word.translate(_LETTERS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


_FOREIGN = re.compile(rf"^(?:{'|'.join(LANGUAGES)}):", re.MULTILINE)
"""Where the pieces of other languages begin."""


class Narrow(NamedTuple):
    """A matrix in 8 bits."""

    values: npt.NDArray[np.int8]
    scale: Floats
    """What each column is multiplied by."""


class WordPieces:
    """Splits words into the pieces of a vocabulary, longest first.

    A piece of another language than English stands as `de:lieferant`, one within a word as `de:##auftrag`.
    Where a language has no piece of its own, the English ones serve.
    """

    def __init__(self, pieces: Sequence[str], others: str = "") -> None:
        """`others` are lines with the pieces behind these: taken apart once a question needs them."""
        self._ids = {piece: index for index, piece in enumerate(pieces)}
        self._others = others
        self._cache: dict[tuple[str, Language], tuple[int, ...]] = {}
        self.unknown = self._ids["[UNK]"]
        self.first, self.last = self._ids["[CLS]"], self._ids[SEPARATOR]

    @staticmethod
    def special() -> tuple[str, ...]:
        """Pieces that a vocabulary begins with."""
        return _SPECIAL

    def placed(
        self, words: Sequence[str], longest: int, language: Language = "en"
    ) -> tuple[list[int], list[int]]:
        """Ids of the pieces, and the position of the first piece of each word that still finds room.

        The turn before, behind the separator, is in English always.
        """
        self._make_ready(language)
        ids, places = [self.first], []
        for word in words:
            if word == SEPARATOR:
                language = "en"
            pieces = self._word(word, language)
            if len(ids) + len(pieces) >= longest:
                break
            places.append(len(ids))
            ids.extend(pieces)
        return [*ids, self.last], places

    def knows(self, word: str, language: Language) -> bool:
        """True where a word is a piece, or is put together of pieces of its own language."""
        self._make_ready(language)
        plain = folded(word)
        if self._piece(plain, language) is not None:
            return True
        names = (f"{language}:##{plain[at:]}" for at in range(_SHORTEST_KNOWN, len(plain)))
        return language != "en" and any(name in self._ids for name in names)

    def _make_ready(self, language: Language) -> None:
        if language != "en" and self._others:
            more, self._others = self._others.splitlines(), ""
            self._ids |= {piece: index for index, piece in enumerate(more, start=len(self._ids))}

    def _word(self, word: str, language: Language) -> tuple[int, ...]:
        found = self._cache.get((word, language))
        if found is None:
            special = self._ids.get(f"<{word}>")
            found = (special,) if special is not None else self._split(folded(word), language)
            if len(self._cache) < 20_000:
                self._cache[word, language] = found
        return found

    def _split(self, word: str, language: Language) -> tuple[int, ...]:
        pieces: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = word[start:end] if start == 0 else f"##{word[start:end]}"
                index = self._piece(piece, language)
                if index is not None:
                    pieces.append(index)
                    start = end
                    break
            else:
                return (self.unknown,)
        return tuple(pieces)

    def _piece(self, piece: str, language: Language) -> int | None:
        own = None if language == "en" else self._ids.get(f"{language}:{piece}")
        return self._ids.get(piece) if own is None else own


class Encoder:
    """States of the pieces of a question."""

    def __init__(
        self,
        folder: Path,
        weights: Mapping[str, Floats],
        narrow: Mapping[str, Narrow],
        layers: int,
        heads: int,
    ) -> None:
        text = (folder / "pieces.txt").read_text(encoding="utf-8")
        foreign = _FOREIGN.search(text)
        end = foreign.start() if foreign else len(text)
        self._pieces = WordPieces(text[:end].splitlines(), text[end:])
        self._table = np.load(folder / "pieces.npy", mmap_mode="r")
        self._weights = weights
        self._narrow = narrow
        self._layers = layers
        self._heads = heads
        self._longest = weights["positions"].shape[0]
        # One room for all: to be given new memory each time takes longer than to fill it.
        self._room = np.empty(max(matrix.values.size for matrix in narrow.values()), dtype=np.float32)

    def unknown(self, words: Sequence[str], language: Language) -> list[int]:
        """Positions of the words that the vocabulary does not have whole."""
        return [
            at for at, word in enumerate(words) if word.islower() and not self._pieces.knows(word, language)
        ]

    def states(self, words: Sequence[str], language: Language = "en") -> tuple[Floats, list[int]]:
        """A state for each piece, and the position of the first piece of each word that found room."""
        ids, places = self._pieces.placed(words, self._longest, language)
        weights = self._weights
        x = self._table[ids].astype(np.float32) * weights["pieces.scale"][ids, None]
        x = normal(x + weights["positions"][: len(ids)], weights["start.scale"], weights["start.shift"])
        for layer in range(self._layers):
            x = self._layer(x, f"layer{layer}.")
        return x, places

    def _dense(self, x: Floats, name: str) -> Floats:
        """A linear step; its matrix stays in 8 bits, because it is needed once a question."""
        matrix = self._narrow[f"{name}.weight"]
        wide = self._room[: matrix.values.size].reshape(matrix.values.shape)
        np.copyto(wide, matrix.values)
        found = x @ wide
        found *= matrix.scale
        found += self._weights[f"{name}.bias"]
        return found

    def _layer(self, x: Floats, at: str) -> Floats:
        weights = self._weights
        length, width = x.shape
        size = width // self._heads
        mixed = self._dense(x, at + "qkv")
        query, key, value = mixed.reshape(length, 3, self._heads, size).transpose(1, 2, 0, 3)
        scores = softmax(query @ key.transpose(0, 2, 1) * np.float32(size**-0.5))
        seen = (scores @ value).transpose(1, 0, 2).reshape(length, width)
        x = normal(
            x + self._dense(seen, at + "out"),
            weights[at + "seen.scale"],
            weights[at + "seen.shift"],
        )
        inner = _gelu(self._dense(x, at + "up"))
        return normal(
            x + self._dense(inner, at + "down"),
            weights[at + "done.scale"],
            weights[at + "done.shift"],
        )


def widened(packed: Mapping[str, npt.NDArray[np.generic]], but: Collection[str] = ()) -> dict[str, Floats]:
    """Parameters as 32-bit floats, `but` those named; an 8-bit matrix has its columns' scales beside it."""
    found: dict[str, Floats] = {}
    for name in packed:
        if name.endswith("//scale") or name in but:
            continue
        values = packed[name].astype(np.float32)
        if f"{name}//scale" in packed:
            values *= packed[f"{name}//scale"].astype(np.float32)
        found[name] = np.ascontiguousarray(values)
    return found


def narrowed(packed: Mapping[str, npt.NDArray[np.generic]], prefix: str) -> dict[str, Narrow]:
    """The 8-bit matrices whose names begin so, each with the scale of its columns."""
    return {
        name: Narrow(packed[name].astype(np.int8, copy=False), packed[f"{name}//scale"].astype(np.float32))
        for name in packed
        if name.startswith(prefix) and f"{name}//scale" in packed
    }


def normal(x: _Any, scale: Floats, shift: Floats) -> Floats:
    """Rows brought to mean 0 and spread 1, then scaled and shifted."""
    many = np.float32(1.0 / x.shape[-1])
    centred = x - np.add.reduce(x, axis=-1, keepdims=True) * many
    spread = np.einsum("...i,...i->...", centred, centred)[..., None] * many
    centred /= np.sqrt(spread + np.float32(1e-5))
    centred *= scale
    centred += shift
    return np.asarray(centred, dtype=np.float32)


def softmax(x: _Any) -> Floats:
    """Shares along the last axis."""
    raised = np.exp(x - np.maximum.reduce(x, axis=-1, keepdims=True))
    raised /= np.add.reduce(raised, axis=-1, keepdims=True)
    return np.asarray(raised, dtype=np.float32)


def _gelu(x: _Any) -> Floats:
    """The tanh form, which the network is tuned with."""
    inner = x * x
    inner *= np.float32(0.7978845608 * 0.044715)
    inner += np.float32(0.7978845608)
    inner *= x
    np.tanh(inner, out=inner)
    inner += np.float32(1.0)
    inner *= x
    inner *= np.float32(0.5)
    return np.asarray(inner, dtype=np.float32)
