"""Activities as Teams sends them."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.server.channels.teams.microsoft import APP, BOT, TENANT, Json, Microsoft, Person

_NUMBERS = count(1)
CHANNEL = "19:planning0000@thread.tacv2"
MENTION = "<at>plantwright</at>"


def chat_of(who: Person) -> str:
    """The conversation of somebody with the program alone."""
    return f"a:chat-of-{who.id.replace(':', '-')}"


def activity(to: Microsoft, who: Person, type: str = "message", **other: Any) -> Json:
    """An activity of somebody in their own chat with the program."""
    number = next(_NUMBERS)
    return {
        "type": type,
        "id": f"f:{number:019d}",
        "timestamp": "2026-11-30T08:00:00.000Z",
        "channelId": "msteams",
        "serviceUrl": f"{to.service}/",
        "from": {"id": who.id, "name": "Somebody", "aadObjectId": who.object_id},
        "recipient": {"id": BOT, "name": "plantwright"},
        "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": chat_of(who)},
        "channelData": {"tenant": {"id": TENANT}},
        "locale": "en-US",
        **other,
    }


def message(to: Microsoft, who: Person, text: str, **other: Any) -> Json:
    """Something that somebody writes to the program alone."""
    html = {"contentType": "text/html", "content": f"<p>{text}</p>"}
    return activity(to, who, text=text, textFormat="plain", attachments=[html], **other)


def mention(to: Microsoft, who: Person, text: str, root: str = "1700000000001", **other: Any) -> Json:
    """Something that somebody writes to the program in a thread of a channel."""
    return message(
        to,
        who,
        f"{MENTION} {text}",
        conversation={
            "conversationType": "channel",
            "tenantId": TENANT,
            "id": f"{CHANNEL};messageid={root}",
            "isGroup": True,
        },
        channelData={"tenant": {"id": TENANT}, "channel": {"id": CHANNEL}, "team": {"id": CHANNEL}},
        entities=[{"type": "mention", "mentioned": {"id": BOT, "name": "plantwright"}, "text": MENTION}],
        **other,
    )


def press(to: Microsoft, who: Person, conversation: str, on: str, data: Json, **other: Any) -> Json:
    """A button that somebody presses in a message."""
    kind = "channel" if conversation.startswith("19:") else "personal"
    return activity(
        to,
        who,
        "invoke",
        name="adaptiveCard/action",
        replyToId=on,
        conversation={"conversationType": kind, "tenantId": TENANT, "id": conversation},
        value={"action": {"type": "Action.Execute", "verb": data["plantwright"], "data": data}},
        **other,
    )


__all__ = ["APP", "CHANNEL", "activity", "chat_of", "mention", "message", "press"]
