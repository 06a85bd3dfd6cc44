"""What lies in stock is what came last, and its layers add up to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tools.engines.layers import UNKNOWN, Layer, by_age, layers

TODAY = date(2026, 3, 31)


def layer(day: str | None, quantity: int) -> Layer:
    return Layer(date.fromisoformat(day) if day else None, Decimal(quantity))


RECEIPTS = [layer("2025-01-10", 50), layer("2026-03-20", 10), layer("2026-01-05", 30)]


@pytest.mark.parametrize(
    ("on_hand", "wanted"),
    [
        (0, []),
        (5, [("2026-03-20", 5)]),
        (25, [("2026-03-20", 10), ("2026-01-05", 15)]),
        (100, [("2026-03-20", 10), ("2026-01-05", 30), ("2025-01-10", 50), (None, 10)]),
        (-3, [(None, -3)]),
    ],
)
def test_the_latest_receipts_are_left(on_hand: int, wanted: list[tuple[str | None, int]]) -> None:
    found = layers(RECEIPTS, Decimal(on_hand))
    assert found == tuple(layer(day, quantity) for day, quantity in wanted)
    assert sum(each.quantity for each in found) == on_hand


def test_ages_fall_into_their_buckets() -> None:
    """A receipt of thirty days ago is young, of thirty-one not; what was always there is over a year old."""
    found = [
        layer("2026-03-01", 1),
        layer("2026-02-28", 2),
        layer("2025-03-31", 4),
        layer("2025-03-30", 8),
        layer(None, 16),
    ]
    wanted = {"0-30": 1, "31-90": 2, "181-365": 4, "over 365": 24}
    assert by_age(found, TODAY, date(2024, 1, 1)) == wanted


def test_what_was_there_before_short_records_is_of_unknown_age() -> None:
    assert by_age([layer(None, 5)], TODAY, date(2025, 12, 1)) == {UNKNOWN: 5}
