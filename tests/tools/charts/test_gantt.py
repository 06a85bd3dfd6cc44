"""A Gantt chart names the columns of its bars and holds no figure; each bar is a row of the table."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.cells import cell_len

from server.charts.gantt import gantt
from server.charts.marks import ASCII, UNICODE
from tools.charts import Offered, charts_of, wish_of
from tools.charts.gantt import lines_of, span
from tools.charts.spec import Value

_NAMES = ("work_centre", "plan", "order_id", "operation", "start", "end", "moved")


@dataclass(frozen=True)
class Plan:
    """A table as answers carry it."""

    rows: tuple[tuple[Value, ...], ...]
    names: tuple[str, ...] = _NAMES
    columns: tuple[str, ...] = ("Work centre", "Plan", "Work order", "Operation", "Start", "End", "Moved")
    kinds: tuple[str, ...] = ("text", "text", "id", "id", "date", "date", "flag")
    units: tuple[str, ...] = field(default=("",) * 7)
    truncated: bool = False


PLAN = Plan(
    (
        ("Press 1", "before", "10", "20", "2026-03-31 12:00", "2026-03-31 20:00", False),
        ("Press 1", "after", "10", "20", "2026-03-31 12:00", "2026-03-31 20:00", False),
        ("Press 1", "after", "11", "10", "2026-04-01 06:00", "2026-04-01 14:00", True),
        ("Press 2", "before", "11", "10", "2026-03-31 12:00", "2026-03-31 20:00", True),
    )
)


def test_a_plan_is_drawn_as_bars_of_work_centres() -> None:
    """Of each work centre a line before and one after, in the order of the table."""
    (spec,) = charts_of([Offered(2, PLAN, (False,) * 7, "gantt")])
    assert (spec.kind, spec.table) == ("gantt", 2)
    assert spec.gantt is not None
    assert {spec.gantt.row, spec.gantt.start, spec.gantt.end, spec.gantt.label} <= set(_NAMES)
    lines = lines_of(spec, PLAN)
    assert [(line.name, line.is_before, len(line.bars)) for line in lines] == [
        ("Press 1", True, 1), ("Press 1", False, 2), ("Press 2", True, 1)
    ]  # fmt: skip
    assert [bar.is_moved for line in lines for bar in line.bars] == [False, False, True, True]
    whole = span(lines)
    assert whole is not None
    assert (whole[1] - whole[0]).total_seconds() == 26 * 3600
    assert wish_of([spec]) is not None


def test_a_table_without_bars_has_no_gantt_chart() -> None:
    """No rows, no chart."""
    assert charts_of([Offered(0, Plan(()), (False,) * 7, "gantt")]) == ()


def test_a_terminal_tells_what_moves_without_colour() -> None:
    """Lines fit, and bars that move have a sign of their own, in ASCII too."""
    (spec,) = charts_of([Offered(0, PLAN, (False,) * 7, "gantt")])
    for marks in (UNICODE, ASCII):
        lines = [text.plain for text in gantt(spec, PLAN, marks, 80)]  # type: ignore[arg-type]
        assert all(cell_len(line) <= 80 for line in lines)
        assert marks.fills[0] in lines[2]
        assert marks.fills[0] not in lines[1]
        assert "moved" in lines[-1]
