"""Rates are those of the pair that a question names, in its direction."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agents.models.embedded.currency_pairs import of_one_day, paired, turned_round
from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.periods import period_of
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery
from tools.rates import ExchangeRate

CATALOGUE = packaged_catalogue()


def question(text: str, period: tuple[date, date] | None = None) -> Masked:
    spots = [
        Spot("CURRENCY", word, (ValueWord("currency", "currency", (word,), word),))
        if word.isupper()
        else Spot(word, word)
        for word in text.split()
    ]
    if period:
        spots.append(Spot("PERIOD", "then", period=period_of(*period)))
    return Masked(tuple(spots), "USD")


def rates(**test: Any) -> MetricQuery:
    where = [{"test": "value", "path": f"fx_rate.{name}", "values": [value]} for name, value in test.items()]
    return MetricQuery.model_validate(
        {"measures": [{"name": "n", "metric": "average_fx_rate"}], "where": where}
    )


@pytest.mark.parametrize(
    "planned",
    [rates(to_currency="USD"), rates(to_currency="GBP"), rates(from_currency="USD", to_currency="GBP")],
)
def test_the_rate_of_a_pair_is_that_of_the_other_currency(planned: MetricQuery) -> None:
    """What the currency of the books costs in itself is one, whoever asks."""
    assert paired(planned, question("highest USD to GBP rate"), CATALOGUE) == rates(to_currency="GBP")


@pytest.mark.parametrize(
    ("asked", "turned"),
    [
        ("highest GBP to USD rate", ("GBP", "to", "USD")),
        ("highest rate in USD per GBP", ("USD", "per", "GBP")),
        ("highest USD to GBP rate", ()),
        ("highest GBP per USD", ()),
        ("highest GBP rate", ()),
    ],
)
def test_the_other_direction_is_not_taken_for_this_one(asked: str, turned: tuple[str, ...]) -> None:
    """Rates are kept from one currency; the highest of them is the lowest of the inverse."""
    calls = (ToolCall("query_metrics", rates(to_currency="GBP")),)
    assert turned_round(calls, question(asked), CATALOGUE) == turned


def test_an_average_over_a_year_is_not_that_of_its_last_day() -> None:
    """The look-up knows single days."""
    call = ToolCall("exchange_rate", ExchangeRate(from_currency=None, to_currency="CAD", rate="average"))
    year, day = (date(2024, 1, 1), date(2024, 12, 31)), (date(2024, 3, 1), date(2024, 3, 1))
    assert of_one_day((call,), question("average USD to CAD rate", year))
    assert not of_one_day((call,), question("average USD to CAD rate", day))
