"""Schedules against all schedules of small shops, published optima, and an independent look."""

from __future__ import annotations

import json
import sys
from itertools import permutations, product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tools.engines.scheduling.shops import random_shop
from tools.engines.scheduling import fjsp_text
from tools.engines.scheduling.bounds import lower_bound
from tools.engines.scheduling.dispatching import quickly
from tools.engines.scheduling.shop import Shop, makespan
from tools.engines.scheduling.solving import PlanningNotInstalled, Progress, solve
from tools.engines.scheduling.violations import violations

INSTANCES = Path(__file__).resolve().parents[5] / "shared" / "data" / "fjsp"
_FEW = settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])


def _shortest(shop: Shop) -> int:
    """The end of the best of all schedules: every choice of machines, every order of operations."""
    steps = [at for at, job in enumerate(shop.jobs) for _ in job.operations]
    best = 10**9
    orders = set(permutations(steps))
    for chosen in product(*(step.choices for job in shop.jobs for step in job.operations)):
        durations = iter(chosen)
        choice = {
            (at, number): next(durations)
            for at, job in enumerate(shop.jobs)
            for number in range(len(job.operations))
        }
        for order in orders:
            ready, free, following = [0] * len(shop.jobs), [0] * len(shop.machines), [0] * len(shop.jobs)
            for job in order:
                of = choice[job, following[job]]
                end = max(ready[job], free[of.machine]) + of.duration
                ready[job] = free[of.machine] = end
                following[job] += 1
            best = min(best, max(ready))
    return best


@_FEW
@given(st.integers(0, 10_000))
def test_small_shops_are_solved_to_the_optimum(seed: int) -> None:
    """The end is that of the best of all schedules, and the lower bound is not above it."""
    shop = random_shop(seed, 3, 2, 2)
    found = solve(shop, 20, workers=1)
    assert found.status == "OPTIMAL"
    assert found.value == found.bound == makespan(found.slots) == _shortest(shop)
    assert lower_bound(shop) <= found.value
    assert violations(shop, found.slots) == []


@_FEW
@given(st.integers(0, 10_000))
def test_schedules_keep_to_calendars_lags_crews_and_set_ups(seed: int) -> None:
    """An independent look finds nothing wrong, with the schedule at once and with the solver's."""
    shop = random_shop(seed, 3, 3, 3, rich=True)
    first = quickly(shop, 0)
    found = solve(shop, 0.5, workers=1)
    assert violations(shop, first) == []
    assert violations(shop, found.slots) == []
    assert found.bound <= found.value <= makespan(first)


def test_the_independent_look_sees_what_is_wrong() -> None:
    """Each rule that a schedule can break is named when it is broken."""
    from dataclasses import replace

    shop = random_shop(3, 3, 3, 2, rich=True)
    good = solve(shop, 3, workers=1).slots
    seen = set()
    for at, slot in enumerate(good):
        for changed in (
            replace(slot, start=0, end=slot.end - slot.start),
            replace(slot, end=slot.end + 1),
            replace(slot, machine=1 - slot.machine),
            replace(slot, start=6, end=6 + slot.end - slot.start),
            replace(slot, start=3, end=3 + slot.end - slot.start),
        ):
            if changed != slot:
                seen |= {
                    " ".join(one.split()[4:6])
                    for one in violations(shop, [*good[:at], changed, *good[at + 1 :]])
                }
    assert len(seen) >= 4
    assert violations(shop, good[1:]) == ["job 1 operation 1 is not scheduled"]
    assert violations(shop, [*good, good[0]]) == ["an operation is scheduled twice"]


def test_one_worker_and_a_seed_give_the_same_schedule() -> None:
    """What is computed twice is the same, where the time was enough."""
    shop = random_shop(11, 6, 4, 3)
    one, other = (solve(shop, 60, workers=1, seed=4) for _ in range(2))
    assert one.status == "OPTIMAL"
    assert one.slots == other.slots


def test_a_solver_that_finds_nothing_in_time_leaves_the_first_schedule() -> None:
    """There is always an answer, with what is known of a bound; whoever watches may end it."""
    shop = random_shop(5, 20, 12, 6, longest=40)
    told: list[Progress] = []
    found = solve(shop, 0.1, workers=1)
    assert violations(shop, found.slots) == []
    assert found.status in ("FEASIBLE", "OPTIMAL")
    assert 0 <= found.gap < 1
    stopped = solve(shop, 60, workers=2, watch=lambda progress: told.append(progress) or False)
    assert stopped.seconds < 50
    assert len(told) <= 2


@pytest.mark.skipif(not INSTANCES.is_dir(), reason="../shared/data is not there")
@pytest.mark.parametrize("name", ["mk01", "mk03", "mk08", "k1", "k2", "k3"])
def test_published_instances_come_out_at_their_optimum(name: str) -> None:
    """Those that are proven at once; the others are measured by the benchmark."""
    (best,) = (one for one in json.loads((INSTANCES / "best_known.json").read_text()) if one["name"] == name)
    shop = fjsp_text.read((INSTANCES / best["path"]).read_text()).shop
    found = solve(shop, 60)
    assert found.value == best["optimum"]
    assert violations(shop, found.slots) == []


def test_without_or_tools_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra of its own."""
    monkeypatch.setitem(sys.modules, "ortools.sat.python", None)
    with pytest.raises(PlanningNotInstalled, match=r"plantwright\[planning\]"):
        solve(random_shop(1, 2, 2, 2), 1)
