"""Words that name all there is ask for one total; short parts, columns and codes are read as said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agents.models.embedded.accounting import Accounts
from agents.models.embedded.apart import as_two, once_each
from agents.models.embedded.counted_as import counted_in, with_any, with_records
from agents.models.embedded.enumerated import Enumerated
from agents.models.embedded.everywhere import Everywhere
from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.occurring import Occurring
from agents.models.embedded.plainer import unnumbered
from agents.models.embedded.shortages import exploded
from agents.models.embedded.text import tokenise
from agents.models.protocol import ToolCall
from tools.bom import ExplodeBom
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery

CATALOGUE = packaged_catalogue()


def question(text: str) -> Masked:
    return Masked(tuple(Spot(token.norm, token.text) for token in tokenise(text)))


def query(**parts: Any) -> MetricQuery:
    return MetricQuery.model_validate(parts)


@pytest.mark.parametrize(
    ("asked", "whole"),
    [
        ("what is everything in stock at every location worth", True),
        ("total stock over all locations", True),
        ("what is our stock worth at list price over every location", True),
        ("how many pieces do we hold altogether at all of our locations", True),
        ("stock in Kassel, all locations, and its value", True),
        ("what is the stock at every location", False),
        ("total stock at each location", False),
        ("total stock by location over all locations", False),
        ("total stock over all locations, split by place", False),
    ],
)
def test_all_of_a_kind_asks_for_one_total(asked: str, *, whole: bool) -> None:
    """`Worth at every location together` is answered by a figure, `at every location` by a list."""
    planned = query(
        measures=[{"name": "stock", "metric": "stock_on_hand"}],
        by=[{"entity": "location"}],
        order=[{"by": "stock"}],
    )
    found = Everywhere(CATALOGUE).summed(planned, question(asked))
    assert (not found.by and not found.order) is whole


@pytest.mark.parametrize(
    ("asked", "by", "whole"),
    [
        ("stock value, every location", {"entity": "location"}, False),
        ("stock value - every location", {"entity": "location"}, False),
        ("stock value: all locations", {"entity": "location"}, False),
        ("stock value (all locations)", {"entity": "location"}, True),
        ("on-time rate, all suppliers", {"entity": "supplier"}, False),
        ("on-time rate over all suppliers", {"entity": "supplier"}, True),
        ("purchase spend 2024, every month", {"grain": "month"}, False),
        ("purchase spend over all months", {"grain": "month"}, True),
        ("purchase spend 2024, every PO status", {"path": "purchase_order.status"}, True),
        ("purchase spend 2024, all statuses", {"path": "purchase_order.status"}, True),
        ("value of pending or approved purchase orders", {"path": "purchase_order.status"}, True),
        ("do we have more value in pending or approved orders", {"path": "purchase_order.status"}, False),
        ("which is bigger, pending or approved value", {"path": "purchase_order.status"}, False),
    ],
)
def test_every_one_asks_for_a_row_of_each(asked: str, by: dict[str, str], *, whole: bool) -> None:
    """`, every month` is a table by month; `, every status` and `over all months` are one total."""
    planned = query(measures=[{"name": "n", "metric": "line_value"}], by=[by])
    assert (not Everywhere(CATALOGUE).summed(planned, question(asked)).by) is whole


@pytest.mark.parametrize(
    ("asked", "whole"),
    [
        ("average price , each product once by country", False),
        ("average price , each product counting once", True),
    ],
)
def test_a_country_counts_nothing(asked: str, *, whole: bool) -> None:
    """`Country` is no form of `count`."""
    planned = query(measures=[{"name": "n", "metric": "average_list_price"}], by=[{"entity": "material"}])
    assert (not Everywhere(CATALOGUE).summed(planned, question(asked)).by) is whole


@pytest.mark.parametrize(
    ("asked", "short"),
    [
        ("which purchased parts are we short of for 200 bikes, with need and stock", True),
        ("list every component we do not have enough of", True),
        ("which direct components run short and by how much", True),
        ("what parts are missing", True),
        ("list all parts with need, stock and shortage", False),
        ("for each part tell me how many are missing", False),
    ],
)
def test_parts_that_are_short_are_shown_alone(asked: str, *, short: bool) -> None:
    """Who asks what is short wants no list of all that suffices."""
    call = ExplodeBom(material="HL Fork", with_stock=True)
    assert exploded(call, question(asked)).short_only is short


def test_parts_that_are_bought_are_shown_alone() -> None:
    """`What purchased parts do we need` leaves out what is made in house."""
    call = ExplodeBom(material="HL Fork")
    assert exploded(call, question("what purchased parts do we need for 40 HL Fork?")).purchased_only
    assert not exploded(call, question("which parts, made and purchased, do we need?")).purchased_only
    assert exploded(call, question("what purchased parts do not suffice for 40 HL Fork?")).purchased_only


@pytest.mark.parametrize(
    "said",
    [
        "BOM of HL Fork without purchased parts",
        "BOM of HL Fork excluding bought parts",
        "which parts of HL Fork are not purchased parts?",
        "non-purchased parts of HL Fork",
        "how many purchased parts and how many others are in HL Fork?",
        "parts of HL Fork, purchased parts marked",
    ],
)
def test_bought_parts_that_are_left_out_or_told_apart_are_not_those_asked_for(said: str) -> None:
    """Who wants no bought parts is not shown them alone."""
    assert not exploded(ExplodeBom(material="HL Fork"), question(said)).purchased_only


def test_a_number_in_a_name_is_not_how_many_are_built() -> None:
    """`6204 (Ball bearing 6204) for 100 CP 32` are a hundred."""
    named = ValueWord("material", "name", ("Ball bearing 6204",), "Ball bearing 6204")
    spots = (
        Spot("kugellager", "Kugellager"),
        Spot("NUM", "6204", number=Decimal(6204)),
        Spot("MAT", "Ball bearing 6204", meanings=(named,)),
        Spot("NUM", "100", number=Decimal(100)),
    )
    call = ExplodeBom(material="CP-32", quantity=Decimal(6204))
    assert exploded(call, Masked(spots, language="de")).quantity == Decimal(100)


@pytest.mark.parametrize(
    ("asked", "plain"),
    [
        ("and what are the two prices?", "and what are the prices?"),
        ("what are the two vendor prices and the gap", "what are the vendor prices and the gap"),
        ("Which are the two vendors with the lowest prices?", None),
        ("What are the two highest prices?", None),
    ],
)
def test_a_number_of_columns_is_no_number_of_rows(asked: str, plain: str | None) -> None:
    """`The two prices` of one material do not ask for two materials."""
    assert unnumbered(asked) == (plain or asked)


def test_a_code_beside_its_value_is_no_other_number() -> None:
    """`Completed (status 4)` says the same twice."""
    complete = query(
        measures=[{"name": "n", "count_of": "purchase_order"}],
        where=[{"test": "value", "path": "purchase_order.status", "values": ["complete"]}],
    )
    found = Enumerated(CATALOGUE).codes((ToolCall("query_metrics", complete),))
    assert "status 4" in found
    assert "status 1" not in found


def test_what_a_sum_is_of_is_not_said_twice() -> None:
    """`Rejected pieces of lines with rejects` are the rejected pieces."""
    again = {"test": "named", "entity": "purchase_line", "condition": "rejected_hit"}
    names = CATALOGUE.entities["purchase_line"].conditions
    hit = next(name for name, each in names.items() if each.quantity == "rejected_quantity")
    planned = query(
        measures=[{"name": "n", "metric": "rejected_quantity", "where": [{**again, "condition": hit}]}]
    )
    assert not Occurring(CATALOGUE).once(planned).measures[0].where


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("Rent over the five US divisions", True),
        ("Rent over the five divisions", False),
    ],
)
def test_a_name_that_nobody_knows_is_not_passed_over(asked: str, *, left: bool) -> None:
    """`The US divisions` are not all of them."""
    planned = query(
        measures=[{"name": "actual", "metric": "actual_amount"}],
        by=[{"entity": "company"}],
        limit=5,
        order=[{"by": "actual"}],
    )
    found = Accounts(CATALOGUE).left(question(asked), (ToolCall("query_metrics", planned),))
    assert any("US" in one.words for one in found) is left


def test_what_is_not_received_is_what_a_figure_says() -> None:
    """`Units ordered but not received` leave nothing out of the quantity received short."""
    planned = query(measures=[{"name": "short", "metric": "short_quantity"}])
    asked = question("how many units were ordered but not received over all lines")
    assert not Accounts(CATALOGUE).left(asked, (ToolCall("query_metrics", planned),))


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("which items are below the reorder point ? no stock record counts as zero", False),
        ("taking items without a stock record as none on hand , how many are below it", False),
        ("how many items have no stock record", True),
        ("items without a stock record whose standard cost is zero", True),
    ],
)
def test_what_counts_as_zero_keeps_nothing_apart(asked: str, *, kept: bool) -> None:
    """`No stock record counts as zero` asks for no items without records."""
    never = {"test": "named", "entity": "material", "condition": "never_stocked"}
    planned = query(measures=[{"name": "n", "count_of": "material"}], where=[never])
    assert bool(counted_in(planned, question(asked), CATALOGUE).where) is kept


@pytest.mark.parametrize(
    ("asked", "figures"),
    [
        ("how many of them do we make and how many do we buy", 2),
        ("how many items are there by make flag and how many in all", 1),
        ("how many items do we make", 1),
    ],
)
def test_yes_and_no_are_two_figures(asked: str, figures: int) -> None:
    """`How many are made and how many bought` is answered by two numbers, 0 among them."""
    planned = query(measures=[{"name": "n", "count_of": "material"}], by=[{"path": "material.is_made"}])
    found = as_two(planned, question(asked), CATALOGUE)
    assert (len(found.measures), len(found.by)) == (figures, 2 - figures)


@pytest.mark.parametrize(
    ("asked", "once"),
    [
        ("what is the highest unit price , and for which materials and from which vendor was it", True),
        ("what is the highest unit price , and on which order and for which material", False),
        ("list the lines with the highest unit price and the material", False),
    ],
)
def test_what_shares_an_extreme_is_named_once(asked: str, *, once: bool) -> None:
    """A price that a hundred lines share has one material, and not a hundred rows of it."""
    planned = query(
        rows_of="purchase_line",
        show=["material.name", "supplier.name", "purchase_line.unit_price", "purchase_line.order_id"],
        order=[{"by": "purchase_line.unit_price", "descending": True}],
        extreme=True,
    )
    assert (once_each(planned, question(asked)).rows_of == "") is once


@pytest.mark.parametrize(
    ("asked", "limited"),
    [
        ("how many of the products with a stock record are below safety stock", True),
        ("products that have stock records", True),
        ("how many products are below safety stock", False),
        ("how many products without a stock record are there", False),
    ],
)
def test_those_with_records_are_taken_alone(asked: str, *, limited: bool) -> None:
    """`With a stock record` is no word that may be dropped: what has none lies below every level."""
    planned = query(measures=[{"name": "n", "count_of": "material"}])
    assert bool(with_records(planned, question(asked), CATALOGUE).where) is limited


@pytest.mark.parametrize(
    ("asked", "limited"),
    [
        ("which accounts ran over budget ? only accounts that have a budget please", True),
        ("among the accounts with a budget which three ran over it", True),
        ("which three accounts ran furthest over budget", False),
        ("which accounts ran over in months with a budget", False),
    ],
)
def test_groups_that_have_something_are_taken_alone(asked: str, *, limited: bool) -> None:
    """`Only accounts that have a budget` leaves out those that were never planned."""
    planned = query(measures=[{"name": "n", "metric": "actual_amount"}], by=[{"entity": "account"}])
    assert bool(with_any(planned, question(asked), CATALOGUE).where) is limited
