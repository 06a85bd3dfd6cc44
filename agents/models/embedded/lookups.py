"""Reads a question as one look-up: which tool answers it, with which arguments, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from agents.models.embedded.chunks import Chunk, content_words
from agents.models.embedded.lexicon import MetricWord
from agents.models.embedded.lookups_assemblies import ASSEMBLY_FRAMES, ASSEMBLY_WORDS
from agents.models.embedded.lookups_frame import Frame, Proposal
from agents.models.embedded.lookups_materials import MATERIAL_FRAMES, MATERIAL_WORDS
from agents.models.embedded.lookups_names import sentence
from agents.models.embedded.lookups_parts import PARTS_FRAMES, PARTS_WORDS
from agents.models.embedded.lookups_patterns import stem_bag
from agents.models.embedded.lookups_purchasing import PURCHASING_FRAMES, PURCHASING_WORDS
from agents.models.embedded.lookups_rates import RATE_FRAMES, RATE_WORDS
from agents.models.embedded.lookups_records import LEDGER_FRAMES, RECORD_FRAMES, RECORD_WORDS
from agents.models.embedded.lookups_sentence import Sentence
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.periods import FoundPeriod
from agents.models.embedded.text import Token, tokenise
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue

_LEAST = 0.6
_SURE = 0.9
_UNEXPLAINED = 0.12
_FOREIGN = 0.35
_UNUSED_SLOT = 0.4

_COURTESY = stem_bag(
    "please could would want wants like know need question quick answer look check see help thanks thank "
    "wondering wonder"
    " tell show list give find get say let morning currently current present moment right away now today "
    "exactly exact also"
    " just ok okay hello hi hey dear team boss colleague guys basically maybe actually really simply going "
    "happen possible"
    " must should shall may might believe think guess suppose assume according based remind again name "
    "names number numbers"
    " id ids code codes total so then well one ones"
)
"""Words that any question may hold."""
_FOREIGN_WORDS = stem_bag(
    "scrap scrapped scrapping late overdue delay delayed spend spent spending percent percentage share "
    "ratio average mean"
    " median month months monthly year years yearly quarter quarterly week weekly most highest biggest "
    "largest top least"
    " fewest lowest worst rate reject rejected received receive sold sales throughput never ever except "
    "excluding trend"
    " turnover margin yield efficiency utilisation finished completed started produced category categories "
    "subcategory"
    " customer customers compare compared versus change per correlation forecast profitable operator shift"
)
"""Words of evaluations: where no frame explains them, the question is about figures rather than a look-up."""
_ORDINARY = (
    _COURTESY
    | _FOREIGN_WORDS
    | ASSEMBLY_WORDS
    | MATERIAL_WORDS
    | PARTS_WORDS
    | PURCHASING_WORDS
    | RATE_WORDS
    | RECORD_WORDS
    | stem_bag("i you we they he she it of the a an in on at for to by with from and or if is are be do does")
)
"""Words that are no part of a misspelt name."""


@dataclass(frozen=True, slots=True)
class LookupCandidate:
    """A look-up that a question may mean."""

    call: ToolCall
    words: str
    """The reading in words, without what only the tool knows, such as ids and its own today."""
    score: float
    """From 0 to 1: 0.9 and above is sure, 0.6 to 0.9 plausible."""
    used: frozenset[int]
    """Positions of the tokens that it explains."""


class LookupReader:
    """Maps questions to calls of the look-up tools by frames: wordings with slots."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def read(
        self,
        tokens: Sequence[Token],
        chunks: Sequence[Chunk],
        periods: Sequence[FoundPeriod],
        data: MasterData,
        tools: Collection[str],
    ) -> tuple[LookupCandidate, ...]:
        """Look-ups among these tools that the question may mean, best first; none where it means none."""
        tokens = [self._as_typed(token) for token in tokens]
        metrics = _metric_words(chunks)
        content = content_words(tokens)
        best: dict[str, LookupCandidate] = {}
        for entities, frames in _GROUPS:
            said = sentence(tokens, periods, data, entities)
            found = _candidates(said, frames, content, metrics)
            if "material" in entities and (not found or max(c.score for c in found) < _SURE):
                guessed = sentence(tokens, periods, data, entities, _ORDINARY)
                found += _candidates(guessed, frames, content, metrics) if guessed.text != said.text else []
            for candidate in found:
                key = f"{candidate.call.name} {candidate.call.arguments.model_dump_json()}"
                admitted = candidate.call.name in tools and candidate.score >= _LEAST
                if admitted and (key not in best or best[key].score < candidate.score):
                    best[key] = candidate
        return tuple(sorted(best.values(), key=lambda candidate: -candidate.score))

    def _as_typed(self, token: Token) -> Token:
        """A word that was taken for a misspelt one of the catalogue, though a frame knows it as typed."""
        if token.kind != "word" or token.text.lower() == token.norm:
            return token
        typed = tokenise(token.text)
        return (
            replace(token, norm=typed[0].norm, stem=typed[0].stem)
            if len(typed) == 1 and typed[0].stem in _ORDINARY
            else token
        )


_NAMED_FRAMES = (*PARTS_FRAMES, *ASSEMBLY_FRAMES, *PURCHASING_FRAMES, *MATERIAL_FRAMES, *RECORD_FRAMES)
_GROUPS: tuple[tuple[tuple[str, ...], tuple[Frame, ...]], ...] = (
    (
        ("material", "supplier", "site"),
        (*PARTS_FRAMES, *ASSEMBLY_FRAMES, *PURCHASING_FRAMES, *MATERIAL_FRAMES, *RECORD_FRAMES),
    ),
    (("currency", "site"), RATE_FRAMES),
    (("company", "account", "cost_centre", "site"), LEDGER_FRAMES),
)


def _candidates(
    said: Sentence, frames: Sequence[Frame], content: set[int], metrics: set[int]
) -> list[LookupCandidate]:
    return [_candidate(proposal, said, content, metrics) for frame in frames for proposal in frame(said)]


def _candidate(proposal: Proposal, said: Sentence, content: set[int], metrics: set[int]) -> LookupCandidate:
    taken = {k for item in (*proposal.slots, *said.of("W")) for k in range(item.first, item.after)}
    score = proposal.strength - sum(item.doubt for item in proposal.slots)
    explained = set(taken)
    for item in said.items:
        covered = set(range(item.first, item.after))
        if item.kind == "word":
            if item.word in proposal.vocabulary:
                explained |= covered
            elif item.word in _FOREIGN_WORDS or covered & metrics:
                score -= _FOREIGN
            elif covered & content and item.word not in _COURTESY:
                score -= _UNEXPLAINED
            else:
                explained |= covered
        elif not covered <= taken:
            score -= _UNUSED_SLOT
    return LookupCandidate(
        ToolCall(proposal.tool, proposal.arguments),
        proposal.words,
        max(0.0, min(1.0, score)),
        frozenset(explained),
    )


def _metric_words(chunks: Sequence[Chunk]) -> set[int]:
    """Positions of words that only name a metric."""
    return {
        k
        for chunk in chunks
        if chunk.meanings and all(isinstance(meaning, MetricWord) for meaning in chunk.meanings)
        for k in range(chunk.first, chunk.after)
    }
