"""Which language a question is asked in: by its words, their endings and their letters."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from agents.models.embedded.languages.letters import likeness
from agents.models.embedded.languages.tables import FOREIGN, Foreign, folded, table
from agents.models.embedded.spelling import everyday
from tools.languages import Language

_WORDS = re.compile(r"[^\W\d_]+(?:['’](?=\w))?|[¿¡„«]")
_ENGLISH = frozenset(
    "the of and what which who whose how many much is are was were do does did have has had for with from by"
    " that this these those it its we our us you your they their them there where when why not any all each every"
    " than then more most least less fewest highest lowest largest smallest best worst between without against"
    " show list give tell name get got been being be will would can could should on at to as or but if so only"
    " just please still ever never yet last first next past since until before after about above below over under"
    " per versus vs whats me my i no nothing some other into out up down".split()
)
_ALSO_ENGLISH = frozenset(
    "in due pos wo an bin stand desc plus ytd mtd non peso pesos derailleur derailleurs sort primer gr ir preventive"
    " carton cartons ne riyal nr franc asc sea he dem am guss man renminbi lo tot tights ab zloty equipements reals"
    " iban ud ca kilo kilos ce dont pour bolivars nos do to of also so die was war not hat rate all no".split()
)
"""Words of other languages that English questions have too, mostly as other words."""
_FAINT = frozenset("de se y".split())
_IN_NAMES = frozenset({"and", "of", "in", "for", "not", "to"})
_MARKED = 2.0
"""What a word is worth that holds sentences together in one language alone."""
_TRADE = 1.5
_LETTER = 0.8
_SUFFIX = 0.7
_LIKENESS, _LETTERS = 0.3, 0.7
"""From what likeness on the letters of an unknown word count, and how much."""
_ENOUGH = 1.4
_LEAD = 0.3
"""How far a language must be ahead of English, and one before another."""


def language_of(question: str, otherwise: Language) -> Language:
    """The language of a question; `otherwise` where its words do not tell."""
    scores = _scores(question)
    english = scores.pop("en", 0.0)
    ranked = scores.most_common(2)
    best, most = ranked[0] if ranked else (otherwise, 0.0)
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    if most >= _ENOUGH and most >= english + _LEAD and most > second:
        return best
    if english >= _ENOUGH and english > most + _LEAD:
        return "en"
    if most >= _ENOUGH and most > english and otherwise != "en" and most == second:
        return otherwise
    return otherwise


def _scores(question: str) -> Counter[Language]:
    found: Counter[Language] = Counter()
    words = _WORDS.findall(question)
    for at, word in enumerate(words):
        if word in _IN_NAMES and 0 < at < len(words) - 1 and words[at - 1].istitle() and words[at + 1].istitle():
            continue  # `Research and Development` is a name in any language
        for language, score in _word(word.lower().replace("’", "'")):
            found[language] += score
    return found


@cache
def _lexicon() -> dict[str, tuple[tuple[Language, float], ...]]:
    """Words of the tables with what each says for each language; shared ones say less."""
    marked: dict[str, set[Foreign]] = {}
    trade: dict[str, set[Foreign]] = {}
    for language in FOREIGN:
        known = table(language)
        for word in known.functions:
            marked.setdefault(word, set()).add(language)
        for word in known.trade | known.known:
            trade.setdefault(word, set()).add(language)
    found: dict[str, tuple[tuple[Language, float], ...]] = {}
    for word in marked.keys() | trade.keys():
        if len(word) < 2 and word not in marked:
            continue
        scores: list[tuple[Language, float]] = []
        for language in marked.get(word, set()) | trade.get(word, set()):
            shared = len(marked.get(word, set()) | trade.get(word, set()))
            worth = _MARKED if language in marked.get(word, ()) else _TRADE
            if word in _ENGLISH or (len(word) < 2 and word not in _FAINT):
                worth = 0.0
            elif word in _FAINT:
                worth = _MARKED / 2
            elif everyday(word) and worth == _TRADE:
                worth = 0.0
            scores.append((language, worth / shared))
        if word in _ENGLISH:
            scores.append(("en", _MARKED / 2))
        found[word] = tuple(scores)
    return found


@cache
def _word(word: str) -> tuple[tuple[Language, float], ...]:
    scores: list[tuple[Language, float]] = []
    if word.endswith("'"):
        elided = word.removesuffix("'") in table("fr").elisions
        return (("fr", _MARKED),) if elided else ()
    if word in _ALSO_ENGLISH and word not in _ENGLISH:
        return ()
    known = _lexicon().get(folded(word))
    if known is not None:
        scores += known
    elif word in _ENGLISH:
        return (("en", _MARKED),)
    for language in FOREIGN:
        letters = len(table(language).letters & set(word))
        if letters:
            scores.append((language, _LETTER * letters))
        if known is None and not everyday(word) and len(word) > 5 and word.endswith(table(language).suffixes):
            scores.append((language, _SUFFIX))
    if known is None and everyday(word):
        scores.append(("en", 0.1))
    elif known is None:
        likest, lead = likeness(word)
        if lead > _LIKENESS:
            scores.append((likest, _LETTERS))
    return tuple(scores)
