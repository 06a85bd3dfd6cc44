"""The made-up rows of both plants, without a database."""

from __future__ import annotations

import pytest

from erp_adapters.demo.book import Book
from erp_adapters.demo.enterprise import history_of
from erp_adapters.demo.plant import PLANTS


@pytest.fixture(scope="session")
def books() -> tuple[Book, ...]:
    """Every row of every plant."""
    return tuple(history_of(plant) for plant in PLANTS)


@pytest.fixture(params=range(len(PLANTS)), ids=[plant.name for plant in PLANTS])
def book(request: pytest.FixtureRequest, books: tuple[Book, ...]) -> Book:
    """One plant's rows; a test that asks for it runs for each plant."""
    number = request.param
    assert isinstance(number, int)
    return books[number]
