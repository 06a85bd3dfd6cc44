"""Overtime of a plant: no more than it may work, at what it costs, and shown where it is worked."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from erp_adapters.store import Store
from tests.tools.asking import Asking, column
from tests.tools.replanning.test_replanning import caller, present_at
from tools.replanning.arguments import Replan
from tools.replanning.present import Present
from tools.replanning.replanner import replanning_of
from tools.replanning.tool import replan
from tools.rows import Queries


def _moved(present: Present) -> Replan:
    """An order of the plant that somebody wants on another day."""
    chance = random.Random(1)
    until = present.floor.site.today + timedelta(days=chance.randint(1, 9))
    chance.random()
    order = chance.choice(present.tasks).order.order_id
    return Replan(kind="move", about=order, site="HAM", until=until, seconds=5, workers=1)


async def test_overtime_is_worked_within_its_limits_and_counted(demo_store: Store) -> None:
    """The full re-solve, which goes for the true due dates, works some; what it costs is in its cost."""
    present = await present_at(demo_store, "HAM")
    async with demo_store.reading(caller("HAM")) as tx:
        told, present, _ = await replanning_of(Queries(tx), _moved(present))
    anew = told.of("full_resolve")
    assert anew is not None
    worked = [bar for bar in anew.bars if bar.overtime]
    assert anew.overtime_minutes == sum(bar.overtime for bar in worked) > 0
    hours = present.floor.hours
    weekly: dict[tuple[str, int], int] = defaultdict(int)
    expected = Decimal(0)
    for bar in worked:
        extra = present.floor.extra_of(bar.work_centre, bar.start.date())
        assert extra is not None
        days = (bar.end.date() - bar.start.date()).days + 1
        assert bar.overtime <= extra.daily_minutes * days
        weekly[bar.work_centre, bar.start.isocalendar().week] += bar.overtime
        assert extra.weekly_minutes is not None
        assert weekly[bar.work_centre, bar.start.isocalendar().week] <= extra.weekly_minutes
        rate = present.floor.centres[bar.work_centre].rate + extra.surcharge
        expected += rate * bar.overtime / 60
        # On the clock: what lies in shifts and what is worked after them is what the operation takes.
        job = present.job_of[bar.order]
        (number,) = [at for at, (s, _) in enumerate(present.tasks[job].steps) if s.operation == bar.operation]
        durations = {one.duration for one in present.shop.jobs[job].operations[number].choices}
        in_shifts = hours.minute(bar.end) - hours.minute(bar.start)
        assert in_shifts + bar.overtime in durations
    assert abs(anew.overtime_cost - expected) < Decimal("0.05")
    shifted = told.of("right_shift")
    assert shifted is not None
    assert (shifted.overtime_minutes, shifted.overtime_cost) == (0, Decimal(0))


async def test_overtime_is_said_with_the_ways(demo_store: Store) -> None:
    """Minutes and money stand in the table, and until which day overtime was weighed beside it."""
    present = await present_at(demo_store, "HAM")
    args = _moved(present).model_copy(update={"seconds": 2})
    found = await Asking(demo_store, caller("HAM"))(replan, **args.model_dump(exclude_none=True))
    ways = found.tables[0]
    assert column(ways, "overtime")[1] == 0
    assert all(one is None or one >= 0 for one in column(ways, "overtime_cost"))
    assert any("Overtime counts where it makes orders less late, up to" in note for note in found.caveats)
