"""A question of another language in the English words that the reader of tables knows, in its own order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

import yaml

from agents.models.embedded.languages.goods import Goods
from agents.models.embedded.languages.rendering import Rendering
from agents.models.embedded.languages.tables import folded, table
from agents.models.embedded.languages.words import composed, words
from agents.models.embedded.links import Linker
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.text import Token, stem
from tools.languages import Language

GLOSSED: frozenset[Language] = frozenset({"de"})
"""Languages with a file of such words."""
_ENDINGS = ("", "e", "en", "er", "es", "em")
_RELATIVE = frozenset({"die", "der", "das", "deren", "dessen", "welche", "welcher", "welches"})
_IN_WHICH = frozenset({"bei", "für", "von", "in", "mit", "zu"})
_OPENING = frozenset({".", "?", "!", ":", ";"})
_BESIDE_ACTUAL = frozenset({",", "und", "gegen", "gegenüber", "vs", "versus", "zu", "/", "-", "minus", "in"})
_WHICH = frozenset({"denen", "dem", "der", "welchen"})


def glossed(question: str, language: Language, linker: Linker, data: MasterData) -> tuple[Token, ...]:
    """The tokens in English: names, periods and numbers by the language's tables, the rest by these words."""
    known = table(language)
    said = Goods(known, data).split(words(composed(question), known))
    rendered = linker.tokens(Rendering(known, data).rendered(said), alone=False)
    plain = _actuals([replace(token, norm=token.norm.removeprefix("_")) for token in rendered])
    return tuple(_in_english(_joined(plain), _phrases(language), known.functions))


def _actuals(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with `istwert` for the noun `Ist`, which is no verb: `Ist gegen Plan`."""
    found = list(tokens)
    for at, token in enumerate(tokens):
        following = tokens[at + 1].norm if at + 1 < len(tokens) else ""
        opens = at == 0 or tokens[at - 1].norm in _OPENING
        if token.text == "Ist" and (not opens or following in _BESIDE_ACTUAL):
            found[at] = replace(token, norm="istwert")
    return found


def _joined(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without the commas before relative clauses, and with `that` for what begins these."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        following = [token.norm for token in tokens[at + 1 : at + 3]]
        if tokens[at].norm == "," and following[:1] and following[0] in _RELATIVE:
            found.append(_english(tokens[at + 1], "that"))
            at += 2
        elif (
            tokens[at].norm == ","
            and following[:1]
            and following[0] in _IN_WHICH
            and following[1:2]
            and (following[1] in _WHICH)
        ):
            found.append(_english(tokens[at + 1], "with"))
            at += 3
        else:
            found.append(tokens[at])
            at += 1
    return found


def _in_english(
    tokens: Sequence[Token],
    phrases: Mapping[tuple[str, ...], tuple[str, ...]],
    functions: frozenset[str],
) -> list[Token]:
    """The tokens with English for each phrase; other words that hold sentences together say nothing here."""
    longest = max(map(len, phrases))
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        for length in range(min(longest, len(tokens) - at), 0, -1):
            stretch = tokens[at : at + length]
            english = phrases.get(tuple(folded(token.norm) for token in stretch))
            if english is not None and not any(token.number is not None for token in stretch):
                found += [_english(_spanning(stretch), word) for word in english]
                at += length
                break
        else:
            if tokens[at].kind == "mark" or folded(tokens[at].norm) not in functions:
                found.append(tokens[at])
            at += 1
    return found


def _spanning(stretch: Sequence[Token]) -> Token:
    return replace(stretch[0], end=stretch[-1].end, text=" ".join(token.text for token in stretch))


def _english(token: Token, word: str) -> Token:
    return replace(token, norm=word, stem=stem(word), kind="word", number=None)


@cache
def _phrases(language: Language) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """German phrases, without accents, with the English for them."""
    text = files("agents.models.embedded.compound").joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for english, forms in yaml.safe_load(text).items():
        for form in str(forms).split(", "):
            for said in _forms(form.split()):
                found.setdefault(tuple(folded(word) for word in said), tuple(str(english).split()))
    return found


def _forms(said: Sequence[str]) -> list[list[str]]:
    """Each spelling of a phrase whose words may end in `~`."""
    found: list[list[str]] = [[]]
    for word in said:
        endings = _ENDINGS if word.endswith("~") else ("",)
        found = [[*before, word.rstrip("~") + ending] for before in found for ending in endings]
    return found
