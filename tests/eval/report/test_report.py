"""Reports show what failed, of frozen suites only counts, and need nothing from anywhere."""

from __future__ import annotations

import json
import re

from eval.gates import passages, read_gates
from eval.report.markdown import markdown
from eval.report.page import page
from eval.report.record import record
from eval.report.summary import Summary, summary
from eval.results import Run
from eval.scoring.verdict import Outcome
from tests.eval.replies import tried
from tests.eval.test_running import MANIFEST

SEEN = tried(
    Outcome.WRONG,
    case="S1",
    ask=("How much <script>alert(1)</script>?",),
    reading="Scrapped quantity",
    queries=("select 1 < 2",),
    failed_checks=("values",),
)
UNSEEN = tried(Outcome.WRONG, case="F1", part="frozen", suite="f", ask=("A secret question?",), topic="stock")
TRIES = (SEEN, UNSEEN, tried(case="S2"), tried(Outcome.DECLINED_RIGHTLY, case="S3", expect="abstains"))


def made(*, show_frozen: bool = False) -> Summary:
    run = Run(MANIFEST, TRIES)
    return summary(run, passages(read_gates(), run, "full"), show_frozen=show_frozen)


def test_of_frozen_suites_only_counts_are_shown() -> None:
    """In no report a word of what they ask, unless somebody wants to look and spends them."""
    for text in (page(made()), markdown(made()), json.dumps(record(made()))):
        assert "A secret question?" not in text
    assert "A secret question?" in page(made(show_frozen=True))


def test_a_failure_has_its_reading_and_what_ran() -> None:
    """Whatever somebody asked or a model wrote is text."""
    text = page(made())
    assert "Scrapped quantity" in text
    assert "select 1 &lt; 2" in text
    assert "<script" not in text


def test_the_page_needs_nothing_else() -> None:
    """No address, no file beside it."""
    assert not re.search(r"https?:|src=|href=|@import|url\(", page(made()))


def test_accuracy_and_safety_stand_beside_each_other() -> None:
    """Both parts have their own line, with intervals, and the dangerous error a column of its own."""
    text = markdown(made())
    head = next(line for line in text.splitlines() if line.startswith("| part"))
    assert "| wrong |" in head
    assert "| dangerous |" in head
    lines = [line for line in text.splitlines() if line.startswith(("| development", "| frozen"))]
    assert [line.split(" | ")[1] for line in lines] == ["3", "1"]
    assert "67 % [21, 94]" in lines[0]


def test_holding_back_is_judged_by_how_it_ends() -> None:
    """Who declines is right where nothing can answer."""
    found = {name: (right.count, right.of) for name, right, _ in made().calibration}
    assert found == {"answered": (2, 4), "asked back": (0, 0), "declined": (0, 0)}


def test_a_run_passes_only_where_every_gate_holds() -> None:
    """One wrong frozen answer of one is more than may be."""
    assert not made().passes
    assert record(made())["passes"] is False


def test_a_report_shows_what_a_change_did() -> None:
    """The effect of another prompt on the suites stands in the report: what changed and what flipped."""
    versions = MANIFEST.versions.model_copy(update={"prompts": "another"})
    earlier = Run(
        MANIFEST.model_copy(update={"versions": versions}), (tried(Outcome.WRONG, case="S2"), *TRIES[:1])
    )
    run = Run(MANIFEST, TRIES)
    found = summary(run, passages(read_gates(), run, "full"), against=earlier)
    for text in (page(found), markdown(found)):
        assert "Against an earlier run" in text
        assert "another" in text
    flips = json.loads(json.dumps(record(found)))["against"]["flips"]
    assert flips == [{"suite": "s", "case": "S2", "before": "wrong", "after": "right"}]
    assert record(made())["against"] is None
