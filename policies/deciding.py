"""What is asked of policy, and what it answers. Policy is code and data; no model takes part."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol, TypeAlias

from erp_adapters.caller import Caller
from erp_adapters.records import DraftKind

Action: TypeAlias = Literal[
    "read",
    "propose",
    "confirm",
    "reject",
    "edit",
    "execute",
    "reconcile",
    "switch",
    "explain",
    "publish",
    "turn_down",
    "subscribe",
]
"""`execute` is asked again at the moment of writing, for the requester and for each who confirmed.

`explain`, `publish` and `turn_down` are about explanations of variances; `subscribe` about being told of them
at an address outside.
"""
TELLING: frozenset[Action] = frozenset({"explain", "publish", "turn_down"})
_NO_DRAFT: frozenset[Action] = frozenset({"read", "switch", "subscribe"})
LOOKS: frozenset[Action] = TELLING | _NO_DRAFT
"""What is about no draft for an ERP, and so under no limits."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a decision is about: a draft as policy sees it, never its free text."""

    kind: DraftKind | Literal["answer"]
    """`answer` for reads, which have neither amount nor requester."""
    sites: frozenset[str]
    """Every site that it touches."""
    site: str = ""
    """The site whose limits hold."""
    requester: str = ""
    amount_minor: int | None = None
    """What it comes to in hundredths of the currency; None where no price is known."""
    currency: str = ""
    categories: frozenset[str] = frozenset()
    suppliers: frozenset[str] = frozenset()
    tool: str = ""
    """Name of the tool, for reads and proposals."""


@dataclass(frozen=True, slots=True)
class Recent:
    """What the requester had proposed, confirmed or executed in the rolling window, without this draft.

    Rejected, expired and superseded drafts do not count.
    """

    by_requester_minor: int = 0
    by_supplier_minor: int = 0
    """The same requester and any of the draft's suppliers."""
    drafts: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One question to policy."""

    caller: Caller
    action: Action
    subject: Subject
    at: datetime
    """Wall clock, aware."""
    business_date: date
    """The site's day, for blackout periods and fiscal periods."""
    recent: Recent = field(default_factory=Recent)
    confirmed_by: frozenset[str] = frozenset()
    """Subjects who have signed this digest already."""
    acting_for: str = ""
    """Subject of the person whose substitute acts; empty where nobody's."""
    signed_in_order: tuple[str, ...] = ()
    """The same as `confirmed_by`, in the order of the signatures; each who signed is held to their own place.

    Left out, nobody's place among several is known.
    """


@dataclass(frozen=True, slots=True)
class Decision:
    """What policy says, with what it rests on."""

    allowed: bool
    policies: tuple[str, ...]
    """Ids of the policies that decided; `default` where none spoke."""
    policy_hash: str
    """Of the policies, the schema and the limits in force: `sha256:` and 64 hexadecimal digits."""
    reason: str
    """A sentence that a person understands, in English with figures and names put in by code."""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Who has to confirm."""

    count: int
    """Persons needed; 2 for a second signature."""
    roles: frozenset[str]
    """Roles whose holders at the site may."""
    requester_may: bool
    reason: str


class Policy(Protocol):
    """The policies and limits in force."""

    def hash(self, at: datetime) -> str:
        """Of everything that decides at that moment."""
        ...

    def decide(self, request: Request) -> Decision:
        """Allow or deny; deny by default, and wherever anything is missing or failed."""
        ...

    def signatures(self, request: Request) -> Signatures:
        """Who has to confirm a draft that may be proposed."""
        ...

    def window_days(self, site: str, at: datetime) -> int:
        """Length of the rolling window that `Recent` is counted over."""
        ...

    def lifetime_hours(self, site: str, kind: DraftKind, at: datetime) -> int:
        """How long a proposal may wait for its confirmation."""
        ...

    def escalate_after_hours(self, site: str, kind: DraftKind, at: datetime) -> int:
        """After what time without an answer others are told."""
        ...
