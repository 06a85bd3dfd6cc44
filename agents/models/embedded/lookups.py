"""Reads a question as one look-up: which tool answers it, with which arguments, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from agents.models.embedded.chunks import Chunk, content_words
from agents.models.embedded.lexicon import MetricWord
from agents.models.embedded.lookups_frame import Frame, Proposal
from agents.models.embedded.lookups_record import LEDGER_FRAMES, RECORD_FRAMES
from agents.models.embedded.lookups_sentence import Sentence, sentence
from agents.models.embedded.lookups_structure import STRUCTURE_FRAMES
from agents.models.embedded.lookups_trade import CURRENCY_FRAMES, TRADE_FRAMES
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.periods import FoundPeriod
from agents.models.embedded.text import Token, stems, tokenise
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue

_LEAST = 0.6
_UNEXPLAINED = 0.12
_FOREIGN = 0.35
_UNUSED_SLOT = 0.4

_COURTESY = frozenset(
    stems(
        "please could would want wants like know need question quick answer look check see help thanks "
        "thank wondering wonder tell show list give find get say let morning"
        " currently current present moment right away now today exactly exact also just ok okay hello hi "
        "hey dear team boss colleague guys basically maybe actually really simply"
        " going happen possible must should shall may might believe think guess suppose assume according "
        "based remind again name names number numbers id ids code codes total"
    )
)
_FOREIGN_STEMS = frozenset(
    stems(
        "scrap scrapped scrapping late overdue delay delayed spend spent spending percent percentage share "
        "ratio average mean median month months monthly year years yearly quarter quarterly week weekly"
        " most highest biggest largest top least fewest lowest worst rate reject rejected received receive "
        "sold sales throughput never ever except excluding trend turnover margin yield efficiency utilisation"
        " finished completed started produced category categories subcategory customer customers compare "
        "compared versus change per correlation forecast"
    )
)
"""Words of evaluations: where no frame explains them, the question is about figures rather than a look-up."""


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
        self._ordinary = _ordinary_words()

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
            proposals = _proposals(said, frames)
            if not proposals and "material" in entities:
                said = sentence(tokens, periods, data, entities, self._ordinary)
                proposals = _proposals(said, frames)
            for proposal in proposals:
                if proposal.tool not in tools:
                    continue
                candidate = _candidate(proposal, said, content, metrics)
                key = f"{proposal.tool} {proposal.arguments.model_dump_json()}"
                if candidate.score >= _LEAST and (key not in best or best[key].score < candidate.score):
                    best[key] = candidate
        return tuple(sorted(best.values(), key=lambda candidate: -candidate.score))

    def _as_typed(self, token: Token) -> Token:
        """A word that was taken for a misspelt one of the catalogue, though a frame knows it as typed."""
        if token.kind != "word" or token.text.lower() == token.norm:
            return token
        typed = tokenise(token.text)
        return (
            replace(token, norm=typed[0].norm, stem=typed[0].stem)
            if len(typed) == 1 and typed[0].stem in self._ordinary
            else token
        )


_GROUPS: tuple[tuple[tuple[str, ...], tuple[Frame, ...]], ...] = (
    (("material", "supplier", "site"), (*STRUCTURE_FRAMES, *TRADE_FRAMES, *RECORD_FRAMES)),
    (("currency", "site"), CURRENCY_FRAMES),
    (("company", "account", "cost_centre", "site"), LEDGER_FRAMES),
)


def _proposals(said: Sentence, frames: Sequence[Frame]) -> list[Proposal]:
    return [proposal for frame in frames for proposal in frame(said)]


def _candidate(proposal: Proposal, said: Sentence, content: set[int], metrics: set[int]) -> LookupCandidate:
    taken = {k for item in (*proposal.slots, *said.of("W")) for k in range(item.first, item.after)}
    score = proposal.strength - sum(item.doubt for item in proposal.slots)
    explained = set(taken)
    for item in said.items:
        covered = set(range(item.first, item.after))
        if item.kind == "word":
            if item.word in proposal.vocabulary:
                explained |= covered
            elif item.word in _FOREIGN_STEMS or covered & metrics:
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


def _ordinary_words() -> frozenset[str]:
    """Stems that are no part of a misspelt name: the frames' own and those of everyday questions."""
    from agents.models.embedded import lookups_record, lookups_structure, lookups_trade
    from agents.models.embedded.lookups_frame import Cues

    found: set[str] = set(_COURTESY | _FOREIGN_STEMS)
    for module in (lookups_record, lookups_structure, lookups_trade):
        for cues in vars(module).values():
            if isinstance(cues, Cues):
                found |= cues.vocabulary
    return frozenset(
        found
        | set(
            stems(
                "i you we they he she it of the a an in on at for to by with from and or if is are be do does"
            )
        )
    )
