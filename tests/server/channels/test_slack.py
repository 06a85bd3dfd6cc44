"""Slack: what its SDK verifies is done as in the panel, what it does not is not, and a card confirms once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import psycopg
import pytest

from erp_adapters.demo.erp import order_requisition, receive
from erp_adapters.store import OWNER_ROLE
from policies.proposals import Shown
from server.app import create_app
from server.channels.floor import Floor
from server.channels.slack.posting import SlackChannel
from server.channels.slack.receiving import read
from tests.conftest import Database
from tests.server.channels.office import Office, opened_office
from tests.server.channels.slack_stand_in import (
    SECRET,
    TOKEN,
    WORKSPACE,
    Sender,
    SlackStandIn,
    buttons_of,
    listening,
)

pytestmark = pytest.mark.slow
_QUESTION = "Inventory value by location at standard cost at Kassel"
_DRAFT = "draft a requisition for {} of BR-6204 for Kassel by 5 May"


@dataclass
class Workspace:
    """A service that is served on this machine, and Slack around it."""

    slack: SlackStandIn
    sends: Sender
    office: Office
    floor: Floor
    http: httpx.AsyncClient

    async def posted(self) -> list[dict[str, Any]]:
        """Messages of the bot, once what came in is done, each with its channel and time stamp."""
        await self.floor.idle()
        found = []
        for number, (method, given) in enumerate(self.slack.calls, 1):
            if method == "chat.postMessage":
                found.append({**given, "ts": f"1700000000.{number:06}"})
        return found

    async def told(self) -> str:
        """Everything that was said to one person alone."""
        await self.floor.idle()
        return json.dumps(self.slack.of("chat.postEphemeral"), ensure_ascii=False)


@pytest.fixture
async def workspace(
    demo_apart: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Workspace]:
    home = tmp_path_factory.getbasetemp() / f"home-{demo_apart.name}"
    slack = SlackStandIn()
    async with listening(slack.app()) as api, opened_office(demo_apart, home) as office:
        slack.address = api
        channel = SlackChannel(TOKEN, WORKSPACE, SECRET, f"{api}/api/")
        held = replace(office.house, channels={"slack": channel}, channel_book=office.book)
        app = create_app(held)
        async with listening(app) as service, httpx.AsyncClient(base_url=service, timeout=30) as http:
            yield Workspace(slack, Sender(http), office, app.state.floor, http)


async def test_a_mention_is_answered_in_its_thread_with_table_chart_and_evidence(
    workspace: Workspace,
) -> None:
    """At once acknowledged, answered once however often it comes, and the thread is a conversation."""
    office, sends, slack = workspace.office, workspace.sends, workspace.slack
    office.map("U1", "planner.kassel")
    slack.members = ["U1"]
    for _ in range(2):
        answered = await sends.said("U1", _QUESTION, "C1", ts="1690000001.000001")
        assert answered.status_code == 200
        assert answered.elapsed.total_seconds() < 3
    (message,) = await workspace.posted()
    assert (message["channel"], message["thread_ts"]) == ("C1", "1690000001.000001")
    text = json.dumps(message["blocks"], ensure_ascii=False)
    assert "Evidence e1" in text
    assert any(block["type"] == "rich_text" for block in message["blocks"])
    assert buttons_of(message)["open"]["url"].startswith("http://127.0.0.1:8046/panel/#/conversations/")
    assert message["unfurl_links"] in (False, "0", 0)
    (upload,) = slack.files
    assert b"PNG" in upload[:400]
    assert slack.of("files.completeUploadExternal")[0]["thread_ts"] == "1690000001.000001"
    follow = {"type": "message", "channel_type": "channel", "channel": "C1", "user": "U1", "team": WORKSPACE}
    await sends.event(
        {**follow, "text": "and at Brescia?", "ts": "1690000002.1", "thread_ts": "1690000001.000001"}
    )
    await sends.event(
        {**follow, "text": "not for you", "ts": "1690000003.1", "thread_ts": "1690000009.000001"}
    )
    await sends.event({**follow, "text": "nor this", "ts": "1690000004.1"})
    await sends.event({**follow, "subtype": "message_changed", "ts": "1690000005.1", "channel_type": "im"})
    assert len(await workspace.posted()) == 2
    with psycopg.connect(office.database.dsn(OWNER_ROLE)) as owner:
        row = owner.execute(
            "select count(distinct conversation), count(*) from app.answer where subject = 'planner.kassel'"
        ).fetchone()
    assert row == (1, 2)


async def test_what_slack_did_not_sign_for_us_is_refused(workspace: Workspace) -> None:
    """Another secret, an old request, none at all, no text; another workspace under our secret."""
    office, sends = workspace.office, workspace.sends
    office.map("U1", "planner.kassel")
    with psycopg.connect(office.database.dsn(OWNER_ROLE)) as owner:
        before = owner.execute("select count(*) from app.channel_event").fetchone()
    body = json.dumps({"type": "event_callback", "team_id": WORKSPACE, "event": {"type": "app_mention"}})
    kind = "application/json"
    assert (await sends.signed(body, kind, secret="another")).status_code == 401
    assert (await sends.signed(body, kind, age_s=301)).status_code == 401
    unsigned = await workspace.http.post("/v1/channels/slack", content=body, headers={"content-type": kind})
    assert unsigned.status_code == 401
    broken = await workspace.http.post("/v1/channels/slack", content=b"\xff\xfe")
    assert broken.status_code == 400
    elsewhere = await sends.said("U1", _QUESTION, team_id="T0OTHER")
    assert elsewhere.status_code == 403
    assert elsewhere.text == ""
    challenge = json.dumps({"type": "url_verification", "challenge": "abc", "token": "t"})
    assert "abc" in (await sends.signed(challenge, kind)).text
    assert await workspace.posted() == []
    with psycopg.connect(office.database.dsn(OWNER_ROLE)) as owner:
        row = owner.execute("select count(*) from app.channel_event").fetchone()
    assert row == before


async def test_a_draft_is_made_confirmed_once_and_followed_to_its_receipt(workspace: Workspace) -> None:
    """From the sentence to the receipt of the goods without leaving Slack; panel and Slack write once."""
    office, sends = workspace.office, workspace.sends
    office.map("U1", "planner.kassel")
    office.map("U2", "buyer.kassel")
    await sends.said("U1", _DRAFT.format(510))
    reply, card = await workspace.posted()
    confirm = buttons_of(card)["confirm"]
    assert {"confirm", "reject", "open"} == set(buttons_of(card))
    assert "510" in json.dumps(card["blocks"])
    assert reply["channel"] == card["channel"] == "D1"
    # A planner may not; a buyer may, from the card that waits for them.
    await sends.pressed("U1", confirm, card)
    assert "may" in json.dumps((await workspace.posted())[-1]["blocks"])
    await sends.command("U2", "waiting")
    waits = [message for message in await workspace.posted() if message["channel"] == "D2"]
    own = next(message for message in waits if "510" in json.dumps(message["blocks"]))
    button = buttons_of(own)["confirm"]
    shown = await _waiting(office)
    panel = workspace.http.post(
        f"/v1/drafts/{shown.proposal.id}/confirm",
        json={"digest": shown.digest},
        headers={"x-plantwright-person": "controller.kassel"},
    )
    pressed = [sends.pressed("U2", button, own) for _ in range(4)]
    answers = await asyncio.gather(panel, *pressed)
    await workspace.floor.idle()
    assert all(answer.status_code == 200 for answer in answers[1:])
    with psycopg.connect(office.database.dsn(OWNER_ROLE)) as owner:
        row = owner.execute(
            "select count(*) from app.outbox where proposal = %s", (shown.proposal.id,)
        ).fetchone()
    assert row == (1,)
    texts = json.dumps([message["blocks"] for message in await workspace.posted()], ensure_ascii=False)
    assert "confirmed it already" in texts or "Somebody was first" in texts
    done = await office.desk.settled(
        await office.desk.person("buyer.kassel"), shown.proposal.id, 30, works=True
    )
    assert done.state == "executed", done.reason
    assert await office.documents([shown]) == 1
    assert workspace.floor.cards is not None
    await workspace.floor.cards.follow()
    updates = workspace.slack.of("chat.update")
    assert {update["ts"] for update in updates} == {card["ts"], own["ts"]}
    assert all("confirm" not in buttons_of(update) for update in updates)
    last = [
        message
        for message in await workspace.posted()
        if done.document_number in json.dumps(message["blocks"])
    ]
    assert {message["thread_ts"] for message in last} == {card["ts"], own["ts"]}
    # A buyer orders it there, and goods come: the thread is told, and a question in it leads to the receipt.
    owner = office.database.dsn(OWNER_ROLE)
    [order] = order_requisition(owner, done.document_number)
    await office.desk.take_over()
    await workspace.floor.cards.follow_documents()
    receive(owner, order)
    await office.desk.take_over()
    await workspace.floor.cards.follow_documents()
    for words in (f"purchase order {order} to ", "all that was ordered"):
        told = [each for each in await workspace.posted() if words in json.dumps(each["blocks"])]
        assert {each["thread_ts"] for each in told} == {card["ts"], own["ts"]}, words
        assert len(told) == 2
    question = f"What became of requisition {done.document_number}?"
    await sends.said("U1", question, thread=card["ts"], ts="1690000777.000001")
    answer = json.dumps((await workspace.posted())[-1]["blocks"])
    assert "All of it has come: 510" in answer
    assert "Evidence" in answer
    # The button of the old message is still there for whoever has it open: nothing more comes of it.
    await sends.pressed("U2", button, own)
    await workspace.floor.idle()
    assert await office.documents([shown]) == 1


async def test_a_rejection_needs_a_reason_and_only_a_whole_card_decides(workspace: Workspace) -> None:
    """The form asks why; a forwarded message, another button's value and an unknown person decide nothing."""
    office, sends, slack = workspace.office, workspace.sends, workspace.slack
    office.map("U2", "buyer.kassel")
    shown = await office.proposed()
    assert workspace.floor.cards is not None
    account = office.map("U2", "buyer.kassel")
    place = await workspace.floor._channels["slack"].direct(account, "")
    await workspace.floor.cards.post(
        account, place, await office.desk.person("buyer.kassel"), shown.proposal.id
    )
    card = (await workspace.posted())[-1]
    buttons = buttons_of(card)
    forwarded = {**card, "ts": "1700000000.999999"}
    elsewhere = {**card, "channel": "C7"}
    for message in (forwarded, elsewhere):
        await sends.pressed("U2", buttons["confirm"], message)
        await sends.submitted(
            "U2", _view(slack, await sends.pressed("U2", buttons["reject"], message)), "no need"
        )
    await sends.pressed("U2", {**buttons["confirm"], "value": str(shown.proposal.id)}, card)
    await sends.pressed("U2", {**buttons["confirm"], "value": "not an id"}, card)
    await sends.pressed("U9", buttons["confirm"], card)
    await workspace.floor.idle()
    assert (await _state(office, shown)) == "awaiting_confirmation"
    await sends.pressed("U2", buttons["reject"], card)
    view = _view(slack, None)
    assert view["blocks"][-1]["element"]["min_length"] > 0
    await sends.submitted("U2", view, "  ")
    await workspace.floor.idle()
    assert (await _state(office, shown)) == "awaiting_confirmation"
    await sends.submitted("U2", view, "there is enough")
    await workspace.floor.idle()
    assert (await _state(office, shown)) == "rejected"
    assert "there is enough" in json.dumps(slack.of("chat.update")[-1]["blocks"])


async def test_whoever_is_not_known_gets_nothing_and_long_words_a_sentence(workspace: Workspace) -> None:
    """Unknown, of another organisation, 40,000 characters, files: told plainly, nothing answered."""
    office, sends, slack = workspace.office, workspace.sends, workspace.slack
    await sends.said("U3", _QUESTION)
    await sends.said("U3", "Wie hoch ist der Bestand in Kassel?", "C1")
    await sends.said("U3", _QUESTION, "C1", team="T0GUEST", is_ext_shared_channel=True)
    # An account of ours that comes from another workspace is somebody else there.
    office.map("U8", "planner.kassel")
    await sends.said("U8", _QUESTION, "C1", user_team="T0GUEST", is_ext_shared_channel=True)
    told = await workspace.told()
    assert "kenne Sie hier noch nicht" in told
    # In the notice and in the message, of each of the two.
    assert told.count("only people of this organisation") == 4
    (message,) = await workspace.posted()
    assert "do not know you" in json.dumps(message["blocks"])
    assert buttons_of(message)["open"]["url"].endswith("/v1/channels/link")
    office.map("U1", "planner.kassel")
    long = "Ü" * 40_000
    blocks = [{"type": "rich_text", "elements": [{"type": "text", "text": long}]}]
    assert (await sends.said("U1", long, blocks=blocks)).status_code == 200
    await sends.said("U1", "", files=[{"id": "F1"}], subtype="file_share")
    texts = json.dumps([message["blocks"] for message in await workspace.posted()][1:])
    assert "too long" in texts
    assert "do not look at files" in texts
    assert not slack.files
    with psycopg.connect(office.database.dsn(OWNER_ROLE)) as owner:
        row = owner.execute("select count(*) from app.channel_event where act is not null").fetchone()
    assert row == (0,)


async def test_the_page_of_codes_is_for_who_is_signed_in(workspace: Workspace) -> None:
    """A code of the page links the account that sends it, once."""
    sends = workspace.sends
    page = await workspace.http.get("/v1/channels/link", headers={"x-plantwright-person": "planner.kassel"})
    assert page.status_code == 200
    code = page.text.partition("<strong>")[2].partition("</strong>")[0]
    await sends.said("U5", code)
    await workspace.floor.idle()
    await sends.said("U6", code)
    await workspace.floor.idle()
    known = {
        each.account.user: each.subject for each in await workspace.office.book.accounts.everybody(["slack"])
    }
    assert known.get("U5") == "planner.kassel"
    assert "U6" not in known


def _view(slack: SlackStandIn, _: httpx.Response | None) -> dict[str, Any]:
    view: dict[str, Any] = slack.of("views.open")[-1]["view"]
    return view


async def _waiting(office: Office) -> Shown:
    caller = await office.desk.person("buyer.kassel")
    (shown, *_) = await office.desk.proposals.list(caller, states=frozenset({"awaiting_confirmation"}))
    return shown


async def _state(office: Office, shown: Shown) -> str:
    return (
        await office.desk.proposals.read(await office.desk.person("buyer.kassel"), shown.proposal.id)
    ).state


def test_words_of_slack_are_read_as_they_were_meant() -> None:
    """The mention goes, links become words, entities letters."""
    assert read("<@U0BOT> stock of A&amp;B &lt;5", "U0BOT") == "stock of A&B <5"
    assert (
        read("see <https://a.example/x|the list> or <https://b.example>", "")
        == "see the list or https://b.example"
    )
    assert read("<!channel> <#C1|planning> <@U7>", "") == "channel planning U7"
