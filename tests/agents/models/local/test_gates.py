"""What a third opinion says for and against a reading, and how it is weighed."""

from __future__ import annotations

import pytest

from agents.models.local.engine import Piece
from agents.models.local.gates import packaged_gates, sureness, terms
from agents.models.local.names import Pick

AGREES = Pick("scrap_rate", 0.9, (Piece(" scrap", 0.9),))
DIFFERS = Pick("supplier", 0.9, (Piece(" supplier", 0.9),))
NONE = Pick("", 0.9, (Piece(" none", 0.9),))
ASKED = ("scrap_rate",)


def said(asked: tuple[str, ...], pick: Pick, *, near: bool = False) -> dict[str, float]:
    return terms(0.5, asked, pick, near=near)


def test_agreement_and_difference_count_as_sure_as_the_pick() -> None:
    """One of the two, never both; a pick about the same records is only near where it differs."""
    assert (said(ASKED, AGREES)["agrees"], said(ASKED, AGREES)["differs"]) == (0.9, 0.0)
    assert (said(ASKED, DIFFERS)["agrees"], said(ASKED, DIFFERS)["differs"]) == (0.0, 0.9)
    assert said(ASKED, DIFFERS, near=True)["near"] == 1.0
    assert said(ASKED, AGREES, near=True)["near"] == 0.0


def test_what_was_thought_of_counts_beside_what_was_named() -> None:
    """The model named something else, but had this in mind as well."""
    unsure = Pick("supplier", 0.3, (Piece(" supplier", 0.3), Piece(" scrap", 0.25)))
    assert said(ASKED, DIFFERS)["begins"] < said(ASKED, unsure)["begins"] < said(ASKED, AGREES)["begins"]


def test_that_there_is_nothing_speaks_for_declining() -> None:
    """`none` agrees with the reading that the data cannot answer, and with no other."""
    assert said((), NONE)["declines"] == 0.9
    assert said(ASKED, NONE)["declines"] == -0.9
    assert said((), AGREES)["declines"] == -0.9
    assert said(ASKED, DIFFERS)["declines"] == 0.0


def test_the_gates_weigh_the_terms() -> None:
    """By their sum, as odds; the readers' own opinion is one of them."""
    alone = dict.fromkeys(("base", *said(ASKED, NONE)), 0.0) | {"readers": 1.0}
    for sure in (0.1, 0.5, 0.9):
        assert sureness(terms(sure, ASKED, DIFFERS, near=False), alone) == pytest.approx(sure)
    with_opinion = alone | {"agrees": 1.0, "differs": -1.0}
    assert sureness(said(ASKED, AGREES), with_opinion) > 0.5 > sureness(said(ASKED, DIFFERS), with_opinion)


def test_the_packaged_gates_have_a_weight_for_every_term() -> None:
    """A term that was added and not fitted would count as nothing, unseen."""
    assert packaged_gates().keys() == {"base", *said((), NONE)}
    assert packaged_gates()["readers"] > 0.0


@pytest.mark.parametrize("sure", [0.0, 1.0])
def test_the_ends_of_sureness_are_finite(sure: float) -> None:
    """A reading that is certain or impossible has no infinite odds."""
    assert 0.0 <= sureness(terms(sure, ASKED, AGREES, near=False), packaged_gates()) <= 1.0
