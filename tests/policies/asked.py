"""Requests as tests write them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from erp_adapters.caller import Caller
from policies.deciding import Action, Recent, Request, Subject

AT = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 31)


def caller(subject: str, roles: str = "", sites: str = "KAS") -> Caller:
    """A person; roles are the part of the subject before a point unless they are given."""
    named = roles.split() if roles else [subject.split(".")[0]]
    return Caller(subject, subject, frozenset(named), frozenset(sites.split()), frozenset())


def nobody(subject: str, sites: str = "KAS") -> Caller:
    """A person without a role."""
    return Caller(subject, subject, frozenset(), frozenset(sites.split()), frozenset())


def asked(
    who: Caller,
    action: Action,
    kind: Any = "purchase_requisition",
    *,
    amount: int | None = 500_000,
    currency: str = "EUR",
    site: str = "KAS",
    sites: str = "",
    requester: str = "planner",
    categories: Iterable[str] = (),
    suppliers: Iterable[str] = (),
    signed: Iterable[str] = (),
    recent: Recent | None = None,
    acting_for: str = "",
    day: date = DAY,
    tool: str = "",
    at: datetime = AT,
) -> Request:
    """A request about a requisition of 5,000 euros at Kassel, unless told otherwise."""
    touched = sites or ("KAS BRE" if kind == "stock_transfer" else site)
    subject = Subject(
        kind,
        frozenset(touched.split()),
        site=site,
        requester="" if kind == "answer" else requester,
        amount_minor=None if kind == "answer" else amount,
        currency=currency,
        categories=frozenset(categories),
        suppliers=frozenset(suppliers),
        tool=tool,
    )
    order = tuple(signed)
    return Request(who, action, subject, at, day, recent or Recent(), frozenset(order), acting_for, order)
