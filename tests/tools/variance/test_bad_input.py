"""What is missing or contradictory in the data is said in the explanation, or refused with the reason."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from decimal import Decimal

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE
from erp_adapters.store.session import ReadTransaction
from tests.conftest import Database
from tools.errors import ToolError
from tools.registry import ToolContext
from tools.results import ToolResult
from tools.variance.tool import ExplainVariance, explain_variance

_SITES = frozenset({"BRE", "GRR", "GRV", "HAM", "KAS", "MTY", "OLO", "WRO"})
_EVERYBODY = Caller("test", "Test", frozenset({"controller"}), _SITES, frozenset())
Changed = Callable[..., AbstractAsyncContextManager[ReadTransaction]]


@pytest.fixture
def changed(demo: Database) -> Changed:
    """The demo with some rows changed, in a transaction that is rolled back."""

    @asynccontextmanager
    async def reading(*statements: str) -> AsyncIterator[ReadTransaction]:
        async with await psycopg.AsyncConnection.connect(demo.dsn(OWNER_ROLE)) as connection:
            for statement in statements:
                await connection.execute(statement.encode())
            yield ReadTransaction(_EVERYBODY, connection)
            await connection.rollback()

    return reading


async def _told(tx: ReadTransaction, **arguments: object) -> ToolResult:
    return await explain_variance.run(
        ExplainVariance.model_validate({"period": "2025-10", **arguments}), ToolContext(_EVERYBODY, tx)
    )


async def test_a_missing_standard_is_said(changed: Changed) -> None:
    """Products without one are named, and all that they cost stands over standard."""
    gone = "site = 'KAS' and material_id = (select material_id from erp.production_order where site = 'KAS'"
    gone += " and end_on between '2025-10-01' and '2025-10-31' order by order_id limit 1)"
    async with changed(
        f"delete from erp.standard_cost_version where {gone}",
        f"update erp.material set standard_cost = null where {gone}",
    ) as tx:
        told = await _told(tx, site="KAS")
    assert any("without a standard cost" in caveat for caveat in told.caveats)


async def test_zero_quantities_are_said(changed: Changed) -> None:
    """An order without a planned quantity is named, and nothing is divided by it."""
    async with changed(
        "update erp.production_order set ordered = 0 where site = 'KAS' and order_id = (select order_id"
        " from erp.production_order where site = 'KAS' and end_on = '2025-10-15' order by order_id limit 1)",
        "update erp.billing_line set quantity = 0 where site = 'KAS' and billed_on between '2025-10-01' and"
        " '2025-10-31' and material_id = (select material_id from erp.billing_line where site = 'KAS' and"
        " billed_on between '2025-10-01' and '2025-10-31' and cost > 0 order by billing_id limit 1)",
    ) as tx:
        told = await _told(tx, site="KAS")
        sold = await _told(tx, site="KAS", against="earlier")
    assert any("without a planned quantity" in caveat for caveat in told.caveats)
    assert "cost of goods sold" in {str(row[0]).lower() for row in sold.tables[0].rows}


async def test_a_plant_without_a_plan_is_refused_alone_and_left_out_of_the_group(changed: Changed) -> None:
    """No plan is no plan of zero, whichever way it is asked."""
    async with changed(
        "delete from erp.ledger_line where site = 'KAS' and scenario = 'plan'",
        "delete from erp.ledger_period where site = 'KAS' and scenario = 'plan'",
    ) as tx:
        with pytest.raises(ToolError, match="no plan for these months"):
            await _told(tx, site="KAS", against="plan")
        told = await _told(tx, group=True, against="plan")
    assert "Kassel is left out: it has no plan for these months; that is not a plan of zero." in told.caveats
    assert "KAS" not in {row[0] for row in told.tables[2].rows}
    assert not any(caveat.startswith("Added up") and "Kassel" in caveat for caveat in told.caveats)


@pytest.mark.parametrize(
    ("column", "words"), [("average_rate", "no average rate"), ("plan_rate", "no plan rate")]
)
async def test_a_missing_rate_leaves_the_plant_out_and_says_so(
    changed: Changed, column: str, words: str
) -> None:
    """Its cost is neither nothing nor taken one to one; alone it is refused."""
    gone = f"update erp.fx_rate set {column} = null where site = 'MTY'"
    async with changed(gone) as tx:
        told = await _told(tx, group=True, against="plan")
        with pytest.raises(ToolError, match=f"Monterrey is left out: {words} from MXN to EUR"):
            await _told(tx, site="MTY", against="plan", currency="EUR")
    assert any(f"Monterrey is left out: {words}" in caveat for caveat in told.caveats)
    assert "MTY" not in {row[0] for row in told.tables[2].rows}


async def test_an_open_period_is_said_of_the_group_too(changed: Changed) -> None:
    """One open ledger makes the sum one that will change."""
    async with changed(
        "update erp.fiscal_period set status = 'open' where site = 'WRO' and period = '2025-10'"
    ) as tx:
        group = await _told(tx, group=True, against="plan")
        alone = await _told(tx, site="WRO")
    for told in (group, alone):
        assert "The period is not closed: later postings will change this." in told.caveats


@pytest.mark.parametrize("against", ["standard", "plan", "earlier"])
async def test_mixed_currencies_are_not_added_up(changed: Changed, against: str) -> None:
    """They are refused by name; asked for in one currency, each is converted at its own rate."""
    async with changed(
        "update erp.ledger_line set currency = 'USD' where site = 'KAS' and account_id in ('6200', '5300')"
        " and posted_on = '2025-10-31'",
        "delete from erp.ledger_period where site = 'KAS'",
        "insert into erp.ledger_period (company, site, source_system, source_key, load_id, month, account_id,"
        " cost_centre_id, scenario, amount, lines, currency) select company, site, source_system, 'sum',"
        " load_id, date_trunc('month', posted_on)::date, account_id, coalesce(cost_centre_id, ''), scenario,"
        " sum(amount), count(*), currency from erp.ledger_line where site = 'KAS'"
        " group by 1, 2, 3, 5, 6, 7, 8, 9, 12",
    ) as tx:
        with pytest.raises(ToolError, match="several currencies: EUR, USD"):
            await _told(tx, site="KAS", against=against)
        told = await _told(tx, site="KAS", against=against, currency="CAD")
    kept = {row[2] for row in told.tables[2].rows}
    assert kept == {"EUR", "USD"}


async def test_a_period_outside_the_ledger_is_refused_for_the_group(changed: Changed) -> None:
    """With the reason, by plant."""
    async with changed() as tx:
        with pytest.raises(ToolError, match="nothing was booked in these months"):
            await _told(tx, group=True, against="plan", period="2019-01")


_GROUPED = (
    "insert into erp.account_group (site, source_system, source_key, load_id, account_id, parent_id,"
    " valid_from, valid_to) select 'KAS', 'test', account_id, load_id, account_id, {then}, '2000-01-01',"
    " '2025-10-31' from erp.account where site = 'KAS' and account_id = '{account}'"
)


@pytest.mark.parametrize("currency", [None, "USD"])
async def test_an_account_that_changed_its_group_is_a_step_of_its_own(
    changed: Changed, currency: str | None
) -> None:
    """Energy came into operating expenses in November, travel belonged to them until then."""
    asked = {"site": "KAS", "period": "2025-11", "against": "earlier", "currency": currency}
    both = (
        _GROUPED.format(account="6200", then="'5000'"),
        "update erp.account set parent_id = '5000' where site = 'KAS' and account_id = '6600'",
        _GROUPED.format(account="6600", then="'6000'"),
    )
    async with changed(*both) as tx:
        told = await _told(tx, **asked, account="Operating expenses")
        energy = await _told(tx, **asked, account="Energy")
        travel = await _told(tx, **asked, account="Travel")
    steps = {str(row[0]): row for row in told.tables[0].rows}
    amounts = {name: Decimal(str(row[1])) for name, row in steps.items()}
    before = [
        next(figure.value for figure in each.figures if figure.label == "compared with")
        for each in (energy, travel)
    ]
    moved = amounts.pop("accounts that changed their group")
    assert abs(moved - (Decimal(before[0]) - Decimal(before[1]))) <= Decimal("0.02")
    assert "Travel" not in steps
    total = next(figure.value for figure in told.figures)
    assert abs(moved + sum(amounts.values(), Decimal(0))) == total
    events = {(row[1], row[2]) for row in told.tables[1].rows}
    assert {
        ("account moved into the group", "Energy"),
        ("account moved out of the group", "Travel"),
    } <= events


async def test_the_group_says_which_accounts_changed_theirs(changed: Changed) -> None:
    """The plant whose chart was changed, and no other."""
    async with changed(_GROUPED.format(account="6200", then="'5000'")) as tx:
        told = await _told(tx, group=True, period="2025-11", against="earlier", account="Operating expenses")
        plain = await _told(tx, group=True, period="2025-11", against="earlier")
    steps = {str(row[0]): Decimal(str(row[1])) for row in told.tables[0].rows}
    assert steps["accounts that changed their group"] > 0
    rows = {str(row[0]): row for row in told.tables[2].rows}
    amount = [column.name for column in told.tables[2].columns].index("amount")
    assert sum(steps.values(), Decimal(0)) == sum(
        (Decimal(str(row[amount])) for row in rows.values()), Decimal(0)
    )
    assert "accounts that changed their group" not in {row[0] for row in plain.tables[0].rows}
