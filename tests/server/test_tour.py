"""The tour: every stop is asked, follow-ups in the same conversation, and every answer is shown."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.store import Store
from server.steps import Steps
from server.tour import OPENERS, STOPS, openers, take
from tests.server.stand_in import CONVERSATION, StandInCopilot, house, person
from tools.all_tools import registry
from tools.languages import Language


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


def test_openers_are_those_of_the_person_where_the_plants_are_the_built_in_ones() -> None:
    """By role and site and in the panel's language; with other data the ones that any data can answer."""
    planner = person("planner", "Planner")
    assert openers(planner, ["AdventureWorks"], "en") == OPENERS
    assert openers(planner, ["demo", "adventureworks"], "en") == OPENERS
    # This one sees no plant of the demo, so nothing is offered that is about one.
    assert not [text for text in openers(planner, ["demo"], "en") if "Kassel" in text]
    assert openers(planner, ["demo"], "de")[1] == "Was fehlt in den nächsten zwei Wochen?"


@pytest.mark.slow
@pytest.mark.parametrize("spoken", ["en", "de"])
async def test_every_opener_is_answered_at_once(demo_store: Store, spoken: Language) -> None:
    """A newcomer who clicks one is never asked back; those about drafts need a desk and are left out."""
    copilot = Copilot(demo_store, registry(), EmbeddedModel())
    drafts = ("500", "waiting for me", "wartet auf mich")
    for subject in ("planner", "planner.brescia", "buyer", "controller", "controller.wroclaw"):
        caller = await demo_store.caller(subject)
        for question in openers(caller, ["demo"], spoken):
            if not any(words in question for words in drafts):
                assert (await copilot.ask(caller, question)).status == "answered", (subject, question)
