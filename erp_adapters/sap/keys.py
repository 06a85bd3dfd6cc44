"""SAP's keys: digits stand in its tables with leading zeros, and people write them without."""

from __future__ import annotations


def padded(key: str, length: int) -> str:
    """The key as tables have it: digits are filled up, anything else is left as it is.

    ::

        padded("4711", 18)  # "000000000000004711"
        padded("T-100", 18)  # "T-100"
    """
    return key.rjust(length, "0") if key.isascii() and key.isdigit() else key


def plain(key: str) -> str:
    """The key as people write it."""
    return key.lstrip("0") or key if key.isascii() and key.isdigit() else key
