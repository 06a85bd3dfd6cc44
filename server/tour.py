"""Real questions, asked one after the other, each with the evidence of its answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from erp_adapters.caller import Caller
from erp_adapters.errors import RecordNotFound
from server.console import display
from server.house import House
from tools.languages import Language, said, speaking

OPENERS = (
    "Top five scrap reasons by scrapped quantity",
    "How many work orders finished after their due date, and what is the late rate?",
    "Inventory value by location at standard cost",
    "Which suppliers did we spend the most with?",
    "Which materials have only one supplier?",
)
"""Questions that the page offers to begin with; both data sets can answer them."""
_OF_ROLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "planner": (
        ("What needs my attention today?", ""),
        ("What is short in the next two weeks?", ""),
        ("Draft a requisition for 500 of BR-6204 for Kassel by 5 May", "KAS"),
        ("Press 2 in Kassel is down until Thursday", "KAS"),
        ("Top five scrap reasons by scrapped quantity", ""),
    ),
    "buyer": (
        ("What needs my attention today?", ""),
        ("How reliable are our suppliers?", ""),
        ("What is waiting for me?", ""),
        ("Which materials have only one supplier?", ""),
    ),
    "controller": (
        ("Why was Monterrey over standard in October?", "MTY"),
        ("Plan against actual by cost centre in March 2026", ""),
        ("Inventory value by location at standard cost", ""),
    ),
}
"""What people of a role begin with in the built-in plants, with the site that it is about."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One question of the tour and what it shows."""

    shows: str
    question: str
    follows: bool = False
    """True where it goes on with the conversation of the stop before."""
    person: str | None = None
    """Who asks; None for whoever takes the tour."""


PLANTS = (
    Stop(
        "A planner at Kassel: what runs short, and when",
        "What is short in the next two weeks?",
        person="planner.kassel",
    ),
    Stop(
        "A buyer at Monterrey: who delivers as agreed, with how sure that is",
        "How reliable are our suppliers?",
        person="buyer.monterrey",
    ),
    Stop(
        "A controller at Wroclaw: plan against actual",
        "Plan against actual by cost centre in March 2026",
        person="controller.wroclaw",
    ),
    Stop(
        "The group's controller: eight plants in one currency, and why they are not comparable",
        "Actual and budget by site in March 2026 in EUR",
        person="controller",
    ),
    Stop("A question that this data cannot answer", "How satisfied are our customers?"),
)
"""Through the built-in plants, each question by somebody who works there."""
STOPS = (
    Stop("A ranking, with the rows it rests on", "Top five scrap reasons by scrapped quantity"),
    Stop(
        "A count and a share from one question",
        "How many work orders finished after their due date, and what is the late rate?",
    ),
    Stop("A follow-up in the same conversation", "and by month?", follows=True),
    Stop("Money, with what could not be valued", "Inventory value by location at standard cost"),
    Stop("A question that this data cannot answer", "How satisfied are our customers?"),
)


"""Through any data set."""
_PLANTS_IN: tuple[Language, ...] = ("en", "de")
"""Languages in which the look-ups of the first tour are read."""


def openers(caller: Caller, sources: Iterable[str], spoken: Language) -> tuple[str, ...]:
    """Questions to begin with, in a language: those of a person's roles where these are the built-in plants.

    Args:
        sources: systems whose data is loaded.
    """
    fitting = [
        question
        for role in _OF_ROLES
        if role in caller.roles
        for question, site in _OF_ROLES[role]
        if not site or site in caller.sites
    ]
    chosen = fitting if set(sources) == {"demo"} and fitting else OPENERS
    with speaking(spoken):
        return tuple(said(question) for question in chosen)


async def take(house: House, caller: Caller, console: Console, spoken: Language = "en") -> None:
    """Ask every stop's question, in a language, and show the answers.

    Through the plants where the people of that tour are in the home, and otherwise as the caller.
    """
    conversation: str | None = None
    stops = await _stops(house, caller, spoken)
    for number, (stop, person) in enumerate(stops, 1):
        with speaking(spoken):
            shows, question = said(stop.shows), said(stop.question)
        console.print()
        console.print(Rule(Text(f"{number}. {shows}", style="bold"), align="left", style="dim"))
        answer = await house.copilot.ask(
            person, question, conversation=conversation if stop.follows else None
        )
        conversation = answer.conversation
        display(console, answer, with_question=True)


async def _stops(house: House, caller: Caller, spoken: Language) -> list[tuple[Stop, Caller]]:
    """The stops with who asks at each."""
    if spoken in _PLANTS_IN:
        with contextlib.suppress(RecordNotFound):
            return [(stop, await house.person(stop.person) if stop.person else caller) for stop in PLANTS]
    return [(stop, caller) for stop in STOPS]
