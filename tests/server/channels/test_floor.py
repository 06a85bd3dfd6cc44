"""The floor: who is not known gets nothing, events are done once, cards decide what they show."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE
from server.channels.records import Account, Chose, Decided, Incoming, Place, Said
from tests.server.channels.office import TENANT, Office

pytestmark = pytest.mark.slow
_QUESTION = "Inventory value by location at standard cost at Kassel"


async def test_only_whose_account_it_is_gets_answers(office: Office) -> None:
    """Nobody before a code is sent, the person after it, nobody in another workspace; nothing leaks."""
    scribe = office.scribe
    await office.say("U1", _QUESTION)
    assert "do not know you" in scribe.words()
    assert not scribe.posts
    code = await office.code("planner.kassel")
    await office.say("U1", "link AAAAA-AAAAA")
    assert "not known" in scribe.words()
    await office.say("U1", f"link {code.lower()}")
    await office.say("U2", f"link {code}")
    assert len(await office.book.accounts.everybody(["slack"])) == 1
    await office.say("U1", _QUESTION)
    (reply,) = scribe.replies()
    assert reply.answer.status == "answered", reply.answer.answer
    assert reply.answer.tables
    other = Incoming(
        Account("slack", "T0OTHER", "U1"), Place(channel="D1", is_direct=True), "x1", Said(text="help")
    )
    told = len(scribe.told)
    await office.floor.take(other)
    await office.floor.idle()
    assert len(scribe.replies()) == 1
    assert "do not know you" in str(scribe.told[told:])
    with psycopg.connect(office.database.dsn(OWNER_ROLE), autocommit=True) as owner:
        owner.execute("update erp.person set active = false where subject = 'planner.kassel'")
        await office.say("U1", _QUESTION)
        owner.execute("update erp.person set active = true where subject = 'planner.kassel'")
        kept = owner.execute("select count(*) from app.channel_event where act is not null").fetchone()
    assert "let in no more" in scribe.words()
    assert len(scribe.replies()) == 1
    assert kept == (0,)


async def test_an_event_is_done_once_and_finished_by_whoever_is_left(office: Office) -> None:
    """Retries and replays are dropped; what a dead process had taken is answered by the next one."""
    office.map("U1", "planner.kassel")
    assert await office.say("U1", _QUESTION, event="C1:1.1")
    assert not await office.say("U1", _QUESTION, event="C1:1.1")
    assert len(office.scribe.replies()) == 1
    place = Place(channel="D-U1", is_direct=True)
    left = Incoming(Account("slack", TENANT, "U1"), place, "C1:1.2", Said(text="and by work centre?"))
    id = await office.book.events.take(left)
    assert id is not None
    assert await office.book.events.left() == []
    with psycopg.connect(office.database.dsn(OWNER_ROLE), autocommit=True) as owner:
        owner.execute("update app.channel_event set lease_until = now() where id = %s", (id,))
    for _ in range(100):
        if len(office.scribe.replies()) == 2:
            break
        await asyncio.sleep(0.1)
    first, second = office.scribe.replies()
    assert second.answer.conversation == first.answer.conversation
    assert second.answer.id != first.answer.id


async def test_what_cannot_be_posted_is_posted_later(office: Office) -> None:
    """A platform that is away is tried again; nothing is lost, and nothing is asked, or drafted, twice."""
    office.map("U1", "planner.kassel")
    office.scribe.is_away = True
    await office.say("U1", _QUESTION, event="away")
    assert not office.scribe.posts
    office.scribe.is_away = False
    with psycopg.connect(office.database.dsn(OWNER_ROLE), autocommit=True) as owner:
        answered = owner.execute("select count(*) from app.answer").fetchone()
        row = owner.execute("select state, attempts from app.channel_event where event = 'away'").fetchone()
        assert row == ("queued", 1)
        owner.execute("update app.channel_event set lease_until = now() where event = 'away'")
        for _ in range(100):
            if office.scribe.replies():
                break
            await asyncio.sleep(0.1)
        await office.floor.idle()
        row = owner.execute("select state, attempts from app.channel_event where event = 'away'").fetchone()
        assert owner.execute("select count(*) from app.answer").fetchone() == answered
    assert row == ("done", 2)
    assert len(office.scribe.replies()) == 1


async def test_others_who_read_along_may_see_it_or_it_goes_to_the_person_alone(office: Office) -> None:
    """In a channel everybody has to be known and to see as much; otherwise, and among outsiders, directly."""
    office.map("U1", "planner.kassel")
    here = Place(channel="C1", thread="1.0")
    scribe = office.scribe
    for reads_along, shared, goes_to in (
        (frozenset({"U1"}), False, "C1"),
        (frozenset({"U1", "U9"}), False, "D-U1"),
        (None, False, "D-U1"),
        (frozenset({"U1"}), True, "D-U1"),
    ):
        scribe.reads_along = reads_along
        await office.say("U1", _QUESTION, here.model_copy(update={"is_shared": shared}))
        assert scribe.posts[-1][0].channel == goes_to
    office.map("U9", "planner.brescia")
    scribe.reads_along = frozenset({"U1", "U9"})
    await office.say("U1", _QUESTION, here)
    assert scribe.posts[-1][0].channel == "D-U1"
    office.map("U9", "admin")
    await office.say("U1", _QUESTION, here)
    assert scribe.posts[-1][0].channel == "C1"


async def test_acknowledging_comes_before_answering(office: Office) -> None:
    """No question is begun with while a platform waits for its acknowledgement, and none is forgotten."""
    account = office.map("U1", "planner.kassel")
    before, began = len(office.scribe.replies()), asyncio.get_running_loop().time()
    with office.floor.acknowledging():
        place = Place(channel="D-U1", is_direct=True)
        await office.floor.take(Incoming(account, place, "waits", Said(text=_QUESTION)))
        await asyncio.sleep(0.3)
        found = len(office.scribe.replies())
        # It steps back for a second alone, which a busy machine may let pass.
        assert found == before or asyncio.get_running_loop().time() - began > 0.9
    await office.floor.idle()
    assert len(office.scribe.replies()) == before + 1


async def test_a_code_helps_nobody_from_outside(office: Office) -> None:
    """Whoever is of another organisation stays unknown with a code, which stays good for its owner."""
    code = await office.code("planner.kassel")
    shared = Place(channel="C7", is_shared=True)
    stranger = Account("slack", "T0OTHER", "U77")
    await office.floor.take(Incoming(stranger, shared, "code", Said(text=f"link {code}")))
    await office.floor.idle()
    assert "none of its guests" in office.scribe.words()
    assert await office.book.accounts.linked(stranger) is None
    await office.say("U78", f"link {code}")
    assert "I know you now" in office.scribe.words()


async def test_letters_of_a_code_are_of_no_language(office: Office) -> None:
    """`DA2PN` is no German word: whoever wrote `link` is answered in English."""
    stranger = Account("slack", "T0OTHER", "U77")
    for code in ("SA4ZF-7H45Z", "WU6CF-HH8HC", "DA2PN-MDPL9"):
        before = len(office.scribe.told)
        shared = Place(channel="C7", is_shared=True)
        await office.floor.take(Incoming(stranger, shared, code, Said(text=f"link {code}")))
        await office.floor.idle()
        assert "none of its guests" in str(office.scribe.told[before:])


async def test_bad_input_is_answered_plainly(office: Office) -> None:
    """Too long, empty, only files, somebody else's reading: a sentence each, and no answer."""
    office.map("U1", "planner.kassel")
    office.map("U2", "buyer.kassel")
    for text, more, expected in (
        ("x" * 4_001, {}, "too long"),
        ("cut", {"is_cut": True}, "too long"),
        ("", {}, "Ask me about"),
        ("", {"files": 2}, "do not look at files"),
    ):
        before = len(office.scribe.told)
        await office.say("U1", text, **more)
        assert expected in str(office.scribe.told[before:])
    assert not office.scribe.replies()
    await office.say("U1", _QUESTION, Place(channel="C1", thread="2.0"))
    (reply,) = office.scribe.replies()
    choice = Chose(answer=reply.answer.id, key="1")
    await office.floor.take(
        Incoming(Account("slack", TENANT, "U2"), Place(channel="C1", thread="2.0"), "choice", choice)
    )
    await office.floor.idle()
    assert len(office.scribe.replies()) == 1


async def test_a_card_decides_what_it_showed_once_for_whoever_may(office: Office) -> None:
    """Not from another message, channel or workspace, nor for a planner; twice confirms once."""
    shown = await office.proposed()
    card = await office.card_of("UB", "buyer.kassel", shown.proposal.id)
    message = office.scribe.cards()[-1][0]
    planner = office.map("UP", "planner.kassel")
    buyer = Account("slack", TENANT, "UB")
    here = Place(channel="D-UB", is_direct=True)

    async def press(who: Account, message: str, place: Place = here, id: object = card.id) -> str:
        before = len(office.scribe.told)
        act = Decided.model_validate({"card": id, "message": message, "decision": "confirm"})
        await office.floor.take(Incoming(who, place, str(uuid4()), act))
        await office.floor.idle()
        return str(office.scribe.told[before:])

    assert "not a card as I posted it" in await press(buyer, "another")
    assert "not a card as I posted it" in await press(buyer, message, id=uuid4())
    assert "not a card as I posted it" in await press(buyer, message, Place(channel="C9"))
    assert "do not know you" in await press(Account("slack", "T0OTHER", "UB"), message)
    assert "may" in await press(planner, message)
    assert not office.scribe.updates
    told = await asyncio.gather(press(buyer, message), press(buyer, message))
    assert any("confirmed it already" in each for each in told)
    assert "Confirmed by" in str(office.scribe.updates[-1])
    done = await office.desk.settled(
        await office.desk.person("buyer.kassel"), shown.proposal.id, 30, works=True
    )
    assert done.state == "executed", done.reason
    assert await office.documents([shown]) == 1
    assert office.floor.cards is not None
    await office.floor.cards.follow()
    await office.floor.cards.follow()
    place, _, note = office.scribe.posts[-1]
    assert done.document_number in str(note)
    assert place.thread == message
    assert sum(done.document_number in str(content) for _, _, content in office.scribe.posts) == 1


async def test_what_was_taken_is_not_kept_once_it_is_done(office: Office) -> None:
    """The event's id stays, so that it is not done again; what was said does not."""
    office.map("U1", "planner.kassel")
    await office.say("U1", "help", event="kept")
    with psycopg.connect(office.database.dsn(OWNER_ROLE)) as owner:
        row = owner.execute("select act, place, state from app.channel_event where event = 'kept'").fetchone()
    assert row == (None, {"channel": ""}, "done")
