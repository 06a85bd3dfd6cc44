"""The plan of a crash test leaves no pair out."""

from __future__ import annotations

from collections import Counter

from erp_adapters.demo.erp import FAULTS
from eval.crash.plan import CALL, DEATHS, SETTLE, plan
from policies.failpoints import Failpoint


def test_the_reduced_run_has_every_place_and_every_fault() -> None:
    """Forty trials are enough for each of them, with and without a system that rejects duplicates."""
    trials = plan(40, seed=0)
    assert {trial.death for trial in trials} == set(DEATHS)
    assert {point for death in DEATHS if (point := death.point)} == set(Failpoint)
    assert {trial.fault for trial in trials} == {"nothing", *FAULTS}
    assert 0 < sum(trial.is_impossible for trial in trials) < 10
    assert Counter(trial.duplicates for trial in trials) == {"none": 20, "rejects": 20}


def test_a_full_run_has_every_pair_equally_often() -> None:
    """Each place of death meets each fault, under both strengths."""
    pairs = len(DEATHS) * (len(FAULTS) + 1) * 2
    for seed in (0, 1):
        met = Counter((trial.death, trial.fault, trial.duplicates) for trial in plan(2 * pairs, seed))
        assert len(met) == pairs
        assert set(met.values()) == {2}


def test_a_seed_decides_everything() -> None:
    """A run that found something can be run again."""
    assert plan(100, 7) == plan(100, 7)
    assert plan(100, 7) != plan(100, 8)


def test_everything_late_is_over_when_the_system_says_that_it_is() -> None:
    """Otherwise the ERP, and not the program, would break the promise."""
    for trial in plan(400, seed=3):
        late = sum(fault.seconds for fault in trial.faults if fault.kind == "late_504")
        assert late < (CALL + SETTLE).total_seconds()
        assert all(0 < fault.seconds < SETTLE.total_seconds() for fault in trial.faults)
