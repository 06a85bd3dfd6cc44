"""A question's pieces with the draft that they are put into: what stands beside what."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.compound.draft import Draft
from agents.models.embedded.compound.pieces import (
    Attribute,
    Figure,
    Piece,
    Record,
    Thing,
)
from agents.models.embedded.compound.vocabulary import Vocabulary
from agents.models.embedded.text import Token, singular
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import (
    Grouping,
)

_TIGHT = 1
"""Words that may stand between an adjective and its noun."""


class Sentence:
    """A question's pieces and the draft that they are put into."""

    def __init__(
        self, catalogue: Catalogue, words: Vocabulary, tokens: Sequence[Token], pieces: Sequence[Piece]
    ) -> None:
        self.catalogue = catalogue
        self.words = words
        self.tokens = tokens
        self.pieces = pieces
        self.out = Draft(words.entity)
        self.used: set[int] = set()
        """Pieces that another one took with it."""
        self.clause = 0
        """The clause of the piece that is being placed."""
        self.of_clause = self.clauses()
        self.nots: set[int] = set()
        """Negations that a condition took."""
        self.shares = [i for i, piece in enumerate(pieces) if piece.mark == "share"]
        self.joined_by_or = False

    def clauses(self) -> list[int]:
        """Number of the clause that each piece stands in."""
        found, clause = [], 0
        for index, piece in enumerate(self.pieces):
            if piece.mark == "break" or (piece.mark in ("comma", "and") and self.opens(index + 1)):
                clause += 1
            found.append(clause)
        return found

    def opens(self, index: int) -> bool:
        """True where what follows asks for something of its own."""
        following = self.piece(index)
        if following is None:
            return False
        if following.mark in ("with", "of", "and", "comma", "break"):
            return self.opens(index + 1) if following.mark != "break" else True
        return following.mark in ("count", "sum", "share", "ask", "aggregate", "exclude", "only")

    def piece(self, index: int) -> Piece | None:
        return self.pieces[index] if 0 <= index < len(self.pieces) else None

    def after(
        self, index: int, *, through: int = 2, over: tuple[str, ...] = ("of", "verb", "with")
    ) -> int | None:
        """The next piece that says something, over at most so many marks."""
        for at in range(index + 1, min(index + 1 + through, len(self.pieces))):
            piece = self.pieces[at]
            if piece.mark in over and not piece.meanings:
                continue
            return None if piece.mark == "break" or piece.period is not None else at
        return None

    def before(self, index: int, marks: tuple[str, ...]) -> int | None:
        for at in (index - 1, index - 2):
            piece = self.piece(at)
            if piece is None:
                return None
            if piece.mark in marks:
                return at
            if piece.mark not in ("of", "aggregate") and piece.mark != "ask":
                return None
        return None

    def close(self, one: int, other: int) -> bool:
        return self.pieces[other].first - self.pieces[one].after <= _TIGHT

    def noun_follows(self, index: int) -> bool:
        following = self.piece(index + 1)
        return following is not None and bool(following.all(Record, Thing)) and self.close(index, index + 1)

    def enumerates(self, index: int) -> bool:
        """True before `, ... and ...`: the first of several."""
        following = self.piece(index + 1)
        if following is None or following.mark != "comma":
            return False
        for piece in self.pieces[index + 2 :]:
            if piece.mark == "break":
                return False
            if piece.mark == "and":
                return True
        return False

    def listed(self, index: int) -> bool:
        """True for an item of a list: commas, `and`, a break or an end at both of its sides."""
        before, after = self.piece(index - 1), self.piece(index + 1)
        return (before is None or before.mark in ("comma", "and", "break", "ask")) and (
            after is None or after.mark in ("comma", "and", "break")
        )

    def parted(self, one: int, other: int) -> bool:
        low, high = min(one, other), max(one, other)
        return any(
            self.pieces[at].mark in ("break", "comma") or self.pieces[at].period
            for at in range(low + 1, high)
        )

    def negation(self, index: int) -> int | None:
        """A `not` or `without` shortly before, which no other condition took."""
        for at in (index - 1, index - 2):
            piece = self.piece(at)
            if piece is None or piece.mark in ("break", "comma"):
                break
            if piece.mark in ("not", "exclude"):
                return at
            if piece.mark not in ("verb", "of", "only", "with"):
                break
        return self._left_out_behind(index)

    def _left_out_behind(self, index: int) -> int | None:
        """The `not counted` of `rejected orders not counted`, at the end of a clause."""
        for at in (index + 1, index + 2, index + 3):
            piece, following = self.piece(at), self.piece(at + 1)
            if piece is None or (piece.mark in ("break", "comma") and not piece.meanings):
                return None
            if piece.mark == "exclude":
                ends = following is None or following.mark in ("break", "comma")
                return at if ends and at not in self.nots else None
            if not piece.all(Record, Thing) and piece.mark != "verb":
                return None
        return None

    def attribute(
        self, piece: Piece, *, numbers: bool = False, dates: bool = False, unit: str = ""
    ) -> Attribute | None:
        found = [one for one in piece.all(Attribute) if isinstance(one, Attribute)]
        if numbers:
            kinds = {"quantity", "count", "money", "days", "percent", "rate"} | ({"date"} if dates else set())
            found = [one for one in found if one.kind in kinds or (not unit and self.numeric(one))]
        if unit:
            fitting = {
                "days": {"days"},
                "percent": {"percent"},
                "pieces": {"quantity", "count"},
                "money": {"money", "rate"},
            }[unit]
            found = [one for one in found if one.kind in fitting] or found
        return min(found, key=lambda one: one.depth) if found else None

    def singular(self, at: int) -> str:
        """The word there as of a single thing."""
        return singular(self.tokens[at].norm)

    def numeric(self, one: Attribute) -> bool:
        """True for kinds that are told by a number: a rating, a priority."""
        entity, _, name = one.path.rpartition("/")[2].partition(".")
        return one.kind == "category" and self.catalogue.entity(entity).fields[name].numeric

    def figure(self, piece: Piece) -> Figure | None:
        found = [one for one in piece.all(Figure) if isinstance(one, Figure)]
        return found[0] if found else None

    def is_pieces(self, index: int) -> bool:
        words = {token.norm for token in self.tokens[self.pieces[index].first : self.pieces[index].after]}
        return bool(words & {"pieces", "piece", "units", "unit"})

    def next_meant(self, index: int) -> bool:
        following = self.piece(index + 1)
        return following is not None and bool(following.meanings)

    def by(self, grouping: Grouping) -> None:
        if grouping not in self.out.by:
            self.out.by.append(grouping)
