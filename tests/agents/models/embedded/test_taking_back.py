"""A wish to take back a document is read in four languages; questions and moves are something else."""

from __future__ import annotations

import pytest

from agents.drafting import drafting, unsaid
from agents.models.embedded.replanning_draft import moves_wanted
from agents.models.embedded.taking_back import NAME, taking_back_wanted
from agents.models.protocol import ToolCall, Turn
from tools.drafting.cancellation import DraftCancellation


@pytest.mark.parametrize(
    ("text", "document", "reason"),
    [
        ("Take back requisition 10000001", "10000001", None),
        ("Please cancel the transfer 40000002, because Wrocław has some", "40000002", "Wrocław has some"),
        ("Nimm die Bestellanforderung 10000001 zurück", "10000001", None),
        ("Storniere bitte die Banf 10000001 weil wir schon bestellt haben", "10000001", None),
        ("Anula la solicitud de pedido 10000001", "10000001", None),
        ("Annule la demande d'achat 10000001", "10000001", None),
        ("Withdraw the text 70000001", "70000001", None),
    ],
)
def test_it_is_read_in_four_languages(text: str, document: str, reason: str | None) -> None:
    """The number is the document; a reason that is given stands on the card in the person's words."""
    wanted = taking_back_wanted(text, ())
    assert wanted is not None
    assert wanted.document == document
    assert reason is None or wanted.reason == reason
    assert drafting(text, ()) == ("cancellation", None)


@pytest.mark.parametrize(
    "text",
    [
        "Take back the moves",
        "Cancel it",
        "Which requisitions were cancelled?",
        "Can requisition 10000001 still be cancelled?",
        "Take back work order 1102494",
        "Take back requisition",
    ],
)
def test_other_wishes_take_nothing_back(text: str) -> None:
    """Moves go back by moves; who asks, or names nothing, drafts nothing."""
    assert taking_back_wanted(text, ()) is None
    assert moves_wanted("Take back requisition 10000001", ()) is None


def test_a_model_takes_back_only_what_was_named() -> None:
    """Another number than was said is refused, and a reason that nobody gave."""
    turn = Turn("Take back requisition 10000001", ())
    said_so = ToolCall(NAME, DraftCancellation(document="10000001"))
    assert unsaid(said_so, turn, None) == ""  # type: ignore[arg-type]
    for made_up in (
        DraftCancellation(document="10000002"),
        DraftCancellation(document="10000001", reason="it is too dear"),
    ):
        assert "was not said" in unsaid(ToolCall(NAME, made_up), turn, None)  # type: ignore[arg-type]
