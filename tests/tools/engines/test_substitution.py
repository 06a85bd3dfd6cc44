"""What may stand in is allowed, valid, there and not spoken for; nothing else ever is."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.engines.substitution import Judged, Pair, Spare, Standing, judged

DAY = date(2026, 6, 8)
GOOD = Pair("B", Decimal(2), date(2025, 1, 1))
THERE = Standing((Spare(DAY - timedelta(days=60), Decimal(30)), Spare(DAY, Decimal(70))))

_numbers = st.decimals(0, 10_000, places=3)
_days = st.dates(DAY - timedelta(days=3), DAY + timedelta(days=3))
_pairs = st.builds(
    Pair,
    st.sampled_from("ABCDE"),
    st.decimals("-1", 5, places=3),
    _days,
    st.none() | _days,
    st.booleans(),
    st.booleans(),
)
_standings = st.dictionaries(
    st.sampled_from("ABCD"),
    st.builds(
        Standing,
        st.lists(st.builds(Spare, _days, _numbers), max_size=3).map(tuple),
        st.booleans(),
        st.booleans(),
        st.none() | _days,
    ),
)


def only(pair: Pair, standing: Standing | None, need: int = 0) -> Judged:
    """The one verdict on a pair."""
    (found,) = judged("A", Decimal(need), [pair], {} if standing is None else {"B": standing}, DAY)
    return found


@given(st.lists(_pairs, max_size=8), _standings, _numbers)
def test_nothing_stands_in_that_may_not(
    pairs: list[Pair], standings: dict[str, Standing], need: Decimal
) -> None:
    """Never the material itself, a blocked, ended, unknown, discontinued, held, short or spoken-for one."""
    found = judged("A", need, pairs, standings, DAY)
    names = [one.pair.replaced_by for one in found]
    assert sorted(names) == sorted({pair.replaced_by for pair in pairs})
    for one in found:
        assert one.pair in pairs
        if one.hindrance is not None:
            continue
        pair, standing = one.pair, standings[one.pair.replaced_by]
        assert pair.replaced_by != "A"
        assert not any((pair.is_blocked, standing.is_on_hold, standing.is_short))
        assert pair.valid_from <= DAY
        assert pair.valid_to is None or pair.valid_to >= DAY
        assert standing.discontinued_on is None or standing.discontinued_on > DAY
        assert one.covers > 0
        assert one.covers * pair.ratio <= one.free == standing.free
        assert one.enough_on in {each.on for each in standing.spare}
    ranks = [(not one.is_allowed, one.hindrance is not None, one.pair.needs_approval) for one in found]
    assert ranks == sorted(ranks)


@given(st.lists(_pairs, max_size=8), _standings, st.randoms())
def test_the_order_of_the_rows_does_not_matter(
    pairs: list[Pair], standings: dict[str, Standing], chance: random.Random
) -> None:
    """Two rows of one validity are one key in the store; all others give the same verdicts however read."""
    once = list({(pair.replaced_by, pair.valid_from): pair for pair in pairs}.values())
    again = list(once)
    chance.shuffle(again)
    zero = Decimal(0)
    assert judged("A", zero, once, standings, DAY) == judged("A", zero, again, standings, DAY)


@pytest.mark.parametrize(
    ("pair", "standing", "hindrance"),
    [
        (GOOD, THERE, None),
        (replace(GOOD, is_blocked=True), THERE, "turned_down"),
        (replace(GOOD, valid_from=DAY + timedelta(days=1)), THERE, "not_yet"),
        (replace(GOOD, valid_to=DAY - timedelta(days=1)), THERE, "no_longer"),
        (replace(GOOD, valid_to=DAY), THERE, None),
        (GOOD, None, "unknown"),
        (GOOD, replace(THERE, discontinued_on=DAY), "discontinued"),
        (GOOD, replace(THERE, is_on_hold=True), "on_hold"),
        (GOOD, replace(THERE, is_short=True), "short"),
        (GOOD, replace(THERE, spare=()), "none_free"),
        (replace(GOOD, ratio=Decimal(0)), THERE, "none_free"),
    ],
)
def test_each_hindrance_has_its_name(pair: Pair, standing: Standing | None, hindrance: str | None) -> None:
    """The first that holds is told."""
    assert only(pair, standing).hindrance == hindrance


def test_the_ratio_turns_stock_into_need() -> None:
    """100 are free at 2 for 1: they stand in for 50; 15 are there at once, 16 on the day of the receipt."""
    assert only(GOOD, THERE).covers == 50
    assert only(GOOD, THERE, 15).enough_on == DAY - timedelta(days=60)
    assert only(GOOD, THERE, 16).enough_on == DAY
    assert only(GOOD, THERE, 400).enough_on == DAY


def test_what_holds_on_the_day_comes_before_what_is_later() -> None:
    """A released pair that gives way to a blocked one next month still counts today."""
    later = replace(GOOD, valid_from=DAY + timedelta(days=30), is_blocked=True)
    (found,) = judged("A", Decimal(0), [later, GOOD], {"B": THERE}, DAY)
    assert (found.pair, found.hindrance) == (GOOD, None)
