"""Columns whose cells all have the commonest form of their type, read in a few steps; None where one has not.

What is not read here is read cell by cell, so nothing depends on it but speed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import time
from decimal import Decimal
from typing import TypeAlias

from erp_adapters.store.number_formats import DecimalSign

Whole: TypeAlias = Callable[[Sequence[str]], "Sequence[str | int | Decimal | time] | None"]

_INTEGERS = re.compile(r"(?:-?\d{1,18}\n)*\Z", re.ASCII)
_TIMES = re.compile(r"(?:(?:[01]\d|2[0-3])(?::[0-5]\d:[0-5]\d|[0-5]\d[0-5]\d)\n)*\Z", re.ASCII)
_BEHIND = re.compile(r"([^\n]+)-\n")
_DECIMALS = {
    mark: re.compile(
        rf"(?:(?:-?(?:[1-9]\d{{0,2}}(?:{group}\d{{3}}){{1,3}}|\d{{1,14}})(?:{mark}\d{{1,6}})?"
        rf"|(?:[1-9]\d{{0,2}}(?:{group}\d{{3}}){{1,3}}|\d{{1,14}})(?:{mark}\d{{1,6}})?-)\n)*\Z",
        re.ASCII,
    )
    for mark, group in ((r"\.", ","), (",", r"\."))
}


def whole_decimals(sign: DecimalSign) -> Whole:
    """Reads a column of decimals."""
    pattern = _DECIMALS[r"\." if sign == "point" else ","]

    def read(texts: Sequence[str]) -> list[Decimal] | None:
        lines = _lines(texts)
        if not pattern.match(lines):
            return None
        if "-\n" in lines:
            lines = _BEHIND.sub(r"-\1\n", lines)
        plain = lines.replace(",", "") if sign == "point" else lines.replace(".", "").replace(",", ".")
        return list(map(Decimal, plain.split("\n")[:-1]))

    return read


def whole_integers(texts: Sequence[str]) -> list[int] | None:
    """Reads a column of whole numbers."""
    return list(map(int, texts)) if _INTEGERS.match(_lines(texts)) else None


def whole_times(texts: Sequence[str]) -> list[time] | None:
    """Reads a column of times of day."""
    return list(map(time.fromisoformat, texts)) if _TIMES.match(_lines(texts)) else None


def whole_padded(texts: Sequence[str]) -> list[str] | None:
    """Reads a column of digits with leading zeros that do not count."""
    together = "".join(texts)
    if not (together.isascii() and together.isdigit()) or "" in texts:
        return None
    return [text.lstrip("0") or "0" for text in texts]


def _lines(texts: Sequence[str]) -> str:
    return "\n".join(texts) + "\n"
