"""`plantwright engine schedule`: a schedule as JSON or to read, its repair, and exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.commands.tree import app

SHOP = "2 3\n2 1 1 4 2 2 3 3 5\n1 1 2 6\n"


def _run(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["engine", "schedule", *arguments])
    return found.exit_code, found.output


@pytest.mark.slow
def test_a_schedule_is_printed_with_status_bound_gap_and_assignment(tmp_path: Path) -> None:
    """Machines as in the file, jobs and operations from 1."""
    file = tmp_path / "shop.fjs"
    file.write_text(SHOP, encoding="utf-8")
    code, output = _run(str(file), "--time-limit", "5", "--workers", "1", "--json")
    found = json.loads(output)
    assert code == 0
    assert (found["status"], found["makespan"], found["bound"], found["gap"]) == ("OPTIMAL", 9, 9, 0)
    assert {"job": 2, "operation": 1, "machine": 2, "start": 0, "end": 6} in found["assignment"]
    code, output = _run(str(file), "--workers", "1")
    assert "OPTIMAL: ends at 9" in output


def test_an_event_yields_four_ways_with_changes_and_values_before(tmp_path: Path) -> None:
    """From the plan that was printed before; nothing recommended is exit code 4."""
    shop, plan, event = (tmp_path / name for name in ("shop.fjs", "plan.json", "event.json"))
    shop.write_text(SHOP, encoding="utf-8")
    plan.write_text(_run(str(shop), "--workers", "1", "--json")[1], encoding="utf-8")
    down = {"kind": "machine_down", "machine": 3, "from": 4, "to": 20}
    event.write_text(json.dumps({"event": down}), encoding="utf-8")
    given = (str(shop), "--workers", "1", "--time-limit", "2", "--replan", str(event), "--plan", str(plan))
    code, output = _run(*given, "--json")
    found = json.loads(output)
    assert code == 0
    assert [one["way"] for one in found["alternatives"]] == [
        "do_nothing", "right_shift", "stable_repair", "full_resolve",
    ]  # fmt: skip
    assert found["alternatives"][0]["feasible"] is False
    (change,) = found["alternatives"][2]["changes"]
    assert change.pop("before") == {"machine": 3, "start": 4, "end": 9}
    assert change == {"job": 1, "operation": 2, "machine": 2, "start": 6, "end": 9}
    assert found["recommended"] == "stable_repair"
    assert "Recommended: stable_repair" in _run(*given)[1]
    event.write_text(json.dumps({"event": {**down, "machine": 2, "from": 0, "to": None}}), encoding="utf-8")
    code, output = _run(*given, "--json")
    assert (code, json.loads(output)["recommended"]) == (4, None)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"jobs": [{"operations": []}]}, "job 1 has no operations: enter its routing"),
        ({"jobs": [{"name": 7, "operations": [{"machines": {}}]}]}, "operation 1 can run nowhere"),
        ({"resources": [{"name": "crew", "capacity": 0}]}, "'crew' has no capacity.*give it 1 or more"),
        ({"machines": [{"name": "saw", "closed": [[0, 10**9]]}]}, "can never run: 'saw' is closed without"),
        ({"jobs": [{"due": -1, "operations": [{"machines": {"saw": 1}}]}]}, "is due in the past.*from 0 on"),
    ],
)  # fmt: skip
def test_what_makes_a_shop_impossible_is_named_with_what_would_help(
    tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    """Missing routing or machine, no capacity, no calendar, a date in the past."""
    file = tmp_path / "shop.json"
    jobs = [{"name": 1, "operations": [{"machines": {"saw": 10}}]}]
    file.write_text(json.dumps({"machines": [{"name": "saw"}], "jobs": jobs} | changes), encoding="utf-8")
    code, output = _run(str(file))
    assert code == 2
    assert re.search(says, " ".join(output.split())), output


def test_a_frozen_time_that_cannot_be_kept_is_named_with_the_one_that_can(tmp_path: Path) -> None:
    """What follows on what the event hits moves with it, and the plan is no longer frozen there."""
    file, event = tmp_path / "shop.json", tmp_path / "event.json"
    jobs = [{"name": 1, "operations": [{"machines": {"saw": 10}}, {"machines": {"press": 10}}]}]
    machines = [{"name": "saw"}, {"name": "press"}]
    file.write_text(json.dumps({"machines": machines, "jobs": jobs}), encoding="utf-8")
    slots = [
        {"job": 1, "operation": 1, "machine": "saw", "start": 0, "end": 10},
        {"job": 1, "operation": 2, "machine": "press", "start": 10, "end": 20},
    ]
    down = {"kind": "machine_down", "machine": "saw", "from": 0, "to": 30}
    event.write_text(json.dumps({"now": 0, "frozen": 50, "event": down, "schedule": slots}), encoding="utf-8")
    given = (str(file), "--workers", "1", "--time-limit", "0.1", "--replan", str(event), "--json")
    code, output = _run(*given)
    found = json.loads(output)
    # Hardly any time to search in: there is a plan all the same.
    assert code == 0
    assert all(one["feasible"] for one in found["alternatives"][1:])
    assert any(
        "1.2 follow on what the event hits" in text and "of 10 would" in text for text in found["conventions"]
    )


def test_files_that_are_wrong_are_a_matter_of_usage(tmp_path: Path) -> None:
    """With the file and the place."""
    file = tmp_path / "shop.fjs"
    file.write_text("1 3\n1 1 7 4", encoding="utf-8")
    code, output = _run(str(file))
    assert code == 2
    assert "machine 7" in output
    assert _run(str(tmp_path / "none"))[0] == 2
