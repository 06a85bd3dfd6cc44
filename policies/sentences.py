"""Decisions in words: reasons of policies with their figures, and what is said where none spoke."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from policies.drafts.replanning import NO_CURRENCY
from policies.limits import MOST

if TYPE_CHECKING:
    from policies.case import Case
    from policies.deciding import Request

NOUNS: Mapping[str, str] = {
    "planner": "a planner",
    "buyer": "a buyer",
    "controller": "a controller",
    "inventory": "inventory",
    "production": "production",
    "steward": "a steward",
    "admin": "an administrator",
    "": "nobody with a role",
}
KIND_WORDS: Mapping[str, str] = {
    "purchase_requisition": "purchase requisition",
    "stock_transfer": "stock transfer",
    "quality_hold": "quality hold",
    "order_rescheduling": "move of work orders",
    "published_text": "published text",
    "work_order": "work order",
    "order_hold": "hold or resumption of a work order",
    "cancellation": "taking back",
    "answer": "answer",
}


def money(minor: int, currency: str) -> str:
    """Hundredths as people write them."""
    if minor >= MOST:
        return "any amount"
    if currency == NO_CURRENCY:
        return f"{minor / 100:g} work order{'s' if minor != 100 else ''}"
    sign, minor = ("-", -minor) if minor < 0 else ("", minor)
    return f"{sign}{minor // 100:,}.{minor % 100:02d} {currency}".rstrip()


def listed(names: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    *others, final = list(names) or ["nobody"]
    return f"{', '.join(others)} {last} {final}" if others else final


def signers_in_words(table: Mapping[str, int], currency: str) -> str:
    """Who may sign, and up to what where it counts: those first who may sign least."""
    return listed(
        (
            f"{NOUNS[role]} (up to {money(figure, currency)})" if figure < MOST else NOUNS[role]
            for role, figure in sorted(table.items(), key=lambda item: (item[1], item[0]))
        ),
        "or",
    )


_LOOK: Mapping[str, Callable[[Request, str], str]] = {
    "who": lambda r, _: repr(r.caller.subject),
    "role": lambda _, role: NOUNS.get(role, repr(role)),
    "roles": lambda r, _: listed(NOUNS.get(role, repr(role)) for role in sorted(r.caller.roles) or [""]),
    "touches": lambda r, _: listed(sorted(r.subject.sites)) if r.subject.sites else "every site",
    "scope": lambda r, _: listed(sorted(r.caller.sites)) if r.caller.sites else "no site",
    "kind": lambda r, _: KIND_WORDS[r.subject.kind],
    "subject_is": lambda r, _: (
        "what is asked about is" if r.subject.kind == "answer" else f"the {KIND_WORDS[r.subject.kind]} is"
    ),
}
_DRAFT: Mapping[str, Callable[[Case], str]] = {
    "site": lambda c: c.site,
    "requester": lambda c: repr(c.request.subject.requester),
    "acting_for": lambda c: repr(c.request.acting_for),
    "acting_for_did": lambda c: (
        "has signed it already" if c.request.acting_for in c.request.confirmed_by else "asked for it"
    ),
    "in_currency": lambda c: (
        f"in {c.request.subject.currency}" if c.request.subject.currency else "of an unknown amount"
    ),
    "amount": lambda c: _amount(c, c.amount),
    "counted": lambda c: _amount(c, c.counted),
    "requester_total": lambda c: _amount(c, c.amount + c.request.recent.by_requester_minor),
    "anyone_up_to": lambda c: (
        money(c.anyone_up_to, c.request.subject.currency) if c.anyone_up_to >= 0 else "nothing"
    ),
    "requester_cap": lambda c: money(c.bounds.per_requester if c.bounds else 0, c.request.subject.currency),
    "supplier_cap": lambda c: money(c.bounds.per_supplier if c.bounds else 0, c.request.subject.currency),
    "drafts": lambda c: f"{c.request.recent.drafts:,}",
    "drafts_cap": lambda c: f"{c.site_rule.most_drafts:,}",
    "window_days": lambda c: str(c.site_rule.window_days),
    "needed": lambda c: "one signature" if c.needed == 1 else f"{c.needed} signatures",
    "signed": lambda c: str(c.signed),
    "day": lambda c: c.request.business_date.isoformat(),
    "blackout": lambda c: c.blackout.reason if c.blackout else "",
}
FIELDS = frozenset(_LOOK) | frozenset(_DRAFT)
"""What the @reason of a policy may name."""


def _amount(case: Case, minor: int) -> str:
    if case.unknown:
        return "an unknown amount"
    if case.bounds is not None and not case.bounds.counts:
        return f"a {KIND_WORDS[case.kind]}"
    return money(minor, case.request.subject.currency)


class _Words(Mapping[str, str]):
    """The figures of one decision, each made when a sentence asks for it."""

    def __init__(self, request: Request, case: Case | None, role: str) -> None:
        self._request, self._case, self._role = request, case, role

    def __getitem__(self, name: str) -> str:
        if name in _LOOK:
            return _LOOK[name](self._request, self._role)
        if self._case is None:
            return listed(sorted(self._request.subject.sites)) if name == "site" else "unknown"
        return _DRAFT[name](self._case)

    def __iter__(self) -> Iterator[str]:
        return iter(FIELDS)

    def __len__(self) -> int:
        return len(FIELDS)


def told(sentences: Iterable[str], request: Request, case: Case | None, role: str) -> str:
    """The sentences with their figures, as one."""
    words = _Words(request, case, role)
    return _sentence("; ".join(sentence.format_map(words) for sentence in sentences))


def nobody_permits(request: Request, case: Case | None) -> str:
    """What is said where no policy spoke."""
    words = _Words(request, case, "")
    who = f"{words['who']} is {words['roles']}"
    if case is None:
        match request.action:
            case "read":
                return _sentence(f"{words['who']} has no site, and so nothing to read")
            case "switch" if request.subject.sites:
                return _sentence(f"a site is switched on and off by a controller or an administrator; {who}")
            case "switch":
                return _sentence(f"everything is switched on and off by an administrator; {who}")
            case "explain":
                return _sentence(f"an explanation is drafted by a controller or production; {who}")
            case "publish":
                return _sentence(f"an explanation is published by a controller of the company; {who}")
            case "turn_down":
                return _sentence(f"an explanation is turned down by a controller or who drafted it; {who}")
            case "subscribe":
                return _sentence(
                    f"a controller or an administrator has events of their sites sent to an address; {who}"
                )
            case _:
                return _sentence(f"nothing admits that; {who}")
    currency, what = request.subject.currency, f"{_article(words['kind'])} at {case.site}"
    match request.action:
        case "propose":
            proposers = listed((NOUNS[role] for role in case.rule.propose), "or")
            return _sentence(f"{what} is proposed by {proposers}; {who}")
        case "edit":
            return _sentence(f"{words['requester']} asked for it, and nobody else changes it; {who}")
        case "confirm" | "execute":
            first, second = case.first_signers(0), case.second_signers(0)
            which = "first " if case.needed > 1 else ""
            table = first
            if request.action == "confirm" and case.signed == 1:
                which, table = "second ", second
            elif request.action == "execute":
                table = {**first, **second}
            of = f" of {words['counted']}" if not case.bounds or case.bounds.counts else ""
            return _sentence(f"{what}{of} is signed {which}by {signers_in_words(table, currency)}; {who}")
        case _:
            return _sentence(f"{what} is for those who asked for it or may sign it; {who}")


def _article(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
