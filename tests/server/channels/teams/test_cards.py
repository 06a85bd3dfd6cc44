"""Adaptive Cards hold what the panel shows, as text that is no markup, within what Teams takes."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from uuid import UUID

import pytest

from policies.cards import Card, CardRow, CardTable
from policies.states import State
from server.channels.records import CardPost, Link, Note, Reply
from server.channels.teams.cards import MOST_BYTES, bytes_of, rendered, summary_of
from server.draft_records import DraftShown, SignaturesShown, SignedShown
from tests.server.channels.teams.microsoft import actions_of, texts_of
from tests.server.stand_in import figures, months, ranking

LINK = Link("All rows and evidence in the panel", "https://copilot.example/panel/#/conversations/1")
POSTED = UUID("0192d0f0-0000-7000-8000-0000000000c1")
HOSTILE = (
    "<at>everyone</at> **now** [click](https://evil.example) ![x](https://evil.example/p.png) {{DATE(2026)}}"
)


def draft(
    state: State = "awaiting_confirmation", rows: tuple[CardRow, ...] = (), lines: int = 2
) -> DraftShown:
    """A draft of a requisition, made up."""
    moment = datetime(2026, 11, 30, tzinfo=UTC)
    table = tuple((f"ORDER-{n}", f"{n} pcs", "2026-12-04") for n in range(lines))
    return DraftShown(
        id="0192d0f0-0000-7000-8000-0000000000d1",
        series="0192d0f0-0000-7000-8000-0000000000d0",
        version=2,
        digest="sha256:5f0c",
        kind="purchase_requisition",
        summary="Requisition: 500 pcs of BR-6204 Bearing for KAS by 2026-12-04",
        site="KAS",
        sites=("KAS",),
        state=state,
        requester="planner.kassel",
        requester_name="Planner",
        created_at=moment,
        expires_at=moment,
        value=None,
        document_number="4711" if state == "executed" else "",
        reason="",
        signatures=SignaturesShown(count=1, roles=("buyer",), requester_may=False, reason=""),
        signed=(SignedShown(by="buyer", name="Buyer", at=moment),) if state == "executed" else (),
        escalated_at=None,
        may=("confirm",),
        editable=None,
        card=Card(
            "Purchase requisition for KAS",
            (
                CardRow("Quantity", "500 pcs"),
                CardRow("Supplier", "Wälzlager Süd", "it holds a look-alike"),
                *rows,
            ),
            (CardTable("Rests on", ("Order", "Quantity", "Needed on"), table),),
            ("The price is older than a year.",),
            "sha256:5f0c",
        ),
    )


def test_an_answer_has_its_figures_rows_reading_evidence_and_ways_on() -> None:
    """Everything that the panel shows of the same answer, and buttons for readings and suggestions."""
    answer = ranking()
    card = rendered(Reply(answer, LINK))
    texts = list(texts_of(card))
    for wanted in (answer.answer, "Paint process failed", "1,271", answer.caveats[0], LINK.label):
        assert wanted in texts
    assert any(answer.reading in text for text in texts)
    assert any("Evidence e1" in text and "2025-05-31" in text for text in texts)
    assert any("11 rows more" in text for text in texts)
    buttons = [each.get("data") for each in actions_of(card)]
    assert {"plantwright": "choose", "answer": answer.id, "key": "2"} in buttons
    assert {"plantwright": "ask", "text": "and by month?"} in buttons
    assert "10,651 pcs" in list(texts_of(rendered(Reply(figures("scrap?")))))


def test_texts_are_no_markup() -> None:
    """What stands in data is shown letter for letter, in elements whose text Teams reads as no markup."""
    answer = ranking().model_copy(update={"answer": HOSTILE, "reading": HOSTILE, "suggestions": (HOSTILE,)})
    for content in (Reply(answer), Note(HOSTILE), CardPost(POSTED, draft(rows=(CardRow("Note", HOSTILE),)))):
        card = rendered(content)
        elements = _elements(card)
        assert not {"TextBlock", "FactSet", "Media"} & {str(each.get("type")) for each in elements}
        assert not [each for each in elements if each.get("type") == "Image"]
        assert [each.get("url") for each in actions_of(card) if each["type"] == "Action.OpenUrl"] == []
        shown = "\n".join(texts_of(card))
        assert "**now** [click](https://evil.example)" in shown
        assert "{{DATE" not in shown
        assert "{{" not in summary_of(content)


def test_characters_that_nobody_sees_are_shown() -> None:
    """A supplier cannot turn the direction of the text around its own name."""
    card = rendered(Note("ACME\u202eDTL\u200b"))
    assert "\u202e" not in "".join(texts_of(card))


def test_a_picture_is_shown_where_it_fits() -> None:
    """With words for those who do not see it; a larger one is left out."""
    answer = months("scrap by month")
    small, large = b"\x89PNG" + b"0" * 9_000, b"\x89PNG" + b"0" * 90_000
    (image,) = [each for each in _elements(rendered(Reply(answer), small)) if each.get("type") == "Image"]
    assert image["url"] == "data:image/png;base64," + b64encode(small).decode()
    assert image["altText"]
    assert rendered(Reply(answer), large) == rendered(Reply(answer))


def test_long_answers_fit_a_message() -> None:
    """Of many and wide rows fewer are shown, and how many are not; the link is there in any case."""
    table = ranking().tables[0]
    wide = table.model_copy(
        update={
            "columns": tuple(f"Column {n}" for n in range(12)),
            "names": tuple(f"c{n}" for n in range(12)),
            "kinds": ("text",) * 12,
            "units": ("",) * 12,
            "rows": tuple(tuple("word " * 60 for _ in range(12)) for _ in range(200)),
            "total_rows": 200,
        }
    )
    answer = ranking().model_copy(update={"tables": (wide, table, table), "answer": "long " * 8_000})
    card = rendered(Reply(answer, LINK))
    assert bytes_of(card) <= MOST_BYTES
    assert LINK.label in list(texts_of(card))


def test_what_may_not_leave_is_not_posted() -> None:
    """An answer and a draft that are kept back show where they are, and nothing that they say."""
    for content in (
        Reply(ranking(), LINK, True),
        CardPost(POSTED, draft(), LINK, "It waits.", "", True),
    ):
        card = rendered(content)
        shown = "\n".join(texts_of(card))
        assert "1,271" not in shown
        assert "500 pcs" not in shown
        assert [each["type"] for each in actions_of(card)] == ["Action.OpenUrl"]
    assert "1,271" not in summary_of(Reply(ranking(), LINK, is_kept_back=True))


@pytest.mark.parametrize("lines", [12, 300])
def test_a_waiting_draft_is_shown_whole_with_its_buttons(lines: int) -> None:
    """Each row, mark, warning and table row, however many; buttons name the posted card and nothing else."""
    card = rendered(CardPost(POSTED, draft(lines=lines), LINK, "This waits for you."))
    shown = list(texts_of(card))
    told = ("500 pcs", "! it holds a look-alike", f"ORDER-{lines - 1}", "older than a year.", "Confirm")
    for wanted in told:
        assert any(wanted in text for text in shown), wanted
    assert any("sha256:5f0c" in text for text in shown)
    data = [each["data"] for each in actions_of(card) if each["type"] == "Action.Execute"]
    assert {"plantwright": "decide", "card": str(POSTED), "decision": "confirm"} in data
    assert {"plantwright": "decide", "card": str(POSTED), "decision": "reject"} in data
    assert "0000d1" not in str(data)
    assert "sha256" not in str(data)


@pytest.mark.parametrize("state", ["executed", "rejected", "expired", "superseded", "confirmed"])
def test_a_decided_draft_has_no_buttons(state: State) -> None:
    """It says what became of it; only the panel can be opened."""
    card = rendered(
        CardPost(POSTED, draft(state), LINK, "", "Written to the ERP as 4711; confirmed by Buyer.")
    )
    assert [each["type"] for each in actions_of(card)] == ["Action.OpenUrl"]
    assert "Written to the ERP as 4711; confirmed by Buyer." in list(texts_of(card))


def test_a_draft_that_does_not_fit_is_not_confirmed_here() -> None:
    """Nobody confirms what they do not see: a card of thousands of moves leads to the panel."""
    card = rendered(CardPost(POSTED, draft(lines=1_500), LINK))
    assert bytes_of(card) <= MOST_BYTES
    assert [each["type"] for each in actions_of(card)] == ["Action.OpenUrl"]
    assert any("too long to be shown here in full" in text for text in texts_of(card))


def _elements(card: object) -> list[dict[str, object]]:
    if isinstance(card, dict):
        return [card, *(each for value in card.values() for each in _elements(value))]
    return [each for part in card for each in _elements(part)] if isinstance(card, list) else []
