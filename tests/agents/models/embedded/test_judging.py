"""Questions that judge and do not say by what are offered what people mostly mean."""

from __future__ import annotations

import pytest

from agents.models.embedded.judging import by_what, is_bare, is_vague
from agents.models.embedded.masked import Masked, Spot
from tools.languages import Language
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.compiler import Compiler


def asked(text: str, language: Language = "en") -> Masked:
    return Masked(tuple(Spot(word, word) for word in text.split()), language=language)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("who is our best supplier ?", "purchase_value"),
        ("who is our most important supplier ?", "purchase_value"),
        ("wer ist unser bester lieferant ?", "purchase_value"),
        ("cuál es nuestro peor proveedor ?", "reject_rate"),
        ("qui est notre pire fournisseur ?", "reject_rate"),
        ("how bad are delays ?", "late_rate"),
    ],
)
def test_what_is_mostly_meant_can_be_run(text: str, first: str) -> None:
    """Each is a query of the catalogue, the commonest first."""
    queries = list(by_what(asked(text)))
    assert queries[0].measures[0].metric == first
    for query in queries:
        assert Compiler(packaged_catalogue()).meaning(query)


@pytest.mark.parametrize(
    "text",
    [
        "who is our worst vendor by rejected pieces over all the orders that we placed ?",
        "best month ?",
        "how many suppliers do we have ?",
        "worst supplier in PERIOD ?",
    ],
)
def test_a_question_that_says_by_what_or_when_is_left_to_the_readers(text: str) -> None:
    """Nothing is put before what they make of it."""
    assert not list(by_what(asked(text)))


def test_a_short_verdict_is_vague() -> None:
    """A long one says by what."""
    assert is_vague(asked("our worst vendor ?"))
    assert not is_vague(asked("how many vendors ?"))


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("how many orders do we have ?", True),
        ("how many work orders do we have ?", False),
        ("open purchase orders", False),
        ("stock of chains", False),
    ],
)
def test_orders_alone_can_be_of_either_kind(text: str, bare: bool) -> None:
    """`Orders` are worked on, bought or sold."""
    assert is_bare(asked(text)) is bare
