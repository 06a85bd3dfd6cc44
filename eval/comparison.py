"""Whether an answer holds what was expected: the same rows, in any order, with any further columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

Cell: TypeAlias = str | int | float | bool | None
Row: TypeAlias = Sequence[Cell]
Rows: TypeAlias = Sequence[Row]

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_PERCENT = re.compile(r"([+-]?\d+(?:\.\d+)?) %")
_QUARTER = re.compile(r"(?:(\d{4})-)?q([1-4])")
_MONTH = re.compile(r"(\d{4})-(\d\d)")
_FIRST_DAY = re.compile(r"(\d{4})-(\d\d)-01")
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[t ]00:00:00(?:\.0+)?")
_WORDS: dict[str, float | None] = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0, "(none)": None}
_YEARS = frozenset({"y", "yr", "year"})
_QUARTERS = frozenset({"q", "qtr", "quarter"})
_MONTHS = frozenset({"m", "mon", "month"})
_WORD = re.compile(r"\w+")
_RELATIVE = 1e-4
# 0.1 + 0.2 is not 0.3: a difference of exactly the tolerance passes.
_FLOAT_NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class _Percent:
    value: float


@dataclass(frozen=True, slots=True)
class _Quarter:
    year: int | None
    number: int


@dataclass(frozen=True, slots=True)
class _Month:
    year: int | None
    number: int


_Plain: TypeAlias = float | str | _Percent | _Quarter | _Month | None


def matches(
    tables: Sequence[Rows],
    figures: Row,
    expected: Rows,
    tolerance: float,
    columns: Sequence[str] = (),
    headings: Sequence[Sequence[str]] = (),
) -> bool:
    """True where one table has exactly the expected rows, or single values are all that one row expects.

    Args:
        tables: the rows of each table of the answer; a percentage ends in `%`.
        figures: the answer's figures.
        expected: the rows that were expected; none at all need a table without rows.
        tolerance: by how much a number may be off.
        columns: names of the expected columns. Those called year and quarter, or month, may be one cell
            (`2024-Q1`, `2024-03`); those of a single row may be rows that bear their names.
        headings: those of each table's columns; figures that are expected one below the other, each after
            what it is of, may stand in one row under headings that say so.
    """
    wanted = _plain_rows(expected)
    found = [_plain_rows(table) for table in tables]
    for form in (wanted, _with_periods(wanted, columns)):
        if any(_table_matches(table, form, tolerance) for table in found):
            return True
    if len(wanted) != 1:
        return any(
            _lies_flat(table, names, wanted, tolerance) for table, names in zip(found, headings, strict=False)
        )
    if any(_stands_upright(table, wanted[0], columns, tolerance) for table in found):
        return True
    # The parts of a question may come as tables of a row each. The first row of a longer table is not
    # among them: a list is no answer to who leads it.
    spread = [cell for table in found if len(table) == 1 for cell in table[0]]
    return _holds([*spread, *map(_plain, figures)], wanted[0], tolerance)


def same(found: Cell, expected: Cell, tolerance: float) -> bool:
    """True where a cell says what was expected: rounded, spelt as a flag or a quarter, or missing."""
    return _same(_plain(found), _plain(expected), tolerance)


def is_number(cell: Cell) -> bool:
    """True for a figure, however it is spelt."""
    return isinstance(_plain(cell), float)


def _same(found: _Plain, expected: _Plain, tolerance: float) -> bool:
    if isinstance(found, _Percent):
        # A statement may say it as a share of one; next to nothing there, no tolerance of figures is let in.
        if isinstance(expected, float) and 0 < abs(expected) < 1:
            share = abs(found.value / 100 - expected) <= abs(expected) * _RELATIVE
            return share or _same(found.value, expected, tolerance)
        return _same(found.value, expected, tolerance)
    if isinstance(found, float) and isinstance(expected, float):
        # Relative room is for rounding: ids and counts are right or not.
        whole = found.is_integer() and expected.is_integer()
        allowed = tolerance if whole else max(tolerance, abs(expected) * _RELATIVE)
        return abs(found - expected) <= allowed + _FLOAT_NOISE
    if isinstance(found, _Quarter) and isinstance(expected, _Quarter):
        return found.number == expected.number and (None in (found.year, expected.year) or found == expected)
    if isinstance(found, _Month) and isinstance(expected, _Month):
        return found.number == expected.number and (None in (found.year, expected.year) or found == expected)
    if isinstance(found, _Quarter | _Month) and isinstance(expected, str):
        return _begins(found, expected)
    if isinstance(found, _Quarter):
        return expected == found.number
    if isinstance(expected, _Quarter):
        return found == expected.number
    return found == expected


def _begins(period: _Quarter | _Month, day: str) -> bool:
    """True where a day is the first of a period: what statements group months and quarters by."""
    first = _FIRST_DAY.fullmatch(day)
    month = 3 * period.number - 2 if isinstance(period, _Quarter) else period.number
    return first is not None and (period.year, month) == (int(first[1]), int(first[2]))


def _plain(value: Cell) -> _Plain:
    """A cell without its spelling: numbers and flags as floats, days without midnight, lower case."""
    if value is None:
        return None
    if isinstance(value, int | float | Decimal):
        return float(value)
    text = value.strip().lower()
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        return float(text)
    if percent := _PERCENT.fullmatch(text):
        return _Percent(float(percent[1]))
    if quarter := _QUARTER.fullmatch(text):
        return _Quarter(int(quarter[1]) if quarter[1] else None, int(quarter[2]))
    if month := _MONTH.fullmatch(text):
        return _Month(int(month[1]), int(month[2]))
    midnight = _MIDNIGHT.fullmatch(text)
    return midnight[1] if midnight else text


def _plain_rows(rows: Rows) -> list[list[_Plain]]:
    return [[_plain(cell) for cell in row] for row in rows]


def _with_periods(rows: list[list[_Plain]], columns: Sequence[str]) -> list[list[_Plain]]:
    """The rows with numbered months, and years beside quarters or months, as one period each."""
    names = [name.lower() for name in columns]
    years = [at for at, name in enumerate(names) if name in _YEARS]
    parts = [at for at, name in enumerate(names) if name in _QUARTERS | _MONTHS]
    if len(years) > 1 or len(parts) != 1:
        return rows
    part, kind = parts[0], _Quarter if names[parts[0]] in _QUARTERS else _Month
    together = []
    for row in rows:
        number, year = row[part], row[years[0]] if years else None
        if not isinstance(number, float) or not isinstance(year, float | None):
            return rows
        period = kind(None if year is None else int(year), int(number))
        together.append([*(cell for at, cell in enumerate(row) if at != part and at not in years), period])
    return together


def _stands_upright(
    table: Sequence[Sequence[_Plain]], wanted: Sequence[_Plain], columns: Sequence[str], tolerance: float
) -> bool:
    """True where each column of a single row is a row of the table that bears the column's name."""
    if not (1 < len(wanted) == len(columns) == len(table)):
        return False
    names = [name.lower().replace("_", " ") for name in columns]
    return _paired(
        len(wanted),
        len(table),
        lambda w, f: names[w] in table[f] and _holds(table[f], [wanted[w]], tolerance),
    )


def _lies_flat(
    table: Sequence[Sequence[_Plain]],
    headings: Sequence[str],
    wanted: Sequence[Sequence[_Plain]],
    tolerance: float,
) -> bool:
    """True where each row, what a figure is of and the figure, is a column of the only row there is."""
    if len(table) != 1 or len(wanted) < 2 or any(len(row) != 2 for row in wanted):
        return False
    if len(table[0]) < len(headings):
        return False
    said = [set(_WORD.findall(name.lower())) for name in headings]
    words = [set(_WORD.findall(_name(of))) for of, _ in wanted]
    of_one = [_is_plain(heading) and sum(label <= heading for label in words) == 1 for heading in said]
    return all(words) and _paired(
        len(wanted),
        len(said),
        lambda w, f: of_one[f] and words[w] <= said[f] and _same(table[0][f], wanted[w][1], tolerance),
    )


def _is_plain(heading: AbstractSet[str]) -> bool:
    """False for a heading that denies its words, or sets them against each other."""
    return heading.isdisjoint({"not", "no", "without", "difference", "change", "less", "minus", "except"})


def _name(of: _Plain) -> str:
    match of:
        case float():
            return str(int(of)) if of.is_integer() else str(of)
        case _Quarter():
            return f"{of.year or ''} q{of.number}"
        case _Month():
            return f"{of.year or ''} {of.number:02}"
        case str():
            return of
        case _:
            return ""


def _table_matches(
    table: Sequence[Sequence[_Plain]], wanted: Sequence[Sequence[_Plain]], tolerance: float
) -> bool:
    if len(table) != len(wanted):
        return False
    return _paired(len(wanted), len(table), lambda w, f: _holds(table[f], wanted[w], tolerance))


def _holds(cells: Sequence[_Plain], wanted: Sequence[_Plain], tolerance: float) -> bool:
    """True where every wanted cell has a cell of its own."""
    return _paired(len(wanted), len(cells), lambda w, f: _same(cells[f], wanted[w], tolerance))


def _paired(wanted: int, found: int, fits: Callable[[int, int], bool]) -> bool:
    """True where each wanted thing can have a fitting found thing to itself (augmenting paths).

    Taking the first that fits is not enough: a row that fits two may be all that a later one fits.
    """
    taken: dict[int, int] = {}

    def place(want: int, tried: set[int]) -> bool:
        for at in range(found):
            if at in tried or not fits(want, at):
                continue
            tried.add(at)
            if at not in taken or place(taken[at], tried):
                taken[at] = want
                return True
        return False

    return all(place(want, set()) for want in range(wanted))
