"""What was never loaded, or never budgeted, is said to be so: an answer of zero would be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from erp_adapters.store.session import ReadTransaction, Rows
from tests.tools.asking import Asking
from tests.tools.conftest import Select
from tests.tools.metrics.questions import metric, named, period, related, value
from tools.errors import NotRecorded
from tools.metrics.query import MetricQuery
from tools.metrics.tool import query_metrics
from tools.registry import ToolContext

COUNT_OF_HOLDS = {"name": "n", "count_of": "quality_hold"}
VARIANCE = metric("variance", "plan_variance")
BUDGET = metric("budget", "plan_amount")
ACTUAL = metric("actual", "actual_amount")


@pytest.mark.parametrize(
    "query",
    [
        {"measures": [COUNT_OF_HOLDS]},
        {"measures": [metric("n", "hold_count")], "by": [{"entity": "material"}]},
        {"rows_of": "quality_hold"},
        {"rows_of": "material", "where": [related("quality_hold", negated=True)]},
        {"measures": [metric("n", "work_order_count"), metric("h", "hold_count")]},
    ],
    ids=["count", "groups", "list", "related", "beside others"],
)
async def test_records_of_which_none_are_loaded_are_named(aw: Asking, query: dict[str, Any]) -> None:
    """AdventureWorks has no quality holds: not zero of them, and not all materials without one."""
    with pytest.raises(NotRecorded, match=r"^No quality holds are loaded for AdventureWorks\.$"):
        await aw(query_metrics, **query)


class _Noting(ReadTransaction):
    """Keeps what is asked in a transaction."""

    def __init__(self, tx: ReadTransaction) -> None:
        self.caller, self._tx = tx.caller, tx
        self.asked: list[str] = []

    async def fetch(self, sql: str, params: Mapping[str, object] | None = None) -> Rows:
        self.asked.append(sql)
        return await self._tx.fetch(sql, params)


async def test_what_rows_show_to_be_there_is_not_asked_for(at_kassel: Asking) -> None:
    """A turn waits for each statement: its sites, its figures, and their evidence in one."""
    query = MetricQuery.model_validate(
        {"measures": [metric("stock", "stock_quantity")], "by": [{"entity": "site"}]}
    )
    async with at_kassel.store.reading(at_kassel.caller) as tx:
        noting = _Noting(tx)
        result = await query_metrics.run(query, ToolContext(at_kassel.caller, noting))
    assert result.tables[0].rows
    assert len(dict.fromkeys(noting.asked)) == 3, noting.asked


async def test_a_filter_without_hits_is_an_answer(at_kassel: Asking) -> None:
    """There are holds; that none is of that severity is a figure: zero."""
    result = await at_kassel(
        query_metrics, measures=[COUNT_OF_HOLDS], where=[value("quality_hold.severity", "none such")]
    )
    assert result.tables[0].rows == ((0,),)


@pytest.mark.parametrize("measures", [[VARIANCE], [BUDGET], [metric("p", "plan_variance_pct")]])
async def test_a_period_without_a_budget_has_no_variance(
    at_kassel: Asking, measures: list[dict[str, Any]]
) -> None:
    """The message says that there is one later; the variance is not the actual."""
    with pytest.raises(NotRecorded) as said:
        await at_kassel(query_metrics, measures=measures, where=[period("2025-01-01", "2025-01-31")])
    assert str(said.value) == "There is no budget in 2025-01; it is recorded for later periods only."
    result = await at_kassel(query_metrics, measures=measures, where=[period("2025-03-01", "2025-03-31")])
    assert all(cell is not None for cell in result.tables[0].rows[0])


async def test_a_derived_difference_to_a_missing_budget_is_refused(at_kassel: Asking) -> None:
    """Whatever is shown rests on the budget, also where that is hidden; an actual beside it is answered."""
    january = period("2025-01-01", "2025-01-31")
    gap = {"name": "gap", "derive": "difference", "of": ["actual", "budget"]}
    hidden = [{**ACTUAL, "hidden": True}, {**BUDGET, "hidden": True}, gap]
    with pytest.raises(NotRecorded, match="There is no budget in 2025-01"):
        await at_kassel(query_metrics, measures=hidden, where=[january])
    result = await at_kassel(query_metrics, measures=[ACTUAL, BUDGET, VARIANCE], where=[january])
    ((actual, budget, variance),) = result.tables[0].rows
    assert actual
    assert (budget or None, variance) == (None, None)
    assert any(caveat.startswith("There is no budget in 2025-01") for caveat in result.caveats)


async def test_months_without_a_budget_have_no_variance(at_kassel: Asking, in_demo: Select) -> None:
    """In one table, months with a budget have a variance and others none, and the answer says which."""
    result = await at_kassel(
        query_metrics,
        measures=[VARIANCE],
        by=[{"grain": "month"}],
        where=[period("2025-01-01", "2025-04-30")],
    )
    budgeted = {
        row[0]
        for row in in_demo(
            "select distinct to_char(month, 'YYYY-MM') from erp.ledger_period"
            " where site = 'KAS' and scenario = 'plan'"
        )
    }
    rows = {row[0]: row[1] for row in result.tables[0].rows}
    assert {month for month, amount in rows.items() if amount is None} == set(rows) - budgeted != set()
    assert any(caveat.startswith("Budget is recorded from 2025-02") for caveat in result.caveats)


async def test_an_account_without_a_budget_keeps_its_variance(at_kassel: Asking, in_demo: Select) -> None:
    """In a month with a budget, what was spent on an account that has none is over budget."""
    result = await at_kassel(
        query_metrics,
        measures=[VARIANCE],
        by=[{"path": "account.account_id"}],
        where=[period("2025-03-01", "2025-03-31")],
    )
    wanted = in_demo(
        "select account_id, coalesce(sum(amount) filter (where scenario = 'actual'), 0)"
        " - coalesce(sum(amount) filter (where scenario = 'plan'), 0) from erp.ledger_period"
        " where site = 'KAS' and month = '2025-03-01' group by 1"
    )
    assert {row[0]: row[1] for row in result.tables[0].rows} == dict(wanted)


async def test_a_company_without_a_budget_is_named(aw: Asking) -> None:
    """No period would help: there is none at all."""
    with pytest.raises(NotRecorded, match=r"^No budget is recorded where organisation is France\.$"):
        await aw(query_metrics, measures=[VARIANCE], where=[value("company.name", "France")])


async def test_a_measures_own_period_counts(at_kassel: Asking) -> None:
    """Two budgets side by side, one of them of a month without any: the other one is answered."""
    one = metric("january", "plan_amount", where=[period("2025-01-01", "2025-01-31")])
    other = metric("march", "plan_amount", where=[period("2025-03-01", "2025-03-31")])
    result = await at_kassel(query_metrics, measures=[one, other])
    assert result.tables[0].rows[0][1]
    assert any(caveat.startswith("There is no budget in 2025-01") for caveat in result.caveats)


async def test_conditions_on_what_is_not_loaded_are_refused_in_parts(aw: Asking) -> None:
    """Inside of an alternative as well."""
    either = {"test": "any", "of": [related("quality_hold"), named("material", "discontinued")]}
    with pytest.raises(NotRecorded, match="quality holds"):
        await aw(query_metrics, rows_of="material", where=[either])
