"""What is supposed is read in four languages, beside what was supposed before; the rest goes to other readers."""

# ruff: noqa: E501
# Wordings and what they mean are read as one line.

from __future__ import annotations

from datetime import date

import pytest

from agents.models.embedded.model import EmbeddedModel
from agents.models.embedded.replanning_reader import replanning_plan
from agents.models.embedded.what_if_reader import what_if_plan
from agents.models.protocol import Calls, Clarify, PastTurn, ToolCall, Turn
from erp_adapters.store import Store
from tests.agents.models.embedded.planned import PLANNER, arguments
from tools.all_tools import registry
from tools.languages import Language, said, speaking
from tools.languages.forms import day_text
from tools.what_if.arguments import Supposition, WhatIf


async def read(store: Store, text: str, language: Language = "en", *past: PastTurn) -> Calls | Clarify | None:
    async with store.reading(PLANNER) as tx:
        return await what_if_plan(Turn(text, past=past, language=language), {"what_if"}, tx)


def up(percent: str, about: str | None = None) -> dict[str, str]:
    return {"kind": "demand", **({"about": about} if about else {}), "rise": percent}


_DOWN = {"kind": "machine_down", "about": "P2", "until": "2026-04-03"}
_LATE = {"kind": "delivery_late", "about": "Dichtora GmbH", "days": 14}
_PRICE = {"kind": "price", "about": "Ball bearing 6204", "rise": "5"}
_SHIFT = {"kind": "crew_absent", "about": "Late", "since": "2026-04-06", "until": "2026-04-13"}


@pytest.mark.parametrize(
    ("language", "text", "means"),
    [
        ("en", "What if Press 2 in Kassel stops until Friday?", [_DOWN]),
        ("de", "Was wäre, wenn Presse 2 in Kassel bis Freitag ausfällt?", [_DOWN]),
        ("es", "¿Qué pasa si la prensa 2 de Kassel está parada hasta el viernes?", [_DOWN]),
        ("fr", "Que se passe-t-il si la presse 2 de Kassel est en panne jusqu'à vendredi ?", [_DOWN]),
        ("en", "What if Press 2 in Kassel is down until Thursday or until Friday?", [{**_DOWN, "until": "2026-04-02"}, _DOWN]),
        ("en", "What if demand in Kassel rises 10 %?", [up("10")]),
        ("en", "Suppose demand for Dosing pumps in Kassel falls by 5 percent", [up("-5", "Dosing pumps")]),
        ("en", "What if demand in Kassel rises 10 % or 20 %?", [up("10"), up("20")]),
        ("en", "What if customers order 15 % more in Kassel?", [up("15")]),
        ("de", "Was ist, wenn die Nachfrage nach CP 32 in Kassel um 10 % steigt?", [up("10", "CP 32")]),
        ("es", "¿Y si la demanda en Kassel baja un 10 %?", [up("-10")]),
        ("fr", "Et si la demande à Kassel augmente de 10 % ?", [up("10")]),
        ("en", "What if supplier Dichtora GmbH is two weeks late in Kassel?", [_LATE]),
        ("de", "Was wäre, wenn Dichtora GmbH in Kassel zwei Wochen später liefert?", [_LATE]),
        ("es", "¿Qué pasa si Dichtora GmbH entrega dos semanas tarde en Kassel?", [_LATE]),
        ("fr", "Et si Dichtora GmbH livre à Kassel avec deux semaines de retard ?", [_LATE]),
        ("en", "What if the price of Ball bearing 6204 in Kassel rises 5 %?", [_PRICE]),
        ("de", "Was wäre, wenn Ball bearing 6204 in Kassel 5 % teurer wird?", [_PRICE]),
        ("es", "¿Qué pasa si el precio de Ball bearing 6204 en Kassel sube un 5 %?", [_PRICE]),
        ("fr", "Et si le prix de Ball bearing 6204 à Kassel augmente de 5 % ?", [_PRICE]),
        ("en", "What if we lose the late shift in Kassel next week?", [_SHIFT]),
        ("de", "Was wäre, wenn wir in Kassel nächste Woche die Spätschicht verlieren?", [_SHIFT]),
        ("es", "¿Qué pasa si perdemos el turno de tarde en Kassel la próxima semana?", [_SHIFT]),
        ("fr", "Et si nous perdons l'équipe du soir à Kassel la semaine prochaine ?", [_SHIFT]),
        ("en", "What if demand in Kassel rises 10 % or Dichtora GmbH is two weeks late?", [up("10"), _LATE]),
    ],
)  # fmt: skip
async def test_what_is_supposed_is_read(
    demo_store: Store, language: Language, text: str, means: list[dict[str, object]]
) -> None:
    """Kind, thing, size, time and site, whatever the language; several are set side by side."""
    found = arguments(await read(demo_store, text, language))
    assert found == {"suppositions": means, "site": "KAS"}


@pytest.mark.parametrize(
    ("language", "text", "adds"),
    [
        ("en", "and 20 %?", up("20")),
        ("en", "and if it falls 5 %?", up("-5")),
        ("de", "und bei 20 %?", up("20")),
        ("es", "¿y un 20 %?", up("20")),
        ("fr", "et de 20 % ?", up("20")),
        ("en", "and what if the price of Ball bearing 6204 rises 5 %?", _PRICE),
    ],
)
async def test_what_is_supposed_next_stands_beside_it(
    demo_store: Store, language: Language, text: str, adds: dict[str, object]
) -> None:
    """The one before stays for comparison; only its size changes where nothing else is said."""
    before = WhatIf(suppositions=(Supposition(kind="demand", rise=10),), site="KAS")  # type: ignore[arg-type]
    past = PastTurn("What if demand rises 10 %?", (ToolCall("what_if", before),), "")
    found = arguments(await read(demo_store, text, language, past))
    assert found["site"] == "KAS"
    assert found["suppositions"] == [up("10"), adds]


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
async def test_what_an_answer_offers_is_read(demo_store: Store, language: Language) -> None:
    """The sentences that say that a stop is so, and the one that drafts a purchase."""
    day, names = date(2026, 4, 3), {"name": "Hydraulic press 2", "site": "KAS"}
    with speaking(language):
        down = said("[[name]] at [[site]] is down until [[day]]", **names, day=day_text(day))
        absent = said(
            "The people of [[name]] at [[site]] are absent until [[day]]",
            name="Late", site="KAS", day=day_text(day),
        )  # fmt: skip
        draft = said(
            "Draft a requisition for [[quantity]] of [[material]] for [[site]] by [[day]]",
            quantity="24", material="BR-6204", site="Kassel", day=day_text(day),
        )  # fmt: skip
    model, tools = EmbeddedModel(), registry()
    async with demo_store.reading(PLANNER) as tx:
        for text, kind in ((down, "machine_down"), (absent, "crew_absent")):
            found = await replanning_plan(Turn(text, language=language), {"replan"}, tx)
            assert arguments(found)["kind"] == kind, text
            assert arguments(found)["until"] == "2026-04-03"
        plan = await model.plan(
            Turn(draft, language=language), PLANNER, [tools.get(name) for name in tools.names()], tx
        )
    assert isinstance(plan, Calls), draft
    assert plan.reading.calls[0].name == "draft_requisition", draft
    assert arguments(plan)["quantity"] == "24"


async def test_the_time_to_search_is_the_askers(demo_store: Store) -> None:
    """Within what a turn has."""
    found = arguments(await read(demo_store, "What if P2 in Kassel stops until Friday, within 30 seconds?"))
    assert found == {"suppositions": [_DOWN], "site": "KAS", "seconds": 30}


@pytest.mark.parametrize(
    "text",
    [
        "What if purchase order 1400595 comes a week late?",
        "What should we do if press 2 in Kassel is down until Friday?",
        "Press 2 in Kassel is down until Thursday",
        "Which customers are affected if Dichtora GmbH delivers 5 days late?",
        "How did demand rise in March?",
        "and 20 %?",
        "What is short in the next two weeks?",
    ],
)
async def test_other_questions_are_left_to_others(demo_store: Store, text: str) -> None:
    """What has happened, what hangs on one order, and everything that supposes nothing."""
    assert await read(demo_store, text) is None


async def test_a_plant_that_nobody_named_is_asked_back(demo_store: Store) -> None:
    """Each reading can be run as it is."""
    plan = await read(demo_store, "What if demand rises 10 %?")
    assert isinstance(plan, Clarify)
    assert {reading.calls[0].arguments.site for reading in plan.readings} == {"GRR", "KAS", "WRO"}  # type: ignore[attr-defined]
    plan = await read(demo_store, "What if Press 2 stops until Friday?")
    assert isinstance(plan, Clarify)
    assert len(plan.readings) == 3
