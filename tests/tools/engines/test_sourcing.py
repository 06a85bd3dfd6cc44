"""Sources, quantities, prices and days are chosen by rules that hold for every combination of terms."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tools.engines.sourcing import (
    MOST_LINES,
    Contract,
    Lots,
    Need,
    Offer,
    Quota,
    Step,
    Unsourceable,
    converted,
    inverse,
    last_working,
    next_working,
    sizing,
    source,
)

_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TODAY = date(2026, 3, 31)
AMOUNT = st.decimals("0.001", "100000", places=3)
STEP = st.sampled_from([Decimal(x) for x in ("1", "5", "0.25", "12", "100", "7.5")])
NORVEXA = Offer("7007", "Norvexa", Decimal(18), Decimal("3.24"), Decimal("3.32"), "EUR", is_preferred=True)
KUGELIN = Offer("7008", "Kugelin", Decimal(9), Decimal("3.30"), None, "EUR")


def need(quantity: str = "500", on: date = date(2026, 6, 8)) -> Need:
    return Need(Decimal(quantity), "PC", on, TODAY)


# ── how much ──────────────────────────────────────────────────────────────────────────────────────────────
@_UNHURRIED
@given(
    AMOUNT, st.none() | AMOUNT, st.none() | STEP, st.none() | AMOUNT, st.none() | AMOUNT, st.none() | AMOUNT
)
def test_a_lot_is_never_below_what_was_asked_and_keeps_every_rule(
    asked: Decimal,
    minimum: Decimal | None,
    rounding: Decimal | None,
    maximum: Decimal | None,
    offered_minimum: Decimal | None,
    offered_maximum: Decimal | None,
) -> None:
    """Enough in all; each line a multiple of the rounding value, none below minimum or above maximum."""
    offer = Offer("1", "Any", minimum=offered_minimum, maximum=offered_maximum)
    try:
        sized = sizing(asked, "PC", Lots(minimum, rounding, maximum), offer)
    except Unsourceable:
        assert maximum is not None or offered_maximum is not None
        return
    assert sized.total >= asked
    assert 1 <= len(sized.quantities) <= MOST_LINES
    for line in sized.quantities:
        assert line > 0
        assert rounding is None or line % rounding == 0
        assert line >= max(minimum or 0, offered_minimum or 0)
        assert all(line <= most for most in (maximum, offered_maximum) if most is not None)


@_UNHURRIED
@given(AMOUNT, STEP, st.none() | AMOUNT)
def test_a_lot_is_no_larger_than_the_rules_make_it(
    asked: Decimal, rounding: Decimal, minimum: Decimal | None
) -> None:
    """Rounding adds less than one step to the larger of what was asked and the minimum."""
    total = sizing(asked, "PC", Lots(minimum, rounding)).total
    assert total - max(asked, minimum or Decimal(0)) < rounding


@_UNHURRIED
@given(AMOUNT, AMOUNT)
def test_without_rules_the_quantity_is_what_was_asked(asked: Decimal, other: Decimal) -> None:
    """Nothing is added where nothing says so, and more asked never gives less."""
    assert sizing(asked, "PC", Lots()).quantities == (asked,)
    low, high = sorted((asked, other))
    rules = Lots(Decimal(20), Decimal(5))
    assert sizing(low, "PC", rules).total <= sizing(high, "PC", rules).total


def test_what_is_above_the_maximum_is_split_and_said() -> None:
    """7,000 with at most 5,000 at once are two lines; the rest is raised to the minimum."""
    sized = sizing(Decimal(7000), "PC", Lots(Decimal(50), Decimal(5), Decimal(5000)))
    assert sized.quantities == (5000, 2000)
    assert sized.why == ("Split into 2 lines: at most 5,000 PC may be ordered at once.",)
    assert sizing(Decimal(5010), "PC", Lots(Decimal(50), Decimal(5), Decimal(5000))).quantities == (5000, 50)


@pytest.mark.parametrize(
    ("lots", "asked", "says"),
    [
        (Lots(Decimal(100), None, Decimal(50)), "10", "below the minimum of 100 PC"),
        (Lots(None, Decimal(100), Decimal(50)), "10", "in steps of 100"),
        (Lots(None, None, Decimal(1)), "51", "ask for at most 50 PC"),
        (Lots(None, None, Decimal("0.000001")), "99999999999999", "a requisition takes 50"),
    ],
)
def test_rules_that_contradict_are_named(lots: Lots, asked: str, says: str) -> None:
    """Nothing is ordered by rules that cannot all hold."""
    with pytest.raises(Unsourceable, match=says):
        sizing(Decimal(asked), "PC", lots)


@_UNHURRIED
@given(AMOUNT, st.decimals("0.000001", "10000", places=6))
def test_a_conversion_loses_nothing(asked: Decimal, factor: Decimal) -> None:
    """The result is exact, or a millionth above it at most."""
    got = converted(asked, factor)
    assert Decimal(0) <= got - asked * factor < Decimal("0.000001")
    back = inverse(factor)
    assert back * factor >= 1
    assert back - 1 / factor < Decimal("0.000001")


# ── where ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_quota_decides_by_share_against_what_was_ordered() -> None:
    """Of 60 to 40 whoever got less of its share is next; the sentence says so."""
    quotas = (
        Quota("7007", Decimal(60), Decimal(700), "4001/7007"),
        Quota("7008", Decimal(40), Decimal(300), "4001/7008"),
    )
    chosen = source(need(), (NORVEXA, KUGELIN), quotas=quotas)
    assert (chosen.offer, chosen.chosen_by, chosen.reference) == (KUGELIN, "quota", "4001/7008")
    assert "its quota is 40 % and it got 30 % of the 1,000 PC" in chosen.why[0]


@_UNHURRIED
@given(st.lists(st.tuples(st.integers(1, 99), st.integers(0, 10_000)), min_size=1, max_size=4))
def test_quotas_even_out(terms: list[tuple[int, int]]) -> None:
    """The source is never one that already has more against its share than another."""
    offers = tuple(Offer(f"{at}", f"S{at}") for at in range(len(terms)))
    quotas = tuple(Quota(f"{at}", Decimal(s), Decimal(o)) for at, (s, o) in enumerate(terms))
    chosen = source(need(), offers, quotas=quotas)
    ratio = {one.supplier: one.ordered / one.share for one in quotas}
    assert ratio[chosen.offer.supplier] == min(ratio.values())


def test_a_contract_comes_before_a_cheaper_info_record() -> None:
    """Valid on the day with enough open; otherwise it neither chooses nor prices."""
    contract = Contract(
        "C1", "7008", Decimal("3.10"), "EUR", date(2025, 1, 1), date(2026, 12, 31), Decimal(500)
    )
    chosen = source(need(), (NORVEXA, KUGELIN), contracts=(contract,))
    assert (chosen.offer, chosen.chosen_by, chosen.reference) == (KUGELIN, "contract", "C1")
    assert (chosen.priced.price, chosen.priced.source) == (Decimal("3.10"), "contract")
    for other in (
        Contract("C1", "7008", Decimal("3.10"), "EUR", None, TODAY - timedelta(days=1), None),
        Contract("C1", "7008", Decimal("3.10"), "EUR", TODAY + timedelta(days=1), None, None),
        Contract("C1", "7008", Decimal("3.10"), "EUR", None, None, Decimal(499)),
    ):
        left = source(need(), (NORVEXA, KUGELIN), contracts=(other,))
        assert (left.offer, left.chosen_by, left.priced.source) == (NORVEXA, "preferred", "info_record")


def test_who_was_asked_for_comes_first_and_has_to_offer_it() -> None:
    """The person's own choice beats quota and price; one without terms is refused, with those who have."""
    quotas = (Quota("7007", Decimal(100), Decimal(0)),)
    assert source(need(), (NORVEXA, KUGELIN), quotas=quotas, asked_for="7008").chosen_by == "asked_for"
    with pytest.raises(Unsourceable, match=r"no info record for it; these have: Norvexa, Kugelin"):
        source(need(), (NORVEXA, KUGELIN), asked_for="9999")
    gone = Offer("7025", "Ferrovance", price=Decimal(1), currency="EUR", is_active=False)
    with pytest.raises(Unsourceable, match=r"Ferrovance is no longer active; valid would be Norvexa"):
        source(need(), (NORVEXA, gone), asked_for="7025")


def test_nobody_to_buy_from_is_said_with_the_reason() -> None:
    """No info record at all, and none that can be used."""
    with pytest.raises(Unsourceable, match="no supplier has an info record"):
        source(need(), ())
    old = Offer("1", "Old", valid_to=date(2025, 12, 31))
    gone = Offer("2", "Gone", is_active=False)
    with pytest.raises(Unsourceable, match=r"Old \(not valid on 2026-03-31\), Gone \(is no longer active\)"):
        source(need(), (old, gone))


# ── at what price, and by when ────────────────────────────────────────────────────────────────────────────
def test_the_price_follows_contract_scale_info_record_and_last_price() -> None:
    """Each next source only where the one before has none; the scale is the one that the quantity reaches."""
    steps = tuple(
        Step("7007", Decimal(at), Decimal(price), "EUR")
        for at, price in ((1, "3.24"), (200, "3.14"), (800, "3.04"))
    )
    reached = source(need(), (NORVEXA,), steps=steps).priced
    assert (reached.price, reached.source, reached.scale_from) == (Decimal("3.14"), "price_scale", 200)
    assert source(need("0.5"), (NORVEXA,), steps=steps).priced.source == "info_record"
    last = Offer("1", "Once", last_price=Decimal("2.50"), currency="EUR")
    assert source(need(), (last,)).priced.source == "last_price"
    none = source(need(), (Offer("1", "Silent"),)).priced
    assert (none.price, none.source) == (None, "none")


@_UNHURRIED
@given(st.integers(0, 120), st.sets(st.integers(0, 200), max_size=60))
def test_the_feasible_day_is_worked_and_not_before_the_lead_time(lead: int, closed: set[int]) -> None:
    """The first working day from today plus the lead time on."""
    free = {TODAY + timedelta(days=at) for at in closed}
    offer = Offer("1", "Any", Decimal(lead))
    chosen = source(need(), (offer,), is_working=lambda day: day not in free)
    assert chosen.feasible_on is not None
    assert chosen.feasible_on not in free
    assert chosen.feasible_on >= TODAY + timedelta(days=lead)
    between = (chosen.feasible_on - TODAY).days - lead
    assert all(TODAY + timedelta(days=lead + at) in free for at in range(between))


def test_too_late_a_delivery_is_said() -> None:
    """Whoever confirms reads that the day cannot be met."""
    chosen = source(need(on=date(2026, 4, 10)), (NORVEXA,))
    assert chosen.feasible_on == date(2026, 4, 20)
    assert "on 2026-04-20 at the earliest, after the day of need" in chosen.why[-1]
    assert "no lead time" in source(need(), (Offer("1", "Any"),)).why[-1]


@_UNHURRIED
@given(st.dates(date(2026, 1, 1), date(2026, 12, 1)))
def test_working_days_lie_on_either_side(day: date) -> None:
    """The next is not before, the last is not after, and both are worked."""

    def worked(one: date) -> bool:
        return one.weekday() < 5

    after, before = next_working(day, worked), last_working(day, worked)
    assume(after is not None and before is not None)
    assert after is not None
    assert before is not None
    assert before <= day <= after
    assert worked(before)
    assert worked(after)
    assert next_working(day, lambda one: False) is None
