"""Requests of Slack, verified by its SDK, as events of the floor."""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from agents.models.embedded.languages.detecting import language_of
from server.channels.floor import MOST_CHARACTERS, Floor
from server.channels.records import Account, Chose, Decided, Incoming, Place, Said
from server.channels.slack.blocks import ASK, CHOOSE, CONFIRM, OPEN, REASON, REJECT, reason_view
from server.channels.slack.posting import SlackChannel
from tools.languages import said, speaking

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

log = logging.getLogger(__name__)
_LINKED = re.compile(r"<(?:https?://|mailto:)[^|>]*\|([^>]*)>|<((?:https?://|mailto:)[^>]*)>")
_MENTION = re.compile(r"<[@#!]([^|>]*)(?:\|([^>]*))?>")
_SUBTYPES = frozenset({None, "file_share", "thread_broadcast"})
"""Messages that a person wrote; edits, deletions and joins are none."""

Json = Mapping[str, Any]
Ack = Callable[..., Awaitable[Any]]


class SlackRequests:
    """The endpoint for everything that Slack sends: events, buttons, forms and the slash command.

    Args:
        floor: keeps and does what comes in.
        channel: the workspace.
    """

    def __init__(self, floor: Floor, channel: SlackChannel) -> None:
        from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler

        self._floor = floor
        self._channel = channel
        # Now, and not at the first request: importing the SDK takes longer than Slack waits for an answer.
        self._handler = AsyncSlackRequestHandler(self._made())

    async def received(self, request: Request) -> Response:
        """Slack's answer, once what it sent is kept: nothing is acknowledged that could still be lost."""
        try:
            (await request.body()).decode()
        except UnicodeDecodeError:
            return Response(status_code=400)
        with self._floor.acknowledging():
            return await self._handler.handle(request)

    def _made(self) -> AsyncApp:
        # Only where Slack is set: the SDK takes memory.
        from slack_bolt.async_app import AsyncApp
        from slack_bolt.authorization import AuthorizeResult
        from slack_sdk.web.async_client import AsyncWebClient

        token = self._channel.token

        async def authorized(team_id: str | None) -> AuthorizeResult:
            # Which workspace it is is looked at below; nothing is asked of Slack before it has its answer.
            return AuthorizeResult(enterprise_id=None, team_id=team_id, bot_token=token)

        app = AsyncApp(
            name="plantwright",
            client=AsyncWebClient(base_url=self._channel.api),
            signing_secret=self._channel.signing_secret,
            authorize=authorized,
            # The answer to Slack goes out after the handler, which keeps what came.
            process_before_response=True,
            logger=logging.getLogger("plantwright.slack"),
        )
        app.middleware(self._only_this_workspace)
        app.event("app_mention")(self._mentioned)
        app.event("message")(self._written)
        app.action(re.compile(rf"^({CHOOSE}:.+|{ASK}:.+|{CONFIRM})$"))(self._pressed)
        app.action(REJECT)(self._asked_why)
        app.action(OPEN)(_acknowledged)
        app.view(REJECT)(self._rejected)
        app.command(re.compile(r"^/.+"))(self._commanded)
        return app

    async def _only_this_workspace(self, body: Json, next: Callable[[], Awaitable[Any]]) -> Any:
        """Refuse what is signed with our secret and yet from elsewhere, without a word about why."""
        from slack_bolt import BoltResponse

        team = body.get("team_id") or (body.get("team") or {}).get("id")
        if team == self._channel.workspace:
            return await next()
        log.warning("a request of Slack is of another workspace, %r", str(team)[:40])
        return BoltResponse(status=403, headers={"x-slack-no-retry": ["1"]})

    # Words.

    async def _mentioned(self, event: Json, body: Json) -> None:
        await self._words(event, body)

    async def _written(self, event: Json, body: Json) -> None:
        """A direct message; in a channel only what goes on in a thread of the person's own."""
        if event.get("subtype") not in _SUBTYPES or event.get("bot_id") or not event.get("user"):
            return
        if event.get("channel_type") == "im":
            await self._words(event, body)
            return
        thread = str(event.get("thread_ts") or "")
        if not thread or f"<@{_bot(body)}>" in str(event.get("text")):
            return
        account = self._account(event, body)
        if await self._floor.book.posted.knows(account, Place(channel=str(event["channel"]), thread=thread)):
            await self._words(event, body)

    async def _words(self, event: Json, body: Json) -> None:
        if event.get("bot_id") or not event.get("user"):
            return
        is_direct = event.get("channel_type") == "im"
        thread = str(event.get("thread_ts") or "")
        place = Place(
            channel=str(event["channel"]),
            thread=thread or ("" if is_direct else str(event["ts"])),
            is_direct=is_direct,
            is_shared=bool(body.get("is_ext_shared_channel")),
        )
        text = read(str(event.get("text") or ""), _bot(body))
        act = _said(text, len(event.get("files") or ()))
        # The message's own name, so that a mention that also comes as a message is one event.
        at = f"message {event['channel']} {event['ts']}"
        await self._floor.take(Incoming(self._account(event, body), place, at, act))

    async def _commanded(self, ack: Ack, command: Json) -> None:
        """What stands behind the slash command is answered in direct messages."""
        account = Account("slack", self._channel.workspace, str(command["user_id"]))
        text = read(str(command.get("text") or "help"), "")
        event = f"command {command['trigger_id']}"[:200]
        await self._floor.take(Incoming(account, Place(channel="", is_direct=True), event, _said(text)))
        with speaking(language_of(text[:500], "en")):
            await ack(said("I answer in our direct messages."))

    # Buttons and forms.

    async def _pressed(self, ack: Ack, body: Json, action: Json) -> None:
        kind, value = str(action["action_id"]).partition(":")[0], str(action.get("value") or "")
        act: Said | Chose | Decided
        if kind == CONFIRM:
            card = _uuid(value)
            if card is None:
                await ack()
                return
            act = Decided(card=card, message=str(_message(body).get("ts", "")), decision="confirm")
        elif kind == CHOOSE:
            answer, key = json.loads(value)
            act = Chose(answer=str(answer)[:64], key=str(key)[:8])
        else:
            act = _said(value)
        await self._take(body, f"button {body['trigger_id']}", act)
        await ack()

    async def _asked_why(self, ack: Ack, body: Json, action: Json) -> None:
        """A rejection needs a reason: ask for it."""
        card = str(action.get("value") or "")
        message, place = str(_message(body).get("ts", "")), _place(body).model_dump()
        kept = json.dumps({"card": card, "message": message, "place": place})
        with speaking(await self._floor.language_of(self._of_user(body))):
            view = reason_view(kept)
        await self._channel.client.views_open(trigger_id=str(body["trigger_id"]), view=view)
        await ack()

    async def _rejected(self, ack: Ack, body: Json, view: Json) -> None:
        kept = json.loads(str(view["private_metadata"]))
        card = _uuid(str(kept["card"]))
        reason = str(view["state"]["values"][REASON][REASON].get("value") or "")
        if card is not None:
            act = Decided(card=card, message=kept["message"], decision="reject", reason=reason[:500])
            place = Place.model_validate(kept["place"])
            await self._floor.take(Incoming(self._of_user(body), place, f"form {view['id']}", act))
        await ack()

    async def _take(self, body: Json, event: str, act: Said | Chose | Decided) -> None:
        await self._floor.take(Incoming(self._of_user(body), _place(body), event[:200], act))

    def _account(self, event: Json, body: Json) -> Account:
        """Whoever wrote, in their own workspace: a guest from another one is somebody else."""
        tenant = event.get("user_team") or event.get("team") or body.get("team_id")
        return Account("slack", str(tenant), str(event["user"]))

    def _of_user(self, body: Json) -> Account:
        user = cast(Json, body["user"])
        return Account("slack", str(user.get("team_id") or self._channel.workspace), str(user["id"]))


async def _acknowledged(ack: Ack) -> None:
    """A button that only opened an address."""
    await ack()


def read(text: str, bot: str) -> str:
    """What a person meant to write: no mention of the bot, links as their words, entities as letters."""
    without = text.replace(f"<@{bot}>", " ") if bot else text
    linked = _LINKED.sub(lambda found: found[1] or found[2] or "", without)
    named = _MENTION.sub(lambda found: found[2] or found[1], linked)
    return html.unescape(named).strip()


def _said(text: str, files: int = 0) -> Said:
    is_long = len(text) > MOST_CHARACTERS
    return Said(text=text[:MOST_CHARACTERS] if is_long else text, is_cut=is_long, files=files)


def _bot(body: Json) -> str:
    named = body.get("authorizations") or ()
    return str(named[0].get("user_id") or "") if named else ""


def _message(body: Json) -> Json:
    """The message that was pressed in, as Slack names it: not as its content says."""
    container = body.get("container") or {}
    return {"ts": container.get("message_ts") or (body.get("message") or {}).get("ts") or ""}


def _place(body: Json) -> Place:
    channel = body.get("channel") or {}
    message = body.get("message") or {}
    is_direct = channel.get("name") == "directmessage" or str(channel.get("id", "")).startswith("D")
    thread = str(message.get("thread_ts") or ("" if is_direct else message.get("ts") or ""))
    return Place(channel=str(channel.get("id") or ""), thread=thread, is_direct=is_direct)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
