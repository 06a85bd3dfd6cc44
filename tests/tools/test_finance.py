"""Ledger lines add up to the figure behind which they stand."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import psycopg
import pytest
from pydantic import ValidationError

from erp_adapters.caller import Caller
from tests.tools.asking import Asking, column, number
from tests.tools.conftest import Select
from tests.tools.plant import BOTH
from tools.errors import ToolError
from tools.finance import ledger_lines

JANUARY = {"period_from": "2011-01", "period_to": "2011-01"}


async def test_the_total_is_over_all_lines_and_ties(aw: Asking, select: Select) -> None:
    result = await aw(
        ledger_lines,
        company="Central Division",
        account="Operating Expenses",
        period_from="2011-01",
        period_to="2011-03",
        limit=5,
    )
    lines, total = select(
        "with recursive a as (select account_id from erp.account where name = 'Operating Expenses' union all"
        " select c.account_id from erp.account c join a on c.parent_id = a.account_id)"
        " select count(*), sum(amount) from erp.ledger_line where company = '5' and scenario = 'actual'"
        " and account_id in (select account_id from a) and posted_on between '2011-01-01' and '2011-03-31'"
    )[0]
    assert number(result, "lines") == lines
    assert number(result, "total") == total
    assert len(result.tables[0].rows) == 5
    assert result.tables[0].truncated
    assert sum(column(result.tables[1], "amount")) == total
    assert result.evidence[0].flags == ()


async def test_a_company_without_a_budget_is_not_zero(aw: Asking) -> None:
    result = await aw(ledger_lines, company="France", account="Salaries", scenario="plan")
    assert [figure.label for figure in result.figures] == ["lines"]
    assert any("France has no plan lines on Salaries" in caveat for caveat in result.caveats)


async def test_a_period_without_lines_says_when_there_are_any(aw: Asking) -> None:
    result = await aw(
        ledger_lines, company="Central Division", account="Salaries", scenario="plan", period_from="2013-01"
    )
    assert "It has plan lines from 2010-12 to 2011-11." in result.caveats


async def test_several_currencies_are_not_added_up(aw: Asking) -> None:
    result = await aw(ledger_lines, company="North America Operations", account="Net Sales", **JANUARY)
    assert [figure.label for figure in result.figures] == ["lines"]
    assert set(column(result.tables[1], "currency")) == {"CAD", "USD"}
    assert any("count against the others" in caveat for caveat in result.caveats)


async def test_a_number_that_is_a_code_and_an_id_is_asked_back(aw: Asking) -> None:
    with pytest.raises(
        ToolError, match=r"Operating Expenses \(id 58, code 60\), Salaries \(id 60, code 6000\)"
    ):
        await aw(ledger_lines, company="Central Division", account="60")
    assert "Salaries" in (await aw(ledger_lines, company="Central Division", account="id:60")).reading


async def test_statistical_accounts_are_not_money(aw: Asking) -> None:
    result = await aw(ledger_lines, company="Central Division", account="Headcount", **JANUARY)
    assert result.figures[1].unit == ""
    assert "Statistical accounts hold counts, not money." in result.caveats


async def test_subsidiaries_are_taken_in_as_far_as_one_may_see_them(
    kassel: Asking, asking: Callable[[Caller], Asking]
) -> None:
    both = await asking(BOTH)(ledger_lines, company="Velo AG", account="Travel", site="KS")
    assert number(both, "total") == 157
    assert any("Velo Leasing" in caveat for caveat in both.caveats)
    own = await kassel(ledger_lines, company="Velo AG", account="Travel")
    assert number(own, "total") == 150


async def test_lines_that_do_not_tie_are_flagged(kassel: Asking, owner_dsn: str) -> None:
    change = "update erp.ledger_period set amount = amount + %s where site = 'KS' and month = '2025-02-01'"
    with psycopg.connect(owner_dsn) as owner:
        owner.execute(change, (Decimal(1),))
    try:
        result = await kassel(ledger_lines, company="Velo AG", account="Travel")
    finally:
        with psycopg.connect(owner_dsn) as owner:
            owner.execute(change, (Decimal(-1),))
    assert result.evidence[0].flags == ("Lines do not add up to the sums kept by month: Travel of Velo AG.",)


async def test_part_of_a_month(kassel: Asking) -> None:
    result = await kassel(
        ledger_lines, company="Velo AG", account="Travel", period_from="2025-01-16", period_to="2025-02"
    )
    assert number(result, "total") == 50


@pytest.mark.parametrize("period", ["2025-13", "2025-02-30", "Q1", "2025"])
async def test_a_period_that_is_none_is_refused(kassel: Asking, period: str) -> None:
    with pytest.raises(ValidationError):
        await kassel(ledger_lines, company="Velo AG", account="Travel", period_from=period)


async def test_periods_the_wrong_way_round_are_refused(kassel: Asking) -> None:
    with pytest.raises(ValidationError, match="lies after"):
        await kassel(ledger_lines, company="1", account="1", period_from="2025-03", period_to="2025-02")
