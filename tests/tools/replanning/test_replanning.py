"""Every way that is offered can be carried out, and what is said of a disturbance is what the plan has."""

from __future__ import annotations

import random
import re
import time
from datetime import date, timedelta

import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import Store
from tests.tools.asking import Asking, column
from tools.engines.scheduling.replanning import by_rule, replanned
from tools.engines.scheduling.solving import cp
from tools.engines.scheduling.stopping import Stopping
from tools.engines.scheduling.violations import violations
from tools.errors import ToolError
from tools.planning import book_of
from tools.planning_scope import scope_of
from tools.registry import ToolContext
from tools.replanning.arguments import Replan
from tools.replanning.disturbances import Meeting, met
from tools.replanning.floor import floor_of
from tools.replanning.naming import Ambiguous, Place
from tools.replanning.present import Present, present_of
from tools.replanning.replanner import promised, replanning_of
from tools.replanning.tool import replan
from tools.rows import Queries

SITES = ("KAS", "GRV", "GRR", "MTY", "HAM", "WRO", "OLO", "BRE")
_SLOW = [site for site in SITES if site not in ("KAS", "BRE")]


def caller(*sites: str) -> Caller:
    return Caller("planner", "Planner", frozenset({"planner"}), frozenset(sites), frozenset())


async def present_at(store: Store, site: str) -> Present:
    async with store.reading(caller(site)) as tx:
        queries = Queries(tx)
        book = await book_of(queries, await scope_of(queries, site=site), whole=True)
        floor = await floor_of(queries, site)
        return present_of(floor, book, floor.site.today + timedelta(days=21))


def disturbed(present: Present, chance: random.Random) -> Meeting:
    """Something that may happen at any plant."""
    until = present.floor.site.today + timedelta(days=chance.randint(1, 9))
    if chance.random() < 0.5:
        slot = chance.choice(present.plan)
        centre = present.floor.centres[present.centres[slot.machine]]
        place = Place(present.floor.site.site, "work_centre", centre.id, centre.name, (centre.id,))
        return met(present, Replan(kind="machine_down", about=centre.id, until=until), place, ())
    order = chance.choice(present.tasks).order.order_id
    return met(present, Replan(kind="move", about=order, until=until), None, ())


@pytest.mark.parametrize(
    "site",
    [
        *(site for site in SITES if site not in _SLOW),
        *(pytest.param(s, marks=pytest.mark.slow) for s in _SLOW),
    ],
)
async def test_every_way_can_be_carried_out(demo_store: Store, site: str) -> None:
    """Seeded disturbances: the present plan breaks no rule, and no way that is offered does."""
    present = await present_at(demo_store, site)
    assert present.tasks
    assert violations(present.shop, present.plan) == []
    chance = random.Random(site)
    for seed in range(2):
        meeting = disturbed(present, chance)
        shop, wanted = promised(meeting)
        found = replanned(shop, meeting.present.plan, meeting.event, 1.0, 1, seed, None, wanted)
        for way in found.alternatives:
            rules = violations(found.shop, way.slots)
            assert bool(rules) == bool(way.broken), way.way
            if way.way != "do_nothing":
                assert rules == []
        ruled = by_rule(shop, meeting.present.plan, meeting.event)
        assert [one.way for one in ruled.alternatives] == ["do_nothing", "right_shift"]
        assert violations(ruled.shop, ruled.alternatives[1].slots) == []


async def test_a_search_that_is_stopped_gives_what_it_has(demo_store: Store) -> None:
    """Asked to stop while it looks for the stable repair, it has all four ways at once."""
    present = await present_at(demo_store, "KAS")
    meeting = disturbed(present, random.Random(3))
    shop, wanted = promised(meeting)
    heard: list[str] = []

    def hear(way: str) -> None:
        heard.append(way)
        stop.stop()

    stop = Stopping(hear)
    cp()
    began = time.monotonic()
    found = replanned(shop, meeting.present.plan, meeting.event, 200.0, 1, 0, stop, wanted)
    assert time.monotonic() - began < 100
    assert heard == ["stable_repair"]
    assert len(found.alternatives) == 4
    assert all(not way.broken for way in found.alternatives[1:])


async def test_who_asks_hears_what_is_looked_for(demo_store: Store) -> None:
    """Progress reaches the event loop while the search runs beside it."""
    told: list[str] = []
    async with demo_store.reading(caller("BRE")) as tx:
        args = Replan(kind="machine_down", about="Mixer 1", until=date(2026, 4, 2), seconds=1, workers=1)
        await replan.run(args, ToolContext(caller("BRE"), tx, told.append))
    assert told == [
        "Looking for a way to go on: stable repair", "Looking for a way to go on: full re-solve"
    ]  # fmt: skip


async def test_a_press_down_until_thursday_becomes_four_ways(demo_store: Store) -> None:
    """The changes say what the plan has before, and orders carry the versions that a draft relies on."""
    args = Replan(
        kind="machine_down", about="Press 2", site="Kassel", until=date(2026, 4, 2), seconds=3, workers=1
    )
    async with demo_store.reading(caller("KAS")) as tx:
        told, present, notes = await replanning_of(Queries(tx), args)
    assert [one.way for one in told.alternatives] == [
        "do_nothing", "right_shift", "stable_repair", "full_resolve"
    ]  # fmt: skip
    assert told.event.name == "Hydraulic press 2"
    assert told.event.ends is not None
    assert told.event.ends.isoformat() == "2026-04-02T06:00:00+02:00"
    assert any("Hydraulic press 2 (P2)" in note for note in notes)
    # What cannot stay is said in orders, work centres and times: nobody in a plant knows a job by its number.
    nothing = told.of("do_nothing")
    assert nothing is not None
    assert nothing.broken
    known = {bar.order for bar in told.before}
    for text in nothing.broken:
        named = re.search(r"operation \d+ of order (\S+)", text)
        assert named is not None, text
        assert named[1] in known
        assert not re.search(r"\bjob \d|machine \d|\b(?:from|at|before) \d+$", text), text
    assert any("while Hydraulic press 2 is closed from 2026-03-31 " in text for text in nothing.broken)
    before = {(bar.order, bar.operation): bar for bar in told.before}
    assert told.chosen is not None
    assert told.changes
    for change in told.changes:
        old = before[change.order, change.operation]
        assert change.before == old
        stays = (change.after.start, change.after.work_centre) == (old.start, old.work_centre)
        assert not stays or change.after.overtime
    orders = {change.order for change in told.changes}
    assert {move.order for move in told.chosen.moves} == orders
    assert all(move.fact is not None and move.fact.key == (move.order,) for move in told.chosen.moves)
    # Nothing stands on the press while it is down, and little else moves.
    assert not any(
        bar.work_centre == "P2" and bar.start < told.event.ends and bar.end > told.now
        for bar in told.chosen.bars
    )
    shifted, anew = told.of("right_shift"), told.of("full_resolve")
    assert shifted is not None
    assert anew is not None
    assert told.chosen.moved_operations < anew.moved_operations
    assert told.chosen.later_days <= shifted.later_days
    assert len(present.tasks) == len(told.facts)


async def test_the_answer_holds_what_every_answer_owes(demo_store: Store) -> None:
    """References resolve, the recommended way is marked, and the plans are there as bars."""
    asking = Asking(demo_store, caller("KAS"))
    result = await asking(replan, kind="machine_down", about="P2", until="2026-04-02", seconds=1, workers=1)
    ways = result.tables[0]
    assert column(ways, "way") == ["do nothing", "right-shift", "stable repair", "full re-solve"]
    assert column(ways, "state").count("recommended") == 1
    assert column(ways, "state")[0] == "cannot be carried out"
    bars = result.tables[-1]
    assert bars.shows == "gantt"
    assert set(column(bars, "plan")) == {"before", "after"}
    missing = next(table for table in result.tables if table.title == "Orders that could not be planned")
    assert set(column(missing, "reason")) == {"it has no dates: give it a start and a due date"}


async def test_an_outage_without_an_end_names_what_would_help(demo_store: Store) -> None:
    """Only one bench tests for leaks: no way is recommended, and the plan stays as it is."""
    result = await Asking(demo_store, caller("KAS"))(replan, kind="machine_down", about="T2", seconds=1)
    assert "stays as it is" in result.sentence
    assert any("can run only on T2" in caveat for caveat in result.caveats)
    assert not result.figures


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"kind": "machine_down", "about": "Press"}, r"Hydraulic press 1 \(P1\).*Hydraulic press 2 \(P2\)"),
        ({"kind": "machine_down", "about": "Press 9"}, r"no work centre.*nearest are Hydraulic press"),
        ({"kind": "move", "about": "4711", "until": "2026-04-02"}, r"has the number '4711'; near it"),
        ({"kind": "move", "about": "1102532", "until": "2026-04-02"}, r"has no dates"),
        ({"kind": "machine_down", "about": "P2", "until": "2026-03-01"}, r"over before it begins"),
        ({"kind": "material_late", "about": "999999", "until": "2026-04-20"}, r"no open purchase order"),
    ],
)
async def test_what_cannot_be_is_named(demo_store: Store, arguments: dict[str, object], says: str) -> None:
    """What is ambiguous is asked back, what is unknown is told with the nearest, what is missing is named."""
    with pytest.raises(ToolError, match=says):
        await Asking(demo_store, caller("KAS"))(replan, **arguments, seconds=1)


async def test_a_place_of_several_plants_is_asked_back(demo_store: Store) -> None:
    """Every plant has a press of that name; whoever sees one plant is not asked."""
    with pytest.raises(Ambiguous) as several:
        await Asking(demo_store, caller("KAS", "WRO"))(
            replan, kind="machine_down", about="Press 2", seconds=1
        )
    assert {place.site for place in several.value.places} == {"KAS", "WRO"}
    assert "GRV" not in str(several.value)


async def test_one_order_moved_moves_little_else(demo_store: Store) -> None:
    """The order starts on its day, not before."""
    async with demo_store.reading(caller("KAS")) as tx:
        args = Replan(kind="move", about="1102494", until=date(2026, 4, 2), seconds=3, workers=1)
        told, _, _ = await replanning_of(Queries(tx), args)
    assert told.chosen is not None
    (move,) = [one for one in told.chosen.moves if one.order == "1102494"]
    assert move.before_start is not None
    assert move.before_start.date() < date(2026, 4, 2) <= move.after_start.date()
    assert told.chosen.moved_orders <= 4
