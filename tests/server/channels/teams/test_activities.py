"""What people do in Teams is read from the activity's own members, and from nothing that they can write."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server.channels.records import Account, Chose, Decided, Incoming, Said
from server.channels.teams.activities import NoActivity, Reference, Unread, heard, parsed
from tests.server.channels.teams.microsoft import TENANT, Json, Microsoft, Person
from tests.server.channels.teams.said import CHANNEL, activity, chat_of, mention, message, press

TEAMS = Microsoft("http://127.0.0.1:9")
PLANNER = Person("5e0c0000-0000-4000-8000-00000000000A")
OTHER_TENANT = "99999999-9999-4999-8999-999999999999"
CARD = "0192d0f0-0000-7000-8000-0000000000c1"


def incoming(body: Json) -> Incoming:
    found = heard(parsed(body))
    assert isinstance(found, Incoming)
    return found


def test_a_message_says_who_where_and_what() -> None:
    """The person by their object id, the chat as a place of their own, and how to write to them again."""
    found = incoming(message(TEAMS, PLANNER, "scrap at KAS?"))
    assert found.account == Account("teams", TENANT, PLANNER.object_id.lower())
    assert found.act == Said(text="scrap at KAS?")
    assert found.place.is_direct
    assert not found.place.is_shared
    kept = Reference.kept(found.place.reference)
    assert (kept.service, kept.chat) == (TEAMS.service, chat_of(PLANNER))


def test_a_mention_is_said_in_a_thread_of_a_channel() -> None:
    """Without the mention of the program; others' names stay as words."""
    body = mention(TEAMS, PLANNER, "ask <at>Somebody Else</at> &amp; me: stock &lt; 5?")
    found = incoming(body)
    assert found.act == Said(text="ask Somebody Else & me: stock < 5?")
    assert (found.place.channel, found.place.thread) == (CHANNEL, "1700000000001")
    assert not found.place.is_direct


def test_names_and_texts_say_nobody_else() -> None:
    """A display name, a mention or a text that names another person changes nothing about who asks."""
    body = message(TEAMS, PLANNER, "I am the buyer, subject=buyer.kassel")
    body["from"]["name"] = "buyer.kassel"
    assert incoming(body).account.user == PLANNER.object_id.lower()


@pytest.mark.parametrize(
    "change",
    [
        {"channelData": {"tenant": {"id": TENANT}, "channel": {"id": CHANNEL, "type": "shared"}}},
        {
            "from": {
                "id": "29:x",
                "aadObjectId": PLANNER.object_id,
                "tenantId": "9" * 8 + "-9999-9999-9999-" + "9" * 12,
            }
        },
    ],
)
def test_where_others_may_read_along_is_known(change: dict[str, Any]) -> None:
    """A shared channel; somebody of another directory, who is another account there."""
    found = incoming({**mention(TEAMS, PLANNER, "scrap?"), **change})
    assert found.place.is_shared
    if "from" in change:
        assert found.account.tenant != TENANT


def test_somebody_without_an_account_is_nobody() -> None:
    """An anonymous guest of a meeting has no object id, and so no account that could be anyone's."""
    body = message(TEAMS, PLANNER, "scrap?")
    del body["from"]["aadObjectId"]
    assert incoming(body).account.user == ""


@pytest.mark.parametrize(
    "sender", [{"id": "28:x"}, {"id": "29:x", "role": "bot"}, {"id": "29:x", "type": "bot"}]
)
def test_other_programs_are_not_heard(sender: Json) -> None:
    """Two bots in one channel do not answer each other for ever."""
    assert isinstance(heard(parsed(message(TEAMS, PLANNER, "scrap?") | {"from": sender})), Unread)


def test_a_chat_of_several_is_nobodys_own() -> None:
    """Whatever kind of conversation is said, or none, a thread's name says that others read along."""
    where = {"conversationType": "personal", "tenantId": TENANT, "id": "19:abc@thread.v2"}
    assert not incoming(message(TEAMS, PLANNER, "scrap?") | {"conversation": where}).place.is_direct


def test_a_directory_is_the_same_in_capitals() -> None:
    """Neither another account nor a place where strangers read along."""
    body = message(TEAMS, PLANNER, "scrap?")
    body["conversation"]["tenantId"], body["from"]["tenantId"] = TENANT.upper(), TENANT.upper()
    found = incoming(body)
    assert (found.account.tenant, found.place.is_shared) == (TENANT, False)


def test_long_messages_and_files_are_counted() -> None:
    """40,000 characters are cut; files are counted; Teams' own copy of the text is none."""
    body = message(TEAMS, PLANNER, "scrap " * 7_000)
    body["attachments"] += [
        {"contentType": "application/vnd.microsoft.teams.file.download.info", "content": {}},
        {"contentType": "image/png", "contentUrl": "http://169.254.169.254/latest"},
    ]
    act = incoming(body).act
    assert isinstance(act, Said)
    assert act.is_cut
    assert len(act.text) == 4_000
    assert act.files == 2


def test_the_same_activity_is_the_same_event() -> None:
    """A retry and a replay have the event's own name; the same number in another chat is another event."""
    body = message(TEAMS, PLANNER, "scrap?")
    again = {**body, "text": "something else", "timestamp": "2027-01-01T00:00:00Z"}
    assert incoming(body).event == incoming(again).event
    elsewhere = {**body, "conversation": {**body["conversation"], "id": "a:another"}}
    assert incoming(body).event != incoming(elsewhere).event


def test_a_button_names_a_card_and_teams_names_the_message() -> None:
    """What the button says of the message, the person or the draft is not read."""
    data = {
        "plantwright": "decide",
        "card": CARD,
        "decision": "reject",
        "reason": " too much ",
        "message": "1",
        "subject": "buyer.kassel",
        "digest": "sha256:0",
    }
    found = incoming(press(TEAMS, PLANNER, chat_of(PLANNER), "1700000000009", data))
    expected = Decided(card=UUID(CARD), message="1700000000009", decision="reject", reason="too much")
    assert found.act == expected
    # Older clients send the same as a message without words.
    sent = message(TEAMS, PLANNER, "", value=data, replyToId="1700000000009")
    assert incoming(sent).act == expected


def test_readings_and_suggestions_are_buttons() -> None:
    """A reading by its key; a suggestion as the question that it is."""
    choose = press(TEAMS, PLANNER, CHANNEL, "1", {"plantwright": "choose", "answer": CARD, "key": "2"})
    assert incoming(choose).act == Chose(answer=CARD, key="2")
    ask = press(TEAMS, PLANNER, CHANNEL, "1", {"plantwright": "ask", "text": "and by month?"})
    assert incoming(ask).act == Said(text="and by month?")


@pytest.mark.parametrize(
    "data",
    [
        None,
        "confirm",
        {},
        {"plantwright": "approve"},
        {"plantwright": "decide", "card": "x", "decision": "confirm"},
        {"plantwright": "decide", "card": CARD, "decision": "execute"},
    ],
)
def test_buttons_of_others_are_not_read(data: object) -> None:
    """Of another program's card, or made up."""
    body = activity(
        TEAMS, PLANNER, "invoke", name="adaptiveCard/action", replyToId="1", value={"action": {"data": data}}
    )
    assert isinstance(heard(parsed(body)), Unread)


@pytest.mark.parametrize("type", ["messageUpdate", "messageDelete", "messageReaction", "typing", "event"])
def test_edits_and_reactions_do_nothing(type: str) -> None:
    """Neither a message that was edited later nor a thumb up is asked or approved."""
    assert isinstance(heard(parsed(activity(TEAMS, PLANNER, type, text="confirm"))), Unread)


def test_whoever_installs_the_program_is_greeted() -> None:
    """In their own chat; a team that it is added to hears nothing."""
    added = activity(TEAMS, PLANNER, "installationUpdate", action="add")
    assert incoming(added).act == Said(text="help")
    team = {**mention(TEAMS, PLANNER, ""), "type": "installationUpdate", "action": "add"}
    assert isinstance(heard(parsed(team)), Unread)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "../../admin"},
        {"conversation": {"id": "a/../../v3/bots", "conversationType": "personal"}},
        {"conversation": {"id": "a:1?x=1"}},
        {"from": {"id": "29:x", "aadObjectId": "buyer"}},
        {"type": 7},
        {"from": None},
    ],
)
def test_what_is_no_activity_is_refused(change: dict[str, Any]) -> None:
    """Ids that would reach elsewhere in the connector's addresses among it; the message repeats nothing."""
    with pytest.raises(NoActivity) as raised:
        parsed({**message(TEAMS, PLANNER, "scrap?"), **change})
    assert "admin" not in str(raised.value)


def test_two_tenants_are_none() -> None:
    """An activity that names two directories is of neither."""
    body = message(TEAMS, PLANNER, "scrap?", channelData={"tenant": {"id": "x"}})
    assert parsed(body).tenant == ""
