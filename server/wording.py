"""How values are written for people: grouped digits, ages, and text that cannot forge a terminal's output."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import cast

from agents.answer import AnswerEvidence
from agents.rendering import number_text
from tools.languages import said
from tools.languages.forms import decimal_mark
from tools.results import ColumnKind

NUMERIC_KINDS = frozenset({"quantity", "count", "money", "percent", "ratio", "days", "rate"})

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain(text: str, *, lines: bool = False) -> str:
    """The text without control, bidirectional and invisible characters."""
    kept = {"\n"} if lines else set()
    return "".join(
        c if c in kept else " " if c in "\t\r\n" else "�" if unicodedata.category(c) in _INVISIBLE else c
        for c in text
    )


def titled(text: str) -> str:
    """A label as a heading: with a capital first letter."""
    label = plain(text)
    return label[:1].upper() + label[1:]


def number(text: str, kind: ColumnKind = "quantity") -> str:
    """A decimal string as sentences show it, digits grouped: `1234.500000` is `1,234.5` or `1.234,5`."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return plain(text)
    return number_text(value, kind) if value.is_finite() else plain(text)


def cell(value: str | bool | None, kind: str) -> str:
    """One table cell as it is shown."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return said("yes" if value else "no")
    if kind in NUMERIC_KINDS:
        return number(value, cast(ColumnKind, kind))
    return plain(value)


def column(values: Sequence[str | bool | None], kind: str) -> list[str]:
    """The cells of one column, numbers with equally many decimals up to two, so that their points align."""
    shown = [cell(value, kind) for value in values]
    if kind not in NUMERIC_KINDS:
        return shown
    places = [
        len(text.partition(decimal_mark())[2])
        for text, value in zip(shown, values, strict=True)
        if value is not None
    ]
    wanted = min(2, max(places, default=0))
    return [
        text if value is None else _padded(text, wanted) for text, value in zip(shown, values, strict=True)
    ]


def _padded(text: str, places: int) -> str:
    mark = decimal_mark()
    whole, _, fraction = text.partition(mark)
    if len(fraction) >= places or not whole[-1:].isdigit():
        return text
    return f"{whole}{mark}{fraction.ljust(places, '0')}"


def age(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, in the largest unit that fits: `3 days`, `5 h`, `just now`."""
    seconds = int(((now or datetime.now(UTC)) - moment).total_seconds())
    for size, one, many in ((86400, "day", "days"), (3600, "h", "h"), (60, "min", "min")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {one if count == 1 else many}"
    return "moments"


def day_of(stamp: str | None) -> str:
    """The date of an ISO 8601 time, or a dash."""
    return stamp[:10] if stamp else "–"


def sources_line(evidence: AnswerEvidence) -> str:
    """Source records with their row counts: `AdventureWorks workorder (729 rows), scrapreason (16 rows)`."""
    by_system: dict[str, list[str]] = {}
    for source in evidence.sources:
        rows = "" if source.rows is None else f" ({source.rows:,} {'row' if source.rows == 1 else 'rows'})"
        by_system.setdefault(plain(source.system), []).append(plain(source.record) + rows)
    return "; ".join(f"{system}: {', '.join(records)}" for system, records in by_system.items())
