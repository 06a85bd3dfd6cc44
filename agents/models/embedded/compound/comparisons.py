"""Fields and figures against numbers, and against each other."""

from __future__ import annotations

from decimal import Decimal

from agents.models.embedded.compound.columns import Columns
from agents.models.embedded.compound.conditions import Conditions
from agents.models.embedded.compound.draft import Column
from agents.models.embedded.compound.pieces import (
    Attribute,
    Figure,
    Piece,
    Record,
    Role,
    Test,
    Thing,
)
from agents.models.embedded.compound.sentence import Sentence
from tools.metrics.query import (
    AnyTest,
    Calculation,
    FieldTest,
    Having,
    NullTest,
    ValueTest,
)

_MINUTES_OF_AN_HOUR = Decimal(60)
_HOURS = frozenset({"hour", "hours", "h"})
_MINUTES = frozenset({"minute", "minutes", "min"})
_DAYS = frozenset({"day", "days", "calendar", "workday", "workdays"})
_AGED = frozenset({"older", "age", "open", "waiting", "outstanding", "pending"})
_WORTH = frozenset({"worth", "costing", "cost", "costs"})
_FAR = 4
_KEYS = "abcdefgh"


class Comparisons:
    """Places comparisons."""

    def __init__(self, sentence: Sentence, columns: Columns, conditions: Conditions) -> None:
        self._s = sentence
        self._columns = columns
        self._conditions = conditions

    def compared(self, index: int, piece: Piece) -> None:
        if piece.unit == "date":
            self._dates(index, piece)
            return
        if piece.number is None:
            self._against(index, piece)
            return
        unit = self._unit_of(index, piece)
        near = self._measured(index + 1, unit)
        if near is not None:
            self._s.used.add(index + 1)
            self._limit(index, near, piece)
            return
        left = self._subject(range(index - 1, max(-1, index - _FAR), -1))
        right = self._subject(range(index + 1, min(len(self._s.pieces), index + _FAR)))
        counted = right is not None and self._s.pieces[right].all(Record, Thing) and not piece.unit
        counted = counted and right is not None and self._adjectives(index + 1, right)
        fits = left is not None and not counted
        own = self._own(left, unit) if fits and left is not None else None
        if own is not None:
            self._limit(index, own, piece)
            return
        at = left if fits else right if right is not None else left
        if at is None:
            self._alone(index, unit, piece)
            return
        self._hold_against(index, at, piece)

    def at_quantity(self, index: int, piece: Piece) -> bool:
        """`for 500 BR-6206`: of prices that hold from a quantity on, the one that holds for so many."""
        entity = self._s.out.entity
        fields = self._s.catalogue.entity(entity).fields
        if piece.number is None or not {"from_quantity", "below_quantity"} <= set(fields):
            return False
        below = f"{entity}.below_quantity"
        self._conditions.limit(ValueTest(path=f"{entity}.from_quantity", op="<=", values=(piece.number,)))
        more = ValueTest(path=below, op=">", values=(piece.number,))
        self._conditions.limit(AnyTest(of=(NullTest(path=below), more)))
        if self._s.piece(index + 1) is not None and self._s.is_pieces(index + 1):
            self._s.used.add(index + 1)
        return True

    def _adjectives(self, since: int, noun: int) -> bool:
        """True where nothing but conditions stands before a noun: `more than 20 late lines`."""
        between = self._s.pieces[since:noun]
        return all(piece.all(Test) and not piece.mark for piece in between)

    def _unit_of(self, index: int, piece: Piece) -> str:
        """The unit of the number, with the word for it that stands behind."""
        following = self._s.piece(index + 1)
        if following is None or not self._s.close(index, index + 1):
            return piece.unit
        norm = self._s.tokens[following.first].norm
        known = (("hours", _HOURS), ("minutes", _MINUTES), ("days", _DAYS))
        unit = next((name for name, words in known if norm in words), piece.unit)
        if (unit != piece.unit and following.strange) or (unit == "days" and following.strange):
            self._s.used.add(index + 1)
        return unit

    def _measured(self, at: int, unit: str) -> Attribute | None:
        """The field right behind the number: `5 scrapped pieces`, `10 days late`, `2 hours`."""
        piece = self._s.piece(at)
        if piece is None or not self._s.close(at - 1, at) or piece.all(Record, Thing) or piece.mark:
            return None
        attribute = self._s.attribute(piece, numbers=True, unit=unit if unit in ("percent", "days") else "")
        if attribute is None or attribute.depth:
            return None
        return self._in_percent(attribute) if unit == "percent" else attribute

    def _alone(self, index: int, unit: str, piece: Piece) -> None:
        """A number that says by its unit what it is about: `worth more than 20000`, `open over 60 days`."""
        first = self._s.pieces[index].first
        near = {token.norm for token in self._s.tokens[max(0, first - 2) : self._s.pieces[index].after]}
        said = unit or ("money" if near & _WORTH else "")
        attribute = self._by_unit(said) if said and said != "percent" else None
        if attribute is None:
            self._s.out.doubts += 1.0
            return
        self._limit(index, attribute, piece)

    def _in_percent(self, attribute: Attribute) -> Attribute:
        path = self._s.words.percent_of(attribute.path)
        return Attribute(path, "percent") if path else attribute

    def _own(self, left: int | None, unit: str) -> Attribute | None:
        """The field of the records themselves: `orders for more than 100 pieces`, `invoices above 5000`."""
        if left is None:
            return None
        piece = self._s.pieces[left]
        if not piece.all(Record) or self._s.attribute(piece, numbers=True) is not None:
            return None
        return self._by_unit(unit)

    def _by_unit(self, unit: str) -> Attribute | None:
        words = {token.norm for token in self._s.tokens}
        match unit:
            case "days":
                aged = self._columns.main("age") if words & _AGED else None
                return aged or self._columns.main("late") or self._columns.main("age")
            case "hours" | "minutes":
                return self._columns.main("time")
            case "pieces":
                return self._columns.main("pieces")
            case _:
                return self._columns.main("money") or self._columns.main("pieces")

    def _limit(self, index: int, attribute: Attribute, compared: Piece) -> None:
        """The condition, of everything or of the column of its clause, and the field beside."""
        assert compared.number is not None
        assert compared.op is not None
        number = compared.number * self._times(index, attribute)
        if self._conditions.placed(ValueTest(path=attribute.path, op=compared.op, values=(number,)), index):
            return
        if not any(one.attribute == attribute for one in self._s.out.columns):
            self._s.out.columns.append(Column(attribute=attribute, clause=self._s.clause, beside=True))

    def _times(self, index: int, attribute: Attribute) -> Decimal:
        """What the number of hours is multiplied by for a field of minutes, or the other way round."""
        after = self._s.pieces[index].after
        words = {token.norm for token in self._s.tokens[after - 1 : after + 1]}
        if words & _HOURS and "minutes" in attribute.path:
            return _MINUTES_OF_AN_HOUR
        if words & _MINUTES and "hours" in attribute.path:
            return 1 / _MINUTES_OF_AN_HOUR
        return Decimal(1)

    def _subject(self, indices: range) -> int | None:
        for at in indices:
            piece = self._s.piece(at)
            if piece is None:
                return None
            if piece.mark == "break" or piece.period is not None:
                return None
            if piece.all(Attribute, Figure) or piece.all(Record, Thing):
                return at
        return None

    def _number(self, indices: range) -> int | None:
        """The next field with numbers, past the thing that it is of: `from what the order line received`."""
        for at in indices:
            piece = self._s.piece(at)
            if piece is None or piece.mark == "break" or piece.period is not None:
                return None
            if self._s.attribute(piece, numbers=True) is not None:
                self._s.used.update(range(indices.start, at))
                return at
        return None

    def _hold_against(self, index: int, at: int, compared: Piece) -> None:
        piece, out = self._s.pieces[at], self._s.out
        assert compared.number is not None
        assert compared.op is not None
        attribute = self._s.attribute(piece, numbers=True, unit=compared.unit)
        figure = self._s.figure(piece)
        self._s.used.add(at)
        if out.columns and out.columns[-1].key[:2] in ((attribute, figure), (attribute, None)):
            out.columns[-1].ranked = out.columns[-1].ranked
        grouped = figure is not None and self._is_grouped() and not self._of_each(at)
        if attribute is not None and not grouped:
            if compared.unit == "percent":
                attribute = self._in_percent(attribute)
            self._limit(index, attribute, compared)
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
        if piece.unit == "field":
            left = self._number(range(index - 1, max(-1, index - _FAR), -1)) or left
            right = self._number(range(index + 1, min(len(self._s.pieces), index + _FAR)))
        if piece.unit == "between":
            left, right = (
                self._subject(range(index + 1, index + 2)),
                self._subject(range(index + 2, index + 4)),
            )
        one = self._s.attribute(self._s.pieces[left], numbers=True, dates=True) if left is not None else None
        other = (
            self._s.attribute(self._s.pieces[right], numbers=True, dates=True) if right is not None else None
        )
        if one is None and other is not None:
            timed = other.path.endswith(("minutes", "hours"))
            one = (self._columns.main("time") if timed else None) or self._columns.main("pieces")
        if one is None or other is None or one == other or right is None:
            self._s.out.doubts += 1.0
            return
        self._s.used.add(right)
        if piece.unit == "between" and left is not None:
            self._s.used.add(left)
        last = self._s.out.columns[-1] if self._s.out.columns else None
        if piece.unit == "field" and last is not None and last.attribute == one and not last.apart:
            # `lines whose stock covers it` asks for no stock.
            self._s.out.columns.pop()
        self._hold_beside(index, one, self._with_more(right, other))

    def _with_more(self, at: int, attribute: Attribute) -> Attribute:
        """`the reservations plus the safety stock`: the sum of both."""
        link, further = self._s.piece(at + 1), self._s.piece(at + 2)
        if link is None or further is None or self._s.tokens[link.first].norm != "plus":
            return attribute
        other = self._s.attribute(further, numbers=True)
        if other is None or other.kind != attribute.kind:
            return attribute
        self._s.used.update((at + 1, at + 2))
        out = self._s.out
        name = f"calculated_{_KEYS[len(out.calculated) % len(_KEYS)]}"
        of = (attribute.path, other.path)
        out.calculated.append(Calculation(records=out.entity, name=name, kind="plus", of=of))
        return Attribute(f"{out.entity}.{name}", attribute.kind)

    def _hold_beside(self, index: int, one: Attribute, other: Attribute) -> None:
        op = self._s.pieces[index].op
        assert op is not None
        if self._of_groups(one, other):
            self._s.out.against.append((Column(attribute=one), op, Column(attribute=other)))
            return
        test = FieldTest(path=one.path, op=op, other=other.path)
        if self._conditions.placed(test, index):
            return
        for attribute in (one, other):
            if not any(column.attribute == attribute for column in self._s.out.columns):
                self._s.out.columns.append(Column(attribute=attribute, clause=self._s.clause, beside=True))

    def _of_groups(self, one: Attribute, other: Attribute) -> bool:
        """True for the reserved quantity of each material against its stock: sums, and no single record."""
        out = self._s.out
        things = {out.head.entity} if isinstance(out.head, Thing) else set()
        things |= {group.entity for group in out.by}
        added = one.kind == "quantity" and other.kind == "quantity"
        entities = [attribute.path.partition(".")[0] for attribute in (one, other)]
        return added and entities[0] == out.entity and entities[1] in things - {out.entity}

    def _dates(self, index: int, piece: Piece) -> None:
        """`completed after the planned date`, `confirmed later than due`."""
        right = self._s.piece(index + 1)
        other = self._day(right) if right is not None else None
        if other is None:
            self._s.out.strange.append(piece.first)
            return
        lefts = [self._s.piece(at) for at in (index - 1, index - 2) if not self._s.parted(at, index)]
        one = next((day for left in lefts if left is not None and (day := self._day(left)) is not None), None)
        if one is None or one == other:
            self._s.out.doubts += 1.0
            return
        self._s.used.add(index + 1)
        last = self._s.out.columns[-1] if self._s.out.columns else None
        said = [left for left in lefts if left is not None and self._day(left) == one]
        if last is not None and said and last.attribute in said[0].all(Attribute):
            # `received` of `received after` is no column.
            self._s.out.columns.pop()
        self._hold_beside(index, one, other)

    def _day(self, piece: Piece) -> Attribute | None:
        """The day that a word is about: `due`, `completed`, `planned date`."""
        for one in piece.meanings:
            if isinstance(one, Role):
                return Attribute(one.field, "date")
        days = [one for one in piece.all(Attribute) if isinstance(one, Attribute) and one.kind == "date"]
        if days:
            return min(days, key=lambda one: one.depth)
        for test in piece.all(Test):
            if isinstance(test, Test) and isinstance(test.filter, NullTest) and not test.filter.missing:
                return Attribute(test.filter.path, "date")
        return None

    def _of_each(self, at: int) -> bool:
        """True where records are told apart by it, not groups: `stops that took more than 2 hours`."""
        for before in range(at - 1, -1, -1):
            piece = self._s.pieces[before]
            if piece.mark == "break":
                return False
            if piece.all(Record):
                return not self._s.close(before, at)
            if piece.all(Thing):
                return False
        return False

    def _is_grouped(self) -> bool:
        return bool(self._s.out.by) or isinstance(self._s.out.head, Thing)
