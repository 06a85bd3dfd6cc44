"""What is shown of each row: `orders with their due date`."""

from __future__ import annotations

from agents.models.embedded.assembly.question import Question, path_of
from agents.models.embedded.lexicon import MetricWord


class Columns:
    """Shows fields that chunks name."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._out = question.out

    def as_own_field(self, index: int) -> bool:
        """Beside listed records their own field is shown, rather than a figure over all of them."""
        own = [word for word in self._question.sortable(index) if word.entity == self._out.entity]
        if not own or not self._question.words(index, MetricWord):
            return False
        self._out.show_also(path_of(own[0]))
        return True

    def as_field(self, index: int) -> bool:
        """`due date`: a field of the records, or of what they refer to."""
        found = self._question.fields(index)
        if not found:
            return False
        self._out.show_also(path_of(found[0]))
        return True
