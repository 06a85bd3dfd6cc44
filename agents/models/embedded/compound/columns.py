"""What is asked for of each row: fields, figures and names."""

from __future__ import annotations

import re

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
    ValueTest,
)


class Columns:
    """Adds columns."""

    def __init__(self, sentence: Sentence) -> None:
        self._s = sentence

    @property
    def lists_records(self) -> bool:
        """True where rows are single records, of which `how many pieces` is a column."""
        return (
            self._s.out.listed
            and isinstance(self._s.out.head, Record)
            and self._s.clause > 0
            and not self._s.out.by
        )

    def add(self, column: Column) -> None:
        if column.attribute is None and column.figure is None and column.counts is None:
            self._s.out.doubts += 1.0
            return
        column.clause = self._s.clause
        self._s.out.columns[:] = [
            other
            for other in self._s.out.columns
            if not (other.beside and other.attribute == column.attribute and column.attribute is not None)
        ]
        same = next((other for other in self._s.out.columns if self._alike(column, other)), None)
        if same is None:
            self._s.out.columns.append(column)
        elif column.ranked:
            same.ranked, same.up = True, column.up

    def _alike(self, one: Column, other: Column) -> bool:
        """`value` beside `order value`, which adds it up."""
        if one.key == other.key:
            return True
        if one.figure is not None and other.figure is not None and one.figure != other.figure:
            return False
        plain = one.aggregate is other.aggregate is None and not (
            one.where or other.where or other.share or one.share
        )
        fields = {self.field_of(column.figure) or column.attribute for column in (one, other)}
        return (
            plain
            and one.counts is other.counts is None
            and one.of_total == other.of_total
            and (one.in_percent_of is other.in_percent_of is None and len(fields) == 1 and None not in fields)
        )

    def field_of(self, figure: Figure | None) -> Attribute | None:
        """The field that a metric averages or adds up."""
        if figure is None:
            return None
        metric = self._s.catalogue.metrics[figure.metric]
        inner = metric.value.partition("(")[2].partition(")")[0].strip()
        known = self._s.catalogue.entity(metric.entity).fields.get(inner)
        return Attribute(f"{metric.entity}.{inner}", known.kind) if known is not None else None

    def column(self, index: int, piece: Piece) -> None:
        column = self.column_of(piece)
        if column is None:
            return
        if self._s.negation(index) is not None:
            self._s.out.doubts += 1.0  # `no tax, no freight` asks for neither
        column.apart = self._s.listed(index)
        self.add(column)

    def column_of(self, piece: Piece) -> Column | None:
        attribute, figure = self._s.attribute(piece), self._s.figure(piece)
        if attribute is None and figure is None:
            return None
        bare = self._s.words.main("pieces")
        if attribute is not None and attribute.path == bare and not figure:
            attribute = (
                self._pieces_of_last() or (self.main("pieces") if self._scrapped() else None) or attribute
            )
        return Column(attribute=attribute, figure=figure)

    def _pieces_of_last(self) -> Attribute | None:
        """`value of scrap, with pieces`: the pieces that the figure before is about."""
        last = self._s.out.columns[-1].figure if self._s.out.columns else None
        if last is None:
            return None
        metric = self._s.catalogue.metrics[last.metric]
        fields = self._s.catalogue.entity(metric.entity).fields
        found = re.findall(r"\bsum\((\w+) \*", metric.value)
        known = fields.get(found[0]) if found else None
        return Attribute(f"{metric.entity}.{found[0]}", known.kind) if known is not None else None

    def _scrapped(self) -> tuple[str, ...]:
        """The field of scrapped pieces, where a scrap reason limits the records."""
        named = any(
            isinstance(test, ValueTest) and test.path.startswith("scrap_reason.")
            for test in self._s.out.where
        )
        out = self._s.out
        named = named or out.head == Thing("scrap_reason")
        named = named or any(group.entity == "scrap_reason" for group in out.by)
        known = self._s.catalogue.entity(self._s.out.entity).fields
        return (f"{self._s.out.entity}.scrapped",) if named and "scrapped" in known else ()

    def main(self, kind: str) -> Attribute | None:
        path = self._s.words.main(kind)  # type: ignore[arg-type]
        scrap = f"{self._s.out.entity}.scrapped"
        if kind == "pieces" and scrap in self._scrapped():
            path = scrap  # of a scrap reason, pieces are scrapped ones
        if not path:
            return None
        entity, _, name = path.partition(".")
        return Attribute(path, self._s.catalogue.entity(entity).fields[name].kind)

    def name_of(self, thing: Thing) -> Attribute:
        entity = self._s.catalogue.entity(thing.entity)
        name = entity.name or entity.key
        return Attribute(f"{thing.entity}.{name}", "text", self._s.words.depth(thing.entity))
