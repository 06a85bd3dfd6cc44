"""Whoever waits can end a search; it gives what it has, within a second."""

from __future__ import annotations

import asyncio
import time

import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import Store
from tools.ending import Ending, ended_by, ending
from tools.engines.scheduling.solving import cp
from tools.registry import ToolContext
from tools.replanning.arguments import Replan
from tools.replanning.tool import replan

_AT_KASSEL = Caller("planner", "Planner", frozenset({"planner"}), frozenset({"KAS"}), frozenset())


def test_only_what_searches_is_ended_and_only_once() -> None:
    """Nothing to end is said, so that whoever asks can stop the question instead; so is a second time."""
    asked, stopped = Ending(), list[str]()
    assert not asked.ask()
    with asked.heeding(lambda: stopped.append("first")):
        assert asked.ask()
        assert not asked.ask()
        with asked.heeding(lambda: stopped.append("second")):
            assert stopped == ["first", "second"]
    assert asked.is_asked


async def test_tasks_within_hear_it_and_others_do_not() -> None:
    """A question ends its own searches, nobody else's."""
    asked = Ending()

    async def whose() -> Ending:
        return ending()

    with ended_by(asked):
        inside = asyncio.create_task(whose())
    assert await inside is asked
    assert ending() is not asked


async def test_a_long_replanning_ends_with_the_best_it_has(demo_store: Store) -> None:
    """Asked while it searches, it answers with all four ways, labelled; the event loop lives meanwhile."""
    asked = Ending()
    ticks, at = 0, [0.0]

    def tell(text: str) -> None:
        if asked.ask():
            at[0] = time.monotonic()

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.02)
            ticks += 1

    cp()
    ticking = asyncio.create_task(tick())
    async with demo_store.reading(_AT_KASSEL) as tx:
        args = Replan.model_validate(
            {"kind": "crew_absent", "about": "Late", "until": "2026-04-20", "seconds": 45, "workers": 2}
        )
        with ended_by(asked):
            result = await replan.run(args, ToolContext(_AT_KASSEL, tx, tell))
    ticking.cancel()
    # A second on an idle machine; others may be at work on this one.
    assert time.monotonic() - at[0] < 10
    assert ticks > 5
    assert any("ended before its time" in caveat for caveat in result.caveats)
    assert any("could be less late" in text or "that is proven" in text for text in result.caveats)
    assert len(result.tables[0].rows) == 4


@pytest.mark.parametrize("seconds", [1, 3])
async def test_the_time_is_the_callers(demo_store: Store, seconds: int) -> None:
    """No search goes on past the time that was allowed, but for what looking it over takes."""
    told: list[str] = []
    async with demo_store.reading(_AT_KASSEL) as tx:
        args = Replan.model_validate(
            {"kind": "crew_absent", "about": "Late", "until": "2026-04-20", "seconds": seconds, "workers": 1}
        )
        began = time.process_time()
        await replan.run(args, ToolContext(_AT_KASSEL, tx, told.append))
    assert time.process_time() - began < seconds + 6
