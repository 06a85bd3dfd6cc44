"""Real questions, asked one after the other, each with the evidence of its answer."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from erp_adapters.caller import Caller
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


@dataclass(frozen=True, slots=True)
class Stop:
    """One question of the tour and what it shows."""

    shows: str
    question: str
    follows: bool = False
    """True where it goes on with the conversation of the stop before."""


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


async def take(house: House, caller: Caller, console: Console, spoken: Language = "en") -> None:
    """Ask every stop's question as the caller, in a language, and show the answers."""
    conversation: str | None = None
    for number, stop in enumerate(STOPS, 1):
        with speaking(spoken):
            shows, question = said(stop.shows), said(stop.question)
        console.print()
        console.print(Rule(Text(f"{number}. {shows}", style="bold"), align="left", style="dim"))
        answer = await house.copilot.ask(
            caller, question, conversation=conversation if stop.follows else None
        )
        conversation = answer.conversation
        display(console, answer, with_question=True)
