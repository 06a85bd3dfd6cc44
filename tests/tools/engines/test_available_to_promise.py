"""What can be promised: never more than there is when it is needed, and all of it."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tools.engines import available_to_promise as atp

_amounts = st.integers(0, 40).map(Decimal)
_periods = st.lists(st.tuples(_amounts, _amounts), min_size=1, max_size=9)


def _left(opening: Decimal, periods: list[tuple[Decimal, Decimal]]) -> list[Decimal]:
    """Stock at the end of each period."""
    found, stock = [], opening
    for received, booked in periods:
        stock += received - booked
        found.append(stock)
    return found


@given(st.integers(0, 40).map(Decimal), _periods)
def test_no_more_can_be_promised_than_every_later_period_can_spare(
    opening: Decimal, periods: list[tuple[Decimal, Decimal]]
) -> None:
    """Promise all of a period and no period runs shorter than before; promise one more and one does."""
    receipts, orders = [one for one, _ in periods], [one for _, one in periods]
    left = _left(opening, periods)
    for at, most in enumerate(atp.cumulative(opening, receipts, orders)):
        assert min(stock - most for stock in left[at:]) == 0


@given(st.integers(0, 40).map(Decimal), _periods)
def test_discrete_promises_add_up_to_what_is_left(
    opening: Decimal, periods: list[tuple[Decimal, Decimal]]
) -> None:
    """With look-ahead nothing is negative but the first; all promised together, nothing is left over."""
    receipts, orders = [one for one, _ in periods], [one for _, one in periods]
    for ahead in (True, False):
        found = atp.discrete(opening, receipts, orders, look_ahead=ahead)
        assert sum(found) == _left(opening, periods)[-1]
        assert all(amount == 0 for amount, made in zip(found[1:], receipts[1:], strict=True) if not made)
    found = atp.discrete(opening, receipts, orders)
    assert min(found[1:], default=Decimal(0)) >= 0
    if found[0] >= 0:
        promised = [(one, two + more) for (one, two), more in zip(periods, found, strict=True)]
        assert _left(opening, promised)[-1] == 0


@given(st.integers(0, 40).map(Decimal), _periods, st.integers(1, 30).map(Decimal), _amounts)
def test_a_master_schedule_keeps_the_safety_stock_with_as_few_lots_as_it_can(
    opening: Decimal, periods: list[tuple[Decimal, Decimal]], lot: Decimal, safety: Decimal
) -> None:
    """No period ends below it, and without its last lot a period with lots would."""
    needed = atp.counted([one for one, _ in periods], [one for _, one in periods])
    assert needed == tuple(max(pair) for pair in periods)
    found = atp.master_schedule(opening, needed, lot, safety)
    assert found.projected == atp.projected(opening, needed, found.receipts)
    for made, stock in zip(found.receipts, found.projected, strict=True):
        assert stock >= safety
        assert made % lot == 0
        assert made == 0 or stock - lot < safety


def test_orders_count_up_to_the_fence_and_the_larger_after_it() -> None:
    """Each way to count what a period needs."""
    forecast, orders = [Decimal(30), Decimal(30)], [Decimal(10), Decimal(35)]
    assert atp.counted(forecast, orders, "orders_inside_fence", 1) == (10, 35)
    assert atp.counted(forecast, orders, "orders") == (10, 35)
    assert atp.counted(forecast, orders, "forecast") == (30, 30)
    assert atp.counted(forecast, orders) == (30, 35)
