"""Periods with the date that each is about."""

from __future__ import annotations

from dataclasses import replace

from agents.models.embedded.compound.conditions import Conditions
from agents.models.embedded.compound.draft import Dated
from agents.models.embedded.compound.pieces import (
    Attribute,
    Piece,
    Record,
    Role,
    Test,
)
from agents.models.embedded.compound.sentence import Sentence

_CLOSE = 3
_NEAR = 5
"""Pieces up to a period: the same with a plant between them."""


class Dates:
    """Places periods."""

    def __init__(self, sentence: Sentence, conditions: Conditions) -> None:
        self._s = sentence
        self._conditions = conditions

    def dated(self, index: int, piece: Piece) -> None:
        assert piece.period is not None
        role = self._role_beside(index)
        dated = Dated(piece.period, clause=self._s.clause)
        if role is not None:
            dated = replace(dated, role=role.role, field=role.field)
        else:
            attribute = self._date_beside(index)
            if attribute is not None:
                dated = replace(dated, field=attribute.path)
        self._s.out.periods.append(replace(dated, column=self._conditions.dated_column(index)))

    def then(self, index: int) -> None:
        """`completed that year`: the day that the period before is about."""
        before = self._s.piece(index - 1)
        roles = [one for one in before.all(Role) if isinstance(one, Role)] if before is not None else []
        if not roles:
            return
        self._s.out.periods[:] = [
            one if one.role else replace(one, role=roles[0].role, field=roles[0].field)
            for one in self._s.out.periods
        ]

    def when(self, index: int) -> None:
        """`year by start of the stop`: the day that the periods without one are about."""
        said: list[tuple[str, str]] = []
        at = index + 1
        while (piece := self._s.piece(at)) is not None and piece.mark not in ("break", "comma"):
            said += [(one.role, one.field) for one in piece.all(Role) if isinstance(one, Role)]
            days = [one for one in piece.all(Attribute) if isinstance(one, Attribute) and one.kind == "date"]
            said += [("", one.path) for one in days]
            self._s.used.add(at)
            at += 1
        if not said:
            self._s.out.doubts += 1.0
            return
        role, field = said[0]
        self._s.out.periods[:] = [
            one if one.role or one.field else replace(one, role=role, field=field)
            for one in self._s.out.periods
        ]

    def _role_beside(self, index: int) -> Role | None:
        for at in (index - 1, index + 1, index - 2, index - 3, index + 2):
            piece = self._s.piece(at)
            if piece is None or self._s.parted(index, at):
                continue
            roles = [one for one in piece.all(Role) if isinstance(one, Role)]
            if roles and at not in self._s.used:
                if not piece.all(Test):
                    self._s.used.add(at)
                self._unshow(piece)
                return roles[0]
            if roles:
                self._unshow(piece)
                return roles[0]
        return None

    def _unshow(self, piece: Piece) -> None:
        """A date that a period is about is no column."""
        own = [one.path for one in piece.all(Attribute) if isinstance(one, Attribute)]
        if self._s.out.columns and own:
            last = self._s.out.columns[-1]
            if last.attribute is not None and last.attribute.path in own and last.attribute.kind == "date":
                self._s.out.columns.pop()

    def _date_beside(self, index: int) -> Attribute | None:
        for at in (index - 1, index - 2, index + 1):
            piece = self._s.piece(at)
            if piece is None or self._s.parted(index, at):
                continue
            dates = [one for one in piece.all(Attribute) if isinstance(one, Attribute) and one.kind == "date"]
            if dates and not piece.all(Record):
                self._s.used.add(at)
                self._unshow(piece)
                return dates[0]
        return None

    def takes_period(self, index: int) -> bool:
        """True for the `due` of `due in March`: the period takes it."""
        for at in range(index + 1, index + 1 + _NEAR):
            piece = self._s.piece(at)
            if piece is None or piece.mark in ("break", "comma"):
                return False
            if piece.period is not None or (piece.mark == "then" and at == index + 1):
                return True
            tests = [one for one in piece.all(Test) if isinstance(one, Test)]
            if tests and all(test.field.startswith("site.") for test in tests):
                continue  # `inspected at Monterrey this year`
            if at > index + _CLOSE:
                return False
            if piece.meanings and piece.all(Role) and piece.all(Test):
                continue
            if piece.meanings:
                return False
        return False
