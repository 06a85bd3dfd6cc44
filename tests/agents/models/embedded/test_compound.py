"""Questions with several conditions and columns are read whole, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from agents.models.embedded.compound import Beside, CompoundReader
from agents.models.embedded.compound.draft import Column, Dated, Draft
from agents.models.embedded.compound.explained import explaining, said
from agents.models.embedded.compound.finishing import Finisher
from agents.models.embedded.compound.pieces import Figure
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.outcomes import Outcome
from agents.models.embedded.periods import Period
from agents.models.embedded.text import tokenise
from agents.models.protocol import Abstain, Calls, Clarify, Reading, ToolCall, Turn
from tests.agents.models.embedded.plant_names import plant
from tools.contract_prices import PriceAgainstContract
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import Grouping, Measure, MetricQuery, NamedTest, Order, RelatedTest, ValueTest
from tools.metrics.wording import Wording

READER, BESIDE = CompoundReader(packaged_catalogue()), Beside(packaged_catalogue())
WORDING = Wording(packaged_catalogue())

_READ = (
    (
        "Which orders are in process right now and already past their due date? Order number, material "
        "and how many pieces are ordered, oldest due date first.",
        "Work orders with work order, material, ordered quantity, due and material number, where work "
        "order status is in process, due until 2025-06-29, sorted by due",
    ),
    (
        "Of the orders we finished in February 2025, what share came in after the due date?",
        "Number of work orders (finished after the due date), number of work orders and number of work "
        "orders (finished after the due date) in percent of number of work orders, end in 2025-02",
    ),
    (
        "PO lines on approved orders that were due before today and where not one piece has come in yet: "
        "how many lines, from how many suppliers, worth how much?",
        "Number of purchase order lines, number of different supplier ID and total line total, with "
        "nothing received, where status is approved, due until 2025-06-29",
    ),
    (
        "per supplier in 2024: number of orders, order value and how many lines were received late - top "
        "10 by value",
        "Number of different purchase order, ordered line value and number of purchase order lines "
        "(received after the due date), by supplier, in 2024, top 10 by ordered line value, ties kept",
    ),
    (
        "downtime hours per line in 2024, planned and unplanned next to each other",
        "Downtime in hours (planned) and downtime in hours (not planned), by line, in 2024",
    ),
    (
        "We're preparing the review. Per supplier: number of lines received in 2024, how many of them "
        "late, and the average delay of the late ones in days",
        "Number of purchase order lines, number of purchase order lines (received after the due date) "
        "and average days received after the due date (received after the due date), by supplier, "
        "received in 2024",
    ),
    (
        "sales order lines that are past due and not delivered: line, due date, open quantity, soonest first",
        "Sales order lines with sales order line ID, sales line due on and sales quantity still to be "
        "delivered, not delivered completely after the due date, where (delivered quantity missing or "
        "delivered quantity is 0), sorted by sales line due on",
    ),
    (
        "suppliers that we have not ordered from since October 2024",
        "Suppliers with supplier ID and supplier, with no purchase order (since 2024-10-01)",
    ),
    (
        "Working days and plant hours we have in July, August and September 2025",
        "Number of calendar days and total working hours of the day, by month, where working day, in 2025-Q3",
    ),
    (
        "I'm preparing tomorrow's meeting. Could you give me the purchase order lines that were received "
        "more than 7 days late, with line, due and confirmed?",
        "Purchase order lines with line, days received after the due date, due and confirmed on, where "
        "received on present and days received after the due date above 7",
    ),
    (
        "How many maintenance orders that took more than 4 hours are there and how many of them were "
        "completed after the planned date?",
        "Number of maintenance orders and number of maintenance orders (maintenance completed on present and "
        "maintenance completed on above maintenance planned on), where maintenance hours of the order above "
        "4, all dates",
    ),
    (
        "What share of the inspection lots had rejects?",
        "Number of inspection lots (with rejected pieces), number of inspection lots and number of "
        "inspection lots (with rejected pieces) in percent of number of inspection lots, all dates",
    ),
    (
        "production orders without a scrap reason by product: number and scrapped pieces",
        "Number of work orders and scrapped quantity, by material and material number, without a scrap "
        "reason, all dates",
    ),
    (
        "Top 5 machines by hours of stops that took longer than 120 minutes",
        "Total hours of the stop, by work centre, where minutes above 120, top 5 by total hours of the stop, "
        "ties kept",
    ),
    (
        "list sales order lines due in August with nothing delivered yet: customer, open quantity, sorted "
        "by due date",
        "Sales order lines with sales order line ID, customer, sales quantity still to be delivered and "
        "sales line due on, where (delivered quantity missing or delivered quantity is 0), due in 2025-08, "
        "sorted by sales line due on",
    ),
    (
        "Which order lines this year were priced above contract? order, material, supplier, price, contract "
        "price",
        "Purchase order lines with line, purchase order, material, supplier, unit price, contract price of "
        "the order line and material number, where unit price above unit price in the contract, in 2025",
    ),
    (
        "order lines received in March with the days from order date to receipt, supplier country and lead "
        "time",
        "Purchase order lines with line, days from order to receipt, country of the supplier and "
        "lead time, received in 2025-03",
    ),
    (
        "average days from order date to receipt per supplier for lines received in 2024",
        "Average days from order to receipt, by supplier, received in 2024",
    ),
    (
        "difference between unit price and contract price for lines ordered in March 2025, with supplier and "
        "material",
        "Purchase order lines with line, unit price minus contract price of the order line, supplier, "
        "material and material number, ordered in 2025-03",
    ),
    (
        "last receipt of each material: date and quantity",
        "Goods receipts with material, goods receipt number, goods received on, quantity of the receipt and "
        "material number, of each material the latest by goods received on",
    ),
    (
        "Largest purchase order of each supplier in 2024: number, value",
        "Purchase orders with supplier, purchase order and subtotal, in 2024, of each supplier the highest "
        "subtotal",
    ),
    (
        "oldest open purchase order line of each supplier: number and due date",
        "Purchase order lines with supplier, line and due, open (not fully received), of each supplier the "
        "first by due",
    ),
    (
        "what is the longest overdue production order at each plant?",
        "Work orders with site, work order, days overdue by today, site code and due, overdue (not finished "
        "after the due date), of each site the highest days overdue by today",
    ),
    (
        "suppliers with more than 20 late lines in 2024 and their country",
        "Number of purchase order lines, by supplier and country of the supplier, received after the due "
        "date, with number of purchase order lines above 20, in 2024",
    ),
    (
        "number of purchase orders and of order lines placed in March, per plant",
        "Number of purchase order lines and number of different purchase order, by site, ordered in 2025-03",
    ),
    (
        "Invoices of March whose quantity differs from what the order line received quantity: how many, and "
        "of how many suppliers?",
        "Total invoiced quantity, number of supplier invoices and number of different supplier ID, "
        "invoiced for another quantity than received, invoiced in 2025-03",
    ),
    (
        "Preventive maintenance that is planned for the next two weeks and not done yet: order, machine and "
        "planned date",
        "Maintenance orders with maintenance order number, work centre, maintenance planned on and "
        "work centre ID, where kind of maintenance is preventive and maintenance completed on missing, "
        "planned in 2025-07-01 to 2025-07-14",
    ),
    (
        "When does the next planned order start and how many pieces is it for?",
        "Planned orders with planned order number, planned start and planned order quantity, since "
        "2025-06-30, lowest 1 by planned start, ties kept",
    ),
    (
        "List the operations of production order 1107596: operation, work centre and scrapped pieces",
        "Operation confirmations with operation confirmation ID, operation number, work centre, "
        "scrapped quantity and work centre ID, where confirmed work order is 1107596",
    ),
    (
        "Share of incoming lots in Kassel that were rejected in part, April vs May this year, in percent",
        "Number of inspection lots (usage decision is rejected in part), number of inspection lots and "
        "number of inspection lots (usage decision is rejected in part) in percent of number of "
        "inspection lots, by month, where incoming inspection and site is Kassel, in 2025-04 to 2025-05",
    ),
    (
        "how many of the lots inspected at Kassel this year had at least one reject, and what percentage "
        "is that?",
        "Number of inspection lots (with rejected pieces), number of inspection lots and number of "
        "inspection lots (with rejected pieces) in percent of number of inspection lots, where site is "
        "Kassel, inspected in 2025",
    ),
    (
        "average days late of the orders that were finished late in 2024, and the worst one",
        "Average delay of late work orders and highest days late, finished after the due date, end in 2024",
    ),
    (
        "Top 3 machines by unplanned downtime this month, in minutes (stops that started in June)",
        "Total minutes, by work centre, where not planned, started in 2025-06, top 3 by total minutes, "
        "ties kept",
    ),
    (
        "Whole Kassel plant, not just my own stuff: which production orders are past their due date and "
        "still not complete? order number and due date",
        "Work orders with work order and due, not finished, where site is Kassel, due until 2025-06-29",
    ),
    (
        "Which purchased materials are below safety stock (unrestricted stock only, no stock counts as "
        "zero)? number, stock, safety stock",
        "Materials with material ID, material, material number, unrestricted-use stock and safety stock, "
        "with unrestricted stock below safety stock, where not made in house",
    ),
    (
        "Which materials have unrestricted stock below the safety stock? number, stock, safety stock",
        "Materials with material ID, material, material number, unrestricted-use stock and safety stock, "
        "with unrestricted stock below safety stock",
    ),
    (
        "For which materials is the open reserved quantity (reserved minus withdrawn) above our "
        "unrestricted stock? Number, open reserved, shortage, biggest shortage first",
        "Materials with material ID, material, reserved and not withdrawn in all, unrestricted-use stock, "
        "material number and missing for open reservations, where reserved and not withdrawn in all above "
        "unrestricted-use stock, sorted by missing for open reservations",
    ),
    (
        "For which materials are the open reservations needed until 10 July 2025 above the unrestricted "
        "stock?",
        "Number of reservations, total open reserved quantity and highest unrestricted-use stock, by "
        "material and material number, where open reserved quantity above 0, with total open reserved "
        "quantity above unrestricted-use stock, needed until 2025-07-10",
    ),
    (
        "How many open lines on approved orders could be moved out, i.e. unrestricted stock of the part "
        "already covers all open reservations plus safety stock?",
        "Number of purchase order lines, open (not fully received), where status is approved and "
        "unrestricted-use stock at least reserved and not withdrawn in all plus safety stock, all dates",
    ),
    (
        "Dead weight: materials in stock not consumed or sold since 1 January 2025: stock, value and last "
        "consumption",
        "Materials with material ID, material, stock on hand, stock value at standard cost, last consumed "
        "or sold on and material number, with stock on hand and with no stock movement (movement type any "
        "of consumption, sale and since 2025-01-01)",
    ),
    (
        "On how many order lines placed in 2024 did we pay more than the contract price valid on the order "
        "date (same supplier and part), and how much too much in total? Rejected POs don't count.",
        "Number of purchase order lines and total ordered above contract price, where unit price above "
        "unit price in the contract and status is not rejected, ordered in 2024",
    ),
    (
        "which three suppliers charged most above contract on orders placed since January 2025? Unit price "
        "minus contract price times ordered quantity, only lines above contract, without rejected orders",
        "Total ordered above contract price, by supplier, where unit price above unit price in the contract "
        "and status is not rejected, ordered since 2025-01-01, top 3 by total ordered above contract price, "
        "ties kept",
    ),
    (
        "How many supplier invoices of March 2025 were higher than invoiced quantity times the PO price, and "
        "by how much in total? Ignore rounding differences up to one cent.",
        "Number of supplier invoices and total invoiced above order price, invoiced above the order price, "
        "in 2025-03",
    ),
    (
        "three machines with the highest repair cost in 2024 (repair orders completed that year)",
        "Cost of repairs, by work centre, where kind of maintenance is repair, completed in 2024, top 3 by "
        "cost of repairs, ties kept",
    ),
    (
        "Top 3 machines for unplanned downtime in 2024 - number of stops and hours lost",
        "Downtime, number of downtime events and total hours of the stop, by work centre, where "
        "not planned, in 2024, top 3 by downtime, ties kept",
    ),
    (
        "Worst four suppliers in 2024: percent of received PO lines with due date in 2024 that "
        "came on or before the due date. Only suppliers with at least 20 such lines, lowest "
        "first.",
        "On-time rate of suppliers and number of purchase order lines, by supplier, where "
        "received on present, with number of purchase order lines at least 20, due in 2024, "
        "lowest 4 by on-time rate of suppliers, ties kept",
    ),
    (
        "The 3 worst suppliers of 2024 by share of lines received late (received after due date, "
        "year by received date). Only suppliers with at least 50 received lines.",
        "Number of purchase order lines (received after the due date), number of purchase order "
        "lines and number of purchase order lines (received after the due date) in percent of "
        "number of purchase order lines, by supplier, where received on present and received on "
        "at least 2024-01-01 and received on at most 2024-12-31, with number of purchase order "
        "lines at least 50, top 3 by share, ties kept, all dates",
    ),
    (
        "Hours of unplanned stops per month in 2024 (month of stop start)",
        "Total hours of the stop, by month, where not planned, started in 2024",
    ),
    (
        "What was the last malfunction reported, on which machine and with which text?",
        "Maintenance notifications with notification number, work centre, what was reported, work"
        " centre ID and day reported, top 1 by day reported, ties kept",
    ),
    (
        "Open requisitions needed by 10 July 2025 at the latest: number, quantity with unit and the date",
        "Purchase requisitions with requisition number, requisition quantity, base unit, needed "
        "on, material number and material, open, needed until 2025-07-10",
    ),
    (
        "Quality holds that are still open with high severity: material, quantity, reason and since when",
        "Quality holds with quality hold ID, material, held quantity, hold reason, placed on hold"
        " on and material number, open, where severity is high",
    ),
    (
        "which 3 parts have the biggest open reservation quantity, needed until and incl. 10 July 2025?",
        "Reserved quantity still open, by material and material number, needed until 2025-07-10, "
        "top 3 by reserved quantity still open, ties kept",
    ),
    (
        "Which products were sold at a negative margin in 2024? Product, quantity and amount",
        "Total quantity billed on the line and billed amount, by material and material number, "
        "billed below cost, billed in 2024",
    ),
    (
        "phases of the recipe, with minutes and work centre",
        "Recipe phases with phase number, phase, minutes of the phase, work centre and work centre ID",
    ),
    (
        "I'm meeting Northern Castings tomorrow. Which of their order lines are open, each in its"
        " own currency? Line, due date and open value",
        "Purchase order lines with line, due and value still to be received, open (not fully "
        "received), where supplier is Northern Castings Inc.",
    ),
)
_NOT_READ = (
    "Which operator worked on operation 10 of order 1107591?",
    "Why is CNC lathe 1 down so often? Unplanned minutes in 2024 by reason.",
    "the latest prices of order lines, with order and supplier?",
    "which orders need the blue crane, number and quantity?",
    "How much did we order at Northern Castings in 2024, no tax no freight?",
    "what share of the price is the CO2 of each part?",
    "unrestricted production orders of March: number and quantity",
    "How many order lines were received late (counting sundays as zero), and from how many suppliers?",
)


@pytest.mark.slow
@pytest.mark.parametrize(("question", "words"), _READ)
def test_compound_questions_are_read_whole(question: str, words: str) -> None:
    """Every condition limits what it was said of, and every column is there."""
    best = READER.read(question, plant())[0]
    assert (WORDING.query(best.query), best.complete) == (words, True)


@pytest.mark.parametrize("question", _NOT_READ)
def test_a_word_without_a_place_is_no_reading(question: str) -> None:
    """What is not understood is not passed over."""
    assert not any(one.complete for one in READER.read(question, plant()))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (
            "Welche Fertigungsaufträge sind freigegeben, aber noch nicht begonnen? Auftrag, Material, "
            "Menge und Fälligkeit",
            "Work orders with work order, material, ordered quantity, due and material number, where "
            "work order status is released",
        ),
        (
            "Prüflose im März 2025, bei denen mehr als 5 % beanstandet wurden: Los, Material, "
            "geprüft, beanstandet",
            "Inspection lots with inspection lot number, reject rate of the lot, material, inspected pieces "
            "of the lot, rejected pieces of the lot and material number, where reject rate of the lot above "
            "5, in 2025-03",
        ),
    ],
)
def test_german_tables_are_read_by_the_same_rules(question: str, words: str) -> None:
    """German words are put in English first; what is asked for in them is the same table."""
    best = READER.read(question, plant(), "de")[0]
    assert (WORDING.query(best.query), best.complete) == (words, True)


def test_a_name_limits_the_records_that_refer_to_it() -> None:
    """A supplier's short name is that supplier, and the table is about its lines."""
    best = READER.read(
        "open lines of Northern Castings: order, material, open quantity and due date", plant()
    )[0]
    assert best.entity == "purchase_line"
    assert "where supplier is Northern Castings Inc." in WORDING.query(best.query)


async def _rows(call: ToolCall) -> Outcome | None:
    assert isinstance(call.arguments, MetricQuery)
    return ((("1",),),)


async def _nothing(call: ToolCall) -> Outcome | None:
    del call
    return ((),)


def _all_done(question: str, data: MasterData, calls: Sequence[ToolCall]) -> bool:
    return False


def _something_left(question: str, data: MasterData, calls: Sequence[ToolCall]) -> bool:
    return True


def _line_value() -> tuple[ToolCall, ...]:
    return (ToolCall("query_metrics", MetricQuery(measures=(Measure(name="n", metric="line_value"),))),)


def _late_lines() -> tuple[ToolCall, ...]:
    late = NamedTest(entity="purchase_line", condition="received_late")
    measures = (
        Measure(name="n", metric="line_value"),
        Measure(name="late", count_of="purchase_line", where=(late,)),
    )
    return (ToolCall("query_metrics", MetricQuery(measures=measures)),)


async def test_it_answers_what_the_readers_leave_open_and_nothing_else() -> None:
    """An answer of theirs stands; their question back is answered, unless there are no such records."""
    question = _READ[2][0]
    turn, other = Turn(question), Reading((), "something else", 0.3)
    asked, answered = Clarify("Which?", (other,)), Calls(other)
    plan = await BESIDE.plan(asked, turn, plant(), _rows, _all_done)
    assert isinstance(plan, Calls)
    assert plan.others == (other,)
    assert await BESIDE.plan(answered, turn, plant(), _rows, _all_done) is answered
    assert await BESIDE.plan(asked, turn, plant(), _nothing, _all_done) is asked
    chosen = await BESIDE.plan(
        answered, Turn(question, preferred=plan.reading.words), plant(), _rows, _all_done
    )
    assert isinstance(chosen, Calls)
    assert chosen.reading.words == plan.reading.words


@pytest.mark.parametrize("theirs", ["250", "251"])
async def test_beside_a_good_reading_the_table_that_does_all_is_the_answer(theirs: str) -> None:
    """Where the two readers are unsure, the table in which every word found its place says more."""
    good = Reading(_line_value(), "ordered line value", 0.6)

    async def run(call: ToolCall) -> Outcome | None:
        return ((((theirs,),)) if call == good.calls[0] else (("7", "3", "250"),),)

    plan = await BESIDE.plan(Clarify("Which?", (good,)), Turn(_READ[2][0]), plant(), run, _all_done)
    assert isinstance(plan, Calls)
    assert plan.reading.words == _READ[2][1]
    assert (good in plan.others) == (theirs == "251")


@pytest.mark.parametrize(
    ("theirs", "ours", "changes"),
    [
        (((("250.00", "x"),),), ((("250.00", "x", "3"),),), True),
        (((),), ((("250.00", "x", "3"),),), True),
        (((("251.00", "x"),),), ((("250.00", "x", "3"),),), False),
        (((("250.00", "x"),),), ((),), False),
    ],
)
async def test_an_answer_is_changed_only_for_one_that_does_more(
    theirs: Outcome, ours: Outcome, *, changes: bool
) -> None:
    """What the two readers answer stands, unless a table shows the same and more, or finds records."""
    answered = Calls(Reading(_late_lines(), "ordered line value, late lines", 0.9))

    async def run(call: ToolCall) -> Outcome | None:
        return theirs if call == answered.reading.calls[0] else ours

    plan = await BESIDE.plan(answered, Turn(_READ[3][0]), plant(), run, _all_done)
    assert isinstance(plan, Calls)
    assert (plan is not answered) == changes
    assert not changes or answered.reading in plan.others


@pytest.mark.parametrize(
    ("question", "each"),
    [
        ("Largest purchase order of each supplier in 2024: number, value", "of each supplier"),
        ("Größte Bestellung je Lieferant 2024: Nummer, Wert", "of each supplier"),
        ("Purchase order value by supplier in 2024", ""),
    ],
)
async def test_one_record_of_each_thing_is_not_the_thing_with_most(question: str, each: str) -> None:
    """`The largest order of each supplier` is no ranking of suppliers, however short the question is."""
    answered = Calls(Reading(_line_value(), "suppliers by order value", 0.9))
    turn = Turn(question, language="de" if "Größte" in question else "en")
    plan = await BESIDE.plan(answered, turn, plant(), _rows, _all_done)
    assert isinstance(plan, Calls)
    assert (plan is answered) == (not each)
    assert each in plan.reading.words
    assert not each or answered.reading in plan.others


@pytest.mark.parametrize(
    ("question", "table"),
    [
        (
            "Which order lines this year were priced above contract? order, material, supplier, price, "
            "contract price",
            True,
        ),
        ("Which order lines this year were priced above contract?", False),
    ],
)
async def test_a_look_up_gives_way_to_a_table_of_many_things_alone(question: str, *, table: bool) -> None:
    """What is agreed and what is paid is a look-up's answer, unless columns of each line are asked for."""
    looked_up = Calls(
        Reading(
            (ToolCall("price_against_contract", PriceAgainstContract()),), "paid against agreed prices", 0.9
        )
    )
    plan = await BESIDE.plan(looked_up, Turn(question), plant(), _rows, _all_done)
    assert isinstance(plan, Calls)
    assert (plan is not looked_up) == table


async def test_an_answer_is_narrowed_by_a_condition_that_it_lacks() -> None:
    """`in process` beside `past due` limits the list, though fewer rows come of it."""
    late = NamedTest(entity="production_order", condition="overdue")
    query = MetricQuery(rows_of="production_order", where=(late,))
    question = "Which orders are overdue and in process? Order number, material and ordered quantity please."
    answered = Calls(Reading((ToolCall("query_metrics", query),), "overdue work orders", 0.9))

    async def run(call: ToolCall) -> Outcome | None:
        return ((("1", "2", "3"),) * (2 if call == answered.reading.calls[0] else 1),)

    plan = await BESIDE.plan(answered, Turn(question), plant(), run, _all_done)
    assert isinstance(plan, Calls)
    assert "where work order status is in process" in plan.reading.words


@pytest.mark.parametrize(
    ("question", "theirs"),
    [
        (
            "What was the last malfunction reported, on which machine and with which text?",
            MetricQuery(
                rows_of="maintenance_notification",
                where=(NamedTest(entity="maintenance_notification", condition="top_priority"),),
            ),
        ),
        (
            "batches that expire before 10 October 2025 and still have stock: batch, material, expiry date",
            MetricQuery(rows_of="quality_hold"),
        ),
        (
            "per supplier in 2024: number of orders, order value and how many lines were received late - top "
            "10 by value",
            MetricQuery(
                measures=tuple(Measure(name=name, metric="line_value") for name in ("a", "b", "c")),
                by=(Grouping(entity="supplier"),),
                order=(Order(by="a"),),
                limit=10,
            ),
        ),
    ],
)
async def test_an_answer_that_passes_over_what_is_said_gives_way(question: str, theirs: MetricQuery) -> None:
    """`The last` of some records, records that are named, and what `top 10 by value` is ranked by."""
    answered = Calls(Reading((ToolCall("query_metrics", theirs),), "something else", 0.9))

    async def run(call: ToolCall) -> Outcome | None:
        return ((("1", "2", "3" if call == answered.reading.calls[0] else "4"),),)

    plan = await BESIDE.plan(answered, Turn(question), plant(), run, _all_done)
    assert isinstance(plan, Calls)
    assert plan is not answered
    assert plan.others == (answered.reading,)


async def test_of_two_readings_that_show_the_same_the_narrower_is_the_answer() -> None:
    """All holds hold those of high severity: that is no reason to leave the severity out."""
    question = "Quality holds that are still open with high severity: material, quantity, reason, since when"
    is_open = NamedTest(entity="quality_hold", condition="open_hold")
    wider = MetricQuery(rows_of="quality_hold", where=(is_open,))
    first = Reading((ToolCall("query_metrics", wider),), "open holds", 0.6)

    async def run(call: ToolCall) -> Outcome | None:
        high = ("CK-25", "40", "Wrong label")
        return (((*high,), ("BC-1", "40", "Wrong label")) if call == first.calls[0] else (high,),)

    plan = await BESIDE.plan(Clarify("Which?", (first,)), Turn(question), plant(), run, _all_done)
    assert isinstance(plan, Calls)
    assert "where severity is high" in plan.reading.words


async def test_a_table_of_three_pieces_is_the_answer_where_nothing_else_fits() -> None:
    """`How many orders are in process` is about few things, all of which found their place."""
    asked = Clarify("Which?", (Reading((), "something else", 0.3),))
    turn = Turn("how many production orders are in process right now in Kassel")
    plan = await BESIDE.plan(asked, turn, plant(), _rows, _all_done)
    assert isinstance(plan, Calls)
    assert "work order status is in process and site is Kassel" in plan.reading.words
    assert await BESIDE.plan(asked, turn, plant(), _rows, _something_left) is not plan


async def test_a_row_of_each_part_is_no_row_of_each_status() -> None:
    """A table of parts by status has several rows of each part: it is offered, and not the answer."""
    asked = Clarify("Which?", (Reading((), "something else", 0.3),))
    question = "Stock on hand of Ball Bearing in Kassel: free, in quality inspection and blocked, by part"
    plan = await BESIDE.plan(asked, Turn(question), plant(), _rows, _all_done)
    rows = await BESIDE.plan(asked, Turn(f"{question}, one row per part"), plant(), _rows, _all_done)
    assert isinstance(plan, Calls)
    assert isinstance(rows, Clarify)


def test_a_number_without_a_place_is_told() -> None:
    """The 6206 of a bearing that is not known is no part of `all bearings`."""
    query = MetricQuery(rows_of="info_record")
    assert READER.unmet("lead time in the info records for the 6206 drive", plant(), query) == ("6206",)


async def test_what_is_asked_as_a_column_narrows_nothing() -> None:
    """`Are they preferred?` wants to know it; a list of those that are says less."""
    name = ValueTest(path="supplier.name", values=("Northern Castings Inc.",))
    shown = ("supplier.number", "supplier.credit_rating", "supplier.is_preferred")
    theirs = MetricQuery(rows_of="supplier", show=shown, where=(name,))
    answered = Calls(Reading((ToolCall("query_metrics", theirs),), "the supplier", 0.9))
    question = "What is Northern Castings' account number, credit rating, and are they a preferred vendor?"
    found = READER.read(question, plant())[0]
    assert found.complete
    assert set(found.query.where) > {name}

    async def run(call: ToolCall) -> Outcome | None:
        return ((("1", "2", "3" if call == answered.reading.calls[0] else "4"),),)

    assert await BESIDE.plan(answered, Turn(question), plant(), run, _all_done) is answered


async def test_the_day_that_is_grouped_by_is_no_condition() -> None:
    """`Going by the due date` says which year is meant, and not that orders were finished by then."""
    by_year = Grouping(grain="year", role="due")
    scrap = MetricQuery(measures=(Measure(name="v", metric="scrapped_quantity"),), by=(by_year,))
    answered = Calls(Reading((ToolCall("query_metrics", scrap),), "scrap by year", 0.9))
    question = "How many units did we scrap in each year, going by the due date of the work order?"
    assert READER.unmet(question, plant(), scrap) == ()
    assert await BESIDE.plan(answered, Turn(question), plant(), _rows, _all_done) is answered


async def test_other_figures_narrow_nothing() -> None:
    """What rejected goods are worth is answered; what was ordered in rejected lines is another question."""
    one = MetricQuery(measures=(Measure(name="v", metric="rejected_value"),))
    answered = Calls(Reading((ToolCall("query_metrics", one),), "rejected value", 0.9))
    question = "Total line total and ordered quantity of the purchase order lines that were fully rejected"

    async def run(call: ToolCall) -> Outcome | None:
        return ((("1", "2") if call == answered.reading.calls[0] else ("3", "4"),),)

    found = READER.read(question, plant())[0]
    assert found.complete
    assert found.query.where
    assert await BESIDE.plan(answered, Turn(question), plant(), run, _all_done) is answered


@pytest.mark.parametrize(
    ("question", "where", "left"),
    [
        (
            "How many production orders are released but not started?",
            "open_order",
            "released but not started",
        ),
        ("how many released orders are there", "overdue", "released"),
        ("how many overdue orders are there", "overdue", ""),
        ("how many orders are not finished yet", "open_order", ""),
    ],
)
async def test_no_answer_leaves_out_what_was_set(question: str, where: str, left: str) -> None:
    """All that are open are no answer to how many are released: the question comes back."""
    test = NamedTest(entity="production_order", condition=where)
    query = MetricQuery(measures=(Measure(name="n", metric="work_order_count"),), where=(test,))
    answered = Calls(Reading((ToolCall("query_metrics", query),), "work orders", 0.9))
    assert READER.unmet(question, plant(), query) == ((left,) if left else ())
    plan = await BESIDE.plan(answered, Turn(question), plant(), _nothing, _all_done)
    if not left:
        assert plan is answered
    else:
        assert isinstance(plan, Clarify)
        assert answered.reading in plan.readings
        assert "work order status is released" in plan.readings[0].words


async def test_what_does_all_that_was_set_is_the_answer_where_it_is_clear() -> None:
    """Every word has its place in it, no other records fit as well, there are such, and it can be clicked."""
    question = "How many production orders are released but not started?"
    test = NamedTest(entity="production_order", condition="open_order")
    query = MetricQuery(measures=(Measure(name="n", metric="work_order_count"),), where=(test,))
    answered = Calls(Reading((ToolCall("query_metrics", query),), "work orders", 0.9))
    plan = await BESIDE.plan(answered, Turn(question), plant(), _rows, _all_done)
    assert isinstance(plan, Calls)
    assert "work order status is released" in plan.reading.words
    clicked = Turn(question, preferred=plan.reading.words)
    chosen = await BESIDE.plan(answered, clicked, plant(), _nothing, _all_done)
    assert isinstance(chosen, Calls)
    assert chosen.reading.words == plan.reading.words


def test_the_day_that_years_are_of_is_no_condition() -> None:
    """`Going by the due date` groups, and limits nothing to what was on time."""
    years = Grouping(grain="year", role="due")
    query = MetricQuery(measures=(Measure(name="n", metric="scrapped_quantity"),), by=(years,))
    question = "How much did we scrap in each year, going by the due date of the order?"
    assert READER.unmet(question, plant(), query) == ()
    worth = MetricQuery(measures=(Measure(name="n", metric="scrap_value"),))
    assert READER.unmet("the value of all orders with scrap", plant(), worth) == ()


def test_german_conditions_are_held_against_an_answer_too() -> None:
    """`Freigegeben` is a condition in German as well."""
    query = MetricQuery(measures=(Measure(name="n", metric="work_order_count"),))
    question = "Wie viele freigegebene Fertigungsaufträge haben wir?"
    assert READER.unmet(question, plant(), query, "de") == ("freigegebene",)


async def test_a_reading_that_leaves_a_clause_out_is_only_offered() -> None:
    """Every word may have found its place, and one of two counts be missing all the same."""
    turn, asked = Turn(_READ[2][0]), Clarify("Which?", ())
    whole = await BESIDE.plan(asked, turn, plant(), _rows, _all_done)
    assert isinstance(whole, Calls)
    plan = await BESIDE.plan(asked, turn, plant(), _rows, _something_left)
    assert isinstance(plan, Clarify)
    assert [reading.words for reading in plan.readings] == [whole.reading.words]


async def test_what_it_did_not_understand_whole_is_only_offered() -> None:
    """A reading that leaves a word out stands last among those to choose from."""
    turn = Turn("Which orders are in process and past their due date on the mezzanine? Number and quantity.")
    other = Reading((), "something else", 0.5)
    plan = await BESIDE.plan(Abstain("no", (other,)), turn, plant(), _rows, _all_done)
    assert isinstance(plan, Abstain)
    assert len(plan.readings) == 2
    assert plan.readings[0] == other


async def test_a_table_that_could_be_of_other_records_is_offered() -> None:
    """Lines are ordered from suppliers and by customers: that is for whoever asked to say."""
    turn = Turn("open lines due in August with line number, material, quantity, value and due date")
    plan = await BESIDE.plan(Abstain("no"), turn, plant(), _rows, _all_done)
    assert isinstance(plan, Abstain)
    assert len(plan.readings) == 1


async def test_what_is_refused_stays_refused() -> None:
    """A question that asks for what is not allowed gets no table."""
    refused = Abstain("not allowed", (), refused=True)
    turn = Turn("Of the orders we finished in February 2025, what share came in after the due date?")
    assert await BESIDE.plan(refused, turn, plant(), _rows, _all_done) is refused


async def test_any_kind_is_not_one_kind() -> None:
    """`No goods movement of any kind` is answered for all kinds, where the two readers took one."""
    question = "Which materials in stock had no goods movement of any kind since March 2025? name, stock"
    kind = ValueTest(path="stock_movement.kind", values=("sale",))
    moved = RelatedTest(entity="stock_movement", where=(kind,), negated=True)
    theirs = MetricQuery(rows_of="material", show=("material.stock_on_hand",), where=(moved,))
    answered = Calls(Reading((ToolCall("query_metrics", theirs),), "materials not sold", 0.9))
    plan = await BESIDE.plan(answered, Turn(question), plant(), _rows, _all_done)
    assert isinstance(plan, Calls)
    assert "movement type" not in plan.reading.words
    assert "no stock movement" in plan.reading.words


async def test_what_only_explains_adds_no_column_to_an_answer() -> None:
    """`(billed amount less cost, over billed amount)` says what the margin is, and asks for no amount."""
    question = (
        "Gross margin in percent by plant for what we billed in March 2025 (billed amount less cost, "
        "over billed amount)"
    )
    best = READER.read(question, plant())[0]
    assert WORDING.query(best.query).startswith("Gross margin in percent of what was billed, by site")


def test_a_condition_that_a_definition_holds_is_met() -> None:
    """`No stock counts as zero` of a figure that counts it so leaves nothing unmet."""
    question = "materials below safety stock (no stock counts as zero): number and stock"
    best = READER.read(question, plant())[0]
    assert best.complete
    assert READER.unmet(question, plant(), best.query) == ()


@pytest.mark.parametrize(("day", "converts"), [(date(2025, 5, 31), True), (date(2025, 4, 30), False)])
def test_amounts_are_converted_at_closing_rates_of_their_own_end(day: date, *, converts: bool) -> None:
    """`In EUR at the closing rate of 31 May` converts the end of May; at another day's rate nothing does."""
    draft = Draft("stock_snapshot", by=[Grouping(entity="site")])
    draft.columns.append(Column(figure=Figure("month_end_stock_value")))
    draft.where.append(ValueTest(path="site.currency", values=("EUR",)))
    draft.periods.append(Dated(Period(date(2025, 5, 1), date(2025, 5, 31), "month")))
    draft.at_closing.append(Period(day, day, "day"))
    query = Finisher(packaged_catalogue()).query(draft)
    assert query is not None
    assert (query.currency, query.rates) == (("EUR", "closing") if converts else ("", ""))
    assert bool(draft.doubts) is not converts
    assert all(getattr(test, "path", "") != "site.currency" for test in query.where)


@pytest.mark.parametrize(
    ("question", "clauses"),
    [
        ("open reservations (reserved minus withdrawn) by material", ["reserved minus withdrawn"]),
        ("stock by material (no record = zero)", ["no record = zero"]),
        ("orders pending or approved (status 1 or 2), value", []),
        ("late pieces by product. late = less than the due quantity", []),
        ("stock of pumps, how many plus what is on order", []),
    ],
)
def test_only_what_reckons_may_be_passed_over(question: str, clauses: list[str]) -> None:
    """Clauses that ask, set a limit, or give a word a sense of the asker's own, are never explanations."""
    tokens = tokenise(question)
    assert [said(tokens, one) for one in explaining(tokens, ())] == clauses


@pytest.mark.parametrize(
    ("question", "complete", "words"),
    [
        ("Why was scrap so high in May 2024? Scrapped pieces by site", False, "end in 2024-05"),
        (
            "Why were unplanned stops so long last month? Downtime minutes by reason",
            True,
            "where not planned, in 2025-05",
        ),
        ("Why do they stop so often? Downtime minutes by reason", True, "by downtime reason, all dates"),
        ("Purchase order lines due on 31 March 2025 (or earlier): order, supplier", False, ""),
        (
            "Purchase order lines due by 31 March 2025 (or earlier): order, supplier",
            True,
            "due until 2025-03-31",
        ),
        ("Purchase orders ordered in 2024, older ones included: number, supplier", False, ""),
        ("Work orders ended in the month before last: order, material", True, "end in 2025-04"),
        ("Open preventive jobs with planned date and machine", True, "kind of maintenance is preventive"),
    ],
)
def test_words_that_set_a_period_or_a_condition_are_no_aside(
    question: str, *, complete: bool, words: str
) -> None:
    """A sentence that asks why may set what is asked behind it; `or earlier` widens a day to all before."""
    found = READER.read(question, plant())[0]
    assert found.complete is complete
    assert words in WORDING.query(found.query)


def test_a_job_is_a_work_order() -> None:
    """As it is for the metrics: of jobs alone, those of maintenance are not counted."""
    found = READER.read("Number of jobs by site in 2024", plant())
    assert found[0].entity == "production_order"
    assert not any(one.complete and one.entity == "maintenance_order" for one in found)


@pytest.mark.parametrize("asked", ["have no end date", "are without an end date"])
def test_an_order_without_an_end_is_not_one_without_a_due_date(asked: str) -> None:
    """An order that still runs has a day that it is due; `no end date` is said of its end."""
    found = READER.read(f"How many work orders {asked}?", plant())[0]
    assert "end missing" in WORDING.query(found.query)
    undated = packaged_catalogue().entities["production_order"].conditions["undated"]
    assert not any("end" in phrase.split() or "start" in phrase.split() for phrase in undated.words)
