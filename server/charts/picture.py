"""Charts as pictures, for channels that draw nothing themselves: the same values and words as everywhere."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, TypeAlias

from agents.answer import Answer
from server.charts.bars import Line, bar_lines, mean_of
from server.charts.remarks import kind_of, remarks
from server.charts.scales import Scale, linear, logarithmic, tick_text
from server.wording import number, plain, titled
from tools.charts import ChartSpec, drawn, rest_of
from tools.charts.gantt import lines_of, span
from tools.charts.points import Drawing
from tools.languages import said

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw as Draw
    from PIL.ImageFont import FreeTypeFont

Drawn: TypeAlias = tuple[str, str, bytes]
"""Title, what it shows in words, and the picture as PNG."""
Sheet: TypeAlias = "tuple[str, str, Picture]"
"""The same, as it was drawn."""
Colour: TypeAlias = tuple[int, int, int]

WIDTH = 1_200
_MOST_PICTURES = 3
_MARGIN, _LINE, _BAR = 28, 30, 34
_INK: Colour = (32, 36, 42)
_DIM: Colour = (110, 118, 128)
_RULE: Colour = (222, 226, 230)
_COLOURS: tuple[Colour, ...] = (
    (27, 94, 158), (214, 120, 20), (120, 94, 158), (38, 132, 90), (160, 56, 72), (98, 98, 98),
)  # fmt: skip
"""Told apart by people who see fewer colours, too; the order of the legend says which is which."""
_SHADES = 7
"""Of each colour, down to white: letters have soft edges."""
_SPACES = str.maketrans(dict.fromkeys("\u202f\u2009\u00a0", " ") | {"−": "-"})


def pictures(answer: Answer) -> list[Drawn]:
    """The charts that were asked for; where none was, the first that is offered."""
    return [(title, words, png(sheet)) for title, words, sheet in sheets(answer)]


def sheets(answer: Answer) -> Iterator[Sheet]:
    """The same charts, each drawn when it is asked for."""
    wanted = [spec for spec in answer.charts if spec.asked] or list(answer.charts[:1])
    for spec in wanted[:_MOST_PICTURES]:
        if (made := _sheet(spec, answer)) is not None:
            yield made


def png(sheet: Picture) -> bytes:
    """A sheet, also a smaller one, as a file."""
    # Charts have few colours: a palette makes a third of the bytes, and one that is known beforehand costs a
    # thirtieth of one that is looked for. The smallest file would take five times as long for a tenth less.
    from PIL import Image

    held = io.BytesIO()
    sheet.quantize(palette=_palette(), dither=Image.Dither.NONE).save(held, "PNG", compress_level=6)
    return held.getvalue()


def _sheet(spec: ChartSpec, answer: Answer) -> Sheet | None:
    """One chart; None where there is nothing to draw."""
    under = [plain(each) for each in remarks(spec, answer)]
    title = titled(spec.title)
    if spec.kind == "gantt":
        sheet = _plans(spec, answer, title, under)
    else:
        drawing = drawn(spec, answer.tables[spec.table])
        if not any(series.points for series in drawing.series):
            return None
        unit = plain(said(spec.series[0].unit)) if spec.series else ""
        headed = f"{title}  ({unit})" if unit else title
        is_plane = spec.kind in ("line", "scatter")
        sheet = (_plane if is_plane else _bars)(spec, answer, drawing, headed, under)
    if sheet is None:
        return None
    return title, f"{title}. {' '.join(under)}".strip(), sheet.image


class _Sheet:
    """White paper with a title at its head and remarks at its foot.

    Args:
        title: the head.
        legend: names of the series, in the order of the colours; none where there is one.
        under: remarks.
        room: height of the drawing.
    """

    def __init__(self, title: str, legend: Sequence[str], under: Sequence[str], room: float) -> None:
        # Few questions are drawn in a process that nobody looks at in a browser.
        from PIL import Image, ImageDraw

        lines = [line for text in under for line in _wrapped(text, 17, WIDTH - 2 * _MARGIN)]
        self.top = _MARGIN + _LINE + 14 + (_LINE if legend else 0)
        height = int(self.top + room + _MARGIN + len(lines) * 24)
        self.image = Image.new("RGB", (WIDTH, height), (255, 255, 255))
        self.draw: Draw = ImageDraw.Draw(self.image)
        self.text(_MARGIN, _MARGIN, _cut(title, 22, WIDTH - 2 * _MARGIN), size=22)
        at = float(_MARGIN)
        for k, name in enumerate(legend):
            y = _MARGIN + _LINE + 8
            self.draw.rectangle((at, y + 3, at + 16, y + 19), fill=_COLOURS[k % len(_COLOURS)])
            self.text(at + 24, y, name, size=17)
            at += 24 + _font(17).getlength(name) + 28
        for i, line in enumerate(lines):
            self.text(_MARGIN, self.top + room + 12 + i * 24, line, size=17, ink=_DIM)

    def text(self, x: float, y: float, text: str, *, size: int = 18, ink: Colour = _INK) -> None:
        """Text with its upper left corner there."""
        self.draw.text((x, y), text.translate(_SPACES), font=_font(size), fill=ink)


def _bars(
    spec: ChartSpec, answer: Answer, drawing: Drawing, title: str, under: Sequence[str]
) -> _Sheet | None:
    table = answer.tables[spec.table]
    kind = kind_of(spec, table)

    def written(value: Decimal) -> str:
        return number(f"{value:f}", kind)

    rest = rest_of(spec, table)[1] if drawing.rest else None
    lines = bar_lines(spec, drawing, written, rest)
    legend = (
        [plain(one.label) for one in spec.series] if len(spec.series) > 1 and spec.kind != "pareto" else []
    )
    sheet = _Sheet(title, legend, under, len(lines) * _BAR + 8)
    label = min(max(_wide(plain(line.label)) for line in lines), WIDTH * 0.36)
    behind = max(_wide(line.text) for line in lines)
    left, right = _MARGIN + label + 14, WIDTH - _MARGIN - behind - 12
    ends = [float(end) for line in lines for piece in line.pieces for end in (piece.start, piece.end)]
    scale = linear(ends or [0.0], 4, from_zero=True)
    mean = mean_of(drawing) if any(line.kind == "average" for line in spec.lines) else None

    def across(value: float | Decimal) -> float:
        return left + scale.at(value) * (right - left)

    bottom = sheet.top + len(lines) * _BAR
    for tick in scale.ticks:
        sheet.draw.line((across(tick), sheet.top, across(tick), bottom), fill=_RULE)
    sheet.draw.line((across(0), sheet.top, across(0), bottom), fill=_DIM, width=2)
    for i, line in enumerate(lines):
        _bar(sheet, line, sheet.top + i * _BAR, label, right, across)
    if mean is not None:
        sheet.draw.line((across(mean), sheet.top, across(mean), bottom), fill=_DIM, width=2)
    return sheet


def _bar(sheet: _Sheet, line: Line, y: float, label: float, right: float, across: object) -> None:
    assert callable(across)
    sheet.text(_MARGIN, y + 5, _cut(plain(line.label), 18, label))
    for piece in line.pieces:
        start, end = sorted((across(piece.start), across(piece.end)))
        box = (start, y + 6, max(end, start + 1), y + _BAR - 6)
        colour = _COLOURS[piece.series % len(_COLOURS)]
        # What the data does not cover yet is drawn as an outline.
        sheet.draw.rectangle(box, fill=None if line.is_open else colour, outline=colour, width=2)
    sheet.text(right + 12, y + 5, line.text)


def _plane(
    spec: ChartSpec, answer: Answer, drawing: Drawing, title: str, under: Sequence[str]
) -> _Sheet | None:
    values = [float(point.value) for one in drawing.series for point in one.points]
    room = 420.0
    legend = [plain(one.label) for one in spec.series] if len(spec.series) > 1 else []
    sheet = _Sheet(title, legend, under, room + 44)
    up = logarithmic(values) if spec.scale == "log" else linear(values, 4, from_zero=False)
    places = [float(slot.at) for slot in drawing.slots]
    low, high = min(places), max(places)
    along = (
        linear(places, 6, from_zero=False)
        if spec.x.type == "number"
        else Scale(low, high if high > low else low + 1, ())
    )
    left = _MARGIN + max(_wide(tick_text(tick)) for tick in up.ticks) + 14
    right, bottom = WIDTH - _MARGIN - 12, sheet.top + room

    def place(at: Decimal, value: Decimal | float) -> tuple[float, float]:
        return left + along.at(at) * (right - left), bottom - up.at(value) * room

    for tick in up.ticks:
        y = bottom - up.at(tick) * room
        sheet.draw.line((left, y, right, y), fill=_RULE)
        sheet.text(_MARGIN, y - 11, tick_text(tick), ink=_DIM)
    if (mean := mean_of(drawing)) is not None and any(line.kind == "average" for line in spec.lines):
        y = bottom - up.at(mean) * room
        sheet.draw.line((left, y, right, y), fill=_DIM, width=2)
    _named(sheet, spec, drawing, along, left, right, bottom)
    open_from = next((note.at for note in spec.notes if note.code == "incomplete"), "")
    for k, one in enumerate(drawing.series):
        before: tuple[tuple[float, float], Decimal] | None = None
        for point in one.points:
            slot = drawing.slots[point.slot]
            here = place(slot.at, point.value)
            if spec.kind == "line" and before is not None and (not spec.gaps or slot.at - before[1] <= 1):
                sheet.draw.line((*before[0], *here), fill=_COLOURS[k % len(_COLOURS)], width=3)
            beyond = bool(open_from) and slot.label >= open_from
            _dot(sheet, here, _COLOURS[k % len(_COLOURS)], is_open=beyond)
            before = (here, slot.at)
    return sheet


def _dot(sheet: _Sheet, at: tuple[float, float], colour: Colour, *, is_open: bool) -> None:
    x, y = at
    sheet.draw.ellipse(
        (x - 5, y - 5, x + 5, y + 5), fill=(255, 255, 255) if is_open else colour, outline=colour, width=2
    )


def _named(
    sheet: _Sheet, spec: ChartSpec, drawing: Drawing, along: Scale, left: float, right: float, bottom: float
) -> None:
    """Names under the axis, as many as there is room for."""
    marked = (
        [(along.at(tick), tick_text(tick)) for tick in along.ticks]
        if spec.x.type == "number"
        else [(along.at(slot.at), plain(slot.label)) for slot in drawing.slots]
    )
    free = 0.0
    for part, name in marked:
        width = _wide(name)
        at = min(max(left, left + part * (right - left) - width / 2), right - width)
        if at >= free:
            sheet.text(at, bottom + 12, name, ink=_DIM)
            free = at + width + 22
    sheet.draw.line((left, bottom, right, bottom), fill=_DIM, width=2)


def _plans(spec: ChartSpec, answer: Answer, title: str, under: Sequence[str]) -> _Sheet | None:
    assert spec.gantt is not None
    lines = lines_of(spec, answer.tables[spec.table])
    whole = span(lines)
    if whole is None:
        return None
    legend = [plain(said("stays")), plain(said("moved"))]
    sheet = _Sheet(title, legend, under, len(lines) * _BAR + 40)
    names = [
        f"{plain(line.name)} – {plain(spec.gantt.before if line.is_before else spec.gantt.after)}"
        for line in lines
    ]
    label = min(max(map(_wide, names)), WIDTH * 0.36)
    left, right = _MARGIN + label + 14, float(WIDTH - _MARGIN)
    length = max(1.0, (whole[1] - whole[0]).total_seconds())
    for i, line in enumerate(lines):
        y = sheet.top + i * _BAR
        sheet.text(_MARGIN, y + 5, _cut(names[i], 18, label))
        for bar in line.bars:
            start, end = (
                left + (moment - whole[0]).total_seconds() / length * (right - left)
                for moment in (bar.start, bar.end)
            )
            box = (start, y + 6, max(end - 1, start + 1), y + _BAR - 6)
            sheet.draw.rectangle(box, fill=_COLOURS[1 if bar.is_moved else 0])
    bottom = sheet.top + len(lines) * _BAR
    sheet.draw.line((left, bottom, right, bottom), fill=_DIM, width=2)
    first, last = f"{whole[0]:%Y-%m-%d %H:%M}", f"{whole[1]:%Y-%m-%d %H:%M}"
    sheet.text(left, bottom + 8, first, ink=_DIM)
    sheet.text(right - _wide(last), bottom + 8, last, ink=_DIM)
    return sheet


@cache
def _palette() -> Picture:
    """White, and each colour in its shades: all that is drawn."""
    from PIL import Image

    shades = [
        round(255 + (part - 255) * shade / _SHADES)
        for colour in (_INK, _DIM, *_COLOURS)
        for shade in range(1, _SHADES + 1)
        for part in colour
    ]
    made = Image.new("P", (1, 1))
    # A shade of the rules would be so near to white that paper becomes grey.
    made.putpalette([255, 255, 255, *_RULE, *shades])
    return made


@cache
def _font(size: int) -> FreeTypeFont:
    """A font with the letters of western Europe; Pillow's own has English ones only."""
    from PIL import ImageFont

    return ImageFont.truetype(str(resources.files("reportlab") / "fonts" / "Vera.ttf"), size)


def _wide(text: str, size: int = 18) -> float:
    return _font(size).getlength(text.translate(_SPACES))


def _cut(text: str, size: int, room: float) -> str:
    if _wide(text, size) <= room:
        return text
    while text and _wide(text + "…", size) > room:
        text = text[:-1]
    return text + "…"


def _wrapped(text: str, size: int, room: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if _wide(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]
