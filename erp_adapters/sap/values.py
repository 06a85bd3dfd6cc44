"""SAP's values: days of eight digits, figures with their sign behind, amounts kept with two decimals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

_KEPT_DECIMALS: Final = 2
"""Of every amount in a table, whatever its currency has."""


def day(text: str) -> date | None:
    """A day of type DATS; None for the initial one, which is no day.

    Raises:
        ValueError: it is no day at all.
    """
    digits = text.strip()
    # The last is SAP's "for ever", which validity ends have.
    if digits in ("", "00000000", "99991231"):
        return None
    if len(digits) != 8 or not digits.isdigit():
        raise ValueError(f"{digits!r} is no day")
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def day_text(value: date) -> str:
    """A day as DATS."""
    return f"{value:%Y%m%d}"


def number(text: str) -> Decimal:
    """A figure with its sign in front or behind, as SAP writes it into text.

    Raises:
        ValueError: it is none, or was cut off (SAP then puts a star in front).
    """
    digits = text.strip()
    if digits.endswith("-"):
        digits = "-" + digits[:-1].strip()
    try:
        found = Decimal(digits)
    except InvalidOperation:
        raise ValueError(f"{text.strip()!r} is no figure") from None
    if not found.is_finite():
        raise ValueError(f"{text.strip()!r} is no figure")
    return found


def amount(kept: Decimal, decimals: int) -> Decimal:
    """What an amount of a table is, in a currency with these decimals.

    ::

        amount(Decimal("1.18"), 0)  # 118 yen
        amount(Decimal("12.34"), 3)  # 1.234 dinars
    """
    return kept.scaleb(_KEPT_DECIMALS - decimals)
