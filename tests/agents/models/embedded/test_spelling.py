"""Words that stand in many questions are no slips of words of the catalogue."""

from __future__ import annotations

import pytest

from agents.models.embedded.lexicon import CatalogueHolder, catalogue_phrases
from agents.models.embedded.spelling import spelt
from agents.models.embedded.text import tokenise
from tools.metrics.catalogue import packaged_catalogue

_SAID = (
    "january february march april august september october november december",
    "monday tuesday wednesday thursday friday saturday sunday white black silver later while express",
)


@pytest.mark.parametrize("words", _SAID)
def test_months_and_everyday_words_are_not_mended(words: str) -> None:
    """A new word of the catalogue that lies one letter from one of them would change it: `match`, `March`."""
    tokens = tokenise(words)
    catalogue = packaged_catalogue()
    phrases = catalogue_phrases(catalogue.hash, CatalogueHolder(catalogue))
    mended = spelt(tokens, (phrases,))
    assert [token.norm for token in mended] == [token.norm for token in tokens]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("categorie", "categories"),
        ("categorys", "category"),
        ("quantites", "quantities"),
        ("orderd", "ordered"),
        ("assembling", "assembling"),
        ("exchangers", "exchangers"),
    ],
)
def test_a_slip_is_read_in_a_form_that_is_written(typed: str, read: str) -> None:
    """The network reads letters: a form that it never saw may be another word to it."""
    catalogue = packaged_catalogue()
    phrases = catalogue_phrases(catalogue.hash, CatalogueHolder(catalogue))
    assert [token.norm for token in spelt(tokenise(typed), (phrases,))] == [read]
