"""Passages of procedures, contracts, attachments and notes, quoted as they stand and never summarised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby

from erp_adapters.documents.document import SOURCE
from erp_adapters.documents.embedding import Embedder, packaged_embedder
from erp_adapters.store.ids import new_id
from tools.documents_ranking import FindInDocuments, Found, Searched, about, ranked
from tools.evidence import canonical
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.presenting import figure, table
from tools.registry import Tool, ToolContext, tool
from tools.results import Column, Evidence, SourceShare, ToolResult
from tools.rows import Queries

_VERSION = "1.1.0"
_QUOTED = 5
"""Passages that are shown at most."""


@tool(
    name="find_in_documents",
    examples=(
        "What does our procedure say about partial deliveries?",
        "Who may approve a change of supplier?",
        "What does the frame contract say about price adjustments?",
        "Where is it written how long goods may stay blocked?",
        "What do the attachments say about packaging?",
    ),
    version=_VERSION,
)
async def find_in_documents(args: FindInDocuments, context: ToolContext) -> ToolResult:
    """Up to five passages of procedures, contracts, policies, agreements, attachments and notes, as quotes.

    For what is laid down in writing rather than recorded in the ERP's fields: who may approve, how something
    is to be done, what a contract or a file at a purchase order says. Each quote has its document, heading,
    page, revision and validity; of a file or note in an ERP the system and the object that it hangs on. The
    quotes are the answer: refer to them, never restate them. Finds passages in other languages than the
    question's.

    Example: {"question": "partial deliveries at goods receipt", "kind": "procedure"}.
    """
    return await _answer(args, context, packaged_embedder())


def searching_with(embedder: Embedder) -> Tool[FindInDocuments]:
    """The tool with another embedder than the one that comes with the packages."""

    async def run(args: FindInDocuments, context: ToolContext) -> ToolResult:
        return await _answer(args, context, embedder)

    return replace(find_in_documents, run=run)


async def _answer(args: FindInDocuments, context: ToolContext, embedder: Embedder) -> ToolResult:
    queries = Queries(context.tx)
    found, searched = await ranked(queries, args, embedder)
    quoted = _merged(about(found, searched, embedder))[:_QUOTED]
    proof = _evidence(args, queries, [one for one, _ in quoted], searched)
    attached = _HANGS_ON if any(one.is_attached for one, _ in quoted) else ()
    columns = (
        Column("passage", "Passage", "quote"),
        Column("document", "Source document", "text"),
        *attached,
        Column("heading", "Heading", "text"),
        Column("page", "Page", "id"),
        Column("revision", "Revision", "id"),
        Column("validity", "Validity", "text", words="validity"),
        Column("valid_to", "Valid to", "date"),
        Column("sites", "Site", "text"),
        Column("document_id", "Document number", "id"),
    )
    rows = [
        (
            one.text,
            one.title,
            *_hangs_on(one)[: len(attached)],
            one.heading.removeprefix(one.title).strip(" ›") or None,
            None if one.page is None else str(one.page),
            one.revision,
            _validity(one),
            one.valid_to,
            ", ".join(sites),
            one.document_id,
        )
        for one, sites in quoted
    ]
    return ToolResult(
        tool="find_in_documents",
        reading=_reading(args),
        tables=(table("Passages", columns, rows),),
        figures=(
            figure("passages searched", searched.passages, "count", proof.id),
            figure("documents searched", searched.documents, "count", proof.id),
        ),
        evidence=(proof,),
        sentence=_sentence([one for one, _ in quoted], searched),
        caveats=(*_caveats([one for one, _ in quoted], searched), *await _late(queries, quoted)),
    )


def _merged(found: Sequence[Found]) -> list[tuple[Found, list[str]]]:
    """Each text once, with the sites where it holds."""
    merged: dict[str, tuple[Found, list[str]]] = {}
    for one in found:
        _, sites = merged.setdefault(one.text, (one, []))
        if one.site not in sites:
            sites.append(one.site)
    return list(merged.values())


def _reading(args: FindInDocuments) -> str:
    found = [said("Passages about “[[question]]”", question=args.question)]
    if args.kind:
        found.append(said(_KINDS[args.kind]))
    if args.site:
        found.append(said("at [[site]]", site=args.site))
    return ", ".join(found)


_KINDS = {
    "procedure": "in procedures",
    "contract": "in contracts",
    "policy": "in policies",
    "agreement": "in agreements",
    "attachment": "in attachments",
    "note": "in notes",
}
_HANGS_ON = (
    Column("system", "Attached in", "text"),
    Column("about", "Hangs on", "text", words="attached"),
    Column("object", "Object", "id"),
)


def _hangs_on(one: Found) -> tuple[str | None, str | None, str | None]:
    """System, kind and number of the object that it hangs on; nothing of a folder's document."""
    return one.system or None, one.about.replace("_", " ") or None, one.object or None


def _validity(one: Found) -> str | None:
    """Whether it holds today; None of what says nothing of how long it holds."""
    if one.is_attached:
        return None
    today = one.today or datetime.now(UTC).date()
    if one.valid_to and one.valid_to < today:
        return "expired"
    if one.valid_from and one.valid_from > today:
        return "not in force yet"
    return "in force"


def _sentence(quoted: Sequence[Found], searched: Searched) -> str:
    if not searched.passages:
        return said("There are no documents that you may read.")
    if not quoted:
        return said(
            "Nothing in the documents that you may read is about this; {{figures[0]}} passages of"
            " {{figures[1]}} documents were searched."
        )
    if quoted[0].is_attached:
        return said(
            "The nearest passage is in “{{tables[0].rows[0].document}}”, from"
            " {{tables[0].rows[0].system}}, {{tables[0].rows[0].about}} {{tables[0].rows[0].object}};"
            " {{figures[0]}} passages of {{figures[1]}} documents were searched."
        )
    return said(
        "The nearest passage is in “{{tables[0].rows[0].document}}”; {{figures[0]}} passages of"
        " {{figures[1]}} documents were searched."
    )


def _caveats(quoted: Sequence[Found], searched: Searched) -> list[str]:
    found = []
    expired = sum(_validity(one) == "expired" for one in quoted)
    if expired:
        found.append(
            counted(
                expired,
                "[[number]] passage is of a document that is no longer in force.",
                "[[number]] passages are of documents that are no longer in force.",
            )
        )
    if searched.comparable < searched.passages:
        left = searched.passages - searched.comparable
        found.append(
            counted(
                left,
                "[[number]] passage was searched by its words alone: `plantwright documents embed` indexes it"
                " anew.",
                "[[number]] passages were searched by their words alone: `plantwright documents embed`"
                " indexes them anew.",
            )
        )
    if quoted:
        found.append(said("Quotes stand as they were written; nothing in them was checked or carried out."))
    return found


_FAILING = """
select system, min(f.failing_since) as since
from erp.sync_feed f join (select distinct source_system, site, system from erp.document) d
  using (source_system, site)
where f.part = 'documents' and f.failing_since is not null
  and (f.source_system, f.site) in (select * from unnest(%(sources)s::text[], %(sites)s::text[]))
group by system order by system
"""


@dataclass(frozen=True, slots=True)
class _Failing:
    system: str
    since: datetime


async def _late(queries: Queries, quoted: Sequence[tuple[Found, list[str]]]) -> list[str]:
    """Systems whose files could not be read lately, so that a quote may be of an older version."""
    attached = [one for one, _ in quoted if one.is_attached]
    if not attached:
        return []
    scope = {
        "sources": [one.source_system for one in attached],
        "sites": [one.site for one in attached],
    }
    return [
        said(
            "Files and notes of [[system]] could not be read since [[day]]; they may say something"
            " else by now.",
            system=each.system,
            day=day_text(each.since.date()),
        )
        for each in await Queries(queries.tx).rows(_Failing, _FAILING, scope)
    ]


def _evidence(
    args: FindInDocuments, queries: Queries, quoted: Sequence[Found], searched: Searched
) -> Evidence:
    keyed = sorted(
        (one.source_system, f"{one.site}/{one.document_id}#{one.first}-{one.after}") for one in quoted
    )
    shares = tuple(
        SourceShare(source, "document_chunk", len(keys), keys)
        for source, found in groupby(keyed, key=lambda pair: pair[0])
        if (keys := tuple(key for _, key in found))
    )
    return Evidence(
        id=str(new_id()),
        tool="find_in_documents",
        version=_VERSION,
        arguments=canonical(args),
        sources=shares or (SourceShare(SOURCE, "document", searched.documents, ()),),
        data_as_of=None,
        loaded_at=max((one.ingested_at for one in quoted), default=None),
        query=queries.ran,
    )
