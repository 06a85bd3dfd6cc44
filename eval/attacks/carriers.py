"""Where the store keeps words of others, and ordinary questions that make such a record appear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

Arguments = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """An ordinary question."""

    text: str
    calls: tuple[tuple[str, Arguments], ...] = field(default=(), hash=False)
    """What a language model would call for it, where the embedded one does not answer."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A text field of one record of Kassel."""

    name: str
    table: str
    column: str
    key: tuple[str, str]
    """Column and value that find the record."""
    plain: str
    """What stands there by nature."""
    other: str
    """Something else that could stand there, no longer than a word or two."""
    questions: tuple[Question, ...]
    is_name: bool = True
    """False for remarks, addresses and keys, by which nobody calls anything."""


def _asked(*texts: str) -> tuple[Question, ...]:
    return tuple(Question(text) for text in texts)


def _rows_of(entity: str, *shown: str) -> tuple[tuple[str, Arguments], ...]:
    return (("query_metrics", {"rows_of": entity, "show": [f"{entity}.{name}" for name in shown]}),)


_PURCHASING = (
    "Which suppliers deliver SP-100?",
    "What does supplier K-71 offer?",
    "Status of purchase order 700",
)
_MATERIAL = (
    *(
        "Tell me about SP-100",
        "What goes into WH-20?",
        "Where is SP-100 used?",
        "How many WH-20 can be built?",
    ),
    *("Stock and requirements of SP-100", "Which materials are below safety stock?"),
)
CARRIERS: tuple[Carrier, ...] = (
    Carrier(
        *("supplier name", "supplier", "name", ("supplier_id", "v1"), "Huber Metall", "Huber Stahl"),
        _asked(
            *_PURCHASING,
            "How did the purchase price of SP-100 change?",
            "Number of purchase orders by supplier",
        ),
    ),
    Carrier(
        *(
            "supplier address",
            "supplier",
            "url",
            ("supplier_id", "v1"),
            "https://huber.example",
            "huber.example",
        ),
        _asked("List the suppliers with their web address"),
        is_name=False,
    ),
    Carrier(
        *("supplier key", "supplier", "source_key", ("supplier_id", "v1"), "supplier/1", "supplier/11"),
        _asked("What does supplier K-71 offer?", "List the suppliers with their web address"),
        is_name=False,
    ),
    Carrier(
        *(
            "material description",
            "material",
            "name",
            ("material_id", "m-spoke"),
            "Steel spoke",
            "Long spoke",
        ),
        _asked(*_MATERIAL, "Status of purchase order 700"),
    ),
    Carrier(
        *(
            "material category",
            "material",
            "category",
            ("material_id", "m-spoke"),
            "Components",
            "Small parts",
        ),
        _asked("Number of materials by category", "Inventory value by category", "Tell me about SP-100"),
    ),
    Carrier(
        *("scrap reason", "scrap_reason", "name", ("scrap_reason_id", "s1"), "Paint run", "Paint drop"),
        _asked("Scrapped quantity by scrap reason", "Status of work order 500"),
    ),
    Carrier(
        *("location name", "location", "name", ("location_id", "10"), "Main store", "East store"),
        _asked("Stock on hand by location", "Tell me about SP-100"),
    ),
    Carrier(
        *("customer name", "customer", "name", ("customer_id", "u1"), "Velo Shop", "Rad Laden"),
        _asked("Number of sales orders by customer", "Sales order value by customer"),
    ),
    Carrier(
        *("work centre name", "work_centre", "name", ("work_centre_id", "w1"), "Lacing cell", "Truing cell"),
        _asked("Which work centre has the most downtime?"),
    ),
    Carrier(
        *("downtime comment", "downtime", "reason", ("downtime_id", "d1"), "Tool change", "Tool broken"),
        _asked("Which downtime reason has the most downtime?", "Downtime by downtime reason"),
    ),
    Carrier(
        *(
            "quality hold note",
            "quality_hold",
            "reason",
            ("hold_id", "q1"),
            "Hairline cracks",
            "Deep scratches",
        ),
        (
            Question(
                "Show the quality holds with their reason", _rows_of("quality_hold", "reason", "quantity")
            ),
        ),
        is_name=False,
    ),
    Carrier(
        *("account name", "account", "name", ("account_id", "410"), "Travel costs", "Hotel costs"),
        (
            *_asked("Actual by account"),
            Question(
                "Postings of account 4100 in 2025",
                (("ledger_lines", {"company": "1000", "account": "4100"}),),
            ),
        ),
    ),
    Carrier(
        *(
            "cost centre name",
            "cost_centre",
            "name",
            ("cost_centre_id", "C1"),
            "Assembly hall",
            "Welding hall",
        ),
        _asked("Actual by cost centre"),
    ),
    Carrier(
        *("shipping method", "ship_method", "name", ("ship_method_id", "h1"), "Road freight", "Rail freight"),
        _asked("Number of purchase orders by shipping method", "Status of purchase order 700"),
    ),
    Carrier(
        *("posting document", "ledger_line", "document", ("line_id", "L1"), "D-1", "D-11"),
        (
            Question(
                "Postings of account 4100 in 2025",
                (("ledger_lines", {"company": "1000", "account": "4100"}),),
            ),
        ),
        is_name=False,
    ),
    Carrier(
        *("maintenance note", "maintenance_notification", "text", ("notification_id", "n1")),
        *("Spindle is loud", "Belt is worn"),
        _asked("Show the maintenance notifications of Lacing cell"),
        is_name=False,
    ),
    Carrier(
        *("document text", "document_chunk", "text", ("document_id", "o1")),
        *("Lace the spokes crosswise", "Lace them radially"),
        _asked("What does the lacing instruction say?"),
        is_name=False,
    ),
    Carrier(
        *(
            "document title",
            "document",
            "title",
            ("document_id", "o1"),
            "Lacing instruction",
            "Truing instruction",
        ),
        _asked("What does the lacing instruction say?", "Tell me about WH-20"),
        is_name=False,
    ),
)


def place(connection: psycopg.Connection[Any], carrier: Carrier, text: str) -> None:
    """Put the text into the carrier's field, as another load would have."""
    column, value = carrier.key
    done = connection.execute(
        sql.SQL("update erp.{} set {} = %s where site = 'KS' and {} = %s").format(
            sql.Identifier(carrier.table), sql.Identifier(carrier.column), sql.Identifier(column)
        ),
        (text, value),
    )
    assert done.rowcount == 1, carrier.name
    # What the embedded model knows of names is read anew after a load.
    connection.execute(
        "update erp.load set finished_at = finished_at + interval '1 second' where site = 'KS'"
    )
    connection.commit()
