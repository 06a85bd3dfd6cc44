"""A rate is of the day that is named, and inverse or crossed rates are called that."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.tools.asking import Asking, cell, day, number
from tests.tools.conftest import Select
from tools.errors import ToolError
from tools.rates import exchange_rate


def rate(select: Select, currency: str, on: str, kind: str = "closing") -> Decimal:
    found = select(
        f"select {kind}_rate from erp.fx_rate where from_currency = 'USD' and to_currency = '{currency}'"
        f" and valid_on = '{on}'"
    )[0][0]
    assert isinstance(found, Decimal)
    return found


@pytest.mark.parametrize("kind", ["average", "closing"])
async def test_a_rate_on_a_day(aw: Asking, select: Select, kind: str) -> None:
    result = await aw(exchange_rate, from_currency="USD", to_currency="euro", on="2023-12-31", rate=kind)
    assert number(result, "rate") == rate(select, "EUR", "2023-12-31", kind)
    assert result.caveats == ()


async def test_an_amount_is_converted(aw: Asking, select: Select) -> None:
    result = await aw(
        exchange_rate,
        from_currency="US dollar",
        to_currency="Canadian dollars",
        on="2024-06-03",
        amount=10000,
    )
    assert number(result, "converted amount") == 10000 * rate(select, "CAD", "2024-06-03")


async def test_the_latest_day_on_file(aw: Asking) -> None:
    result = await aw(exchange_rate, from_currency="dollar", to_currency="EUR")
    assert cell(result.tables[0], 0, "valid_on") == day("2025-05-30")


async def test_an_inverse_is_said(aw: Asking, select: Select) -> None:
    result = await aw(exchange_rate, from_currency="EUR", to_currency="USD", on="2024-06-03")
    assert abs(number(result, "rate") * rate(select, "EUR", "2024-06-03") - 1) < Decimal("1e-9")
    assert any("inverse" in caveat for caveat in result.caveats)


async def test_a_cross_is_said_and_of_one_day(aw: Asking, select: Select) -> None:
    result = await aw(exchange_rate, from_currency="yen", to_currency="pound", on="2024-06-03")
    expected = rate(select, "GBP", "2024-06-03") / rate(select, "JPY", "2024-06-03")
    assert abs(number(result, "rate") - expected) < Decimal("1e-9")
    assert any("crossed through USD" in caveat for caveat in result.caveats)
    old = await aw(exchange_rate, from_currency="DEM", to_currency="EUR")
    assert cell(old.tables[0], 0, "valid_on") == day("2022-11-29")


async def test_a_day_without_a_rate_names_the_one_taken(aw: Asking) -> None:
    result = await aw(exchange_rate, from_currency="USD", to_currency="DEM", on="2024-08-03")
    assert any(
        "nearest earlier one, of 2022-11-29" in caveat and "old" in caveat for caveat in result.caveats
    )


@pytest.mark.parametrize(
    ("source", "target", "on", "says"),
    [
        ("USD", "CHF", None, r"no exchange rate is on file for Swiss Franc \(CHF\)"),
        ("peso", "USD", None, "several currencies: Argentine Peso"),
        ("USD", "doubloon", None, "no currency with a rate is called 'doubloon'"),
        ("USD", "GBP", "2020-01-01", "on or before 2020-01-01; the first is a later one"),
    ],
)
async def test_what_cannot_be_converted_is_named(
    aw: Asking, source: str, target: str, on: str | None, says: str
) -> None:
    with pytest.raises(ToolError, match=says):
        await aw(exchange_rate, from_currency=source, to_currency=target, on=on)


async def test_a_currency_in_itself_is_one(aw: Asking) -> None:
    assert number(await aw(exchange_rate, from_currency="USD", to_currency="USD"), "rate") == 1


async def test_a_site_without_rates_says_so(kassel: Asking) -> None:
    with pytest.raises(ToolError, match="no exchange rates are on file at KS"):
        await kassel(exchange_rate, from_currency="USD", to_currency="EUR")
