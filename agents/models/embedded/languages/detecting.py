"""Which language a question is asked in: by its words, their endings and their letters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict

from agents.models.embedded.languages.letters import likeness
from agents.models.embedded.languages.tables import FOREIGN, Foreign, Table, folded, table
from agents.models.embedded.spelling import everyday
from tools.languages import Language

_Worth: TypeAlias = tuple[tuple[Language, float], ...]
"""What a word says for each language."""

_WORDS = re.compile(r"[^\W\d_]+(?:['’](?=\w))?|[¿¡„«]")
_FUNCTION, _TRADE = 2.0, 1.5
"""What a word is worth that holds sentences together, and one of the trade; several languages share it."""
_FAINT, _ENGLISH = 1.0, 1.0
"""The same for a word that English has as well, and for an English one that another language has as well."""
_ENGLISH_TRADE, _EVERYDAY = 0.75, 0.1
"""What other English words say: names of products are English in all languages."""
_LETTER, _ENDING = 0.8, 0.7
_LIKENESS, _LETTERS = 0.3, 0.7
"""From what likeness on the letters of an unknown word count, and how much."""
_ENOUGH = 1.4
_LEAD = 0.3
"""How far a language must be ahead of English, or English of it."""
_SHORTEST_ENDED = 6


class _English(BaseModel):
    """The words of `en/words.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    functions: str
    shared: str
    faint: str
    in_names: str
    trade: str


def language_of(question: str, otherwise: Language) -> Language:
    """The language of a question; `otherwise` where its words do not tell."""
    scores = _scores(question)
    english = scores.pop("en", 0.0)
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    (best, most), (_, second) = [*ranked, (otherwise, 0.0), (otherwise, 0.0)][:2]
    if most >= _ENOUGH and most >= english + _LEAD and most > second:
        return best
    if english >= _ENOUGH and english > most + _LEAD:
        return "en"
    return otherwise


def _scores(question: str) -> dict[Language, float]:
    found: dict[Language, float] = defaultdict(float)
    words = _WORDS.findall(question)
    for at, word in enumerate(words):
        if not _inside_name(words, at):
            for language, worth in _worth(word.lower().replace("’", "'")):
                found[language] += worth
    return found


def _inside_name(words: Sequence[str], at: int) -> bool:
    inside = words[at] in _english()["in_names"] and 0 < at < len(words) - 1
    return inside and words[at - 1].istitle() and words[at + 1].istitle()


@cache
def _english() -> Mapping[str, frozenset[str]]:
    raw = yaml.safe_load((Path(__file__).parent / "en" / "words.yaml").read_text(encoding="utf-8"))
    lists = _English.model_validate(raw).model_dump()
    return {name: frozenset(words.split()) for name, words in lists.items()}


@lru_cache(maxsize=20_000)
def _worth(word: str) -> _Worth:
    """What a word says in the form that it is typed in."""
    if word.endswith("'"):
        elided = word.removesuffix("'") in table("fr").elisions
        return (("fr", _FUNCTION),) if elided else ()
    english = _english()
    if word in english["shared"] and word not in english["functions"]:
        return ()
    listed = _listed().get(folded(word))
    if listed is None and word in english["functions"]:
        return (("en", _FUNCTION),)
    return (*(listed if listed is not None else _unlisted(word)), *_lettered(word))


def _lettered(word: str) -> _Worth:
    counts = ((language, len(table(language).letters & set(word))) for language in FOREIGN)
    return tuple((language, _LETTER * count) for language, count in counts if count)


def _unlisted(word: str) -> _Worth:
    if word in _english()["trade"]:
        return (("en", _ENGLISH_TRADE),)
    if everyday(word):
        return (("en", _EVERYDAY),)
    long = len(word) >= _SHORTEST_ENDED
    found: list[tuple[Language, float]] = [
        (language, _ENDING) for language in FOREIGN if long and word.endswith(table(language).suffixes)
    ]
    likest, lead = likeness(word)
    return (*found, (likest, _LETTERS)) if lead > _LIKENESS else tuple(found)


@cache
def _listed() -> Mapping[str, _Worth]:
    """Words of the tables with what each says for each language."""
    tables = {language: table(language) for language in FOREIGN}
    owners: dict[str, list[Foreign]] = defaultdict(list)
    for language, known in tables.items():
        for word in known.functions | known.trade | known.known:
            owners[word].append(language)
    return {word: _shared(word, [tables[language] for language in some]) for word, some in owners.items()}


def _shared(word: str, owners: Sequence[Table]) -> _Worth:
    english = _english()
    if word in english["functions"]:
        return (("en", _ENGLISH),)
    if len(word) == 1 and word not in english["faint"]:
        return ()
    return tuple((owner.language, _owned(word, owner) / len(owners)) for owner in owners)


def _owned(word: str, owner: Table) -> float:
    if word in _english()["faint"]:
        return _FAINT
    return _FUNCTION if word in owner.functions else 0.0 if everyday(word) else _TRADE
