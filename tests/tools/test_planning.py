"""What is short, what to move, what hangs on a delivery, why an order is late: where the plan is known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import Store
from tests.tools.asking import Asking, by, cell, column, number
from tests.tools.planning_plant import NEWCOMER, PLANNER, STRANGER, build
from tools.buildable import buildable
from tools.errors import ToolError
from tools.exception_messages import exception_messages
from tools.lateness import why_late
from tools.pegging import pegging
from tools.results import ToolResult
from tools.shortages import shortages


@pytest.fixture(scope="module")
def planned(owner_dsn: str, dsn: str) -> str:
    """Address of this module's database with the plant."""
    build(owner_dsn)
    return dsn


@pytest.fixture
async def store(planned: str) -> AsyncIterator[Store]:
    async with await Store.open(planned) as opened:
        yield opened


@pytest.fixture
def ask(store: Store) -> Asking:
    return Asking(store, PLANNER)


def rows(result: ToolResult, *columns: str, of: int = 0) -> list[tuple[object, ...]]:
    table = result.tables[of]
    return [tuple(cell(table, at, name) for name in columns) for at in range(len(table.rows))]


# ── shortages ──
async def test_what_is_short_comes_first_with_its_next_receipt(ask: Asking) -> None:
    """Seals are short by four on the 12th, and the delivery of the 16th covers that."""
    found = await ask(shortages, site="Kassel")
    wanted = ("number", "state", "first_day", "missing", "on_hand", "next_order", "covers", "waiting")
    assert rows(found, *wanted) == [
        ("SEAL", "short", date(2025, 6, 12), Decimal(4), Decimal(10), "700", True, "W1"),
    ]
    assert (number(found, "materials short"), number(found, "materials looked at")) == (1, 4)


async def test_stock_in_inspection_does_not_count(ask: Asking) -> None:
    """Fifty seals lie in quality inspection: the shortage is there all the same, and the answer says so."""
    found = await ask(shortages)
    assert column(found.tables[0], "number") == ["SEAL"]
    assert any("unrestricted" in note for note in found.caveats)


async def test_the_horizon_ends_the_list(ask: Asking) -> None:
    assert rows(await ask(shortages, horizon_days=1), "number") == []
    assert rows(await ask(shortages, horizon_days=2), "number") == [("SEAL",)]


async def test_my_shortages_are_those_of_my_controllers(ask: Asking, store: Store) -> None:
    """Paula plans for K02; for a newcomer no controller is kept, and the answer says so."""
    assert number(await ask(shortages, mine=True), "materials looked at") == 3
    newcomer = await Asking(store, NEWCOMER)(shortages, mine=True)
    assert number(newcomer, "materials looked at") == 4
    assert any("No MRP controller" in note for note in newcomer.caveats)


async def test_a_controller_that_is_nobody_is_refused_with_those_that_are(ask: Asking) -> None:
    with pytest.raises(ToolError, match=r"'X9'; there are E1, K01, K02"):
        await ask(shortages, controller="X9")
    assert number(await ask(shortages, controller="e1"), "materials looked at") == 2


async def test_parts_of_a_product_and_purchased_ones(ask: Asking) -> None:
    assert number(await ask(shortages, product="Body"), "materials looked at") == 2
    assert number(await ask(shortages, source="bought"), "materials looked at") == 2


# ── messages ──
async def test_what_to_expedite_and_what_to_cancel(ask: Asking) -> None:
    """Seals are needed four days before they come; the bolts that are on order are needed by nobody."""
    found = await ask(exception_messages, orders="purchase_order")
    wanted = ("message", "number", "material", "comes_on", "needed_on", "days", "value", "responsible")
    assert rows(found, *wanted) == [
        ("expedite", "10", "Seal", date(2025, 6, 16), date(2025, 6, 12), -4, Decimal(100), "E1"),
        ("cancel", "20", "Bolt", date(2025, 6, 20), None, None, Decimal(50), "E1"),
    ]
    assert number(found, "value of the receipts") == 150
    assert cell(found.tables[0], 0, "waiting") == "W1"


async def test_only_the_messages_asked_for(ask: Asking) -> None:
    found = await ask(exception_messages, messages=("cancel",))
    assert set(column(found.tables[0], "message")) == {"cancel"}
    assert number(found, "messages") == len(found.tables[0].rows)
    huber = await ask(exception_messages, messages=("expedite",), supplier="Huber")
    assert column(huber.tables[0], "order_id") == ["700"]


# ── pegging ──
async def test_a_late_delivery_reaches_the_customers(ask: Asking) -> None:
    """Four seals of the twenty go into the pumps of Aqua AG, which wait four days; Hydro SA has time."""
    found = await ask(pegging, order="PO 700")
    seals = [row for row in rows(found, "level", "material", "demand_order", "quantity") if row[1] == "Seal"]
    assert seals == [(1, "Seal", "W1", Decimal(4))]
    assert rows(found, "order_id", "whom", "days_late", of=1) == [
        ("8001", "Aqua AG", 4),
        ("8002", "Hydro SA", None),
    ]
    assert number(found, "sales orders late") == 1


async def test_pegged_and_free_make_the_receipt(ask: Asking) -> None:
    found = await ask(pegging, material="Seal")
    assert number(found, "pegged quantity") + number(found, "quantity that nothing asks for") == 20
    assert any("First in, first out" in note for note in found.caveats)


async def test_days_later_are_days_later(ask: Asking) -> None:
    found = await ask(pegging, order="700", kind="purchase_order", late_days=10)
    assert by(found.tables[1], "order_id", "days_late") == {"8001": 14, "8002": 7}


async def test_what_a_sales_order_waits_for(ask: Asking) -> None:
    """Down to the seals that come too late."""
    found = await ask(pegging, order="SO 8001")
    assert ("Seal", "700", 4) in rows(found, "material", "supply_order", "days_late")
    assert rows(found, "order_id", "whom", "material", of=1)[0] == ("700", "Dichtungen Huber", "Seal")


async def test_nothing_to_peg_is_said(ask: Asking) -> None:
    with pytest.raises(ToolError, match="no open order with a date has the number '90'"):
        await ask(pegging, order="90")
    with pytest.raises(ToolError, match="name an order"):
        await ask(pegging)


# ── why late ──
async def test_a_work_order_that_waited_for_the_test_bench(ask: Asking) -> None:
    """By hand: 240 minutes of leak, 600 of another order, 20 of rework, 10 too slow, begun early."""
    found = await ask(why_late, order="WO 90")
    assert dict(rows(found, "reason", "minutes")) == {
        "work centre busy with other orders": 600,
        "work centre stood still": 240,
        "rework": 20,
        "took longer than planned": 10,
        "began before it had to": -1740,
        "not explained by the records": 1920,
    }
    assert sum(column(found.tables[0], "minutes")) == number(found, "delay in working minutes") == 1050
    assert number(found, "days late") == 2
    assert "Hydraulic leak" in column(found.tables[0], "what")


async def test_parts_that_were_missing_on_the_start_day(ask: Asking) -> None:
    """Two seals lay there where four were needed, until the receipt of the next day."""
    found = await ask(why_late, order="92", kind="work_order")
    assert rows(found, "reason", "what", "minutes") == [
        ("parts missing", "Seal (699)", 120),
        ("not explained by the records", None, 960),
    ]


async def test_an_order_without_confirmations_says_what_cannot_be_told(ask: Asking) -> None:
    found = await ask(why_late, order="93", kind="work_order")
    assert set(column(found.tables[0], "reason")) == {"not explained by the records"}
    assert any("cannot be told apart" in note for note in found.caveats)


async def test_an_open_order_waits_for_its_next_operation(ask: Asking) -> None:
    """Order 91 was due on the 6th and has not begun at the mill; on the 9th the mill had another order."""
    found = await ask(why_late, order="91", kind="work_order")
    reasons = dict(rows(found, "reason", "minutes"))
    assert reasons["work centre busy with other orders"] == 120
    assert sum(reasons.values()) == number(found, "delay in working minutes") == 960 + 360


async def test_a_purchase_order_by_its_dates(ask: Asking) -> None:
    """Due on the 6th, seven days after it was ordered where ten are needed, then confirmed for the 16th."""
    found = await ask(why_late, order="PO 700")
    assert rows(found, "line", "reason", "days") == [
        ("700-1", "ordered later than the lead time allows", 3),
        ("700-1", "supplier confirmed a later date", 1),
    ]
    assert column(found.tables[1], "days_late") == [4]


async def test_a_sales_order_by_what_covers_it(ask: Asking) -> None:
    """The days of the chain are the days of the delay, and the part that decides is named."""
    found = await ask(why_late, order="8001")
    assert rows(found, "reason", "what", "days") == [("its own date is later than needed", "Seal (700)", 4)]
    assert column(found.tables[1], "days_late") == [4]


async def test_an_order_that_is_not_late(ask: Asking) -> None:
    assert "is not late" in (await ask(why_late, order="W1")).sentence


# ── what can be built, and who may see it ──
async def test_what_can_be_built_names_the_part_that_ends(ask: Asking) -> None:
    """Three bodies lie there for pumps; with bolts for more bodies the seals end first."""
    found = await ask(buildable)
    assert rows(found, "number", "most", "ends_first") == [("PUMP", 3, "Body")]
    deep = await ask(buildable, level="all")
    assert rows(deep, "number", "most", "ends_first") == [("PUMP", 5, "Seal")]
    with pytest.raises(ToolError, match="name the product"):
        await ask(buildable, quantity=5)


@pytest.mark.parametrize("caller", [STRANGER], ids=["lyon"])
async def test_nothing_of_another_site_shows(store: Store, caller: Caller) -> None:
    stranger = Asking(store, caller)
    assert rows(await stranger.unchecked(shortages), "number") == []
    assert rows(await stranger.unchecked(exception_messages), "order_id") == []
    for tool, arguments in ((pegging, {"order": "700"}), (why_late, {"order": "90"})):
        with pytest.raises(ToolError):
            await stranger.unchecked(tool, **arguments)
