"""Which machines are likely to fail is read in four languages; what has happened is not."""

from __future__ import annotations

import pytest

from agents.models.embedded.failure_reader import failure_plan
from agents.models.protocol import Calls, Turn
from erp_adapters.caller import Caller
from erp_adapters.store import Store
from tools.languages import Language

_ALL = Caller("planner", "Planner", frozenset({"planner"}), frozenset({"KAS", "MTY", "BRE"}), frozenset())
_KASSEL = {"site": "KAS"}
_PRESS = {"site": "KAS", "work_centre": "P2"}


async def read(store: Store, text: str, language: Language = "en") -> dict[str, object] | None:
    async with store.reading(_ALL) as tx:
        plan = await failure_plan(Turn(text, language=language), {"failure_risk"}, tx)
    if plan is None:
        return None
    assert isinstance(plan, Calls)
    (call,) = plan.reading.calls
    return call.arguments.model_dump(exclude_defaults=True)


@pytest.mark.parametrize(
    ("language", "text", "means"),
    [
        ("en", "Which lines in Kassel are likely to stop this week, how sure is it, at what cost?", _KASSEL),
        ("en", "Which machines in Monterrey will probably fail?", {"site": "MTY"}),
        ("en", "How likely is a breakdown of P2 in Kassel?", _PRESS),
        ("en", "What's the risk of failure of Hydraulic press 2 at KAS?", _PRESS),
        ("en", "Which work centres are at risk of breaking down next week?", {}),
        ("en", "Failure risk of the Machining line in Kassel", {"site": "KAS", "line": "Machining"}),
        ("de", "Welche Linien in Kassel werden diese Woche wahrscheinlich ausfallen?", _KASSEL),
        ("de", "Wie wahrscheinlich ist ein Ausfall von P2 in Kassel?", _PRESS),
        ("de", "Ausfallrisiko in Kassel", _KASSEL),
        ("es", "¿Qué líneas de Kassel probablemente se pararán esta semana?", _KASSEL),
        ("es", "¿Cuál es el riesgo de avería de P2 en Kassel?", _PRESS),
        ("fr", "Quelles lignes risquent de tomber en panne cette semaine à Kassel ?", _KASSEL),
        ("fr", "Quelle est la probabilité d'une panne de P2 à Kassel ?", _PRESS),
    ],
)  # fmt: skip
async def test_what_is_likely_to_fail_is_read(
    demo_store: Store, language: Language, text: str, means: dict[str, object]
) -> None:
    assert await read(demo_store, text, language) == means


@pytest.mark.parametrize(
    "text",
    [
        "Which machines failed last week?",
        "Which lines in Kassel stopped most often?",
        "Which suppliers are likely to be late?",
        "Which customers are likely to stop buying?",
        "Which machines are likely to fail this month?",
        "Which orders are at risk if P2 stops?",
        "How likely is it that P2 and P4 fail together?",
        "Which machines are likely to fail because of humidity?",
    ],
)
async def test_what_says_more_or_something_else_is_left_alone(demo_store: Store, text: str) -> None:
    assert await read(demo_store, text) is None
