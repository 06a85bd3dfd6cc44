"""Plans as words that a small network can write: names of the catalogue, operators, and pointers to the words
of the question where names, periods and numbers stand.

A value is never written by the network: it is pointed at in the question, or it is a word of the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from agents.models.embedded.masked import Masked
from agents.models.embedded.plan_reading import PlanReader
from agents.models.embedded.plan_words import METRICS, NONE, NotSayable, Pointer, Word
from agents.models.embedded.plan_writing import PlanWriter
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import MetricQuery
from tools.registry import Tool

__all__ = ["METRICS", "NONE", "NotSayable", "PlanLanguage", "Pointer", "Word"]

_AND = ";"


class PlanLanguage:
    """Writes plans as words and reads them back."""

    def __init__(self, catalogue: Catalogue, tools: Mapping[str, Tool[Any]]) -> None:
        self._catalogue = catalogue
        self._tools = tools

    # ── writing ──
    def words(self, calls: Sequence[ToolCall], question: Masked) -> list[Word]:
        """The words of a plan for this question; no call at all is what cannot be answered.

        Raises:
            NotSayable: a value of the plan stands nowhere in the question.
        """
        if not calls:
            return [NONE]
        found: list[Word] = []
        for number, call in enumerate(calls):
            if number:
                found.append(_AND)
            found.append(f"tool:{call.name}")
            writer = PlanWriter(self._catalogue, question)
            if isinstance(call.arguments, MetricQuery):
                found += writer.query(call.arguments)
            else:
                found += writer.arguments(call.arguments)
        return found

    # ── reading ──
    def calls(self, words: Sequence[Word], question: Masked) -> tuple[ToolCall, ...]:
        """The plan that the words say; none where they say that nothing can answer.

        Raises:
            NotSayable: they say no plan, or point at something that is not of the kind needed.
        """
        if list(words) == [NONE]:
            return ()
        calls: list[ToolCall] = []
        part: list[Word] = []
        for word in [*words, _AND]:
            if word != _AND:
                part.append(word)
                continue
            calls.append(self._call(part, question))
            part = []
        return tuple(calls)

    def _call(self, words: Sequence[Word], question: Masked) -> ToolCall:
        name = words[0] if words else ""
        if not isinstance(name, str) or not name.startswith("tool:"):
            raise NotSayable("a plan begins with a tool")
        reader = PlanReader(words[1:], question, self._catalogue)
        name = name.removeprefix("tool:")
        if name not in self._tools:
            raise NotSayable(f"there is no tool {name!r}")
        try:
            if name == METRICS:
                return ToolCall(name, reader.query())
            return ToolCall(name, reader.arguments(self._tools[name].arguments))
        except (ValidationError, IndexError) as error:
            raise NotSayable(str(error)) from error
