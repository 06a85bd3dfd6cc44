"""The uses that a phrase of a question can have, likeliest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from agents.models.embedded.assembly.columns import Columns
from agents.models.embedded.assembly.comparisons import Comparisons
from agents.models.embedded.assembly.conditions import Conditions
from agents.models.embedded.assembly.figures import Figures
from agents.models.embedded.assembly.groups import Groups
from agents.models.embedded.assembly.nouns import Nouns
from agents.models.embedded.assembly.question import Question
from agents.models.embedded.assembly.ranking import Ranking
from agents.models.embedded.assembly.references import References
from agents.models.embedded.lexicon import FlagWord, LinkWord, RoleWord

Prefer = Literal["condition", "metric"]
_Use = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Uses:
    """Puts phrases to use."""

    question: Question
    prefer: Prefer
    figures: Figures
    groups: Groups
    conditions: Conditions
    comparisons: Comparisons
    ranking: Ranking
    nouns: Nouns
    columns: Columns
    references: References

    def place(self, index: int) -> None:
        """Puts a chunk to the first use that fits; one that fits none speaks against the assembly."""
        if any(use(index) for use in self._in_order(index)):
            self.question.use(index)
        else:
            self.question.out.penalty += 0.5 * self.question.chunks[index].weight

    def _in_order(self, index: int) -> list[_Use]:
        question, out = self.question, self.question.out
        compared = self.comparisons.of(index) is not None
        order: list[_Use] = []
        if not out.head and not out.by:
            order.append(self.nouns.as_category_head)
        if self.conditions.continues(index):
            order.append(self.conditions.as_filter)
        order += self._by_markers(index, compared)
        if not out.head and question.entities(index):
            order.append(self.nouns.as_head)
        if out.size and not out.order and out.head == out.entity:
            order.append(self.ranking.as_size)
        if out.listed and out.head == out.entity and not out.counted and not compared:
            order.append(self.columns.as_own_field)
        filters: list[_Use] = [self.conditions.as_filter, self.ranking.as_rank_word]
        figures: list[_Use] = [self.figures.as_metric]
        order += [*filters, *figures] if self.prefer == "condition" else [*figures, *filters]
        order += [self.nouns.as_head_again, self.columns.as_field, self._as_role, self._as_link]
        return [*order, self.references.as_reference]

    def _by_markers(self, index: int, compared: bool) -> list[_Use]:
        """The uses that markers beside a phrase ask for."""
        question = self.question
        order: list[_Use] = []
        if self.groups.continues(index) and not question.words(index, FlagWord):
            order.append(self.groups.as_group)
        if question.before(index, "by", "each", "per") is not None:
            order += [self.groups.as_group, self.ranking.as_order]
        if compared:
            order.append(self.comparisons.as_compared)
        if self.figures.aggregate_before(index) is not None:
            order.append(self.figures.as_aggregate)
        if (
            question.before(index, "most", "least", through=2) is not None
            or question.before(index, "limit") is not None
        ):
            order.append(self.ranking.as_ranked)
        return order

    def _as_role(self, index: int) -> bool:
        """`placed`: says only which date is meant."""
        return any(self.question.reaches(word.entity) for word in self.question.words(index, RoleWord))

    def _as_link(self, index: int) -> bool:
        """`assembly`: says only which role is meant."""
        return any(word.entity == self.question.out.entity for word in self.question.words(index, LinkWord))
