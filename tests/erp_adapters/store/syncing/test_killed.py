"""A reading that is killed goes on after the last page that was kept, and ends as if it had not been."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from erp_adapters.store.syncing.running import sync_site
from tests.erp_adapters.store.syncing.works import SITE, a_plant, stored, works_plan

ROOT = Path(__file__).parents[4]
_KILLED = """
import asyncio, os, signal, sys
from erp_adapters.ports import Capability
from erp_adapters.store.syncing.running import sync_site
from tests.erp_adapters.store.syncing.works import SITE, a_plant, works_plan

left = int(sys.argv[2])

def belongs(row):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return True

works = a_plant()
works.incremental = frozenset(Capability)
asyncio.run(sync_site(sys.argv[1], works_plan(), works, SITE, belongs=belongs))
"""
_CONTENT = """
select source_key, base_unit || standard_cost from erp.material
union all select source_key, quantity::text from erp.stock
union all select source_key, supplier_id from erp.purchase_order
union all select source_key, ordered::text from erp.purchase_line
union all select source_key, amount::text from erp.ledger_line
union all select month::text, amount::text from erp.ledger_period
order by 1, 2
"""


@pytest.mark.slow
async def test_a_killed_reading_goes_on_where_it_was(owner_dsn: str) -> None:
    """Killed in four places one after the other: each goes further; no row is lost, none is there twice."""
    kept = -1
    # A page is looked at while the one before is written, which may be lost; none before it is.
    for rows in (5, 5, 7, 5):
        program = [sys.executable, "-c", _KILLED, owner_dsn, str(rows)]
        died = await asyncio.to_thread(subprocess.run, program, cwd=ROOT, check=False)
        assert died.returncode == -signal.SIGKILL
        [(now,)] = stored(owner_dsn, "select count(*) from erp.sync_row")
        assert now > kept
        kept = now
    works = a_plant()
    works.incremental = frozenset(works.rows)
    report = await sync_site(owner_dsn, works_plan(), works, SITE)
    assert not report.problems
    assert sum(part.written for part in report.parts) + kept == sum(map(len, works.rows.values()))
    after = stored(owner_dsn, _CONTENT)
    states = dict(stored(owner_dsn, "select status, count(*)::int from erp.load group by 1"))
    assert states["loaded"] == 1
    assert "running" not in states
    with psycopg.connect(owner_dsn) as owner:
        owner.execute("truncate erp.sync_feed, erp.sync_row, erp.sync_seen, erp.ledger_period")
        for table in ("material", "stock", "purchase_order", "purchase_line", "ledger_line"):
            owner.execute(f"delete from erp.{table}")
    await sync_site(owner_dsn, works_plan(), a_plant(), SITE)
    assert stored(owner_dsn, _CONTENT) == after
