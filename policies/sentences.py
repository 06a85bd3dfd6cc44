"""Decisions in words: reasons of policies with their figures, and what is said where none spoke."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from policies.drafts.replanning import NO_CURRENCY
from policies.limits import MOST
from policies.wording import Worded

if TYPE_CHECKING:
    from policies.case import Case
    from policies.deciding import Request

_FIELD = re.compile(r"\{(\w+)\}")
NOUNS: Mapping[str, Worded] = {
    "planner": Worded.of("a planner"),
    "buyer": Worded.of("a buyer"),
    "controller": Worded.of("a controller"),
    "inventory": Worded.of("somebody of inventory", "inventory"),
    "production": Worded.of("somebody of production", "production"),
    "steward": Worded.of("a data steward", "a steward"),
    "admin": Worded.of("an administrator"),
    "": Worded.of("nobody with a role"),
}
KIND_WORDS: Mapping[str, Worded] = {
    "purchase_requisition": Worded.of("purchase requisition"),
    "stock_transfer": Worded.of("stock transfer"),
    "quality_hold": Worded.of("quality hold"),
    "order_rescheduling": Worded.of("move of work orders"),
    "purchase_order_redating": Worded.of("new day of a purchase order line"),
    "published_text": Worded.of("published text"),
    "work_order": Worded.of("work order"),
    "order_hold": Worded.of("hold or resumption of a work order"),
    "cancellation": Worded.of("taking back"),
    "answer": Worded.of("answer"),
}


def money(minor: int, currency: str) -> Worded:
    """Hundredths as people write them."""
    if minor >= MOST:
        return Worded.of("any amount")
    if currency == NO_CURRENCY:
        figure = Worded.figure(f"{minor / 100:g}")
        return Worded.of("1 work order" if minor == 100 else "[[number]] work orders", number=figure)
    sign, minor = ("-", -minor) if minor < 0 else ("", minor)
    figure = Worded.figure(f"{sign}{minor // 100:,}.{minor % 100:02d}")
    return Worded.of("[[number]] [[currency]]", number=figure, currency=currency) if currency else figure


def listed(names: Iterable[str], last: Literal["and", "or"] = "and") -> Worded:
    """`a, b and c`."""
    return Worded.listed(names, last)


def signers_in_words(table: Mapping[str, int], currency: str) -> Worded:
    """Who may sign, and up to what where it counts: those first who may sign least."""
    return listed(
        (
            Worded.of("[[role]] (up to [[amount]])", role=NOUNS[role], amount=money(figure, currency))
            if figure < MOST
            else NOUNS[role]
            for role, figure in sorted(table.items(), key=lambda item: (item[1], item[0]))
        ),
        "or",
    )


_LOOK: Mapping[str, Callable[[Request, str], str]] = {
    "who": lambda r, _: repr(r.caller.subject),
    "role": lambda _, role: NOUNS.get(role, repr(role)),
    "roles": lambda r, _: listed(NOUNS.get(role, repr(role)) for role in sorted(r.caller.roles) or [""]),
    "touches": lambda r, _: listed(sorted(r.subject.sites)) if r.subject.sites else Worded.of("every site"),
    "scope": lambda r, _: listed(sorted(r.caller.sites)) if r.caller.sites else Worded.of("no site"),
    "kind": lambda r, _: KIND_WORDS[r.subject.kind],
    "subject_is": lambda r, _: (
        Worded.of("what is asked about is")
        if r.subject.kind == "answer"
        else Worded.of("the [[kind]] is", kind=KIND_WORDS[r.subject.kind])
    ),
}
_DRAFT: Mapping[str, Callable[[Case], str]] = {
    "site": lambda c: c.site,
    "requester": lambda c: repr(c.request.subject.requester),
    "acting_for": lambda c: repr(c.request.acting_for),
    "acting_for_did": lambda c: Worded.of(
        "has signed it already" if c.request.acting_for in c.request.confirmed_by else "asked for it"
    ),
    "in_currency": lambda c: (
        Worded.of("in [[currency]]", currency=c.request.subject.currency)
        if c.request.subject.currency
        else Worded.of("of an unknown amount")
    ),
    "amount": lambda c: _amount(c, c.amount),
    "counted": lambda c: _amount(c, c.counted),
    "requester_total": lambda c: _amount(c, c.amount + c.request.recent.by_requester_minor),
    "anyone_up_to": lambda c: (
        money(c.anyone_up_to, c.request.subject.currency) if c.anyone_up_to >= 0 else Worded.of("nothing")
    ),
    "requester_cap": lambda c: money(c.bounds.per_requester if c.bounds else 0, c.request.subject.currency),
    "supplier_cap": lambda c: money(c.bounds.per_supplier if c.bounds else 0, c.request.subject.currency),
    "drafts": lambda c: Worded.figure(f"{c.request.recent.drafts:,}"),
    "drafts_cap": lambda c: Worded.figure(f"{c.site_rule.most_drafts:,}"),
    "window_days": lambda c: str(c.site_rule.window_days),
    "needed": lambda c: (
        Worded.of("one signature")
        if c.needed == 1
        else Worded.of("[[number]] signatures", number=str(c.needed))
    ),
    "signed": lambda c: str(c.signed),
    "day": lambda c: c.request.business_date.isoformat(),
    "blackout": lambda c: c.blackout.reason if c.blackout else "",
}
FIELDS = frozenset(_LOOK) | frozenset(_DRAFT)
"""What the @reason of a policy may name."""


def _amount(case: Case, minor: int) -> str:
    if case.unknown:
        return Worded.of("an unknown amount")
    if case.bounds is not None and not case.bounds.counts:
        return Worded.of("a [[kind]]", kind=KIND_WORDS[case.kind])
    return money(minor, case.request.subject.currency)


class _Words(Mapping[str, str]):
    """The figures of one decision, each made when a sentence asks for it."""

    def __init__(self, request: Request, case: Case | None, role: str) -> None:
        self._request, self._case, self._role = request, case, role

    def __getitem__(self, name: str) -> str:
        if name in _LOOK:
            return _LOOK[name](self._request, self._role)
        if self._case is None:
            sites = sorted(self._request.subject.sites)
            return listed(sites) if name == "site" else Worded.of("unknown")
        return _DRAFT[name](self._case)

    def __iter__(self) -> Iterator[str]:
        return iter(FIELDS)

    def __len__(self) -> int:
        return len(FIELDS)


def told(sentences: Iterable[str], request: Request, case: Case | None, role: str) -> Worded:
    """The sentences with their figures, as one."""
    words = _Words(request, case, role)
    return Worded.sentence(*(_clause(sentence, words) for sentence in sentences))


def places(sentence: str) -> str:
    """The @reason of a policy as it is worded: with `[[name]]` for `{name}`."""
    return _FIELD.sub(r"[[\1]]", sentence)


def _clause(sentence: str, words: _Words) -> Worded:
    return Worded.of(places(sentence), **{name: words[name] for name in _FIELD.findall(sentence)})


_NOBODY: Mapping[str, str] = {
    "explain": "an explanation is drafted by a controller or production",
    "publish": "an explanation is published by a controller of the company",
    "turn_down": "an explanation is turned down by a controller or who drafted it",
    "subscribe": "a controller or an administrator has events of their sites sent to an address",
}


def nobody_permits(request: Request, case: Case | None) -> Worded:
    """What is said where no policy spoke."""
    words = _Words(request, case, "")
    who = _clause("{who} is {roles}", words)
    if case is None:
        match request.action:
            case "read":
                return Worded.sentence(_clause("{who} has no site, and so nothing to read", words))
            case "switch" if request.subject.sites:
                text = "a site is switched on and off by a controller or an administrator"
            case "switch":
                text = "everything is switched on and off by an administrator"
            case _:
                text = _NOBODY.get(request.action, "nothing admits that")
        return Worded.sentence(Worded.of(text), who)
    kind, site = words["kind"], case.site
    what = f"{_article(kind)} at {site}"
    match request.action:
        case "propose":
            proposers = listed((NOUNS[role] for role in case.rule.propose), "or")
            clause = Worded.of(
                "[[kind]] at [[site]]: it is proposed by [[proposers]]",
                f"{what} is proposed by {proposers}",
                kind=kind,
                site=site,
                proposers=proposers,
            )
        case "edit":
            clause = _clause("{requester} asked for it, and nobody else changes it", words)
        case "confirm" | "execute":
            clause = _signed(request, case, words, what)
        case _:
            clause = Worded.of(
                "[[kind]] at [[site]]: it is for those who asked for it or may sign it",
                f"{what} is for those who asked for it or may sign it",
                kind=kind,
                site=site,
            )
    return Worded.sentence(clause, who)


def _signed(request: Request, case: Case, words: _Words, what: str) -> Worded:
    """Whose signature it needs next."""
    first, second = case.first_signers(0), case.second_signers(0)
    which, table = "first " if case.needed > 1 else "", first
    if request.action == "confirm" and case.signed == 1:
        which, table = "second ", second
    elif request.action == "execute":
        table = {**first, **second}
    signers = signers_in_words(table, request.subject.currency)
    counts = not case.bounds or case.bounds.counts
    of = f" of {words['counted']}" if counts else ""
    return Worded.of(
        {
            "": "[[what]] at [[site]]: it is signed by [[signers]]",
            "first ": "[[what]] at [[site]]: the first signature is given by [[signers]]",
            "second ": "[[what]] at [[site]]: the second signature is given by [[signers]]",
        }[which],
        f"{what}{of} is signed {which}by {signers}",
        what=Worded.of("[[kind]] of [[amount]]", kind=words["kind"], amount=words["counted"])
        if counts
        else words["kind"],
        site=case.site,
        signers=signers,
    )


def _article(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"
