"""The grammar reader: every sensible assembly of a question, best first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agents.models.embedded.assembly import Assembler, Assembly, Prefer
from agents.models.embedded.chunks import KNOWN_WORDS, Chunk, Chunker, content_words
from agents.models.embedded.languages import Masking
from agents.models.embedded.languages.glossing import glossed
from agents.models.embedded.lexicon import CatalogueHolder, EntityWord, MetricWord, catalogue_phrases
from agents.models.embedded.links import Linker
from agents.models.embedded.masked import Masked, masked
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.periods import FoundPeriod, Period, Periods
from agents.models.embedded.shaping import Shaper
from agents.models.embedded.spelling import spelt
from agents.models.embedded.text import Token, tokenise
from tools.errors import QueryInvalid
from tools.languages import Language
from tools.metrics.catalogue import Catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import MetricQuery

_UNLOADED = 0.1
"""What a reading loses for records of which none are loaded: the same word may name some that are."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A query that a question may mean, how well it explains the question, and what it leaves open."""

    query: MetricQuery
    score: float
    unexplained: tuple[str, ...]
    entity: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A question's tokens and chunks with its candidates, best first."""

    tokens: tuple[Token, ...]
    chunks: tuple[Chunk, ...]
    periods: tuple[FoundPeriod, ...]
    candidates: tuple[Candidate, ...]


# `(on time = done on or before the due date)` defines a word, it asks for nothing.
_DEFINITION = re.compile(r"\([^()]*=[^()]*\)|[,;:] *\w+ = [^?.]*")
_INSTRUCTIONS = (
    ("counting",),
    ("treating",),
    ("include",),
    ("put",),
    ("show", "zero"),
    ("show", "all"),
    ("list", "all", "if"),
    ("ties",),
    ("all", "of", "them", "if"),
    ("with", "ties"),
    ("decide",),
    ("round",),
    ("rounded",),
    ("name", "and", "number"),
    ("two", "numbers"),
    ("three", "numbers"),
    ("date", "and"),
    ("thanks",),
    ("please",),
    ("i", "need"),
    ("item", ",", "vendor"),
)


def without_instructions(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The question without closing remarks on how to count or show it, which every answer keeps to anyway."""
    for index in range(3, len(tokens)):
        opens = tokens[index - 1].norm in (",", ".", "?", ";", ":", "(", "-")
        words = tuple(token.norm for token in tokens[index : index + 4])
        if opens and any(words[: len(start)] == start for start in _INSTRUCTIONS):
            rest = [token.norm for token in tokens[index:]]
            if not {"by", "where", "than", "only"} & set(rest[:12]):
                return tuple(tokens[: index - 1])
    return tuple(tokens)


class GrammarReader:
    """Reads questions by the catalogue's words and the caller's master data."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._words = catalogue_phrases(catalogue.hash, CatalogueHolder(catalogue))
        self._compiler = Compiler(catalogue)

    def read(self, question: str, data: MasterData) -> Parsed:
        """Candidates for a question, best first; none where nothing of it is known."""
        return self.read_tokens(self.tokens(question, data), data)

    def tokens(self, question: str, data: MasterData) -> tuple[Token, ...]:
        """The question's tokens, definitions left out and slips mended."""
        return spelt(tokenise(_DEFINITION.sub(" ", question)), (self._words, data.phrases))

    def masked(
        self, question: str, data: MasterData, before: Period | None = None, language: Language = "en"
    ) -> Masked:
        """The question as the learned reader sees it; `before` is the period of the turn before."""
        if language != "en":
            return Masking(self._catalogue, language).masked(question, data, before)
        linker = Linker(self._words, data, self._catalogue)
        known = (self._words, data.phrases)
        tokens = linker.tokens(spelt(tokenise(question), known, keep_everyday=True))
        return _masked(tokens, linker, data, before)

    def in_english(self, question: str, data: MasterData, language: Language) -> Masked:
        """A question of another language as the learned reader sees English ones, by its glosses."""
        linker = Linker(self._words, data, self._catalogue)
        return _masked(glossed(question, language, linker, data, self._catalogue), linker, data)

    def chunked(self, question: str, data: MasterData) -> tuple[tuple[Token, ...], tuple[Chunk, ...]]:
        """The question's tokens and chunks, each period as it is named."""
        tokens = spelt(tokenise(question), (self._words, data.phrases))
        return tokens, Chunker(self._words, data.phrases).chunks(tokens, Periods(data.today).parts(tokens))

    def read_tokens(self, said: Sequence[Token], data: MasterData, before: Period | None = None) -> Parsed:
        """The same for tokens, or some of them."""
        tokens = without_instructions(said)
        periods = Periods(data.today, before).find(tokens)
        chunks = Chunker(self._words, data.phrases).chunks(tokens, periods)
        keep_missing = bool({"include", "put", "also", "line"} & {t.norm for t in said}) and bool(
            {"without", "no", "unassigned", "not"} & {t.norm for t in said}
        )
        return Parsed(
            tokens, chunks, tuple(periods), tuple(self._candidates(tokens, chunks, data, keep_missing))
        )

    def _candidates(
        self, tokens: Sequence[Token], chunks: Sequence[Chunk], data: MasterData, keep_missing: bool
    ) -> list[Candidate]:
        content = content_words(tokens)
        shaper = Shaper(self._catalogue, tokens, keep_missing)
        found: dict[str, Candidate] = {}
        called = self._called(chunks)
        for entity in self._entities(chunks):
            if entity in data.empty and entity not in called:
                continue
            for prefer in ("condition", "metric"):
                candidate = self._candidate(tokens, chunks, entity, prefer, shaper, content, data)
                if candidate is None:
                    continue
                if entity in data.empty:
                    candidate = replace(candidate, score=candidate.score - _UNLOADED)
                key = candidate.query.model_dump_json()
                if key not in found or found[key].score < candidate.score:
                    found[key] = candidate
        return sorted(found.values(), key=lambda candidate: -candidate.score)

    def _called(self, chunks: Sequence[Chunk]) -> frozenset[str]:
        """Kinds of records that are named themselves, or by a figure of theirs."""
        meanings = [meaning for chunk in chunks for meaning in chunk.meanings]
        figures = {
            self._catalogue.metrics[meaning.metric].entity
            for meaning in meanings
            if isinstance(meaning, MetricWord)
        }
        return frozenset(figures | {one.entity for one in meanings if isinstance(one, EntityWord)})

    def _entities(self, chunks: Sequence[Chunk]) -> Iterable[str]:
        named: dict[str, None] = {}
        for chunk in chunks:
            for meaning in chunk.meanings:
                if isinstance(meaning, MetricWord):
                    named[self._catalogue.metrics[meaning.metric].entity] = None
                else:
                    named[meaning.entity] = None
        return [*named, *self._bridges(tuple(named))]

    def _bridges(self, named: Sequence[str]) -> Iterable[str]:
        """Records that tie two of the named kinds together: stock ties materials to locations."""
        for name, entity in self._catalogue.entities.items():
            if name not in named:
                ends = {link.to for link in entity.links.values() if link.to != "site"}
                if len(ends & set(named)) > 1:
                    yield name

    def _candidate(
        self,
        tokens: Sequence[Token],
        chunks: Sequence[Chunk],
        entity: str,
        prefer: Prefer,
        shaper: Shaper,
        content: set[int],
        data: MasterData,
    ) -> Candidate | None:
        assembly = Assembler(self._catalogue, tokens, chunks, prefer, data.base_currency).assemble(entity)
        query = shaper.shape(assembly)
        if query is None:
            return None
        try:
            self._compiler.meaning(query)
        except QueryInvalid:
            return None
        left = content - assembly.used
        explained = 1.0 - len(left) / max(1, len(content))
        score = explained - 0.12 * assembly.penalty + self._prior(assembly, query, chunks)
        words = tuple(dict.fromkeys(tokens[i].text for i in sorted(left)))
        # A proper name that nothing in the caller's data bears is not passed over.
        score -= 0.3 * sum(tokens[i].capital and i > 0 and tokens[i].norm not in KNOWN_WORDS for i in left)
        return Candidate(query, score, (*words,), entity)

    def _prior(self, assembly: Assembly, query: MetricQuery, chunks: Sequence[Chunk]) -> float:
        """What makes a reading more natural than another that explains as much."""
        prior = 0.0
        heads = [
            meaning.entity
            for chunk in chunks
            for meaning in chunk.meanings
            if isinstance(meaning, EntityWord)
        ]
        if heads and heads[0] == assembly.entity:
            prior += 0.06
        elif assembly.entity in heads:
            prior += 0.04
        if assembly.counted and assembly.counted == assembly.entity:
            prior += 0.03
        if any(
            measure.metric and self._catalogue.metrics[measure.metric].entity == assembly.entity
            for measure in query.measures
        ):
            prior += 0.05
        if query.rows_of and not query.where and not query.having and not query.order:
            prior -= 0.1
        return prior


def _masked(
    tokens: Sequence[Token], linker: Linker, data: MasterData, before: Period | None = None
) -> Masked:
    periods = Periods(data.today, before).parts(tokens)
    links = linker.links(tokens, periods)
    return masked(tokens, links, periods, data.today.year, data.base_currency[0])
