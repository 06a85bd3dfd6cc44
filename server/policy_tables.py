"""Decisions, limits and their changes as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from policies.deciding import Decision, Request, Signatures
from policies.egress import DataClass, Treatment
from policies.limits import ANY, MOST, Limit, Limits
from policies.limits_changes import ChangeRecord
from policies.recorded import Changed
from policies.sentences import KIND_WORDS, listed, money
from server.egress_records import EgressShown
from server.wording import plain

DIFFERENCES_SHOWN = 20


def decision_table(request: Request, decision: Decision, needed: Signatures | None) -> RenderableType:
    """The answer, and what it rests on."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(ratio=1)
    verdict = Text("allowed", style="bold green") if decision.allowed else Text("denied", style="bold red")
    grid.add_row("", verdict)
    grid.add_row("because", Text(plain(decision.reason)))
    if needed is not None:
        grid.add_row("confirm", Text(plain(needed.reason)))
        grid.add_row("next", Text(plain(listed(sorted(needed.roles), "or"))))
    grid.add_row("policies", Text(", ".join(decision.policies)))
    grid.add_row("hash", Text(decision.policy_hash))
    return grid


def egress_table(shown: EgressShown, strictest: Mapping[DataClass, Treatment]) -> RenderableType:
    """What may be sent to a hosted model, at the sites asked about and by default."""
    grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
    for heading in ("Data", "Treatment", *(plain(each.site) for each in shown.sites), "What it is"):
        grid.add_column(heading)
    for at, held in enumerate(shown.default):
        here = (Text(each.classes[at].treatment) for each in shown.sites)
        grid.add_row(Text(held.name), Text(strictest[held.name]), *here, Text(held.holds))
    sends = "is sent what follows" if shown.sends else "sends nothing anywhere; a hosted model would be sent"
    return Group(Text(f"The model {plain(shown.model)!r} {sends} (policy: {plain(shown.source)}).\n"), grid)


def decision_record(request: Request, decision: Decision, needed: Signatures | None) -> dict[str, Any]:
    """The same as JSON."""
    shown: dict[str, Any] = asdict(decision)
    if needed is not None:
        shown["signatures"] = {**asdict(needed), "roles": sorted(needed.roles)}
    return shown


def differences_text(changed: Sequence[Changed], count: int) -> RenderableType:
    """Each request that comes out in another way, the first ones in full."""
    if not changed:
        return Text(f"No difference in {count:,} requests.")
    parts: list[RenderableType] = [Text(f"{len(changed):,} of {count:,} requests differ.", style="bold")]
    for one in changed[:DIFFERENCES_SHOWN]:
        draft = f" (draft {one.proposal})" if one.proposal else ""
        parts.append(Text(f"\n{_request(one.request)}{draft}"))
        if one.signatures:
            parts.append(Text(f"  {plain(one.signatures)}"))
        else:
            for allowed, reason in ((one.was_allowed, one.was), (one.is_allowed, one.now)):
                parts.append(Text(f"  {'allowed' if allowed else 'denied '}  {plain(reason)}"))
    if len(changed) > DIFFERENCES_SHOWN:
        parts.append(Text(f"\nfirst {DIFFERENCES_SHOWN} of {len(changed):,}; --json has all", style="dim"))
    return Group(*parts)


def _request(request: Request) -> str:
    subject = request.subject
    worth = (
        "an unknown amount" if subject.amount_minor is None else money(subject.amount_minor, subject.currency)
    )
    who = listed(sorted(request.caller.roles), "and") if request.caller.roles else "somebody without a role"
    signed = f", signed by {len(request.confirmed_by)}" if request.confirmed_by else ""
    own = ", their own" if request.caller.subject == subject.requester and request.action == "confirm" else ""
    sites = listed(sorted(subject.sites))
    return plain(f"{who}: {request.action} {KIND_WORDS[subject.kind]} of {worth} at {sites}{own}{signed}")


def limits_table(limits: Limits, site: str | None) -> RenderableType:
    """Who may sign what, by kind and currency; the limits of one site or all rows."""
    grid = _grid(
        "Kind", "Site", "Currency", "Category", "First signature", "Second signature", "From", "Caps"
    )
    for row in sorted(limits.limit, key=lambda row: (row.kind, row.site != ANY, row.key)):
        if site is None or row.site in (site, ANY):
            _add(grid, row)
    rules = _grid("Kind", "Site", "Proposed by", "Own", "Expires", "Others told")
    for rule in sorted(limits.draft, key=lambda rule: (rule.kind, rule.site != ANY, rule.site)):
        if site is None or rule.site in (site, ANY):
            rules.add_row(
                KIND_WORDS[rule.kind],
                rule.site,
                listed(rule.propose, "or"),
                "may sign" if rule.requester_may_confirm else "never",
                f"{rule.lifetime_hours} h",
                f"{rule.escalate_after_hours} h",
            )
    days = _grid("Site", "Rolling window", "Drafts in it", "Takes no documents")
    for held in sorted(limits.site, key=lambda held: (held.site != ANY, held.site)):
        if site is None or held.site in (site, ANY):
            blackouts = "; ".join(f"{b.first} to {b.last}: {plain(b.reason)}" for b in held.blackouts)
            days.add_row(held.site, f"{held.window_days} days", f"{held.most_drafts:,}", blackouts or "–")
    return Group(grid, Text(""), rules, Text(""), days)


def _add(grid: Table, row: Limit) -> None:
    caps = [
        f"{money(cap, '')} a {what}"
        for cap, what in ((row.per_requester, "requester"), (row.per_supplier, "supplier"))
        if cap < MOST
    ]
    since = "always" if row.two_people else "–" if row.second_from is None else money(row.second_from, "")
    grid.add_row(
        KIND_WORDS[row.kind],
        row.site,
        row.currency,
        plain(row.category),
        _signers(row.confirm),
        _signers(row.second),
        since,
        "; ".join(caps) or "–",
    )


def _signers(table: dict[Any, int]) -> str:
    if not table:
        return "–"
    return "\n".join(
        f"{role} {money(figure, '') if figure < MOST else 'any'}" for role, figure in table.items()
    )


def changes_table(records: Sequence[ChangeRecord], now: datetime) -> RenderableType:
    """Every change with what became of it, newest first."""
    if not records:
        return Text("The limits are the packaged ones; nobody has proposed a change.")
    grid = _grid("Change", "Sites", "From", "State", "Proposed by", "Decided by", "Why")
    for record in reversed(records):
        begins = record.in_force_from
        state = record.status if begins is None else "in force" if begins <= now else "approved"
        grid.add_row(
            str(record.version),
            ", ".join(record.sites),
            f"{begins or record.effective_from:%Y-%m-%d %H:%M} UTC",
            state,
            plain(record.proposed_by),
            plain(record.decided_by or "–"),
            plain(record.note) or "–",
        )
    return grid


def _grid(*headings: str) -> Table:
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
    for heading in headings:
        grid.add_column(heading, vertical="top")
    return grid
