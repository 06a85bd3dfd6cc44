"""Rankings by money over several currencies: in one of them, or each by itself; never by bare numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE
from erp_adapters.store.session import ReadTransaction
from tests.conftest import Database
from tests.tools.asking import Asking, column
from tests.tools.metrics.questions import metric
from tools.metrics.query import MetricQuery
from tools.metrics.tool import query_metrics
from tools.registry import ToolContext
from tools.results import ToolResult

SPEND = metric("spend", "purchase_value")
_SUPPLIERS: dict[str, Any] = {
    "measures": [SPEND], "by": [{"entity": "supplier"}], "order": [{"by": "spend"}], "limit": 5,
}  # fmt: skip
_SITES = frozenset({"KAS", "MTY", "OLO"})
_THREE = Caller("test", "Test", frozenset({"buyer"}), _SITES, frozenset())
_OTHERS_GONE = (
    "delete from erp.purchase_order where site not in ('KAS', 'MTY', 'OLO')",
    "delete from erp.site where site not in ('KAS', 'MTY', 'OLO')",
)


async def _asked(demo: Database, *statements: str, **query: Any) -> ToolResult:
    """The answer where only three plants with three currencies are there, and some rows are changed."""
    async with await psycopg.AsyncConnection.connect(demo.dsn(OWNER_ROLE)) as connection:
        for statement in (*_OTHERS_GONE, *statements):
            await connection.execute(statement.encode())
        tx = ReadTransaction(_THREE, connection)
        result = await query_metrics.run(MetricQuery.model_validate(query), ToolContext(_THREE, tx))
        await connection.rollback()
    return result


async def test_suppliers_are_ranked_in_one_currency(both: Asking) -> None:
    """Largest first after conversion, and the reading, the rates and a caveat say so."""
    ranked = await both(query_metrics, **_SUPPLIERS)
    asked = await both(query_metrics, **_SUPPLIERS, currency="EUR", rates="constant")
    assert ranked.tables[0].rows == asked.tables[0].rows
    assert ranked.tables[0].columns[-1].unit == "EUR"
    assert "in EUR at constant plan rates of 2026" in ranked.reading
    assert any("ranked in EUR" in caveat and "at plan rates" in caveat for caveat in ranked.caveats)
    assert any(table.title == "Rates used" for table in ranked.tables)


async def test_koruna_are_not_put_behind_pesos(demo: Database) -> None:
    """By the rates of the day where every record has one."""
    since = {"test": "date", "start": "2025-06-01", "end": "2026-03-31"}
    ranked = await _asked(demo, **{**_SUPPLIERS, "limit": 20}, where=[since])
    amounts = [Decimal(str(value)) for value in column(ranked.tables[0], "spend")]
    assert amounts == sorted(amounts, reverse=True)
    assert "at average rates" in ranked.reading
    assert any(caveat.endswith("which most of the sites keep.") for caveat in ranked.caveats)


async def test_without_a_rate_each_currency_is_ranked_by_itself(demo: Database) -> None:
    """The first of each, and the answer says that they cannot be compared."""
    gone = "update erp.fx_rate set average_rate = null, plan_rate = null where site = 'MTY'"
    ranked = await _asked(demo, gone, **{**_SUPPLIERS, "limit": 2})
    table = ranked.tables[0]
    assert sorted(map(str, column(table, "currency"))) == ["CZK", "CZK", "EUR", "EUR", "MXN", "MXN"]
    assert any("each currency is ranked by itself" in caveat for caveat in ranked.caveats)
    assert any("not converted" in caveat for caveat in ranked.caveats)


@pytest.mark.parametrize(
    "query",
    [
        {"measures": [SPEND], "by": [{"entity": "site"}]},
        {"measures": [metric("n", "purchase_order_count")], "by": [{"entity": "supplier"}],
         "order": [{"by": "n"}], "limit": 3},
    ],
)  # fmt: skip
async def test_what_is_no_ranking_by_money_stays_as_it_is(both: Asking, query: dict[str, Any]) -> None:
    """Each plant's amount in its own currency; counts need none."""
    told = await both(query_metrics, **query)
    assert not any("ranked" in caveat for caveat in told.caveats)
    assert " in EUR" not in told.reading
