"""Stand-ins: a policy of a few lines, a record in memory, people and facts as a test says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from erp_adapters.caller import Caller
from erp_adapters.errors import AuditUnavailable
from erp_adapters.records import DraftKind
from policies.audit.event import AuditEvent, Position
from policies.deciding import Decision, Request, Signatures
from policies.drafts.hold import HoldDraft
from policies.drafts.parts import Amount, FactVersion, Grounds, Named, Price
from policies.drafts.proposal import AnyDraft
from policies.drafts.replanning import Dates, OrderMoved, ReplanningDraft, WayShown
from policies.drafts.requisition import DraftLine, Lot, RequisitionDraft, Source
from policies.drafts.transfer import TransferDraft

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
DAY = date(2026, 11, 30)
NEEDED = date(2026, 12, 5)


def caller(subject: str, role: str, *sites: str) -> Caller:
    return Caller(
        subject, subject.capitalize(), frozenset({role}), frozenset(sites or ("KAS", "HAM")), frozenset()
    )


PLANNER = caller("paula", "planner")
BUYER = caller("ben", "buyer")
SECOND = caller("carla", "controller")
FOREIGN = caller("fred", "buyer", "OLO")


@dataclass
class StandInPolicy:
    """Planners propose, buyers and controllers confirm; 10,000 and more needs both. A stand-in for Cedar."""

    may_do: dict[str, set[str]] = field(
        default_factory=lambda: {
            "propose": {"planner", "buyer"},
            "edit": {"planner", "buyer"},
            "confirm": {"buyer", "controller"},
            "reject": {"buyer", "controller", "planner"},
            "reconcile": {"buyer"},
            "switch": {"buyer", "admin"},
            "execute": {"planner", "buyer", "controller"},
        }
    )
    second_from_minor: int = 1_000_000
    most_minor: int = 1_000_000_000
    requester_may: bool = False
    version: str = "0"

    def hash(self, at: datetime) -> str:
        return "sha256:" + self.version * 64

    def decide(self, request: Request) -> Decision:
        allowed = bool(request.caller.roles & self.may_do.get(request.action, set()))
        reason = "" if allowed else f"{request.caller.subject} has no role that may {request.action}"
        if allowed and request.action != "confirm" and request.recent.by_requester_minor > self.most_minor:
            allowed, reason = False, "too much in the window"
        return Decision(allowed, ("stand_in",), self.hash(request.at), reason)

    def signatures(self, request: Request) -> Signatures:
        amount = request.subject.amount_minor
        count = 2 if amount is not None and amount >= self.second_from_minor else 1
        return Signatures(count, frozenset({"buyer", "controller"}), self.requester_may, "a stand-in")

    def window_days(self, site: str, at: datetime) -> int:
        return 30

    def lifetime_hours(self, site: str, kind: DraftKind, at: datetime) -> int:
        return 48

    def escalate_after_hours(self, site: str, kind: DraftKind, at: datetime) -> int:
        return 24


@dataclass
class StandInTrail:
    """A record in memory, which may be out of order. A stand-in for the audit chain."""

    events: list[AuditEvent] = field(default_factory=list)
    broken: bool = False

    async def append(self, events: Sequence[AuditEvent]) -> Position:
        if self.broken:
            raise AuditUnavailable("the record cannot be written: its disk is full")
        self.events += events
        return Position(len(self.events))

    async def append_in(
        self, connection: psycopg.AsyncConnection[Any], events: Sequence[AuditEvent]
    ) -> Position:
        return await self.append(events)

    def kinds(self, proposal: object = None) -> list[str]:
        return [e.kind for e in self.events if proposal is None or e.proposal == str(proposal)]


@dataclass
class StandInPeople:
    """Who there is, as a test says."""

    known: dict[str, Caller] = field(
        default_factory=lambda: {each.subject: each for each in (PLANNER, BUYER, SECOND, FOREIGN)}
    )
    substitutes: dict[tuple[str, str], Caller] = field(default_factory=dict)
    closed: str = ""

    async def person(self, subject: str) -> Caller | None:
        return self.known.get(subject)

    async def substitute(self, subject: str, acting_for: str) -> Caller | None:
        return self.substitutes.get((subject, acting_for))

    async def business_date(self, caller: Caller, site: str) -> date:
        return DAY

    async def closed_period(self, caller: Caller, site: str, day: date) -> str:
        return self.closed


@dataclass
class StandInFacts:
    """Facts that are as they were, until a test changes one."""

    changed: bool = False
    asked: int = 0
    """How often they were read."""

    async def versions(self, caller: Caller, facts: Sequence[FactVersion]) -> tuple[FactVersion, ...]:
        self.asked += 1
        if self.changed:
            return tuple(each.model_copy(update={"version": "sha256:" + "f" * 64}) for each in facts)
        return tuple(facts)


@dataclass
class Watch:
    """A clock that a test turns."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        self.now += timedelta(**by)


FACT = FactVersion(record="info_record", site="KAS", key=("1023", "77"), version="sha256:" + "a" * 64)


def requisition(
    quantity: str = "500",
    material: str = "M-1023",
    price: str = "2.50",
    site: str = "KAS",
    needed_on: date = NEEDED,
) -> RequisitionDraft:
    return RequisitionDraft(
        site=site,
        lines=(
            DraftLine(
                material=Named(code=material, name="Steel tube"),
                category="metals",
                quantity=Amount(value=Decimal(quantity), unit="KG"),
                needed_on=needed_on,
                source=Source(
                    supplier=Named(code="77", name="Voltamo GmbH"),
                    chosen_by="info_record",
                    price_from="info_record",
                ),
                unit_price=Price(amount=Decimal(price), currency="EUR"),
                lot=Lot(asked=Amount(value=Decimal(quantity), unit="KG")),
                cost_centre=Named(code="4711", name="Welding"),
                account=Named(code="400000", name="Material"),
            ),
        ),
        note="for the December build",
        grounds=Grounds(why=("the info record is the only source",), facts=(FACT,)),
    )


def transfer(material: str = "M-1023") -> TransferDraft:
    return TransferDraft(
        site="KAS",
        from_site="HAM",
        material=Named(code=material),
        from_material=Named(code="H-55"),
        quantity=Amount(value=Decimal(20), unit="KG"),
        needed_on=NEEDED,
        worth=Price(amount=Decimal("50.00"), currency="EUR"),
    )


def hold(batch: str = "B-9") -> HoldDraft:
    return HoldDraft(
        site="KAS",
        material=Named(code="M-1023"),
        batch=batch,
        quantity=Amount(value=Decimal(20), unit="KG"),
        reason="cracks at the weld",
    )


def moves(*orders: str, site: str = "KAS") -> ReplanningDraft:
    """Orders a week later, each resting on itself."""
    named = orders or ("4711", "4712", "4713")
    return ReplanningDraft(
        site=site,
        zone="Europe/Berlin",
        now=NOW,
        event="Press 2 stands still",
        way="stable_repair",
        moves=tuple(
            OrderMoved(
                order=order,
                material=Named(code="M-1023", name="Steel tube"),
                before=Dates(start_on=NEEDED, due_on=NEEDED),
                after=Dates(
                    start_on=NEEDED + timedelta(days=7),
                    due_on=NEEDED + timedelta(days=8),
                    starts_at=NOW + timedelta(days=12),
                    ends_at=NOW + timedelta(days=13),
                    work_centres=(Named(code="P2", name="Press 2"),),
                ),
            )
            for order in named
        ),
        ways=(
            WayShown(way="do_nothing", is_possible=False),
            WayShown(way="stable_repair", is_possible=True, moved_orders=len(named), cost=Decimal("12.50")),
        ),
        currency="EUR",
        relaxed=("Order 4711 is due later.",),
        grounds=Grounds(
            facts=tuple(
                FactVersion(record="production_order", site=site, key=(order,), version="sha256:" + "a" * 64)
                for order in named
            )
        ),
    )


DRAFTS: tuple[AnyDraft, ...] = (requisition(), transfer(), hold(), moves())
