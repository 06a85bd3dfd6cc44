"""A question's chunks read as being about one kind of record: what stands near what, what is explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from agents.models.embedded.assembly.hypothesis import Assembly
from agents.models.embedded.chunks import Chunk
from agents.models.embedded.lexicon import EntityWord, FieldWord
from agents.models.embedded.text import Token
from tools.metrics.catalogue import Catalogue, EntityField

_Word = TypeVar("_Word")


class Question:
    """The chunks with the assembly that they are put into, and which of them are in it already."""

    def __init__(
        self, catalogue: Catalogue, tokens: Sequence[Token], chunks: Sequence[Chunk], entity: str
    ) -> None:
        self.catalogue = catalogue
        self.tokens = tokens
        self.chunks = chunks
        self.out = Assembly(entity)
        self.paths = catalogue.paths[entity]
        self.taken: set[int] = set()
        self.negations: set[int] = set()
        """Indices of the `not` and `never` that a condition took."""

    def use(self, index: int) -> None:
        """Takes a chunk; its words are explained."""
        self.taken.add(index)
        chunk = self.chunks[index]
        self.out.used.update(range(chunk.first, chunk.after))

    # ── what stands where ──
    def marker(self, index: int) -> str:
        """The kind of a marker; empty for phrases and outside the question."""
        return self.chunks[index].marker or "" if 0 <= index < len(self.chunks) else ""

    def near(self, one: int, other: int, words: int = 2) -> bool:
        """True where at most so many words stand between two chunks."""
        left, right = min(one, other), max(one, other)
        if left < 0 or right >= len(self.chunks):
            return False
        return self.chunks[right].first - self.chunks[left].after <= words

    def before(self, index: int, *markers: str, words: int = 2, through: int = 1) -> int | None:
        """Index of a marker shortly before a chunk, looking back over at most `through` chunks."""
        for back in range(1, through + 1):
            if self.marker(index - back) in markers and self.near(
                index - back, index, words + 3 * (back - 1)
            ):
                return index - back
        return None

    def stands_alone(self, index: int, words: int = 0) -> bool:
        """True for the `largest` of `which order is the largest by total`: nothing that it describes
        follows."""
        return not self.near(index, index + 1, words) or bool(self.marker(index + 1))

    def word_after(self, index: int) -> str:
        """The word right after a chunk, whether it is in a chunk or not."""
        after = self.chunks[index].after
        return self.tokens[after].norm if after < len(self.tokens) else ""

    # ── what chunks mean ──
    def words(self, index: int, kind: type[_Word]) -> list[_Word]:
        """A chunk's meanings of one kind."""
        return [meaning for meaning in self.chunks[index].meanings if isinstance(meaning, kind)]

    def entities(self, index: int) -> list[str]:
        """Kinds of record that a chunk can name."""
        return [word.entity for word in self.words(index, EntityWord)]

    def reaches(self, entity: str) -> bool:
        """True where the records refer to such records, perhaps over others."""
        return entity in self.paths

    def nearest(self, entities: Iterable[str]) -> str | None:
        """The kind of record that the fewest links lead to."""
        reachable = [(len(self.paths[name]), name) for name in entities if name in self.paths]
        return min(reachable)[1] if reachable else None

    def field(self, word: FieldWord) -> EntityField:
        """The catalogue's entry for a field."""
        return self.catalogue.entity(word.entity).fields[word.field]

    def fields(self, index: int, test: Callable[[EntityField], bool] = lambda _: True) -> list[FieldWord]:
        """Fields within reach that a chunk can name, nearest first."""
        found = [
            word
            for word in self.words(index, FieldWord)
            if self.reaches(word.entity) and test(self.field(word))
        ]
        return sorted(found, key=lambda word: len(self.paths[word.entity]))

    def sortable(self, index: int) -> list[FieldWord]:
        """Fields with a largest and a smallest value: numbers and dates."""
        return self.fields(index, lambda field: field.is_number or field.kind == "date")

    def numbers(self, index: int) -> list[FieldWord]:
        """Fields that can be added, averaged and compared as numbers."""
        return self.fields(index, lambda field: field.is_number)


def path_of(word: FieldWord) -> str:
    """A field as queries name it."""
    return f"{word.entity}.{word.field}"
