"""`The last receipt of each material`, `what did we pay last time`, `the newest order`: which is meant."""

from __future__ import annotations

from agents.models.embedded.compound.columns import Columns
from agents.models.embedded.compound.draft import Column, Latest
from agents.models.embedded.compound.pieces import Attribute, Piece, Record, Role, Test
from agents.models.embedded.compound.sentence import Sentence
from tools.metrics.query import Grouping, NullTest

_NEAR = 4
_WHOLE = frozenset({"time", "recently"})
"""Words that speak of the whole record: `last time`, `most recently`."""


class LatestOnes:
    """Places words for the last of several records."""

    def __init__(self, sentence: Sentence, columns: Columns) -> None:
        self._s = sentence
        self._columns = columns

    def placed(self, index: int) -> bool:
        """Notes which record is meant; False where no date says which is the last."""
        path = self._date(index)
        if not path:
            return False
        if self._measured():
            # `how many, and when was the last`: the last day of them all.
            self._columns.add(Column(attribute=Attribute(path, "date"), aggregate="maximum"))
            return True
        if self._s.out.latest is not None:
            return self._s.out.latest.path == path
        if self._of_several(index):
            self._s.out.doubts += 1.0  # `the latest prices`: hardly of one record
        self._s.out.latest = Latest(path)
        return True

    def _of_several(self, index: int) -> bool:
        """True where the noun behind is in the plural, and nothing says of each of what."""
        following = self._s.piece(index + 1)
        each = any(piece.mark in ("each", "per") or piece.number for piece in self._s.pieces)
        if following is None or each or not following.all(Record, Attribute):
            return False
        noun = self._s.tokens[following.after - 1]
        return noun.norm.endswith("s") and noun.stem != noun.norm

    def _measured(self) -> bool:
        """True where figures of all records together are asked for before."""
        columns = self._s.out.columns
        return bool(columns) and all(
            column.counts is not None or column.aggregate is not None or self._s.out.totals
            for column in columns
        )

    def _date(self, index: int) -> str:
        """Path of the date that what stands behind is about, or of the records' own."""
        words = {
            token.norm for token in self._s.tokens[self._s.pieces[index].first : self._s.pieces[index].after]
        }
        entity = self._s.catalogue.entity(self._s.out.entity)
        named = bool(words & _WHOLE)
        for at in range(index + 1, min(index + _NEAR, len(self._s.pieces))):
            piece = self._s.pieces[at]
            if piece.mark in ("break", "comma"):
                break
            roles = [one for one in piece.all(Role) if isinstance(one, Role)]
            if roles and (piece.mark is None or not piece.all(Record)):
                if not piece.all(Test, Record, Attribute):
                    self._s.used.add(at)
                return roles[0].field
            done = self._of_test(piece)
            if done:
                return done
            own = [one for one in piece.all(Test) if isinstance(one, Test) and one.depth == 0]
            named = named or bool(piece.all(Record, Attribute)) or bool(own)
            if piece.all(Record, Attribute):
                break
        if not named and index + 1 < len(self._s.pieces):
            return ""
        done = "completed" if "completed" in entity.dates else entity.default_date
        return self._s.words.dated(done) or self._s.words.main("date")

    def _of_test(self, piece: Piece) -> str:
        """The day of `completed`, which is a condition that the day is there."""
        for one in piece.all(Test):
            if isinstance(one, Test) and one.depth == 0 and isinstance(one.filter, NullTest):
                return "" if one.filter.missing else one.filter.path
        return ""

    def each_named(self, index: int, piece: Piece) -> bool:
        """`for each of the electric motors`: each thing of those that a name limits."""
        before = self._s.before(index, ("each",))
        tests = [one for one in piece.all(Test) if isinstance(one, Test) and one.field]
        if before is None or not tests or piece.all(Record):
            return False
        entity = min(tests, key=lambda one: one.depth).field.split(".")[0]
        if entity == self._s.out.entity or not self._s.catalogue.entity(entity).name:
            return False
        self._s.by(Grouping(entity=entity))
        return True
