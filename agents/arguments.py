"""Plans of a language model: nothing that it worded itself becomes a heading, a reading or a filter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from agents.grounding import states_a_number
from agents.models.protocol import Abstain, Calls, Clarify, PastTurn, Plan, Reading, Step, ToolCall
from tools.errors import ToolError
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery
from tools.metrics.wording import Wording
from tools.results import Cell


def checked(plan: Plan, question: str, past: Sequence[PastTurn], steps: Sequence[Step]) -> Plan:
    """A language model's plan with headings and readings in our words, and no unfounded readings to offer."""

    def ours(reading: Reading) -> Reading:
        calls = tuple(unlabelled(call) for call in reading.calls)
        return Reading(calls, "; ".join(map(in_words, calls)), reading.confidence)

    def offered(readings: Sequence[Reading]) -> tuple[Reading, ...]:
        fit = [r for r in readings if not any(unfounded(call, question, past, steps) for call in r.calls)]
        return tuple(ours(reading) for reading in fit)

    match plan:
        case Calls():
            return replace(plan, reading=ours(plan.reading), others=offered(plan.others))
        case Clarify() | Abstain():
            return replace(plan, readings=offered(plan.readings))


def unlabelled(call: ToolCall) -> ToolCall:
    """The call without headings of the model's own; the catalogue's labels say what a figure is."""
    return ToolCall(call.name, _without_labels(call.arguments))


def _without_labels(value: Any) -> Any:
    if isinstance(value, BaseModel):
        changed = {name: _without_labels(getattr(value, name)) for name in type(value).model_fields}
        if isinstance(changed.get("label"), str):
            changed["label"] = ""
        changed = {name: new for name, new in changed.items() if new is not getattr(value, name)}
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, tuple):
        new = tuple(_without_labels(item) for item in value)
        return value if all(a is b for a, b in zip(new, value, strict=True)) else new
    return value


def unfounded(call: ToolCall, question: str, past: Sequence[PastTurn], steps: Sequence[Step]) -> str:
    """The first phrase with a number in the arguments that nobody said and no result holds; empty if none.

    A filter value stands in the question or in the data. Codes and dates are left to the tool to look up.
    """
    phrases = [text for text in _texts(call.arguments) if re.search(r"[^\W\d_]\s|\s[^\W\d_]", text)]
    if not phrases:
        return ""
    tables = [table for step in steps if step.result for table in step.result.tables]
    cells = (cell for table in tables for row in table.rows for cell in row)
    known = " ".join([question, *(turn.question for turn in past), *map(_text, cells)])
    return next((text for text in phrases if states_a_number(text, known)), "")


def in_words(call: ToolCall) -> str:
    """A call in words that a person can choose by."""
    if isinstance(call.arguments, MetricQuery):
        try:
            return Wording(packaged_catalogue()).query(call.arguments)
        except (ToolError, LookupError):
            # A name that is not in the catalogue: running the call says so properly.
            pass
    given = json.loads(call.arguments.model_dump_json(exclude_defaults=True))
    parts = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in given.items())
    return f"{call.name.replace('_', ' ')}: {parts}" if parts else call.name.replace("_", " ")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _texts(item)


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)
