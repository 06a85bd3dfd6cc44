"""Bars in a terminal: beside and on top of each other, up and down to a total, and with shares added up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from server.charts.marks import STYLES, Marks
from server.charts.scales import Scale, linear
from tools.charts import ChartSpec
from tools.charts.points import Drawing, Slot
from tools.languages import said

_MOST_LABEL = 0.36
_LEAST_BAR = 8

Written = Callable[[Decimal], str]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one line between two values."""

    start: Decimal
    end: Decimal
    series: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is called, what is drawn, and what is written behind it."""

    label: str
    pieces: tuple[Piece, ...]
    text: str
    is_open: bool = False


def bars(
    spec: ChartSpec, drawing: Drawing, written: Written, marks: Marks, width: int, *, rest: Decimal | None
) -> list[Text]:
    """The lines of a chart of bars.

    Args:
        spec: what is drawn.
        drawing: its values.
        written: how a value is written.
        marks: the terminal's signs.
        width: of the terminal.
        rest: sum of what is not drawn, which a waterfall takes in.
    """
    lines = bar_lines(spec, drawing, written, rest)
    values = [float(end) for line in lines for piece in line.pieces for end in (piece.start, piece.end)]
    means = _across(spec, drawing)
    scale = linear([*values, *(float(mean) for mean, _ in means)] or [0.0], 4, from_zero=True)
    label = min(max((cell_len(line.label) for line in lines), default=0), int(width * _MOST_LABEL))
    text = max((cell_len(line.text) for line in lines), default=0)
    room = max(_LEAST_BAR, width - label - text - 4)
    made = [_drawn(line, scale, marks, label, room, means) for line in lines]
    for mean, words in means:
        made.append(Text(f"{' ' * (label + 1)}{marks.mean} {words} {written(mean)}", style="dim"))
    return made


def bar_lines(spec: ChartSpec, drawing: Drawing, written: Written, rest: Decimal | None) -> list[Line]:
    """The bars of a chart in their order, whatever they are drawn with."""
    if spec.kind == "waterfall":
        return _steps(drawing, written, rest)
    if spec.kind == "pareto":
        return _pareto(spec, drawing, written, rest)
    values = _by_slot(drawing)
    open_from = next((note.at for note in spec.notes if note.code == "incomplete"), "")
    found = []
    for s, slot in enumerate(drawing.slots):
        beyond = bool(open_from) and slot.label >= open_from
        if spec.kind == "stacked":
            found.append(_stack(slot, values[s], written, beyond))
            continue
        for k in range(len(drawing.series)):
            value = values[s].get(k)
            pieces = () if value is None else (Piece(Decimal(0), value, k),)
            text = "–" if value is None else written(value)
            found.append(Line(slot.label if k == 0 else "", pieces, text, beyond))
    return found


def _by_slot(drawing: Drawing) -> list[dict[int, Decimal]]:
    found: list[dict[int, Decimal]] = [{} for _ in drawing.slots]
    for k, series in enumerate(drawing.series):
        for point in series.points:
            found[point.slot][k] = point.value
    return found


def _stack(slot: Slot, values: dict[int, Decimal], written: Written, beyond: bool) -> Line:
    up = down = Decimal(0)
    pieces = []
    for k, value in values.items():
        start = up if value >= 0 else down
        pieces.append(Piece(start, start + value, k))
        up, down = (start + value, down) if value >= 0 else (up, start + value)
    return Line(
        slot.label, tuple(pieces), written(sum(values.values(), Decimal(0))) if values else "–", beyond
    )


def _steps(drawing: Drawing, written: Written, rest: Decimal | None) -> list[Line]:
    at = Decimal(0)
    found = []
    steps = [(drawing.slots[point.slot].label, point.value) for point in drawing.series[0].points]
    for label, value in [*steps, *([(said("others"), rest)] if rest is not None else [])]:
        sign = "+" if value > 0 else ""
        found.append(Line(label, (Piece(at, at + value, 0 if value >= 0 else 1),), sign + written(value)))
        at += value
    return [*found, Line(said("all together"), (Piece(Decimal(0), at, 2),), written(at))]


def _pareto(spec: ChartSpec, drawing: Drawing, written: Written, rest: Decimal | None) -> list[Line]:
    heights = {point.slot: point.value for point in drawing.series[0].points}
    shares = {point.slot: point.value for point in drawing.series[1].points}
    whole = Decimal(100)
    if spec.series[1].column == spec.series[0].column and spec.series[0].unit != "%":
        whole = sum(shares.values(), rest or Decimal(0))
    added = Decimal(0)
    found = []
    for s, slot in enumerate(drawing.slots):
        added += shares.get(s, Decimal(0))
        part = f"{float(added / whole * 100) if whole else 0:5.1f} %"
        value = heights.get(s)
        pieces = () if value is None else (Piece(Decimal(0), value, 0),)
        found.append(Line(slot.label, pieces, f"{'–' if value is None else written(value)}  {part}"))
    return found


def _across(spec: ChartSpec, drawing: Drawing) -> list[tuple[Decimal, str]]:
    return [
        (mean, line.words)
        for line in spec.lines
        if line.kind == "average" and (mean := mean_of(drawing)) is not None
    ]


def mean_of(drawing: Drawing) -> Decimal | None:
    """The mean of the first series' points."""
    values = [point.value for point in drawing.series[0].points]
    return sum(values, Decimal(0)) / len(values) if values else None


def _drawn(
    line: Line,
    scale: Scale,
    marks: Marks,
    label: int,
    room: int,
    means: Sequence[tuple[Decimal, str]],
) -> Text:
    zero = scale.at(0) * room
    cells: list[tuple[str, str]] = [(" ", "")] * (room + 1)
    for mean, _ in means:
        cells[min(room, int(scale.at(mean) * room))] = (marks.mean, "dim")
    for piece in line.pieces:
        start, end = sorted((scale.at(piece.start) * room, scale.at(piece.end) * room))
        fill = marks.fills[piece.series % len(marks.fills)]
        first = round(start)
        # Only a bar that begins at the axis can end within a cell.
        length = end - start if piece.start == 0 and piece.end > 0 else float(round(end) - first)
        drawn = marks.bar(length, fill) if length or start != end else ""
        for i, sign in enumerate(drawn or (fill if start != end else "")):
            if first + i <= room:
                cells[first + i] = (sign, STYLES[piece.series % len(STYLES)])
    if scale.low < 0:
        at = min(room, round(zero))
        cells[at] = cells[at] if cells[at][0].strip() else (marks.zero, "dim")
    name = set_cell_size(_cut(line.label, label, marks), label)
    found = Text(f"{name} ")
    found.append("" if scale.low < 0 else marks.zero, style="dim")
    for sign, style in cells:
        found.append(sign, style=style)
    found.rstrip()
    return found.append(f" {line.text}{' ' + marks.hollow if line.is_open else ''}", style="bold")


def _cut(label: str, width: int, marks: Marks) -> str:
    return label if cell_len(label) <= width else set_cell_size(label, max(1, width - 1)) + marks.more
