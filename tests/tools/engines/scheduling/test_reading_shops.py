"""Shops, plans and events as files hold them, and what is said of files that are wrong."""

# ruff: noqa: E501 - a case is read as one line
from __future__ import annotations

import json

import pytest

from tools.engines.scheduling.files import event_of, shop_of
from tools.engines.scheduling.shop import Choice, Job, Machine, Operation, ShopInvalid, Slot, Window

FLEXIBLE = "2 3 1.5\n2 1 1 4 2 2 3 3 5\n1 1 2 6\n"


def _choices(text: str) -> list[list[list[tuple[int, int]]]]:
    shop = shop_of(text).shop
    return [
        [[(one.machine, one.duration) for one in step.choices] for step in job.operations]
        for job in shop.jobs
    ]


@pytest.mark.parametrize(
    "text",
    [
        FLEXIBLE,
        "2 3\n\n2 0 0 4 2 1 3 2 5\n1 1 1 6".replace("2 0 0 4", "2 1 0 4"),
        "2 3\n2 1 1 4\n2 2 3 3 5\n1 1 2 6",
        "﻿2\t3\r\n2 1 1 4 2 2 3 3 5\r\n1 1 2 6\r\n",
        "# jobs machines\n2 3 1.5\n\n2 1 1 4 2 2 3 3 5  # job 1\n\n   \n1 1 2 6 // job 2\n% end\n",
        "2 3 1\r\r2 1 1 4 2 2 3 3 5\r1 1 2 6",
        "  2   3   1.33  \n  2  1 1 4.0  2 2 3 3 5  \n  1  1 2 6  \n\n\n",
    ],
)
def test_the_usual_format_is_read_with_machines_from_0_or_1(text: str) -> None:
    """With and without the mean, over broken lines, with other ends of lines."""
    assert _choices(text) == [[[(0, 4)], [(1, 3), (2, 5)]], [[(1, 6)]]]


def test_a_job_without_operations_is_left_out_and_the_others_keep_their_numbers() -> None:
    """It has nothing to schedule; the result says so, and a schedule of the rest is found."""
    found = shop_of("3 2 1\n0\n1 1 1 4\n2 1 2 3 1 1 5\n")
    assert [job.name for job in found.shop.jobs] == ["2", "3"]
    assert found.convention.endswith("without operations and left out: job 1")
    assert [len(job.operations) for job in found.shop.jobs] == [1, 2]


def test_a_job_shop_is_read_by_its_own_format() -> None:
    """Machine and time in turns, each machine once."""
    found = shop_of("2 3\n0 4 1 3 2 5\n2 1 0 6 1 2\n")
    assert found.convention == "job shop, machines counted from 0"
    assert _choices("2 3\n0 4 1 3 2 5\n2 1 0 6 1 2\n") == [
        [[(0, 4)], [(1, 3)], [(2, 5)]],
        [[(2, 1)], [(0, 6)], [(1, 2)]],
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("two 3\n", "'two' is no number"),
        ("0 3\n1 1 1 1", "numbers of jobs and machines"),
        ("2 3\n", "none follow"),
        ("2 3\n1 1 1 4", "2 jobs are announced, 1 follow"),
        ("1 3\n2 1 1 4", "job 1 operation 2 is missing"),
        ("1 3\n1 2 1 4", "fewer machines than the 2 announced"),
        ("1 3\n1 0", "has 0 machines"),
        ("1 3\n0", "no job has operations"),
        ("1 3\n-1", "has -1 operations"),
        ("1 3\n1 1 7 4", "is on machine 7; valid: 1 to 3"),
        ("1 3\n1 2 1 4 1 5", "names a machine twice"),
        ("1 3\n1 1 1 -4", "takes -4"),
        ("1 3\n1 1 1 4.5", "'4.5' is not whole"),
        ("1 3\n1 1 1 4\n1 1 1 4", "numbers follow after the last"),
        ("{", "keys of the file"),
        ('{"machines": [], "jobs": []}', "'machines'"),
        ('{"machines": [{"name": "A"}, {"name": "A"}], "jobs": [{"operations": [{"machines": {"A": 1}}]}]}', "'A' is there twice"),
        ('{"machines": [{"name": "A"}], "jobs": [{"operations": [{"machines": {"B": 1}}]}]}', "machine 'B' is not one"),
        ('{"machines": [{"name": "A", "closed": [[5, 5]]}], "jobs": [{"operations": [{"machines": {"A": 1}}]}]}', "ends before it begins"),
        ('{"machines": [{"name": "A"}], "jobs": [{"operations": []}]}', "operations"),
        ('{"machines": [{"name": "A", "colour": 1}], "jobs": []}', "'machines.0.colour'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_named(text: str, message: str) -> None:
    """The place, what stands there and what would be valid."""
    with pytest.raises(ShopInvalid, match=message.replace("[", r"\[")):
        shop_of(text)


SHOP = {
    "machines": [{"name": "saw", "closed": [[8, 9]]}, {"name": "press"}],
    "resources": [{"name": "crew", "capacity": 2}],
    "setups": {"red": {"blue": 3}, "blue": {"red": 1}},
    "jobs": [
        {
            "name": 4711,
            "release": 1,
            "due": 9,
            "weight": 2,
            "operations": [
                {"machines": {"saw": 4, "press": {"duration": 5, "cost": 7}}, "lag": 2, "uses": ["crew"], "family": "red"},
                {"machines": {"press": 3}},
            ],
        }
    ],
}  # fmt: skip


def test_a_shop_of_json_has_all_that_a_plant_has() -> None:
    """Calendars, crews, lags, families, releases, due dates, costs."""
    shop = shop_of(json.dumps(SHOP)).shop
    first = Operation((Choice(0, 4), Choice(1, 5, 7)), 2, (0,), 1)
    assert shop.jobs == (Job((first, Operation((Choice(1, 3),))), 1, 9, 2, "4711"),)
    assert shop.machines == (Machine("saw", (Window(8, 9),)), Machine("press"))
    assert shop.setups == ((0, 1), (3, 0))


PLAN = [
    {"job": 4711, "operation": 1, "machine": "saw", "start": 1, "end": 5},
    {"job": "4711", "operation": 2, "machine": "press", "start": 7, "end": 10},
]


def test_events_are_read_with_the_plan_beside_or_in_them() -> None:
    """Each kind; promises of the event's file go before those of the shop."""
    shop = shop_of(json.dumps(SHOP)).shop
    events = [
        {"kind": "machine_down", "machine": "press", "from": 6, "to": 8},
        {"kind": "material_late", "job": 4711, "until": 4},
        {"kind": "crew_absent", "resource": "crew", "to": 9},
        {"kind": "rush_order", "order": {"operations": [{"machines": {"saw": 1}, "family": "blue"}]}},
    ]
    text = json.dumps({"now": 2, "events": events, "due": {"4711": 12}, "frozen": 3})
    changed, plan, event = event_of(shop, text, json.dumps({"assignment": PLAN}))
    assert changed.jobs[0].due == 12
    assert plan == (Slot(0, 0, 0, 1, 5), Slot(0, 1, 1, 7, 10))
    assert (event.now, event.frozen, event.closed, event.releases) == (2, 3, {1: (Window(6, 8),)}, {0: 4})
    assert event.absent == {0: (Window(2, 9),)}
    assert event.arrivals[0].operations[0].family == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "'event' is missing"),
        ({"event": {"kind": "flood"}}, "event.kind"),
        ({"event": {"kind": "machine_down"}}, "'machine' is missing"),
        ({"event": {"kind": "machine_down", "machine": "lathe"}}, "machine 'lathe' is not one of the shop"),
        ({"event": {"kind": "machine_down", "machine": "saw", "from": 5, "to": 5}}, "not after 'from'"),
        ({"event": {"kind": "quality_hold", "job": 4711}}, "'until' is missing"),
        ({"event": {"kind": "rush_order"}}, "'order' is missing"),
        ({"event": {"kind": "none"}, "due": {"1": 1}}, "job '1' is not one"),
        ({"event": {"kind": "none"}}, "'schedule' is missing"),
        ({"event": {"kind": "none"}, "schedule": [{"job": 1}]}, "schedule.0"),
    ],
)
def test_what_is_wrong_with_an_event_is_named(content: dict[str, object], message: str) -> None:
    """Before anything is computed."""
    with pytest.raises(ShopInvalid, match=message):
        event_of(shop_of(json.dumps(SHOP)).shop, json.dumps(content))
