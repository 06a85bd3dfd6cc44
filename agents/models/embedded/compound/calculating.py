"""Columns that are calculated from two others: `days from order to receipt`, `actual minus plan`."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.compound.columns import Columns
from agents.models.embedded.compound.draft import Column
from agents.models.embedded.compound.pieces import Attribute, Piece, Role
from agents.models.embedded.compound.sentence import Sentence
from agents.models.embedded.text import Token
from tools.metrics.query import Aggregate, Calculation, CalculationKind

_FAR = 6
_TWO = 2
_KEYS = "abcdefgh"


class Calculating:
    """Places words that calculate."""

    def __init__(self, sentence: Sentence, columns: Columns) -> None:
        self._s = sentence
        self._columns = columns

    def days(self, index: int, aggregate: Aggregate | None = None) -> bool:
        """`days from the order date to the receipt`; False where two days are not named."""
        found: list[tuple[int, str]] = []
        for at in range(index + 1, min(index + _FAR, len(self._s.pieces))):
            piece = self._s.pieces[at]
            if piece.mark in ("break", "comma") or piece.period is not None:
                break
            path = self._day(piece)
            if path:
                found.append((at, path))
            elif piece.meanings or piece.strange:
                break
            if len(found) == _TWO:
                break
        if len(found) < _TWO or found[0][1] == found[1][1]:
            return False
        self._s.used.update(range(index, found[1][0] + 1))
        self._add("minus", (found[1][1], found[0][1]), "days", aggregate)
        return True

    def minus(self, index: int) -> bool:
        """`actual minus planned`: the last column less the next; False where either is none."""
        last = self._s.out.columns[-1] if self._s.out.columns else None
        following = self._s.piece(index + 1)
        other = self._s.attribute(following, numbers=True) if following is not None else None
        if last is None or last.attribute is None or other is None or last.clause != self._s.clause:
            return False
        if last.figure is not None or last.where or last.attribute == other:
            return False
        self._s.out.columns.pop()
        self._s.used.add(index + 1)
        self._add("minus", (last.attribute.path, other.path), last.attribute.kind, last.aggregate)
        return True

    def between(self, index: int) -> bool:
        """`the difference between the order price and the contract price`."""
        if "between" not in [token.norm for token in self._tokens_of(index)]:
            return False
        found: list[tuple[int, Attribute]] = []
        for at in range(index + 1, min(index + _FAR, len(self._s.pieces))):
            piece = self._s.pieces[at]
            if piece.mark == "and" and len(found) == 1:
                continue
            attribute = self._s.attribute(piece, numbers=True)
            if attribute is None:
                break
            found.append((at, attribute))
            if len(found) == _TWO:
                self._s.used.update(each for each, _ in found)
                paths = (found[0][1].path, found[1][1].path)
                self._add("minus", paths, found[0][1].kind, None)
                return True
        return False

    def _tokens_of(self, index: int) -> Sequence[Token]:
        first, after = self._s.pieces[index].first, self._s.pieces[index].after
        return self._s.tokens[first : after + 1]

    def _add(
        self, kind: CalculationKind, of: tuple[str, str], gives: str, aggregate: Aggregate | None
    ) -> None:
        out = self._s.out
        name = f"calculated_{_KEYS[len(out.calculated) % len(_KEYS)]}"
        out.calculated.append(Calculation(records=out.entity, name=name, kind=kind, of=of))
        attribute = Attribute(f"{out.entity}.{name}", gives)
        self._columns.add(Column(attribute=attribute, aggregate=aggregate, apart=True))

    def _day(self, piece: Piece) -> str:
        for one in piece.meanings:
            if isinstance(one, Role):
                return one.field
        days = [one for one in piece.all(Attribute) if isinstance(one, Attribute) and one.kind == "date"]
        return min(days, key=lambda one: one.depth).path if days else ""
