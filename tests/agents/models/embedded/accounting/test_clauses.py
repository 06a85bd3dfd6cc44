"""What a question asks for and a plan leaves out, clause by clause, in four languages."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from agents.models.embedded.accounting import CLAUSES, Accounts, Asked, Left
from agents.models.embedded.confidence import LEFT_AT_MOST, confidence
from agents.models.embedded.deciding import decided, settled_by
from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.periods import period_of
from agents.models.embedded.proposals import Proposal
from agents.models.protocol import Clarify, Reading, ToolCall
from tools.bom import ExplodeBom
from tools.languages import Language, speaking
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery
from tools.rates import ExchangeRate
from tools.where_used import WhereUsed

ACCOUNTS = Accounts(packaged_catalogue())
QUARTER = period_of(date(2025, 1, 1), date(2025, 3, 31))
LATER = period_of(date(2025, 7, 1), date(2025, 9, 30))
NAMES = {
    "COLOUR": ValueWord("material", "colour", ("Black",), "Black"),
    "MATERIAL": ValueWord("material", "name", ("Metal Sheet 1",), "Metal Sheet 1"),
    "CATEGORY": ValueWord("material", "category", ("Bikes",), "Bikes"),
}
DAY = period_of(date(2025, 12, 31), date(2025, 12, 31))


def asked(text: str, language: Language = "en") -> Masked:
    """A masked question; `PERIOD` is the first quarter of 2025, `DAY` the last day of that year."""
    return Masked(tuple(map(spot, text.split())), language=language)


def spot(word: str) -> Spot:
    """A word, or what a placeholder stands for."""
    periods = {"PERIOD": QUARTER, "DAY": DAY, "LATER": LATER}
    number = Decimal(50) if word == "NUMBER" else None
    return Spot(
        word,
        NAMES[word].shown if word in NAMES else word,
        (NAMES[word],) if word in NAMES else (),
        periods.get(word),
        number,
    )


def plan(**raw: Any) -> tuple[ToolCall, ...]:
    return (ToolCall("query_metrics", MetricQuery.model_validate(raw)),)


def figure(metric: str, **more: Any) -> dict[str, Any]:
    return {"name": metric, "metric": metric, **more}


def clauses(question: Masked, calls: tuple[ToolCall, ...]) -> set[str]:
    return {left.clause for left in ACCOUNTS.left(question, calls)}


SCRAP = plan(measures=[figure("scrapped_quantity")])
SCRAP_RATE = plan(measures=[figure("scrap_rate")])
BY_MATERIAL = plan(measures=[figure("scrapped_quantity")], by=[{"entity": "material"}])
RANKED = plan(
    measures=[figure("scrapped_quantity")], by=[{"entity": "material"}], order=[{"by": "scrapped_quantity"}]
)
BY_MONTH = plan(measures=[figure("scrapped_quantity")], by=[{"grain": "month"}])
ORDERS = plan(rows_of="production_order")
LATE = {"test": "named", "entity": "production_order", "condition": "late"}
UNDATED = {"test": "named", "entity": "production_order", "condition": "undated"}


BY_BOTH = plan(measures=[figure("scrapped_quantity")], by=[{"entity": "material"}, {"entity": "supplier"}])
SPREAD = plan(
    rows_of="material",
    where=[{"test": "value", "path": "material.price_spread", "op": ">", "values": [0]}],
)
DATED = plan(rows_of="production_order", where=[UNDATED])
LATE_SCRAP = plan(measures=[figure("scrapped_quantity")], where=[LATE])
DOWNTIME = plan(measures=[figure("downtime_hours")])
TO_REPAIR = plan(measures=[figure("mean_time_to_repair")], by=[{"entity": "work_centre"}])
BY_CENTRE = plan(measures=[figure("downtime_hours")], by=[{"entity": "work_centre"}])
ACTUAL = plan(measures=[figure("actual_amount")])


TWO = plan(measures=[figure("scrapped_quantity"), {**figure("scrapped_quantity"), "name": "before"}])
REQUESTS = plan(rows_of="requisition")
OLD_REQUESTS = plan(
    rows_of="requisition",
    where=[{"test": "date", "entity": "requisition", "role": "requested", "end": "2026-03-23"}],
)
LAST = plan(measures=[{"name": "last", "field": "production_order.scrapped", "aggregate": "last"}])
STOCK = plan(rows_of="stock")
FREE_STOCK = plan(
    rows_of="stock", where=[{"test": "value", "path": "stock.status", "values": ["unrestricted"]}]
)


def counted(**days: str) -> tuple[ToolCall, ...]:
    return plan(rows_of="stock", where=[{"test": "date", "entity": "stock", "role": "counted", **days}])


def scrapped(field: str) -> tuple[ToolCall, ...]:
    test = {"test": "value", "path": f"production_order.{field}", "op": ">", "values": [50]}
    return plan(rows_of="production_order", where=[test])


def in_quarter(role: str = "", end: str | None = "2025-03-31") -> dict[str, Any]:
    return {
        "test": "date",
        "entity": "production_order" * bool(role),
        "role": role,
        "start": "2025-01-01",
        "end": end,
    }


LISTED = plan(rows_of="material", show=["material.list_price"])
ENDS = plan(
    measures=[
        {"name": "low", "field": "material.list_price", "aggregate": "minimum"},
        {"name": "high", "field": "material.list_price", "aggregate": "maximum"},
    ]
)
LOWEST = plan(measures=[{"name": "low", "field": "material.list_price", "aggregate": "minimum"}])
SHARE = plan(
    measures=[
        figure("scrapped_quantity", hidden=True),
        {"name": "share", "derive": "share_of_total", "of": ["scrapped_quantity"]},
    ],
    by=[{"entity": "material"}],
)


def dated(start: str, end: str) -> dict[str, Any]:
    return {"test": "date", "entity": "production_order", "start": start, "end": end}


def black(*values: str) -> dict[str, Any]:
    return {"test": "value", "path": "material.colour", "values": values}


SPAN = plan(measures=[figure("scrapped_quantity", where=[dated("2025-01-01", "2025-09-30")])])
WHOLE = plan(measures=[figure("scrapped_quantity", where=[dated("2025-01-01", "2025-03-31")])])
IN_PROCESS = plan(measures=[figure("wip_amount", where=[dated("2025-01-01", "2025-03-31")])])
MARCH = plan(measures=[figure("scrapped_quantity", where=[dated("2025-03-01", "2025-03-31")])])
APART = plan(
    measures=[
        figure("scrapped_quantity", where=[dated("2025-01-01", "2025-03-31")]),
        {**figure("scrapped_quantity", where=[dated("2025-07-01", "2025-09-30")]), "name": "later"},
    ]
)


VALUE = plan(measures=[figure("purchase_value")])
TOTAL = plan(measures=[figure("purchase_total")])
BLACK = plan(rows_of="material", where=[black("Black")])
SHEET = plan(
    rows_of="material", where=[{"test": "value", "path": "material.name", "values": ["Metal Sheet 1"]}]
)
PLACES = plan(
    measures=[figure("scrapped_quantity")],
    by=[{"entity": "location"}],
    limit=5,
    order=[{"by": "scrapped_quantity"}],
)


def priced(operator: str) -> tuple[ToolCall, ...]:
    return plan(
        rows_of="material",
        where=[{"test": "value", "path": "material.list_price", "op": operator, "values": [50]}],
    )


def ranked(*, descending: bool) -> tuple[ToolCall, ...]:
    """The material with most or least scrap in percent."""
    return plan(
        measures=[figure("scrap_rate")],
        by=[{"entity": "material"}],
        limit=1,
        order=[{"by": "scrap_rate", "descending": descending}],
    )


def by_scrap(*, descending: bool = False) -> tuple[ToolCall, ...]:
    """The material with least or most scrap in pieces."""
    order = [{"by": "scrapped_quantity", "descending": descending}]
    return plan(measures=[figure("scrapped_quantity")], by=[{"entity": "material"}], limit=1, order=order)


def materials(*where: dict[str, Any]) -> tuple[ToolCall, ...]:
    """A number of materials."""
    return plan(measures=[{"name": "n", "count_of": "material"}], where=list(where))


def lines(*shown: str) -> tuple[ToolCall, ...]:
    """Purchase order lines with their material and these fields."""
    return plan(rows_of="purchase_line", show=["material.name", *(f"purchase_line.{one}" for one in shown)])


def most_by(figure_name: str) -> tuple[ToolCall, ...]:
    """The material with the most of one of two figures."""
    return plan(
        measures=[figure("work_order_count"), figure("scrapped_quantity")],
        by=[{"entity": "material"}],
        order=[{"by": figure_name}],
        extreme=True,
    )


WAYS: list[tuple[str, Language, str, tuple[ToolCall, ...], tuple[ToolCall, ...]]] = [
    ("ratio", "en", "scrap in percent", SCRAP, SCRAP_RATE),
    ("ratio", "de", "ausschuss in prozent", SCRAP, SCRAP_RATE),
    ("ratio", "de", "unsere ausschussquote", SCRAP, SCRAP_RATE),
    ("ratio", "es", "qué porcentaje se desecha", SCRAP, SCRAP_RATE),
    ("ratio", "fr", "quel pourcentage de rebuts", SCRAP, SCRAP_RATE),
    ("average", "en", "how many are scrapped on average", SCRAP, SCRAP_RATE),
    ("average", "de", "durchschnittlicher ausschuss", SCRAP, SCRAP_RATE),
    ("average", "es", "en promedio", SCRAP, SCRAP_RATE),
    ("average", "fr", "en moyenne", SCRAP, SCRAP_RATE),
    (
        "difference",
        "en",
        "actual and plan and the difference",
        plan(measures=[figure("actual_amount"), figure("budget_amount")]),
        plan(
            measures=[
                figure("actual_amount"),
                figure("budget_amount"),
                {"name": "gap", "derive": "difference", "of": ["actual_amount", "budget_amount"]},
            ]
        ),
    ),
    ("count", "en", "how many orders and how many pieces", SCRAP, ORDERS),
    ("count", "de", "wie viele aufträge und wie viele stück", SCRAP, ORDERS),
    ("count", "es", "cuántos pedidos y cuántas piezas", SCRAP, ORDERS),
    ("count", "fr", "combien de commandes et combien de pièces", SCRAP, ORDERS),
    ("unit", "en", "how many days did it take", SCRAP, plan(measures=[figure("average_late_days")])),
    ("unit", "de", "wie viele tage dauert es", SCRAP, plan(measures=[figure("average_late_days")])),
    ("ranking", "en", "the biggest scrap", BY_MATERIAL, RANKED),
    ("ranking", "de", "der größte ausschuss", BY_MATERIAL, RANKED),
    ("ranking", "es", "el mayor desecho", BY_MATERIAL, RANKED),
    ("ranking", "fr", "le plus de rebuts", BY_MATERIAL, RANKED),
    ("grouping", "en", "scrap per product", SCRAP, BY_MATERIAL),
    ("grouping", "de", "ausschuss je produkt", SCRAP, BY_MATERIAL),
    ("grouping", "fr", "rebuts par article", SCRAP, BY_MATERIAL),
    ("exception", "en", "orders without an end date", ORDERS, DATED),
    ("exception", "de", "aufträge ohne endtermin", ORDERS, DATED),
    ("exception", "es", "órdenes sin fecha", ORDERS, DATED),
    ("exception", "fr", "ordres sans date", ORDERS, DATED),
    ("ends", "en", "the cheapest and the dearest price", LOWEST, ENDS),
    ("ends", "de", "der billigste und der teuerste preis", LOWEST, ENDS),
    ("ends", "es", "el precio más barato y el más caro", LOWEST, ENDS),
    ("ends", "fr", "le prix le plus bas et le plus haut", LOWEST, ENDS),
    ("ends", "en", "which item had the most scrap", by_scrap(), by_scrap(descending=True)),
    ("words", "de", "spätestens zum termin fertig", LATE_SCRAP, SCRAP),
    ("words", "fr", "terminés au plus tard à l'échéance", LATE_SCRAP, SCRAP),
    ("words", "es", "terminadas a más tardar en la fecha", LATE_SCRAP, SCRAP),
    ("open_period", "de", "ausschuss ab dem PERIOD", WHOLE, SCRAP),
    ("ranking", "en", "the item with the 2 nd highest scrap", by_scrap(descending=True), RANKED),
    ("ranking", "de", "artikel mit dem zweithöchsten ausschuss", by_scrap(descending=True), RANKED),
    ("ranking", "es", "el segundo mayor desecho", by_scrap(descending=True), RANKED),
    ("ranking", "fr", "le deuxième plus grand rebut", by_scrap(descending=True), RANKED),
    ("exception", "en", "scrap of all items but the worst", by_scrap(descending=True), RANKED),
    ("words", "en", "mean time between failures by machine", TO_REPAIR, BY_CENTRE),
    ("average", "en", "scrap per month on average", BY_MONTH, SCRAP_RATE),
    ("words", "en", "cumulative scrap by month", BY_MONTH, SCRAP),
    ("words", "de", "kumulierter ausschuss je monat", BY_MONTH, SCRAP),
    ("words", "es", "desecho acumulado por mes", BY_MONTH, SCRAP),
    ("words", "fr", "rebuts cumulés par mois", BY_MONTH, SCRAP),
    ("share", "en", "scrap and its share of the total", SCRAP_RATE, SHARE),
    ("share", "de", "ausschuss und sein anteil am gesamtausschuss", SCRAP_RATE, SHARE),
    ("periods", "en", "scrap in PERIOD against LATER", SPAN, APART),
    ("periods", "de", "ausschuss PERIOD gegen LATER", SPAN, APART),
    ("periods", "en", "scrap in late PERIOD", WHOLE, MARCH),
    ("periods", "de", "ausschuss ende PERIOD", WHOLE, MARCH),
    ("periods", "es", "desecho a finales de PERIOD", WHOLE, MARCH),
    ("periods", "fr", "rebuts début PERIOD", WHOLE, MARCH),
    ("amount", "en", "their total due", VALUE, TOTAL),
    ("amount", "de", "warenwert der bestellungen", TOTAL, VALUE),
    ("amount", "es", "importe total", VALUE, TOTAL),
    ("amount", "fr", "valeur marchandise", TOTAL, VALUE),
    ("ranking", "en", "the worst item for scrap", ranked(descending=False), ranked(descending=True)),
    ("ranking", "en", "our best item for scrap", ranked(descending=True), ranked(descending=False)),
    ("limit", "en", "priced over NUMBER weeks", priced(">"), SCRAP),
    (
        "exception",
        "en",
        "leaving out what costs under NUMBER",
        materials(),
        materials({"test": "value", "path": "material.list_price", "op": ">=", "values": [50]}),
    ),
    (
        "exception",
        "en",
        "leaving out what is no longer sold ( with a sell end date )",
        materials({"test": "named", "entity": "material", "condition": "no_longer_sold"}),
        materials({"test": "named", "entity": "material", "condition": "still_sold"}),
    ),
    (
        "words",
        "en",
        "higher in the latest cost history record",
        materials(),
        materials({"test": "named", "entity": "material", "condition": "cost_rose"}),
    ),
    ("limit", "en", "priced at least NUMBER", priced("<"), priced(">=")),
    ("limit", "de", "preis mindestens NUMBER", priced("<"), priced(">=")),
    ("limit", "es", "precio de más de NUMBER", priced("="), priced(">")),
    ("limit", "fr", "au plus NUMBER", priced(">"), priced("<=")),
    ("limit", "en", "NUMBER or more", LISTED, priced(">=")),
    ("names", "en", "price of COLOUR ones", LOWEST, BLACK),
    ("names", "en", "MATERIAL to NUMBER", SHEET, priced(">=")),
    ("ranking", "en", "NUMBER CATEGORY with the highest scrap", PLACES, RANKED),
    ("only", "en", "scrap only where it was late", SCRAP, LATE_SCRAP),
    ("only", "de", "ausschuss nur wo es zu spät war", SCRAP, LATE_SCRAP),
    (
        "open_period",
        "en",
        "scrap since PERIOD",
        plan(measures=[figure("scrapped_quantity")], where=[in_quarter()]),
        plan(measures=[figure("scrapped_quantity")], where=[in_quarter(end=None)]),
    ),
    (
        "open_period",
        "de",
        "ausschuss ab PERIOD",
        plan(measures=[figure("scrapped_quantity")], where=[in_quarter()]),
        plan(measures=[figure("scrapped_quantity")], where=[in_quarter(end=None)]),
    ),
    (
        "open_period",
        "en",
        "counted more than DAY",
        counted(start="2026-01-01"),
        counted(end="2025-12-30"),
    ),
    (
        "date_role",
        "en",
        "scrap of orders finished in PERIOD",
        plan(measures=[figure("scrapped_quantity")], where=[in_quarter("due")]),
        plan(measures=[figure("scrapped_quantity")], where=[in_quarter("end")]),
    ),
    (
        "date_role",
        "de",
        "ausschuss der im PERIOD fertig gewordenen",
        plan(measures=[figure("scrapped_quantity")], where=[in_quarter("due")]),
        plan(measures=[figure("scrapped_quantity")], where=[in_quarter("end")]),
    ),
    (
        "columns",
        "en",
        "orders : product , quantity , start , end and priority",
        ORDERS,
        plan(
            rows_of="production_order",
            show=["production_order.ordered", "production_order.start_on", "production_order.end_on"],
        ),
    ),
    (
        "columns",
        "en",
        "lines of PO : product , ordered , received , unit price",
        lines("ordered", "received", "rejected"),
        lines("ordered", "received", "unit_price"),
    ),
    (
        "columns",
        "en",
        "what size , colour and days to manufacture has it",
        plan(rows_of="material", show=["material.size", "material.days_to_make"]),
        plan(rows_of="material", show=["material.size", "material.colour", "material.days_to_make"]),
    ),
    (
        "count",
        "en",
        "number of work orders scrapped for that reason and pieces ?",
        plan(measures=[figure("work_order_count")]),
        plan(measures=[figure("work_order_count"), figure("scrapped_quantity")]),
    ),
    (
        "grouping",
        "en",
        "which material has the most scrap ? show for each material the pieces",
        most_by("scrapped_quantity"),
        RANKED,
    ),
    (
        "ranking",
        "en",
        "the material with the highest total scrapped quantity and its orders",
        most_by("work_order_count"),
        most_by("scrapped_quantity"),
    ),
    (
        "words",
        "en",
        "for purchase order lines the line total and what quantity was ordered",
        plan(measures=[figure("line_value"), figure("ordered_quantity")], by=[{"entity": "material"}]),
        plan(measures=[figure("line_value"), figure("purchased_quantity")], by=[{"entity": "material"}]),
    ),
    (
        "words",
        "en",
        "MATERIAL - which parts do we make from it ?",
        (ToolCall("explode_bom", ExplodeBom(material="Metal Sheet 1")),),
        (ToolCall("where_used", WhereUsed(material="Metal Sheet 1")),),
    ),
    (
        "periods",
        "en",
        "when was it last scrapped and how many pieces that day",
        plan(
            measures=[
                {"name": "last", "field": "production_order.end_on", "aggregate": "maximum"},
                figure("scrapped_quantity"),
            ]
        ),
        plan(
            measures=[figure("scrapped_quantity")],
            by=[{"grain": "day", "role": "end"}],
            order=[{"by": "scrapped_quantity"}],
            limit=1,
        ),
    ),
    (
        "limit",
        "en",
        "materials that add up to zero units",
        materials({"test": "named", "entity": "material", "condition": "still_sold"}),
        materials({"test": "value", "path": "material.list_price", "values": [0]}),
    ),
    (
        "names",
        "en",
        "the colours ( Vermilion , COLOUR , COLOUR )",
        plan(rows_of="material", where=[black("Black", "Blue")]),
        plan(rows_of="material", show=["material.colour"]),
    ),
    (
        "columns",
        "en",
        "order number , CATEGORY and quantity",
        plan(rows_of="production_order", show=["production_order.order_id", "production_order.ordered"]),
        plan(
            rows_of="production_order",
            show=["production_order.order_id", "production_order.ordered", "material.name"],
        ),
    ),
    (
        "ranking",
        "en",
        "the material with the highest scrapped quantity and its orders",
        most_by("work_order_count"),
        most_by("scrapped_quantity"),
    ),
    (
        "ranking",
        "en",
        "what is the longest lead time on file",
        plan(rows_of="info_record", show=["info_record.lead_days"], order=[{"by": "info_record.lead_days"}]),
        plan(
            rows_of="info_record",
            show=["info_record.lead_days"],
            order=[{"by": "info_record.lead_days"}],
            extreme=True,
        ),
    ),
    (
        "ranking",
        "en",
        "the highest rate on file",
        (ToolCall("exchange_rate", ExchangeRate(from_currency="USD", to_currency="EUR")),),
        plan(rows_of="fx_rate", order=[{"by": "fx_rate.closing_rate"}], extreme=True),
    ),
    (
        "number",
        "en",
        "stock records with part number",
        plan(rows_of="stock", show=["stock.quantity"]),
        plan(rows_of="stock", show=["material.name"]),
    ),
    ("recent", "en", "the most recent scrap", SCRAP, LAST),
    ("recent", "de", "der neueste ausschuss", SCRAP, LAST),
    ("recent", "es", "el desecho más reciente", SCRAP, LAST),
    ("recent", "fr", "le rebut le plus récent", SCRAP, LAST),
    ("comparison", "en", "scrap in PERIOD compared to the year before", SCRAP, TWO),
    ("comparison", "de", "ausschuss gegenüber dem vorjahr", SCRAP, TWO),
    ("comparison", "es", "desecho frente a 2024", SCRAP, TWO),
    ("comparison", "fr", "rebuts par rapport à 2024", SCRAP, TWO),
    ("age", "en", "requisitions older than a week", REQUESTS, OLD_REQUESTS),
    ("age", "de", "anforderungen älter als eine woche", REQUESTS, OLD_REQUESTS),
    ("age", "es", "solicitudes de más de una semana", REQUESTS, OLD_REQUESTS),
    ("free", "en", "free stock below safety stock", STOCK, FREE_STOCK),
    ("free", "de", "frei verwendbarer bestand", STOCK, FREE_STOCK),
    ("free", "es", "stock de libre utilización", STOCK, FREE_STOCK),
    ("free", "fr", "stock en utilisation libre", STOCK, FREE_STOCK),
    ("grouping", "en", "which material from which supplier", BY_MATERIAL, BY_BOTH),
    ("difference", "en", "parts at different prices", SCRAP, SPREAD),
    ("limit", "en", "more than NUMBER % of it scrapped", scrapped("scrapped"), scrapped("scrap_pct")),
    ("words", "en", "downtime per work centre", DOWNTIME, BY_CENTRE),
    ("words", "de", "ausschuss laut hauptbuch", SCRAP, ACTUAL),
    ("words", "es", "desecho según el libro mayor", SCRAP, ACTUAL),
    ("words", "fr", "rebuts selon le grand livre", SCRAP, ACTUAL),
]  # fmt: skip


@pytest.mark.parametrize(("clause", "language", "text", "without", "whole"), WAYS)
def test_a_clause_is_left_by_a_plan_that_does_nothing_for_it(
    clause: str,
    language: Language,
    text: str,
    without: tuple[ToolCall, ...],
    whole: tuple[ToolCall, ...],
) -> None:
    """Each kind of clause is missed where a plan lacks it, and not where the plan has it."""
    question = asked(text, language)
    assert clause in clauses(question, without)
    assert clause not in clauses(question, whole)


@pytest.mark.parametrize(
    ("text", "plan", "held"),
    [
        ("quantity by year , orders without end date left out", DATED, True),
        ("quantity by year , leave out orders without end date", DATED, True),
        ("orders without end date , rejected ones left out", DATED, False),
    ],
)
def test_what_is_to_be_left_out_is_not_all_that_is_kept(
    text: str, plan: tuple[ToolCall, ...], held: bool
) -> None:
    """A plan that keeps those without an end date, where they were to be left out, is the contrary."""
    assert ("exception" in clauses(asked(text, "en"), plan)) is held


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("orders by due date , not by order date", "en"),
        ("aufträge zum bestellten termin , nicht zum bestätigten", "de"),
        ("orders where no record = zero", "en"),
        ("value of orders without tax", "en"),
        ("orders as booked , nothing converted", "en"),
    ],
)
def test_how_something_is_meant_is_no_condition(text: str, language: Language) -> None:
    """A right plan is not held back for a `not` that leaves no rows out."""
    assert "exception" not in clauses(asked(text, language), ORDERS)


@pytest.mark.parametrize(
    ("clause", "text", "language", "calls"),
    [
        ("limit", "over NUMBER or more", "en", priced(">=")),
        ("names", "for COLOUR , RED and so on", "en", SCRAP),
        (
            "names",
            "by COLOUR",
            "en",
            plan(measures=[figure("scrapped_quantity")], by=[{"path": "material.colour"}]),
        ),
        ("periods", "PERIOD to LATER", "en", SPAN),
        ("periods", "from the start of PERIOD", "en", WHOLE),
        ("periods", "orders that were late in PERIOD", "en", WHOLE),
        ("periods", "work in process at the end of PERIOD", "en", IN_PROCESS),
        ("periods", "zwischen PERIOD und LATER", "de", SPAN),
        ("difference", "con al menos NUMBER pedidos", "es", ORDERS),
        ("difference", "au moins NUMBER commandes", "fr", ORDERS),
        ("ranking", "orders of at most 10 pieces", "en", ORDERS),
        ("ranking", "punto de pedido mayor que su stock", "es", ORDERS),
        ("grouping", "je eine zahl", "de", SCRAP),
        ("only", "solo las líneas de COLOUR", "es", SCRAP),
        ("words", "cada precio cuenta una vez", "es", SCRAP),
        ("words", "para qué", "es", SCRAP),
    ],
)
def test_words_that_ask_for_nothing_hold_no_plan_back(
    clause: str, text: str, language: Language, calls: tuple[ToolCall, ...]
) -> None:
    """A right plan is not held back for a word that says something else there."""
    assert clause not in clauses(asked(text, language), calls)


def test_the_days_of_two_events_are_not_exchanged() -> None:
    """`Due in the first quarter, finished in the third`, and the plan has it the other way round."""
    question = asked("orders due in PERIOD , finished in LATER")
    first, third = ("2025-01-01", "2025-03-31"), ("2025-07-01", "2025-09-30")
    right = [dated(*first) | {"role": "due"}, dated(*third) | {"role": "end"}]
    turned = [dated(*third) | {"role": "due"}, dated(*first) | {"role": "end"}]
    assert "date_role" not in clauses(question, plan(rows_of="production_order", where=right))
    assert "date_role" in clauses(question, plan(rows_of="production_order", where=turned))


def test_what_a_condition_is_called_accounts_for_a_kind_of_record() -> None:
    """`Without any stock record` needs no stock among the figures."""
    bare = {"test": "named", "entity": "material", "condition": "no_stock_record"}
    known = packaged_catalogue().entities["material"].conditions
    name = next(name for name, one in known.items() if "stock record" in one.label)
    calls = plan(rows_of="material", where=[{**bare, "condition": name}])
    assert not clauses(asked("materials without any stock record"), calls)


def test_every_kind_of_clause_is_tried() -> None:
    """A kind of clause that nothing here exercises is found."""
    assert set(CLAUSES) == {way[0] for way in WAYS}


def test_other_languages_are_held_to_what_hardly_holds_a_right_answer_back() -> None:
    """Words that say many things there, as `minus`, hold nothing back; periods and limits do."""
    unsure, sure = asked("ausschuss in prozent", "de"), asked("ausschuss PERIOD gegen LATER", "de")
    assert not ACCOUNTS.surely_left(unsure, SCRAP)
    assert [left.clause for left in ACCOUNTS.surely_left(sure, SPAN)] == ["periods"]


def test_look_ups_are_held_to_the_conditions_that_none_takes() -> None:
    """A pattern that caught a word of a longer question does not answer the rest of it."""
    call = (ToolCall("explode_bom", ExplodeBom(material="Chain")),)
    assert not ACCOUNTS.left(asked("parts without a price"), call)
    assert [left.clause for left in ACCOUNTS.left(asked("what do its parts cost"), call)] == ["amount"]
    priced = ExplodeBom(material="Chain", priced_at="standard_cost")
    assert not ACCOUNTS.left(asked("what do its parts cost"), (ToolCall("explode_bom", priced),))
    assert [left.clause for left in ACCOUNTS.left_by_look_up(asked("parts without a price"), call)] == [
        "exception"
    ]
    assert [left.clause for left in ACCOUNTS.left_by_look_up(asked("the most recent order"), call)] == [
        "recent"
    ]


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "leaves out"), ("de", "lässt"), ("es", "deja fuera"), ("fr", "laisse de côté")],
)
def test_what_is_left_out_is_said_and_the_reading_is_offered(language: Language, text: str) -> None:
    """A question back names the clause in the reader's own language, beside the reading that lacks it."""
    reading = Reading(SCRAP, "Scrapped quantity", LEFT_AT_MOST)
    with speaking(language):
        back = decided([reading], 0.0, ("else",), lambda: "", ("only where",))
    assert isinstance(back, Clarify)
    assert back.readings == (reading,)
    assert "only where" in back.question
    assert "else" not in back.question
    assert re.search(text, back.question)


def test_a_plan_that_leaves_a_clause_out_is_never_answered_at_once() -> None:
    """However sure both readers are of it."""
    sure = Proposal(SCRAP, "Scrap", learned=1.0, grammar=1.0, leads_learned=True, leads_grammar=True, size=9)
    assert settled_by(confidence(sure, [sure]), 0.0) == "answered"
    less = replace(sure, left=(Left("only", ("only where",)),))
    assert settled_by(confidence(less, [less]), 0.0) == "asked back"


def test_accounting_takes_little_time() -> None:
    """A question with many proposals is read at most 5 ms of the processor later."""
    question = asked("how many orders finished in PERIOD per work centre and how many days late on average")
    ACCOUNTS.left(question, BY_MATERIAL)
    began = time.process_time()
    held = Asked(question)
    for _ in range(12):
        ACCOUNTS.left(held, BY_MATERIAL)
    assert time.process_time() - began < 0.05


TOP = plan(
    measures=[figure("actual_amount")],
    by=[{"entity": "account"}],
    order=[{"by": "actual_amount"}],
    limit=50,
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("on which account did the NUMBER US divisions together spend most", {"names", "ranking"}),
        ("our NUMBER divisions combined by account", {"names"}),
        ("name the NUMBER items with the most spend", set()),
        ("the NUMBER accounts with the most spend", set()),
        ("top NUMBER accounts of the divisions", set()),
        ("what do the NUMBER biggest accounts together come to", set()),
    ],
)
def test_some_that_are_named_as_one_are_not_all(text: str, left: set[str]) -> None:
    """`The five US divisions together` are neither all divisions nor the five first accounts."""
    assert clauses(asked(text), TOP) == left


@pytest.mark.parametrize(
    "text",
    [
        "number of orders lacking start , end and due date",
        "orders , sorted by due date , oldest first",
        "the vendors with the longest lead times",
        "cost rates , most expensive first",
        "orders from highest to lowest",
    ],
)
def test_what_is_no_column_and_no_single_end_holds_nothing_back(text: str) -> None:
    """Fields in a condition, and lists in an order, are no clauses of their own."""
    listing = plan(
        rows_of="production_order",
        show=["production_order.order_id", "production_order.ordered", "material.name"],
        order=[{"by": "production_order.ordered"}],
    )
    assert not {"columns", "ranking"} & clauses(asked(text), listing)


def test_a_share_of_something_is_ranked_and_not_that() -> None:
    """`The highest share of received pieces rejected` is a rate, beside which the pieces may stand."""
    rates = plan(
        measures=[figure("reject_rate"), figure("received_quantity")],
        by=[{"entity": "supplier"}],
        order=[{"by": "reject_rate"}],
        limit=5,
    )
    question = asked("vendors with the highest share of received pieces rejected")
    assert "ranking" not in clauses(question, rates)


def test_what_is_passed_over_may_name_the_kind_of_orders() -> None:
    """`Across all purchase order lines` changes no figure of theirs, but those of work orders are others."""
    mixed = plan(measures=[figure("line_value"), figure("ordered_quantity")], by=[{"entity": "material"}])
    alike = plan(measures=[figure("line_value"), figure("purchased_quantity")], by=[{"entity": "material"}])
    passed_over = asked("across all purchase order lines regardless of status")
    assert ACCOUNTS.mixes(passed_over, mixed)
    assert not ACCOUNTS.mixes(passed_over, alike)
