"""Canonical values as the text that a system shows for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import TypeAlias, assert_never

from erp_adapters.demo.dialects.dialect import Cell, Convention, Dialect, Table
from erp_adapters.demo.dialects.fields import FieldType, type_of
from erp_adapters.demo.dialects.site_codes import SiteCodes
from erp_adapters.store.reading import Value

Show: TypeAlias = Callable[[Value], str]

_DATES: dict[Convention, str] = {
    "iso": "{y:04}-{m:02}-{d:02}",
    "dmy": "{d:02}{s}{m:02}{s}{y:04}",
    "mdy": "{m:02}{s}{d:02}{s}{y:04}",
    "ymd": "{y:04}{m:02}{d:02}",
}


class Shown(dict[Value, str]):
    """Remembers the text of each value: plants repeat themselves, and looking up is faster than writing."""

    def __init__(self, show: Show) -> None:
        super().__init__()
        self._show = show

    def __missing__(self, value: Value) -> str:
        text = self[value] = self._show(value)
        return text


def show(
    record: str, field: str, cell: Cell, table: Table, dialect: Dialect, codes: SiteCodes, zone: tzinfo
) -> Show:
    """How a field's values are written in a column of a system at a plant.

    Args:
        zone: what the clocks at the plant show.
    """
    kind = type_of(record, field)
    if cell.period:
        return lambda value: "" if value is None else codes.period_code(_day_or_text(value))
    if cell.rule is not None:
        return _code(cell.rule, cell.zeros, codes, dialect.delimiter)
    if cell.zeros is not None:
        return _padded(cell.zeros, dialect.delimiter)
    if kind in ("decimal", "integer"):
        count = table.columns[cell.per].constant if cell.per is not None else None
        return _number(kind, cell, dialect, Decimal(count or 1))
    return _other(kind, cell, table, dialect, zone)


def _other(kind: FieldType, cell: Cell, table: Table, dialect: Dialect, zone: tzinfo) -> Show:
    match kind:
        case "text":
            return lambda value: "" if value is None else quoted(str(value), dialect.delimiter)
        case "date":
            return _date(dialect)
        case "time":
            return _time(dialect)
        case "moment":
            return _moment(cell, dialect, zone)
        case "flag":
            yes, no = table.flags or dialect.flags
            return lambda value: "" if value is None else yes if value else no
        case "series":
            return _series(dialect)
        case "integer" | "decimal":
            raise AssertionError("numbers have their own way")
        case _ as never:
            assert_never(never)


def quoted(text: str, delimiter: str) -> str:
    """The text as it may stand between delimiters."""
    if delimiter in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _day_or_text(value: Value) -> str | date:
    return value if isinstance(value, date) else str(value)


def _padded(width: int, delimiter: str) -> Show:
    def shown(value: Value) -> str:
        if value is None:
            return ""
        text = str(value)
        if not text.isdecimal():
            return quoted(text, delimiter)
        if text[0] == "0" and len(text) > 1:
            raise ValueError(f"{text!r} begins with a zero, which is lost among {width} digits")
        return text.zfill(width)

    return shown


def _code(rule: str, width: int | None, codes: SiteCodes, delimiter: str) -> Show:
    def shown(value: Value) -> str:
        if value is None:
            return ""
        code = codes.code(rule, str(value))
        return code.zfill(width) if width is not None and code.isdecimal() else quoted(code, delimiter)

    return shown


def _number(kind: FieldType, cell: Cell, dialect: Dialect, times: Decimal) -> Show:
    places = 0 if kind == "integer" else cell.places
    mark = "," if dialect.decimals == "comma" else "."
    group = "." if mark == "," else ","

    def shown(value: Value) -> str:
        if value is None:
            return ""
        number = value if isinstance(value, Decimal) else Decimal(str(value))
        if times != 1:
            number *= times
        if cell.implied is not None:
            number = number.scaleb(cell.implied)
            if number != number.to_integral_value():
                raise ValueError(f"{value} has more than the {cell.implied} decimals that are implied")
            number = number.to_integral_value()
        text = f"{abs(number):f}"
        whole, _, part = text.partition(".")
        if kind == "integer" or cell.implied is not None:
            part = ""
        else:
            part = part.rstrip("0").ljust(places, "0")
            if dialect.grouped:
                whole = f"{int(whole):,}".replace(",", group)
        text = f"{whole}{mark}{part}" if part else whole
        if number < 0:
            text = f"{text}-" if dialect.minus == "behind" else f"-{text}"
        # With both marks at hand a number may hold the delimiter itself.
        return quoted(text, dialect.delimiter)

    return shown


def _date(dialect: Dialect) -> Show:
    form, separator, none = _DATES[dialect.dates], dialect.date_separator, dialect.no_date

    def shown(value: Value) -> str:
        if not isinstance(value, date):
            return none
        return form.format(y=value.year, m=value.month, d=value.day, s=separator)

    return shown


def _time(dialect: Dialect) -> Show:
    between = "" if dialect.times == "digits" else ":"

    def shown(value: Value) -> str:
        if not isinstance(value, time):
            return ""
        return f"{value.hour:02}{between}{value.minute:02}{between}{value.second:02}"

    return shown


def _moment(cell: Cell, dialect: Dialect, zone: tzinfo) -> Show:
    write_day, write_time = _date(dialect), _time(dialect)
    # Days and times come again and again, moments seldom do.
    days = Shown(lambda number: write_day(date.fromordinal(number)) if isinstance(number, int) else "")
    times = Shown(lambda seconds: write_time(_time_at(seconds)) if isinstance(seconds, int) else "")
    none = dialect.no_date if cell.part == "date" else ""
    between, behind, part = dialect.between, dialect.behind, cell.part

    def shown(value: Value) -> str:
        if not isinstance(value, datetime):
            return none
        local = value if value.tzinfo is zone else value.astimezone(zone)
        if part == "date":
            return days[local.toordinal()]
        at = times[local.hour * 3600 + local.minute * 60 + local.second]
        return at if part == "time" else f"{days[local.toordinal()]}{between}{at}{behind}"

    return shown


def _time_at(seconds: int) -> time:
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _series(dialect: Dialect) -> Show:
    """Readings, given as an array of Postgres: blanks between them, a dash for one that did not come."""

    def shown(value: Value) -> str:
        if value is None:
            return ""
        text = str(value).strip("{}").replace("NULL", "-")
        if dialect.decimals == "comma":
            return text.replace(",", " ").replace(".", ",")
        return text.replace(",", " ")

    return shown
