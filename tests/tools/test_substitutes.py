"""What can stand in for a material is told with its reasons, and only what may is offered with a draft."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE, Store
from policies.drafts.requisition import RequisitionDraft
from tests.conftest import Database
from tests.tools.asking import Asking, cell, column, number
from tools.drafting.requisition import draft_requisition
from tools.substitutes import substitutes


async def test_each_is_told_with_its_reason(kassel: Asking) -> None:
    """Of a spoke: a tube, a rim of which none is free, and a paint that quality turned down."""
    result = await kassel(substitutes, material="Spoke", on="2025-06-10")
    (shown,) = result.tables
    told = [
        (
            cell(shown, row, "number"),
            cell(shown, row, "state"),
            cell(shown, row, "free"),
            cell(shown, row, "covers"),
        )
        for row in range(3)
    ]
    assert told == [
        # 20 lie there and 5 are the safety stock.
        ("TUBE", "may stand in", 15, 15),
        # 11 lie there, 8.8 are for wheels: less than the safety stock is left.
        ("RIM", "may stand in, none is free", 0, 0),
        ("PAINT", "turned down by quality", 1, 1),
    ]
    assert number(result, "substitutes that may stand in") == 2
    assert result.caveats == ("Quality decides about each use of those that need approval.",)


async def test_one_that_ended_is_not_valid_any_more(kassel: Asking) -> None:
    """It may stand in on the last day of its validity, and not after it."""
    after = await kassel(substitutes, material="Rim")
    assert column(after.tables[0], "state") == ["no longer valid"]
    on_it = await kassel(substitutes, material="Rim", on="2024-12-31")
    assert column(on_it.tables[0], "state") != ["no longer valid"]
    assert (await kassel(substitutes, material="Frame")).sentence == "No substitute is on record for it."


async def offered(store: Store, **changes: object) -> list[str]:
    """What a draft for motors says about substitutes."""
    asking = Asking(store, await store.caller("planner"))
    asked: dict[str, object] = {
        "material": "EM-1.5",
        "quantity": "100",
        "needed_on": "2026-06-08",
        "site": "KAS",
    }
    draft = (await asking(draft_requisition, **asked | changes)).drafted
    assert draft is not None
    assert isinstance(draft.draft, RequisitionDraft)
    return [one.what for one in draft.draft.grounds.alternatives if one.kind == "substitute"]


async def test_a_draft_offers_what_may_stand_in(demo: Database, demo_store: Store) -> None:
    """With what is free by the day, its price against, its lead time and what quality says."""
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        price, lead = connection.execute(
            "select i.standard_price, i.lead_time_days from erp.info_record i join erp.supplier s"
            " using (site, supplier_id) where i.site = 'KAS' and i.material_id = '4006' and s.is_active"
            " order by 1 limit 1"
        ).fetchone() or (Decimal(0), Decimal(0))
    (told,) = await offered(demo_store)
    assert told.startswith("Use Electric motor 4 kW (EM-4) instead: ")
    assert "PC are free by 2026-06-08, which covers it." in told
    assert f"It costs {price:.2f} EUR for 1 PC against " in told
    assert f"More of it takes {lead:.0f} days. Quality has to approve the use." in told
    assert told.endswith("Note: Larger frame: needs the adapter plate.")


@pytest.mark.parametrize(
    "change",
    [
        "update erp.substitute set is_blocked = true",
        "update erp.substitute set valid_to = '2026-06-07'",
        "update erp.substitute set valid_from = '2026-06-09'",
        "update erp.substitute set replaced_by = material_id",
        "update erp.substitute set site = 'GRV' where site = 'KAS' and material_id = '4005'",
        "update erp.material set discontinued_on = '2026-06-08' where material_id = '4006'",
        "delete from erp.material where material_id = '4006'",
        "update erp.stock set status = 'blocked' where material_id = '4006';"
        " delete from erp.purchase_line where material_id = '4006'",
        "insert into erp.quality_hold (site, company, source_system, source_key, load_id, hold_id,"
        " material_id, placed_at) select site, company, source_system, 'h', load_id, 'h', material_id, now()"
        " from erp.material where site = 'KAS' and material_id = '4006'",
    ],
    ids=["blocked", "ended", "not yet", "itself", "elsewhere", "discontinued", "unknown", "no stock", "held"],
)
async def test_what_may_not_is_never_offered(change: str, demo_copy: Database) -> None:
    """Nor what is kept for another site."""
    with psycopg.connect(demo_copy.dsn(OWNER_ROLE)) as connection:
        connection.execute("delete from erp.substitute where site = 'GRV'")
        connection.execute(change.encode())
    async with await Store.open(demo_copy.dsn()) as store:
        assert await offered(store) == []
        today = date(2026, 6, 8)
        asking = Asking(store, await store.caller("planner"))
        result = await asking(substitutes, material="EM-1.5", site="KAS", on=today)
        assert "may stand in" not in (column(result.tables[0], "state") if result.tables else [])
