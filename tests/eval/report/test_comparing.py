"""Two runs are compared over what both have, and every case that flipped is named."""

from __future__ import annotations

from eval.report.comparing import as_text, compared
from eval.results import Run, Try
from eval.scoring.verdict import Outcome
from tests.eval.replies import tried
from tests.eval.test_running import MANIFEST


def run(*tries: Try) -> Run:
    return Run(MANIFEST, tries)


def test_flips_are_named_and_rates_have_intervals() -> None:
    """Of a hundred cases ten got better: that is more than chance; what only one run has counts nowhere."""
    before = [tried(Outcome.WRONG if n < 10 else Outcome.RIGHT, case=f"C{n:02}") for n in range(100)]
    after = [tried(case=f"C{n:02}") for n in range(100)]
    found = compared(run(*before, tried(case="old")), run(*after, tried(case="new"), tried(case="newer")))
    assert (found.shared, found.only_before, found.only_after) == (100, 1, 2)
    assert [flip.case for flip in found.flips] == [f"C{n:02}" for n in range(10)]
    right, wrong = found.differences[:2]
    assert (right.before.count, right.after.count) == (90, 100)
    assert 0.03 < right.low < 0.1 < right.high < 0.18
    assert wrong.high < 0
    assert "C00: wrong -> right" in as_text(found)


def test_the_same_run_differs_in_nothing() -> None:
    """And runs without a common case say so."""
    same = run(*(tried(case=f"C{n}") for n in range(5)))
    found = compared(same, same)
    assert found.flips == ()
    assert all((one.low, one.high) == (0, 0) for one in found.differences)
    assert "0 tries in both" in as_text(compared(run(tried(case="a")), run(tried(case="b"))))


def test_what_one_run_was_made_with_and_the_other_was_not_is_named() -> None:
    """A difference is put down to the prompt that changed, by its version, not to "the prompts"."""
    old = MANIFEST.versions.model_copy(update={"each_prompt": {"plan": "1.0.0 aa", "compose": "1.0.0 bb"}})
    new = old.model_copy(
        update={
            "prompts": "q",
            "each_prompt": {"plan": "1.1.0 cc", "compose": "1.0.0 bb"},
            "data": {"demo": "d"},
        }
    )
    tries = (tried(case="a"),)
    before, after = (Run(MANIFEST.model_copy(update={"versions": one}), tries) for one in (old, new))
    made = [(one.what, one.before, one.after) for one in compared(before, after).made]
    assert made == [("prompt plan", "1.0.0 aa", "1.1.0 cc"), ("data demo", "none", "d")]
    assert "prompt plan: 1.0.0 aa -> 1.1.0 cc" in as_text(compared(before, after))
    assert compared(before, before).made == ()
