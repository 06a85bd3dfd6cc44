"""Netting against a day-by-day oracle: when a material falls short, what is pegged to what, what to move."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.engines.netting import STOCK, Advice, Demand, Message, Supply, advice, allocate, outlook

TODAY = date(2025, 6, 10)
# Other work on the machine is no reason to fail.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
_days = st.integers(min_value=-5, max_value=20).map(lambda days: TODAY + timedelta(days=days))
_amounts = st.integers(min_value=1, max_value=9).map(Decimal)


@st.composite
def _entries(draw: st.DrawFn) -> tuple[Decimal, list[Supply], list[Demand]]:
    supplies = [
        Supply(f"s{at}", due, quantity)
        for at, (due, quantity) in enumerate(draw(st.lists(st.tuples(_days, _amounts), max_size=7)))
    ]
    demands = [
        Demand(f"d{at}", due, quantity)
        for at, (due, quantity) in enumerate(draw(st.lists(st.tuples(_days, _amounts), max_size=7)))
    ]
    return Decimal(draw(st.integers(min_value=-3, max_value=12))), supplies, demands


def _balance(opening: Decimal, supplies: list[Supply], demands: list[Demand], day: date) -> Decimal:
    """The stock at the end of a day, said as plainly as can be."""
    return (
        opening
        + sum((one.quantity for one in supplies if max(one.due, TODAY) <= day), Decimal(0))
        - sum((one.quantity for one in demands if max(one.due, TODAY) <= day), Decimal(0))
    )


@_UNHURRIED
@given(_entries(), st.integers(min_value=0, max_value=25), st.integers(min_value=0, max_value=6))
def test_outlook_is_that_of_walking_through_the_days(
    entries: tuple[Decimal, list[Supply], list[Demand]], horizon: int, safety: int
) -> None:
    """First day short, how far, the worst day, the day below safety stock: as an oracle counts them."""
    opening, supplies, demands = entries
    days = [TODAY + timedelta(days=at) for at in range(horizon + 1)]
    balances = {day: _balance(opening, supplies, demands, day) for day in days}
    found = outlook(opening, supplies, demands, TODAY, days[-1], Decimal(safety))
    short = next((day for day in days if balances[day] < 0), None)
    assert (found.short.first if found.short else None) == short
    if found.short and short:
        assert found.short.missing == -balances[short]
        assert found.short.deepest == -min(balances.values())
        later = sorted((max(s.due, TODAY), s.key) for s in supplies if max(s.due, TODAY) > short)
        assert (found.short.next_receipt.key if found.short.next_receipt else None) == (
            later[0][1] if later else None
        )
        if found.short.next_receipt:
            day = found.short.next_receipt.due
            assert found.short.covers == (_balance(opening, supplies, demands, day) >= 0)
    low = next((day for day in days if balances[day] < safety), None)
    assert found.low_on == low
    assert low is None or found.low_by == safety - balances[low]
    assert found.closing == balances[days[-1]]


@_UNHURRIED
@given(_entries())
def test_pegged_quantities_add_up_on_both_sides(
    entries: tuple[Decimal, list[Supply], list[Demand]],
) -> None:
    """Nothing is given twice, and nothing is lost: pegs and what is left make each receipt and each need."""
    opening, supplies, demands = entries
    found = allocate(opening, supplies, demands, TODAY)
    given_away: dict[str, Decimal] = defaultdict(Decimal)
    covered: dict[str, Decimal] = defaultdict(Decimal)
    for peg in found.pegs:
        assert peg.quantity > 0
        given_away[peg.supply] += peg.quantity
        covered[peg.demand] += peg.quantity
    assert given_away[STOCK] + found.free[STOCK] == max(Decimal(0), opening)
    for supply in supplies:
        assert given_away[supply.key] + found.free[supply.key] == supply.quantity
    for demand in demands:
        assert covered[demand.key] + found.uncovered.get(demand.key, Decimal(0)) == demand.quantity
    assert not (any(found.uncovered.values()) and any(found.free.values()))


@_UNHURRIED
@given(_entries())
def test_the_earliest_need_takes_the_earliest_receipt(
    entries: tuple[Decimal, list[Supply], list[Demand]],
) -> None:
    """Along the demands in the order of dates, the receipts they take never go back in time."""
    opening, supplies, demands = entries
    found = allocate(opening, supplies, demands, TODAY)
    order = {one.key: at for at, one in enumerate(sorted(supplies, key=lambda s: (s.due, s.key)), start=1)}
    needs = {one.key: at for at, one in enumerate(sorted(demands, key=lambda d: (d.due, d.key)), start=1)}
    walked = [(needs.get(peg.demand, 0), order.get(peg.supply, 0)) for peg in found.pegs]
    assert walked == sorted(walked)


@_UNHURRIED
@given(_entries())
def test_a_plan_that_follows_the_advice_needs_none(
    entries: tuple[Decimal, list[Supply], list[Demand]],
) -> None:
    """Receipts moved to the day of need, those cancelled left out: nothing is left to say but to hurry."""
    opening, supplies, demands = entries
    told = {one.supply.key: one for one in advice(opening, supplies, demands, TODAY, tolerance=0)}
    # Named in the order of their dates, which decides among receipts of one day.
    moved = [
        Supply(f"{at}", (told[one.key].needed if one.key in told else None) or one.due, one.quantity)
        for at, one in enumerate(sorted(supplies, key=lambda supply: (supply.due, supply.key)))
        if one.key not in told or told[one.key].message is not Message.CANCEL
    ]
    assert advice(opening, moved, demands, TODAY, tolerance=0) == []


def _advice(
    opening: int, supplies: list[tuple[int, int]], demands: list[tuple[int, int]], **more: int
) -> list[Advice]:
    """Receipts and needs as days from today and quantities."""
    return advice(
        Decimal(opening),
        [Supply(f"s{n}", TODAY + timedelta(days=day), Decimal(q)) for n, (day, q) in enumerate(supplies)],
        [Demand(f"d{n}", TODAY + timedelta(days=day), Decimal(q)) for n, (day, q) in enumerate(demands)],
        TODAY,
        safety=Decimal(more.get("safety", 0)),
        tolerance=more.get("tolerance", 1),
    )


def test_each_message_says_what_it_is_for() -> None:
    """One case of each, with its day, its days and the need that it is for."""
    (late,) = _advice(0, [(20, 5)], [(10, 5)])
    assert (late.message, late.days, late.for_demand) == (Message.RESCHEDULE_IN, -10, "d0")
    (soon,) = _advice(0, [(20, 5)], [(3, 5)])
    assert soon.message is Message.EXPEDITE
    (early,) = _advice(0, [(3, 5)], [(10, 5)])
    assert (early.message, early.days) == (Message.RESCHEDULE_OUT, 7)
    (unneeded,) = _advice(9, [(3, 5)], [(10, 5)])
    assert (unneeded.message, unneeded.needed, unneeded.quantity) == (Message.CANCEL, None, Decimal(5))
    (passed,) = _advice(0, [(-4, 5)], [(15, 5)])
    assert passed.message is Message.OVERDUE
    (waited_for,) = _advice(0, [(-4, 5)], [(1, 5)])
    assert waited_for.message is Message.EXPEDITE


def test_within_the_tolerance_nothing_is_said() -> None:
    assert _advice(0, [(10, 5)], [(9, 5)], tolerance=1) == []
    assert len(_advice(0, [(10, 5)], [(8, 5)], tolerance=1)) == 1


def test_a_receipt_that_fills_the_safety_stock_is_left_alone() -> None:
    """Cancelling it would leave the plant below what it means to keep."""
    assert _advice(2, [(3, 5)], [], safety=6) == []
    assert [one.message for one in _advice(6, [(3, 5)], [], safety=6)] == [Message.CANCEL]
    assert [one.supply.key for one in _advice(2, [(3, 5), (4, 5)], [], safety=6)] == ["s1"]
