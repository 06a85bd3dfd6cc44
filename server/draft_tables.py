"""Drafts in the terminal: the list, the card, and how one stands in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from agents.publishing import EXPLANATION
from server.draft_records import OPEN, DraftDetail, DraftList, SwitchList
from server.wording import plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from agents.answer import AnswerDraft
    from policies.proposals import Shown

SHORT = 8
"""Characters by which a draft and a digest are named on the terminal."""

NOUNS = {
    "purchase_requisition": "Requisition",
    "stock_transfer": "Stock transfer",
    "quality_hold": "Quality hold",
    "order_rescheduling": "Rescheduling",
    "purchase_order_redating": "New day of order line",
    "published_text": "Text",
    "work_order": "Work order",
    "order_hold": "Hold or resumption of work order",
    "cancellation": "Taking back of",
}


def ending(id: object) -> str:
    """How a draft is named: its id's end, since ids of one hour begin alike."""
    return str(id)[-SHORT:]


def code_of(digest: object) -> str:
    """How a digest is named."""
    return str(digest).removeprefix("sha256:")[:SHORT]


def show_list(found: DraftList) -> None:
    """Print the drafts, one a line, and how many could be confirmed."""
    from rich.table import Table
    from rich.text import Text

    from server.console import out

    console = out()
    if not found.drafts:
        console.print('No drafts. One begins with: plantwright ask "draft a requisition for ..."')
        return
    grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
    for heading in ("Draft", "State", "What", "Value", "Asked by", "Expires"):
        grid.add_column(heading, justify="right" if heading == "Value" else "left", no_wrap=heading != "What")
    for each in found.drafts:
        cells = (
            ending(each.id),
            each.state.replace("_", " "),
            each.summary + (f" ({each.document_number})" if each.document_number else ""),
            f"{each.value.amount:f} {each.value.currency}" if each.value else "–",
            each.requester,
            f"{each.expires_at:%Y-%m-%d %H:%M}" if each.state in OPEN else "",
        )
        grid.add_row(*(Text(plain(cell)) for cell in cells))
    printed(console, grid)
    if found.to_confirm:
        drafts = "draft waits" if found.to_confirm == 1 else "drafts wait"
        console.print(f"\n{found.to_confirm} {drafts} for you: plantwright drafts confirm DRAFT")


def show_card(shown: Shown, *, whole: bool = False) -> None:
    """Print the card, with nothing left out: what is hashed, and so what a confirmation confirms.

    Args:
        whole: True to name the whole digest, as a script gives it; its beginning is what a person compares.
    """
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from server.console import out

    card = shown.card
    parts: list[RenderableType] = [Text(card.title, style="bold")]
    parts += [Text(f"! {warning}", style="yellow") for warning in card.warnings]
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(ratio=1, overflow="fold")
    before = ""
    for row in card.rows:
        mark = f"   ! {row.mark}" if row.mark else ""
        rows.add_row("" if row.label == before else row.label, Text(row.value + mark))
        before = row.label
    parts += [Text(""), rows]
    for table in card.tables:
        grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
        for column in table.columns:
            # A long code is broken rather than cut.
            grid.add_column(column, overflow="fold", vertical="top")
        for cells in table.rows:
            grid.add_row(*map(Text, cells))
        parts += [Text(""), Text(f"{table.title} ({len(table.rows)})", style="italic"), grid]
    proposal = shown.proposal
    digest = shown.digest if whole else code_of(shown.digest)
    last = f"Draft {ending(proposal.id)}, version {proposal.version}, digest {digest}"
    parts += [Text(""), Text(last, style="bold")]
    printed(out(), Padding(Group(*parts), (0, 0, 0, 2)))


def how_to_confirm(draft: AnswerDraft) -> str:
    """What to type once the draft is right, and whose matter that is."""
    who = " or ".join(draft.may_confirm) or "nobody at this site"
    if draft.kind == EXPLANATION:
        command = f"plantwright explanations publish {ending(draft.id)}"
        return f"\n  Another person publishes it ({who}): {command}"
    return f"\n  To confirm it ({who}): plantwright drafts confirm {ending(draft.id)}"


def printed(console: Console, what: RenderableType) -> None:
    """Print it; into a file or a pipe without the blanks that fill terminal lines."""
    if console.is_terminal:
        console.print(what)
        return
    with console.capture() as capture:
        console.print(what)
    console.out("\n".join(line.rstrip() for line in capture.get().splitlines()))


def show_standing(detail: DraftDetail) -> None:
    """Print the state, who has to confirm, who has, and what happened."""
    from server.console import out

    console = out()
    console.print(
        f"\nState     {detail.state.replace('_', ' ')}{f': {detail.reason}' if detail.reason else ''}"
    )
    for late in detail.came_late:
        console.print(f"Late      {plain(late)}", style="yellow")
    if detail.document_number:
        console.print(f"Document  {detail.document_number}")
    console.print(f"Confirms  {detail.signatures.reason}")
    for part in detail.parts:
        number = f" {part.document_number}" if part.document_number else ""
        waits = f": {plain(part.waits_for)}" if part.waits_for else ""
        console.print(f"Order     {plain(part.name)} {part.state.replace('_', ' ')}{number}{waits}")
    for each in detail.signed:
        console.print(f"Signed    {plain(each.name)} at {each.at:%Y-%m-%d %H:%M} UTC")
    if detail.state in OPEN:
        console.print(f"Expires   {detail.expires_at:%Y-%m-%d %H:%M} UTC")
    if detail.may:
        console.print(f"You may   {', '.join(detail.may)}")
    for step in detail.history:
        what = f": {plain(step.what)}" if step.what else ""
        console.print(
            f"          {step.at:%Y-%m-%d %H:%M:%S} {step.state.replace('_', ' ')} by {plain(step.by)}{what}"
        )


def standing(shown: Shown, system: str) -> str:
    """How a draft stands, in a line that ends a command."""
    noun = NOUNS[shown.proposal.draft.kind]
    name = ending(shown.proposal.id)
    why = f": {shown.reason}" if shown.reason else ""
    match shown.state:
        case "executed":
            if shown.proposal.draft.kind == "cancellation":
                return f"{shown.document_number} is taken back in {system}"
            return f"{noun} {shown.document_number} is in {system}"
        case "awaiting_confirmation":
            missing = shown.signatures.count - len(shown.signed)
            return (
                f"Signed. Draft {name} waits for {missing} more of {shown.signatures.count} signatures."
                if shown.signed
                else f"Draft {name} waits for its confirmation."
            )
        case "drafted" | "policy_checked" | "confirmed" | "dispatching":
            return f"Draft {name} is confirmed and on its way: plantwright drafts show {name}"
        case "partly_written":
            return f"Draft {name} is written in part{why}"
        case "refused":
            return f"Draft {name} was refused{why}. Nothing was written."
        case "rejected":
            return f"Draft {name} is rejected. Nothing was written."
        case "expired":
            return f"Draft {name} has expired. Nothing was written."
        case "superseded":
            return f"Draft {name} was replaced by a newer version{why}. Nothing was written."
        case "needs_reconciliation":
            return (
                f"Nobody knows whether draft {name} is in {system}{why}. Look there, then say what you found:"
                f" plantwright drafts reconcile {name}"
            )
        case _:
            assert_never(shown.state)


def show_switches(found: SwitchList) -> None:
    """Print what is switched off."""
    from server.console import out

    console = out()
    if not found.off:
        console.print("Nothing is switched off.")
    for each in found.off:
        since = f"since {each.since:%Y-%m-%d %H:%M} UTC by {plain(each.by)}"
        console.print(f"{plain(each.what)} is off {since}: {plain(each.reason)}")
