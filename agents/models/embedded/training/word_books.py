"""Words of other languages with the English words that they begin as: what the network knows of a language before it
has read a question in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from agents.models.embedded.encoder import folded

_BOOKS = Path(__file__).parent / "written" / "words"
_SHORTEST_PART = 4
"""Letters of a word that is looked for at the end of German compounds."""


def word_books(folder: Path = _BOOKS) -> Mapping[str, tuple[str, ...]]:
    """English words by piece: `de:lieferant` is `supplier`, and so is `de:##lieferant`, the end of a compound.

    Raises:
        ValueError: a line is not a word, a tab and its English words.
    """
    found: dict[str, tuple[str, ...]] = {}
    for book in sorted(folder.glob("*.txt")):
        for number, line in enumerate(book.read_text(encoding="utf-8").splitlines(), start=1):
            form, tab, english = line.partition("\t")
            words = tuple(english.lower().split())
            if not tab or not form or not words:
                raise ValueError(f"{book.name}, line {number}: {line!r} is no word with its English")
            found.setdefault(f"{book.stem}:{folded(form.strip().lower())}", words)
    return found | {f"de:##{part}": found[f"de:{part}"] for part in _parts(found)}


def _parts(pieces: Iterable[str]) -> Iterator[str]:
    """German words that others end in."""
    words = {piece.removeprefix("de:") for piece in pieces if piece.startswith("de:")}
    tails = {word[at:] for word in words for at in range(2, len(word) - _SHORTEST_PART + 1)}
    yield from sorted(words & tails)
