"""Two plans in a terminal: of each work centre a line before and a line after, with what moves told apart."""

from __future__ import annotations

from datetime import datetime, timedelta

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from agents.answer import AnswerTable
from server.charts.marks import Marks
from server.wording import plain
from tools.charts import ChartSpec
from tools.charts.gantt import Line, lines_of, span
from tools.languages import said

_MOST_NAME = 24
_LEAST = 20


def gantt(spec: ChartSpec, table: AnswerTable, marks: Marks, width: int) -> list[Text]:
    """The lines of the drawing: days above, bars below, and what the signs mean."""
    assert spec.gantt is not None
    lines = lines_of(spec, table)
    whole = span(lines)
    if whole is None:
        return []
    plans = {True: plain(spec.gantt.before), False: plain(spec.gantt.after)}
    name = min(_MOST_NAME, max(cell_len(plain(line.name)) for line in lines))
    plan = max(cell_len(text) for text in plans.values())
    room = max(_LEAST, width - name - plan - 2)
    made = [_days(whole, room, name + plan + 2)]
    shown = ""
    for line in lines:
        text = Text(set_cell_size("" if line.name == shown else plain(line.name), name) + " ")
        text.append(set_cell_size(plans[line.is_before], plan) + " ", style="dim")
        text.append(_bars(line, whole, room, marks))
        made.append(text)
        shown = line.name
    stays, moves = _signs(marks)
    made.append(Text(f"{stays} {plain(said('stays'))}  {moves} {plain(said('moved'))}", style="dim"))
    return made


def _signs(marks: Marks) -> tuple[str, str]:
    return marks.fills[2], marks.fills[0]


def _days(whole: tuple[datetime, datetime], room: int, before: int) -> Text:
    """The first places of days, as many as there is room for."""
    first, last = whole
    cells = [" "] * room
    day = first.replace(hour=0, minute=0, second=0, microsecond=0)
    free = 0
    while day <= last:
        at = max(0, _at(day, whole, room))
        label = f"{day:%m-%d}"
        if at >= free and at + len(label) <= room:
            cells[at : at + len(label)] = label
            free = at + len(label) + 1
        day += timedelta(days=1)
    return Text(" " * before + "".join(cells).rstrip(), style="dim")


def _bars(line: Line, whole: tuple[datetime, datetime], room: int, marks: Marks) -> Text:
    stays, moves = _signs(marks)
    cells = [" "] * room
    for bar in line.bars:
        start = min(room - 1, max(0, _at(bar.start, whole, room)))
        end = min(room, max(start + 1, _at(bar.end, whole, room)))
        cells[start:end] = (moves if bar.is_moved else stays) * (end - start)
    text = Text("".join(cells).rstrip())
    text.highlight_regex(f"[{moves}]+", style="yellow")
    return text


def _at(moment: datetime, whole: tuple[datetime, datetime], room: int) -> int:
    first, last = whole
    length = max(1.0, (last - first).total_seconds())
    return int((moment - first).total_seconds() / length * room)
