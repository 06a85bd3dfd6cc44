"""Wishes to draft moves are read in four languages, and nothing else is taken for one."""

from __future__ import annotations

from datetime import date

import pytest

from agents.answer import AnswerDraft
from agents.drafting import drafting, unsaid
from agents.models.embedded.replanning_draft import NAME, moves_plan, moves_wanted
from agents.models.protocol import Calls, PastTurn, ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.store import Store
from tools.replanning.arguments import Replan
from tools.replanning.drafting import DraftReplanning

DOWN = Replan(kind="machine_down", about="Press 2", site="KAS", until=date(2026, 4, 2))
SHOWN = (PastTurn("Press 2 in Kassel is down until Thursday", (ToolCall("replan", DOWN),), ""),)
PLANNER = Caller("planner", "Planner", frozenset({"planner"}), frozenset({"KAS"}), frozenset())


def drafted() -> tuple[PastTurn, ...]:
    """A turn that drafted moves."""
    draft = AnswerDraft.model_construct(id="0195-1a2b3c4d", kind="order_rescheduling")
    return (PastTurn("Draft that", (), "", draft=draft),)


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("Draft that", None),
        ("draft it, please", None),
        ("Please draft the moves.", None),
        ("Propose the stable repair", "stable_repair"),
        ("Draft the right-shift", "right_shift"),
        ("Take the recommended one", None),
        ("Entwirf das", None),
        ("Schlage die stabile Reparatur vor", "stable_repair"),
        ("Nimm die Empfehlung", None),
        ("Redacta eso", None),
        ("Propón la reparación estable", "stable_repair"),
        ("Rédige cela", None),
        ("Propose la réparation stable", "stable_repair"),
    ],
)
async def test_a_way_that_was_shown_is_drafted(demo_store: Store, text: str, way: str | None) -> None:
    """Right behind the look-up, and with its very arguments; never without it."""
    assert drafting(text, SHOWN) == ("moves", None)
    assert moves_wanted(text, ()) is None
    async with demo_store.reading(PLANNER) as tx:
        plan = await moves_plan(Turn(text, SHOWN), tx)
    assert isinstance(plan, Calls)
    (call,) = plan.reading.calls
    assert isinstance(call.arguments, DraftReplanning)
    assert (call.name, call.arguments.replan(), call.arguments.way) == (NAME, DOWN, way)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Move work order 1102494 to Thursday"),
        ("en", "Draft moving work order 1102494 to Thursday"),
        ("de", "Verschiebe Auftrag 1102494 auf Donnerstag"),
        ("es", "Mueve la orden de fabricación 1102494 al jueves"),
        ("fr", "Déplace l'ordre de fabrication 1102494 à jeudi"),
    ],
)
async def test_one_order_is_drafted_at_once(demo_store: Store, language: str, text: str) -> None:
    """The same draft with one order, read as the look-up reads it."""
    assert drafting(text, ()) == ("moves", None)
    async with demo_store.reading(PLANNER) as tx:
        plan = await moves_plan(Turn(text, language=language), tx)  # type: ignore[arg-type]
    assert isinstance(plan, Calls)
    arguments = plan.reading.calls[0].arguments
    assert isinstance(arguments, DraftReplanning)
    assert (arguments.kind, arguments.about) == ("move", "1102494")
    assert arguments.until is not None
    assert arguments.until.isoweekday() == 4


@pytest.mark.parametrize(
    ("text", "what", "draft"),
    [
        ("Draft the rest", "rest", "0195-1a2b3c4d"),
        ("Entwirf den Rest", "rest", "0195-1a2b3c4d"),
        ("Redacta el resto", "rest", "0195-1a2b3c4d"),
        ("Rédige le reste", "rest", "0195-1a2b3c4d"),
        ("Take back the moves", "undo", "0195-1a2b3c4d"),
        ("Undo the moves of draft 9f8e7d6c", "undo", "9f8e7d6c"),
        ("Nimm die Verschiebungen zurück", "undo", "0195-1a2b3c4d"),
        ("Deshaz los movimientos", "undo", "0195-1a2b3c4d"),
        ("Annule les déplacements", "undo", "0195-1a2b3c4d"),
    ],
)
async def test_what_an_earlier_draft_left_is_drafted(
    demo_store: Store, text: str, what: str, draft: str
) -> None:
    """Its rest and the way back follow the draft that was spoken of, or the one that is named."""
    past = drafted()
    assert drafting(text, past) == ("moves", None)
    async with demo_store.reading(PLANNER) as tx:
        plan = await moves_plan(Turn(text, past), tx)
    assert isinstance(plan, Calls)
    arguments = plan.reading.calls[0].arguments
    assert isinstance(arguments, DraftReplanning)
    assert (arguments.what, arguments.follows) == (what, draft)


@pytest.mark.parametrize(
    "text",
    [
        "What if press 2 is down until Friday?",
        "What would moving work order 1102494 to Thursday cost?",
        "and if it takes until Friday?",
        "Show that",
        "Why is work order 1102494 late?",
        "Which moves does the stable repair make?",
        "yes",
        "thanks",
    ],
)
def test_questions_draft_nothing(text: str) -> None:
    """Whoever asks, agrees or thanks gets no draft of moves."""
    assert moves_wanted(text, SHOWN) is None


def test_a_model_drafts_only_what_was_looked_up_or_said() -> None:
    """Another disturbance, way, order or day than was shown or said is refused."""
    today = date(2026, 3, 31)

    def why(question: str, past: tuple[PastTurn, ...], **arguments: object) -> str:
        call = ToolCall(NAME, DraftReplanning.model_validate(arguments))
        return unsaid(call, Turn(question, past), today)

    shown = DOWN.model_dump()
    assert why("Draft that", SHOWN, **shown) == ""
    assert why("Draft that", SHOWN, **{**shown, "about": "Press 1"})
    assert why("Draft that", SHOWN, **{**shown, "until": date(2026, 4, 9)})
    assert why("Draft that", SHOWN, **shown, way="full_resolve")
    assert why("Draft the stable repair", SHOWN, **shown, way="stable_repair") == ""
    assert why("Draft that", (), **shown)
    move = {"kind": "move", "about": "1102494", "until": date(2026, 4, 2)}
    assert why("Move work order 1102494 to 2026-04-02", (), **move) == ""
    assert why("Move work order 1102494 to 2026-04-02", (), **{**move, "about": "1102495"})
    assert why("Move work order 1102494 to 2026-04-02", (), **{**move, "until": date(2026, 4, 3)})
    assert why("Draft the rest", drafted(), follows="0195-1a2b3c4d", what="rest") == ""
    assert why("Draft the rest", drafted(), follows="0195-other", what="rest")
