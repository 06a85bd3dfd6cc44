"""Two versions of the policies and limits compared: on a grid of requests near every figure of either."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from erp_adapters.caller import Caller
from erp_adapters.records import DraftKind
from policies.deciding import Action, Request, Subject
from policies.engine import ROLES, CedarPolicy
from policies.limits import ANY, KINDS, MOST, Bounds
from policies.recorded import Changed

_ELSEWHERE = "(any other site)"
_OTHER = "(any other)"


def differences(
    old: CedarPolicy, new: CedarPolicy, at: datetime, day: date
) -> tuple[int, tuple[Changed, ...]]:
    """How many requests were compared, and those that the two decide in another way."""
    count, found = 0, []
    told: Subject | None = None
    for request in grid(old, new, at, day):
        count += 1
        before, after = old.decide(request), new.decide(request)
        signatures = ""
        # Who signs does not depend on who proposes.
        if request.action == "propose" and before.allowed and after.allowed and request.subject != told:
            told = request.subject
            was, now = old.signatures(request), new.signatures(request)
            if (was.count, was.roles, was.requester_may) != (now.count, now.roles, now.requester_may):
                signatures = f"{was.reason} → {now.reason}"
        if before.allowed != after.allowed or signatures:
            found.append(
                Changed(request, before.allowed, before.reason, after.allowed, after.reason, signatures)
            )
    return count, tuple(found)


def grid(old: CedarPolicy, new: CedarPolicy, at: datetime, day: date) -> Iterator[Request]:
    """Each action by each role wherever the two could differ.

    That is each site, kind, currency and category whose limits differ; where policies differ, one of each
    that have the same limits. Amounts are the figures of both, one hundredth more, and what just needs no
    second signature.
    """
    same_texts = old.texts.digest == new.texts.digest
    seen: set[object] = set()
    for kind, site, currency, category in _places(old, new):
        before, after = (_held(policy, kind, site, currency, category, day) for policy in (old, new))
        key = (kind, before, after)
        if (same_texts and before == after) or (not same_texts and key in seen):
            continue
        seen.add(key)
        found = (p.limits.bounds(site, kind, currency, frozenset({category})) for p in (old, new))
        for amount in _amounts(*found):
            yield from _requests(_subject(kind, site, currency, category, amount), at, day)


def _places(old: CedarPolicy, new: CedarPolicy) -> Iterator[tuple[DraftKind, str, str, str]]:
    limits = (old.limits, new.limits)
    named = {row.key[0] for each in limits for row in (*each.site, *each.draft, *each.limit)}
    for kind in KINDS:
        rows = [row for each in limits for row in each.limit if row.kind == kind]
        currencies = sorted({row.currency for row in rows} - {ANY}) or ["EUR"]
        categories = [_OTHER, *sorted({row.category for row in rows} - {ANY})]
        for site in sorted(named):
            for currency in currencies:
                for category in categories:
                    yield kind, _ELSEWHERE if site == ANY else site, currency, category


def _held(policy: CedarPolicy, kind: DraftKind, site: str, currency: str, category: str, day: date) -> str:
    """All that limits say of it, as one text that can be compared."""
    limits = policy.limits
    rule = limits.draft_rule(site, kind).model_dump(exclude={"site"})
    closed = any(blackout.holds(day, kind) for blackout in limits.site_rule(site).blackouts)
    bounds = limits.bounds(site, kind, currency, frozenset({category}))
    return repr((rule, closed, bounds))


def _amounts(*policies: Bounds | None) -> list[int | None]:
    figures = {0}
    for bounds in policies:
        if bounds is not None:
            figures |= {*bounds.confirm.values(), *bounds.second.values()}
            figures |= {bounds.per_requester, bounds.per_supplier}
            figures |= set() if bounds.second_from is None else {bounds.second_from}
    near = {figure + step for figure in figures if figure < MOST for step in (0, 1)}
    near |= {bounds.second_from - 1 for bounds in policies if bounds is not None and bounds.second_from}
    return [None, *sorted(near)]


def _subject(kind: DraftKind, site: str, currency: str, category: str, amount: int | None) -> Subject:
    # The limits of a transfer are those of the site that sends.
    receiver = "(the receiving site)"
    is_transfer = kind == "stock_transfer"
    return Subject(
        kind,
        frozenset({site, receiver}) if is_transfer else frozenset({site}),
        site=receiver if is_transfer else site,
        requester="(requester)",
        amount_minor=amount,
        currency=currency,
        categories=frozenset({category}),
    )


def _requests(subject: Subject, at: datetime, day: date) -> Iterator[Request]:
    asked: tuple[tuple[Action, str, frozenset[str]], ...] = (
        ("propose", "(requester)", frozenset()),
        ("confirm", "(requester)", frozenset()),
        ("confirm", "(another)", frozenset()),
        ("confirm", "(another)", frozenset({"(first)"})),
        ("reject", "(another)", frozenset()),
    )
    for role in ROLES:
        for action, who, signed in asked:
            caller = Caller(who, who, frozenset({role}), subject.sites, frozenset())
            yield Request(caller, action, subject, at, day, confirmed_by=signed)
