"""What comes in from a chat platform and what is posted there, in no platform's own terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from agents.answer import Answer
from server.draft_records import DraftShown

Platform: TypeAlias = Literal["slack", "teams"]
PLATFORMS: tuple[Platform, ...] = ("slack", "teams")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody as a platform knows them; nobody of ours before the account is looked up."""

    platform: Platform
    tenant: str
    """Workspace, or directory: the same id in another one is somebody else."""
    user: str


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(_Frozen):
    """Where something is said."""

    channel: str
    thread: str = ""
    """What the platform calls the thread; empty where there is none."""
    is_direct: bool = False
    """True where only the person and this program read along."""
    is_shared: bool = False
    """True where people of other organisations may read along."""
    reference: str = ""
    """What else the platform needs to post there."""


class Said(_Frozen):
    """A person wrote something."""

    kind: Literal["said"] = "said"
    text: str
    """Without the mention of this program; cut off where it is too long to be a question."""
    is_cut: bool = False
    files: int = 0
    """How many files came with it; they are not looked at."""


class Chose(_Frozen):
    """A person took an offered reading of an answer."""

    kind: Literal["chose"] = "chose"
    answer: str
    key: str


class Decided(_Frozen):
    """A person pressed a button of a card."""

    kind: Literal["decided"] = "decided"
    card: UUID
    """The posted card, as its button names it."""
    message: str
    """The message that the platform says was pressed in."""
    decision: Literal["confirm", "reject"]
    reason: str = ""


Act: TypeAlias = Annotated[Said | Chose | Decided, Field(discriminator="kind")]
ACT: TypeAdapter[Said | Chose | Decided] = TypeAdapter(Act)


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something that a person did on a platform, from a request that was verified."""

    account: Account
    place: Place
    event: str
    """What makes it the same when it comes again: retries, replays and doubled events have the same."""
    act: Said | Chose | Decided


@dataclass(frozen=True, slots=True)
class Link:
    """An address of this service to open."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Note:
    """A few words; plain text in which nothing is markup."""

    text: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, with where all of it is to be seen."""

    answer: Answer
    link: Link | None = None
    is_kept_back: bool = False
    """True where its figures may not leave for the platform: only the link is posted."""


@dataclass(frozen=True, slots=True)
class CardPost:
    """A draft's card, with buttons while it waits."""

    id: UUID
    """What its buttons name."""
    shown: DraftShown
    link: Link | None = None
    headline: str = ""
    """Why it is posted, such as that it waits for whoever reads it."""
    outcome: str = ""
    """What became of it; empty while nothing has."""
    is_kept_back: bool = False
    """True where what it says may not leave for the platform: it has no buttons then."""


Content: TypeAlias = Note | Reply | CardPost
