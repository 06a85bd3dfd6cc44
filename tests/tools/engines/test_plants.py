"""A whole plant: orders on its calendar, what comes too late, and what cannot be planned by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from eval.benchmarks.netting import measured
from tools.engines.lot_sizing import Size
from tools.engines.material_requirements import Calendar, Component, LotPolicy, PlantMaterial, plant_plan
from tools.engines.material_requirements.plants import (
    CircularBill,
    LotsContradict,
    NeedIsPast,
    NoCalendar,
    RequirementsInvalid,
)

_D = Decimal
MONDAY = date(2026, 3, 30)
WEEK = Calendar()
PUMP = PlantMaterial(
    is_made=True, lead=2, demand={date(2026, 5, 4): _D(10)}, components=(Component("SEAL", _D(2)),)
)
SEAL = PlantMaterial(lead=14, receipt_days=1, on_hand=_D(4))


def test_parts_are_needed_when_the_order_above_starts_and_ordered_a_lead_time_before() -> None:
    """Ten pumps for Monday 4 May start on Thursday; their seals are ordered fifteen calendar days before."""
    plan = plant_plan({"PUMP": PUMP, "SEAL": SEAL}, WEEK, MONDAY)
    (pump,), (seal,) = plan.of("PUMP"), plan.of("SEAL")
    assert (pump.release_on, pump.due_on, pump.quantity, pump.days_late) == (
        date(2026, 4, 30), date(2026, 5, 4), _D(10), 0,
    )  # fmt: skip
    assert (seal.due_on, seal.quantity) == (date(2026, 4, 30), _D(16))
    assert seal.release_on == date(2026, 4, 15)


def test_what_should_have_been_released_is_released_today_and_said_to_be_late() -> None:
    """Seals needed on Thursday take fifteen days: ordered today, they come on the 14th."""
    soon = replace(SEAL, on_hand=_D(0), demand={date(2026, 4, 2): _D(1)})
    (order,) = plant_plan({"SEAL": soon}, WEEK, MONDAY).orders
    assert (order.release_on, order.due_on, order.days_late) == (MONDAY, date(2026, 4, 2), 12)
    assert order.available_on == date(2026, 4, 14)


def test_a_holiday_moves_the_release_forward() -> None:
    closed = Calendar(closed=frozenset({date(2026, 5, 1)}))
    plan = plant_plan({"PUMP": PUMP, "SEAL": SEAL}, closed, MONDAY)
    assert plan.of("PUMP")[0].release_on == date(2026, 4, 29)


def test_scrap_is_taken_by_the_convention_of_the_site() -> None:
    """Five percent on ten pumps: 10.5 are started by the surcharge, 10.526316 by the yield."""
    lossy = {"PUMP": replace(PUMP, scrap_pct=_D(5)), "SEAL": replace(SEAL, on_hand=_D(0))}
    surcharge = plant_plan(lossy, WEEK, MONDAY)
    by_yield = plant_plan(lossy, WEEK, MONDAY, convention="yield")
    assert (surcharge.of("PUMP")[0].started, surcharge.of("SEAL")[0].quantity) == (_D("10.5"), _D(21))
    assert by_yield.of("PUMP")[0].started == _D("10.526316")
    assert by_yield.of("SEAL")[0].quantity == _D("21.052632")


def test_a_past_need_counts_as_todays_unless_that_is_refused() -> None:
    past = {"SEAL": replace(SEAL, on_hand=_D(0), demand={MONDAY - timedelta(days=9): _D(3)})}
    assert plant_plan(past, WEEK, MONDAY).orders[0].due_on == MONDAY
    with pytest.raises(NeedIsPast, match="'SEAL' is needed on 2026-03-21, before today"):
        plant_plan(past, WEEK, MONDAY, past=False)


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        (LotPolicy(size=Size(_D(20), _D(0), _D(10))), "maximum lot 10 is below the minimum lot 20"),
        (LotPolicy(size=Size(_D(5), _D(8), _D(7))), "no multiple of the rounding value 8"),
        (LotPolicy("fixed"), "no lot size is given"),
        (LotPolicy("min_max", reorder_at=_D(9), maximum=_D(3)), "below the reorder point 9"),
        (LotPolicy("periods", periods=0), "less than one period"),
        (LotPolicy(size=Size(_D(-1))), "below zero"),
    ],
)
def test_lot_rules_that_contradict_each_other_are_named(policy: LotPolicy, problem: str) -> None:
    with pytest.raises(LotsContradict, match=f"'SEAL' contradict each other: .*{problem}.*correct"):
        plant_plan({"SEAL": replace(SEAL, policy=policy)}, WEEK, MONDAY)


def test_a_circle_a_missing_calendar_and_a_missing_part_are_named() -> None:
    circle = {"PUMP": PUMP, "SEAL": replace(SEAL, components=(Component("PUMP", _D(1)),))}
    with pytest.raises(CircularBill, match=r"goes into itself: (PUMP > SEAL > PUMP|SEAL > PUMP > SEAL); end"):
        plant_plan(circle, WEEK, MONDAY)
    with pytest.raises(NoCalendar, match="load its work calendar"):
        plant_plan({"SEAL": SEAL}, None, MONDAY)
    with pytest.raises(NoCalendar):
        plant_plan({"SEAL": SEAL}, Calendar(weekdays=frozenset()), MONDAY)
    with pytest.raises(RequirementsInvalid, match="'PUMP' is made of 'SEAL', which has no material master"):
        plant_plan({"PUMP": PUMP}, WEEK, MONDAY)


def test_a_generated_enterprise_is_planned_without_a_stock_below_its_floor() -> None:
    """The benchmark in small: every stock of every day is walked through by a plain sum."""
    found = measured(plants=3, materials=60, weeks=10)
    assert found.wrong == ()
    assert found.orders > 180
