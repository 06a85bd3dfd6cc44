"""The made-up rows of the small plants, without a database."""

from __future__ import annotations

import pytest

from erp_adapters.demo.book import Book
from erp_adapters.demo.enterprise import history_of
from erp_adapters.demo.plants import plants_of
from erp_adapters.demo.products import FIRST_PLANTS

PLANTS = plants_of("small")
NAMES = [plant.name for plant in PLANTS]


@pytest.fixture(scope="session")
def books() -> tuple[Book, ...]:
    """Every row of every plant."""
    return tuple(history_of(plant) for plant in PLANTS)


@pytest.fixture(params=range(len(PLANTS)), ids=NAMES)
def book(request: pytest.FixtureRequest, books: tuple[Book, ...]) -> Book:
    """One plant's rows; a test that asks for it runs for each plant."""
    number = request.param
    assert isinstance(number, int)
    return books[number]


@pytest.fixture(params=range(len(FIRST_PLANTS)), ids=NAMES[: len(FIRST_PLANTS)])
def long_book(request: pytest.FixtureRequest, books: tuple[Book, ...]) -> Book:
    """The rows of a plant that has its whole history in the small enterprise too."""
    number = request.param
    assert isinstance(number, int)
    return books[number]
