"""What plants could give each other: by hand for two plants, and in the demo as the draft takes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import Store
from tests.tools.asking import Asking, cell, column, number
from tests.tools.planning_plant import PLANNER, build
from tests.tools.plant import Builder
from tools.balance.tool import balance_plants
from tools.errors import ToolError

BOTH = replace(PLANNER, sites=frozenset({"KS", "LY"}), companies=frozenset({"1000", "3000"}))


@pytest.fixture(scope="module")
def planned(owner_dsn: str, dsn: str) -> str:
    """The plant that is short of four seals, and seven of them in Lyon, two to stay there."""
    build(owner_dsn)
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(
            "update erp.material set base_unit = 'PC', standard_cost = 3, currency = 'EUR', safety_stock = 2"
            " where site = 'LY'"
        )
        put = Builder(connection)
        put("location", "LY", location_id="10", name="Magasin")
        put("stock", "LY", material_id="1-SEAL", location_id="10", quantity=7, unit="PC")
    return dsn


@pytest.fixture
async def store(planned: str) -> AsyncIterator[Store]:
    async with await Store.open(planned) as opened:
        yield opened


async def test_what_is_missing_here_and_free_there_is_offered_with_its_worth(store: Store) -> None:
    """Four of the five that Lyon can spare, needed on the 12th: 12 euro there, 16 here.

    Of the six pumps that wait for them, five are Aqua's and one is Hydro's.
    """
    found = await Asking(store, BOTH)(balance_plants, material="SEAL", site="Kassel")
    (row,) = range(len(found.tables[0].rows))
    told = {
        name: cell(found.tables[0], row, name)
        for name in ("quantity", "from_site", "site", "needed_on", "worth", "saved", "customers", "there_on")
    }
    assert told == {
        "quantity": Decimal(4),
        "from_site": "Lyon",
        "site": "Kassel",
        "needed_on": date(2025, 6, 12),
        "worth": Decimal(12),
        "saved": Decimal(4),
        "customers": "Aqua AG, Hydro SA",
        "there_on": None,
    }
    stand = dict(zip(column(found.tables[1], "site"), column(found.tables[1], "free"), strict=True))
    assert stand == {"Kassel": Decimal(0), "Lyon": Decimal(5)}
    assert any("No lead time is on record for Lyon > Kassel" in note for note in found.caveats)
    assert any("No duty rate is on record for Lyon > Kassel" in note for note in found.caveats)
    assert found.suggestions == ("Transfer 4 of SEAL from Lyon to Kassel by 2025-06-12",)


async def test_duty_is_part_of_what_a_transfer_costs(planned: str, owner_dsn: str, store: Store) -> None:
    """The rate of the material's category before that of all others, the latest that is in force."""
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("update erp.site set country = case site when 'KS' then 'DE' else 'CH' end")
        category = connection.execute(
            "select category from erp.material where site = 'KS' and number = 'SEAL'"
        ).fetchall()[0][0]
        put = Builder(connection)
        for number_of, of, percent, since in (
            ("1", None, "50", "2024-01-01"),
            ("2", category, "20", "2024-01-01"),
            ("3", category, "25", "2025-01-01"),
            ("4", category, "99", "2025-07-01"),
        ):
            put(
                "duty_rate", "KS", source_key=number_of, origin_country="CH", category=of, percent=percent,
                valid_from=since,
            )  # fmt: skip
    try:
        found = await Asking(store, BOTH)(balance_plants, material="SEAL", site="Kassel")
        assert cell(found.tables[0], 0, "worth") == Decimal(12)
        assert cell(found.tables[0], 0, "duty") == Decimal(3)
        assert cell(found.tables[0], 0, "saved") == Decimal(1)
        assert not any("No duty rate" in note for note in found.caveats)
    finally:
        with psycopg.connect(owner_dsn) as connection:
            connection.execute("delete from erp.duty_rate")


async def test_a_plant_that_is_not_short_is_said_not_to_be(store: Store) -> None:
    found = await Asking(store, BOTH)(balance_plants, material="SEAL", horizon_days=0)
    assert number(found, "transfers proposed") == 0
    assert "No plant falls short" in found.sentence


async def test_one_plant_alone_cannot_be_balanced(store: Store) -> None:
    with pytest.raises(ToolError, match="you see one plant only"):
        await Asking(store, PLANNER)(balance_plants, material="SEAL")


async def test_a_group_that_is_none_names_those_there_are(demo_store: Store) -> None:
    sites = frozenset({"KAS", "GRV", "HAM"})
    asking = Asking(demo_store, Caller("p", "P", frozenset({"planner"}), sites, frozenset()))
    with pytest.raises(ToolError, match=r"'starships' in it; there are .*Bearings"):
        await asking(balance_plants, group="starships")
    found = await asking(balance_plants)
    assert number(found, "transfers proposed") > 0
    names = ("number", "site", "free")
    every = [[cell(found.tables[1], at, name) for name in names] for at in range(len(found.tables[1].rows))]
    free = {(number, site): amount for number, site, amount in every}
    for at in range(len(found.tables[0].rows)):
        given = free.get((cell(found.tables[0], at, "number"), cell(found.tables[0], at, "from_site")))
        assert given is None or Decimal(str(given)) > 0
