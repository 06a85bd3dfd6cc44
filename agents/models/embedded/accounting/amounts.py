"""Which amount of an order a question asks for: that of its goods alone, or with tax and freight."""

from __future__ import annotations

from collections.abc import Iterator

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing

_GOODS = frozenset({
    "purchase_value", "average_order_value", "median_order_value", "line_value", "average_line_value",
    "open_purchase_value", "subtotal", "line_total", "open_value",
})  # fmt: skip
_ALL = frozenset({"purchase_total", "total"})
_OF_GOODS = frozenset({"rejected_value", "received_value"})
"""What became of them, which is less."""


def amounts(question: Asked, doing: Doing) -> Iterator[Left]:
    """`total due`: the value of the goods is shown; `goods value`: the total is."""
    names = doing.names
    gross = [cue.words for cue in question.cues("gross")]
    if gross and names & _GOODS and not names & _ALL:
        yield Left("amount", tuple(gross))
    net = [cue.words for cue in question.cues("net")]
    if net and names & (_ALL | _OF_GOODS) and not names & _GOODS:
        yield Left("amount", tuple(net))
