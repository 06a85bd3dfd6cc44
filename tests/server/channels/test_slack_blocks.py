"""Blocks: nothing from data is markup, nothing is too long for Block Kit, and a cut card has no buttons."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from agents.answer import AnswerTable
from policies.cards import Card, CardRow, CardTable
from server.channels.records import CardPost, Link, Note, Reply
from server.channels.slack.blocks import blocks_of
from server.draft_records import DraftShown, SignaturesShown
from tests.server.channels.slack_stand_in import buttons_of, troubles
from tests.server.stand_in import hostile, months, ranking, unanswerable, unclear
from tools.languages import speaking

_LINK = Link("Open in the panel", "https://copilot.example/panel/#/drafts/1")
_BAD = "<!channel> <@U1> <https://evil.example|here> *bold* :fire: &lt;"


def _shown(card: Card, state: str = "awaiting_confirmation") -> DraftShown:
    at = datetime(2026, 5, 4, tzinfo=UTC)
    return DraftShown.model_validate(
        {
            "id": "d",
            "series": "s",
            "version": 1,
            "digest": "sha256:0",
            "kind": "purchase_requisition",
            "summary": _BAD,
            "site": "KAS",
            "sites": ("KAS",),
            "state": state,
            "requester": "a",
            "requester_name": "A",
            "created_at": at,
            "expires_at": at,
            "value": None,
            "document_number": "",
            "reason": _BAD,
            "signed": (),
            "escalated_at": None,
            "may": (),
            "signatures": SignaturesShown(count=1, roles=("buyer",), requester_may=False, reason=""),
            "editable": None,
            "card": card,
        }
    )


def _card(rows: int = 3, table_rows: int = 2, length: int = 20) -> Card:
    return Card(
        f"Purchase requisition {_BAD}",
        tuple(CardRow(f"Label {n} {_BAD}", "v" * length, "odd letter") for n in range(rows)),
        (
            CardTable(
                "Needed for", ("Kind", "Number"), tuple(("order", "n" * length) for _ in range(table_rows))
            ),
        ),
        (f"Beware {_BAD}",),
        "sha256:0",
    )


@pytest.mark.parametrize(
    "content",
    [
        Note(_BAD, (_LINK,)),
        Note("x" * 40_000),
        Note(""),
        Reply(hostile("q"), _LINK),
        Reply(ranking("q").model_copy(update={"answer": _BAD * 400}), _LINK),
        Reply(months("q")),
        Reply(unclear("q")),
        Reply(unanswerable("q")),
        Reply(ranking("q"), _LINK, is_kept_back=True),
        CardPost(UUID(int=1), _shown(_card()), _LINK, "This waits for you."),
        CardPost(UUID(int=1), _shown(_card(), "rejected"), None, outcome=_BAD),
        CardPost(UUID(int=1), _shown(_card(rows=200, length=900)), _LINK),
    ],
)
def test_data_is_never_markup_and_everything_fits(content: Any) -> None:
    """Only literal text elements; the words of a notification are escaped; sizes are Block Kit's."""
    made, notice = blocks_of(content)
    text = json.dumps(made)
    assert '"mrkdwn"' not in text
    assert '"emoji": true' not in text
    assert "<" not in notice
    assert len(notice) <= 600
    assert troubles(made) == ""


def test_a_wide_table_is_cut_and_says_so() -> None:
    """Ten rows and six columns; what is left out is counted, and the link to all of it stays."""
    table = AnswerTable(
        title="Stock",
        columns=tuple(f"Column {n}" for n in range(9)),
        kinds=("text", *("quantity",) * 8),
        units=("", *("pcs",) * 8),
        rows=tuple((f"Part {n}", *(str(n * 1000 + m) for m in range(8))) for n in range(40)),
        total_rows=120,
    )
    answer = ranking("q").model_copy(update={"tables": (table,)})
    text = json.dumps(blocks_of(Reply(answer, _LINK))[0], ensure_ascii=False)
    assert "110 rows more, 3 columns more" in text
    assert "Part 9" in text
    assert "Part 10" not in text
    assert _LINK.address in text
    with speaking("de"):
        german = json.dumps(blocks_of(Reply(answer, _LINK))[0], ensure_ascii=False)
    assert "110 weitere Zeilen" in german
    assert "9.000" in german


def test_a_card_that_is_not_whole_cannot_be_decided_here() -> None:
    """Whoever confirms has seen all of it; of a long one only the link is left."""
    whole = CardPost(UUID(int=1), _shown(_card()), _LINK)
    assert set(buttons_of({"blocks": blocks_of(whole)[0]})) == {"confirm", "reject", "open"}
    long = replace(whole, shown=_shown(_card(rows=200, length=900)))
    assert set(buttons_of({"blocks": blocks_of(long)[0]})) == {"open"}
    back = replace(whole, is_kept_back=True)
    assert set(buttons_of({"blocks": blocks_of(back)[0]})) == {"open"}
    assert "Label 1" not in json.dumps(blocks_of(back)[0])
