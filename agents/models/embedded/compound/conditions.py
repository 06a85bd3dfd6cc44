"""Conditions on the records, on one column alone, and on records that refer to them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from agents.models.embedded.compound.columns import Columns
from agents.models.embedded.compound.draft import Column
from agents.models.embedded.compound.pieces import (
    Attribute,
    Figure,
    Piece,
    Record,
    Related,
    Role,
    Test,
    Thing,
)
from agents.models.embedded.compound.sentence import Sentence
from tools.metrics.query import (
    AnyTest,
    DateTest,
    FieldTest,
    Filter,
    Grouping,
    NamedTest,
    NullTest,
    Operator,
    RelatedTest,
    ValueTest,
)

_OPPOSITE: dict[Operator, Operator] = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_WHERE = frozenset({"in", "on", "out"})
"""First words of conditions that follow their noun: `materials in stock`."""


class Conditions:
    """Adds conditions."""

    def __init__(self, sentence: Sentence, columns: Columns) -> None:
        self._s = sentence
        self._columns = columns

    def condition(self, index: int, test: Filter) -> None:
        self._s.used.add(index)
        column = None if _is_of_plant(test) else self._own_column() or self._part_of_share(index)
        if column is None:
            self.limit(test)
        elif self._s.joined_by_or and column.where:
            column.where[-1] = AnyTest(of=(column.where[-1], test))
            self._s.joined_by_or = False
        else:
            column.where.append(test)

    def placed(self, test: Filter, index: int) -> bool:
        """Adds a condition; True where it is one of its clause's own column alone."""
        column = self._own_column() or self._part_of_share(index)
        if column is None:
            self._s.out.where.append(test)
            return False
        column.where.append(test)
        return True

    def dated_column(self, index: int) -> Column | None:
        """The column that a period alone limits: `how many of them in March`, `what share was due then`."""
        column = self._own_column()
        if column is not None:
            first = next(at for at, clause in enumerate(self._s.of_clause) if clause == self._s.clause)
            words = [
                token.norm
                for token in self._s.tokens[self._s.pieces[first].first : self._s.pieces[index].first]
            ]
            pairs = set(pairwise(words))
            of_them = pairs & {("of", "them"), ("of", "those"), ("of", "these"), ("of", "which")}
            commas = any(self._s.pieces[at].mark == "comma" for at in range(first + 1, index))
            return column if of_them and not commas else None
        part = self._part_of_share(index)
        if part is None or not part.share or part.where:
            return None
        later = self._s.pieces[index + 1 :]
        return None if any(piece.all(Test) or piece.op for piece in later) else part

    def missing(self, index: int, piece: Piece) -> bool:
        """`without a batch`, `have no supplier`: records of which a field is not filled."""
        negation = self._s.negation(index)
        tests = [one for one in piece.all(Test) if isinstance(one, Test) and one.depth == 0]
        if negation is None or self._s.out.head is None or tests or piece.all(Related):
            return False
        lead = self._s.pieces[negation]
        word = self._s.tokens[lead.first].norm
        before = self._s.piece(negation - 1)
        held = before is not None and (before.mark in ("verb", "with"))
        if not (word == "without" or (word in ("no", "never") and held)):
            return False
        test = self._unfilled(piece)
        if test is None:
            return False
        self._s.nots.add(negation)
        self.condition(index, test)
        return True

    def _unfilled(self, piece: Piece) -> Filter | None:
        own = [one for one in piece.all(Attribute) if isinstance(one, Attribute) and one.depth == 0]
        things = [one for one in piece.all(Thing) if isinstance(one, Thing)]
        if things and not own:
            thing = min(things, key=lambda one: self._s.words.depth(one.entity))
            if self._s.words.depth(thing.entity) > 1:
                return None
            return NullTest(path=f"{thing.entity}.{self._s.catalogue.entity(thing.entity).key}")
        if not own or own[0].kind == "money":
            return None
        missing = NullTest(path=own[0].path)
        if piece.all(Test) and not self._counted(piece):
            return None
        if own[0].kind not in ("quantity", "count", "days", "percent"):
            return missing
        return AnyTest(of=(missing, ValueTest(path=own[0].path, values=(Decimal(0),))))

    def had(self, index: int, piece: Piece) -> bool:
        """`that had rework`, `had any scrap`: records of which some was counted."""
        before = self._s.piece(index - 1)
        if before is None or before.mark not in ("with", "verb"):
            return False
        words = {token.norm for token in self._s.tokens[before.first : before.after]}
        following = self._s.piece(index + 1)
        listed = following is not None and following.mark in ("comma", "and")
        held = bool(words & {"had", "have", "has", "having"}) and not (listed and self._s.clause > 0)
        behind = words == {"with"} and self._behind(index) and not listed
        if not (held or behind) or self._s.negation(index) is not None:
            return False
        test = self.test_at(index) if piece.all(Test) else None
        if test is None:
            own = [one for one in piece.all(Attribute) if isinstance(one, Attribute) and one.depth == 0]
            main = self._s.words.main("pieces")
            if not own or own[0].kind not in ("quantity", "count") or own[0].path == main:
                return False
            test = ValueTest(path=own[0].path, op=">", values=(Decimal(0),))
        self.condition(index, test)
        return True

    def _own_column(self) -> Column | None:
        """The column of this clause that a condition in it is about: `and how many of them late`."""
        if self._s.clause == 0:
            return None
        opened = [at for at, clause in enumerate(self._s.of_clause) if clause == self._s.clause]
        marks = {self._s.pieces[at].mark for at in opened}
        if {"only", "exclude"} & marks:
            return None
        mine = [column for column in self._s.out.columns if column.clause == self._s.clause]
        counted = [column for column in mine if column.counts is not None or column.share or column.partial]
        if not counted or not any(column.clause < self._s.clause for column in self._s.out.columns):
            return None
        return counted[-1]

    def _part_of_share(self, index: int) -> Column | None:
        """`what share of the orders was late`, `how many of the lots had rejects, and what share is that`."""
        if not self._s.shares:
            return None
        mine = [
            one for one in self._s.out.columns if one.clause == self._s.clause and (one.share or one.counts)
        ]
        if not mine:
            return None
        start = next(at for at, clause in enumerate(self._s.of_clause) if clause == self._s.clause)
        nouns = [at for at in range(start, index) if self._s.pieces[at].all(Record, Thing)]
        since = nouns[0] if nouns else start
        verbs = [at for at in range(since, index) if self._s.pieces[at].mark in ("verb", "with")]
        # `share of orders finished late`: what stands after the noun is the part.
        behind = mine[-1].share and (bool(nouns) or self._s.clause > 0)
        return mine[-1] if verbs or behind else None

    def local(self, indices: Sequence[int]) -> list[Filter]:
        """Conditions of the pieces: a column's own in a later clause, everything's in the first."""
        found: list[Filter] = []
        for index in indices:
            test = self.test_at(index)
            if test is None:
                continue
            self._s.used.add(index)
            if self._is_global():
                self.limit(test)
            else:
                found.append(test)
        return found

    def _is_global(self) -> bool:
        return self._s.clause == 0 or not self._s.out.columns

    def limit(self, test: Filter) -> None:
        out = self._s.out
        last = out.where[-1] if out.where else None
        if any(test in column.where for column in out.columns if column.share):
            return  # `share of lines received late (received after the due date)`
        if isinstance(test, ValueTest) and test.op == "<>" and self._said_already(test.path):
            return  # `repairs only, without preventive work`
        if isinstance(test, ValueTest) and test.op == "=":
            for at, other in enumerate(out.where):
                if isinstance(other, ValueTest) and other.path == test.path and other.op == "=":
                    if other.values == test.values:
                        return
                    if isinstance(test.values[0], bool):
                        out.where.pop(at)
                        out.split += [other, test]
                        return
                    out.where[at] = other.model_copy(update={"values": (*other.values, *test.values)})
                    self._break_down(test.path)
                    return
        if self._s.joined_by_or and last is not None:
            out.where[-1] = AnyTest(of=(last, test))
            self._s.joined_by_or = False
            return
        if test not in out.where:
            out.where.append(test)

    def _said_already(self, path: str) -> bool:
        return any(
            isinstance(other, ValueTest) and other.path == path and other.op == "="
            for other in self._s.out.where
        )

    def _break_down(self, path: str) -> None:
        """Several names side by side are shown apart."""
        entity, _, name = path.partition(".")
        definition = self._s.catalogue.entity(entity)
        group = Grouping(entity=entity) if name in (definition.name, definition.key) else Grouping(path=path)
        if group not in self._s.out.by:
            self._s.out.sides.append(group)
        self._s.by(group)

    def test_at(self, index: int) -> Filter | None:
        piece = self._s.piece(index)
        if piece is None:
            return None
        tests = sorted((one for one in piece.all(Test) if isinstance(one, Test)), key=lambda one: one.depth)
        if self._counted(piece):
            # `rejects` of an inspection are its own, and not those of its purchase order.
            tests = [one for one in tests if one.depth == 0]
        if not tests:
            return None
        test: Filter = tests[0].filter
        before = self._s.piece(index - 1)
        self._s.joined_by_or = before is not None and before.mark == "or"
        negation = self._s.negation(index)
        if negation is not None:
            self._s.nots.add(negation)
            test = _denied(test)
        return test

    def _counted(self, piece: Piece) -> bool:
        own = [one for one in piece.all(Attribute) if isinstance(one, Attribute)]
        return any(one.depth == 0 and one.kind in ("quantity", "count") for one in own)

    def as_condition(self, index: int) -> bool:
        """True where a word that is a column as well rather limits: after a verb, before its noun."""
        before, piece = self._s.piece(index - 1), self._s.pieces[index]
        if self._s.negation(index) is not None or self._opposed(index):
            return True
        if before is not None and before.mark in ("verb", "only", "not", "exclude"):
            return True
        if before is not None and before.mark == "with" and (not self.own(piece) or self._behind(index)):
            return True
        if before is not None and before.mark == "of" and self._s.tokens[before.first].norm == "in":
            return True
        if (
            before is not None
            and before.all(Record)
            and self._s.close(index - 1, index)
            and (not before.all(Attribute) or self._s.tokens[piece.first].norm in _WHERE)
        ):
            return not self._s.listed(index)
        return self._s.noun_follows(index) and self._s.tokens[piece.after - 1].norm != "number"

    def _behind(self, index: int) -> bool:
        """`orders with scrap`: a condition of the records right after their noun, and no list of columns."""
        noun, following = self._s.piece(index - 2), self._s.piece(index + 1)
        word = self._s.tokens[self._s.pieces[index - 1].first].norm
        listed = following is not None and following.mark == "and"
        return noun is not None and bool(noun.all(Record)) and word == "with" and not listed

    def _opposed(self, index: int) -> bool:
        """`planned and unplanned`: two values of a flag side by side."""
        mine = {
            repr(one.filter) for one in self._s.pieces[index].all(Test) if isinstance(one, Test) and one.field
        }
        fields = {one.field for one in self._s.pieces[index].all(Test) if isinstance(one, Test) and one.field}
        for link, at in ((index + 1, index + 2), (index - 1, index - 2)):
            between, other = self._s.piece(link), self._s.piece(at)
            if between is None or other is None or between.mark not in ("and", "versus"):
                continue
            for one in other.all(Test):
                if isinstance(one, Test) and one.field in fields and repr(one.filter) not in mine:
                    return True
        return False

    def own(self, piece: Piece) -> bool:
        return any(one.depth == 0 for one in piece.all(Attribute) if isinstance(one, Attribute)) or bool(
            piece.all(Figure)
        )

    def value_listed(self, index: int) -> bool:
        """`bikes, components and clothing`: after a value, a word that can be another of its field is."""
        before, last = self._s.piece(index - 1), self._s.out.where[-1] if self._s.out.where else None
        if before is None or before.mark not in ("comma", "and", "or", "versus"):
            return False
        if not isinstance(last, ValueTest):
            return False
        for one in self._s.pieces[index].all(Test):
            if isinstance(one, Test) and one.field == last.path:
                self._s.used.add(index)
                self.limit(one.filter)
                return True
        return False

    def related(self, index: int, piece: Piece) -> bool:
        """`not ordered from since October`, `that have had no repair`: records elsewhere, or none."""
        found = [one for one in piece.all(Related) if isinstance(one, Related)]
        if not found or self._s.out.head is None:
            return False
        negation = self._s.negation(index)
        before = self._s.piece(index - 1)
        holds = before is not None and before.mark in ("verb", "with")
        if negation is None and not holds:
            return False
        dated = any(self._s.pieces[at].period for at in range(index + 1, min(index + 3, len(self._s.pieces))))
        if not dated and any(isinstance(one, Test) and one.depth == 0 for one in piece.all(Test)):
            return False
        if negation is not None:
            self._s.nots.add(negation)
        inner: list[Filter] = list(found[0].where)
        for at in range(index + 1, min(index + 4, len(self._s.pieces))):
            following = self._s.pieces[at]
            if following.mark in ("break", "comma"):
                break
            if following.period is not None:
                inner.append(DateTest(start=following.period.start, end=following.period.end))
                self._s.used.add(at)
                break
        self.placed(
            RelatedTest(entity=found[0].entity, where=tuple(inner), negated=negation is not None), index
        )
        return True

    def bare_role(self, index: int, piece: Piece) -> None:
        """`placed`, `ordered` without a period: they say nothing that the records do not."""
        negated = self._s.negation(index)
        if negated is not None:
            role = piece.all(Role)[0]
            assert isinstance(role, Role)
            self._s.nots.add(negated)
            self.limit(NullTest(path=role.field, missing=True))

    def numbered(self, index: int, piece: Piece) -> bool:
        """`priority 1`: a number right after a field that sorts records into kinds."""
        before = self._s.piece(index - 1)
        if piece.number is None or before is None or not self._s.close(index - 1, index):
            return False
        kinds = [
            one for one in before.all(Attribute) if isinstance(one, Attribute) and one.kind == "category"
        ]
        if not kinds:
            return False
        self._unlisted(kinds[0])
        self.condition(index, ValueTest(path=kinds[0].path, values=(str(piece.number),)))
        return True

    def _unlisted(self, attribute: Attribute) -> None:
        """The field of `priority 1` is no column of its own."""
        last = self._s.out.columns[-1] if self._s.out.columns else None
        if last is not None and last.attribute == attribute and last.clause == self._s.clause:
            self._s.out.columns.pop()


def _is_of_plant(test: Filter) -> bool:
    """True for the plant of `what share of the lots in Wroclaw was clean`: it limits part and whole."""
    return isinstance(test, ValueTest) and test.path.startswith("site.")


def _denied(test: Filter) -> Filter:
    match test:
        case NamedTest():
            return test.model_copy(update={"negated": not test.negated})
        case NullTest():
            return test.model_copy(update={"missing": not test.missing})
        case ValueTest() | FieldTest():
            return test.model_copy(update={"op": _OPPOSITE[test.op]})
        case _:
            return test
