"""What is said in a turn is said in its language, and falls back to English word by word."""

from __future__ import annotations

import asyncio
import re

import pytest

from tools.languages import LANGUAGES, counted, language, said, speaking
from tools.languages.speaking import texts

_PLACES = re.compile(r"\[\[\w+\]\]|\{\{.*?\}\}")


def test_a_text_without_a_translation_is_said_in_english() -> None:
    """A missing text is a blemish, not a failure."""
    with speaking("de"):
        assert said("No such text [[where]].", where="here") == "No such text here."


def test_the_language_ends_with_its_turn_and_reaches_the_tasks_within() -> None:
    """Two people's turns never mix their languages."""

    async def heard() -> str:
        await asyncio.sleep(0)
        return language()

    async def turns() -> list[str]:
        with speaking("fr"):
            french = asyncio.create_task(heard())
        return [await french, await heard()]

    assert asyncio.run(turns()) == ["fr", "en"]


def test_references_are_left_for_the_renderer() -> None:
    """The figures of a sentence are put in by code that knows their evidence."""
    assert said("It is {{figures[0]}} of [[what]].", what="stock") == "It is {{figures[0]}} of stock."


def test_nought_is_singular_in_french_alone() -> None:
    """Numbers agree with their nouns."""
    with speaking("fr"):
        assert counted(0, "[[number]] thing", "[[number]] things") == "0 thing"
    assert counted(0, "[[number]] thing", "[[number]] things") == "0 things"


def test_a_value_that_is_missing_is_an_error() -> None:
    """Nobody is ever shown a place without its value."""
    with pytest.raises(KeyError):
        said("[[one]] and [[two]]", one=1)


@pytest.mark.parametrize("spoken", [each for each in LANGUAGES if each != "en"])
def test_every_text_keeps_its_places_and_references(spoken: str) -> None:
    """A translation neither drops a value nor asks for one that is not given."""
    for english, worded in texts(spoken).items():  # type: ignore[arg-type]
        assert sorted(set(_PLACES.findall(english))) == sorted(set(_PLACES.findall(worded))), english
