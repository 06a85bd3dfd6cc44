"""What the rules say, written down a second time in plain Python and from the rules alone, not from Cedar.

Figures are in units of the currency. Change it when the rules change, never to make a comparison pass.
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.deciding import Request

PROPOSERS = {
    "purchase_requisition": {"planner", "production", "inventory"},
    "stock_transfer": {"planner", "production", "inventory"},
    "quality_hold": {"planner", "production", "inventory", "steward"},
    "order_rescheduling": {"planner", "production"},
    "purchase_order_redating": {"planner", "production", "buyer"},
    "published_text": {"controller", "production"},
    "work_order": {"planner", "production"},
    "order_hold": {"planner", "production", "steward"},
    "cancellation": {"planner", "production", "inventory", "steward", "controller"},
}
UNCOUNTED = {
    "quality_hold",
    "purchase_order_redating",
    "published_text",
    "work_order",
    "order_hold",
    "cancellation",
}
"""What amounts do not count for."""


@dataclass(frozen=True)
class Row:
    """Who signs what."""

    first: dict[str, float]
    second: dict[str, float]
    second_from: float
    requester_most: float
    supplier_most: float


ANY = float("inf")
HOLD = Row({"steward": ANY, "production": ANY}, {}, ANY, ANY, ANY)
TAKES_BACK = {
    "Purchase requisition": {"buyer": ANY, "controller": ANY},
    "Stock transfer": {"inventory": ANY, "controller": ANY},
    "Quality hold": {"steward": ANY},
}


def requisition(scale: float) -> Row:
    return Row(
        {"buyer": 100_000 * scale, "controller": 1_000_000 * scale},
        {"controller": 1_000_000 * scale},
        10_000 * scale,
        2_000_000 * scale,
        1_000_000 * scale,
    )


def transfer(scale: float) -> Row:
    return Row(
        {"inventory": 1_000_000 * scale},
        {"inventory": 100_000 * scale, "controller": 1_000_000 * scale},
        50_000 * scale,
        2_000_000 * scale,
        ANY,
    )


SCALES = {"EUR": 1.0, "USD": 1.0, "CAD": 1.5, "PLN": 4.0}


def row_of(kind: str, site: str, currency: str, categories: frozenset[str]) -> Row | None:
    """The figures for a known amount."""
    if kind == "quality_hold":
        return HOLD
    if kind == "work_order":
        return Row({"planner": ANY, "production": ANY}, {}, ANY, ANY, ANY)
    if kind == "order_hold":
        first = {"steward": ANY} if "Resumption" in categories else {"steward": ANY, "production": ANY}
        return Row(first, {}, ANY, ANY, ANY)
    if kind == "purchase_order_redating":
        return Row({"buyer": ANY, "controller": ANY}, {}, ANY, ANY, ANY)
    if kind == "published_text":
        return Row({"controller": ANY}, {}, ANY, ANY, ANY)
    if kind == "cancellation":
        [first] = [TAKES_BACK.get(each, {"controller": ANY}) for each in categories] or [{"controller": ANY}]
        return Row(first, {}, ANY, ANY, ANY)
    if kind == "order_rescheduling":
        if currency != "XXX":
            return None
        second_from = 0 if "Frozen horizon" in categories else 21
        return Row(
            {"planner": 20, "production": 60}, {"production": 60, "controller": 60}, second_from, 600, ANY
        )
    if currency not in SCALES:
        return None
    if kind == "stock_transfer":
        return transfer(SCALES[currency])
    if (site, currency) == ("HAM", "CAD"):
        return Row({"buyer": 50_000, "controller": 250_000}, {"controller": 250_000}, 5_000, 500_000, 250_000)
    if (site, currency) == ("AW", "USD"):
        return Row(
            {"buyer": 250_000, "controller": 2_500_000},
            {"controller": 2_500_000},
            25_000,
            5_000_000,
            2_500_000,
        )
    row = requisition(SCALES[currency])
    if currency == "EUR" and "Assemblies" in categories:
        return Row(row.first, row.second, 0, row.requester_most, row.supplier_most)
    return row


def admits(request: Request) -> bool:
    """Whether the rules allow it."""
    who, subject = request.caller, request.subject
    if not subject.sites <= who.sites:
        return False
    match request.action:
        case "read":
            return bool(who.sites)
        case "switch":
            return "admin" in who.roles or ("controller" in who.roles and bool(subject.sites))
        case "explain":
            return bool(who.roles & {"controller", "production"})
        case "publish":
            return "controller" in who.roles and who.subject != subject.requester
        case "turn_down":
            return "controller" in who.roles or who.subject == subject.requester
        case "subscribe":
            return bool(who.roles & {"controller", "admin"} and subject.sites)
        case _:
            return _admits_draft(request)


def _admits_draft(request: Request) -> bool:
    who, subject, recent = request.caller, request.subject, request.recent
    site = subject.site
    if subject.kind == "stock_transfer":
        (site,) = subject.sites - {subject.site}
    is_hold = subject.kind in UNCOUNTED
    known = subject.amount_minor is not None or is_hold
    otherwise = "XXX" if subject.kind == "order_rescheduling" else "EUR"
    row = row_of(subject.kind, site, subject.currency or otherwise, subject.categories)
    amount = 0.0 if is_hold else (subject.amount_minor or 0) / 100
    from_supplier = 0.0 if is_hold else recent.by_supplier_minor / 100
    by_requester = 0.0 if is_hold else recent.by_requester_minor / 100
    counted = amount + from_supplier
    two = row is not None and not is_hold and (counted >= row.second_from or not known)
    needed = 2 if two else 1
    first = signers(row.first, counted, known) if row else set()
    # Where nobody is named for a second signature, whoever signs first gives it.
    second = signers(row.second or row.first, counted, known) if row and two else set()
    may_sign = set(row.first if known else signers(row.first, 0, known)) if row else set()
    if row and two:
        may_sign |= set(row.second if known else signers(row.second, 0, known))

    is_requester = who.subject == subject.requester
    proposes = bool(who.roles & PROPOSERS[subject.kind])
    signed = len(request.confirmed_by)
    within = (
        row is not None
        and counted <= min([max(row.first.values())] + ([max(row.second.values())] if two else []))
        and amount + by_requester <= row.requester_most
        and counted <= row.supplier_most
    )
    day = (request.business_date.month, request.business_date.day)
    closed = site == "BRE" and (12, 27) <= day <= (12, 31)
    by_requester_himself = is_requester or (
        request.acting_for != "" and request.acting_for == subject.requester
    )
    match request.action:
        case "propose":
            return within and proposes and recent.drafts < 200
        case "edit":
            return is_requester and proposes
        case "reject":
            return is_requester or bool(who.roles & may_sign)
        case "reconcile":
            return (
                bool(who.roles & may_sign)
                and not by_requester_himself
                and not (request.acting_for and request.acting_for in request.confirmed_by)
            )
        case "confirm":
            if not within or closed or by_requester_himself or signed >= needed:
                return False
            if who.subject in request.confirmed_by or request.acting_for in request.confirmed_by:
                return False
            return bool(who.roles & (first if signed == 0 else second))
        case "execute":
            if not within or closed or subject.requester in request.confirmed_by:
                return False
            if is_requester:
                return signed >= needed and proposes
            if who.subject in request.confirmed_by:
                place = request.signed_in_order.index(who.subject)
                return bool(who.roles & (first if place == 0 else second if place == 1 else set()))
            return bool(who.roles & (first if signed == 0 else second if signed == 1 else set()))
    raise AssertionError(request.action)


def signers(table: dict[str, float], amount: float, known: bool) -> set[str]:
    """Who may sign that amount; one that is not known is for whoever may sign most."""
    if known:
        return {role for role, most in table.items() if amount <= most}
    return {role for role, most in table.items() if most == max(table.values())}
