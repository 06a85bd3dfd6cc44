"""How much is asked for: digits, words and units, and what looks like a number and cannot be a quantity."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from agents.models.embedded.languages.numbers import counted
from agents.models.embedded.languages.tables import FOREIGN, table
from agents.models.embedded.text import amount, tokenise
from tools.drafting.units import UNIT_WORDS

_MOST = Decimal("1e14")
_UNITS = "|".join(sorted((re.escape(unit) for unit in UNIT_WORDS), key=len, reverse=True))
_NO_NUMBER = re.compile(
    r"(?<!\w)(?P<word>[-+−]?(?:nan|inf(?:inity|init[eoa]s?|inie?s?|iniment)?|unendlich\w*|∞|1?\d*\.?\d+e[+-]?\d{3,}))(?!\w)",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(r"(?<![\w])(?:[-−]\s?\d[\d.,]*|(?:minus|menos|moins)\s+\w+)(?![\w])", re.IGNORECASE)
_ZERO = re.compile(r"(?<![\w.,-])(?:0+(?:[.,]0+)?|zero|null|cero|zéro)(?![\w.,-]*\d)(?!\w)", re.IGNORECASE)
_DIGITS = re.compile(
    rf"(?<![\w.,/-])(?P<number>\d{{1,3}}(?:[., '\u00a0\u202f]\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?(?:e\d{{1,2}})?)"
    rf"\s?(?P<scale>k|tsd\.?|thousand|tausend|mil|mille|dozen|dutzend|docenas?|douzaines?|hundred|million(?:en)?|mio\.?)?(?![\w/-]|[.,]\d)"
    rf"(?:\s*(?P<unit>{_UNITS})(?![\w-])\.?)?"
    rf"|(?<![\w.,/-])(?P<number2>\d+(?:[.,]\d+)?)(?P<unit2>kgs?|lbs?|pcs?|stk|st|x|g|t|l|m|mm)(?![\w-])",
    re.IGNORECASE,
)
_UNKNOWN_UNIT = re.compile(
    r"\s+(?!(?:more|additional|extra|further|weitere|más|mas|autres)\b)(?P<unit>[^\W\d_]{2,})\s+(?:of|von|vom|de|d')\b",
    re.IGNORECASE,
)
_SCALES = {"k": 1000, "t": 1000, "m": 1_000_000, "d": 12, "h": 100}


@dataclass(frozen=True, slots=True)
class FoundAmount:
    """A quantity with its place; or why what stands there is none."""

    value: Decimal | None
    unit: str
    start: int
    end: int
    problem: str = ""
    """`not a number`, `not above zero`, or `two numbers`."""
    written: str = ""


def find_amount(text: str, language: str = "en") -> FoundAmount | None:
    """The first quantity in a text from which names have been taken out."""
    for pattern, problem in ((_NO_NUMBER, "not a number"), (_NEGATIVE, "not above zero")):
        match = pattern.search(text)
        if match is not None:
            return FoundAmount(None, "", match.start(), match.end(), problem, match[0].strip())
    found = _in_digits(text, language) or _in_words(text, language)
    zero = _ZERO.search(text)
    if zero is not None and (found is None or zero.start() <= found.start):
        return FoundAmount(None, "", zero.start(), zero.end(), "not above zero", zero[0])
    return found


def amounts_in(text: str, language: str = "en") -> list[Decimal]:
    """Every number of a text that could be a quantity, as it is written there."""
    found = []
    for match in _DIGITS.finditer(text):
        value = _value(match["number"] or match["number2"], language)
        if value is not None:
            found.append(value * _SCALES[_scale(match["scale"])] if match["scale"] else value)
    worded = _in_words(text, language)
    return [*found, worded.value] if worded is not None and worded.value is not None else found


def _in_digits(text: str, language: str) -> FoundAmount | None:
    matches = list(_DIGITS.finditer(text))
    # A number with a unit is the quantity, whatever other numbers stand before it.
    match = next((one for one in matches if one["unit"] or one["unit2"]), matches[0] if matches else None)
    if match is None:
        return None
    written = match["number"] or match["number2"]
    value = _value(written, language)
    if value is None:
        return FoundAmount(None, "", match.start(), match.end(), "two numbers", written)
    if match["scale"]:
        value *= _SCALES[_scale(match["scale"])]
    unit = match["unit"] or match["unit2"] or ""
    end = match.end()
    if not unit and (named := _UNKNOWN_UNIT.match(text[end:])):
        # The tool says which units there are.
        unit, end = named["unit"], end + named.end("unit")
    if value <= 0:
        return FoundAmount(None, "", match.start(), match.end(), "not above zero", match[0].strip())
    if value >= _MOST or value != value.quantize(Decimal("0.000001")):
        return FoundAmount(None, "", match.start(), match.end(), "not a number", match[0].strip())
    return FoundAmount(value, "" if unit.lower() == "x" else unit, match.start(), end, "", written)


def _scale(word: str) -> str:
    word = word.lower()
    if word.startswith(("million", "mio")):
        return "m"
    if word.startswith(("do", "du", "doc", "dou")):
        return "d"
    return "h" if word.startswith("hundred") else "k"


def _value(written: str, language: str) -> Decimal | None:
    """The number; None where its marks can be read as thousands and as decimals: `1.000` in English."""
    bare = re.sub(r"[ '\u00a0\u202f]", "", written)
    try:
        if "e" in bare.lower():
            return Decimal(bare)
        group, point = (",", ".") if language == "en" else (".", ",")
        if group in bare and point in bare:
            # Whatever stands last are the decimals.
            group, point = (point, group) if bare.rfind(group) > bare.rfind(point) else (group, point)
            return Decimal(bare.replace(group, "").replace(point, "."))
        if bare.count(point) == 1 and re.fullmatch(rf"[1-9]\d{{0,2}}{re.escape(point)}\d{{3}}", bare):
            return None
        return (
            Decimal(bare.replace(group, "").replace(point, "."))
            if bare.count(point) < 2
            else Decimal(bare.replace(point, ""))
        )
    except InvalidOperation:
        return None


def _in_words(text: str, language: str) -> FoundAmount | None:
    """`five hundred`, `fünfhundert`, `a dozen`."""
    tokens = tuple(tokenise(text))
    if language in FOREIGN:
        tokens = counted(tokens, table(language))
    for at, token in enumerate(tokens):
        if (
            token.kind == "number"
            and token.number is not None
            and language in FOREIGN
            and not token.text[0].isdigit()
        ):
            return _worded(text, token.number, token.start, token.end)
        if token.kind != "word" or not token.norm.isalpha():
            continue
        if token.norm in ("dozen", "dutzend", "docena", "douzaine"):
            start = (
                tokens[at - 1].start
                if at and tokens[at - 1].norm in ("a", "ein", "una", "une")
                else token.start
            )
            return _worded(text, Decimal(12), start, token.end)
        number, after = amount(tokens, at)
        if number is not None and after > at:
            return _worded(text, number, token.start, tokens[after - 1].end)
    return None


def _worded(text: str, value: Decimal, start: int, end: int) -> FoundAmount:
    following = re.match(rf"\s*(?P<unit>{_UNITS})(?![\w-])\.?", text[end:], re.IGNORECASE)
    unit = following["unit"] if following else ""
    stop = end + (following.end() if following else 0)
    if value <= 0:
        return FoundAmount(None, "", start, stop, "not above zero", text[start:end])
    return FoundAmount(value, unit, start, stop, "", text[start:end])
