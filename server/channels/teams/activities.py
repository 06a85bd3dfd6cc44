"""What an activity of Teams says, in no platform's own terms: who did what where, or why nothing is done."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Annotated, Final, Literal, TypeAlias, assert_never
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from server.channels.records import Account, Chose, Decided, Incoming, Place, Said

MOST_LETTERS: Final = 4_000
"""Longer messages are no questions: they are cut off here, and whoever wrote them is told."""
_IDS: Final = r"^[A-Za-z0-9:;=@._%+~\-]{1,300}$"
_OBJECT: Final = r"^(?:[0-9a-fA-F-]{36})?$"
_CARDS: Final = frozenset({"text/html", "text/plain"})
"""What Teams adds to a message of its own accord: the same text once more."""
_MENTION: Final = re.compile(r"<at[^<>]*>(.*?)</at>", re.DOTALL)
_TAG: Final = re.compile(r"</?(?:p|div|br|span|strong|em|b|i|u|s|ul|ol|li|a|code|pre|blockquote)\b[^<>]*>")
_BLANKS: Final = re.compile(r"[^\S\n]+")


class _Read(BaseModel):
    """Members that are looked at; the others are not."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class _Somebody(_Read):
    id: Annotated[str, Field(pattern=_IDS)]
    aad_object_id: Annotated[str, Field(pattern=_OBJECT)] = ""
    """In the directory; somebody without an account there has none."""
    tenant_id: Annotated[str, Field(pattern=_OBJECT)] = ""
    role: str = ""
    type: str = ""
    user_role: str = ""
    """Of the person in the conversation; Teams does not always say it."""

    @property
    def is_program(self) -> bool:
        """True of another bot: what it writes is no question, and an answer would be its next cue."""
        return self.role in ("bot", "skill") or self.type == "bot" or self.id.startswith("28:")


class _Conversation(_Read):
    id: Annotated[str, Field(pattern=_IDS)]
    tenant_id: str = ""
    conversation_type: Literal["personal", "groupChat", "channel"] = "personal"


class _Named(_Read):
    id: str = ""
    type: str = ""


class _ChannelData(_Read):
    tenant: _Named = _Named()
    channel: _Named = _Named()


class _Entity(_Read):
    type: str = ""
    mentioned: _Named = _Named()
    text: str = ""


class _File(_Read):
    content_type: str = ""


class Activity(_Read):
    """An activity, as far as it is read."""

    type: str
    id: Annotated[str, Field(pattern=_IDS)]
    channel_id: str = ""
    service_url: str
    from_: Annotated[_Somebody, Field(alias="from")]
    recipient: _Somebody
    conversation: _Conversation
    channel_data: _ChannelData = _ChannelData()
    name: str = ""
    action: str = ""
    text: str = ""
    reply_to_id: str = ""
    entities: tuple[_Entity, ...] = ()
    attachments: tuple[_File, ...] = ()
    value: object = None

    @property
    def tenant(self) -> str:
        """The directory that the conversation is in; empty where it is not said, or said in two ways."""
        given = (self.conversation.tenant_id, self.channel_data.tenant.id)
        named = {each.lower() for each in given if each}
        return named.pop() if len(named) == 1 else ""

    @property
    def account(self) -> Account:
        """Whoever did it, in their own directory."""
        tenant = self.from_.tenant_id.lower() or self.tenant
        return Account("teams", tenant, self.from_.aad_object_id.lower())

    @property
    def is_direct(self) -> bool:
        """True where only the person and this program read along."""
        # A chat of several is one whatever else is said of it.
        return self.conversation.conversation_type == "personal" and not self.conversation.id.startswith(
            "19:"
        )


class _Press(_Read):
    plantwright: Literal["decide"]
    card: UUID
    decision: Literal["confirm", "reject"]
    reason: Annotated[str, Field(max_length=2_000)] = ""


class _Pick(_Read):
    plantwright: Literal["choose"]
    answer: UUID
    key: Annotated[str, Field(max_length=8)]


class _Ask(_Read):
    plantwright: Literal["ask"]
    text: Annotated[str, Field(max_length=MOST_LETTERS)]


_BUTTON: TypeAdapter[_Press | _Pick | _Ask] = TypeAdapter(
    Annotated[_Press | _Pick | _Ask, Field(discriminator="plantwright")]
)


@dataclass(frozen=True, slots=True)
class Unread:
    """Nothing is to be done."""

    why: str


class NoActivity(Exception):
    """This is no activity of Teams; the message says what is wrong, without what was sent."""


Heard: TypeAlias = Incoming | Unread


def parsed(body: Mapping[str, object]) -> Activity:
    """The activity.

    Raises:
        NoActivity: it is none.
    """
    try:
        return Activity.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise NoActivity(f"{place}: {first['msg']}") from None


def heard(activity: Activity) -> Heard:
    """What it says."""
    match activity.type:
        case _ if activity.from_.is_program:
            return Unread("of another program")
        case "message" if activity.value is not None and not activity.text.strip():
            return _pressed(activity, activity.value)
        case "message":
            return _said(activity)
        case "invoke" if activity.name == "adaptiveCard/action":
            value = activity.value
            action = value.get("action") if isinstance(value, Mapping) else None
            return _pressed(activity, action.get("data") if isinstance(action, Mapping) else None)
        case "installationUpdate" if activity.action == "add" and activity.is_direct:
            # Whoever installs it is told what they can say, or how they are made known.
            return _incoming(activity, Said(text="help"))
        case _:
            return Unread(f"{activity.type} {activity.name}".strip())


def place_of(activity: Activity) -> Place:
    """Where it was said."""
    channel, _, thread = activity.conversation.id.partition(";messageid=")
    return Place(
        channel=channel,
        thread=thread,
        is_direct=activity.is_direct,
        # Of a shared channel, and where somebody of another directory speaks.
        is_shared=activity.channel_data.channel.type == "shared"
        or activity.account.tenant != activity.tenant,
        reference=Reference(
            service=activity.service_url.rstrip("/"),
            user=activity.from_.id,
            chat=activity.conversation.id if activity.is_direct else "",
            role=activity.from_.user_role.lower(),
        ).model_dump_json(),
    )


class Reference(_Read):
    """What has to be kept to write to somebody."""

    service: str = ""
    """Service address of where they are."""
    user: str = ""
    """What Teams calls them to this program."""
    chat: str = ""
    """Their conversation with this program alone; empty where it is not known."""
    role: str = ""
    """Theirs in the conversation, such as `guest`; empty where nothing is said of it."""

    @classmethod
    def kept(cls, text: str) -> Reference:
        """The reference that was kept; an empty one where nothing was."""
        try:
            return cls.model_validate_json(text or "{}")
        except ValidationError:
            return cls()


def _incoming(activity: Activity, act: Said | Chose | Decided) -> Incoming:
    parts = (activity.type, activity.conversation.id, activity.id)
    event = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return Incoming(activity.account, place_of(activity), event, act)


def _said(activity: Activity) -> Incoming:
    text = _text(activity)
    files = [each for each in activity.attachments if each.content_type not in _CARDS]
    return _incoming(
        activity, Said(text=text[:MOST_LETTERS], is_cut=len(text) > MOST_LETTERS, files=len(files))
    )


def _pressed(activity: Activity, data: object) -> Heard:
    try:
        button = _BUTTON.validate_python(data)
    except ValidationError:
        return Unread("a button of another program")
    act: Said | Chose | Decided
    match button:
        case _Press():
            # The message is the one that Teams says was pressed in, never what the button says.
            act = Decided(
                card=button.card,
                message=activity.reply_to_id,
                decision=button.decision,
                reason=button.reason.strip(),
            )
        case _Pick():
            act = Chose(answer=str(button.answer), key=button.key)
        case _Ask():
            act = Said(text=button.text)
        case _:
            assert_never(button)
    return _incoming(activity, act)


def _text(activity: Activity) -> str:
    """What was written, without the mention of this program and without markup."""
    ours = {
        each.text
        for each in activity.entities
        if each.type == "mention" and each.mentioned.id == activity.recipient.id and each.text
    }
    text = activity.text
    for mention in ours:
        text = text.replace(mention, " ")
    text = _MENTION.sub(r"\1", text)
    text = unescape(_TAG.sub(" ", text))
    return _BLANKS.sub(" ", text).strip()
