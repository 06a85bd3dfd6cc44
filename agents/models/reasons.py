"""Why a language model asks back or cannot answer: it chooses from these, in our words."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from tools.languages import said

Unclear: TypeAlias = Literal["meaning", "period", "site", "material", "supplier", "currency", "order"]
Unanswerable: TypeAlias = Literal[
    "not_in_data", "not_about_operations", "about_the_future", "asks_for_an_opinion", "unclear", "not_allowed"
]

ASKED_BACK: dict[Unclear, str] = {
    "meaning": "That can be read in several ways. Which of these is meant?",
    "period": "Which period is meant?",
    "site": "Which site is meant?",
    "material": "Which material is meant?",
    "supplier": "Which supplier is meant?",
    "currency": "Which currency is meant?",
    "order": "Which order is meant?",
}
REASONS: dict[Unanswerable, str] = {
    "not_in_data": "The data that is loaded does not hold this.",
    "not_about_operations": "That is not about materials, orders, production, quality, costs or the ledger.",
    "about_the_future": "The data says what was and what is planned, not what will be.",
    "asks_for_an_opinion": "That asks for an opinion; only what the data says can be answered.",
    "unclear": "The question is not clear enough. Name what is asked for, of what, and for which period.",
    "not_allowed": "That is not something to be done or shown here.",
}
assert set(ASKED_BACK) == set(get_args(Unclear))
assert set(REASONS) == set(get_args(Unanswerable))


def about(question: str, word: str, sentence: str) -> str:
    """The sentence in the language spoken, with the word that it is about where the question holds that."""
    word, sentence = word.strip(), said(sentence)
    return f"“{word}”: {sentence}" if word and word.casefold() in question.casefold() else sentence


def is_known(text: str, question: str) -> bool:
    """True where the text is one of the sentences above, with a word of the question before it or without."""
    word, quote, sentence = text.rpartition("”: ")
    if quote and (not word.startswith("“") or word[1:].casefold() not in question.casefold()):
        return False
    return sentence in {said(known) for known in (*ASKED_BACK.values(), *REASONS.values())}
