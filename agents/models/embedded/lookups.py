"""Reads a question as one look-up: which tool answers it, with which arguments, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from agents.models.embedded.chunks import Chunk, content_words
from agents.models.embedded.lookups_assemblies import ASSEMBLY_FRAMES
from agents.models.embedded.lookups_documents import DOCUMENT_FRAMES
from agents.models.embedded.lookups_frame import Frame, Proposal
from agents.models.embedded.lookups_materials import MATERIAL_FRAMES
from agents.models.embedded.lookups_names import sentence
from agents.models.embedded.lookups_parts import PARTS_FRAMES
from agents.models.embedded.lookups_patterns import BETWEEN, stem_bag
from agents.models.embedded.lookups_planning import PLANNING_FRAMES
from agents.models.embedded.lookups_purchasing import PURCHASING_FRAMES
from agents.models.embedded.lookups_rates import RATE_FRAMES
from agents.models.embedded.lookups_records import LEDGER_FRAMES, RECORD_FRAMES
from agents.models.embedded.lookups_sentence import Sentence
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.periods import FoundPeriod
from agents.models.embedded.text import Token, tokenise
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue

_LEAST = 0.6
_SURE = 0.9
_FIRST_UNKNOWN = 0.05
_UNKNOWN = 0.1
_BESIDE_NAME = 0.1
_FOREIGN = 0.35
_UNUSED_SLOT = 0.4

_NAMED_FRAMES: tuple[Frame, ...] = (
    *PARTS_FRAMES,
    *ASSEMBLY_FRAMES,
    *PURCHASING_FRAMES,
    *MATERIAL_FRAMES,
    *RECORD_FRAMES,
    *DOCUMENT_FRAMES,
)
_GROUPS: tuple[tuple[tuple[str, ...], tuple[Frame, ...]], ...] = (
    (("material", "supplier", "site"), _NAMED_FRAMES),
    (("currency", "site"), RATE_FRAMES),
    (("company", "account", "cost_centre", "site"), LEDGER_FRAMES),
)
_PLANNED = ("material", "supplier", "site")
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
    "scrap late overdue delay spend spent percent share ratio average mean median month year quarter week "
    "weekly most highest"
    " biggest largest top least fewest lowest worst reject received never ever trend turnover margin yield "
    "efficiency"
    " utilisation customer compare versus correlation forecast profitable operator employee shift create "
    "delete update change"
    " cancel approve why profit oee oldest newest"
)
"""Words of other questions: where a frame does not explain them, its look-up is not what is asked."""
_STRONG_MARKERS = frozenset(
    {
        "most",
        "least",
        "aggregate",
        "share",
        "grain",
        "limit",
        "compare",
        "by",
        "each",
        "worse",
        "versus",
        "never",
    }
)
_ORDINARY = (
    _COURTESY
    | _FOREIGN_WORDS
    | frozenset().union(
        *(frame.vocabulary for _, frames in (*_GROUPS, (_PLANNED, PLANNING_FRAMES)) for frame in frames)
    )
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
        tokens = [_as_typed(token) for token in tokens]
        weighed = _Weighing(chunks, content_words(tokens))
        best: dict[str, LookupCandidate] = {}
        for said, frames in _sentences(tokens, periods, data):
            found = [
                weighed.candidate(proposal, said)
                for frame in frames
                if frame.fits(said) and (strength := frame.strength(said))
                for proposal in frame.proposals(said, strength)
            ]
            for candidate in found:
                key = f"{candidate.call.name} {candidate.call.arguments.model_dump_json()}"
                admitted = candidate.call.name in tools and candidate.score >= _LEAST
                if admitted and (key not in best or best[key].score < candidate.score):
                    best[key] = candidate
            if any(candidate.score >= _SURE for candidate in best.values()):
                break
        return tuple(sorted(best.values(), key=lambda candidate: -candidate.score))

    def bound(
        self,
        tool: str,
        tokens: Sequence[Token],
        chunks: Sequence[Chunk],
        periods: Sequence[FoundPeriod],
        data: MasterData,
    ) -> LookupCandidate | None:
        """The call of this tool with the question's slots, whatever the wording; None without the slots.

        For a reader that knows the tool by other means. The score says only how much of the question is
        explained.
        """
        tokens = [_as_typed(token) for token in tokens]
        weighed = _Weighing(chunks, content_words(tokens))
        found = [
            (frame.strength(said), weighed.candidate(proposal, said))
            for said, frames in _sentences(tokens, periods, data)
            for frame in frames
            if tool in frame.tools and frame.fits(said)
            for proposal in list(frame.proposals(said, 1.0))[:1]
            if proposal.tool == tool
        ]
        return max(found, key=lambda pair: (pair[0], pair[1].score))[1] if found else None


def _sentences(
    tokens: Sequence[Token], periods: Sequence[FoundPeriod], data: MasterData
) -> Iterable[tuple[Sentence, tuple[Frame, ...]]]:
    """The question with each group of frames, with the names it holds and then with those it may hold."""
    # Planning looks ahead; its questions are no others', so that it is asked first.
    yield sentence(tokens, periods, data, _PLANNED), PLANNING_FRAMES
    # What is to come is in every list of requirements; no other look-up takes it as a day to look back on.
    periods = [one for one in periods if one.period.start is None or one.period.start <= data.today]
    for entities, frames in _GROUPS:
        yield sentence(tokens, periods, data, entities), frames
    entities, frames = _GROUPS[0]
    yield sentence(tokens, periods, data, entities, _ORDINARY), (*frames, *PLANNING_FRAMES)


def _as_typed(token: Token) -> Token:
    """A word that was taken for a misspelt one of the catalogue, though a frame knows it as typed."""
    if token.kind != "word" or token.text.lower() == token.norm:
        return token
    typed = tokenise(token.text)
    if len(typed) == 1 and typed[0].stem in _ORDINARY:
        return replace(token, norm=typed[0].norm, stem=typed[0].stem)
    return token


class _Weighing:
    """What of a question a proposal leaves unexplained, and how much that speaks against it."""

    def __init__(self, chunks: Sequence[Chunk], content: set[int]) -> None:
        self._content = content
        self._known = [
            frozenset(range(chunk.first, chunk.after))
            for chunk in chunks
            if chunk.meanings or chunk.marker in _STRONG_MARKERS
        ]

    def candidate(self, proposal: Proposal, said: Sentence) -> LookupCandidate:
        """The proposal with its score."""
        explained = {k for item in (*proposal.slots, *said.of("W")) for k in range(item.first, item.after)}
        slots = set(explained)
        score = proposal.strength - sum(item.doubt for item in proposal.slots)
        odd: set[int] = set()
        for index, item in enumerate(said.items):
            covered = set(range(item.first, item.after))
            if item.kind == "word" and (
                item.word in proposal.vocabulary or item.word in _COURTESY or item.word in BETWEEN
            ):
                explained |= covered
            elif item.kind != "word" and not covered <= slots:
                score -= _UNUSED_SLOT
            elif item.kind == "word" and covered & self._content:
                odd |= covered
                score -= _FOREIGN if item.word in _FOREIGN_WORDS else 0.0
                # The name may be a longer one than was found.
                beside = said.items[max(0, index - 1) : index + 2]
                score -= _BESIDE_NAME if any(other.kind in "MS" for other in beside) else 0.0
            elif item.kind == "word":
                explained |= covered
        foreign = [known for known in self._known if known & odd and not known & explained]
        score -= _FOREIGN * len(foreign)
        unknown = len(odd - {k for known in foreign for k in known})
        if unknown:
            score -= _FIRST_UNKNOWN + _UNKNOWN * (unknown - 1)
        score = max(0.0, min(1.0, score))
        return LookupCandidate(
            ToolCall(proposal.tool, proposal.arguments), proposal.words, score, frozenset(explained)
        )
