"""Planners ask, draft and confirm in Teams: signed activities, Microsoft's package, a running service."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE
from tests.conftest import Database
from tests.server.channels.slack_stand_in import buttons_of
from tests.server.channels.teams.microsoft import (
    APP,
    SECRET,
    TENANT,
    Json,
    Person,
    Posted,
    actions_of,
    microsoft,
)
from tests.server.channels.teams.said import CHANNEL, activity, chat_of, mention, message, press
from tests.server.oidc.issuers import rsa_key
from tests.systems.teams.served import (
    BUYER,
    GERMAN,
    GONE,
    PLANNER,
    PYTHON,
    STRANGER,
    TOLD,
    UNASKED,
    Served,
    environment,
    missing,
    pressed_together,
    served,
)
from tests.systems.teams.slack import slack

pytestmark = [pytest.mark.systems, pytest.mark.skipif(bool(missing()), reason=missing())]
SLACK_BUYER, PANEL_BUYER = "U0BUYER", "controller.kassel"
QUESTION = "Top five scrap reasons in Kassel"
HOSTILE = "<at>everyone</at> [here](https://evil.example) <!channel> stock of BR-6204 in Kassel?"


@pytest.fixture(scope="module")
def teams(demo_apart: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with psycopg.connect(demo_apart.dsn(OWNER_ROLE), autocommit=True) as owner:
        owner.execute("update erp.person set locale = 'de-DE' where subject = 'controller.kassel'")
    folder = tmp_path_factory.mktemp("teams") / "service"
    with (
        microsoft() as stand_in,
        slack() as workspace,
        served(folder, demo_apart, stand_in, workspace, **workspace.settings()) as service,
    ):
        service.map(SLACK_BUYER, "buyer", platform="slack")
        service.map(PLANNER, "planner.kassel")
        service.map(BUYER, "buyer.kassel")
        service.map(GERMAN, "controller.kassel")
        service.map(GONE, "nobody.any.more")
        service.map(TOLD, "buyer", is_told=True)
        yield service


def test_a_question_is_answered_with_figures_and_ways_on(teams: Served) -> None:
    """In the person's own chat, as in the panel; a reading that is pressed is answered too."""
    answered = teams.asked(message(teams.microsoft, PLANNER, QUESTION))
    assert answered.conversation == chat_of(PLANNER)
    assert answered.activity["summary"]
    said = answered.words
    assert "Read as" in said
    assert "data as of" in said
    opens = [each["url"] for each in actions_of(answered.card) if each["type"] == "Action.OpenUrl"]
    assert opens[0].startswith("https://copilot.example/panel/#/conversations/")
    [choose, *_] = [
        each["data"] for each in actions_of(answered.card) if each.get("verb") in ("choose", "ask")
    ]
    since = len(teams.microsoft.posted)
    pressed = teams.send(press(teams.microsoft, PLANNER, chat_of(PLANNER), answered.id, choose))
    assert pressed.json()["type"] == "application/vnd.microsoft.activity.message"
    assert "Read as" in teams.until(lambda posted: True, since).words


def test_the_answer_is_the_panels(teams: Served) -> None:
    """Word for word what the same person gets over the interface, in the same language."""
    question = "Wie viel BR-6204 liegt in Kassel auf Lager?"
    there = teams.asked(message(teams.microsoft, GERMAN, question)).words
    here = answered_here(teams, "controller.kassel", question)
    assert here["language"] == "de"
    assert here["answer"] in there
    assert "Gelesen als" in there


def test_in_a_channel_only_what_everybody_there_may_see_is_said(teams: Served) -> None:
    """In the thread where all of them see it themselves; alone where one of them is not known."""
    teams.microsoft.members[CHANNEL] = [PLANNER, BUYER]
    body = mention(teams.microsoft, PLANNER, QUESTION, root="1700000000777")
    openly = teams.asked(body)
    assert openly.conversation == f"{CHANNEL};messageid=1700000000777"
    teams.microsoft.members[CHANNEL] = [PLANNER, BUYER, STRANGER]
    since = len(teams.microsoft.posted)
    teams.send(mention(teams.microsoft, PLANNER, QUESTION))
    teams.until(lambda posted: "Read as" in posted.words, since)
    assert {posted.conversation for posted in teams.microsoft.posted[since:]} == {chat_of(PLANNER)}


@pytest.mark.parametrize(
    ("who", "said"), [(STRANGER, "I do not know you here yet"), (GONE, "Your account is let in no more")]
)
def test_whoever_is_not_known_is_told_so_and_nothing_else(teams: Served, who: Person, said: str) -> None:
    """Nobody's account, and that of somebody who is let in no more: plainly, without a figure."""
    answered = teams.asked(message(teams.microsoft, who, QUESTION))
    assert said in answered.words
    assert "scrap" not in answered.words


def test_guests_and_whoever_is_in_no_directory_are_refused(teams: Served) -> None:
    """Though an administrator had entered them, and though they have a code; nor is anything said to bots."""
    there, refusal = teams.microsoft, "I answer only people of this organisation"
    guest = Person("5e0c0000-0000-4000-8000-0000000000c1", role="guest")
    abroad = Person("5e0c0000-0000-4000-8000-0000000000c2", tenant="99999999-9999-4999-8999-999999999999")
    unlisted = Person("5e0c0000-0000-4000-8000-0000000000c3")
    there.guests += [guest, abroad]
    there.unlisted.add(unlisted.id)
    teams.map(guest, "planner")
    for who in (guest, abroad, unlisted):
        for body in (message(there, who, QUESTION), mention(there, who, QUESTION)):
            since = len(there.posted)
            assert teams.send(body).status_code == 200
            said = teams.until(lambda posted: True, since)
            assert refusal in said.words
            assert "scrap" not in said.words
    # The activity may say it itself, and somebody who is in a meeting without an account has no object id.
    code = teams.api("controller", "GET", "/v1/channels/link").text.partition("<strong>")[2].partition("<")[0]
    said_so, nobody = message(there, PLANNER, code), message(there, STRANGER, code)
    said_so["from"]["userRole"] = "guest"
    del nobody["from"]["aadObjectId"]
    for body in (said_so, nobody):
        assert refusal in teams.asked(body).words
    since, bot = len(there.posted), message(there, PLANNER, QUESTION)
    bot["from"] = {"id": "28:another", "name": "Another"}
    assert teams.send(bot).status_code == 200
    assert teams.quiet(since)
    # One who only reads along is enough for an answer to come in the person's own chat.
    there.members[CHANNEL] = [PLANNER, BUYER, guest]
    since = len(there.posted)
    teams.send(mention(there, PLANNER, QUESTION))
    teams.until(lambda posted: "Read as" in posted.words, since)
    assert {posted.conversation for posted in there.posted[since:]} == {chat_of(PLANNER)}


def test_people_of_other_directories_are_refused(teams: Served) -> None:
    """In a shared channel they are told that they are outside; activities of their directory are refused."""
    since = len(teams.microsoft.posted)
    outside = Person(PLANNER.object_id, tenant="99999999-9999-4999-8999-999999999999")
    body = mention(teams.microsoft, outside, QUESTION)
    body["from"]["tenantId"] = outside.tenant
    assert teams.send(body).status_code == 200
    said = teams.until(lambda posted: True, since).words
    assert "scrap" not in said
    since = len(teams.microsoft.posted)
    theirs = message(teams.microsoft, PLANNER, QUESTION)
    theirs["conversation"]["tenantId"] = theirs["channelData"]["tenant"]["id"] = outside.tenant
    assert teams.send(theirs).status_code == 401
    assert teams.quiet(since)


def test_the_doctor_says_whether_microsoft_gives_a_token(teams: Served) -> None:
    """The right secret is well, a wrong one is named with what mends it, and the secret stands nowhere."""
    asks = (
        "from server.doctor.channels import channels\nfrom server.doctor.finding import World\n"
        "from server.settings import load_settings\n"
        "for name in ('TEAMS_SECRET', 'WRONG_SECRET'):\n"
        "    for found in channels(load_settings(teams_secret=f'env:{name}'), World()):\n"
        "        print(found.name, found.state, found.why)"
    )
    given = environment(Path("/nonexistent"), teams.database, teams.microsoft) | {"WRONG_SECRET": "wrong"}
    done = subprocess.run([PYTHON, "-c", asks], env=given, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr[-2000:]
    well, broken = done.stdout.splitlines()
    assert well == f"teams ok app {APP} of directory {TENANT}"
    assert broken.startswith("teams broken")
    assert "wrong" not in done.stdout.replace("wrong secret", "")
    assert SECRET not in done.stdout


def test_forged_replayed_and_redirected_activities_do_nothing(teams: Served) -> None:
    """No token, another's, another program's, an address that is not Teams'; a replay is done once."""
    since = len(teams.microsoft.posted)
    body = message(teams.microsoft, PLANNER, QUESTION)
    there = teams.microsoft
    for token in (
        "",
        "a.b.c",
        there.token(key=rsa_key("stranger")),
        there.token(aud="00000000-0000-4000-8000-000000000000"),
        there.token(exp=int(time.time()) - 3_600),
        there.token(iss="https://sts.windows.net/x/", tid=TENANT, azp="5a807f24-c9de-44ee-a3a7-329e88a00ffc"),
    ):
        refused = teams.send(body, token)
        assert refused.status_code == 401
        assert "scrap" not in refused.text
    evil = {**body, "serviceUrl": "https://evil.example/"}
    for token in (there.token(), there.token(serviceurl="https://evil.example/")):
        assert teams.send(evil, token).status_code == 401
    for without in ({**body, "serviceUrl": None}, {k: v for k, v in body.items() if k != "serviceUrl"}):
        assert teams.send(without).status_code == 401
    assert teams.quiet(since)
    for _ in range(3):
        assert teams.send(body).status_code == 200
    teams.until(lambda posted: "Read as" in posted.words, since)
    assert teams.quiet(since + 1)


def test_bad_input_is_answered_plainly(teams: Served) -> None:
    """40,000 characters, files, markup and mentions, edits and reactions; none is obeyed."""
    long = teams.asked(message(teams.microsoft, PLANNER, "confirm everything " * 2_200))
    assert "too long to be a question" in long.words
    body = message(teams.microsoft, PLANNER, "")
    body["attachments"] = [{"contentType": "image/png", "contentUrl": f"{teams.microsoft.origin}/secret"}]
    assert "I do not look at files" in teams.asked(body).words
    hostile = teams.asked(message(teams.microsoft, PLANNER, HOSTILE))
    assert "entities" not in hostile.activity
    assert not [each for each in actions_of(hostile.card) if "evil" in str(each.get("url", ""))]
    since = len(teams.microsoft.posted)
    for kind in ("messageUpdate", "messageReaction", "conversationUpdate"):
        assert teams.send(activity(teams.microsoft, PLANNER, kind, text="stock?")).status_code == 200
    sign_in = activity(teams.microsoft, PLANNER, "invoke", name="signin/tokenExchange", value={"id": "1"})
    assert teams.send(sign_in).status_code == 200
    assert teams.quiet(since)


def test_a_code_says_who_somebody_is(teams: Served) -> None:
    """Whoever has signed in gets one; it is good once, and only what is sent in Teams links an account."""
    who = Person("5e0c0000-0000-4000-8000-0000000000b1")
    page = teams.api("planner", "GET", "/v1/channels/link").text
    code = page.partition("<strong>")[2].partition("</strong>")[0]
    assert "I know you now" in teams.asked(message(teams.microsoft, who, code)).words
    another = Person("5e0c0000-0000-4000-8000-0000000000b2")
    assert "This code is not known" in teams.asked(message(teams.microsoft, another, code)).words


def drafted(teams: Served, quantity: int) -> Posted:
    """The card of a requisition that the planner has asked for, in the planner's chat."""
    since = len(teams.microsoft.posted)
    words = f"draft a requisition for {quantity} of BR-6204 for Kassel by 12 June"
    teams.send(message(teams.microsoft, PLANNER, words))
    return teams.until(lambda posted: "Purchase requisition for KAS" in posted.words, since)


def card_for(teams: Served, who: Person, asked: Posted) -> tuple[Posted, Json]:
    """The card of the same draft that waits for somebody else, with its button for confirming."""
    since = len(teams.microsoft.posted)
    teams.send(message(teams.microsoft, who, "waiting"))
    draft = draft_of(asked)
    posted = teams.until(lambda each: draft in each.words and "Confirm" in each.buttons(), since)
    assert posted.conversation == chat_of(who)
    return posted, posted.buttons()["Confirm"]


def draft_of(posted: Posted) -> str:
    """The id of the draft that a card shows."""
    found = re.search(r"Draft ([0-9a-f-]{36})", posted.words)
    assert found is not None
    return found[1]


def test_a_draft_is_confirmed_once_by_whoever_may(teams: Served) -> None:
    """Double clicks write once; the planner's card shows who confirmed, and then the ERP's number."""
    asked = drafted(teams, 120)
    # The requester may not confirm, and is told so alone.
    since = len(teams.microsoft.posted)
    teams.send(press(teams.microsoft, PLANNER, asked.conversation, asked.id, asked.buttons()["Confirm"]))
    assert teams.until(lambda posted: True, since).conversation == chat_of(PLANNER)
    card, button = card_for(teams, BUYER, asked)
    before = teams.documents()
    clicks = [
        lambda: teams.send(press(teams.microsoft, BUYER, card.conversation, card.id, button))
        for _ in range(6)
    ]
    assert {each.status_code for each in pressed_together(clicks)} == {200}
    done = teams.until(lambda posted: posted.id == card.id and "Written to the ERP as" in posted.words)
    assert not [each for each in actions_of(done.card) if each["type"] == "Action.Execute"]
    # The thread of whoever asked is told too, without leaving Teams.
    follows = teams.until(lambda posted: posted.id == asked.id and "Written to the ERP as" in posted.words)
    assert len(follows.versions) >= 1
    assert teams.documents() == before + 1


def test_a_rejection_keeps_its_reason(teams: Served) -> None:
    """The reason stands in the card for everybody; it cannot be confirmed afterwards."""
    asked = drafted(teams, 130)
    card, button = card_for(teams, BUYER, asked)
    before = teams.documents()
    data = {**button, "decision": "reject", "reason": "we have enough <at>everyone</at>"}
    teams.send(press(teams.microsoft, BUYER, card.conversation, card.id, data))
    done = teams.until(lambda posted: posted.id == card.id and "Rejected by" in posted.words)
    assert "we have enough" in done.words
    since = len(teams.microsoft.posted)
    teams.send(press(teams.microsoft, BUYER, card.conversation, card.id, button))
    assert "Rejected by" in teams.until(lambda posted: True, since).words
    assert teams.documents() == before


def test_forwarded_and_altered_cards_confirm_nothing(teams: Served) -> None:
    """A card in another message, in another chat, or with a name never posted is not the one posted."""
    asked = drafted(teams, 140)
    card, button = card_for(teams, BUYER, asked)
    before = teams.documents()
    strange = {**button, "card": "0192d0f0-0000-7000-8000-0000000000ff"}
    for conversation, on, data in (
        (card.conversation, "1600000000000", button),
        (CHANNEL, card.id, button),
        (card.conversation, card.id, strange),
    ):
        since = len(teams.microsoft.posted)
        teams.send(press(teams.microsoft, BUYER, conversation, on, data))
        assert "This is not a card as I posted it" in teams.until(lambda posted: True, since).words
    # Somebody who is not known presses the very card.
    since = len(teams.microsoft.posted)
    teams.send(press(teams.microsoft, STRANGER, card.conversation, card.id, button))
    assert "I do not know you" in teams.until(lambda posted: True, since).words
    assert teams.documents() == before


def test_slack_teams_and_panel_at_once_write_once(teams: Served) -> None:
    """Three people in three places: one writes, and each of the others is told by name who was first."""
    asked = drafted(teams, 150)
    draft = draft_of(asked)
    card, button = card_for(teams, BUYER, asked)
    teams.slack.says(teams.url, SLACK_BUYER, "waiting")
    own = teams.slack.until(draft)
    before, since, seen = teams.documents(), len(teams.microsoft.posted), len(teams.slack.stand_in.calls)
    path = f"/v1/drafts/{draft}"
    digest = teams.api(PANEL_BUYER, "GET", path).json()["digest"]
    answers = pressed_together(
        [
            lambda: teams.slack.presses(teams.url, SLACK_BUYER, "confirm", own),
            lambda: teams.send(press(teams.microsoft, BUYER, card.conversation, card.id, button)),
            lambda: teams.api(PANEL_BUYER, "POST", f"{path}/confirm", {"digest": digest}),
        ]
    )
    assert [each.status_code for each in answers[:2]] == [200, 200]
    teams.until(lambda posted: posted.id == card.id and "Written to the ERP as" in posted.words)
    assert teams.documents() == before + 1
    [signed] = teams.api(PANEL_BUYER, "GET", path).json()["signed"]
    told: dict[str, Callable[[], str]] = {
        "buyer": lambda: json.dumps(teams.slack.until("Somebody was first", seen), ensure_ascii=False),
        "buyer.kassel": lambda: teams.until(lambda posted: "Somebody was first" in posted.words, since).words,
        PANEL_BUYER: lambda: str(answers[2].json()["detail"]),
    }
    assert (signed["by"] == PANEL_BUYER) == (answers[2].status_code == 200)
    for who, words in told.items():
        if who != signed["by"]:
            assert signed["name"] in words(), who
    # What they see is the same afterwards: the message in Slack has lost its buttons too.
    changed = teams.slack.until("Written to the ERP as", seen, method="chat.update")
    assert "confirm" not in buttons_of(changed)


def test_what_waits_is_told_unasked(teams: Served) -> None:
    """Whoever may confirm gets the card in a chat of their own, having never written, and decides there."""
    if not any(
        each.conversation == UNASKED and "Confirm" in each.buttons() for each in teams.microsoft.posted
    ):
        drafted(teams, 160)
    # What an earlier test left waiting has been told by now: people are looked at twice a minute.
    card = teams.unasked(lambda each: "Confirm" in each.buttons())
    teams.send(press(teams.microsoft, TOLD, UNASKED, card.id, card.buttons()["Confirm"]))
    teams.unasked(lambda each: each.id == card.id and "Written to the ERP as" in each.words)


def test_every_card_is_one_by_microsofts_own_types(teams: Served) -> None:
    """Each card that was posted above is read by the package's own model, and loses nothing by it."""
    cards = [posted.card for posted in teams.microsoft.posted]
    assert len(cards) > 10
    reads = (
        "import json, sys\nfrom microsoft_teams.cards import AdaptiveCard\n"
        "for card in json.load(sys.stdin):\n"
        "    read = AdaptiveCard.model_validate(card).model_dump(by_alias=True, exclude_none=True)\n"
        "    assert len(json.dumps(read)) == len(json.dumps(card)), card\n"
    )
    done = subprocess.run(
        [PYTHON, "-c", reads], input=json.dumps(cards), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr[-2000:]


def answered_here(teams: Served, who: str, question: str) -> Json:
    """The answer over the interface."""
    conversation = teams.api(who, "POST", "/v1/conversations").json()["id"]
    headers = {"x-plantwright-person": who, "accept": "application/json"}
    path = f"{teams.url}/v1/conversations/{conversation}/messages"
    found: Json = httpx.post(path, json={"question": question}, headers=headers, timeout=30).json()
    return found
