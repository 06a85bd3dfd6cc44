"""Plans of a language model: nothing that it worded itself becomes a heading, a reading or a filter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from pydantic import BaseModel

from agents.grounding import states_a_number
from agents.models.protocol import OFFERED, Abstain, Calls, Clarify, PastTurn, Plan, Reading, Step, ToolCall
from agents.rendering import escaped, is_markup, visible
from erp_adapters.errors import ModelError
from tools.charts import ChartWish
from tools.errors import ToolError
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery
from tools.metrics.wording import Wording
from tools.registry import Tool
from tools.results import Cell

_NO_FORM = "it asked for tools in a form that they do not take"


def checked(
    plan: Plan,
    question: str,
    past: Sequence[PastTurn],
    steps: Sequence[Step],
    *,
    tools: Sequence[Tool[Any]],
    most: int,
) -> Plan:
    """A language model's plan in our words: headings, readings, and only such readings to offer as can run.

    Args:
        plan: as the model made it; the calls of the one that comes back share nothing with it.
        question: what was asked.
        past: the turns before.
        steps: the calls already made for this turn.
        tools: those admitted.
        most: the calls that a reading may have.

    Raises:
        ModelError: the plan holds something else than calls with valid arguments.
    """
    takes = {tool.name: tool.arguments for tool in tools}

    def can_run(call: ToolCall) -> bool:
        known = takes.get(call.name) is type(call.arguments)
        return known and not unfounded(call, question, past, steps)

    def ours(reading: Reading) -> Reading:
        calls = tuple(unlabelled(_copied(call)) for call in reading.calls)
        return Reading(calls, "; ".join(map(in_words, filter(can_run, calls))), reading.confidence)

    def offered(readings: Sequence[Reading]) -> tuple[Reading, ...]:
        short = (ours(reading) for reading in readings if 0 < len(reading.calls) <= most)
        return tuple(islice((one for one in short if all(map(can_run, one.calls))), OFFERED))

    match plan:
        case Calls():
            # What is too long is refused as such; nobody needs a word for each of its calls.
            reading = (
                ours(plan.reading) if len(plan.reading.calls) <= most else replace(plan.reading, words="")
            )
            return replace(plan, reading=reading, others=offered(plan.others), chart=_wish(plan.chart))
        case Clarify() | Abstain():
            return replace(plan, readings=offered(plan.readings))


def _wish(proposed: ChartWish | None) -> ChartWish | None:
    """The chart that a model proposes, validated anew; none where it is of another form."""
    if not isinstance(proposed, ChartWish):
        return None
    try:
        return ChartWish.model_validate(proposed.model_dump(warnings=False))
    except (ValueError, TypeError, AttributeError):
        return None


def _copied(call: ToolCall) -> ToolCall:
    """The call with its arguments validated anew; an object that was made past validation is none."""
    arguments = call.arguments
    if not isinstance(arguments, BaseModel):
        raise ModelError(_NO_FORM)
    try:
        copy = type(arguments).model_validate(arguments.model_dump(warnings=False))
        # What cannot be written down could be neither kept nor shown.
        copy.model_dump_json()
    except (ValueError, TypeError) as error:
        raise ModelError(_NO_FORM) from error
    return ToolCall(call.name, copy)


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
    Markup counts like a number, and a text with unseen characters is not even looked up: it reads otherwise
    than it is.
    """
    texts = list(_texts(call.arguments))
    for text in texts:
        if escaped(text) != text:
            return text
    phrases = [text for text in texts if re.search(r"[^\W\d_]\s|\s[^\W\d_]", text)]
    marked = [text for text in texts if is_markup(text)]
    if not phrases and not marked:
        return ""
    tables = [table for step in steps if step.result for table in step.result.tables]
    cells = [_text(cell) for table in tables for row in table.rows for cell in row]
    said = " ".join([question, *(turn.question for turn in past)])
    known = " ".join([said, *cells])
    # Markup counts only whole: a part of a name from the data is not a name.
    whole = {visible(cell) for cell in cells}
    unsaid = [text for text in marked if text not in said and visible(text) not in whole]
    claims = (text for text in phrases if states_a_number(text, known))
    return next(chain(unsaid, claims), "")


def repeats_a_claim(message: str, call: ToolCall, question: str) -> bool:
    """True where a tool's message holds a number, markup or something unseen that the call brought in."""
    said = f"{call.name} {call.arguments.model_dump_json()}"
    texts = (message, call.name, *_texts(call.arguments))
    if any(escaped(text) != text or (is_markup(text) and text not in question) for text in texts):
        return True
    words = re.findall(r"\d[\d.,]*|[^\W\d_]+", message)
    return any(word in said and states_a_number(word, question) for word in words)


def in_words(call: ToolCall) -> str:
    """A call in words that a person can choose by."""
    if isinstance(call.arguments, MetricQuery):
        try:
            return Wording(packaged_catalogue()).query(call.arguments)
        except (ToolError, LookupError):
            # A name that is not in the catalogue: running the call says so properly.
            pass
    given = json.loads(call.arguments.model_dump_json(exclude_defaults=True))
    parts = _listed(given)
    return f"{call.name.replace('_', ' ')}: {parts}" if parts else call.name.replace("_", " ")


def _listed(given: Mapping[str, object]) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {_told(value)}" for key, value in given.items())


def _told(value: object) -> str:
    match value:
        case dict():
            return _listed(value)
        case list():
            return " and ".join(map(_told, value))
        case str() if is_markup(value):
            # A model may have taken it from the data, where it is a name: here it would be the model's.
            return "…"
        case _:
            return str(value)


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
