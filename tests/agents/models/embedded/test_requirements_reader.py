"""What has to be ordered, and which plants could help, is read in four languages; nothing else is."""

# ruff: noqa: E501
# Wordings and what they mean are read as one line.

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.models.embedded.model import EmbeddedModel
from agents.models.embedded.requirements_reader import requirements_plan
from agents.models.protocol import Calls, Turn
from erp_adapters.caller import Caller
from erp_adapters.store import Store
from tools.all_tools import TOOLS
from tools.balance.tool import BalancePlants, balance_plants
from tools.languages import LANGUAGES, Language, speaking
from tools.registry import ToolContext

_ALL = Caller("planner", "Planner", frozenset({"planner"}), frozenset({"KAS", "WRO", "BRE"}), frozenset())
_TOOLS = {"net_requirements", "balance_plants"}


async def read(store: Store, text: str, language: Language = "en") -> Calls | None:
    async with store.reading(_ALL) as tx:
        return await requirements_plan(Turn(text, language=language), _TOOLS, tx)


def called(plan: Calls | None) -> tuple[str, dict[str, object]]:
    assert isinstance(plan, Calls), plan
    (call,) = plan.reading.calls
    return call.name, call.arguments.model_dump(mode="json", exclude_defaults=True)


# The default of six weeks is not passed on.
_KASSEL = {"source": "bought", "site": "KAS"}
_SIX = ("net_requirements", _KASSEL)
_TWO = ("net_requirements", {**_KASSEL, "horizon_days": 14})
_OF_SEAL = ("net_requirements", {"material": "MS-20", "site": "KAS", "horizon_days": 182})
_COVER = ("balance_plants", {"material": "BR-6204", "site": "KAS"})
_BEARINGS = ("balance_plants", {"group": "bearings"})
_MRP = ("net_requirements", {"anew": True, "site": "BRE"})


@pytest.mark.parametrize(
    ("language", "text", "means"),
    [
        ("en", "What do we have to order for Kassel in the next six weeks?", _SIX),
        ("en", "What needs to be ordered at KAS within 14 days?", _TWO),
        ("en", "Which parts do we need to buy in Kassel in the next two weeks?", _TWO),
        ("en", "Net requirements of MS-20 in Kassel", _OF_SEAL),
        ("en", "Run MRP for Brescia", _MRP),
        ("en", "What do we have to produce in Wroclaw in the next 3 weeks?", ("net_requirements", {"source": "made", "site": "WRO", "horizon_days": 21})),
        ("en", "Which plants could cover the shortage of BR-6204 in Kassel?", _COVER),
        ("en", "Balance bearings between the plants", _BEARINGS),
        ("en", "Balance MS-20 across our sites", ("balance_plants", {"material": "MS-20"})),
        ("en", "Which other plants have BR-6204 to spare for Kassel?", _COVER),
        ("de", "Welche Werke könnten den Fehlbestand von BR-6204 in Kassel decken?", _COVER),
        ("de", "Lager zwischen den Werken ausgleichen", _BEARINGS),
        ("es", "¿Qué plantas podrían cubrir la falta de BR-6204 en Kassel?", _COVER),
        ("es", "Equilibra los rodamientos entre las plantas", _BEARINGS),
        ("fr", "Quelles usines pourraient couvrir le manque de BR-6204 à Kassel ?", _COVER),
        ("fr", "Équilibre les roulements entre les usines", _BEARINGS),
        ("de", "Was müssen wir in den nächsten sechs Wochen für Kassel bestellen?", _SIX),
        ("de", "Was ist in Kassel in den nächsten zwei Wochen zu bestellen?", _TWO),
        ("de", "Nettobedarf von MS-20 in Kassel", _OF_SEAL),
        ("de", "MRP-Lauf für Brescia", _MRP),
        ("es", "¿Qué tenemos que pedir para Kassel en las próximas seis semanas?", _SIX),
        ("es", "Necesidades netas de MS-20 en Kassel", _OF_SEAL),
        ("es", "Ejecuta el MRP para Brescia", _MRP),
        ("fr", "Que devons-nous commander pour Kassel dans les six prochaines semaines ?", _SIX),
        ("fr", "Besoins nets de MS-20 à Kassel", _OF_SEAL),
        ("fr", "Lance le MRP pour Brescia", _MRP),
    ],
)  # fmt: skip
async def test_what_has_to_be_ordered_is_read(
    demo_store: Store, language: Language, text: str, means: tuple[str, dict[str, object]]
) -> None:
    """Site, time, and what is wanted, whatever the language."""
    assert called(await read(demo_store, text, language)) == means


@pytest.mark.parametrize(
    "text",
    [
        "Order 20 mechanical seals 20 mm for Kassel by 15 June",
        "What did we order in March?",
        "Which orders are late in Kassel?",
        "What is on order for MS-20?",
        "Stock and requirements of MS-20",
        "Purchase value by supplier in 2025",
        "What do we buy from Dichtora?",
        "What is the balance of account 400000?",
        "What do we need to order for 20 Disc Pump DP-10?",
        "Scrap rate by plant",
    ],
)
async def test_other_questions_are_left_to_others(demo_store: Store, text: str) -> None:
    assert await read(demo_store, text) is None


async def test_the_transfer_that_is_offered_can_be_drafted_as_it_is_said(demo_store: Store) -> None:
    """Material, quantity, both plants and the day come back, whatever the language."""
    caller = replace(_ALL, sites=frozenset({"KAS", "GRV"}))
    model, wanted = EmbeddedModel(), set()
    async with demo_store.reading(caller) as tx:
        for spoken in LANGUAGES:
            with speaking(spoken):
                arguments = BalancePlants(material="BR-6204", site="KAS")
                found = await balance_plants.run(arguments, ToolContext(caller, tx))
                plan = await model.plan(Turn(found.suggestions[0], language=spoken), caller, TOOLS, tx)
                assert isinstance(plan, Calls), found.suggestions
                wanted.add(repr(plan.reading.calls))
    assert len(wanted) == 1
    (calls,) = wanted
    assert "draft_transfer" in calls
    assert "from_site='Greenville'" in calls
