"""Drafts taking back a document that was written from here."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from erp_adapters.errors import DraftInvalid
from policies.drafts.parts import Grounds
from policies.drafts.proposal import Proposal
from policies.taking_back import taking_back
from tools.arguments import Arguments, Text
from tools.drafting.parts import ages, fit_to_show
from tools.errors import ToolError
from tools.languages import said
from tools.naming import site_by_code
from tools.presenting import table
from tools.registry import Effect, ToolContext, tool
from tools.results import Column, Drafted, SourceShare, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_NAME = "draft_cancellation"


class DraftCancellation(Arguments):
    """Which document, and why."""

    document: Text = Field(
        description="Number of the document in the ERP, such as '10000001', or the end of its draft's id."
    )
    reason: Text | None = Field(None, description="Why, where the person said so, in their own words.")


@dataclass(frozen=True, slots=True)
class _Written:
    id: str
    kind: str
    site: str
    state: str
    document_number: str
    canonical: bytes
    taken_back: str


_FOUND = """
select p.id::text as id, p.kind, p.site, p.state, p.document_number, p.canonical,
       coalesce((select right(c.id::text, 8) from app.proposal c where c.kind = 'cancellation'
                 and c.state = 'executed' and c.needs[1] = p.marker limit 1), '') as taken_back
from app.proposal p
where p.document_number = %(document)s and p.kind <> 'cancellation'
   or length(%(document)s) >= 6 and right(p.id::text, length(%(document)s)) = lower(%(document)s)
   or exists (select from app.outbox o where o.proposal = p.id and o.part <> ''
              and o.document_number = %(document)s)
order by p.created_at desc limit 3
"""


@tool(
    name=_NAME,
    examples=("Take back requisition 10000001", "Cancel transfer 40000002"),
    effect=Effect.DRAFT,
    version=_VERSION,
)
async def draft_cancellation(args: DraftCancellation, context: ToolContext) -> ToolResult:
    """Draft taking back a requisition, transfer, hold or text that was written from here.

    Only for somebody who asks to take back or cancel a document that is in the ERP; a person confirms it
    first. Moves of work orders go back by `draft_replanning`.

    Example: {"document": "10000001"}.
    """
    queries = Queries(context.tx)
    found = await _found(queries, args.document)
    with fit_to_show():
        earlier = Proposal.model_validate_json(found.canonical)
        told, stale = await ages(queries, (found.site,))
        grounds = Grounds(
            why=("As it was confirmed and written; it is cancelled where nobody has acted on it since.",),
            without_it="It stays in the ERP as it is.",
            freshness=told,
            flags=stale,
        )
        try:
            draft = taking_back(earlier, found.document_number, args.reason or "", grounds)
        except DraftInvalid as error:
            raise ToolError(
                said("moves of work orders go back by moves: say `take back the moves`")
            ) from error
    proof = await queries.evidence(
        tool=_NAME,
        version=_VERSION,
        arguments=args,
        records=[SourceShare("plantwright", "proposal", 1, (found.id,))],
        site=found.site,
    )
    columns = (
        Column("document", "Document", "id"),
        Column("draft", "Draft", "id"),
        Column("site", "Site", "id"),
    )
    return ToolResult(
        tool=_NAME,
        reading=said("Draft that takes back document [[number]]", number=found.document_number),
        tables=(table("What it takes back", columns, [(found.document_number, found.id[-8:], found.site)]),),
        figures=(),
        evidence=(proof,),
        sentence=said("Drafted: document {{tables[0].rows[0].document}} is taken back, as the card says."),
        drafted=Drafted(draft, (await site_by_code(context.tx, found.site)).today),
    )


async def _found(queries: Queries, document: str) -> _Written:
    """The draft that the document came of.

    Raises:
        ToolError: none did, it is not written, or it was taken back.
    """
    found = await queries.rows(_Written, _FOUND, {"document": document.strip()})
    if len({one.id for one in found}) > 1:
        ids = ", ".join(one.id[-8:] for one in found)
        raise ToolError(said("[[document]] is of several drafts: [[ids]]", document=document, ids=ids))
    if not found:
        raise ToolError(
            said(
                "no draft of your sites came to document [[document]]: only what was written from here is"
                " taken back from here",
                document=repr(document),
            )
        )
    one = found[0]
    if one.taken_back:
        raise ToolError(
            said(
                "document [[document]] was taken back by draft [[draft]]",
                document=one.document_number,
                draft=one.taken_back,
            )
        )
    if one.kind == "order_rescheduling":
        raise ToolError(said("moves of work orders go back by moves: say `take back the moves`"))
    if one.kind == "cancellation" or one.state != "executed":
        raise ToolError(
            said(
                "nothing of draft [[draft]] is there to be taken back: it is [[state]]",
                draft=one.id[-8:],
                state=one.state.replace("_", " "),
            )
        )
    return one
