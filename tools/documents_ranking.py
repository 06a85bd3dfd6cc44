"""Passages of documents by how near they are to a question, by words and by meaning, in a caller's scope."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from pydantic import Field

from erp_adapters.documents.document import SOURCE
from erp_adapters.documents.embedding import Embedder
from erp_adapters.documents.storing import vector_text
from tools.arguments import Arguments, SiteName, Text
from tools.naming import site_of
from tools.rows import Queries

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


Kind: TypeAlias = Literal["procedure", "contract", "policy", "agreement", "attachment", "note"]


class FindInDocuments(Arguments):
    """What to look for, and where."""

    question: Text = Field(
        description="What is asked, in whole words, in any language: 'partial deliveries at goods receipt'."
    )
    kind: Kind | None = Field(None, description="Only documents of this kind.")
    site: SiteName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
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
    source_system: str
    system: str
    """Of what hangs on an object of a connected system: what that is called; empty of a folder's."""
    about: str
    object: str
    ingested_at: datetime
    today: date | None
    score: float
    near: float | None
    """Inner product with the question; None where the passage has no vector to compare."""
    coverage: float
    """Share of the question's words in it, rare ones counting more."""

    @property
    def is_attached(self) -> bool:
        """True where it hangs on an object of a connected system, and is no document of a folder."""
        return self.source_system != SOURCE

    @property
    def nearness(self) -> float:
        """How sure it is that it is about the question, by meaning and by words."""
        return (self.near or 0.0) + _WORDS_SAY * self.coverage


@dataclass(frozen=True, slots=True)
class Searched:
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
       d.language, d.revision, d.valid_from, d.valid_to, d.file, d.source_system, d.system, d.about, d.object,
       d.ingested_at, s.as_of::date as today,
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
) -> tuple[list[Found], Searched]:
    """Passages in the caller's scope, the best first, and how many were searched; far ones too."""
    weights = weights or Weights()
    site = await site_of(queries.tx, args.site)
    scope: dict[str, object] = {
        "site": site,
        "kind": args.kind,
        "embedder": embedder.name,
        "version": embedder.version,
    }
    searched = (await queries.rows(Searched, _COUNT, scope))[0]
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
    return await quiet.rows(Found, _SEARCH, params), searched


def beginnings(question: str) -> list[str]:
    """What words begin with in whatever form they stand: for languages that Postgres has no stemmer for."""
    words = [word.lower() for word in _LETTERS.findall(question)]
    cut = [word[: max(_BEGINNING, len(word) - _ENDING)] for word in words if len(word) >= _BEGINNING]
    return list(dict.fromkeys(cut))


def about(found: Sequence[Found], searched: Searched, embedder: Embedder) -> list[Found]:
    """The passages that are likely about the question."""
    least = embedder.near if searched.comparable else _WORDS_SAY * _WORDS_ALONE
    nearest = max((one.nearness for one in found), default=0.0)
    return [one for one in found if one.nearness >= max(least, _LATER * nearest)]
