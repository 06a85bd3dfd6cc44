"""A figure without evidence and a number from nowhere are found, without the program's own grounding."""

from __future__ import annotations

import pytest

from agents.answer import AnswerFigure
from eval.scoring.grounding import grounding
from tests.eval.replies import answer, table

ROWS = table(("Bikes", "3635561.9"), ("Clothing", "12.3456"), columns=("category", "value"))


@pytest.mark.parametrize(
    "text",
    [
        "Bikes come to 3,635,561.90 USD.",
        "Clothing is at 12.3 %, Bikes at −3,635,562.",
        "The table has all 2 rows.",
        "How many of 2024 were asked about: 2024.",
    ],
)
def test_what_was_found_or_asked_is_traced(text: str) -> None:
    """Rounded as shown, whatever its sign, counted from the table, or repeated from the question."""
    found = grounding(answer(answer=text, tables=[ROWS], question="How many in 2024?"))
    assert found.loose == ()
    assert found.shown == found.grounded > 1


@pytest.mark.parametrize("text", ["It is 3,635,571.90.", "Nearly 13 %.", "In all 999."])
def test_what_nobody_found_is_not(text: str) -> None:
    """A number that no cell rounds to."""
    found = grounding(answer(answer=text, tables=[ROWS]))
    assert found.grounded == found.shown - 1


def test_a_day_is_one_thing_and_may_be_spelt_otherwise() -> None:
    """A day of the question in another form is no new figure; another day is."""
    asked = "What came in since May 30, 2022?"
    assert (
        grounding(answer("cannot_answer", answer="I understood: from 2022-05-30.", question=asked)).loose
        == ()
    )
    assert grounding(answer("answered", "7", answer="Since 2022-05-30.", question=asked)).loose == ()
    other = grounding(answer("answered", "7", answer="Since 2022-05-31.", question=asked))
    assert other.loose == ("2022-05-31",)
    year = grounding(answer("cannot_answer", answer="I understood: to 2021-12-31.", question=asked))
    assert year.loose == ("2021-12-31",)


def test_a_month_of_a_year_that_was_asked_about_is_no_figure_of_an_abstention() -> None:
    """`March 2026` is understood as 2026-03; of another year it comes from nowhere."""
    asked = "How hot did it get in March 2026?"
    understood = answer("cannot_answer", answer="I understood: by day, in 2026-03.", question=asked)
    assert grounding(understood).loose == ()
    other = answer("cannot_answer", answer="I understood: by day, in 2025-03.", question=asked)
    assert "2025" in grounding(other).loose


def test_a_figure_needs_its_evidence() -> None:
    """An id that leads nowhere is none, and rows without any evidence rest on nothing."""
    loose = AnswerFigure(label="profit", value="7", unit="", evidence="e9")
    assert grounding(answer("answered", figures=(loose,))).loose == ("profit",)
    assert grounding(answer("answered", "7", evidence=())).loose == ("a table",)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Bikes: 3.635.561,90 USD am 15.03.2024; Clothing 12,3 %."),
        ("es", "Bikes: 3.635.561,90 USD el 15/03/2024; Clothing 12,3 %."),
        ("fr", "Bikes : 3\u202f635\u202f561,90 USD le 15/03/2024 ; Clothing 12,3 %."),
    ],
)
def test_numbers_and_days_are_judged_as_their_language_writes_them(language: str, text: str) -> None:
    """A German point groups digits; another amount, percentage or day is still found."""
    asked = {"question": "2024-03-15?", "tables": [ROWS]}
    assert grounding(answer(answer=text, **asked).model_copy(update={"language": language})).loose == ()
    for told, other in (("561,90", "571,90"), ("12,3", "13"), ("15", "16")):
        wrong = answer(answer=text.replace(told, other), **asked)
        assert len(grounding(wrong.model_copy(update={"language": language})).loose) == 1
