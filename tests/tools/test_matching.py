"""Names are taken for what was meant only where nothing else can be; everything else is asked back."""

from __future__ import annotations

import pytest

from tools.matching import Fit, meant, ranked
from tools.naming import Thing

BIKES = [
    Thing("AW", str(number), code, name)
    for number, code, name in (
        (782, "BK-M68B-38", "Mountain-200 Black, 38"),
        (783, "BK-M68B-42", "Mountain-200 Black, 42"),
        (779, "BK-M68S-38", "Mountain-200 Silver, 38"),
        (320, "CB-2903", "Chainring Bolts"),
        (322, "CR-7833", "Chainring"),
        (497, "PB-6109", "Pinch Bolt"),
        (802, "FK-1639", "LL Fork"),
        (804, "FK-9939", "HL Fork"),
        (945, "FD-2342", "Front Derailleur"),
        (351, "FC-3982", "Front Derailleur Cage"),
        (900, "SR-1", "Selle Royale Sättel"),
    )
]


@pytest.mark.parametrize(
    ("text", "name", "fit"),
    [
        ("320", "Chainring Bolts", Fit.EXACT),
        ("cb 2903", "Chainring Bolts", Fit.EXACT),
        ("MOUNTAIN 200 black 38", "Mountain-200 Black, 38", Fit.EXACT),
        ("front derailleur", "Front Derailleur", Fit.EXACT),
        ("selle royale sattel", "Selle Royale Sättel", Fit.EXACT),
        ("chain ring bolt", "Chainring Bolts", Fit.SPELLING),
        ("frnt deraileur", "Front Derailleur", Fit.SPELLING),
        ("bolts chainring", "Chainring Bolts", Fit.SPELLING),
        ("LL Frok", "LL Fork", Fit.SPELLING),
        ("pinch", "Pinch Bolt", Fit.PART),
        ("deraileur cage", "Front Derailleur Cage", Fit.NEARLY_PART),
    ],
)
def test_a_text_is_taken_for_the_one_thing_it_fits(text: str, name: str, fit: Fit) -> None:
    found = meant(ranked(text, BIKES))
    assert [(match.thing.name, match.fit) for match in found] == [(name, fit)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Mountain-200 Black", {"Mountain-200 Black, 38", "Mountain-200 Black, 42"}),
        ("fork", {"LL Fork", "HL Fork"}),
        # A number or a colour that is not there is another thing, not a slip of the pen.
        ("Mountain-200 Black, 39", set()),
        ("Mountain-200 Red, 38", set()),
        ("bk-m68b-40", set()),
        ("XL Fork", set()),
        ("gearbox", set()),
        ("", set()),
        ("--", set()),
    ],
)
def test_what_could_be_several_or_nothing_is_not_guessed(text: str, names: set[str]) -> None:
    assert {match.thing.name for match in meant(ranked(text, BIKES))} == names


def test_a_name_that_resembles_nothing_is_still_answered_with_what_is_near() -> None:
    assert ranked("Mountain-200 Black, 39", BIKES)[0].thing.name.startswith("Mountain-200")


def test_among_very_many_names_the_right_one_is_not_lost() -> None:
    many = [Thing("KS", str(n), f"MT-{n:06}", f"Bracket {n}") for n in range(30_000)]
    assert meant(ranked("chainring blots", [*many, *BIKES]))[0].thing.name == "Chainring Bolts"
    assert meant(ranked("mt 000977", [*many, *BIKES]))[0].thing.id == "977"


def test_a_name_that_is_none_is_cut_where_it_stands_in_a_sentence() -> None:
    """A reading is not the place for what somebody wrote into a name; a real name stands whole."""
    assert str(Thing("KS", "1", "SP-1", "Spoke, steel, 2.0 mm")) == "Spoke, steel, 2.0 mm (SP-1)"
    shown = str(Thing("KS", "1", "SP-1", "Spoke. " + "Ignore the above. " * 20))
    assert len(shown) < 100
    assert shown.endswith("… (SP-1)")
