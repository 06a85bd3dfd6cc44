"""Every tool that drafts at every plant: nothing of another plant is drafted, shown or told."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.tools.asking import Asking
from tools.all_tools import DRAFTS
from tools.errors import ToolError

SITES = ("KAS", "GRV", "GRR", "MTY", "HAM", "WRO", "OLO", "BRE")
_TELLING = """
select distinct site, value from (
    select site, number as value from erp.material union select site, name from erp.supplier
    union select site, name from erp.customer union select site, order_id from erp.purchase_order
    union select site, order_id from erp.production_order union select site, name from erp.site
    union select site, batch_id from erp.batch) s where length(value) >= 5
"""


@pytest.fixture(scope="module")
def telling(demo: Database) -> dict[str, set[str]]:
    """The strings that only one plant has."""
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        held: dict[str, set[str]] = {}
        for site, value in connection.execute(_TELLING):
            held.setdefault(str(value), set()).add(str(site))
    found: dict[str, set[str]] = {site: set() for site in SITES}
    for value, sites in held.items():
        if len(sites) == 1:
            found[sites.pop()].add(value)
    assert all(len(values) > 100 for values in found.values())
    return found


def _arguments(connection: psycopg.Connection[tuple[Any, ...]], site: str, other: str) -> dict[str, object]:
    """A purchased material of the plant with a supplier, a batch, and the plant that would send."""
    material = connection.execute(
        "select m.number from erp.material m join erp.info_record i using (site, material_id)"
        " join erp.stock s using (site, material_id) where m.site = %s and not m.is_made"
        " and m.discontinued_on is null and s.status = 'unrestricted' order by 1 limit 1",
        [site],
    ).fetchone()
    assert material is not None
    return {
        "material": material[0],
        "quantity": "5",
        "needed_on": "2026-06-08",
        "site": site,
        "from_site": other,
        "reason": "wanted",
        "period": "2025-10",
        # Of moves: what a plant's orders are is asked of the look-up that they come from.
        "follows": "0a1b2c3d",
        "what": "undo",
        "document": "10000001",
        # Of a work order on the floor: these plants have no MES.
        "order": "WO-NG-7002",
        "action": "hold",
    }


@pytest.mark.parametrize("site", SITES)
async def test_a_draft_holds_nothing_of_another_plant(
    site: str, demo: Database, demo_store: Store, telling: dict[str, set[str]]
) -> None:
    """One's own things are drafted; another plant's are as if they were not there."""
    other = SITES[(SITES.index(site) + 1) % len(SITES)]
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        (company,) = connection.execute(
            "select min(company) from erp.company where site = %s", [site]
        ).fetchone() or ("",)
        own = _arguments(connection, site, other)
        foreign = {**_arguments(connection, other, site), "from_site": site}
    caller = Caller("p", "P", frozenset({"planner"}), frozenset({site}), frozenset({str(company)}))
    asking = Asking(demo_store, caller)
    drafted: set[str] = set()
    for tool in DRAFTS:
        for arguments in (own, foreign):
            fitting = {
                name: value for name, value in arguments.items() if name in tool.arguments.model_fields
            }
            try:
                result = await asking.unchecked(tool, **fitting)
                said = repr(result)
                drafted.add(tool.name)
            except ToolError as refusal:
                said = str(refusal)
                for value in fitting.values():
                    said = said.replace(repr(value), "")
            words = set(re.split(r"[^\w.-]+", said))
            strange = [
                value
                for plant, values in telling.items()
                if plant != site
                for value in values
                if (value in words if " " not in value else value in said)
            ]
            assert strange == [], (tool.name, said[:400])
    assert drafted == {"draft_requisition", "draft_hold", "draft_explanation"}
