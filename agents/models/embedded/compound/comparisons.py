"""Fields and figures against numbers, and against each other."""

from __future__ import annotations

from agents.models.embedded.compound.columns import Columns
from agents.models.embedded.compound.draft import Column
from agents.models.embedded.compound.pieces import (
    Attribute,
    Figure,
    Piece,
    Record,
    Thing,
)
from agents.models.embedded.compound.sentence import Sentence
from tools.metrics.query import (
    FieldTest,
    Having,
    ValueTest,
)


class Comparisons:
    """Places comparisons."""

    def __init__(self, sentence: Sentence, columns: Columns) -> None:
        self._s = sentence
        self._columns = columns

    def compared(self, index: int, piece: Piece) -> None:
        if piece.number is None:
            self._against(index, piece)
            return
        left = self._subject(range(index - 1, max(-1, index - 4), -1))
        right = self._subject(range(index + 1, min(len(self._s.pieces), index + 4)))
        counted = right is not None and self._s.pieces[right].all(Record, Thing) and not piece.unit
        fits = left is not None and not (counted and right == index + 1)
        at = left if fits else right if right is not None else left
        if at is None:
            self._s.out.doubts += 1.0
            return
        self._hold_against(at, piece)

    def _subject(self, indices: range) -> int | None:
        for at in indices:
            piece = self._s.pieces[at]
            if piece.mark == "break" or piece.period is not None:
                return None
            if piece.all(Attribute, Figure) or piece.all(Record, Thing):
                return at
        return None

    def _hold_against(self, at: int, compared: Piece) -> None:
        piece, out = self._s.pieces[at], self._s.out
        assert compared.number is not None
        assert compared.op is not None
        attribute = self._s.attribute(piece, numbers=True, unit=compared.unit)
        figure = self._s.figure(piece)
        self._s.used.add(at)
        if out.columns and out.columns[-1].key[:2] in ((attribute, figure), (attribute, None)):
            out.columns[-1].ranked = out.columns[-1].ranked
        if attribute is not None and not (figure is not None and self._is_grouped()):
            out.where.append(ValueTest(path=attribute.path, op=compared.op, values=(compared.number,)))
            if not any(one.attribute == attribute for one in out.columns):
                out.columns.append(Column(attribute=attribute, clause=self._s.clause))
            return
        column = Column(figure=figure) if figure is not None else Column(counts=Record())
        if figure is None and (things := [one for one in piece.all(Thing) if isinstance(one, Thing)]):
            column = Column(counts=things[0])
        column.clause = self._s.clause
        out.having.append((column, Having(left="?", op=compared.op, value=compared.number)))

    def _against(self, index: int, piece: Piece) -> None:
        """`stock below the reorder point`: a field against another."""
        assert piece.op is not None
        left = self._subject(range(index - 1, max(-1, index - 3), -1))
        right = self._subject(range(index + 1, min(len(self._s.pieces), index + 3)))
        one = self._s.attribute(self._s.pieces[left], numbers=True, dates=True) if left is not None else None
        other = (
            self._s.attribute(self._s.pieces[right], numbers=True, dates=True) if right is not None else None
        )
        if one is None and other is not None:
            one = self._columns.main("pieces")
        if one is None or other is None or one == other or right is None:
            self._s.out.doubts += 1.0
            return
        self._s.used.add(right)
        self._s.out.where.append(FieldTest(path=one.path, op=piece.op, other=other.path))
        for attribute in (one, other):
            if not any(column.attribute == attribute for column in self._s.out.columns):
                self._s.out.columns.append(Column(attribute=attribute, clause=self._s.clause))

    def _is_grouped(self) -> bool:
        return bool(self._s.out.by) or isinstance(self._s.out.head, Thing)
