"""What plants give each other, against every allocation there is."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import product

from tools.engines.plant_balance import Lack, Move, Spare, Way, balanced

_D = Decimal


def _every(
    lacks: list[Lack], spares: list[Spare], ways: dict[tuple[str, str], Way]
) -> tuple[Decimal, Decimal, Decimal]:
    """Most covered, fewest unit-days late, least cost, by trying all whole allocations."""
    pairs = list(ways)
    best = (_D(0), _D(0), _D(0))
    most = {pair: int(min(s.quantity for s in spares if s.site == pair[0])) for pair in pairs}
    for amounts in product(*(range(most[pair] + 1) for pair in pairs)):
        gives = {s.site: _D(0) for s in spares}
        gets = {one.site: _D(0) for one in lacks}
        for (sender, receiver), amount in zip(pairs, amounts, strict=True):
            gives[sender] += amount
            gets[receiver] += amount
        if any(gives[s.site] > s.quantity for s in spares):
            continue
        if any(gets[one.site] > one.quantity for one in lacks):
            continue
        late = sum((ways[p].days_late * _D(a) for p, a in zip(pairs, amounts, strict=True)), _D(0))
        cost = sum((ways[p].cost * a for p, a in zip(pairs, amounts, strict=True)), _D(0))
        best = max(best, (sum(gets.values(), _D(0)), -late, -cost))
    return best


def _worth(moves: tuple[Move, ...], ways: dict[tuple[str, str], Way]) -> tuple[Decimal, Decimal, Decimal]:
    late = sum((ways[m.from_site, m.to_site].days_late * m.quantity for m in moves), _D(0))
    cost = sum((ways[m.from_site, m.to_site].cost * m.quantity for m in moves), _D(0))
    return sum((m.quantity for m in moves), _D(0)), -late, -cost


def test_no_other_allocation_covers_more_or_as_much_for_less() -> None:
    """Sixty small cases, each against all whole allocations."""
    chance = random.Random("balance")
    for _ in range(60):
        lacks = [Lack(site, _D(chance.randint(1, 4))) for site in ("A", "B")]
        spares = [Spare(site, _D(chance.randint(1, 4))) for site in ("X", "Y")]
        ways = {
            (s.site, one.site): Way(chance.choice((0, 0, 3)), _D(chance.randint(-3, 9)))
            for s in spares
            for one in lacks
            if chance.random() < 0.85
        }
        assert _worth(balanced(lacks, spares, ways), ways) == _every(lacks, spares, ways)


def test_an_earlier_gift_is_taken_back_where_that_covers_more() -> None:
    """X is cheapest for A, but B can only be covered by X."""
    ways = {("X", "A"): Way(cost=_D(1)), ("Y", "A"): Way(cost=_D(5)), ("X", "B"): Way(cost=_D(9))}
    moves = balanced([Lack("A", _D(3)), Lack("B", _D(3))], [Spare("X", _D(3)), Spare("Y", _D(3))], ways)
    assert moves == (Move("X", "B", _D(3)), Move("Y", "A", _D(3)))


def test_nothing_is_moved_where_nothing_is_lacking_or_nobody_has_any() -> None:
    assert balanced([], [Spare("X", _D(3))], {}) == ()
    assert balanced([Lack("A", _D(3))], [], {}) == ()
