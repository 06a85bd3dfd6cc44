"""Words for charts in questions, in four languages: `plot scrap by month`, `als Balkendiagramm`.

They are taken out before a question is read, since they say how to show an answer and not which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from tools.charts import ChartKind, ChartWish
from tools.languages import Language

_FILE = Path(__file__).with_name("chart_words.yaml")


@dataclass(frozen=True, slots=True)
class AskedChart:
    """What a question says about a chart, and what is left of it."""

    wish: ChartWish
    rest: str
    """The question without it; empty where there is nothing else in it."""
    language: Language | None = None
    """The language of its words, where they are of one alone."""


class _Spoken(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    noun: str
    bare: str
    phrases: tuple[str, ...]
    around: str = ""
    """What stands around a phrase that was taken out, as the verb of `stelle ... dar`."""


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: dict[ChartKind, str]
    start: str
    polite: str
    languages: dict[Language, _Spoken]
    logarithmic: str
    linear: str
    average: str
    nothing: str

    def compiled(self, pattern: str, spoken: _Spoken | None = None) -> re.Pattern[str]:
        """A pattern with the others that it is made of."""
        places = {
            "start": self.start,
            "noun": spoken.noun if spoken else "",
            "bare": spoken.bare if spoken else "",
        }
        places |= {"kind": rf"(?:{'|'.join(self.kinds.values())})\b", "polite": self.polite}
        for name, text in places.items():
            pattern = pattern.replace(f"<{name}>", text)
        return re.compile(pattern, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Patterns:
    phrases: tuple[tuple[Language, re.Pattern[str], re.Pattern[str] | None], ...]
    kinds: tuple[tuple[ChartKind, re.Pattern[str]], ...]
    logarithmic: re.Pattern[str]
    linear: re.Pattern[str]
    average: re.Pattern[str]
    nothing: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    words = _Words.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
    return _Patterns(
        tuple(_phrases(words)),
        tuple((kind, words.compiled(rf"(?<!\w)(?:{text})")) for kind, text in words.kinds.items()),
        words.compiled(words.logarithmic),
        words.compiled(words.linear),
        words.compiled(words.average),
        words.compiled(words.nothing),
    )


def _phrases(words: _Words) -> Iterator[tuple[Language, re.Pattern[str], re.Pattern[str] | None]]:
    for language, spoken in words.languages.items():
        around = words.compiled(spoken.around, spoken) if spoken.around else None
        for phrase in spoken.phrases:
            yield language, words.compiled(phrase, spoken), around


def asked_chart(question: str) -> AskedChart | None:
    """What a question says about a chart; None where it says nothing."""
    patterns = _patterns()
    plain, changes = question, []
    for pattern in (patterns.logarithmic, patterns.linear, patterns.average):
        left = pattern.sub(" ", plain)
        changes.append(left != plain)
        plain = left
    rest, found, language = _without_phrases(plain)
    # Alone `with average` changes a chart; beside other words and no chart it may mean data.
    if not found and not (any(changes) and patterns.nothing.match(plain)):
        return None
    log, linear, average = changes
    kind = next((kind for kind, pattern in patterns.kinds if pattern.search(found)), None)
    wish = ChartWish(
        kind=kind, log=True if log else False if linear else None, average=True if average else None
    )
    return AskedChart(wish, "" if patterns.nothing.match(rest) else _tidy(rest), language)


def _without_phrases(text: str) -> tuple[str, str, Language | None]:
    """The text without what names a chart, that itself, and its language."""
    found, language = "", None
    for spoken, pattern, around in _patterns().phrases:
        match = pattern.search(text)
        if match is None:
            continue
        found += f" {match.group()}"
        language = language or spoken
        text = f"{text[: match.start()]} {text[match.end() :]}"
        text = around.sub(" ", text) if around else text
    return text, found, language


def _tidy(text: str) -> str:
    """The rest with single blanks, and without a comma or a stop that stood by what was taken out."""
    kept = re.sub(r"\s+([.,?!])", r"\1", re.sub(r"\s+", " ", text)).strip(" ,;:")
    return re.sub(r",([.?!]*)$", r"\1", kept)
