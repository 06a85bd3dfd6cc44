"""What is asked, and what the scripted model says to it: a tool call, and then a text of three sentences.

Both servers are asked the same questions and get the same model: its requests, fragments and times differ
only in what each server has it write. Ours refers to results; the bare one's text holds its figures itself.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["plain", "referring"]
"""`plain` is the bare server's model, `referring` ours; each is the model's name at the endpoint."""
SITE = "KAS"
_NUMBER = re.compile(r"(?:much of|supplies) ([A-Z0-9.-]+)")
FRAGMENT = 5
"""Characters that a model sends at a time, about a token."""


@dataclass(frozen=True, slots=True)
class Lines:
    """What the model says to one question."""

    tool: str
    arguments: str
    text: str

    @property
    def fragments(self) -> tuple[str, ...]:
        """The text as it is sent."""
        return tuple(self.text[at : at + FRAGMENT] for at in range(0, len(self.text), FRAGMENT))


def question(material: str, turn: int) -> str:
    """The question of a turn: stock and suppliers in turns."""
    if turn % 2:
        return f"Who supplies {material} at {SITE}, and at what price?"
    return f"How much of {material} is on hand at each site?"


def lines(kind: str, asked: str) -> Lines:
    """What the model says to a question."""
    found = _NUMBER.search(asked)
    if found is None:
        raise ValueError(f"{asked[:80]!r} is no question of this script")
    of_suppliers = found[0].startswith("supplies")
    return (_referring if kind == "referring" else _plain)(found[1], of_suppliers)


def _referring(material: str, of_suppliers: bool) -> Lines:
    row = "{{r0.tables[0].rows[0]."
    if of_suppliers:
        return Lines(
            "suppliers_of",
            json.dumps({"material": material, "site": SITE}),
            f"{row}supplier}}}} has a price of {row}price}}}}. {row}supplier}}}} has a lead time of"
            f" {row}lead_time_days}}}}. The table lists the suppliers of the material.",
        )
    query = {
        "measures": [{"name": "stock", "metric": "stock_quantity"}],
        "by": [{"entity": "site"}],
        "where": [{"test": "value", "path": "material.number", "values": [material]}],
        "order": [{"by": "stock", "descending": True}],
    }
    return Lines(
        "query_metrics",
        json.dumps(query),
        f"The stock on hand at {row}site}}}} is {row}stock}}}}. The table lists the sites where the material"
        " has stock. The table shows the stock on hand at the sites.",
    )


def _plain(material: str, of_suppliers: bool) -> Lines:
    """Written out, and of the same length as the text with references."""
    if of_suppliers:
        return Lines(
            "suppliers",
            json.dumps({"material": material, "site": SITE}),
            "Bike Satellite Incorporated of Springfield has a price of 43.21 USD for one piece. Bike"
            " Satellite Incorporated of Springfield has a lead time of 17 days from the order. The table"
            " lists the suppliers of the material.",
        )
    return Lines(
        "stock_by_site",
        json.dumps({"material": material}),
        "The stock on hand at the plant in Brescia, which has the most, is 4,812 pieces today. The table"
        " lists the sites where the material has stock. The table shows the stock on hand at the sites.",
    )
