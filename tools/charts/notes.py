"""Remarks under a chart, by code: what it leaves out, what is not whole, and how far the data reaches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from tools.charts.periods import last_day
from tools.charts.points import Slot, drawn
from tools.charts.spec import ChartNote, ChartSpec, TableLike
from tools.languages import said

_WORDS = {
    "rest": "Not drawn: [[number]] more, together [[sum]].",
    "rest_not_added": "Not drawn: [[number]] more; their values cannot be added up.",
    "incomplete": "Hollow points: periods that the data, which reaches to [[day]], does not cover in full.",
    "data_as_of": "Data as of [[day]].",
    "gaps": "Periods without a value are left open.",
    "log_refused": "A logarithmic axis takes lines and points, and values above zero only; this is linear.",
    "kind_refused": "That kind of chart does not fit these figures, so they are drawn in the usual way.",
    "total": "The last bar is the sum of those before it.",
    "cumulative": "The line adds up the shares in this order.",
    "cumulative_of_shown": "The line adds up the shares in this order, of what the table shows.",
}
_NAMED = {
    "left_out": "Left out: [[name]], which has a unit of its own.",
    "other_series": "Left out for want of room: [[name]].",
    "other_currencies": "Left out: amounts in [[name]].",
}

Code = Literal[
    "rest", "rest_not_added", "other_series", "incomplete", "data_as_of", "gaps", "other_currencies",
    "log_refused", "kind_refused", "total", "cumulative", "left_out",
]  # fmt: skip


def said_note(
    code: Code, *, name: str = "", at: str = "", evidence: str = "", of_shown: bool = False
) -> ChartNote:
    """A remark in the language spoken; its figures are filled in from the answer when it is shown."""
    if code in _NAMED:
        words = said(_NAMED[code], name=name)
    else:
        # The places stay: what goes into them is the renderer's to take from the tables.
        words = said(_WORDS[f"{code}_of_shown" if of_shown else code])
    return ChartNote(code=code, words=words, at=at, evidence=evidence)


def notes_of(spec: ChartSpec, table: TableLike, evidence: str, as_of: date | None) -> list[ChartNote]:
    """The remarks that follow from the points."""
    drawing = drawn(spec, table)
    found = []
    if drawing.rest:
        found.append(said_note("rest" if spec.series[0].adds_up else "rest_not_added"))
    if spec.kind == "waterfall":
        found.append(said_note("total"))
    whole = {point.slot for one in drawing.series for point in one.points}
    if spec.gaps and any(not slot.rows or s not in whole for s, slot in enumerate(drawing.slots)):
        found.append(said_note("gaps"))
    open_at = _first_open(spec, drawing.slots, as_of)
    if open_at:
        found.append(said_note("incomplete", at=open_at, evidence=evidence))
    elif as_of is not None:
        found.append(said_note("data_as_of", evidence=evidence))
    return found


def _first_open(spec: ChartSpec, slots: Sequence[Slot], as_of: date | None) -> str:
    """The first period that ends after the day up to which the data reaches."""
    if spec.x.type != "time" or spec.x.grain is None or as_of is None:
        return ""
    ends = ((slot, last_day(slot.label, spec.x.grain)) for slot in slots if slot.rows)
    return next((slot.label for slot, end in ends if end is not None and end > as_of), "")
