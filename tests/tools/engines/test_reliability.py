"""What receipts say of a supplier: what counts as on time, what is not judged yet, and the trend."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tools.engines.reliability import Receipt, reliability

TODAY = date(2026, 3, 31)


def receipt(due: str, late: int | None, received: int = 10, *, confirmed: str | None = None) -> Receipt:
    day = date.fromisoformat(due)
    came = None if late is None else day + timedelta(days=late)
    sure = date.fromisoformat(confirmed) if confirmed else None
    return Receipt(day, sure, came, Decimal(10), Decimal(received), Decimal(0))


def test_late_short_and_overdue_lines_are_not_on_time_and_in_full() -> None:
    """A line that is due later and has not come says nothing yet."""
    lines = [
        receipt("2026-01-01", 0),
        receipt("2026-01-02", 3),
        receipt("2026-01-03", -1, received=9),
        receipt("2026-01-04", None, received=0),
        receipt("2026-04-30", None, received=0),
    ]
    found = reliability(lines, TODAY)
    assert (found.receipts, found.overdue) == (3, 1)
    assert (found.on_time, found.in_full, found.both) == (Decimal(50), Decimal(50), Decimal(25))
    assert (found.mean_delay, found.median_delay) == (Decimal("0.67"), Decimal(0))
    assert found.few


def test_the_confirmed_date_counts_where_there_is_one() -> None:
    lines = [
        receipt("2026-01-01", 5, confirmed="2026-01-06"),
        receipt("2026-01-01", 5),
        receipt("2026-01-01", 5, confirmed="2026-01-02"),
    ]
    assert reliability(lines, TODAY).confirmed == Decimal(50)


def test_the_trend_is_of_two_half_years() -> None:
    """By due date, so that overdue lines belong to the half in which they were due."""
    lines = [
        receipt("2025-06-01", 0),
        receipt("2025-11-01", 4),
        receipt("2025-12-01", 0),
        receipt("2024-01-01", 9),
    ]
    found = reliability(lines, TODAY)
    assert (found.before, found.before_number) == (Decimal(100), 1)
    assert (found.recent, found.recent_number) == (Decimal(50), 2)


def test_a_change_of_level_has_its_day() -> None:
    start = date(2025, 1, 1)
    lines = [receipt((start + timedelta(days=10 * at)).isoformat(), 0 if at < 12 else 8) for at in range(24)]
    found = reliability(lines, TODAY)
    assert found.shifted is not None
    assert found.shifted_on == start + timedelta(days=128)
