"""A request with the figures that it is held to: what Cedar is asked, and what sentences are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from erp_adapters.records import DraftKind
from policies.deciding import TELLING, Request, Subject
from policies.limits import MOST, Blackout, Bounds, DraftRule, Limits, SiteRule

ENTITY: Mapping[str, str] = {
    "purchase_requisition": "PurchaseRequisition",
    "stock_transfer": "StockTransfer",
    "quality_hold": "QualityHold",
    "order_rescheduling": "OrderRescheduling",
    "purchase_order_redating": "PurchaseOrderRedating",
    "published_text": "PublishedText",
    "work_order": "WorkOrder",
    "order_hold": "OrderHold",
    "cancellation": "Cancellation",
}


def limits_site(subject: Subject) -> str:
    """The site whose limits hold: for a transfer the one that sends, which gives up its stock at its cost.

    Empty where that cannot be told.
    """
    # Taking a transfer back is decided where it would have come in.
    if subject.kind != "stock_transfer":
        return subject.site
    senders = subject.sites - {subject.site}
    return next(iter(senders)) if len(senders) == 1 else ""


def malformed(request: Request) -> str:
    """What makes the request unfit to be decided; empty where nothing does."""
    subject, recent = request.subject, request.recent
    if not request.caller.subject:
        return "nobody is named who asks"
    if request.action in ("read", "switch", "subscribe"):
        return ""
    if request.action in TELLING:
        return "" if subject.requester and subject.sites else "it names nobody who drafted it, or no site"
    if subject.kind == "answer":
        return f"an answer cannot be the subject of {request.action!r}"
    if not subject.requester:
        return "nobody is named who asked for it"
    order = request.signed_in_order
    if order and (len(set(order)) < len(order) or frozenset(order) != request.confirmed_by):
        return "the order of its signatures is not that of those who signed"
    if subject.site not in subject.sites:
        return f"its site {subject.site!r} is not among the sites that it touches"
    if not limits_site(subject):
        return "a transfer is between two sites, and it names others"
    if subject.amount_minor is not None and not subject.currency:
        return "its amount has no currency"
    for name, figure in (
        ("its amount", subject.amount_minor or 0),
        ("what its requester had", recent.by_requester_minor),
        ("what its requester had from the supplier", recent.by_supplier_minor),
        ("the number of drafts", recent.drafts),
    ):
        if abs(figure) >= MOST:
            return f"{name} is larger than any limit can be"
    return ""


@dataclass(frozen=True, slots=True)
class Case:
    """A request about a draft, with everything that the limits say about it."""

    request: Request
    kind: DraftKind
    site: str
    """Whose limits hold."""
    rule: DraftRule
    site_rule: SiteRule
    bounds: Bounds | None
    blackout: Blackout | None
    amount: int
    """What limits are held against: 0 where amounts do not count, or where none is known."""
    counted: int
    """The same with what the requester had from the same suppliers."""
    unknown: bool
    """Amounts count and this one is not known."""
    needed: int
    signed: int

    @classmethod
    def of(cls, request: Request, limits: Limits) -> Case:
        """The request looked up in the limits; it is well formed and about a draft."""
        subject = request.subject
        assert subject.kind != "answer", "the caller has looked at that"
        site, kind = limits_site(subject), subject.kind
        bounds = limits.bounds(site, kind, subject.currency, subject.categories)
        site_rule = limits.site_rule(site)
        counts = bounds is None or bounds.counts
        unknown = counts and subject.amount_minor is None
        amount = (subject.amount_minor or 0) if counts else 0
        counted = amount + request.recent.by_supplier_minor if counts else 0
        return cls(
            request=request,
            kind=kind,
            site=site,
            rule=limits.draft_rule(site, kind),
            site_rule=site_rule,
            bounds=bounds,
            blackout=next((b for b in site_rule.blackouts if b.holds(request.business_date, kind)), None),
            amount=amount,
            counted=counted,
            unknown=unknown,
            needed=_needed(bounds, counted, unknown),
            signed=len(request.confirmed_by),
        )

    @property
    def place(self) -> int:
        """The caller's own among the signatures, 0 for the first; -1 where it cannot be told."""
        who, order = self.request.caller.subject, self.request.signed_in_order
        if who not in self.request.confirmed_by:
            return self.signed
        if who in order:
            return order.index(who)
        return 0 if self.signed == 1 else -1

    def first_up_to(self, role: str) -> int:
        """Up to what the role may sign first; -1 where it may not."""
        return _figure(self.bounds.confirm if self.bounds else {}, role, self.unknown)

    def second_up_to(self, role: str) -> int:
        """Up to what the role may sign second; -1 where it may not, or where nobody needs to."""
        return _figure(self.second, role, self.unknown) if self.needed > 1 else -1

    @property
    def second(self) -> Mapping[str, int]:
        """Who signs second, and up to what."""
        if self.bounds is None:
            return {}
        return self.bounds.second or self.bounds.confirm

    def first_signers(self, amount: int) -> dict[str, int]:
        """Roles that may sign so much first, with their figures; without, where the amount is not known."""
        table = self.bounds.confirm if self.bounds else {}
        return self._said({role: self.first_up_to(role) for role in table}, amount)

    def second_signers(self, amount: int) -> dict[str, int]:
        """Roles that may sign so much second."""
        return self._said({role: self.second_up_to(role) for role in self.second}, amount)

    def _said(self, table: Mapping[str, int], amount: int) -> dict[str, int]:
        return {role: MOST if self.unknown else up for role, up in table.items() if up >= amount}

    @property
    def anyone_up_to(self) -> int:
        """Up to what there is somebody for each signature; -1 where there is nobody."""
        if self.bounds is None:
            return MOST
        first = max(self.bounds.confirm.values(), default=-1)
        return first if self.needed == 1 else min(first, max(self.second.values(), default=-1))

    def roles(self) -> tuple[str, ...]:
        """The caller's roles, those first that may do most; one without a name where they have none."""

        def may(role: str) -> tuple[bool, int, int]:
            return role in self.rule.propose, self.second_up_to(role), self.first_up_to(role)

        return tuple(sorted(sorted(self.request.caller.roles), key=may, reverse=True)) or ("",)

    def context(self) -> dict[str, Any]:
        """What Cedar is told, but for the role that is tried."""
        request, subject, recent = self.request, self.request.subject, self.request.recent
        bounds, counts = self.bounds, self.bounds is None or self.bounds.counts
        return {
            "scope": list(request.caller.sites),
            "touches": list(subject.sites),
            "proposers": list(self.rule.propose),
            "requester": person(subject.requester),
            "signers": [person(signer) for signer in request.confirmed_by],
            "signed": self.signed,
            "place": self.place,
            "needed": self.needed,
            "actingFor": person(request.acting_for),
            "requesterMay": self.rule.requester_may_confirm,
            "limited": bounds is not None,
            "amount": self.amount,
            "recentSupplier": recent.by_supplier_minor if counts else 0,
            "recentRequester": recent.by_requester_minor if counts else 0,
            "drafts": recent.drafts,
            "anyoneUpTo": self.anyone_up_to,
            "requesterCap": bounds.per_requester if bounds else MOST,
            "supplierCap": bounds.per_supplier if bounds else MOST,
            "draftsCap": self.site_rule.most_drafts,
            "blackout": self.blackout is not None,
        }

    def tried(self, roles: Sequence[str]) -> list[dict[str, Any]]:
        """What Cedar is told about each of the roles."""
        return [
            {"role": role, "firstUpTo": self.first_up_to(role), "secondUpTo": self.second_up_to(role)}
            for role in roles
        ]


def person(subject: str) -> dict[str, Any]:
    """A person as Cedar's JSON names them."""
    return {"__entity": {"type": "Person", "id": subject}}


def _needed(bounds: Bounds | None, counted: int, unknown: bool) -> int:
    if bounds is None:
        return 1
    beyond = bounds.second_from is not None and counted >= bounds.second_from
    return 2 if bounds.two_people or unknown or beyond else 1


def _figure(table: Mapping[str, int], role: str, highest_only: bool) -> int:
    """An amount that is not known is for those who may sign most."""
    figure = table.get(role, -1)
    return -1 if highest_only and figure < max(table.values(), default=-1) else figure
