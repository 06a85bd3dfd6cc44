"""A question's tokens as numbers, years and days of a month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from agents.models.embedded.text import Token

JOINS = ("to", "-", "until", "till", "through", "thru")
"""Words between the two ends of a range."""
SUFFIXES = ("st", "nd", "rd", "th")
APOSTROPHES = ("'", "’")
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_TOLD = {"this": 0, "current": 0, "last": 1, "previous": 1, "prior": 1}
_FILLERS = frozenset({"of", "the", "in", "year", "calendar", "month", "fiscal"})


class Said:
    """What stands at a position of a question, as of `today`; nothing beyond its ends."""

    def __init__(self, tokens: Sequence[Token], today: date) -> None:
        self.tokens = tokens
        self.today = today

    def word(self, i: int) -> str:
        """The word in its normal spelling."""
        return self.tokens[i].norm if 0 <= i < len(self.tokens) else ""

    def past_fillers(self, i: int) -> int:
        """The first position from here on that says something."""
        while self.word(i) in _FILLERS:
            i += 1
        return i

    def number(self, i: int) -> int | None:
        """A whole number in plain digits."""
        token = self.tokens[i] if 0 <= i < len(self.tokens) else None
        if token is None or token.kind != "number" or "." in token.norm or "," in token.text:
            return None
        return int(token.norm)

    def year(self, i: int) -> int | None:
        """A year of four digits."""
        number = self.number(i)
        return number if number is not None and 1950 <= number <= 2099 and len(self.word(i)) == 4 else None

    def year_here(self, i: int) -> tuple[int, int] | None:
        """The year that stands here, in digits or as `last year`, and the position after it."""
        named = self.year(i)
        if named is not None:
            return named, i + 1
        ago = _TOLD.get(self.word(i))
        return (self.today.year - ago, i + 2) if ago is not None and self.word(i + 1) == "year" else None

    def ordinal(self, i: int) -> tuple[int, int] | None:
        """The number that `first`, `2nd` or `third` says, up to four, and the position after it."""
        if self.word(i) in _ORDINALS:
            return _ORDINALS[self.word(i)], i + 1
        number = self.number(i)
        return (number, i + 2) if number in (1, 2, 3, 4) and self.word(i + 1) in SUFFIXES else None

    def short_year(self, i: int) -> int | None:
        """`Q2 24`, `Q2'24`: two digits right after a part of a year, from this century's present decades."""
        if self.word(i) in APOSTROPHES:
            i += 1
        number = self.number(i)
        if number is None or not 10 <= number <= 40 or len(self.word(i)) != 2:
            return None
        return 2000 + number

    def after_short_year(self, i: int) -> int:
        """The position after a short year that begins here."""
        return i + (2 if self.word(i) in APOSTROPHES else 1)

    def recent_year(self, month: int) -> int:
        """The year that a month without one means: the last in which it began."""
        return self.today.year if month <= self.today.month else self.today.year - 1

    def day(self, i: int) -> int | None:
        """The day of a month: `3`, `3RD`."""
        token = self.tokens[i] if 0 <= i < len(self.tokens) else None
        if token is None:
            return None
        digits = token.norm.rstrip("stndrh") if token.kind == "word" else token.norm
        return int(digits) if digits.isdigit() and len(digits) <= 2 and 1 <= int(digits) <= 31 else None

    def joined(self, first: int, after: int) -> bool:
        """True where nothing stands between the tokens, as in `30/09/2021`."""
        tokens = self.tokens
        return after <= len(tokens) and all(
            tokens[k].end == tokens[k + 1].start for k in range(max(first, 0), after - 1)
        )
