"""A plan that does the contrary of what a question says is never its answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agents.models.embedded.accounting import Accounts, Asked
from agents.models.embedded.accounting.dropped import dropped
from agents.models.embedded.everywhere import Everywhere
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.sense import later
from agents.models.embedded.text import tokenise
from agents.models.embedded.versions import beside_others
from agents.models.protocol import ToolCall
from tools.bom import ExplodeBom
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery

CATALOGUE = packaged_catalogue()
ACCOUNTS = Accounts(CATALOGUE)
UNDATED = {"test": "named", "entity": "production_order", "condition": "undated"}
DATED = UNDATED | {"condition": "dated"}
PENDING = {"test": "value", "path": "purchase_order.status", "values": ["pending"]}
REJECTED = PENDING | {"values": ["rejected"]}
LATE = UNDATED | {"condition": "late"}
OPEN = {"test": "named", "entity": "purchase_order", "condition": "open_po"}
HELD: dict[str, Any] = {"test": "valid", "entity": "standard_cost_version", "on": "2024-01-01"}
COST = "standard_cost_version.standard_cost"


def question(text: str) -> Masked:
    return Masked(tuple(Spot(token.norm, token.text) for token in tokenise(text)))


def query(**parts: Any) -> MetricQuery:
    return MetricQuery.model_validate(parts)


def contradicts(text: str, *where: dict[str, Any], measures: tuple[dict[str, Any], ...] = ()) -> bool:
    figures = measures or ({"name": "n", "metric": "scrapped_quantity"},)
    return ACCOUNTS.contradicts(
        question(text), (ToolCall("query_metrics", query(measures=figures, where=where)),)
    )


@pytest.mark.parametrize(
    ("text", "test", "held"),
    [
        ("Scrap by year; leave out work orders without dates.", UNDATED, True),
        ("Scrap by year, orders without end date left out", UNDATED, True),
        ("Scrap by year, the undated ones let out", UNDATED, True),
        ("Scrap by year, orders that have no dates should not be counted", UNDATED, True),
        (
            "Scrap by year, orders that have no dates should not be counted",
            UNDATED | {"negated": True},
            False,
        ),
        ("Scrap by year, orders without end date left out", DATED | {"negated": True}, True),
        ("Scrap by year, orders without end date left out", DATED, False),
        ("Scrap of orders without dates, rejected ones left out", UNDATED, False),
        ("How many orders have no dates?", UNDATED, False),
        ("Order value by vendor, ignoring rejected orders", REJECTED, True),
        ("Order value by vendor without rejected orders", REJECTED, True),
        ("Order value by vendor without rejected orders", PENDING, False),
        ("Order value by vendor with rejected ones excluded", REJECTED | {"op": "<>"}, False),
        ("Value of orders of any status", OPEN, True),
        ("Value of orders in 2024, every PO status", PENDING, True),
        ("Value of open orders of any vendor", OPEN, False),
        ("Value of orders, all statuses except rejected", REJECTED | {"op": "<>"}, False),
        ("Scrap of 2024, nothing without dates", UNDATED, True),
        ("Scrap of 2024, no undated orders", UNDATED, True),
        ("Scrap of orders with no dates", UNDATED, False),
        ("Value of all orders but the rejected ones", REJECTED, True),
        ("Value of all orders except rejected ones (status 3)", REJECTED, True),
        ("Scrap of all years including the undated orders", DATED, True),
        ("Scrap of all years, also the undated orders", UNDATED, True),
        ("Scrap of all years including the undated orders", LATE, False),
        ("Scrap of all years, even those undated", DATED, True),
        ("Scrap of all years, whether late or not", LATE, True),
        ("Scrap of all years incl. the late ones", LATE, True),
        ("Check whether late orders had scrap", LATE, False),
        ("Value of all purchase orders but the rejected ones", REJECTED, True),
        ("Value of all purchase orders but rejected ones", REJECTED, True),
        ("Value of every order but rejected ones", REJECTED, True),
        ("Value of everything but rejected orders", REJECTED, True),
        ("Value of nothing but rejected orders", REJECTED, False),
        ("Show all orders that are released but late", LATE, False),
        ("All purchase orders approved but still open", OPEN, False),
        ("Scrap of all released but late orders", LATE, False),
        ("Scrap of every released but late order", LATE, False),
        ("How many released orders are also late?", LATE, False),
        ("How many released orders are even undated?", UNDATED, False),
        ("Value of orders regardless of status", PENDING, True),
        ("Value of all purchase orders status pending by supplier", PENDING, False),
        ("Value of orders, any status pending by supplier", PENDING, False),
        ("Value of orders, rejected ones are dropped", REJECTED, True),
        ("Value of orders, drop the rejected ones", REJECTED, True),
        ("Value of orders by vendor, please drop the rejected ones", REJECTED, True),
        ("Which rejected orders had a price drop?", REJECTED, False),
        ("For which rejected orders has the price dropped?", REJECTED, False),
        ("Let me know about rejected orders that are out of stock", REJECTED, False),
        ("Leave rejected orders out of the total", REJECTED, True),
    ],
)
def test_what_is_left_out_is_not_what_is_taken(text: str, test: dict[str, Any], *, held: bool) -> None:
    """`Orders without dates left out` is no question for orders without dates, whichever way it is said."""
    assert contradicts(text, test) is held


@pytest.mark.parametrize(
    ("text", "flags", "held"),
    [
        (
            "how many vendors are active, and how many are preferred",
            (("is_active", True), ("is_active", False)),
            True,
        ),
        (
            "how many vendors are active, and how many preferred",
            (("is_active", True), ("is_preferred", False)),
            True,
        ),
        (
            "how many vendors are active, and how many preferred",
            (("is_active", True), ("is_preferred", True)),
            False,
        ),
        (
            "how many vendors are active, and how many are not",
            (("is_active", True), ("is_active", False)),
            False,
        ),
        (
            "how many vendors are active and how many dormant",
            (("is_active", True), ("is_active", False)),
            False,
        ),
    ],
)
def test_nothing_is_denied_that_the_question_does_not_deny(
    text: str, flags: tuple[tuple[str, bool], ...], *, held: bool
) -> None:
    """Two conditions that are counted side by side are not one condition and its contrary."""
    measures = tuple(
        {
            "name": f"m{at}",
            "count_of": "supplier",
            "where": [{"test": "value", "path": f"supplier.{flag}", "values": [value]}],
        }
        for at, (flag, value) in enumerate(flags)
    )
    assert contradicts(text, measures=measures) is held


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        (f"Which suppliers {words}?", (("is_active", False),))
        for words in (
            "were active but have since been closed", "stopped being active", "ceased to be active",
            "were formerly active", "used to be active", "were once active", "lost their active status",
        )
    ]
    + [
        ("Which active suppliers had a price drop?", (("is_active", True),)),
        ("For which preferred suppliers has the on-time rate dropped?", (("is_preferred", True),)),
        ("Let me know about preferred suppliers that are out of stock", (("is_preferred", True),)),
        ("Which preferred suppliers are also active?", (("is_preferred", True), ("is_active", True))),
    ],
)  # fmt: skip
def test_words_of_every_day_leave_nothing_out(text: str, flags: tuple[tuple[str, bool], ...]) -> None:
    """`No longer active` is said in many ways, and a price drop drops no suppliers."""
    tests = [{"test": "value", "path": f"supplier.{flag}", "values": [value]} for flag, value in flags]
    assert not contradicts(text, *tests, measures=({"name": "n", "count_of": "supplier"},))


def test_what_is_included_is_no_condition() -> None:
    """`Including the active ones` takes these as well; of the others none is left out."""
    flags = ("is_preferred", "is_active")
    tests = [{"test": "value", "path": f"supplier.{flag}", "values": [True]} for flag in flags]
    counted = ({"name": "n", "count_of": "supplier"},)
    text = "Which preferred suppliers, including the active ones?"
    assert contradicts(text, *tests, measures=counted)
    assert not contradicts(text, tests[0], measures=counted)


def test_a_number_that_is_one_is_no_flag() -> None:
    """`= 1` of a number does not stand for the yes of a flag that is denied."""
    inactive = {"test": "value", "path": "supplier.is_active", "values": [False]}
    one = {"test": "value", "path": "supplier.is_active", "values": [Decimal(1)]}
    figures = ({"name": "n", "count_of": "supplier"},)
    assert contradicts("how many vendors are active", inactive, one, measures=figures)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Which ten materials did we spend most on? Line total, every PO status.", ["material"]),
        ("top ten materials by spend (all statuses)", ["material"]),
        ("spend by material and status", ["material", ""]),
        ("spend by material for every status", ["material", ""]),
        ("spend by material, pending or approved orders", ["material"]),
        ("spend by material, each split into pending or approved", ["material", ""]),
    ],
)
def test_a_remark_on_what_counts_is_no_group(text: str, kept: list[str]) -> None:
    """`Every PO status` says which orders count, and splits nothing."""
    planned = query(
        measures=[{"name": "m", "metric": "line_value"}],
        by=[{"entity": "material"}, {"path": "purchase_order.status"}],
        order=[{"by": "m"}],
        limit=10,
    )
    assert [group.entity for group in Everywhere(CATALOGUE).summed(planned, question(text)).by] == kept


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("its cost on 1 January 2024, and what is it now", [COST, "material.standard_cost"]),
        ("its cost on 1 January 2024", [COST]),
        ("its old and new cost at 1 January 2024", [COST, "standard_cost_version.previous_cost"]),
    ],
)
def test_a_price_of_a_day_stands_beside_what_it_is_compared_with(text: str, shown: list[str]) -> None:
    """What held on a day is shown once, and beside it today's or the one before, if asked for."""
    planned = query(rows_of="standard_cost_version", show=[COST, COST], where=[HELD])
    assert list(beside_others(planned, question(text), CATALOGUE).show) == shown


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("started up to that day and ended later", 1),
        ("in process on that day", 31),
        ("started on or before that day and finished on or after it", 31),
        ("started up to that day and ended on that day or later", 31),
    ],
)
def test_what_ended_later_did_not_end_on_that_day(text: str, start: int) -> None:
    """Orders that ended on the last of December were no longer in process at its end."""
    planned = query(
        measures=[{"name": "n", "count_of": "production_order"}],
        where=[
            {"test": "date", "role": "end", "start": "2024-12-31"},
            {"test": "date", "role": "start", "end": "2024-12-31"},
        ],
    )
    first = later(planned, question(text)).where[0]
    assert first.start.day == start  # type: ignore[union-attr]


def test_nothing_is_later_than_the_last_day() -> None:
    """A question of the end of all days is read and no error."""
    planned = query(
        measures=[{"name": "n", "count_of": "production_order"}],
        where=[
            {"test": "date", "role": "end", "start": "9999-12-31"},
            {"test": "date", "role": "start", "end": "9999-12-31"},
        ],
    )
    assert later(planned, question("started up to that day and ended later")) == planned


@pytest.mark.parametrize(
    ("text", "by", "held"),
    [
        ("Which product has the longest lead time, who is the vendor and how long?", ["material"], True),
        ("Which product has the longest lead time, who is the vendor?", ["material", "supplier"], False),
        ("Name the vendor with the longest lead time, the product, and the days", ["supplier"], True),
        ("Which product has the longest lead time of all vendors?", ["material"], False),
    ],
)
def test_a_party_that_is_asked_for_has_a_column(text: str, by: list[str], *, held: bool) -> None:
    """`Who is the vendor` after a comma asks for one more column."""
    planned = query(
        measures=[{"name": "m", "metric": "average_lead_time"}],
        by=[{"entity": each} for each in by],
        order=[{"by": "m"}],
        extreme=True,
    )
    left = ACCOUNTS.left(question(text), (ToolCall("query_metrics", planned),))
    assert ("grouping" in {each.clause for each in left}) is held


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Blade: safety stock and stock on hand over all locations", True),
        ("Blade: stock on hand at each location", False),
        ("Blade: total stock at every location", False),
    ],
)
def test_what_is_summed_over_all_is_not_listed(text: str, *, held: bool) -> None:
    """`Over all locations` asks for one total, and no record for each of them."""
    planned = query(rows_of="stock", show=["material.safety_stock", "location.name"])
    assert ACCOUNTS.contradicts(question(text), (ToolCall("query_metrics", planned),)) is held


def test_a_remark_on_a_mean_is_no_group() -> None:
    """`Each product counting once` says how the average is taken."""
    planned = query(
        measures=[{"name": "m", "metric": "average_list_price"}],
        by=[{"entity": "material"}],
        order=[{"by": "m"}],
    )
    whole = Everywhere(CATALOGUE)
    assert not whole.summed(planned, question("average list price, each product counting once")).by
    assert whole.summed(planned, question("average list price of each product")).by


@pytest.mark.parametrize(
    ("text", "bought", "held"),
    [
        ("which make parts are in Chain", True, True),
        ("which parts of Chain are bought and not made", True, False),
        ("which parts do we order to make a Chain", True, False),
        ("which parts must we procure to make a Chain", True, False),
        ("which make parts are in Chain", False, False),
    ],
)
def test_bought_parts_are_no_answer_for_those_that_are_made(text: str, *, bought: bool, held: bool) -> None:
    """A look-up of what is bought shows nothing of what is made in house."""
    call = ToolCall("explode_bom", ExplodeBom(material="Chain", purchased_only=bought))
    assert bool(ACCOUNTS.left(question(text), (call,))) is held


def test_a_price_before_and_after_a_change_is_two_prices() -> None:
    """What held on one day leaves the other one out."""
    planned = query(
        rows_of="list_price_version",
        show=["list_price_version.list_price"],
        where=[HELD | {"entity": "list_price_version"}],
    )
    for text in ("its price before and after the change", "its old and new price"):
        assert "comparison" in {
            each.clause for each in ACCOUNTS.left(question(text), (ToolCall("query_metrics", planned),))
        }


def test_what_is_left_out_is_found_once_for_all_plans() -> None:
    """Each plan of a question is held against the same stretches."""
    asked = Asked(question("Value of orders, leave out rejected ones"))
    assert dropped(asked)
    assert dropped(asked) is dropped(asked)


@pytest.mark.parametrize("kept", [1, 0])
def test_all_of_a_name_but_some_leaves_these_out(kept: int) -> None:
    """`All Bikes but ...` and `all Kassel orders but ...` are all of something, as `all orders` is."""
    spots = question("value of all orders but rejected ones").spots
    named = (*spots[:3], Spot("NAME", "Kassel"), *spots[4 - kept :])
    (stretch,) = dropped(Asked(Masked(named)))
    assert [spot.text for spot in named[slice(*stretch)]] == ["rejected", "ones"]
