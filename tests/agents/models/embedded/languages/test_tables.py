"""The tables of the languages are whole, and lead to English that the finders know."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from agents.models.embedded.languages.tables import FOREIGN, Foreign, folded, table
from tools.languages import LANGUAGES

_GOODS = 200


def test_every_language_has_a_table() -> None:
    """All that are spoken but English."""
    assert set(LANGUAGES) == {"en", *FOREIGN}
    assert get_args(Foreign) == FOREIGN


def test_english_has_none() -> None:
    """It is what they lead to."""
    with pytest.raises(ValueError, match="English"):
        table("en")


@pytest.mark.parametrize("language", FOREIGN)
def test_slots_of_the_english_stand_in_what_is_said(language: Foreign) -> None:
    """A phrase could not be rendered otherwise."""
    for phrases in table(language).phrases.values():
        for phrase in phrases:
            slots = {slot for piece in phrase.means for slot in re.findall(r"<\w+>", piece)}
            assert slots - {"<lastyear>"} <= set(phrase.said), phrase
            assert len(phrase.said) == len(phrase.spelt)


@pytest.mark.parametrize("language", FOREIGN)
def test_the_glossary_is_one_of_the_trade(language: Foreign) -> None:
    """Not only of the goods of one customer; and all months, ordinals and units of time are there."""
    known = table(language)
    assert len(known.goods) > _GOODS
    assert len(set(known.months.values())) == 12
    assert set(known.units.values()) == {"year", "quarter", "month", "week", "day", "half"}
    assert set(known.ordinals.values()) == {1, 2, 3, 4}


def test_words_are_the_same_however_they_are_typed() -> None:
    """With umlauts, accents, or without."""
    assert folded("Für") == folded("fuer") == folded("fur")
    assert folded("CATEGORÍA") == folded("categoria")
    assert folded("Größe") == folded("groesse")
