"""Lines and points in a terminal: braille dots, or plain characters where these are missing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.text import Text

from server.charts.bars import mean_of
from server.charts.marks import STYLES, Marks
from server.charts.scales import Scale, linear, logarithmic, tick_text
from tools.charts import ChartSpec
from tools.charts.points import Drawing, Point

HEIGHT = 12
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK = 0x2800
_LETTERS = "ABCDEF"


class Plane:
    """A field of cells; each may hold dots of a line, or a sign."""

    def __init__(self, width: int, height: int, marks: Marks) -> None:
        self.width, self.height = width, height
        self._marks = marks
        self._fine = (1, 1) if marks.is_ascii else (2, 4)
        self._dots: dict[tuple[int, int], tuple[int, int]] = {}
        self._signs: dict[tuple[int, int], tuple[str, str]] = {}

    def place(self, x: float, y: float) -> tuple[int, int]:
        """The dot at parts of the width and the height, counted from the lower left."""
        across = round(x * (self.width * self._fine[0] - 1))
        return across, round((1 - y) * (self.height * self._fine[1] - 1))

    def line(self, one: tuple[int, int], other: tuple[int, int], series: int) -> None:
        """A straight line between two dots."""
        steps = max(abs(other[0] - one[0]), abs(other[1] - one[1]), 1)
        for i in range(steps + 1):
            x = round(one[0] + (other[0] - one[0]) * i / steps)
            y = round(one[1] + (other[1] - one[1]) * i / steps)
            self._dot(x, y, series)

    def sign(self, at: tuple[int, int], sign: str, style: str) -> None:
        """A sign in the cell of a dot; a later one stands over an earlier one."""
        self._signs[at[0] // self._fine[0], at[1] // self._fine[1]] = (sign, style)

    def rule(self, y: float, sign: str) -> None:
        """A line across, behind everything."""
        row = self.place(0, y)[1] // self._fine[1]
        for column in range(0, self.width, 2):
            self._signs.setdefault((column, row), (sign, "dim"))

    def row(self, y: int) -> Text:
        """One line of the field."""
        found = Text()
        for x in range(self.width):
            bits, series = self._dots.get((x, y), (0, 0))
            sign, style = self._signs.get((x, y), ("", ""))
            if bits and (not sign or style == "dim"):
                found.append(
                    "." if self._marks.is_ascii else chr(_BLANK + bits), style=STYLES[series % len(STYLES)]
                )
            else:
                found.append(sign or " ", style=style)
        return found

    def _dot(self, x: int, y: int, series: int) -> None:
        cell = x // self._fine[0], y // self._fine[1]
        bit = 1 if self._marks.is_ascii else _DOTS[y % 4][x % 2]
        self._dots[cell] = (self._dots.get(cell, (0, 0))[0] | bit, series)


def plotted(spec: ChartSpec, drawing: Drawing, marks: Marks, width: int) -> list[Text]:
    """The lines of a chart of lines or points, with its axes."""
    values = [float(point.value) for one in drawing.series for point in one.points]
    if not values:
        return []
    mean = mean_of(drawing) if any(line.kind == "average" for line in spec.lines) else None
    up = logarithmic(values) if spec.scale == "log" else linear(values, 4, from_zero=False)
    names = {tick: tick_text(tick) for tick in up.ticks}
    left = max(map(len, names.values()))
    plane = Plane(max(16, width - left - 3), HEIGHT, marks)
    if mean is not None:
        plane.rule(up.at(mean), "-" if marks.is_ascii else "┄")
    across = _across(spec, drawing)
    for k, one in enumerate(drawing.series):
        _draw(spec, drawing, one.points, k, plane, across, up, marks)
    rows = {plane.place(0, up.at(tick))[1] // (1 if marks.is_ascii else 4): names[tick] for tick in up.ticks}
    made = [
        Text(f"{rows.get(y, ''):>{left}} {marks.zero} ", style="dim").append_text(plane.row(y))
        for y in range(HEIGHT)
    ]
    made.append(Text(f"{' ' * left} {marks.corner}{marks.across * (plane.width + 1)}", style="dim"))
    made.append(Text(f"{' ' * (left + 3)}{_names(spec, drawing, across, plane.width)}", style="dim"))
    return made


def _across(spec: ChartSpec, drawing: Drawing) -> Scale:
    places = [float(slot.at) for slot in drawing.slots]
    if spec.x.type == "number":
        return linear(places, 4, from_zero=False)
    low, high = min(places), max(places)
    return Scale(low, high if high > low else low + 1, ())


def _draw(
    spec: ChartSpec,
    drawing: Drawing,
    points: Sequence[Point],
    k: int,
    plane: Plane,
    across: Scale,
    up: Scale,
    marks: Marks,
) -> None:
    style = STYLES[k % len(STYLES)]
    open_from = next((note.at for note in spec.notes if note.code == "incomplete"), "")
    alone = len(drawing.series) == 1
    dense = len(points) > plane.width // 3
    before: tuple[tuple[int, int], Decimal] | None = None
    for i, point in enumerate(points):
        slot = drawing.slots[point.slot]
        at = plane.place(across.at(slot.at), up.at(point.value))
        joined = before is not None and (not spec.gaps or slot.at - before[1] <= 1)
        if spec.kind == "line" and joined and before is not None:
            plane.line(before[0], at, k)
        beyond = bool(open_from) and slot.label >= open_from
        lonely = not joined and (i + 1 == len(points) or drawing.slots[points[i + 1].slot].at - slot.at > 1)
        letter = _LETTERS[k].lower() if beyond else _LETTERS[k]
        sign = (marks.hollow if beyond else marks.point) if alone else letter
        if not dense or beyond or lonely or spec.kind == "scatter" or i in (0, len(points) - 1):
            plane.sign(at, sign, style)
        before = (at, slot.at)


def _names(spec: ChartSpec, drawing: Drawing, across: Scale, width: int) -> str:
    """Names under the axis, as many as there is room for: the first and the last, and some between."""
    if spec.x.type == "number":
        marked = [(across.at(tick), tick_text(tick)) for tick in across.ticks]
    else:
        marked = [(across.at(slot.at), slot.label) for slot in drawing.slots]
    line = [" "] * width
    taken: list[tuple[int, int]] = []
    # First and last before those between, so that the ends are named.
    for part, name in [marked[0], marked[-1], *marked[1:-1]]:
        start = min(max(0, round(part * (width - 1)) - len(name) // 2), max(0, width - len(name)))
        end = start + len(name)
        if all(end + 2 <= one or start >= other + 2 for one, other in taken) and end <= width:
            taken.append((start, end))
            line[start:end] = name
    return "".join(line).rstrip()
