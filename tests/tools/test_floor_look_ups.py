"""Look-ups of the shop floor, of held lots and of what suppliers confirmed, on a plant that has all three."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.confirmations.loading import load_confirmations
from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.erp_adapters.confirmations.test_ordrsp import MESSAGE
from tests.tools.asking import Asking, column, number
from tests.tools.plant import Builder, build
from tools.confirmations import supplier_confirmations
from tools.errors import NotRecorded, ToolError
from tools.held_lots import held_lot
from tools.shop_floor import shop_floor

PAULA = Caller("paula", "Paula", frozenset({"planner"}), frozenset({"KS"}), frozenset({"1000"}))
LEA = Caller("lea", "Léa", frozenset({"planner"}), frozenset({"LY"}), frozenset({"3000"}))
AT = datetime(2025, 6, 9, 7, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def floor(database: Database) -> str:
    build(database.dsn(OWNER_ROLE))
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        put = Builder(connection)
        order = {"material_id": "1-WHEEL", "ordered": 100, "good": 40, "scrapped": 3}
        put("floor_order", order_id="WO-1", status="running", **order)
        put("floor_order", order_id="WO-2", status="on hold", **order)
        put("floor_order", order_id="WO-9", status="closed", **order)
        step = {"order_id": "WO-1", "status": "running"}
        put(
            "floor_operation",
            operation=10,
            name="Cut",
            work_centre_id="P1",
            good=60,
            scrapped=2,
            waiting=38,
            **step,
        )
        put(
            "floor_operation",
            operation=20,
            name="Fit",
            work_centre_id="A1",
            good=61,
            scrapped=1,
            waiting=-2,
            **step,
        )
        put("order_hold", hold_id="h1", order_id="WO-2", reason="burr", placed_by="ANNA", placed_at=AT)
        put("machine_effectiveness", work_centre_id="P1", day=AT.date(), observed=12)
        put("downtime", downtime_id="d1", work_centre_id="P1", started_at=AT, reason="Breakdown")
        put(
            "nonconformance",
            nonconformance_id="NC-1",
            order_id="WO-1",
            status="decided",
            disposition="rework",
            disposition_reason="file it",
            raised_at=AT,
        )
        # A bar went into WO-1, whose wheels went into WO-9; another lot has nothing to do with it.
        for use, lot, direction, number_ in (
            ("1", "BAR-1", "consumed", "WO-1"),
            ("2", "WHEEL-1", "produced", "WO-1"),
            ("3", "WHEEL-1", "consumed", "WO-9"),
            ("4", "BIKE-1", "produced", "WO-9"),
            ("5", "BAR-2", "consumed", "WO-2"),
        ):
            put(
                "lot_use",
                use_id=use,
                lot_id=lot,
                direction=direction,
                order_id=number_,
                material_id="1-WHEEL",
                quantity=5,
            )
        put(
            "quality_hold",
            hold_id="Q-1",
            material_id="1-WHEEL",
            batch_id="BAR-1",
            quantity=7,
            reason="crack",
            placed_at=AT,
        )
        for line, due in (("10", "2025-06-20"), ("20", "2025-06-02")):
            put(
                "purchase_line",
                line_id=f"1400595-{line}",
                order_id="1400595",
                material_id="1-WHEEL",
                due_on=due,
                ordered=100,
                received=0,
                unit="PC",
                unit_price=2,
                currency="EUR",
            )
        put(
            "purchase_order", order_id="1400595", supplier_id="V1", status="approved", ordered_on="2025-05-01"
        )
    return database.dsn()


@pytest.fixture
async def paula(floor: str) -> AsyncIterator[Asking]:
    async with await Store.open(floor) as store:
        yield Asking(store, PAULA)


async def test_the_floor_is_told_with_what_waits_why_it_is_held_and_what_stands(paula: Asking) -> None:
    """Orders that are begun, held ones first; counts that do not fit are said to be such."""
    result = await paula(shop_floor)
    assert column(result.tables[0], "order_id") == ["WO-2", "WO-1"]
    assert column(result.tables[0], "reason") == ["burr", None]
    assert [int(each) for each in column(result.tables[1], "waiting")] == [38, -2]
    assert column(result.tables[2], "reason") == ["Breakdown"]
    assert column(result.tables[3], "decision") == ["rework"]
    assert (number(result, "work orders on hold"), number(result, "machines that stand still")) == (1, 1)
    assert any("less than nothing" in each for each in result.caveats)
    one = await paula(shop_floor, order="wo-9")
    assert column(one.tables[0], "status") == ["closed"]


async def test_a_held_lot_is_followed_to_the_last_thing_that_it_is_in(paula: Asking) -> None:
    """Through the lots that an order made into the next order; what has nothing to do with it is left out."""
    result = await paula(held_lot)
    assert set(column(result.tables[1], "lot")) == {"BAR-1", "WHEEL-1", "BIKE-1"}
    assert set(column(result.tables[1], "order_id")) == {"WO-1", "WO-9"}
    assert (number(result, "holds"), number(result, "work orders touched")) == (1, 2)
    named = await paula(held_lot, lot="bar-2")
    assert column(named.tables[1], "order_id") == ["WO-2"]
    assert "not on hold" in named.sentence
    with pytest.raises(ToolError, match="no record names the lot"):
        await paula(held_lot, lot="NONE-1")


async def test_what_was_confirmed_is_set_against_what_was_ordered(
    paula: Asking, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Days, quantity and price that differ, what was refused, and open lines whose day is over."""
    with pytest.raises(NotRecorded, match="import confirmations"):
        await paula(supplier_confirmations)
    folder = tmp_path_factory.mktemp("confirmations")
    text = MESSAGE.replace("20261215", "20250702").replace("20261129", "20250605")
    (folder / "a.edi").write_text(text, encoding="latin-1")
    report = await load_confirmations(database.dsn(OWNER_ROLE), folder, "KS")
    assert report.loaded == 2
    result = await paula(supplier_confirmations, order="1400595")
    assert column(result.tables[0], "decision") == ["rejected", "changed"]
    assert column(result.tables[0], "days_later") == [None, 12]
    assert [None if each is None else int(each) for each in column(result.tables[0], "confirmed")] == [0, 80]
    assert column(result.tables[0], "price_told") == [None, "2.35 EUR"]
    # The refused one was due eight days ago; the other was confirmed for a later day.
    assert column(result.tables[1], "line") == ["1400595-20"]
    assert column(result.tables[1], "days_late") == [8]
    assert number(result, "lines that differ") == 2


async def test_another_plant_sees_nothing_of_it(floor: str) -> None:
    """Neither orders, nor lots, nor what was confirmed."""
    async with await Store.open(floor) as store:
        lea = Asking(store, LEA)
        for tool, error in (
            (shop_floor, NotRecorded),
            (supplier_confirmations, NotRecorded),
            (held_lot, ToolError),
        ):
            with pytest.raises(error):
                await lea(tool)
