"""Assembles a question's chunks about one kind of record after the other."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.assembly.columns import Columns
from agents.models.embedded.assembly.comparisons import Comparisons
from agents.models.embedded.assembly.conditions import Conditions
from agents.models.embedded.assembly.dates import Dates
from agents.models.embedded.assembly.figures import Figures
from agents.models.embedded.assembly.groups import Groups
from agents.models.embedded.assembly.hypothesis import Assembly
from agents.models.embedded.assembly.markers import Markers
from agents.models.embedded.assembly.nouns import Nouns
from agents.models.embedded.assembly.question import Question
from agents.models.embedded.assembly.ranking import Ranking
from agents.models.embedded.assembly.references import References
from agents.models.embedded.assembly.uses import Prefer, Uses
from agents.models.embedded.chunks import Chunk
from agents.models.embedded.text import Token
from tools.metrics.catalogue import Catalogue


class Assembler:
    """Assembles chunks about one kind of record."""

    def __init__(
        self,
        catalogue: Catalogue,
        tokens: Sequence[Token],
        chunks: Sequence[Chunk],
        prefer: Prefer,
        base: tuple[str, tuple[str, ...]],
    ) -> None:
        self._catalogue = catalogue
        self._tokens = tokens
        self._chunks = chunks
        self._prefer = prefer
        self._base = base

    def assemble(self, entity: str) -> Assembly:
        """The chunks read as being about an entity's records."""
        question = Question(self._catalogue, self._tokens, self._chunks, entity)
        out = question.out
        dates, figures, groups = Dates(question), Figures(question), Groups(question)
        conditions = Conditions(question, groups, self._base)
        comparisons, ranking = Comparisons(question, figures), Ranking(question, figures)
        markers = Markers(question, dates, groups, comparisons, conditions)
        uses = Uses(
            question,
            self._prefer,
            figures,
            groups,
            conditions,
            comparisons,
            ranking,
            Nouns(question, figures, ranking),
            Columns(question),
            References(question),
        )
        dates.place()
        if dates.one_negated() and entity not in ("material", "supplier"):
            out.penalty += 3.0
        for index in _aggregates_last(question):
            if index in question.taken:
                continue
            if question.marker(index):
                markers.place(index)
            else:
                uses.place(index)
        _place_numbers(question, comparisons)
        denied = [i for i in range(len(self._chunks)) if question.marker(i) in ("not", "never")]
        for _ in set(denied) - question.negations:
            out.penalty += 0.7
        return out


def _aggregates_last(question: Question) -> list[int]:
    return sorted(range(len(question.chunks)), key=lambda index: question.marker(index) == "aggregate")


def _place_numbers(question: Question, comparisons: Comparisons) -> None:
    """Numbers that no phrase took: an amount of whatever is held, or how many rows are wanted."""
    for index, chunk in enumerate(question.chunks):
        if index in question.taken:
            continue
        if chunk.marker == "compare":
            comparisons.place_amount(index)
        elif chunk.marker == "limit" and chunk.number is not None and question.out.limit is None:
            question.out.limit = int(chunk.number)
            question.use(index)
