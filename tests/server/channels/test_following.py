"""What became of a requisition is told in the thread of its card: its order and its receipts, each once."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import psycopg
import pytest

from erp_adapters.demo.erp import order_requisition, receive
from erp_adapters.store import OWNER_ROLE
from server.channels.records import Note
from server.draft_records import detail_of
from tests.server.channels.office import Office, Scribe

pytestmark = pytest.mark.slow


async def test_a_thread_leads_to_the_receipt(office: Office) -> None:
    """Ordered, a part come, all come: each said once, however many look how often, and after a failure."""
    owner = office.database.dsn(OWNER_ROLE)
    shown = await office.proposed()
    await office.card_of("U2", "buyer.kassel", shown.proposal.id)
    buyer = await office.desk.person("buyer.kassel")
    day = await office.desk.day(buyer, "KAS")
    await office.desk.confirmations.confirm(buyer, shown.proposal.id, shown.digest, business_date=day)
    done = await office.desk.settled(buyer, shown.proposal.id, 30, works=True)
    assert done.state == "executed", done.reason
    cards = office.floor.cards
    assert cards is not None
    await cards.follow()
    number = done.document_number
    assert f"Written to the ERP as {number}" in office.scribe.words()
    await cards.follow_documents()
    assert "is ordered" not in office.scribe.words()

    [order] = order_requisition(owner, number)
    await office.desk.take_over()
    office.scribe.is_away = True
    await cards.follow_documents()
    office.scribe.is_away = False
    # Several workers look at once.
    await asyncio.gather(*(cards.follow_documents() for _ in range(4)))
    await cards.follow_documents()
    assert _told(office.scribe, "is ordered") == 1
    assert f"purchase order {order} to " in office.scribe.words()
    receive(owner, order, Decimal(200))
    await office.desk.take_over()
    for _ in range(2):
        await cards.follow_documents()
    assert _told(office.scribe, "200 of 500") == 1
    receive(owner, order)
    await office.desk.take_over()
    for _ in range(2):
        await cards.follow_documents()
    assert _told(office.scribe, "all that was ordered") == 1
    notes = [(place, content.text) for place, _, content in office.scribe.posts if isinstance(content, Note)]
    assert {place.thread for place, _ in notes} == {office.scribe.cards()[-1][0]}
    assert all("demo_erp" in text for _, text in notes[1:])
    # The card in the panel tells the same.
    detail = await detail_of(office.desk, buyer, await office.desk.proposals.read(buyer, shown.proposal.id))
    bought, came = (step.what for step in detail.history[-2:])
    assert f"is ordered: purchase order {order} to " in bought
    assert came.startswith("Goods received for requisition")
    # Nothing more is expected: it is looked at no more.
    with psycopg.connect(owner) as connection:
        row = connection.execute("select followed from app.channel_card").fetchone()
    assert row is not None
    assert row[0].endswith("; over")


def _told(scribe: Scribe, words: str) -> int:
    return sum(words in note.text for _, _, note in scribe.posts if isinstance(note, Note))
