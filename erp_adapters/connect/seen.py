"""What is seen of a source: tables, columns, and what their values look like."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final

from erp_adapters.connect.vocabulary import meanings
from erp_adapters.store.date_formats import Ambiguous, DateFormat, DateOrder, time_of_day
from erp_adapters.store.number_formats import DecimalSign, NumberFormat

KEPT_ROWS: Final = 10_000
"""Rows whose values are compared with each other."""
CELLS: Final = 2_000_000
"""Cells of one table that are looked at; a wider table is looked at less far down."""
_TRIED: Final = 400
"""Different values of a column that decide what it holds."""
_MISTYPED: Final = 0.02
"""Share of them that may be typing errors."""
_SIGNS: Final[tuple[DecimalSign, ...]] = ("point", "comma")
_ORDERS: Final[tuple[DateOrder, ...]] = ("iso", "ymd", "dmy", "mdy")
_PLAUSIBLE: Final = (date(1950, 1, 1), date(2100, 12, 31))
PAIRS: Final = (
    *(("1", "0"), ("true", "false"), ("True", "False"), ("TRUE", "FALSE"), ("t", "f"), ("T", "F")),
    *(("Y", "N"), ("y", "n"), ("yes", "no"), ("Yes", "No"), ("YES", "NO"), ("J", "N"), ("j", "n")),
    *(("ja", "nein"), ("Ja", "Nein"), ("JA", "NEIN"), ("S", "N"), ("si", "no"), ("O", "N"), ("oui", "non")),
    ("X", ""),
)
"""Yes and no as sources write them."""


@dataclass
class SeenColumn:
    """One column, by the values that were looked at."""

    name: str
    declared: str = ""
    """Its type as a database declares it."""
    values: list[str] = field(default_factory=list)
    """Of the first rows, in their order; empty where there is none."""
    distinct: set[str] = field(default_factory=set)
    """Different values of every row that was looked at, without the empty one."""
    rows: int = 0
    empty: int = 0

    @property
    def is_unique(self) -> bool:
        """Every row has a value of its own."""
        return self.rows > 0 and not self.empty and len(self.distinct) == self.rows

    @property
    def empty_share(self) -> float:
        return self.empty / self.rows if self.rows else 1.0

    @cached_property
    def samples(self) -> tuple[str, ...]:
        """The first different values."""
        return tuple(dict.fromkeys(value for value in self.values if value))[:_TRIED]

    @cached_property
    def signs(self) -> frozenset[DecimalSign]:
        """Decimal signs by which all of it are numbers."""
        return frozenset(sign for sign in _SIGNS if self._fits(NumberFormat(sign).decimal))

    @cached_property
    def proven_sign(self) -> DecimalSign | None:
        """The decimal sign that a number of it shows for certain."""
        if len(self.signs) == 1:
            return next(iter(self.signs))
        return None

    @cached_property
    def is_integer(self) -> bool:
        """Whole numbers, none with a zero in front."""
        numbers = NumberFormat("point")
        return self._fits(numbers.integer) and not self.is_padded

    @cached_property
    def is_padded(self) -> bool:
        """Digits with zeros in front."""
        return (
            bool(self.samples)
            and all(text.isascii() and text.isdigit() for text in self.samples)
            and any(len(text) > 1 and text[0] == "0" for text in self.samples)
        )

    @cached_property
    def orders(self) -> frozenset[DateOrder]:
        """Ways to read all of it as days."""
        found = []
        for order in _ORDERS:
            days = DateFormat(order, *_PLAUSIBLE)
            if self._fits(days.day):
                found.append(order)
        return frozenset(found)

    @cached_property
    def has_times(self) -> bool:
        """Days with a time of day that is not midnight."""
        return bool(self.orders) and any(
            ":" in text and text.partition(" ")[2].strip("0:. ") not in ("", text) for text in self.samples
        )

    @cached_property
    def is_time(self) -> bool:
        """Times of day."""
        return self._fits(time_of_day) and any(":" in text for text in self.samples)

    @cached_property
    def pair(self) -> tuple[str, str] | None:
        """The words for yes and no that it consists of."""
        if not 0 < len(self.distinct) <= 2:
            return None
        for yes, no in PAIRS:
            if self.distinct <= {yes, no} and (no or yes in self.distinct):
                return yes, no
        return None

    @property
    def is_text(self) -> bool:
        """Words, as names and descriptions are."""
        letters = [text for text in self.samples if any(c.isalpha() for c in text)]
        return len(letters) >= 0.8 * len(self.samples) if self.samples else False

    @property
    def has_blanks(self) -> bool:
        """Many values of several words."""
        return sum(" " in text for text in self.samples) > 0.3 * len(self.samples) > 0

    def _fits(self, parse: Callable[[str], object]) -> bool:
        """All but a few typing errors can be read so."""
        if not self.samples:
            return False
        wrong = 0
        for text in self.samples:
            try:
                parse(text)
            except (ValueError, Ambiguous):
                wrong += 1
        return wrong <= _MISTYPED * len(self.samples)


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key."""

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass
class SeenTable:
    """One table or file."""

    name: str
    """The source's own name of it."""
    file: str
    """Under which a mapping reads it."""
    columns: list[SeenColumn]
    rows: int = 0
    is_counted: bool = True
    """False where it is longer than was looked at."""
    key: tuple[str, ...] = ()
    """As a database declares it."""
    references: tuple[Reference, ...] = ()
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    doubts: list[str] = field(default_factory=list)
    """What could not be read for certain, in words."""
    unusable: str = ""
    """Why nothing can be read of it, where that is so."""

    def stands_alone(self, column: SeenColumn) -> bool:
        """A column tells the table's rows from each other, within one site, client and language."""
        if self.key:
            return {name for name in self.key if not _is_frame(name)} == {column.name}
        if column.is_unique:
            return True
        frame = [each for each in self.columns if _is_frame(each.name) and not each.empty]
        return bool(frame) and not column.empty and is_unique_together([*frame, column])

    def column(self, name: str) -> SeenColumn:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    @cached_property
    def decimals(self) -> DecimalSign:
        """The decimal sign of most of its numbers."""
        proven = [column.proven_sign for column in self.columns if not column.orders]
        return "comma" if proven.count("comma") > proven.count("point") else "point"

    @cached_property
    def dates(self) -> DateOrder:
        """How most of its days are written."""
        counts = dict.fromkeys(_ORDERS, 0)
        for column in self.columns:
            for order in column.orders:
                counts[order] += 1
        best = max(_ORDERS, key=lambda order: counts[order])
        return best if counts[best] else "iso"

    @cached_property
    def flags(self) -> tuple[str, str]:
        """The words for yes and no of most of its columns."""
        pairs = [column.pair for column in self.columns if column.pair]
        return max(pairs, key=pairs.count) if pairs else ("1", "0")


def looked_at(
    names: Sequence[str], declared: Sequence[str], rows: Iterable[Sequence[str]]
) -> tuple[list[SeenColumn], int, bool]:
    """Columns of rows as texts, how many rows there are, and whether all were looked at."""
    columns = [SeenColumn(name, kind) for name, kind in zip(names, declared, strict=True)]
    width = max(1, len(columns))
    furthest = max(1000, CELLS // width)
    kept = min(KEPT_ROWS, furthest)
    count = 0
    for batch in _batches(rows):
        if count < furthest:
            for column, texts in zip(columns, zip(*batch, strict=True), strict=True):
                stripped = [text.strip() for text in texts]
                column.rows += len(stripped)
                column.empty += stripped.count("")
                column.distinct.update(stripped)
                if len(column.values) < kept:
                    column.values += stripped[: kept - len(column.values)]
        count += len(batch)
    for column in columns:
        column.distinct.discard("")
    return columns, count, count <= furthest or not columns or columns[0].rows == count


def _batches(rows: Iterable[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    batch: list[Sequence[str]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == 1000:
            yield batch
            batch = []
    if batch:
        yield batch


_FRAME: Final = frozenset({"site", "client", "language"})


def _is_frame(name: str) -> bool:
    """What rows of every kind carry: whose they are, and in which language."""
    return any(
        meaning and meaning <= _FRAME | {"id", "code", "number"} and meaning & _FRAME
        for meaning in meanings(name)
    )


def is_client(name: str) -> bool:
    """SAP's client, which is the same in every row."""
    return meanings(name)[0] == {"client"}


def is_unique_together(columns: Sequence[SeenColumn]) -> bool:
    """No two of the first rows have the same values in all of these columns."""
    found = list(zip(*(column.values for column in columns), strict=True))
    return bool(found) and len(set(found)) == len(found)


def ambiguous_days(column: SeenColumn) -> bool:
    """Days of which nobody can say whether day or month comes first."""
    return {"dmy", "mdy"} <= column.orders and bool(column.samples)


def unsettled(column: SeenColumn) -> bool:
    """Numbers such as `1.234` only, which are thousands to one reader and fractions to another."""
    with contextlib.suppress(ValueError):
        return (
            len(column.signs) == 2
            and any("." in text or "," in text for text in column.samples)
            and all(NumberFormat("point").is_either(t) or t.isdigit() for t in column.samples)
        )
    return False
