"""A wish to move a line of a purchase order is read in four languages, and nothing else is."""

from __future__ import annotations

from datetime import date

import pytest

from agents.drafting import drafting, unsaid
from agents.models.embedded.redating_reader import NAME, redating_plan, redating_wanted
from agents.models.protocol import Calls, Clarify, ToolCall, Turn
from erp_adapters.store import Store
from tools.drafting.redating import DraftRedating

ASKED = {
    "Move line 10 of PO 4500001 to 12 May": ("en", "10"),
    "Please push item 10 on order 4500001 back to 2026-05-12": ("en", "10"),
    "Postpone purchase order 4500001 to 12 May": ("en", None),
    "Change the delivery date of line 10 of PO 4500001 to 12 May because the supplier is late": ("en", "10"),
    "Verschiebe Position 10 der Bestellung 4500001 auf den 12. Mai": ("de", "10"),
    "Bestellung 4500001 Position 10 auf den 12.5. verschieben": ("de", "10"),
    "Mueve la línea 10 del pedido 4500001 al 12 de mayo": ("es", "10"),
    "Déplace la ligne 10 de la commande 4500001 au 12 mai": ("fr", "10"),
}


@pytest.mark.slow
async def test_it_is_read_in_four_languages(demo_store: Store) -> None:
    """Order, line and day; the reason in the person's words; without a day it is asked for."""
    async with demo_store.reading(await demo_store.caller("planner")) as tx:
        for text, (language, line) in ASKED.items():
            assert drafting(text, ()) == ("redating", None), text
            plan = await redating_plan(Turn(text, (), language=language), tx)  # type: ignore[arg-type]
            assert isinstance(plan, Calls), text
            arguments = plan.reading.calls[0].arguments
            assert isinstance(arguments, DraftRedating)
            assert (arguments.order, arguments.line) == ("4500001", line), text
            assert arguments.needed_on == date(2026, 5, 12), text
            assert arguments.reason == ("the supplier is late" if "because" in text else None)
        at = await redating_plan(Turn("Move line 10 of PO 4500001 at Kassel to 12 May", ()), tx)
        assert isinstance(at, Calls)
        assert at.reading.calls[0].arguments.model_dump()["site"] == "KAS"
        dayless = await redating_plan(Turn("Move line 10 of PO 4500001", ()), tx)
        assert isinstance(dayless, Clarify)


@pytest.mark.parametrize(
    "text",
    [
        "Move work order 1102434 to 12 May",
        "Move order 1102434 to Friday",
        "When does line 10 of PO 4500001 come?",
        "Move 20 BR-6204 from Kassel to Greenville",
        "Draft a purchase order for 20 BR-6204",
        "PO 4500001 comes on Friday",
    ],
)
def test_other_wishes_move_no_line(text: str) -> None:
    """Production orders, stock, new orders and what is told or asked are something else."""
    assert not redating_wanted(text)


def test_a_model_moves_only_what_was_named() -> None:
    """Another order, line or day than was said is refused."""
    turn, today = Turn("Move line 10 of PO 4500001 to 12 May", ()), date(2026, 3, 31)
    fine = DraftRedating(order="4500001", line="10", needed_on=date(2026, 5, 12))
    assert unsaid(ToolCall(NAME, fine), turn, today) == ""
    for change in (
        {"order": "4500002"}, {"line": "20"}, {"needed_on": date(2026, 5, 13)}, {"reason": "too dear"},
    ):  # fmt: skip
        assert unsaid(ToolCall(NAME, fine.model_copy(update=change)), turn, today), change
