"""The age of the data is that of its loads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import psycopg

from erp_adapters.caller import Caller
from tests.tools.asking import Asking, cell, column
from tests.tools.plant import BOTH
from tools.freshness import freshness


async def test_one_row_for_each_source_and_site(asking: Callable[[Caller], Asking]) -> None:
    result = await asking(BOTH)(freshness)
    assert column(result.tables[0], "site") == ["KS", "LY"]
    assert cell(result.tables[0], 0, "loaded_at") == datetime(2025, 6, 11, 4, tzinfo=UTC)
    only = await asking(BOTH)(freshness, site="Lyon")
    assert column(only.tables[0], "site") == ["LY"]


async def test_a_later_failure_is_said(kassel: Asking, owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as owner:
        owner.execute(
            "insert into erp.load (load_id, source_system, site, started_at, finished_at, status)"
            " values (gen_random_uuid(), 'legacy', 'KS', now(), now(), 'failed')"
        )
    result = await kassel(freshness)
    assert result.caveats == ("1 later load failed, so this data is older than it should be: legacy at KS.",)
