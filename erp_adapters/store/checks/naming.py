"""Names as bags of comparable words: without accents, legal forms and languages, abbreviations kept apart."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from erp_adapters.store.checks.limits import words

_PARTS = re.compile(r"[a-z]+|\d+(?:[.,]\d+)?")
_UMLAUTS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i"}
)
_SPELT_OUT = re.compile(r"(?<=[a-z])?(ae|oe|ue)")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared."""

    words: frozenset[str]
    numbers: frozenset[str]
    kinds: frozenset[str]
    """Words of which two different ones mean two different things: colours, sizes, sides."""


def plain(text: str) -> str:
    """Small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_UMLAUTS))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def folded(word: str) -> str:
    """A word in which `ü`, `ue` and `u` are the same letter."""
    return _SPELT_OUT.sub(lambda match: match[0][0], word)


@cache
def _canonical(list_name: str) -> dict[str, str]:
    found = {}
    for word, also in words(list_name).items():
        for form in (word, *also):
            found[folded(plain(form))] = word
    return found


def material_name(*texts: str | None) -> Name:
    """The name of a material, with words of the trade in one language and numbers apart."""
    text = plain(" ".join(text for text in texts if text))
    found: set[str] = set()
    numbers: set[str] = set()
    grades: set[str] = set()
    pattern, grade_of = _grades()
    for spelling in pattern.findall(text):
        grades.add(grade_of[spelling.replace(" ", "-")])
    text = pattern.sub(" ", text) if grades else text
    for part in _PARTS.findall(text):
        if part[0].isdigit():
            numbers.add(_number(part))
        else:
            found.update(_words(folded(part)))
    apart = set(words("apart"))
    return Name(frozenset(found | grades), frozenset(numbers), frozenset((found & apart) | grades))


@cache
def _words(part: str) -> tuple[str, ...]:
    """The words that a run of letters stands for; compounds are taken apart."""
    trade, apart, filler = _canonical("materials"), _canonical("apart"), _canonical("filler")
    if part in filler:
        return ()
    for form in (part, _singular(part)):
        if form in apart:
            return (apart[form],)
        if form in trade:
            return tuple(trade[form].split("_"))
    for cut in range(len(part) - 3, 2, -1):
        first = part[:cut]
        # German joins words with an s between them, or without.
        for rest in (part[cut:], part[cut:].removeprefix("s")):
            if len(rest) >= 4 and (first in trade or first in apart) and rest in trade:
                return (*_words(first), *_words(rest))
    return (_singular(part),)


@cache
def _grades() -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern for all spellings of materials of construction; and what each stands for."""
    grade_of = {form.replace(" ", "-"): grade for grade, also in words("grades").items() for form in also}
    longest_first = sorted(grade_of, key=lambda form: (-len(form), form))
    spelt = "|".join(re.escape(form).replace(r"\-", "[- ]") for form in longest_first)
    return re.compile(rf"(?<![a-z0-9.])(?:{spelt})(?![a-z0-9]|[.]\d)"), grade_of


def _number(part: str) -> str:
    if "." in part or "," in part:
        return part.replace(",", ".").rstrip("0").rstrip(".")
    return part.lstrip("0") or "0"


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def company_name(text: str) -> Name:
    """The name of a company without its legal form."""
    parts = [folded(part) for part in re.findall(r"[a-z0-9]+", plain(text))]
    kept = _before_the_form(parts) or parts
    return Name(frozenset(kept), frozenset(part for part in kept if part.isdigit()), frozenset())


def without_legal_form(text: str) -> str:
    """A company as people call it: `Voltamo Motors S.p.A.` is Voltamo Motors; whole where nothing is left."""
    places = list(re.finditer(r"[^\W_]+", text))
    kept = _before_the_form([folded(plain(place[0])) for place in places])
    return text[: places[len(kept) - 1].end()] if kept else text


def _before_the_form(parts: list[str]) -> list[str]:
    while parts and (form := _form_at_the_end(parts)):
        parts = parts[:-form]
    return parts


def _form_at_the_end(parts: list[str]) -> int:
    """How many of the last parts are a legal form, however it is spaced: `S.p.A.`, `spa`, `s p a`."""
    for length in range(min(7, len(parts)), 0, -1):
        if "".join(parts[-length:]) in _legal_forms():
            return length
    return 0


@cache
def _legal_forms() -> frozenset[str]:
    return frozenset(folded(plain(form)).replace(" ", "") for form in words("legal_forms")["company"])


def abbreviates(short: str, long: str) -> bool:
    """Whether a word may be a short form of another: `hsg` of `housing`, `sch` of `schraube`."""
    if len(short) < 2 or len(short) >= len(long) or short[0] != long[0]:
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)


def number_code(number: str) -> str:
    """A material number without what sites add: separators, leading zeros, case."""
    return "".join(re.findall(r"[a-z0-9]", plain(number))).lstrip("0")
