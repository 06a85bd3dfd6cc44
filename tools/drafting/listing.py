"""Lists drafts: a person's own, those that wait for somebody, or all of the sites; and how one is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never

from pydantic import Field

from policies.cards import amount
from policies.drafts.cancellation import CancellationDraft
from policies.drafts.floor import OrderHoldDraft, WorkOrderDraft
from policies.drafts.hold import HoldDraft
from policies.drafts.proposal import Draft, Proposal
from policies.drafts.published_text import PublishedTextDraft
from policies.drafts.redating import RedatingDraft
from policies.drafts.replanning import ReplanningDraft
from policies.drafts.requisition import RequisitionDraft
from policies.drafts.transfer import TransferDraft
from policies.lettering import made_visible
from tools.arguments import Arguments, SiteName, Text
from tools.languages import said
from tools.naming import site_of
from tools.presenting import figure, table
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, SourceShare, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_SHORT = 8
"""Characters by which people name a draft: the end, since ids of one hour begin alike."""
_WAITING = "awaiting_confirmation"
_SAMPLE = 5
_NOUNS = {
    "purchase_requisition": "Purchase requisition",
    "stock_transfer": "Stock transfer",
    "quality_hold": "Quality hold",
    "order_rescheduling": "Moves of work orders",
    "purchase_order_redating": "New day of a purchase order line",
    "published_text": "Text of an explanation",
    "work_order": "Work order",
    "order_hold": "Hold or resumption of a work order",
    "cancellation": "Taking back",
}
STATES = {
    "drafted": "being drafted",
    "policy_checked": "being drafted",
    "awaiting_confirmation": "awaiting confirmation",
    "confirmed": "confirmed",
    "dispatching": "on its way to the ERP",
    "executed": "executed",
    "partly_written": "partly written",
    "refused": "refused",
    "rejected": "rejected",
    "expired": "expired",
    "superseded": "replaced by a newer version",
    "needs_reconciliation": "needs somebody to look into the ERP",
}
"""What each state of a draft is called where people read it."""


class ListDrafts(Arguments):
    """Whose drafts, and what for."""

    whose: Literal["mine", "waiting", "all"] = Field(
        "all",
        description="`mine`: that the person asked for; `waiting`: that others asked for and nobody has"
        " decided; `all` of the person's sites.",
    )
    about: Literal["standing", "people", "confirming", "ending"] = Field(
        "standing",
        description="`people` where the person asks who has to confirm; `confirming` or `ending` where they"
        " want to confirm, cancel or reject one: the answer says how that is done. It is never done here.",
    )
    draft: Text | None = Field(None, description="Only this one: its id, or the end of it.")
    site: SiteName = None


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    kind: str
    site: str
    requester: str
    state: str
    document_number: str
    canonical: bytes
    needed: int
    signed: int


_DRAFTS = """
select p.id::text as id, p.kind, p.site, p.requester, p.document_number, p.canonical,
       case when p.state = 'awaiting_confirmation' and p.expires_at <= now() then 'expired'
            else p.state end as state,
       p.signatures_needed as needed,
       (select count(*) from app.signature s where s.proposal = p.id)::int as signed
from app.proposal p
where p.state <> 'superseded'
  and (%(site)s::text is null or %(site)s = p.site or %(site)s = any(p.other_sites))
  and (%(draft)s::text is null or right(p.id::text, length(%(draft)s)) = lower(%(draft)s))
  and case %(whose)s
      when 'mine' then p.requester = %(me)s
      when 'waiting' then p.state = 'awaiting_confirmation' and p.expires_at > now()
          and (p.requester <> %(me)s or p.requester_may)
          and not exists (select from app.signature s where s.proposal = p.id and s.subject = %(me)s)
      else true end
order by p.created_at desc, p.id desc limit 200
"""


@tool(
    name="list_drafts",
    examples=("Show my drafts", "What is waiting for me?", "Which requisitions did I draft?"),
    version=_VERSION,
)
async def list_drafts(args: ListDrafts, context: ToolContext) -> ToolResult:
    """List drafts of requisitions, transfers and holds with their state, and say how one is decided.

    For everybody who asks what they drafted, what waits for them or what became of a draft, and for
    whoever wants to confirm, cancel or reject one: a conversation never does that; the answer says how.

    Example: {"whose": "mine"} -> one row a draft, newest first, with state and document number.
    """
    site = await site_of(context.tx, args.site)
    queries = Queries(context.tx)
    asked = {"site": site, "draft": args.draft, "whose": args.whose, "me": context.caller.subject}
    found = await queries.rows(_Row, _DRAFTS, asked)
    proof = await queries.evidence(
        tool="list_drafts",
        version=_VERSION,
        arguments=args,
        records=[
            SourceShare("plantwright", "proposal", len(found), tuple(one.id for one in found[:_SAMPLE]))
        ],
        site=site,
    )
    waiting = sum(one.state == _WAITING for one in found)
    return ToolResult(
        tool="list_drafts",
        reading=said(_READINGS[args.whose]),
        tables=(table("Drafts", _COLUMNS, [_cells(one) for one in found]),),
        figures=(
            figure("Drafts", len(found), "count", proof.id),
            figure("Waiting for a confirmation", waiting, "count", proof.id),
        ),
        evidence=(proof,),
        sentence=_sentence(args, len(found), waiting),
    )


_READINGS = {
    "mine": "Drafts of your own",
    "waiting": "Drafts of others that wait for a confirmation",
    "all": "Drafts of your sites",
}
_COLUMNS = (
    Column("draft", "Draft", "id"),
    Column("kind", "Kind", "text"),
    Column("number", "Number", "id"),
    Column("material", "Material", "text"),
    Column("quantity", "Quantity", "text"),
    Column("needed_on", "Needed on", "date"),
    Column("site", "Site", "id"),
    Column("state", "State", "text"),
    Column("signed", "Signed", "text"),
    Column("requester", "Requester", "text"),
    Column("document", "Document", "id"),
)


def _cells(one: _Row) -> tuple[Cell, ...]:
    draft = Proposal.model_validate_json(one.canonical).draft
    code, name, quantity, needed_on = _what(draft)
    return (
        one.id[-_SHORT:],
        said(_NOUNS[one.kind]),
        made_visible(code),
        made_visible(name),
        quantity,
        needed_on,
        one.site,
        said(STATES[one.state]),
        f"{one.signed}/{one.needed}",
        one.requester,
        one.document_number or None,
    )


def _what(draft: Draft) -> tuple[str, str, str, Cell]:
    match draft:
        case RequisitionDraft():
            line = draft.lines[0]
            more = f" +{len(draft.lines) - 1}" if len(draft.lines) > 1 else ""
            return line.material.code, line.material.name, amount(line.quantity) + more, line.needed_on
        case TransferDraft():
            return draft.material.code, draft.material.name, amount(draft.quantity), draft.needed_on
        case HoldDraft():
            return draft.material.code, draft.material.name, amount(draft.quantity), None
        case ReplanningDraft():
            first = draft.moves[0]
            more = f" +{len(draft.moves) - 1}" if len(draft.moves) > 1 else ""
            return first.order, first.material.name + more, "", first.after.due_on
        case RedatingDraft():
            return f"{draft.order} / {draft.line}", draft.material.name, amount(draft.open), draft.due_on
        case PublishedTextDraft():
            return draft.object.code, draft.period, "", None
        case WorkOrderDraft():
            return draft.material.code, draft.material.name, amount(draft.quantity), draft.due_on
        case OrderHoldDraft():
            return draft.order, draft.material.name, "", None
        case CancellationDraft():
            _, name, quantity, needed_on = _what(draft.original)
            return draft.number, name, quantity, needed_on
        case _:
            assert_never(draft)


def _sentence(args: ListDrafts, drafts: int, waiting: int) -> str:
    match args.about:
        case "standing":
            return _standing(args.whose, drafts)
        case "people":
            return said(_HOW_TO_CONFIRM) if waiting else said("No draft waits for a confirmation.")
        case "confirming":
            first = said("Nothing was confirmed: what is said in a conversation confirms nothing.")
            how = _HOW_TO_CONFIRM
        case "ending":
            first = said("Nothing was cancelled: a draft is turned down on its card.")
            how = _HOW_TO_END
        case _:
            assert_never(args.about)
    if not waiting:
        return f"{first} {said('No draft waits for a confirmation.')}"
    return f"{first} {said(how)}"


_HOW_TO_CONFIRM = (
    "Whoever may confirm reads the card and confirms it in the Inbox of the page, or with `plantwright drafts"
    " confirm {{tables[0].rows[0].draft}}`; `plantwright drafts show {{tables[0].rows[0].draft}}` says who"
    " may."
)
_HOW_TO_END = (
    "Do it in the Inbox of the page, or with `plantwright drafts reject {{tables[0].rows[0].draft}} --reason"
    " ...`; a draft that nobody confirms expires by itself."
)


def _standing(whose: Literal["mine", "waiting", "all"], drafts: int) -> str:
    match whose:
        case "mine" if not drafts:
            return said("There is no draft of yours.")
        case "mine":
            return said("Drafts of yours: {{figures[0]}}; {{figures[1]}} of them wait for a confirmation.")
        case "waiting" if not drafts:
            return said("Nothing waits for you: no draft of others is undecided at your sites.")
        case "waiting":
            text = said("Drafts of others that wait for a confirmation: {{figures[0]}}.")
            return f"{text} {said(_HOW_TO_CONFIRM)}"
        case "all" if not drafts:
            return said("There are no drafts at your sites.")
        case "all":
            return said(
                "Drafts at your sites: {{figures[0]}}; {{figures[1]}} of them wait for a confirmation."
            )
        case _:
            assert_never(whose)
