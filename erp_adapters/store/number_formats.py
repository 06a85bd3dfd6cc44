"""Numbers as plants write them: decimal point or comma, grouped thousands, a minus behind."""

from __future__ import annotations

import contextlib
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, TypeAlias

DecimalSign: TypeAlias = Literal["point", "comma"]

LARGEST = Decimal(10) ** 14
"""First number that `numeric(20,6)` cannot hold."""
_SCALE = Decimal("0.000001")
_NAMES: dict[DecimalSign, tuple[str, str]] = {"point": (".", ","), "comma": (",", ".")}
_INTEGER = re.compile(r"[+-]?\d{1,18}\Z", re.ASCII)
# A day of readings is long; in this form its numbers can be handed on as they stand.
_READINGS = r"(?:(?:-|-?(?:0|[1-9]\d{0,13})(?:MARK\d{1,6})?)(?: |\Z))+\Z"
_SERIES: dict[DecimalSign, re.Pattern[str]] = {
    "point": re.compile(_READINGS.replace("MARK", r"\."), re.ASCII),
    "comma": re.compile(_READINGS.replace("MARK", ","), re.ASCII),
}
_MISSING = {"-": "NULL"}
_BLANKS = " '\u00a0\u2009\u202f\u2019"


class NumberFormat:
    """How numbers stand in one file, and whether one of them has shown that they do."""

    def __init__(self, sign: DecimalSign) -> None:
        self._mark, self._group = _NAMES[sign]
        self.sign = sign
        mark, group = re.escape(self._mark), re.escape(self._group)
        self._written = re.compile(
            rf"(?P<sign>[+-]?)(?P<whole>[1-9]\d{{0,2}}(?P<by>[{group}{_BLANKS}])\d{{3}}(?:(?P=by)\d{{3}})*|\d*)"
            rf"(?:{mark}(?P<part>\d*))?(?P<power>[eE][+-]?\d{{1,3}})?(?P<behind>-?)\Z",
            re.ASCII,
        )
        # What nearly all numbers look like; nothing of it can be too large or too fine.
        self._common = re.compile(
            rf"(-?)(\d{{1,3}}(?:{group}\d{{3}}){{0,3}}|\d{{1,14}})(?:{mark}(\d{{1,6}}))?(-?)\Z", re.ASCII
        )
        self._either = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}-?\Z", re.ASCII)
        self.is_proven = False
        """True once a number was read that the other convention could not have written."""

    def decimal(self, text: str) -> Decimal:
        """The number.

        Raises:
            ValueError: the text is none, in words that follow the column's name.
        """
        common = self._common.match(text)
        if common:
            before, whole, part, behind = common.groups()
            if self._group in whole:
                if whole[0] == "0":
                    raise ValueError(f"is not a decimal number with a {self.sign}")
                whole = whole.replace(self._group, "")
            if not (before and behind):
                if not self.is_proven:
                    self._take_note(text)
                return Decimal(f"{before or behind}{whole}.{part}" if part else f"{before or behind}{whole}")
        found = self._written.match(text)
        if not found or not (found["whole"] or found["part"]) or (found["sign"] and found["behind"]):
            raise ValueError(f"is not a decimal number with a {self.sign}")
        self._take_note(text)
        whole, part = found["whole"], found["part"]
        if found["by"]:
            whole = whole.replace(found["by"], "")
        digits = f"{whole}.{part}" if part else whole
        return _stored(Decimal(f"{found['behind'] or found['sign']}{digits}{found['power'] or ''}"))

    def _take_note(self, text: str) -> None:
        if ("." in text or "," in text) and not self._either.match(text):
            self.is_proven = True

    def integer(self, text: str) -> int:
        """The whole number; ValueError where the text is none."""
        if _INTEGER.match(text):
            return int(text)
        found = self._written.match(text)
        if (
            not found
            or not found["whole"]
            or found["part"] is not None
            or found["power"]
            or (found["sign"] and found["behind"])
        ):
            raise ValueError("is not a whole number")
        digits = re.sub(r"\D", "", found["whole"], flags=re.ASCII)
        if len(digits) > 18:
            raise ValueError("is not a whole number")
        return -int(digits) if "-" in (found["sign"], found["behind"]) else int(digits)

    def proves(self, text: str) -> None:
        """Take note where the text is a number that only this convention could have written."""
        with contextlib.suppress(ValueError):
            self.decimal(text)

    def is_either(self, text: str) -> bool:
        """True for what is a number with three decimals or grouped thousands, as one likes to read it."""
        return self._either.match(text) is not None

    def is_grouped(self, text: str) -> bool:
        """True for such a number that this convention reads as grouped thousands."""
        return self.is_either(text) and self._group in text


def _stored(number: Decimal) -> Decimal:
    if abs(number) >= LARGEST:
        raise ValueError("has more than 14 digits before the point")
    return rounded(number)


def rounded(number: Decimal) -> Decimal:
    """The number with at most the six places that the store keeps, so that a checksum says what is stored."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -6 <= exponent <= 0:
        return number
    return to_scale(number)


def to_scale(number: Decimal) -> Decimal:
    """The number with exactly six places."""
    return number.quantize(_SCALE, ROUND_HALF_UP)


def series(text: str, numbers: NumberFormat) -> str:
    """Numbers separated by blanks as an array of Postgres; `-` is a number that is missing."""
    if _SERIES[numbers.sign].match(text):
        return "{" + ",".join(map(_MISSING.get, texts := text.replace(",", ".").split(), texts)) + "}"
    parts = ["NULL" if part == "-" else format(numbers.decimal(part), "f") for part in text.split()]
    return "{" + ",".join(parts) + "}"
