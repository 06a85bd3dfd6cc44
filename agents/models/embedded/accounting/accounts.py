"""What a plan leaves out of a question, clause by clause."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from agents.models.embedded.accounting import (
    amounts,
    beyond,
    columns,
    conditions,
    days,
    denied,
    dropped,
    figures,
    limits,
    listed,
    names,
    rows,
    sequence,
    spans,
    vocabulary,
    whichever,
)
from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing
from agents.models.embedded.accounting.unsaid import unsaid
from agents.models.embedded.masked import Masked
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue

Check: TypeAlias = Callable[[Asked, Doing], Iterator[Left]]

_OF_QUERIES: tuple[Check, ...] = (
    figures.ratio, figures.difference, figures.average, figures.count, figures.unit, figures.comparison,
    figures.before_and_after, days.age, rows.ranking, rows.judged, rows.top,
    rows.recent, rows.grouping, rows.each, conditions.exception, conditions.only, conditions.free,
    days.open_period, days.date_role, columns.columns, columns.number, vocabulary.words,
    vocabulary.of_one_kind, rows.ends, rows.most, rows.head, figures.share, spans.spans, spans.unused,
    spans.paired, limits.limits, limits.percents, limits.zero, spans.that_day, spans.vague, rows.which,
    names.names, names.series, names.together, names.unknown, rows.first_of, amounts.amounts,
    listed.listed, listed.ranked_by, listed.ends_alone, listed.counted_alone, listed.unknown_among,
    dropped.turned, dropped.kept_out, denied.denied, whichever.whichever,
    rows.asked_for, rows.summed, beyond.nth, beyond.all_but, beyond.running,
    beyond.on_average, beyond.between_failures, beyond.in_time,
    sequence.ordinal, sequence.after_it, sequence.first_record,
    sequence.in_all,
)  # fmt: skip
_SURE: tuple[Check, ...] = (
    figures.count, figures.share, days.open_period, rows.ends, rows.head, spans.spans, spans.unused,
    spans.paired, spans.vague, limits.limits, names.names, names.series, amounts.amounts,
    beyond.nth, beyond.running, beyond.between_failures, beyond.in_time,
)  # fmt: skip
"""Those that pay in German, Spanish and French too; the others held back right answers, hardly wrong ones."""
_CONTRARY: tuple[Check, ...] = (
    dropped.turned, dropped.kept_out, denied.denied, whichever.whichever, rows.summed, rows.most,
    beyond.all_but,
)  # fmt: skip
"""What the plan does instead cannot be meant: the others are likelier by what it was given."""
_OF_TOOLS: tuple[Check, ...] = (
    rows.in_order, rows.unranked, rows.made_of, rows.bought_of_made, figures.cost,
)  # fmt: skip
_OF_LOOK_UPS: tuple[Check, ...] = (rows.recent, conditions.exception, conditions.only, spans.unused)
"""Look-ups take none of these; what they show is for their tools to know."""


class Accounts:
    """Holds questions against plans."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def left(self, question: Asked | Masked, calls: Sequence[ToolCall]) -> tuple[Left, ...]:
        """What the question asks for and queries do not do; of look-ups hardly anything is known."""
        doing = Doing(self._catalogue, tuple(calls))
        if not doing.queries or doing.looks_up:
            return _left(question, doing, _OF_TOOLS)
        return _left(question, doing, _OF_QUERIES)

    def surely_left(self, question: Asked | Masked, calls: Sequence[ToolCall]) -> tuple[Left, ...]:
        """The same in any language but English: what of it hardly ever holds a right answer back."""
        doing = Doing(self._catalogue, tuple(calls))
        if not doing.queries or doing.looks_up:
            return _left(question, doing, _OF_TOOLS)
        return _left(question, doing, _SURE)

    def mixes(self, words: Masked, calls: Sequence[ToolCall]) -> bool:
        """True where words name one kind of orders, and a figure is of another that nobody named."""
        return bool(_left(words, Doing(self._catalogue, tuple(calls)), (vocabulary.of_one_kind,)))

    def contradicts(self, question: Asked | Masked, calls: Sequence[ToolCall]) -> bool:
        """True where queries do the contrary of what an English question says."""
        doing = Doing(self._catalogue, tuple(calls))
        return not doing.looks_up and bool(_left(question, doing, _CONTRARY))

    def unsaid(self, question: Asked | Masked, calls: Sequence[ToolCall]) -> int:
        """How many conditions and groups of the calls nothing in an English question speaks of."""
        asked = question if isinstance(question, Asked) else Asked(question)
        return unsaid(asked, Doing(self._catalogue, tuple(calls)))

    def left_by_look_up(self, question: Asked | Masked, calls: Sequence[ToolCall]) -> tuple[Left, ...]:
        """Conditions that no look-up takes, of a question that is told by a pattern."""
        return _left(question, Doing(self._catalogue, tuple(calls)), _OF_LOOK_UPS)


def _left(question: Asked | Masked, doing: Doing, checks: Sequence[Check]) -> tuple[Left, ...]:
    asked = question if isinstance(question, Asked) else Asked(question)
    return tuple(left for check in checks for left in check(asked, doing))
