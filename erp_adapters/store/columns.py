"""The cells of one column turned into typed values, a thousand at a time.

Plants repeat themselves: the same days, codes and prices stand in a column again and again. So each column
remembers what a text meant, and only new texts are looked at; a column whose texts are all different is read
without remembering. What does not fit is an `Unfit` among the values, and what can be doubted is `Doubtful`;
a column says whether it has met any, so that clean batches are not searched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TypeAlias, cast
from zoneinfo import ZoneInfo

from erp_adapters.store.date_formats import Ambiguous, Clock, DateFormat, time_of_day
from erp_adapters.store.mapping import Column, DateRange, FileSpec
from erp_adapters.store.number_formats import NumberFormat, series
from erp_adapters.store.terms import ColumnType
from erp_adapters.store.whole_columns import (
    Whole,
    whole_decimals,
    whole_integers,
    whole_padded,
    whole_times,
)

Value: TypeAlias = str | int | Decimal | date | datetime | time | bool | None
Values: TypeAlias = tuple[Value, ...]

AMBIGUOUS_TIME, AMBIGUOUS_NUMBER = "ambiguous_time", "ambiguous_number"
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Unfit:
    """Stands where a text does not fit its column's type."""

    reason: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A value that another reader could have read differently."""

    value: Value
    flag: str


Met: TypeAlias = Value | Unfit | Doubtful
Parse: TypeAlias = Callable[[str], Value]


class ColumnReader(dict[str, Met]):
    """One column of the file at hand; as a dictionary it is what the column remembers."""

    def __init__(
        self,
        name: str,
        position: int,
        required: bool,
        empty: Value,
        parse: Parse,
        whole: Whole | None = None,
    ) -> None:
        super().__init__()
        self.name, self.position = name, position
        self.has_unfit = self.has_doubtful = False
        self._required, self._empty, self._parse, self._whole = required, empty, parse, whole
        self._remembers = True

    def read(self, texts: Sequence[str]) -> list[Met]:
        """The values of these cells."""
        if not self._remembers:
            whole = self._whole and self._whole(texts)
            return list(map(self._met, texts)) if whole is None else list(whole)
        if len(self) > _REMEMBERED:
            self.clear()
        before = len(self)
        values = list(map(self.__getitem__, texts))
        if len(texts) > 500 and len(self) - before > 0.7 * len(texts):
            self._remembers = False
            self.clear()
        return values

    def __missing__(self, text: str) -> Met:
        met = self[text] = self._met(text)
        return met

    def forget(self) -> None:
        """Look at every text anew: what was doubtful is so no longer."""
        self.clear()
        self.has_doubtful = False

    def _met(self, text: str) -> Met:
        cell = text.strip()
        try:
            value = self._parse(cell) if cell else self._empty
        except ValueError as exc:
            self.has_unfit = True
            return Unfit(f"{self.name} {cell[:40]!r} {exc}")
        except Ambiguous as exc:
            self.has_doubtful = True
            return Doubtful(exc.moment, AMBIGUOUS_TIME)
        except _Either as exc:
            self.has_doubtful = True
            return Doubtful(exc.number, AMBIGUOUS_NUMBER)
        if value is None and self._required:
            self.has_unfit = True
            return Unfit(f"{self.name} is empty" if not cell else f"{self.name} {cell[:40]!r} is empty")
        return value


class TextReader(ColumnReader):
    """A column of text, where there is nothing to remember."""

    def read(self, texts: Sequence[str]) -> list[Met]:
        values = [text or None for text in map(str.strip, texts)]
        if (self._required and None in values) or "\0" in "".join(texts):
            return list(map(self._met, texts))
        return cast("list[Met]", values)


class _Either(Exception):
    def __init__(self, number: Decimal) -> None:
        self.number = number


def readers_of(
    spec: FileSpec, header: Sequence[str], plausible: DateRange, zone: ZoneInfo, numbers: NumberFormat
) -> list[ColumnReader]:
    """A reader for each column that the mapping declares, in its order.

    Args:
        zone: what `zone: site` means.
        numbers: shared by the columns of a file, since one of them may show how all are written.
    """
    parsers = _parsers(spec, plausible, zone, numbers)
    readers: list[ColumnReader] = []
    for name, column in spec.columns.items():
        kind = TextReader if column.type == "text" else ColumnReader
        parse = parsers[column.type]
        if column.type == "decimal" and name not in spec.settled:
            parse = _questioned(numbers)
        empty = False if column.type == "flag" and "" in spec.flags else None
        whole = _whole(column.type, numbers)
        readers.append(kind(name, header.index(name), column.required, empty, parse, whole))
    return readers


def _whole(kind: ColumnType, numbers: NumberFormat) -> Whole | None:
    match kind:
        case "decimal":
            decimals = whole_decimals(numbers.sign)
            return lambda texts: decimals(texts) if numbers.is_proven else None
        case "integer":
            return whole_integers
        case "time":
            return whole_times
        case "zero_padded":
            return whole_padded
        case _:
            return None


def _parsers(
    spec: FileSpec, plausible: DateRange, zone: ZoneInfo, numbers: NumberFormat
) -> dict[ColumnType, Parse]:
    days = DateFormat(spec.dates, plausible.first, plausible.last)
    clock = Clock(zone_of(spec, zone))
    return {
        "text": _text,
        "zero_padded": _zero_padded,
        "integer": numbers.integer,
        "decimal": numbers.decimal,
        "date": days.day,
        "timestamp": days.timestamp,
        "time": time_of_day,
        "flag": _flags(spec.flags),
        "moment": lambda text: days.moment(text, clock),
        "series": lambda text: series(text, numbers),
    }


def zone_of(spec: FileSpec, site: ZoneInfo) -> ZoneInfo:
    """The zone of a file's clock."""
    return site if spec.zone == "site" else ZoneInfo("UTC" if spec.zone == "utc" else spec.zone)


def decimals_of(spec: FileSpec) -> dict[str, Column]:
    """Columns whose numbers may show, or leave open, how the file writes them."""
    return {
        name: column
        for name, column in spec.columns.items()
        if column.type == "decimal" and name not in spec.settled
    }


def _questioned(numbers: NumberFormat) -> Parse:
    def parse(text: str) -> Decimal:
        number = numbers.decimal(text)
        if not numbers.is_proven and numbers.is_either(text):
            raise _Either(number)
        return number

    return parse


def _text(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a zero byte")
    return text


def _zero_padded(text: str) -> str:
    if text.isascii() and text.isdigit():
        return text.lstrip("0") or "0"
    return _text(text)


def _flags(words: tuple[str, str]) -> Parse:
    yes, no = words
    known = {yes: True, no: False}

    def parse(text: str) -> bool:
        found = known.get(text)
        if found is None:
            raise ValueError(f"is not {yes}" if no == "" else f"is neither {no} nor {yes}")
        return found

    return parse
