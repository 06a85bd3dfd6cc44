"""A question of another language in English words, in its own order: for readers that only know English."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import yaml

from agents.models.embedded.languages.goods import Goods
from agents.models.embedded.languages.rendering import Rendering
from agents.models.embedded.languages.tables import Phrase, Table, folded, phrases_of, table
from agents.models.embedded.languages.words import composed, words
from agents.models.embedded.lexicon import CatalogueHolder
from agents.models.embedded.links import Linker
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.text import Token, stem
from tools.languages import Language, speaking
from tools.metrics.catalogue import Catalogue
from tools.metrics.labels import Labels, metric_label

_PLAIN = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+){0,5}")
"""Names without brackets or numbers."""
_GLOSSES = Path(__file__).parent / "glosses"
_AFTER = frozenset({"es", "fr"})
"""Languages with most adjectives after the noun."""
_ADJECTIVES = frozenset({
    "active", "actual", "approved", "best", "cheapest", "current", "dated", "dearest", "different",
    "favourable", "highest", "inactive", "largest", "late", "latest", "longest", "lowest", "median", "open",
    "pending", "preferred", "shortest", "undated", "unfavourable", "worst",
})  # fmt: skip
_LITTLE = _ADJECTIVES | frozenset({
    "and", "are", "as", "at", "by", "for", "from", "had", "has", "have", "how", "in", "is", "it", "many",
    "more", "most", "much", "no", "not", "of", "on", "only", "or", "per", "so", "still", "that", "the",
    "their", "this", "to", "versus", "was", "were", "what", "when", "which", "who", "whose", "with",
    "without",
})  # fmt: skip
_OPENING = frozenset({".", "?", "!", ":", ";"})
_BESIDE_ACTUAL = frozenset({",", "und", "gegen", "gegenüber", "vs", "versus", "zu", "/", "-", "minus", "in"})
_RELATIVE = frozenset({"die", "der", "das", "deren", "dessen", "welche", "welcher", "welches"})
_IN_WHICH = frozenset({"bei", "fur", "von", "in", "mit", "zu"})
_WHICH = frozenset({"denen", "dem", "der", "welchen"})


def glossed(
    question: str, language: Language, linker: Linker, data: MasterData, catalogue: Catalogue
) -> tuple[Token, ...]:
    """The tokens in English: names, periods, numbers and words by the language's lists.

    What answers call the catalogue's things in that language is understood as well. Of words that hold
    sentences together those without English of their own are left out.
    """
    known = _with_glosses(language, CatalogueHolder(catalogue))
    said = Goods(known, data).split(words(composed(question), known))
    if language == "de":
        said = tuple(_joined(_actuals(said)))
    told = Rendering(known, data).rendered(said)
    rendered = linker.tokens(_in_order(told) if language in _AFTER else told, alone=False)
    return tuple(
        replace(token, norm=token.norm.removeprefix("_"), stem=token.stem.removeprefix("_"))
        for token in rendered
        if not (token.norm.startswith("_") and token.norm[1:] in known.functions)
    )


def _actuals(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with `istwert` for the noun `Ist`, which is no verb: `Ist gegen Plan`."""
    found = list(tokens)
    for at, token in enumerate(tokens):
        following = tokens[at + 1].norm if at + 1 < len(tokens) else ""
        opens = at == 0 or tokens[at - 1].norm in _OPENING
        if token.text == "Ist" and (not opens or following in _BESIDE_ACTUAL):
            found[at] = replace(token, norm="istwert", stem="istwert")
    return found


def _joined(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without the commas before relative clauses, and with `that` for what begins these."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        following = [folded(token.norm) for token in tokens[at + 1 : at + 3]]
        if tokens[at].norm == "," and following[:1] and following[0] in _RELATIVE:
            found.append(_english(tokens[at + 1], "that"))
            at += 2
        elif (
            tokens[at].norm == ","
            and len(following) == 2
            and following[0] in _IN_WHICH
            and following[1] in _WHICH
        ):
            found.append(_english(tokens[at + 1], "with"))
            at += 3
        else:
            found.append(tokens[at])
            at += 1
    return found


def _in_order(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with adjectives before what they say something of: `current bom` for `bom current`."""
    spans = Counter((token.start, token.end) for token in tokens)
    found: list[Token] = []
    for token in tokens:
        place = len(found)
        alone = spans[token.start, token.end] == 1 and token.norm in _ADJECTIVES
        if alone and found and _is_noun(found[-1]):
            start = found[-1].start
            while place and found[place - 1].start == start:
                place -= 1
        found.insert(place, token)
    return found


def _is_noun(token: Token) -> bool:
    """True for what may be a noun: no little word, no adjective and nothing that was done."""
    other = not token.norm.isalpha() or token.norm in _LITTLE or token.norm.endswith("ed")
    return token.kind == "word" and not other


def _english(token: Token, word: str) -> Token:
    return replace(token, norm=word, stem=stem(word), kind="word", number=None)


@lru_cache(maxsize=8)
def _with_glosses(language: Language, holder: CatalogueHolder) -> Table:
    """The language's table with the phrases of its file of glosses, which go before its own as long."""
    known = table(language)
    text = (_GLOSSES / f"{language}.yaml").read_text(encoding="utf-8")
    found: dict[str, list[Phrase]] = defaultdict(list)
    for phrase in phrases_of(yaml.safe_load(text), known.endings):
        found[phrase.said[0]].append(phrase)
    for first, some in known.phrases.items():
        found[first] += some
    for phrase in phrases_of(_labels(holder.catalogue, language), ()):
        found[phrase.said[0]].append(phrase)
    phrases = {first: tuple(sorted(some, key=lambda one: -len(one.said))) for first, some in found.items()}
    return replace(known, phrases=phrases)


def _labels(catalogue: Catalogue, language: Language) -> dict[str, str]:
    """What answers in the language call records, fields, conditions and figures, by their English."""
    labels, found = Labels(catalogue), {}
    with speaking(language):
        for name, entity in catalogue.entities.items():
            found[entity.singular], found[entity.plural] = labels.singular(name), labels.plural(name)
            found |= {known.label: labels.field(name, field) for field, known in entity.fields.items()}
            found |= {known.label: labels.condition(name, one) for one, known in entity.conditions.items()}
        found |= {metric.label: metric_label(metric) for metric in catalogue.metrics.values()}
    return {
        english: own.lower()
        for english, own in found.items()
        if own != english and _PLAIN.fullmatch(own) and _PLAIN.fullmatch(english)
    }
