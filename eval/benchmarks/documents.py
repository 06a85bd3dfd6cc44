"""How often the passage that answers is found in the demo's documents, under the asker's scope; how fast.

Builds the store in a scratch Postgres with the documents of eight plants, asks the questions of
`documents.yaml` as the person of each, and compares hybrid search with its two halves alone. With `--chunks`
it then fills the index with synthetic passages and measures exact search under the same scope.

    python -m eval.benchmarks.documents --chunks 10000 --chunks 100000
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
import yaml

from erp_adapters.caller import Caller
from erp_adapters.demo.library import index_library
from erp_adapters.documents.embedding import Embedder, NgramEmbedder, packaged_embedder
from erp_adapters.store import OWNER_ROLE, EmbeddedPostgres, Store, migrate, new_id
from eval.rates import Rate
from tools.documents_ranking import FindInDocuments, Weights, about, ranked
from tools.rows import Queries

SITES = {
    "KAS": "Kassel", "GRV": "Greenville", "GRR": "Grand Rapids", "MTY": "Monterrey",
    "HAM": "Hamilton", "WRO": "Wroclaw", "OLO": "Olomouc", "BRE": "Brescia",
}  # fmt: skip
QUESTIONS = Path(__file__).with_name("documents.yaml")
NOWHERE = "none"
_WAYS = {
    "hybrid": Weights(),
    "full text alone": Weights(by_vector=0.0),
    "vectors alone": Weights(by_words=0.0),
}
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the section that answers it."""

    language: str
    site: str
    text: str
    answers: tuple[str, ...]
    """`DOCUMENT section`; none where no document that may be read answers."""
    role: str
    sites: frozenset[str]
    hidden: str
    """A section that answers it, which this person may not read."""
    group: str
    """Plain, in another language, by role, every site, or nowhere."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a question."""

    question: Question
    places: dict[str, int | None]
    """Place of the first passage that answers, for each way of searching; None where it is not among five."""
    answered: bool
    """Whether anything was quoted."""
    quoted: bool
    """Whether the passage that answers was among what was quoted."""
    leaked: bool
    """Whether a passage was among the results that this person may not read."""
    score: tuple[float, float]
    """Inner product and coverage of the best passage."""


def questions() -> tuple[Question, ...]:
    """All questions of the file."""
    raw = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))
    return tuple(_question(*line) for line in raw)


def _question(
    language: str, site: str, text: str, answer: str, more: dict[str, str] | None = None
) -> Question:
    more = more or {}
    answers = tuple(one for one in (answer, more.get("also", "")) if one and one != NOWHERE)
    every = more.get("sites") == "all"
    home = _LANGUAGES[site]
    group = (
        "nowhere" if not answers
        else "by role" if "as" in more
        else "every site" if every
        else "same language" if language == home and not answer.startswith("G-")
        else "other language"
    )  # fmt: skip
    sites = frozenset(SITES) if every else frozenset({site})
    return Question(
        language, site, text, answers, more.get("as", "planner"), sites, more.get("hidden", ""), group
    )


_LANGUAGES = {
    "KAS": "de", "GRV": "en", "GRR": "en", "HAM": "en", "MTY": "es", "WRO": "pl", "OLO": "cs", "BRE": "it",
}  # fmt: skip


@contextmanager
def library(embedder: Embedder) -> Iterator[EmbeddedPostgres]:
    """A scratch server with the eight plants' documents."""
    folder = Path(tempfile.mkdtemp(prefix="plantwright-documents-"))
    folder.chmod(0o755)
    try:
        with EmbeddedPostgres(folder / "home", durable=False) as server:
            migrate(server.dsn(OWNER_ROLE))
            with psycopg.connect(server.dsn(OWNER_ROLE)) as connection:
                for site, name in SITES.items():
                    connection.execute(
                        "insert into erp.site (site, source_system, source_key, load_id, name, time_zone,"
                        " currency, as_of) values (%s, 'synthetic', %s, %s, %s, 'UTC', 'EUR', now())",
                        (site, site, new_id(), name),
                    )
                index_library(connection, embedder)
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def measured(store: Store, embedder: Embedder) -> list[Found]:
    """Every question, asked in every way under its own scope."""
    return [await _asked(store, embedder, question) for question in questions()]


async def _asked(store: Store, embedder: Embedder, question: Question) -> Found:
    caller = Caller("x", "X", frozenset({question.role}), question.sites, frozenset())
    places: dict[str, int | None] = {}
    answered = quoted = leaked = False
    score = (0.0, 0.0)
    for way, weights in _WAYS.items():
        async with store.reading(caller) as tx:
            args = FindInDocuments(question=question.text)
            found, searched = await ranked(Queries(tx), args, embedder, weights)
        keys = list(
            dict.fromkeys(f"{one.document_id} {_section(one.heading)}" for one in found if _counts(one, way))
        )
        places[way] = next((at for at, key in enumerate(keys[:5], 1) if key in question.answers), None)
        if way == "hybrid":
            near = about(found, searched, embedder)[:5]
            answered = bool(near)
            quoted = any(f"{one.document_id} {_section(one.heading)}" in question.answers for one in near)
            leaked = question.hidden in keys
            score = (
                max((one.near or 0.0 for one in found), default=0.0),
                max((one.coverage for one in found), default=0.0),
            )
    return Found(question, places, answered, quoted, leaked, score)


def _counts(one: Any, way: str) -> bool:
    """A passage that the other way alone has found stands last, with no score of this one."""
    return bool(one.score > 0)


def _section(heading: str) -> str:
    words = heading.split(" › ")[-1].split()
    return " ".join(words[: 2 if words[0] in ("§", "Art.") else 1]) if words else ""


def table(found: Sequence[Found]) -> str:
    """Recall by group and way, as a Markdown table."""
    groups: dict[str, list[Found]] = {}
    for one in found:
        if one.question.answers:
            for name in ("all", one.question.group, f"asked in {one.question.language}"):
                groups.setdefault(name, []).append(one)
    lines = [
        "| questions | of them | " + " | ".join(f"{way}: @1 | @5" for way in _WAYS) + " |",
        "|---|---:|" + "---|---|" * len(_WAYS),
    ]
    for name, some in groups.items():
        cells = []
        for way in _WAYS:
            at = [one.places[way] for one in some]
            cells += [
                str(Rate(sum(p == 1 for p in at), len(at))),
                str(Rate(sum(p is not None for p in at), len(at))),
            ]
        lines.append(f"| {name} | {len(some)} | {' | '.join(cells)} |")
    nowhere = [one for one in found if not one.question.answers]
    with_answer = [one for one in found if one.question.answers]
    lines += [
        "",
        f"Nothing is quoted where nothing answers: {_rate([not one.answered for one in nowhere])}.",
        f"Something is quoted where something answers: {_rate([one.answered for one in with_answer])};"
        f" what answers: {_rate([one.quoted for one in with_answer])}.",
        f"Passages of documents that the person may not read: {sum(one.leaked for one in found)}.",
    ]
    return "\n".join(lines)


def _rate(hits: Sequence[bool]) -> str:
    return f"{Rate(sum(hits), len(hits))} of {len(hits)}"


_FILL = """
insert into erp.document_chunk (site, source_system, source_key, load_id, document_id, chunk, text, embedder,
                                embedder_version, embedding, language, heading, first, after, roles)
select (array['KAS','GRV','GRR','MTY','HAM','WRO','OLO','BRE'])[n %% 8 + 1], 'synthetic', n::text, %(load)s,
       'S' || n, 0, c.text, c.embedder, c.embedder_version,
       (select ('[' || string_agg((v * (0.5 + random()))::text, ',') || ']')::halfvec
        from unnest(c.embedding::real[]) v), c.language, c.heading, 0, 1, '{}'
from generate_series(1, %(chunks)s) n
join (select *, row_number() over (order by source_key, site) as r
      from erp.document_chunk where source_system = 'documents') c on c.r = n %% 300 + 1
"""


async def speed(server: EmbeddedPostgres, store: Store, embedder: Embedder, chunks: int) -> str:
    """Milliseconds of a question over so many synthetic passages, for one site and for all eight."""
    with psycopg.connect(server.dsn(OWNER_ROLE)) as connection:
        connection.execute("delete from erp.document_chunk where source_system = 'synthetic'")
        connection.execute(_FILL, {"load": new_id(), "chunks": chunks})
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze erp.document_chunk")
    cells = []
    for sites in (frozenset({"KAS"}), frozenset(SITES)):
        caller = Caller("x", "X", frozenset({"planner"}), sites, frozenset())
        took = []
        for question in questions()[:_ROUNDS]:
            async with store.reading(caller) as tx:
                began = time.perf_counter()
                await ranked(Queries(tx), FindInDocuments(question=question.text), embedder)
                took.append(1000 * (time.perf_counter() - began))
        cells.append(f"{statistics.median(took):.0f} ms (slowest {max(took):.0f})")
    return f"| {chunks:,} | {' | '.join(cells)} |"


async def _report(embedder: Embedder, chunks: Sequence[int]) -> None:
    began = time.perf_counter()
    with library(embedder) as server:
        took = time.perf_counter() - began
        async with await Store.open(server.dsn("plantwright_app"), statement_timeout_ms=120_000) as store:
            print(f"Embedder {embedder.name} {embedder.version}; built in {took:.1f} s with the server\n")
            print(table(await measured(store, embedder)))
            if chunks:
                print("\n| passages | one site of eight | all sites |\n|---:|---|---|")
            for count in chunks:
                print(await speed(server, store, embedder, count), flush=True)


def main(
    chunks: Annotated[list[int] | None, typer.Option(help="Synthetic passages to measure speed at.")] = None,
    ngrams: Annotated[
        bool, typer.Option("--ngrams", help="Measure what stands in without an encoder.")
    ] = False,
) -> None:
    """Print recall with intervals, and the time that a question takes."""
    asyncio.run(_report(NgramEmbedder() if ngrams else packaged_embedder(), chunks or []))


if __name__ == "__main__":
    typer.run(main)
