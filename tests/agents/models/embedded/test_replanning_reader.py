"""What has happened on a shop floor is read in four languages; other questions go to other readers."""

# ruff: noqa: E501
# Wordings and what they mean are read as one line.

from __future__ import annotations

from datetime import date

import pytest

from agents.models.embedded.replanning_reader import replanning_plan
from agents.models.protocol import Calls, Clarify, PastTurn, ToolCall, Turn
from erp_adapters.store import Store
from tests.agents.models.embedded.planned import PLANNER, arguments
from tools.languages import Language
from tools.replanning.arguments import Replan


async def read(store: Store, text: str, language: Language = "en", *past: PastTurn) -> Calls | Clarify | None:
    async with store.reading(PLANNER) as tx:
        return await replanning_plan(Turn(text, past=past, language=language), {"replan"}, tx)


_DOWN = {"kind": "machine_down", "about": "P2", "site": "KAS", "until": "2026-04-02"}
_MOVE = {"kind": "move", "about": "1102494", "until": "2026-04-02"}
_LATE = {"kind": "material_late", "about": "1400595", "until": "2026-04-20"}
_RUSH = {
    "kind": "rush_order",
    "material": "Ball valve BV 25",
    "quantity": "20",
    "site": "KAS",
    "until": "2026-04-09",
}


@pytest.mark.parametrize(
    ("language", "text", "means"),
    [
        ("en", "Press 2 in Kassel is down until Thursday", _DOWN),
        ("en", "What if P2 at KAS breaks down until Thursday?", _DOWN),
        ("en", "P2 in Kassel is out of order for 8 hours", {**_DOWN, "until": None, "hours": 8}),
        ("en", "The paint booth in Wroclaw has failed and is down until 7 April", {"kind": "machine_down", "about": "F1", "site": "WRO", "until": "2026-04-07"}),
        ("de", "Presse 2 in Kassel steht bis Donnerstag", _DOWN),
        ("de", "Was ist, wenn P2 in Kassel bis Donnerstag ausfällt?", _DOWN),
        ("es", "La prensa 2 de Kassel está parada hasta el jueves", _DOWN),
        ("fr", "La presse 2 de Kassel est en panne jusqu'à jeudi", _DOWN),
        ("en", "Move work order 1102494 to Thursday", _MOVE),
        ("de", "Verschiebe Auftrag 1102494 auf Donnerstag", _MOVE),
        ("es", "Mueve la orden 1102494 al jueves", _MOVE),
        ("fr", "Déplace l'ordre 1102494 à jeudi", _MOVE),
        ("en", "Purchase order 1400595 comes only on 20 April", _LATE),
        ("de", "Bestellung 1400595 kommt erst am 20. April", _LATE),
        ("en", "PO 1400595 is a week late", {**_LATE, "until": None, "late_days": 7}),
        ("en", "Rush order: 20 Ball valve BV 25 for Kassel by 9 April", _RUSH),
        ("de", "Eilauftrag: 20 Stück Ball valve BV 25 für Kassel bis 9. April", _RUSH),
        ("en", "Ball bearing 6204 is on hold until 9 April in Kassel", {"kind": "quality_hold", "about": "Ball bearing 6204", "site": "KAS", "until": "2026-04-09"}),
        ("en", "The assembly crew in Kassel is sick until Thursday", {**_DOWN, "kind": "crew_absent", "about": "Assembly"}),
        ("de", "Die Spätschicht in Kassel fehlt bis Donnerstag", {**_DOWN, "kind": "crew_absent", "about": "Late"}),
    ],
)  # fmt: skip
async def test_what_happened_is_read(
    demo_store: Store, language: Language, text: str, means: dict[str, object]
) -> None:
    """Kind, place, site and time, whatever the language."""
    found = arguments(await read(demo_store, text, language))
    wanted = {name: value for name, value in means.items() if value is not None}
    assert {**found, "about": str(found.get("about")).casefold()} == {
        **wanted, "about": str(wanted.get("about")).casefold()
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Which customers are affected if Dichtora GmbH delivers 5 days late?",
        "What if purchase order 1400595 comes a week late?",
        "Why is work order 1102494 late?",
        "Move 500 of BR-6204 from Kassel to Wroclaw",
        "Put BR-6204 on hold in Kassel",
        "How long was press 2 down in March?",
        "Scrap is down in March",
        "Which orders should be pushed out?",
        "What is short in the next two weeks?",
    ],
)
async def test_other_questions_are_left_to_others(demo_store: Store, text: str) -> None:
    """Words of machines and moves in questions that ask for something else."""
    assert await read(demo_store, text) is None


@pytest.mark.parametrize(
    ("language", "text", "until"),
    [
        ("en", "and if it takes until Friday?", date(2026, 4, 3)),
        ("de", "und wenn es bis Freitag dauert?", date(2026, 4, 3)),
        ("es", "¿y si dura hasta el viernes?", date(2026, 4, 3)),
        ("fr", "et si ça dure jusqu'à vendredi ?", date(2026, 4, 3)),
    ],
)
async def test_it_may_take_longer(demo_store: Store, language: Language, text: str, until: date) -> None:
    """The same disturbance until another day."""
    before = Replan(kind="machine_down", about="P2", site="KAS", until=date(2026, 4, 2))
    past = PastTurn("P2 is down until Thursday", (ToolCall("replan", before),), "")
    found = await read(demo_store, text, language, past)
    assert arguments(found) == before.model_copy(update={"until": until}).model_dump(
        mode="json", exclude_defaults=True
    )
    assert await read(demo_store, "What is short until Friday?", language, past) is None


async def test_a_name_of_several_plants_is_offered_as_readings(demo_store: Store) -> None:
    """Each can be run as it is."""
    plan = await read(demo_store, "Press 2 is down until Thursday")
    assert isinstance(plan, Clarify)
    assert len(plan.readings) == 3
    sites = {reading.calls[0].arguments.site for reading in plan.readings}  # type: ignore[attr-defined]
    assert sites == {"KAS", "WRO", "GRR"}


async def test_an_unknown_machine_is_told_with_the_nearest(demo_store: Store) -> None:
    """And nothing is run."""
    plan = await read(demo_store, "Press 9 in Kassel is down until Thursday")
    assert isinstance(plan, Clarify)
    assert "Hydraulic press 1 (P1)" in plan.question
