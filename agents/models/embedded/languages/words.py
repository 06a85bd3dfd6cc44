"""A question in German, Spanish or French as tokens, each in its own spelling and with its own numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from agents.models.embedded.languages.numbers import counted
from agents.models.embedded.languages.tables import Table, folded
from agents.models.embedded.text import Token, TokenKind, stem

_DATE = r"(?P<date>\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})|(?:0?[1-9]|1[0-2])\.(?:19|20)\d\d)(?![\w.]\w|\w)"
_NUMBER = (
    r"(?P<number>(?<![\w-])\d{1,3}(?:[. '’]\d{3})+(?:,\d+)?(?![\w.,]?\d)"
    r"|\d+(?:[.,]\d+)?(?=$|[^\w]|(?:k|m|mn|mio|bn|x|pcs|uds?|stk|usd|eur|d|h|kg|g|lbs?|oz|cm|mm)\b))"
)
_ORDINAL = r"(?P<ordinal>\d{1,2})(?:er|ère|ere|re|e|è?me|ieme|ième|eme|nde?|º|ª|°|\.º|\.ª|ro|do|to)(?!\w)"
_YEAR = r"(?P<year>(?:19|20)\d\d)er(?!\w)"
_COUNT = r"(?P<count>[nN]\.?\s?[º°ᵒ]|№)"
_SPACES = re.compile(r"[ \t\r\n\v\f\u00a0\u202f\u2009]+")
_MARK = r"(?P<mark>[%$€£#?!.,:;()\"“”„«»‹›‚'‘’/&+=<>≥≤–—-])"
_MARKS = {
    "%": "percent", "$": "dollar", "€": "euro", "£": "pound", "#": "number", "&": "and", "–": "-", "—": "-",
    "„": '"', "«": '"', "»": '"', "‹": '"', "›": '"', "‚": "'",
}  # fmt: skip
"""Marks read as English words, or as plainer marks."""
_TWO_MARKS = {"≥": (">", "="), "≤": ("<", "=")}
_QUOTED = tuple(
    re.compile(pattern)
    for pattern in (
        r"\"([^\"]{2,80})\"",
        r"[“„]([^”“\"]{2,80})[”“\"]",
        r"«\s?([^»]{2,80}?)\s?»",
        r"[‚‘]([^’‘]{2,80})[’‘]",
        r"(?<!\w)'([^']{2,80})'(?!\w)",
    )
)


def composed(question: str) -> str:
    """The question with each letter as one character and single spaces, and otherwise as typed."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", question))


def words(question: str, table: Table) -> tuple[Token, ...]:
    """The tokens of a composed question; what several words count is one token."""
    return counted(tuple(_tokens(question, table)), table)


@cache
def _pattern(elisions: tuple[str, ...]) -> re.Pattern[str]:
    elided = rf"(?:{'|'.join(elisions)})(?=['’]\w)|" if elisions else ""
    # What the apostrophe parts is two words; the one of a possessive is left out with its `s`.
    word = rf"(?P<word>{elided}\w+)(?:['’]s(?!\w)|(?<=\w)['’](?=\w))?"
    return re.compile("|".join((_DATE, _COUNT, _YEAR, _ORDINAL, _NUMBER, word, _MARK)), re.IGNORECASE)


def _tokens(text: str, table: Table) -> Iterator[Token]:
    quotes = [match.span(1) for pattern in _QUOTED for match in pattern.finditer(text)]
    for match in _pattern(table.elisions).finditer(text):
        start, end = match.span()
        quoted = any(a <= start and end <= b for a, b in quotes)
        if match["date"]:
            yield from _numeric_date(match["date"], start, quoted)
        elif match["year"]:
            yield _number(match["year"], Decimal(match["year"]), start, quoted)
        elif match["ordinal"]:
            yield _number(match[0], Decimal(match["ordinal"]), start, quoted)
        elif match["number"]:
            yield _number(match[0], _amount(match["number"]), start, quoted)
        elif match["count"]:
            yield Token(match[0], "number", "number", "word", start, end, None, quoted)
        elif match["word"]:
            own = match["word"].lower()
            yield Token(match[0], own, stem(own), "word", start, end, None, quoted)
        else:
            yield from _mark(match["mark"], start, quoted)


def _number(text: str, value: Decimal, start: int, quoted: bool) -> Token:
    digits = f"{value.normalize():f}" if value else "0"
    if text.isdigit():
        digits = text
    return Token(text, digits, digits, "number", start, start + len(text), value, quoted)


def _amount(text: str) -> Decimal:
    """`1.500,50`, `1 500`, `0,5` and `0.5`: a point before three digits divides thousands."""
    plain = re.sub(r"[ '’]", "", text)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", plain):
        plain = plain.replace(".", "")
    return Decimal(plain.replace(",", "."))


def _numeric_date(text: str, start: int, quoted: bool) -> Iterator[Token]:
    for part in re.finditer(r"\d+|\.", text):
        kind: TokenKind = "mark" if part[0] == "." else "number"
        number = None if kind == "mark" else Decimal(part[0])
        at, after = start + part.start(), start + part.end()
        yield Token(part[0], part[0], part[0], kind, at, after, number, quoted)


def _mark(mark: str, start: int, quoted: bool) -> Iterator[Token]:
    for norm in _TWO_MARKS.get(mark, (_MARKS.get(mark, mark),)):
        kind: TokenKind = "word" if norm.isalpha() else "mark"
        yield Token(mark, norm, stem(norm) if kind == "word" else norm, kind, start, start + 1, None, quoted)


def same(token: Token) -> str:
    """A token as the tables know it."""
    return folded(token.norm)
