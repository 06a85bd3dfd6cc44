"""Passages of procedures, contracts and policies, quoted as they stand and never summarised."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal

from pydantic import Field

from erp_adapters.documents.embedding import Embedder, packaged_embedder
from erp_adapters.documents.storing import SOURCE, vector_text
from erp_adapters.store.ids import new_id
from tools.arguments import Arguments, SiteName, Text
from tools.evidence import canonical
from tools.languages import counted, said
from tools.naming import site_of
from tools.presenting import figure, table
from tools.registry import Tool, ToolContext, tool
from tools.results import Column, Evidence, SourceShare, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_QUOTED = 5
"""Passages that are shown at most."""
_RANKED = 40
"""Passages of each way of searching that are fused."""
_STEP = 60
"""How far down a list a passage may stand until its place says little: reciprocal rank fusion's constant."""
_WORDS_SAY = 0.25
"""What holding every word of the question, rare ones counting more, adds to how near a passage is to it."""
_WORDS_ALONE = 0.4
"""Share of the question's words that is enough where no passage has a vector to compare."""
_LATER = 0.6
"""How near to the question a further passage must be, as a share of what the nearest is."""
_BEGINNING = 4
"""Letters of a word that always have to agree where a language has no stemmer."""
_ENDING = 3
"""Letters at the end of a word that may differ there."""


class FindInDocuments(Arguments):
    """What to look for, and where."""

    question: Text = Field(
        description="What is asked, in whole words, in any language: 'partial deliveries at goods receipt'."
    )
    kind: Literal["procedure", "contract", "policy", "agreement"] | None = Field(
        None, description="Only documents of this kind."
    )
    site: SiteName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A passage with what is known of its document."""

    site: str
    document_id: str
    chunk: int
    text: str
    heading: str
    page: int | None
    first: int
    after: int
    title: str
    kind: str
    language: str
    revision: str | None
    valid_from: date | None
    valid_to: date | None
    file: str
    ingested_at: datetime
    today: date | None
    score: float
    near: float | None
    """Inner product with the question; None where the passage has no vector to compare."""
    coverage: float
    """Share of the question's words in it, rare ones counting more."""

    @property
    def nearness(self) -> float:
        """How sure it is that it is about the question, by meaning and by words."""
        return (self.near or 0.0) + _WORDS_SAY * self.coverage


@dataclass(frozen=True, slots=True)
class _Searched:
    passages: int
    documents: int
    comparable: int
    """Passages whose vectors are of the same embedder as the question's."""


_SCOPE = """
(%(site)s::text is null or c.site = %(site)s)
and (%(kind)s::text is null
     or (c.site, c.document_id) in (select site, document_id from erp.document where kind = %(kind)s))
"""
_COUNT = f"""
select count(*) as passages,
       count(*) filter (where c.embedder = %(embedder)s and c.embedder_version = %(version)s) as comparable,
       (select count(*) from erp.document d where d.chunks > 0
        and (%(site)s::text is null or d.site = %(site)s)
        and (%(kind)s::text is null or d.kind = %(kind)s)) as documents
from erp.document_chunk c where {_SCOPE}
"""
# Words weigh by how rare they are among what the person may read; vectors are compared exactly, since an
# approximate index loses most of what a selective scope leaves.
_SEARCH = f"""
with asked as (
    select l.language, t.lexeme, quote_literal(t.lexeme)::tsquery as query
    from (values ('en', 'english'::regconfig), ('de', 'german'), ('es', 'spanish'), ('fr', 'french'),
                 ('it', 'italian')) l(language, config),
         lateral unnest(tsvector_to_array(to_tsvector(l.config, %(question)s))) t(lexeme)
    union all
    select '', b, (quote_literal(b) || ':*')::tsquery from unnest(%(beginnings)s::text[]) b
), wanted as (
    select language, string_agg(query::text, ' | ')::tsquery as query from asked group by 1
), candidates as materialized (
    select c.site, c.document_id, c.chunk, c.words,
           case when c.language in ('en', 'de', 'es', 'fr', 'it') then c.language else '' end as language
    from erp.document_chunk c
    where c.words @@ case c.language
                         when 'en' then (select query from wanted where language = 'en')
                         when 'de' then (select query from wanted where language = 'de')
                         when 'es' then (select query from wanted where language = 'es')
                         when 'fr' then (select query from wanted where language = 'fr')
                         when 'it' then (select query from wanted where language = 'it')
                         else (select query from wanted where language = '')
                     end
    and {_SCOPE}
), hits as (
    select c.site, c.document_id, c.chunk, a.language, a.lexeme, ts_rank(c.words, a.query, 1) as weight
    from candidates c join asked a on a.language = c.language and c.words @@ a.query
), rarity as (
    select a.language, a.lexeme, ln(1 + %(passages)s / (count(h.chunk) + 0.5)) as worth
    from asked a left join hits h using (language, lexeme) group by 1, 2
), by_words as (
    select h.site, h.document_id, h.chunk,
           sum(h.weight * r.worth) as score, sum(r.worth) / max(w.whole) as coverage,
           row_number() over (order by sum(h.weight * r.worth) desc, h.site, h.document_id, h.chunk) as place
    from hits h join rarity r using (language, lexeme)
    join (select language, sum(worth) as whole from rarity group by 1) w using (language)
    group by h.site, h.document_id, h.chunk order by score desc, 1, 2, 3 limit {_RANKED}
), by_vector as (
    select n.*, row_number() over (order by near desc, site, document_id, chunk) as place from (
        select c.site, c.document_id, c.chunk, -(c.embedding <#> %(vector)s::halfvec) as near
        from erp.document_chunk c
        where c.embedder = %(embedder)s and c.embedder_version = %(version)s and {_SCOPE}
        order by c.embedding <#> %(vector)s::halfvec limit {_RANKED}
    ) n
), fused as materialized (
    select site, document_id, chunk, near, coalesce(w.coverage, 0)::float8 as coverage,
           (coalesce(%(by_words)s * w.coverage::float8 / ({_STEP} + w.place), 0)
            + coalesce(%(by_vector)s / ({_STEP} + v.place), 0))::float8 as score
    from by_words w full join by_vector v using (site, document_id, chunk)
    order by score desc, near desc nulls last, 1, 2, 3 limit {_RANKED}
)
select c.site, c.document_id, c.chunk, c.text, c.heading, c.page, c.first, c.after, d.title, d.kind,
       d.language, d.revision, d.valid_from, d.valid_to, d.file, d.ingested_at, s.as_of::date as today,
       f.score, f.near, f.coverage
from fused f
cross join lateral (select * from erp.document_chunk k where k.site = f.site and k.document_id = f.document_id
                    and k.chunk = f.chunk limit 1) c
join erp.document d on d.site = f.site and d.document_id = f.document_id
left join erp.site s on s.site = f.site
order by f.score desc, f.near desc nulls last, c.site, c.document_id, c.chunk limit {_RANKED}
"""
_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Weights:
    """What the two ways of searching count; a benchmark switches either off."""

    by_words: float = 1.0
    by_vector: float = 1.0


async def ranked(
    queries: Queries, args: FindInDocuments, embedder: Embedder, weights: Weights | None = None
) -> tuple[list[_Found], _Searched]:
    """Passages in the caller's scope, the best first, and how many were searched; far ones too."""
    weights = weights or Weights()
    site = await site_of(queries.tx, args.site)
    scope: dict[str, object] = {
        "site": site,
        "kind": args.kind,
        "embedder": embedder.name,
        "version": embedder.version,
    }
    searched = (await queries.rows(_Searched, _COUNT, scope))[0]
    if not searched.passages:
        return [], searched
    vector = (await asyncio.to_thread(embedder.question, args.question))[0]
    params = {
        **scope,
        "question": args.question,
        "beginnings": beginnings(args.question),
        "passages": searched.passages,
        "by_words": weights.by_words,
        "by_vector": weights.by_vector,
        # One number, where no passage has a vector of this length.
        "vector": vector_text(vector) if searched.comparable else "[0]",
    }
    queries.note(f"hybrid search, {embedder.name} {embedder.version}")
    quiet = Queries(queries.tx)
    return await quiet.rows(_Found, _SEARCH, params), searched


def beginnings(question: str) -> list[str]:
    """What words begin with in whatever form they stand: for languages that Postgres has no stemmer for."""
    words = [word.lower() for word in _LETTERS.findall(question)]
    cut = [word[: max(_BEGINNING, len(word) - _ENDING)] for word in words if len(word) >= _BEGINNING]
    return list(dict.fromkeys(cut))


def about(found: Sequence[_Found], searched: _Searched, embedder: Embedder) -> list[_Found]:
    """The passages that are likely about the question."""
    least = embedder.near if searched.comparable else _WORDS_SAY * _WORDS_ALONE
    nearest = max((one.nearness for one in found), default=0.0)
    return [one for one in found if one.nearness >= max(least, _LATER * nearest)]


@tool(
    name="find_in_documents",
    examples=(
        "What does our procedure say about partial deliveries?",
        "Who may approve a change of supplier?",
        "What does the frame contract say about price adjustments?",
        "Where is it written how long goods may stay blocked?",
    ),
    version=_VERSION,
)
async def find_in_documents(args: FindInDocuments, context: ToolContext) -> ToolResult:
    """Up to five passages of procedures, contracts, policies and agreements about a question, as quotes.

    For what is laid down in writing rather than recorded in the ERP: who may approve, how something is to be
    done, what a contract says. Each quote has its document, heading, page, revision and validity. The quotes
    are the answer: refer to them, never restate them. Finds passages in other languages than the question's.

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
    columns = (
        Column("passage", "Passage", "quote"),
        Column("document", "Source document", "text"),
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
        sentence=_sentence(rows, searched),
        caveats=tuple(_caveats([one for one, _ in quoted], searched)),
    )


def _merged(found: Sequence[_Found]) -> list[tuple[_Found, list[str]]]:
    """Each text once, with the sites where it holds."""
    merged: dict[str, tuple[_Found, list[str]]] = {}
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
}


def _validity(one: _Found) -> str:
    today = one.today or datetime.now(UTC).date()
    if one.valid_to and one.valid_to < today:
        return "expired"
    if one.valid_from and one.valid_from > today:
        return "not in force yet"
    return "in force"


def _sentence(rows: Sequence[Sequence[object]], searched: _Searched) -> str:
    if not searched.passages:
        return said("There are no documents that you may read.")
    if not rows:
        return said(
            "Nothing in the documents that you may read is about this; {{figures[0]}} passages of"
            " {{figures[1]}} documents were searched."
        )
    return said(
        "The nearest passage is in “{{tables[0].rows[0].document}}”; {{figures[0]}} passages of"
        " {{figures[1]}} documents were searched."
    )


def _caveats(quoted: Sequence[_Found], searched: _Searched) -> list[str]:
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


def _evidence(
    args: FindInDocuments, queries: Queries, quoted: Sequence[_Found], searched: _Searched
) -> Evidence:
    keys = tuple(f"{one.site}/{one.document_id}#{one.first}-{one.after}" for one in quoted)
    return Evidence(
        id=str(new_id()),
        tool="find_in_documents",
        version=_VERSION,
        arguments=canonical(args),
        sources=(
            SourceShare(SOURCE, "document_chunk", len(keys), keys)
            if keys
            else SourceShare(SOURCE, "document", searched.documents, ()),
        ),
        data_as_of=None,
        loaded_at=max((one.ingested_at for one in quoted), default=None),
        query=queries.ran,
    )
