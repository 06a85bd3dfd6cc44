"""Shares that are a figure of their own: `what percentage of the received lines came by the due date`."""

from __future__ import annotations

from agents.models.embedded.compound.draft import Column, Draft
from agents.models.embedded.compound.pieces import Figure, Record
from agents.models.embedded.compound.vocabulary import Vocabulary
from tools.metrics.query import NamedTest, NullTest

_PART = 2
"""Conditions of a share of which one may say what it is a share of."""


def as_rates(draft: Draft, words: Vocabulary) -> None:
    """Puts the rate that the catalogue defines for shares of records under one condition.

    `Of the lines that were received, what share came late` is one of those that were received.
    """
    for column in draft.columns:
        if not column.share or not isinstance(column.counts, Record):
            continue
        if len(column.where) >= _PART:
            _limit_whole(draft, column)
        test = column.where[0] if len(column.where) == 1 else None
        if isinstance(test, NamedTest) and not test.negated and (rate := words.rate_of(test.condition)):
            column.figure, column.counts, column.share, column.where = Figure(rate), None, False, []
    said: list[Column] = []
    for column in draft.columns:
        if column.figure is None or all(column.key != one.key for one in said):
            said.append(column)
    draft.columns[:] = said


def _limit_whole(draft: Draft, column: Column) -> None:
    """Takes what says that something happened at all out of the part."""
    happened = [one for one in column.where if isinstance(one, NullTest) and not one.missing]
    if len(happened) < len(column.where):
        column.where = [one for one in column.where if one not in happened]
        draft.where += [one for one in happened if one not in draft.where]
