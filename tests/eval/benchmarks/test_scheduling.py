"""The benchmark of schedules: what it calls held is held, and a plan that fails is seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.benchmarks.scheduling import Found, Instance, job_shops, repaired, show
from tests.tools.engines.scheduling.shops import random_shop
from tools.engines.scheduling.dispatching import quickly
from tools.engines.scheduling.replanning import Alternative
from tools.engines.scheduling.shop import makespan

pytestmark = pytest.mark.slow


def test_an_outage_is_mended_no_later_than_by_a_shift_to_the_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And an end too far above the best known, or a plan that cannot be carried out, fails."""
    shop = random_shop(3, 4, 3, 3)
    plan = quickly(shop, 0)
    instance = Instance("mk01", shop, makespan(plan))
    mended = repaired(instance, plan, 0, 2)
    assert mended.holds
    found = Found(instance, instance.best, instance.best, 1.0, 1.0, ())
    assert show([found], [mended])
    assert "of 1 outages" in capsys.readouterr().out
    assert not show([replace(found, end=instance.best + 1)], [mended])
    assert not show([replace(found, seconds=6.0)], [mended])
    assert not show([found], [replace(mended, wrong=("two at once",))])
    assert not show([found], [replace(mended, shifted=mended.repaired, repaired=_worse(mended.repaired))])


def _worse(way: Alternative) -> Alternative:
    return replace(way, figures=replace(way.figures, tardiness=way.figures.tardiness + 1))


def test_job_shops_are_read_as_their_package_ships_them(tmp_path: Path) -> None:
    """Durations and machines in two matrices, machines from 0."""
    one = {"duration_matrix": [[2, 3]], "machines_matrix": [[1, 0]], "metadata": {"upper_bound": 5}}
    (tmp_path / "all.json").write_text(json.dumps({"ft10": one, "la01": one}), encoding="utf-8")
    [instance] = job_shops(tmp_path / "all.json")
    assert (instance.best, len(instance.shop.machines)) == (5, 2)
    assert [step.choices[0].machine for step in instance.shop.jobs[0].operations] == [1, 0]
