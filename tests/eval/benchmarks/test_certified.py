"""Requisitions and repairs keep all terms and are the best there are; a worse answer would be seen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from eval.benchmarks.certificates import Place, Seller, Work, kept, least_cost, least_tardiness, possible
from eval.benchmarks.certified import enterprise, measured, show
from tests.conftest import Database


def test_tasks_of_the_enterprise_are_certified(demo: Database) -> None:
    """The benchmark in small: every task keeps all terms, with a proven gap of nothing."""
    tasks = measured(asyncio.run(enterprise(demo.dsn())), 24)
    assert [task for task in tasks if not task.is_certified] == []
    assert {task.kind for task in tasks} == {"requisition", "repair"}
    assert show(tasks)
    assert not show([replace(task, is_best=False) for task in tasks])
    assert not show([*tasks[1:], replace(tasks[0], broken=("too little",))])


def test_the_exact_answer_to_a_requisition_is_that_of_the_hand() -> None:
    """Ninety: a hundred at 2.20 beat ninety at 2.50; the cheap ones come late."""
    one = Seller("one", ((0, Decimal("2.5")), (100, Decimal("2.2"))), 50, 120, 10, 0)
    late = Seller("late", ((0, Decimal(1)),), 0, 1000, 1, 3)
    assert least_cost(90, [one]) == (0, Decimal(220))
    assert least_cost(90, [one, late]) == (0, Decimal(220))
    assert least_cost(130, [one, late]) == (30, Decimal("274"))
    assert least_cost(130, [one]) is None
    assert kept(90, {"one": one}, {"one": 85}) == ["85 is less than 90", "85 of one is no multiple of 10"]


def test_the_exact_answer_to_a_repair_is_that_of_the_hand() -> None:
    """Two jobs of five on one machine that stands still from 3 to 8: the heavier one goes first."""
    works = [Work(0, 5, 1, ((((0, 5),), 0, 0),)), Work(0, 5, 3, ((((0, 5),), 0, 0),))]
    assert least_tardiness(works, {0: [(3, 8)]}, 0) == 3 * 8 + 13
    assert possible(works, {}, 0, [Place(0, 0, 0, 0, 5), Place(1, 0, 0, 4, 9)]) == [
        "two steps run on machine 0 at once"
    ]


@pytest.mark.parametrize("start", [0, 2])
def test_a_schedule_that_runs_while_the_machine_stands_is_seen(start: int) -> None:
    works = [Work(1, 5, 1, ((((0, 5),), 0, 0),))]
    assert possible(works, {0: [(3, 8)]}, 0, [Place(0, 0, 0, start, start + 5)])
