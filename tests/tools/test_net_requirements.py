"""What has to be ordered: by hand in a small plant, and against plain sums in the demo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.tools.asking import Asking, cell, column, number
from tests.tools.planning_plant import PLANNER, build
from tools.errors import ToolError
from tools.net_requirements.tool import net_requirements
from tools.results import ToolResult

_SITES = frozenset({"KAS", "GRV", "BRE", "WRO"})
_EVERYWHERE = Caller("planner", "Planner", frozenset({"planner"}), _SITES, frozenset())


@pytest.fixture(scope="module")
def planned(owner_dsn: str, dsn: str) -> str:
    build(owner_dsn)
    return dsn


@pytest.fixture
async def ask(planned: str) -> AsyncIterator[Asking]:
    async with await Store.open(planned) as store:
        yield Asking(store, PLANNER)


def rows(result: ToolResult, *columns: str, of: int = 0) -> list[tuple[object, ...]]:
    table = result.tables[of]
    return [tuple(cell(table, at, name) for name in columns) for at in range(len(table.rows))]


async def test_what_is_missing_is_ordered_with_the_safety_stock_and_said_to_be_late(ask: Asking) -> None:
    """Ten seals, two for order 91 and twelve for W1, five to stay: nine are missing on the 12th.

    They take ten days: ordered today, the 10th, they come on the 20th, eight days late. Aqua AG waits.
    """
    found = await ask(net_requirements, source="bought", site="Kassel")
    wanted = ("number", "quantity", "order_on", "needed_on", "days_late", "waiting", "waiting_for")
    assert rows(found, *wanted) == [
        ("SEAL", Decimal(9), date(2025, 6, 10), date(2025, 6, 12), 8, "W1", "Aqua AG")
    ]
    assert (number(found, "orders to release"), number(found, "of them too late")) == (Decimal(1), Decimal(1))
    assert any("Nobody can be ordered from for Seal" in note for note in found.caveats)


async def test_the_weeks_of_a_material_add_up(ask: Asking) -> None:
    """Stock at the end of a week is that of the week before, with what comes and without what goes."""
    found = await ask(net_requirements, material="Seal", horizon_days=182)
    weeks = rows(found, "needed", "receipts", "planned", "stock", of=1)
    stock = Decimal(10)
    for needed, receipts, planned, at_end in weeks:
        stock += Decimal(str(receipts)) + Decimal(str(planned)) - Decimal(str(needed))
        assert stock == at_end
    assert sum((Decimal(str(planned)) for _, _, planned, _ in weeks), Decimal(0)) == 9


async def test_lot_rules_that_contradict_are_left_aside_by_name(ask: Asking, owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(
            "update erp.material set minimum_lot = 20, maximum_lot = 10, lot_rule = 'cosmic'"
            " where site = 'KS' and material_id = '1-SEAL'"
        )
    try:
        found = await ask(net_requirements, source="bought", site="Kassel")
    finally:
        with psycopg.connect(owner_dsn) as connection:
            connection.execute(
                "update erp.material set minimum_lot = null, maximum_lot = null, lot_rule = null"
            )
    assert rows(found, "quantity") == [(Decimal(9),)]
    assert any("the maximum lot 10" in note and "Seal" in note for note in found.caveats)
    assert any("cosmic" in note for note in found.caveats)


async def test_a_circle_is_named_and_nothing_is_planned(ask: Asking, owner_dsn: str) -> None:
    """A body that is made of pumps."""
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(
            "update erp.bom_item set component_id = '1-PUMP'"
            " where site = 'KS' and parent_id = '1-BODY' and component_id = '1-BOLT'"
        )
    try:
        with pytest.raises(
            ToolError, match=r"Kassel cannot be planned: .*goes into itself.*end one of these"
        ):
            await ask(net_requirements, site="Kassel")
    finally:
        with psycopg.connect(owner_dsn) as connection:
            connection.execute(
                "update erp.bom_item set component_id = '1-BOLT'"
                " where site = 'KS' and parent_id = '1-BODY' and component_id = '1-PUMP'"
            )


async def test_the_enterprise_is_netted_with_suppliers_prices_and_risks(demo_store: Store) -> None:
    """Every bought order has a supplier and a value; late ones leave today; risks are shares."""
    found = await Asking(demo_store, _EVERYWHERE)(net_requirements, source="bought")
    assert {row[0] for row in rows(found, "site")} <= _SITES
    assert number(found, "orders to release") > 40
    assert None not in column(found.tables[0], "supplier")
    assert all(Decimal(str(value)) > 0 for value in column(found.tables[0], "value"))
    late = [row for row in rows(found, "days_late", "order_on") if row[0]]
    assert late
    assert {row[1] for row in late} == {date(2026, 3, 31)}
    risks = [Decimal(str(value)) for value in column(found.tables[1], "probability")]
    assert risks == sorted(risks, reverse=True)
    assert all(10 <= each <= 100 for each in risks)


async def test_planning_anew_does_without_planned_orders(demo: Database, demo_store: Store) -> None:
    """What planned orders and requisitions would bring of a material is not on order then."""
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        id, quantity = connection.execute(
            "select material_id, sum(quantity) from erp.planned_order where site = 'KAS'"
            " group by 1 order by 2 desc limit 1"
        ).fetchone() or ("", 0)
    asking = Asking(demo_store, _EVERYWHERE)
    asked = {"material": f"id:{id}", "site": "KAS", "horizon_days": 182}
    on_order = [
        sum(Decimal(str(value)) for value in column(found.tables[1], "receipts"))
        for found in (
            await asking(net_requirements, **asked),
            await asking(net_requirements, **asked, anew=True),
        )
    ]
    assert quantity > 0
    assert on_order[0] - on_order[1] == quantity
