"""Tables and figures in the form in which every look-up tool shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

from tools.languages import said
from tools.results import Cell, Column, ColumnKind, Figure, Table

_PLACES = Decimal("1e-10")


def plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros and exponent, to at most ten places: `400`, not `400.000000`."""
    with localcontext(prec=60):
        short = value.quantize(_PLACES, ROUND_HALF_UP).normalize()
        return short.quantize(Decimal(1)) if int(short.as_tuple().exponent) > 0 else short


def table(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    limit: int | None = None,
    total: int | None = None,
) -> Table:
    """A table of plain numbers, cut after `limit` rows; `total` counts them where rows were cut before."""
    cells = [tuple(plain(cell) if isinstance(cell, Decimal) else cell for cell in row) for row in rows]
    shown = cells if limit is None else cells[:limit]
    count = len(cells) if total is None else total
    return Table(tuple(columns), tuple(shown), title, truncated=len(shown) < count, total_rows=count)


def figure(label: str, value: Decimal | int, kind: ColumnKind, proof: str, unit: str = "") -> Figure:
    """One number that rests on the evidence of id `proof`."""
    return Figure(label, plain(Decimal(value)), unit, kind, proof)


def common(units: Iterable[str | None]) -> str:
    """The unit or currency that all share; empty where they differ, so that a column cannot claim one."""
    different = {unit or "" for unit in units}
    return different.pop() if len(different) == 1 else ""


def unit_column(units: Iterable[str | None], label: str = "Unit") -> tuple[Column, ...]:
    """A column for the unit of each row, where they differ; none where the other columns' headings say it."""
    return (Column(label.lower(), label, "text"),) if len({unit or "" for unit in units}) > 1 else ()


def several(names: Sequence[str], shown: int = 3) -> str:
    """The first few names and how many more there are."""
    first = ", ".join(names[:shown])
    if len(names) <= shown:
        return first
    return said("[[names]] and [[number]] more", names=first, number=len(names) - shown)
