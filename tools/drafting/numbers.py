"""Numbers in the sentences of a draft: one way of writing them, whatever the reader's language."""

from __future__ import annotations

from decimal import Decimal


def n(value: Decimal) -> str:
    """`1,234.5`: digits in groups, no trailing zeros."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(amount: Decimal, currency: str) -> str:
    """`1,234.50 EUR`: two decimals at least."""
    whole, _, decimals = f"{amount:,f}".partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')} {currency}".strip()
