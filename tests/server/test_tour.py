"""The tour: every stop is asked, follow-ups in the same conversation, and every answer is shown."""

from __future__ import annotations

import io

from rich.console import Console

from server.steps import Steps
from server.tour import STOPS, take
from tests.server.stand_in import CONVERSATION, StandInCopilot, house, person


async def test_every_stop_is_asked_and_shown() -> None:
    """A stop that follows goes on with the conversation before it; the others begin their own."""
    copilot = StandInCopilot()
    out = io.StringIO()
    await take(house(copilot), person("planner", "Planner"), Console(file=out, width=100))
    assert [question for _, question, _, _ in copilot.asked] == [stop.question for stop in STOPS]
    expected = [CONVERSATION if stop.follows else None for stop in STOPS]
    assert [conversation for _, _, conversation, _ in copilot.asked] == expected
    assert out.getvalue().count("evidence") >= len(STOPS) - 1
    assert all(stop.question in out.getvalue() for stop in STOPS)


def test_steps_are_numbered_and_timed() -> None:
    """Without a terminal each step is a line when it ends, with the last detail."""
    out = io.StringIO()
    steps = Steps(Console(file=out, width=100), 2)
    with steps.step("database"):
        pass
    with steps.step("data") as detail:
        detail("reading")
        detail("5 rows")
    first, second = out.getvalue().splitlines()
    assert first.startswith("[1/2] database")
    assert second.startswith("[2/2] data  5 rows  ")
    assert second.endswith(" s")
