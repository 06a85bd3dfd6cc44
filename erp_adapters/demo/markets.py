"""What moves outside the plants: exchange rates, and the price indices of the trades."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from math import exp
from random import Random

from erp_adapters.demo.plant import AS_OF_DAY, SEED, Plant, months

EURO_RATES = {
    "USD": (1.06, 1.10),
    "GBP": (0.84, 0.85),
    "PLN": (4.21, 4.25),
    "CZK": (25.1, 25.0),
    "CHF": (0.94, 0.95),
    "MXN": (21.3, 21.0),
    "CAD": (1.50, 1.52),
}
"""Units for one euro: where the rate starts, and the planned one."""
_CURRENCIES = {"US": "USD", "GB": "GBP", "PL": "PLN", "CZ": "CZK", "CH": "CHF", "MX": "MXN", "CA": "CAD"}
"""Of countries that do not pay in euro."""
_INDEX_BEGINS = date(2023, 10, 1)


@cache
def euro_walk(currency: str, first_day: date) -> dict[date, tuple[float, float]]:
    """Average and closing rate for one euro on each weekday; the same for all plants."""
    chance = Random(f"{SEED} rates {currency}")
    level, found, day = EURO_RATES[currency][0], {}, first_day
    while day <= AS_OF_DAY:
        if day.weekday() < 5:
            level *= exp(chance.gauss(0.0001, 0.0035))
            found[day] = (level * chance.uniform(0.998, 1.002), level)
        day += timedelta(days=1)
    return found


@cache
def _index(trade: str) -> dict[date, float]:
    chance = Random(f"{SEED} index {trade}")
    level, found = 1.0, {}
    for month in months(_INDEX_BEGINS, AS_OF_DAY):
        found[month] = level
        level *= exp(chance.gauss(0.001, 0.009))
    return found


def index_of(trade: str, day: date) -> float:
    """Price level of a trade in a month, against October 2023."""
    return _index(trade)[day.replace(day=1)]


def moved_against_plan(country: str, plant: Plant, day: date) -> float:
    """By how much goods of a country cost more in the plant's currency than the plan expects."""
    currency = _CURRENCIES.get(country, "EUR")
    if currency == plant.currency:
        return 1.0
    return _against_plan(plant.currency, plant.first_day, day) / _against_plan(currency, plant.first_day, day)


def _against_plan(currency: str, first_day: date, day: date) -> float:
    if currency == "EUR":
        return 1.0
    day = max(first_day, min(day, AS_OF_DAY))
    while day.weekday() > 4 and day > first_day:
        day -= timedelta(days=1)
    walk = euro_walk(currency, first_day)
    return walk[day][1] / EURO_RATES[currency][1] if day in walk else 1.0
