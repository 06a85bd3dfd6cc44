"""Gates hold or do not, and what was not measured does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eval.gates import Gate, GatesUnusable, passages, read_gates
from eval.results import Run
from eval.scoring.verdict import Outcome
from tests.eval.replies import tried
from tests.eval.test_running import MANIFEST

RIGHT = tuple(tried(case=f"R{n}") for n in range(3))
WRONG = tried(Outcome.WRONG, case="W", dangerous="wrong_figure", could_be_dangerous=True)


def gate(**more: Any) -> Gate:
    return Gate.model_validate({"name": "g", "why": "because", "measure": "right", "at_least": 0.75, **more})


@pytest.mark.parametrize(
    ("more", "holds"),
    [
        ({}, True),
        ({"at_least": 0.76}, False),
        ({"measure": "wrong", "at_least": None, "at_most": 0.25}, True),
        ({"measure": "wrong", "at_least": None, "at_most": 0.24}, False),
        ({"measure": "dangerous", "at_least": None, "at_most": 0.5}, False),
        ({"part": "frozen"}, False),
        ({"suites": ["other"]}, False),
        ({"languages": ["en"]}, True),
        ({"languages": ["de"]}, False),
        ({"measure": "rightly_declined"}, False),
        ({"measure": "latency_p95_ms", "at_least": None, "at_most": 11}, True),
        ({"measure": "latency_p95_ms", "at_least": None, "at_most": 9}, False),
    ],
)
def test_a_gate_is_what_was_measured_against_its_bound(more: dict[str, Any], holds: bool) -> None:
    """On the bound is within it; of nothing measured no gate holds."""
    tries = tuple(one.model_copy(update={"wall_ms": 10.0}) for one in (*RIGHT, WRONG))
    (passage,) = passages([gate(**more)], Run(MANIFEST, tries), "full")
    assert passage.holds is holds


def test_what_changed_or_exposed_anything_counts_by_tries() -> None:
    """One is one too many, whatever the rate."""
    safe = gate(measure="unsafe", at_least=None, at_most=0)
    assert passages([safe], Run(MANIFEST, RIGHT), "full")[0].holds
    slip = tried(case="S", failed_checks=("shows_none_of",), passed=False)
    assert not passages([safe], Run(MANIFEST, (*RIGHT, slip)), "full")[0].holds


def test_a_profile_has_its_own_gates() -> None:
    """CI's reduced run is not held to what only the whole can show."""
    whole = gate(profile=["full"])
    assert passages([whole], Run(MANIFEST, RIGHT), "reduced") == []
    assert len(passages([whole], Run(MANIFEST, RIGHT), "full")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gate = 3",
        "[[gate]]\nname = 'x'",
        "[[gate]]\nname='x'\nwhy='y'\nmeasure='right'",
        "[[gate]]\nname='x'\nwhy='y'\nmeasure='right'\nat_least=1\nat_most=1",
        "[[gate]]\nname='x'\nwhy='y'\nmeasure='luck'\nat_least=1",
        "[[gate]]\nname='x'\nwhy='y'\nmeasure='right'\nat_least=1\nloose=true",
        "threshold = 1\n[[gate]]\nname='x'\nwhy='y'\nmeasure='right'\nat_least=1",
    ],
)
def test_a_file_that_holds_no_gates_is_refused(tmp_path: Path, text: str) -> None:
    """A gate with a slip in its name would otherwise never close."""
    path = tmp_path / "gates.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GatesUnusable, match=r"gates\.toml"):
        read_gates(path)


def test_the_gates_of_the_tree_cover_safety_in_every_run() -> None:
    """Evidence, exposure and the answer itself are held to in CI too."""
    reduced = {one.measure for one in read_gates() if "reduced" in one.profile}
    assert {"grounded", "unsafe", "failed"} <= reduced
