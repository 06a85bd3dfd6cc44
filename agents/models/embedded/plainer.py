"""A question in plainer words: without what only sets a scene or says how everybody counts anyway, and with
numbers and records as they are mostly called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from pathlib import Path
from typing import TypeAlias

import yaml

_WORDS = Path(__file__).with_name("plainer.yaml")
_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[\"'“‘(]?[A-Z])")
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_QUOTED = re.compile(r"(['\"“‘][^'\"”’]*['\"”’])")
_PARTS = re.compile(
    r"\s*(?:[,;:]|\s[–-])\s+"
    r"|\s+(?=once |(?:across|over) (?:all|every) |according to )"
    r"|\s+(?=as (?:recorded|shown|given|stated|listed) (?:in|by|on) )"
)
_WEEKS = re.compile(
    r"\b(?<!last )(?<!next )(?<!past )(?<!previous )(?<!coming )"
    r"(?P<many>\d+|a|one|two|three|four|five|six|eight) weeks?\b(?! \d)(?! of\b)(?! ago\b)(?! from\b)",
    re.IGNORECASE,
)
_MANY = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8}
_COLUMNS = re.compile(
    r"\b(the|these|those|their|its) (?:two|three|four|2|3|4) "
    r"((?:(?!\w+est |most |least |top |first |last |best |worst |next |other )[a-z]+ )?"
    r"(?:prices|costs|values|figures|numbers|amounts|dates|totals|quantities|rates"
    r"|percentages|counts|averages|sums))\b"
    r"(?= *(?:$|[?.,;:)]|and\b|side\b|compare|be\b|for\b|of (?:it|them|each|that)\b))",
    re.IGNORECASE,
)
_AMOUNT = (
    r"(?:quantit(?:y|ies)|qty|prices?|costs?|rates?|values?|amounts?|stock"
    r"|minutes?|hours?|days?|pieces?|pcs|units?)"
)
_OF_AMOUNT = r"(?: on hand| ordered| received| delivered| rejected| scrapped| consumed| used| sold| billed)?"
_TIMES = re.compile(
    rf"(\b{_AMOUNT}{_OF_AMOUNT}\)?|\)) x (?=\(?(?:[a-z'-]+ ){{0,3}}{_AMOUNT}\b)"
    r"|((?<=[a-z)])) (?:×|\*) (?=[a-z(])|((?<=[a-z]))×(?=[a-z])"
)
_Holds: TypeAlias = Callable[[str], bool]
_Said: TypeAlias = Callable[[str], str]
_LEAST = 3
"""Words that a question has when nothing is left to take away."""


@dataclass(frozen=True, slots=True)
class Plainer:
    """The question, with what was passed over because it should be so by definition."""

    question: str
    passed_over: tuple[str, ...]


def unnumbered(question: str) -> str:
    """The question without numbers that only count the columns it asks for: `what are the two prices`."""
    return _COLUMNS.sub(r"\1 \2", question)


def multiplied(question: str) -> str:
    """The question with its signs of multiplication in words: `quantity x actual cost`."""
    return _TIMES.sub(lambda found: f"{found[1] or ''} times ", question)


def bounded(question: str) -> str:
    """The question with its limits as they are mostly said: not `≥ 500`, `no more than 10` or `max. 10`."""
    return reduce(lambda text, each: each[0].sub(each[1], text), _limits(), question)


def plainer(question: str, is_plain: _Holds, english: _Said | None = None) -> tuple[Plainer, ...]:
    """Plainer forms of a question, nearest first.

    Args:
        question: as typed.
        is_plain: holds of words without names.
        english: gives the English for a part of it; left out of an English question.
    """
    said = english or str
    sentences = _SENTENCES.split(question.strip())
    asking = [one for one in sentences if _asks(said(one))]
    kept: list[str] = []
    over: list[str] = []
    for at, one in enumerate(sentences):
        scene = len(sentences) > 1 and asking and is_plain(one)
        if scene and _sets_scene(said(one), list(map(said, sentences[at + 1 :]))):
            continue
        if one not in asking and asking and _says_how(said(one)) and is_plain(one):
            over.append(said(one))
        else:
            kept.append(one)
    reworded = kept if english else [_reworded(one) for one in kept]
    found = list(dict.fromkeys(_forms(reworded, tuple(over), is_plain, said)))
    return tuple(one for one in found if one.question != question and len(one.question.split()) >= _LEAST)


def _forms(
    reworded: Sequence[str], over: tuple[str, ...], is_plain: _Holds, said: _Said
) -> Iterator[Plainer]:
    yield Plainer(" ".join(reworded), over)
    brackets = tuple(found for one in reworded for found in _BRACKETS.findall(one) if is_plain(found))
    rest = [reduce(lambda text, bracket: text.replace(bracket, ""), brackets, one) for one in reworded]
    over = (*over, *map(said, brackets))
    if brackets:
        yield Plainer(" ".join(rest), over)
    sayings = [(at, part) for at, one in enumerate(rest) for part in _sayings(one, is_plain, said)]
    if sayings:
        for at, part in sayings:
            rest[at] = _without(rest[at], part)
        how = (said(part) for _, part in sayings)
        yield Plainer(" ".join(rest), (*over, *(part for part in how if not _leaves_empty(part))))


def _sayings(sentence: str, is_plain: _Holds, said: _Said) -> list[str]:
    """The parts of a sentence that say how something is counted, where another part asks."""
    outside = _BRACKETS.sub(" ", sentence)
    parts = [part.rstrip("?.! ") for part in _PARTS.split(outside)]
    found = [
        part
        for at, part in enumerate(parts)
        if part in sentence
        and (at or _pattern("opens").match(said(part).lower()))
        and (_says_how(said(part)) or _leaves_empty(said(part)))
        and not _asks(said(part))
        and is_plain(part)
    ]
    return found if len(found) < len(parts) else []


def _without(text: str, part: str) -> str:
    """A sentence without one of the parts between its commas."""
    found = re.search(rf"(?:\s*[,;:–-]\s+|\s+)?{re.escape(part)}(?P<comma>[,;:]\s+(?=\S))?", text)
    if found is None:
        return text
    between = ", " if found["comma"] and found.start() else " "
    text = text[: found.start()] + between + text[found.end() :]
    text = re.sub(r"\s+(?=[?.!,]$)", "", re.sub(r"\s+", " ", text).strip())
    return text[:1].upper() + text[1:]


def _asks(sentence: str) -> bool:
    first = re.sub(r"^\W+", "", sentence.lower())
    return sentence.rstrip().endswith("?") or bool(_pattern("asks").match(first))


def _sets_scene(sentence: str, after: Sequence[str]) -> bool:
    """True for `People say we bin nothing.` and `Are we getting better?` before the question itself."""
    if not after or not any(map(_asks, after)):
        return False
    lower = sentence.lower()
    limited = _pattern("begins_to_limit").match(lower) or _pattern("limits").search(lower)
    return bool(_pattern("scene").match(lower)) and not limited


def _says_how(part: str) -> bool:
    """True for words on how something is counted."""
    lower = part.lower().strip()
    if _pattern("leaves_undated").match(lower) or _pattern("none_is_zero").search(lower):
        return True
    return bool(_pattern("how").search(lower)) and not _pattern("begins_to_limit").match(lower)


def _leaves_empty(part: str) -> bool:
    """True for `leaving out months without any`: there is no row of them anyhow."""
    return bool(_pattern("leaves_empty").match(part.lower().strip()))


def _reworded(text: str) -> str:
    """The text with its numbers and names of records as they are mostly called; what is quoted stays."""
    return "".join(part if _QUOTED.fullmatch(part) else _in_plain(part) for part in _QUOTED.split(text))


def _in_plain(text: str) -> str:
    for old, new in _rewordings():
        text = old.sub(new, text)
    return _WEEKS.sub(lambda found: f"{7 * _number(found['many'])} days", text)


def _number(many: str) -> int:
    return int(many) if many.isdigit() else _MANY[many.lower()]


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    phrases = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))["patterns"][kind]
    return re.compile("|".join(rf"(?:{phrase})" for phrase in phrases))


@cache
def _rewordings() -> tuple[tuple[re.Pattern[str], str], ...]:
    raw = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))["rewordings"]
    return tuple((re.compile(rf"\b(?:{old})", re.IGNORECASE), new) for old, new in raw.items())


@cache
def _limits() -> tuple[tuple[re.Pattern[str], str], ...]:
    raw = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))["limits"]
    return tuple((re.compile(old, re.IGNORECASE), new) for old, new in raw.items())
