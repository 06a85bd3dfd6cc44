"""A question that is left open is read once more without scenes, and without how everybody counts."""

from __future__ import annotations

import pytest

from agents.models.embedded.definitions import Definitions
from agents.models.embedded.plainer import bounded, multiplied, plainer
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import Grouping, Measure, MetricQuery, ValueTest

DEFINITIONS = Definitions(packaged_catalogue())
BELOW_REORDER_POINT = MetricQuery.model_validate(
    {
        "measures": [{"name": "n", "count_of": "material"}],
        "where": [{"test": "named", "entity": "material", "condition": "below_reorder_point"}],
    }
)
LATE = MetricQuery.model_validate({"measures": [{"name": "late", "metric": "late_rate"}]})
REJECTED = MetricQuery.model_validate({"measures": [{"name": "rate", "metric": "reject_rate"}]})


def is_plain(text: str) -> bool:
    """No quoted name, and no digits."""
    return not any(mark.isdigit() or mark == "'" for mark in text)


@pytest.mark.parametrize(
    ("question", "plain", "passed_over"),
    [
        (
            "Adding up all shelves, how many items are below safety stock? No stock record counts as zero.",
            "How many items are below safety stock?",
            ("No stock record counts as zero.", "Adding up all shelves"),
        ),
        (
            "How many pieces were received over all lines, and how many were rejected?",
            "How many pieces were received, and how many were rejected?",
            ("over all lines",),
        ),
        (
            "What was its standard cost in May according to the cost history?",
            "What was its standard cost in May?",
            ("according to the cost history",),
        ),
        (
            "Which orders that carry an end date were done past the date they were due?",
            "Which orders with an end date were done after the due date?",
            (),
        ),
        (
            "How did our spend split by vendor?",
            "what is our spend by vendor?",
            (),
        ),
        (
            "How many parts (MakeFlag 0) go into it, counting only BOM lines without an end date?",
            "How many parts go into it?",
            ("counting only BOM lines without an end date",),
        ),
        (
            "People here say we never lose a piece. How many pieces did we scrap?",
            "How many pieces did we scrap?",
            (),
        ),
        (
            "How many orders finished more than two weeks (14 days) late?",
            "How many orders finished more than 14 days late?",
            (),
        ),
        (
            "Which vendors have the worst reject rate (rejected over received)?",
            "Which vendors have the worst reject rate?",
            (" (rejected over received)",),
        ),
        (
            "Scrap by year of the start date, the undated ones let out.",
            "Scrap by year of the start date.",
            ("the undated ones let out",),
        ),
        (
            "Scrap by year of the start date; please leave out all work orders that have no dates",
            "Scrap by year of the start date",
            ("please leave out all work orders that have no dates",),
        ),
        (
            "How many orders did we place per month; months without any can be left out",
            "How many orders did we place per month",
            (),
        ),
        (
            "List price by category, current, in USD",
            "List price by category, in USD",
            (),
        ),
        (
            "What is the late rate? I need the percentage; skip those without dates.",
            "What is the late rate? I need the percentage.",
            ("skip those without dates",),
        ),
        (
            "Order value by month for May, leaving out months without any.",
            "Order value by month for May.",
            (),
        ),
        (
            "Not counting the undated ones, in how many cases did production miss the due date?",
            "In how many cases did production miss the due date?",
            ("Not counting the undated ones",),
        ),
        (
            "Did we ever receive more than we ordered on a line, and on how many lines?",
            "on how many lines did we receive more than we ordered on a line?",
            (),
        ),
        (
            "Is there any part whose cost differs from its open record in the cost history, and how many?",
            "how many part whose cost differs from the latest standard cost in history?",
            (),
        ),
        (
            "How many lines have no price record, so that no variance can be worked out?",
            "How many lines have no price record?",
            (),
        ),
        (
            "How many orders were closed more than three weeks late?",
            "How many orders were closed more than 21 days late?",
            (),
        ),
        (
            "How many items are below safety stock once the stock of all locations is added together?",
            "How many items are below safety stock?",
            ("once the stock of all locations is added together",),
        ),
        (
            "How many jobs use 'jobs, old'?",
            "How many work orders use 'jobs, old'?",
            (),
        ),
    ],
)
def test_what_asks_for_nothing_is_passed_over(
    question: str, plain: str, passed_over: tuple[str, ...]
) -> None:
    """Scenes and methods go, what is asked stays word for word, and what has to be true is told."""
    last = plainer(question, is_plain)[-1]
    assert (last.question, last.passed_over) == (plain, passed_over)


@pytest.mark.parametrize(
    "question",
    [
        "How many items are under their reorder point?",
        "Only count released orders. How many are late?",
        "We need rejected orders left out. How many orders are there?",
        "We only look at 'HL Crankset'. How many do we have?",
        "How many lines did we receive in 2024, and how many of them late?",
        "Which parts are below safety stock, excluding those without a supplier?",
        "What did we scrap per reason, and per month?",
        "What came in during the last two weeks?",
        "Which three items are missing most (stock over all locations; without a stock record take 0)?",
    ],
)
def test_what_limits_the_answer_is_never_passed_over(question: str) -> None:
    """A condition, a name, a period or a second figure is not taken away."""
    assert not plainer(question, is_plain)


SCRAP_BY_YEAR = MetricQuery(
    measures=(Measure(name="v", metric="scrapped_quantity"),), by=(Grouping(grain="year", role="due"),)
)
ORDERS_BY_YEAR = MetricQuery(
    measures=(Measure(name="v", metric="purchase_value"),), by=(Grouping(grain="year", role="ordered"),)
)
OPEN_ORDERS = MetricQuery(
    measures=(Measure(name="v", metric="purchase_value"),),
    where=(ValueTest(path="purchase_order.status", values=("pending",)),),
)


@pytest.mark.parametrize(
    ("text", "query", "says"),
    [
        ("with stock summed over all locations", BELOW_REORDER_POINT, True),
        ("whatever has no stock record counts as zero", BELOW_REORDER_POINT, True),
        ("skip those without dates", LATE, True),
        ("rejected over received units", REJECTED, True),
        ("Not counting the undated ones", LATE, True),
        ("Articles never stocked count as nil", BELOW_REORDER_POINT, True),
        ("Not counting the undated ones", REJECTED, False),
        ("skip those without dates", REJECTED, False),
        ("with stock summed over all locations", REJECTED, False),
        ("leave out work orders without dates", SCRAP_BY_YEAR, True),
        ("orders of every status", ORDERS_BY_YEAR, True),
        ("regardless of status", OPEN_ORDERS, False),
        ("no blocked stock counts", BELOW_REORDER_POINT, False),
        ("rejected over ordered units", REJECTED, False),
    ],
)
def test_what_is_so_by_definition_is_told_from_the_catalogue(
    text: str, query: MetricQuery, *, says: bool
) -> None:
    """How something is counted is held against the formulas of what was picked."""
    assert DEFINITIONS.say(text, (ToolCall("query_metrics", query),)) is says


def test_a_sign_of_multiplication_is_a_word() -> None:
    """`quantity x actual cost` is read as people say it; an `x` in a name stays."""
    assert multiplied("value (quantity x actual cost)") == "value (quantity times actual cost)"
    assert multiplied("quantity × cost of 3 x 4") == "quantity times cost of 3 x 4"
    assert multiplied("(hours) x (hourly rate)") == "(hours) times (hourly rate)"
    assert multiplied("pieces received x unit price") == "pieces received times unit price"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("quantity ≥500", "quantity >= 500"),
        ("price ≤ $10", "price <= $10"),
        ("late by no more than 10 days", "late by at most 10 days"),
        ("orders with max. 10 pieces", "orders with at most 10 pieces"),
        ("quantity not less than 5", "quantity at least 5"),
        ("orders from 500 upwards", "orders of 500 or more"),
        ("lines of 10 and below", "lines of 10 or less"),
        ("show max 5 suppliers", "show max 5 suppliers"),
        ("no more than the standard price", "no more than the standard price"),
        ("between 5 and over 3 days", "between 5 and over 3 days"),
    ],
)
def test_a_limit_is_said_as_it_mostly_is(typed: str, said: str) -> None:
    """`≤` was read as `is` and `max.` as `more than`; limits that are other figures stay."""
    assert bounded(typed) == said


@pytest.mark.parametrize(
    "question",
    ["what is product x worth", "what did vendor x in may deliver", "price of part x and its cost"],
)
def test_an_x_beside_no_amounts_names_something(question: str) -> None:
    """Only what is counted or paid is multiplied."""
    assert multiplied(question) == question


def test_actual_beside_plan_is_a_column() -> None:
    """`, current` says how costs stand anyway, `, actual` which of them are wanted."""
    assert plainer("List costs by cost centre: plan, actual", is_plain) == ()
    assert plainer("Standard costs, current, by site", is_plain)[0].question == "Standard costs, by site"
