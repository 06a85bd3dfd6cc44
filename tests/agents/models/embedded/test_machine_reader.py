"""What machines measure is read in four languages; what says more, or something else, is left alone."""

from __future__ import annotations

import pytest

from agents.models.embedded.machine_reader import machine_plan
from agents.models.protocol import Calls, Turn
from erp_adapters.caller import Caller
from erp_adapters.store import Store
from tools.languages import Language

_ALL = Caller("planner", "Planner", frozenset({"planner"}), frozenset({"KAS", "MTY", "BRE"}), frozenset())
_WARM = {"site": "KAS", "work_centre": "P2", "measures": "temperature"}


async def read(store: Store, text: str, language: Language = "en") -> dict[str, object] | None:
    async with store.reading(_ALL) as tx:
        plan = await machine_plan(Turn(text, language=language), {"machine_values"}, tx)
    if plan is None:
        return None
    assert isinstance(plan, Calls)
    (call,) = plan.reading.calls
    return call.arguments.model_dump(exclude_defaults=True)


@pytest.mark.parametrize(
    ("language", "text", "means"),
    [
        ("en", "temperature of Hydraulic press 2 in the last 14 days in Kassel", {**_WARM, "days": 14}),
        ("en", "What is the temperature of P2 in Kassel?", _WARM),
        ("en", "How did the temperature of P2 at KAS develop over the last 2 weeks?", {**_WARM, "days": 14}),
        ("en", "Which sensors are there in Kassel?", {"site": "KAS"}),
        ("de", "Wie war die Temperatur von P2 in Kassel in den letzten 14 Tagen?", {**_WARM, "days": 14}),
        ("de", "Welche Sensoren gibt es in Kassel?", {"site": "KAS"}),
        ("es", "¿Cuál es la temperatura de P2 en Kassel?", _WARM),
        ("es", "Temperatura de P2 en Kassel en los últimos 14 días", {**_WARM, "days": 14}),
        ("fr", "Quelle est la température de P2 à Kassel ?", _WARM),
        ("fr", "Température de P2 à Kassel sur les 14 derniers jours", {**_WARM, "days": 14}),
    ],
)  # fmt: skip
async def test_what_machines_measure_is_read(
    demo_store: Store, language: Language, text: str, means: dict[str, object]
) -> None:
    """Every word is accounted for: machine, quantity, site and time."""
    assert await read(demo_store, text, language) == means


@pytest.mark.parametrize(
    "text",
    [
        "What is the temperature of the paint?",
        "Which orders were made while the temperature of P2 was above 60?",
        "temperature of P2 and P4",
        "temperature of P2 in the last 900 days",
        "Which sensors have we ordered?",
        "How many sensors are in stock?",
        "Which machines failed last week?",
    ],
)
async def test_what_says_more_or_something_else_is_left_alone(demo_store: Store, text: str) -> None:
    """A word that is not understood makes it another question."""
    assert await read(demo_store, text) is None
