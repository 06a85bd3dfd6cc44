"""What became of a requisition is told in the thread of its card: its order and its receipts, each once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest

from erp_adapters.demo.erp import order_requisition, receive
from erp_adapters.store import OWNER_ROLE
from erp_adapters.store.provision import WORKER_ROLE
from policies.proposals import Shown
from policies.register import Register
from server.channels.cards import Cards
from server.channels.posted import Posted, PostedCard
from server.channels.records import CardPost, Decided, Note, Place
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


async def test_an_older_state_that_comes_late_does_not_stay(office: Office) -> None:
    """Two processes follow a draft, and the slower one's update lands last; the card ends as the draft."""
    shown = await office.proposed()
    await office.card_of("U2", "buyer.kassel", shown.proposal.id)
    await _confirmed(office, shown)
    cards, scribe = office.floor.cards, office.scribe
    assert cards is not None
    scribe.holds = asyncio.Event()
    slow = asyncio.create_task(cards.follow())
    for _ in range(1_000):
        if await _is_kept_as(office, "confirmed"):
            break
        await asyncio.sleep(0.01)
    buyer = await office.desk.person("buyer.kassel")
    done = await office.desk.settled(buyer, shown.proposal.id, 30, works=True)
    assert done.state == "executed", done.reason
    held, scribe.holds = scribe.holds, None
    await cards.follow()
    held.set()
    await slow
    states = [content.shown.state for _, content in scribe.updates if isinstance(content, CardPost)]
    assert states == ["executed", "confirmed", "executed"]
    assert _told(scribe, done.document_number) == 1


@pytest.mark.parametrize("is_first", [True, False], ids=["before", "after"])
async def test_a_draft_that_goes_on_while_it_is_read_is_shown_as_it_ended(
    office: Office, *, is_first: bool
) -> None:
    """A card that is kept as written says so, whenever within its reading the draft was written."""
    shown = await office.proposed()
    await office.card_of("U2", "buyer.kassel", shown.proposal.id)
    await _confirmed(office, shown)
    buyer = await office.desk.person("buyer.kassel")

    class Meanwhile(Posted):
        async def state(self, proposal: UUID) -> str:
            found = "" if is_first else await super().state(proposal)
            await office.desk.settled(buyer, proposal, 30, works=True)
            return found or await super().state(proposal)

    async with await Register.open(office.database.dsn(WORKER_ROLE), max_size=1) as register:
        book = replace(office.book, posted=Meanwhile(register))
        await Cards(office.desk, book, {"slack": office.scribe}, "").follow()
    [(_, content)] = office.scribe.updates
    assert isinstance(content, CardPost)
    assert content.shown.state == "executed"
    assert await _is_kept_as(office, "executed")


async def test_a_card_may_be_pressed_before_it_is_kept(office: Office) -> None:
    """A platform shows a card before it has told its number; what is pressed then is confirmed."""
    shown = await office.proposed()
    account = office.map("U2", "buyer.kassel")
    buyer = await office.desk.person("buyer.kassel")
    place = Place(channel="D-U2", is_direct=True)
    pressed: list[asyncio.Task[None]] = []

    class Late(Posted):
        async def keep_card(self, card: PostedCard) -> None:
            act = Decided(card=card.id, message=card.message, decision="confirm")
            pressed.append(asyncio.create_task(cards.decide(account, place, buyer, act)))
            await asyncio.sleep(0.1)
            await super().keep_card(card)

    async with await Register.open(office.database.dsn(WORKER_ROLE), max_size=2) as register:
        book = replace(office.book, posted=Late(register))
        cards = Cards(office.desk, book, {"slack": office.scribe}, "")
        await cards.post(account, place, buyer, shown.proposal.id)
        await pressed[0]
    assert "not a card" not in office.scribe.words()
    [signed] = (await office.desk.proposals.read(buyer, shown.proposal.id)).signed
    assert signed.subject == "buyer.kassel"


async def _confirmed(office: Office, shown: Shown) -> None:
    buyer = await office.desk.person("buyer.kassel")
    day = await office.desk.day(buyer, "KAS")
    await office.desk.confirmations.confirm(buyer, shown.proposal.id, shown.digest, business_date=day)


async def _is_kept_as(office: Office, state: str) -> bool:
    with psycopg.connect(office.database.dsn(OWNER_ROLE)) as connection:
        row = connection.execute(
            "select state from app.channel_card order by made_at desc limit 1"
        ).fetchone()
    assert row is not None
    return bool(row[0] == state)


def _told(scribe: Scribe, words: str) -> int:
    return sum(words in note.text for _, _, note in scribe.posts if isinstance(note, Note))
