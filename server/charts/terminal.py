"""A chart as lines of a terminal, from its specification and the answer that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from agents.answer import Answer
from server.charts.bars import bars, mean_of
from server.charts.gantt import gantt
from server.charts.marks import ASCII, STYLES, UNICODE, Marks
from server.charts.plane import plotted
from server.charts.remarks import kind_of, remarks, shown
from server.wording import number, plain, titled
from tools.charts import ChartSpec, drawn, rest_of
from tools.charts.points import Drawing

_WIDEST = 100
_LETTERS = "ABCDEF"


class TerminalChart:
    """The chart in the width of the console, in plain ASCII where the console has no more."""

    def __init__(self, spec: ChartSpec, answer: Answer) -> None:
        self._spec = spec
        self._answer = answer

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        marks = ASCII if options.ascii_only else UNICODE
        yield from self.lines(min(options.max_width, _WIDEST), marks)

    def lines(self, width: int, marks: Marks = UNICODE) -> Sequence[Text]:
        """The chart's lines: title, legend, drawing, axis, remarks."""
        spec, answer = self._spec, self._answer
        table = answer.tables[spec.table]
        if spec.kind == "gantt":
            made = [Text(titled(spec.title), style="italic"), *gantt(spec, table, marks, width)]
            return [*made, *(Text(text, style="dim") for text in remarks(spec, answer))]
        drawing = _in_plain_text(drawn(spec, table))
        unit = plain(spec.series[0].unit)
        made = [Text(titled(spec.title), style="italic").append(f"  {unit}" if unit else "", style="dim")]
        is_plane = spec.kind in ("line", "scatter")
        if len(spec.series) > 1 and spec.kind != "pareto":
            made.append(self._legend(marks, letters=is_plane))
        if is_plane:
            made += plotted(spec, drawing, marks, width)
            axis = f"{titled(spec.x.label)} {plain(spec.x.unit)}".strip()
            made.append(Text(axis.rjust(width).rstrip() if len(axis) <= width else axis, style="dim"))
            made += self._means()
        else:
            kind = kind_of(spec, table)
            rest = rest_of(spec, table)[1] if drawing.rest else None

            def written(value: Decimal) -> str:
                return number(f"{value:f}", kind)

            made += bars(spec, drawing, written, marks, width, rest=rest)
        made += [Text(text, style="dim") for text in remarks(spec, answer)]
        if marks.is_ascii:
            return [_in_ascii(line) for line in made]
        return made

    def _legend(self, marks: Marks, *, letters: bool) -> Text:
        found = Text()
        for k, one in enumerate(self._spec.series):
            sign = _LETTERS[k] if letters else marks.fills[k % len(marks.fills)] * 2
            found.append("   " if k else "").append(sign, style=STYLES[k % len(STYLES)])
            found.append(f" {plain(one.label)}")
        return found

    def _means(self) -> list[Text]:
        spec = self._spec
        table = self._answer.tables[spec.table]
        mean = mean_of(drawn(spec, table))
        if mean is None:
            return []
        value = shown(mean, kind_of(spec, table), spec.series[0].unit)
        return [Text(f"{line.words} {value}", style="dim") for line in spec.lines if line.kind == "average"]


def _in_plain_text(drawing: Drawing) -> Drawing:
    """The drawing with names that cannot forge what the terminal shows."""
    return replace(drawing, slots=tuple(replace(slot, label=plain(slot.label)) for slot in drawing.slots))


def _in_ascii(line: Text) -> Text:
    """The line with the few other signs that words bring along replaced."""
    line = line.copy()
    line.plain = line.plain.replace("–", "-").replace("…", "~").replace("−", "-").replace("\u202f", " ")
    return line
