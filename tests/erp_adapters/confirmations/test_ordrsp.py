"""EDIFACT order responses: what is said of each line, and nothing of what was cut or cannot be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from erp_adapters.confirmations.ordrsp import order_responses, segments
from erp_adapters.confirmations.table import confirmed_in_table
from erp_adapters.errors import SourceUnreadable

MESSAGE = """UNA:+.? '
UNB+UNOC:3+SUPPLIER:14+BUYER:14+261129:0915+4711'
UNH+1+ORDRSP:D:96A:UN:EAN008'
BGM+231+AB-9911+4'
DTM+137:20261129:102'
RFF+ON:1400595'
NAD+SU+5400001::92++O?'Brien ?+ Sons'
CUX+2:EUR:9'
LIN+10+6+4012345:EN'
PIA+5+T-100:BP'
QTY+21:100:KGM'
QTY+113:80:KGM'
DTM+67:20261215:102'
PRI+AAA:235:::100:KGM'
LIN+20+7+4012346:EN'
QTY+113:0'
UNS+S'
UNT+16+1'
UNZ+1+4711'
"""


def test_each_line_is_read_with_what_was_confirmed_and_not_what_was_ordered() -> None:
    """Quantity 113 goes before 21, a price for a hundred is one for one, a refused line is refused."""
    first, second = order_responses(MESSAGE, "a.edi")
    assert (first.order, first.line, first.material, first.decision) == ("1400595", "10", "T-100", "changed")
    assert (first.quantity, first.unit, first.unit_price) == (Decimal(80), "KGM", Decimal("2.35"))
    assert (first.delivered_on, first.told_on, first.currency) == (
        date(2026, 12, 15),
        date(2026, 11, 29),
        "EUR",
    )
    assert (second.line, second.decision, second.delivered_on) == ("20", "rejected", None)
    assert first.key != second.key


def test_released_characters_and_other_service_characters_are_text() -> None:
    """A name with the very signs that separate; the same message with signs of its own reads the same."""
    [name] = [segment[1][3][0] for segment in segments(MESSAGE, "a.edi") if segment[0] == "NAD"]
    assert name == "O'Brien + Sons"
    body = MESSAGE.partition("\n")[2]
    other = "UNA|*.! ~" + body.translate(str.maketrans("':+?", "~|*!"))
    assert order_responses(other, "a.edi") == order_responses(MESSAGE, "a.edi")


@pytest.mark.parametrize(
    ("changed", "to", "said"),
    [
        ("UNT+16+1'", "UNT+15+1'", "was cut"),
        ("UNZ+1+4711'", "", "no end"),
        ("UNZ+1+", "UNZ+2+", "says 2 messages"),
        ("UNZ+1+4711'", "UNZ+1+4711", "last segment"),
        ("20261215", "20261315", "line 10: '20261315'"),
        ("QTY+113:80", "QTY+113:NaN", "no number"),
        ("RFF+ON:1400595'", "RFF+AAK:1400595'", "no order of ours"),
        ("DTM+137:", "DTM+136:", "no date of its own"),
        ("LIN+10+6+", "LIN+10+99+", "line 10"),
        ("UNB+", "XXX+", "not UNB"),
    ],
)
def test_what_was_cut_or_cannot_be_is_refused_with_its_place(changed: str, to: str, said: str) -> None:
    """Nothing is taken of a file of which a part is missing: half of it would look like a refusal."""
    assert changed in MESSAGE
    text = MESSAGE.replace(changed, to)
    if said == "line 10":
        text = text.replace("BGM+231+AB-9911+4", "BGM+231+AB-9911+12")
    with pytest.raises(SourceUnreadable, match=said):
        order_responses(text, "a.edi")


def test_a_table_says_the_same_and_names_the_line_that_does_not_fit() -> None:
    """Comma or semicolon; a missing column, a decision that is none, a figure with a comma."""
    head = "order,line,material,reference,decision,quantity,unit,unit_price,currency,delivered_on,told_on"
    row = "1400595,10,T-100,AB-1,changed,80,KGM,2.35,EUR,2026-12-15,2026-11-29"
    [line] = confirmed_in_table(f"{head}\n{row}\n", "a.csv")
    assert (line.order, line.quantity, line.delivered_on) == ("1400595", Decimal(80), date(2026, 12, 15))
    assert confirmed_in_table(f"{head}\n{row}\n".replace(",", ";"), "a.csv") == [line]
    for wrong, said in ((row.replace("changed", "maybe"), "line 2"), (row.replace("2.35", "2-35"), "number")):
        with pytest.raises(SourceUnreadable, match=said):
            confirmed_in_table(f"{head}\n{wrong}\n", "a.csv")
    with pytest.raises(SourceUnreadable, match="told_on"):
        confirmed_in_table(head.replace(",told_on", "") + "\n", "a.csv")
