"""Puts the pieces of a question together as one table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from agents.models.embedded.compound.calculating import Calculating
from agents.models.embedded.compound.columns import Columns
from agents.models.embedded.compound.comparisons import Comparisons
from agents.models.embedded.compound.conditions import Conditions
from agents.models.embedded.compound.counts import Counts
from agents.models.embedded.compound.dates import Dates
from agents.models.embedded.compound.draft import Column, Dated, Draft
from agents.models.embedded.compound.groups import Groups
from agents.models.embedded.compound.latest import LatestOnes
from agents.models.embedded.compound.marks import DATED
from agents.models.embedded.compound.pieces import (
    Attribute,
    Figure,
    Held,
    Piece,
    Record,
    Related,
    Role,
    Test,
    Thing,
)
from agents.models.embedded.compound.ranking import Ranking
from agents.models.embedded.compound.rates import as_rates
from agents.models.embedded.compound.sentence import Sentence
from agents.models.embedded.compound.vocabulary import Vocabulary
from agents.models.embedded.periods import Period
from agents.models.embedded.text import Token
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import (
    Having,
    NullTest,
)

_RANKING = ("share", "count", "sum", "aggregate")
"""Marks of what `the top 5 by share of lines received late` are ranked by."""


class Builder:
    """Builds a draft about one kind of record from its pieces."""

    def __init__(
        self, catalogue: Catalogue, words: Vocabulary, tokens: Sequence[Token], pieces: Sequence[Piece]
    ) -> None:
        sentence = Sentence(catalogue, words, tokens, pieces)
        columns = Columns(sentence)
        conditions = Conditions(sentence, columns)
        self._s = sentence
        self._columns = columns
        self._conditions = conditions
        self._groups = Groups(sentence, columns)
        self._counts = Counts(sentence, columns, conditions)
        self._ranking = Ranking(sentence, columns, conditions)
        self._dates = Dates(sentence, conditions)
        self._latest = LatestOnes(sentence, columns)
        self._calculating = Calculating(sentence, columns)
        self._comparisons = Comparisons(sentence, columns, conditions)

    def draft(self) -> Draft:
        """The draft of the whole question."""
        for index, piece in enumerate(self._s.pieces):
            self._s.clause = self._s.of_clause[index]
            if index not in self._s.used:
                self._place(index, piece)
        as_rates(self._s.out, self._s.words)
        return self._s.out

    def _place(self, index: int, piece: Piece) -> None:
        if piece.strange:
            placed = (
                self._describes(index, piece)
                or self._comparisons.at_quantity(index, piece)
                or self._conditions.numbered(index, piece)
                or self._counts.number_and(index, piece)
                or self._groups.and_grain(index, piece)
            )
            if not placed:
                self._s.out.strange.append(piece.first)
        elif piece.period is not None:
            if piece.mark == "first":
                self._marked(index, piece)
                self._s.out.periods.append(Dated(piece.period, clause=self._s.clause))
            else:
                self._dates.dated(index, piece)
        elif piece.grain is not None:
            self._groups.grain(piece)
        elif piece.op is not None:
            self._comparisons.compared(index, piece)
        elif piece.mark is not None and not (piece.meanings and self._rather_meant(index, piece)):
            self._marked(index, piece)
        elif piece.meanings:
            self._meant(index, piece)

    def _describes(self, index: int, piece: Piece) -> bool:
        """`bar` of `bar BR-58`: a word right before a material's number only says what it is."""
        following = self._s.piece(index + 1)
        if piece.number is not None or following is None or not self._s.close(index, index + 1):
            return False
        return any(
            isinstance(one, Test) and one.field in ("material.material_id", "material.number")
            for one in following.all(Test)
        )

    def _rather_meant(self, index: int, piece: Piece) -> bool:
        """A word that is a marker and one of the record's own words: `how long`, `last`."""
        return piece.mark in ("sum", "share", "change", "aggregate", "ask") and not self._s.next_meant(index)

    def _marked(self, index: int, piece: Piece) -> None:
        out = self._s.out
        match piece.mark:
            case "top":
                out.limit = int(piece.number) if piece.number is not None else None
                out.top, out.top_up = piece.unit or out.top, piece.up if piece.unit else out.top_up
            case "then":
                self._dates.then(index)
            case "when":
                self._dates.when(index)
            case "first":
                out.limit = int(piece.number) if piece.number is not None else out.limit
                out.first_up = piece.up
                out.first_dated = piece.unit in DATED
                if piece.unit in ("best", "worst"):
                    out.top = piece.unit
            case "versus":
                out.versus = True
            case "rates":
                out.at_closing.append(self._day_of_rates(index))
            case "days":
                if not self._calculating.days(index):
                    out.doubts += 1.0
            case "minus":
                if not self._calculating.minus(index):
                    out.doubts += 1.0
            case "change":
                if not self._calculating.between(index):
                    out.change = True
            case "sum":
                out.totals = True
                self._counts.of_it(index)
            case "share":
                self._counts.share(index)
            case "count":
                if not self._counts.of_it(index):
                    self._counts.count(index)
            case "aggregate":
                at = self._s.after(index, over=("of",))
                spoken = at is not None and self._s.pieces[at].mark == "days"
                if at is None or not (spoken and self._calculating.days(at, piece.aggregate)):
                    self._ranking.aggregate(index, piece)
            case "last":
                if not self._latest.placed(index):
                    out.doubts += 1.0
            case "per":
                following = self._s.piece(index + 1)
                if following is not None and following.all(Test) and self._s.next_meant(index + 1):
                    following = self._s.piece(index + 2)  # `by unplanned downtime`
                ranked = out.limit is not None and following is not None and following.mark in _RANKING
                if not ranked and (
                    following is None or not (following.all(Thing, Attribute, Figure) or following.grain)
                ):
                    out.doubts += 1.0
            case "sort":
                self._ranking.sorted_by(index)
            case "not" | "exclude":
                if index not in self._s.nots and not self._negates(index):
                    out.doubts += 1.0
            case _:
                pass

    def _day_of_rates(self, index: int) -> Period | None:
        """The day of `at the closing rate to EUR of 31 March`, which limits no records."""
        for at in range(index + 1, min(index + 6, len(self._s.pieces))):
            piece = self._s.pieces[at]
            if piece.mark in ("break", "comma"):
                return None
            if piece.period is not None:
                self._s.used.add(at)
                return piece.period
        return None

    def _negates(self, index: int) -> bool:
        """True where a condition after it took the negation."""
        for after in range(index + 1, min(index + 4, len(self._s.pieces))):
            piece = self._s.pieces[after]
            if piece.mark in ("break",):
                return False
            if piece.all(Test, Thing, Attribute, Record, Related):
                return True
        return False

    def _holds(self, piece: Piece) -> bool:
        """True for `where we overspent`, of groups that are asked for."""
        held = [one for one in piece.all(Held) if isinstance(one, Held)]
        if not held or piece.all(Figure):
            return False
        column = Column(figure=Figure(held[0].metric), clause=self._s.clause)
        self._s.out.having.append((column, Having(left="?", op=">", value=Decimal(0))))
        return True

    def _meant(self, index: int, piece: Piece) -> None:
        if self._holds(piece):
            return
        if piece.all(Role) and self._dates.takes_period(index):
            return
        day = self._listed_day(index, piece)
        if day is not None:
            self._columns.add(Column(attribute=day, apart=True))
            return
        if piece.all(Role) and not piece.all(Test) and self._s.noun_follows(index):
            role = piece.all(Role)[0]
            assert isinstance(role, Role)
            self._conditions.limit(NullTest(path=role.field, missing=False))
            return
        if self._groups.grouped(index, piece):
            self._of_each_named(index, piece)
            return
        self._latest.each_named(index, piece)
        if self._counts.number_and(index, piece):
            return
        shown = self._with_column(index, piece)
        if shown is not None:
            self._columns.add(shown)
            return
        if self._conditions.missing(index, piece) or self._conditions.had(index, piece):
            return
        if self._named_by(index, piece) or self._numbers_head(piece):
            return
        if self._conditions.related(index, piece) or self._conditions.value_listed(index):
            return
        test = self._conditions.test_at(index)
        column = piece.all(Attribute, Figure)
        if (
            test is not None
            and (not column or self._conditions.as_condition(index))
            and not self._as_noun(index, piece)
        ):
            following = self._s.piece(index + 1)
            lone = following is not None and self._s.close(index, index + 1) and not following.mark
            far = any(
                isinstance(one, Test) and one.depth > 0 and one.field.endswith(".status")
                for one in piece.all(Test)
            )
            if lone and far and following is not None and not following.all(Record, Thing):
                self._s.out.doubts += 1.0  # `complete quantity`: no condition on what it refers to
            self._conditions.condition(index, test)
            self._kind_asked_for(index, piece)
            return
        if piece.all(Record) and not self._as_column(index, piece):
            self._record(index, piece)
            return
        if self._limited_noun(index, piece):
            return
        if column and not (piece.all(Thing) and not self._conditions.own(piece)):
            bare = self._bare_day(piece)
            if bare is not None:
                self._columns.add(Column(attribute=bare, apart=True))
            else:
                self._columns.column(index, piece)
            return
        if piece.all(Thing):
            self._thing(index, piece)
        elif test is not None:
            self._conditions.condition(index, test)
        elif piece.all(Role):
            self._conditions.bare_role(index, piece)
        elif piece.all(Record):
            self._record(index, piece)
        else:
            self._s.out.doubts += 1.0

    def _listed_day(self, index: int, piece: Piece) -> Attribute | None:
        """`with due, value and confirmed`: the day that a word is about, among columns."""
        roles = [one for one in piece.all(Role) if isinstance(one, Role)]
        others = piece.all(Record, Thing, Figure)
        numbers = [one for one in piece.all(Attribute) if isinstance(one, Attribute) and one.kind != "date"]
        before = self._s.piece(index - 1)
        listed = self._s.listed(index) or (
            before is not None and before.mark == "with" and self._s.enumerates(index)
        )
        if not roles or others or numbers or not listed or self._s.out.head is None:
            return None
        tests = [one.filter for one in piece.all(Test) if isinstance(one, Test)]
        if not all(isinstance(test, NullTest) and not test.missing for test in tests):
            return None
        return Attribute(roles[0].field, "date")

    def _limited_noun(self, index: int, piece: Piece) -> bool:
        """`POs` of `only complete POs`, which asks for no number of theirs."""
        only, kind = self._s.piece(index - 2), self._s.piece(index - 1)
        if only is None or kind is None or only.mark != "only" or not piece.all(Thing):
            return False
        return bool(kind.all(Test)) and self._s.close(index - 1, index)

    def _bare_day(self, piece: Piece) -> Attribute | None:
        """`the date` beside `needed by 10 April`: the day that the period is about."""
        word = self._s.tokens[piece.first].norm if piece.after - piece.first == 1 else ""
        fields = {dated.field for dated in self._s.out.periods if dated.field}
        own = {one.path for one in piece.all(Attribute) if isinstance(one, Attribute) and one.kind == "date"}
        if word not in ("date", "day") or len(fields) != 1 or not own or own & fields:
            return None
        return Attribute(fields.pop(), "date")

    def _with_column(self, index: int, piece: Piece) -> Column | None:
        """The column of `with stock, expiry date and batch`, which read as a condition without its list."""
        words = self._s.tokens[piece.first : piece.after]
        if not piece.all(Test) or words[0].norm != "with" or len(words) < 2:
            return None
        before = self._s.piece(index - 1)
        behind = before is not None and bool(before.all(Record))
        if behind and not self._s.enumerates(index):
            return None
        found = self._s.words.get(tuple(token.stem for token in words[1:]))
        own = [one for one in found if isinstance(one, Attribute) and one.depth == 0]
        return Column(attribute=own[0], apart=True) if own else None

    def _named_by(self, index: int, piece: Piece) -> bool:
        """`MRP controller K01`, `class A`: a field whose value stands beside it is no column."""
        paths = {one.path for one in piece.all(Attribute) if isinstance(one, Attribute)}
        for at in (index + 1, index - 1):
            other = self._s.piece(at)
            if other is None or not self._s.close(min(index, at), max(index, at)) or other.all(Record):
                continue
            fields = {one.field for one in other.all(Test) if isinstance(one, Test) and one.field}
            if paths & fields and not piece.all(Test, Record):
                return True
        return False

    def _kind_asked_for(self, index: int, piece: Piece) -> None:
        """`which Purchased parts`: the name of their kind says as well what the rows are."""
        out, before = self._s.out, self._s.piece(index - 1)
        things = [one for one in piece.all(Thing) if isinstance(one, Thing)]
        if not things or out.head is not None or out.columns or before is None or before.mark != "ask":
            return
        out.head, out.head_plural, out.listed = things[0], True, True

    def _numbers_head(self, piece: Piece) -> bool:
        """`number` of materials that are the rows: it stands beside them, and no order's is asked for."""
        own = any(isinstance(one, Attribute) and one.depth == 0 for one in piece.all(Attribute))
        said = self._s.tokens[piece.first].norm if piece.after - piece.first == 1 else ""
        return self._s.out.head == Thing("material") and said == "number" and not own

    def _as_noun(self, index: int, piece: Piece) -> bool:
        return bool(piece.all(Record)) and self._s.out.head is None and not self._s.noun_follows(index)

    def _as_column(self, index: int, piece: Piece) -> bool:
        """`order` in a list of columns is its number."""
        before = self._s.piece(index - 1)
        return (
            bool(piece.all(Attribute))
            and (before is None or before.mark != "only")
            and self._s.out.head is not None
            and (self._s.listed(index) or self._s.clause > 0)
        )

    def _of_each_named(self, index: int, piece: Piece) -> None:
        """`each hydraulic press`: of those alone that the name is one of."""
        named = [one for one in piece.all(Test) if isinstance(one, Test) and one.field.endswith(".name")]
        if named and self._s.before(index, ("each",)) is not None:
            self._conditions.condition(index, named[0].filter)

    def _ranked_for(self, index: int, piece: Piece) -> Figure | None:
        """The figure of `top 5 machines for unplanned downtime`, which is what they are ranked by."""
        at = index - 1
        while (before := self._s.piece(at)) is not None and before.all(Test) and not before.all(Record):
            at -= 1
        out, figures = self._s.out, piece.all(Figure)
        led = before is not None and self._s.tokens[before.first].norm == "for"
        if not (led and figures and out.limit and isinstance(out.head, Thing)) or out.columns:
            return None
        figure = figures[0]
        assert isinstance(figure, Figure)
        return figure

    def _record(self, index: int, piece: Piece) -> None:
        """The head noun, or the same noun again."""
        out = self._s.out
        figure = self._ranked_for(index, piece)
        if figure is not None:
            self._columns.add(Column(figure=figure, ranked=True, up=out.top_up))
            return
        if out.head is None:
            out.head = Record()
            out.listed = not out.columns
            before = self._s.piece(index - 1)
            over = before is not None and self._s.tokens[before.first].norm == "for"
            if out.columns and out.columns[0].clause < self._s.clause and not over:
                out.doubts += 1.0  # named only after columns: perhaps one of them, and not what they are of
            link, further = self._s.piece(index + 1), self._s.piece(index + 2)
            asked = any(self._s.pieces[at].mark == "ask" for at in range(index))
            if link is not None and further is not None and link.mark == "and" and not asked:
                attribute = self._s.attribute(further, numbers=True)
                if attribute is not None and not further.all(Test):
                    out.listed = False
                    self._columns.add(Column(counts=Record()))
        elif self._s.listed(index) and self._s.clause > 0 and not (out.listed and not out.by):
            self._columns.add(Column(counts=Record()))

    def _is_named_plant(self, index: int) -> bool:
        beside = [self._s.piece(at) for at in (index - 1, index + 1)]
        return any(
            isinstance(one, Test) and one.field.startswith("site.")
            for piece in beside
            if piece is not None
            for one in piece.all(Test)
        )

    def _thing(self, index: int, piece: Piece) -> None:
        """A noun for what the records refer to: the head, or a column."""
        things = sorted(
            (one for one in piece.all(Thing) if isinstance(one, Thing)),
            key=lambda one: self._s.words.depth(one.entity),
        )
        thing = things[0]
        out = self._s.out
        negated = self._s.negation(index)
        if negated is not None:
            out.doubts += 1.0
        if thing.entity == "site" and self._is_named_plant(index):
            return  # `the whole Kassel plant`: said again by its name
        if out.head is None and not out.columns:
            out.head = thing
            out.head_plural = self._s.tokens[piece.after - 1].norm != self._s.singular(piece.after - 1)
            out.listed = True
            return
        if out.head == thing:
            return
        before = self._s.piece(index - 1)
        if (
            before is not None
            and self._s.close(index - 1, index)
            and before.all(Test)
            and not before.all(Record)
        ):
            return  # `A parts`: said again by what limits them
        if before is not None and before.mark == "of" and self._s.clause == 0 and out.head is not None:
            return  # `inspection of our products`: nothing but what they are about
        following = self._s.piece(index + 1)
        named = following is not None and self._s.close(index, index + 1) and following.all(Test)
        if named and following is not None and not following.all(Record, Attribute):
            return  # `suppliers Voltamo and Halmet`: said again by the name
        known = self._s.catalogue.entity(thing.entity)
        paths = [one.attribute.path for one in out.columns if one.attribute is not None]
        if not known.name and any(path.startswith(f"{thing.entity}.") for path in paths):
            return  # `the lead time of the info record`: nothing of it has a name to show
        self._columns.add(Column(attribute=self._columns.name_of(thing), apart=self._s.listed(index)))
