"""English texts of ours that are kept or raised as texts, told again in the language spoken.

What is hashed, put on record or compared stays English; whoever reads it reads their own language. A text is
known by its words: where a wording of `tools/languages` fits, what stands in its places is kept as it is, but
for figures and days, which are written as the language writes them. What fits nothing is shown as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from tools.languages.forms import day_text, numeral
from tools.languages.speaking import Language, language, said, texts

_PLACE = re.compile(r"\[\[(\w+)\]\]")
_FEWEST_LETTERS = 4
"""Of a wording with places: `[[one]] at [[other]]` would fit anything."""
_KINDS = {
    "figure": r"[-−]?\d[\d,]*(?:\.\d+)?",
    "day": r"\d{4}-\d\d-\d\d",
    "code": r"\S+",
    "moment": r"\d{4}-\d\d-\d\d(?:[ T\d:.+Z-]*[\dZ])?",
}
"""What fits in a place of such a name; in any other, whatever stands there."""
_AMOUNTS = frozenset({"figure", "money", "share", "gap", "percent"})
"""Places that begin with a number, which may have a unit behind it."""
_AGAIN = frozenset({"what", "why", "told", "reason", "event"})
"""Places that hold texts of ours."""
_SENTENCES = re.compile(r"(?<=[.!?]) (?=[A-Z])")
_LED = re.compile(r"([\w./ \[\]-]{1,60}: )(.+)", re.DOTALL)
"""`lines.0.quantity: Field required`"""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A wording with places, as texts are compared with it."""

    english: str
    longest: str
    """Its longest run of words, which a text has to have to be one of these."""
    form: re.Pattern[str]


def retold(text: str) -> str:
    """A text of ours in the language spoken; as it stands where it is none of ours, or that is English."""
    spoken = language()
    return text if spoken == "en" or not text else _told(spoken, text) or text


@lru_cache(maxsize=4096)
def _told(spoken: Language, text: str) -> str | None:
    """The text in another language, which is the one spoken; None where it is none of ours."""
    clauses = text.split("; ")
    # Before the whole, in whose places several would be taken for one.
    if len(clauses) > 1 and all(told := [_whole(spoken, clause) or "" for clause in clauses]):
        return "; ".join(told)
    return _whole(spoken, text) or _in_parts(spoken, text, _SENTENCES, " ") or _led(spoken, text)


def _whole(spoken: Language, text: str) -> str | None:
    """As one wording, or as one that begins or ends otherwise where it stands alone."""
    first, rest = text[:1], text[1:]
    for begins in dict.fromkeys((first, first.lower(), first.upper())):
        found = _worded(spoken, begins + rest)
        end = ""
        if found is None and text.endswith("."):
            found, end = _worded(spoken, begins + rest[:-1]), "."
        if found is None:
            continue
        if begins == first or (spoken == "de" and first.islower()):
            return found + end
        return (found[:1].upper() if first.isupper() else found[:1].lower()) + found[1:] + end
    return None


def _worded(spoken: Language, text: str) -> str | None:
    if text in texts(spoken):
        return said(text)
    for pattern in _patterns(spoken):
        if pattern.longest in text and (found := pattern.form.fullmatch(text)):
            return said(
                pattern.english, **{name: _put(name, value) for name, value in found.groupdict().items()}
            )
    return None


def _put(name: str, value: str) -> str:
    kind = name.partition("_")[0]
    if kind == "day":
        try:
            return day_text(date.fromisoformat(value))
        except ValueError:
            return value
    if kind in _AMOUNTS:
        figure, blank, unit = value.partition(" ")
        return numeral(figure) + blank + unit if re.fullmatch(_KINDS["figure"], figure) else value
    return retold(value) if kind in _AGAIN else value


def _in_parts(spoken: Language, text: str, between: re.Pattern[str], joint: str) -> str | None:
    parts = between.split(text)
    if len(parts) == 1:
        return None
    told = [_told(spoken, part) for part in parts]
    return joint.join(new or old for new, old in zip(told, parts, strict=True)) if any(told) else None


_CLAUSES = re.compile("; ")


def _led(spoken: Language, text: str) -> str | None:
    """After the name of what it is about, or clause by clause as policy strings them together."""
    if (found := _LED.fullmatch(text)) and (told := _told(spoken, found[2])):
        return f"{found[1]}{told}"
    return _in_parts(spoken, text, _CLAUSES, "; ")


@cache
def _patterns(spoken: Language) -> tuple[_Pattern, ...]:
    """Every wording with places, the one with the most words first."""
    found = sorted(_made(texts(spoken)), key=lambda one: -_letters(one.english))
    return tuple(found)


def _made(wordings: object) -> Iterator[_Pattern]:
    assert isinstance(wordings, dict), "texts are kept in one"
    for english in wordings:
        if "[[" not in english or "{{" in english or _letters(english) < _FEWEST_LETTERS:
            continue
        # Places of one name hold the same.
        parts, seen = [], set[str]()
        for at, part in enumerate(_PLACE.split(english)):
            if at % 2 == 0:
                parts.append(re.escape(part))
            elif part in seen:
                parts.append(f"(?P={part})")
            else:
                seen.add(part)
                parts.append(f"(?P<{part}>{_KINDS.get(part.partition('_')[0], '.+?')})")
        words = _PLACE.split(english)[::2]
        yield _Pattern(english, max(words, key=len), re.compile("".join(parts), re.DOTALL))


def _letters(english: str) -> int:
    return sum(map(str.isalnum, _PLACE.sub("", english)))
