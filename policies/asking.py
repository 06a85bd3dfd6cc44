"""What policy is asked about a draft: who acts, what it is about, and what else is under way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import assert_never

from erp_adapters.caller import Caller
from policies.deciding import Action, Decision, Policy, Recent, Request, Subject
from policies.drafts.cancellation import CancellationDraft
from policies.drafts.floor import OrderHoldDraft, WorkOrderDraft
from policies.drafts.hold import HoldDraft
from policies.drafts.proposal import AnyDraft
from policies.drafts.published_text import PublishedTextDraft
from policies.drafts.redating import RedatingDraft
from policies.drafts.replanning import FROZEN_CATEGORY, NO_CURRENCY, ReplanningDraft
from policies.drafts.requisition import RequisitionDraft
from policies.drafts.transfer import TransferDraft
from policies.register import Connection, rows


@dataclass(frozen=True, slots=True)
class Acting:
    """A person with what they may do, as themselves or as somebody's substitute."""

    caller: Caller
    """Subject and name of the person who acts; roles and sites that they act with."""
    acting_for: str = ""

    @property
    def persons(self) -> frozenset[str]:
        """Whoever counts as having signed: neither may be the requester, nor sign twice."""
        return frozenset({self.caller.subject, self.acting_for} - {""})


def subject_of(draft: AnyDraft, requester: str, tool: str) -> Subject:
    """The draft as policy sees it."""
    value = draft.value
    match draft:
        case RequisitionDraft():
            categories = frozenset(line.category for line in draft.lines if line.category)
            suppliers = frozenset(line.source.supplier.code for line in draft.lines if line.source)
        case (
            TransferDraft()
            | HoldDraft()
            | RedatingDraft()
            | PublishedTextDraft()
            | WorkOrderDraft()
            | OrderHoldDraft()
            | CancellationDraft()
        ):
            categories = frozenset({draft.category} - {""})
            suppliers = frozenset()
        case ReplanningDraft():
            # Two people see what is about to start; how many orders it is counts in place of money.
            return Subject(
                kind=draft.kind,
                sites=draft.sites,
                site=draft.site,
                requester=requester,
                amount_minor=100 * len(draft.moves),
                currency=NO_CURRENCY,
                categories=frozenset({FROZEN_CATEGORY}) if draft.frozen else frozenset(),
                tool=tool,
            )
        case _:
            assert_never(draft)
    return Subject(
        kind=draft.kind,
        sites=draft.sites,
        site=draft.site,
        requester=requester,
        amount_minor=None if value is None else int((value.amount * 100).to_integral_value()),
        currency=value.currency if value else "",
        categories=categories,
        suppliers=suppliers,
        tool=tool,
    )


async def recent_of(
    connection: Connection,
    policy: Policy,
    subject: Subject,
    series: object,
    at: datetime,
    made_at: datetime | None = None,
) -> Recent:
    """What the requester had under way in the rolling window before this draft.

    Args:
        connection: a transaction.
        policy: says how long the window is.
        subject: the draft.
        series: whose versions are left out.
        at: now, where the window ends.
        made_at: when the draft was made; None for one that is being made. What came later counts it, so it
            does not count what came later: a draft that was signed is not undone by the next one.
    """
    found = await rows(
        connection,
        "select by_requester, by_supplier, drafts from app.recent(%(of)s, %(site)s, %(currency)s,"
        " %(suppliers)s::text[], %(since)s, %(before)s, %(series)s)",
        {
            "of": subject.requester,
            "site": subject.site,
            "currency": subject.currency,
            "suppliers": sorted(subject.suppliers),
            "since": at - timedelta(days=policy.window_days(subject.site, at)),
            "before": made_at or datetime.max.replace(tzinfo=UTC),
            "series": series,
        },
    )
    row = found[0]
    return Recent(_whole(row["by_requester"]), _whole(row["by_supplier"]), int(row["drafts"]))


def _whole(amount: Decimal) -> int:
    return int(amount.to_integral_value())


async def acting_as(connection: Connection, caller: Caller) -> tuple[Acting, ...]:
    """The caller as themselves, then as the substitute of each who named them, at sites of both."""
    return (
        Acting(caller),
        *(
            Acting(
                replace(caller, roles=frozenset(row["roles"]), sites=caller.sites & frozenset(row["sites"])),
                row["subject"],
            )
            for row in await rows(connection, "select subject, roles, sites from app.stands_in_for()", {})
            if row["subject"] != caller.subject
        ),
    )


@dataclass(frozen=True, slots=True)
class Question:
    """What is the same whoever acts."""

    action: Action
    subject: Subject
    at: datetime
    business_date: date
    recent: Recent
    signed: tuple[str, ...] = ()
    """Subjects who have signed, in the order of their signatures."""

    def asked_by(self, acting: Acting) -> Request:
        """The question for one person."""
        return Request(
            caller=acting.caller,
            action=self.action,
            subject=self.subject,
            at=self.at,
            business_date=self.business_date,
            recent=self.recent,
            confirmed_by=frozenset(self.signed),
            signed_in_order=self.signed,
            acting_for=acting.acting_for,
        )


@dataclass(frozen=True, slots=True)
class Decided:
    """What policy was asked about a person, and what it said."""

    acting: Acting
    request: Request
    decision: Decision


def decided(policy: Policy, question: Question, acting: Acting) -> Decided:
    """What policy says about one person."""
    request = question.asked_by(acting)
    return Decided(acting, request, policy.decide(request))


def first_allowed(policy: Policy, question: Question, candidates: tuple[Acting, ...]) -> Decided:
    """In whose place the caller may, themselves first; the first refusal where in nobody's."""
    refused: Decided | None = None
    for acting in candidates:
        if not question.subject.sites <= acting.caller.sites:
            continue
        said = decided(policy, question, acting)
        if said.decision.allowed:
            return said
        refused = refused or said
    return refused or decided(policy, question, candidates[0])
