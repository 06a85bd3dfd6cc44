"""Scorecards: every claim has its test, and what is shown of adapters comes from nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from erp_adapters.scorecards import FOLDERS, Scorecard, markdown, overview, scorecard, scorecards
from server.commands.tree import app

ROOT = Path(__file__).parents[2]


def test_every_scorecard_is_shown() -> None:
    """A folder with a scorecard is an adapter."""
    found = {
        path.parent.relative_to(ROOT / "erp_adapters").as_posix()
        for path in (ROOT / "erp_adapters").rglob("scorecard.yaml")
    }
    assert found == set(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_claim_names_a_test_that_is_there(folder: str) -> None:
    """Of what is read, written and cancelled, of every other claim, and of every spec that is skipped."""
    card = scorecard(folder)
    assert card.proofs
    for proof in card.proofs:
        file, _, name = proof.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert f"def {name}(" in text, proof


def test_the_page_has_the_matrix_of_the_scorecards() -> None:
    """What docs/adapters.md shows is generated: copy what this prints between its two marks."""
    page = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8")
    _, _, rest = page.partition("<!-- adapters -->\n")
    shown, mark, _ = rest.partition("<!-- /adapters -->")
    assert mark
    assert shown == markdown(scorecards())


def test_the_readme_has_a_line_for_each_system() -> None:
    """Generated from the same scorecards: copy what this prints between the two marks."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, rest = page.partition("<!-- systems -->\n")
    shown, mark, _ = rest.partition("<!-- /systems -->")
    assert mark
    assert shown == overview(scorecards())


def test_the_command_prints_the_same_and_says_what_is_no_real_system() -> None:
    """Stand-ins and what is experimental, with the reason."""
    shown = CliRunner().invoke(app, ["adapters"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    text = " ".join(shown.output.split())
    for card in scorecards():
        assert card.name in text
        assert " ".join(card.why.split()) in text
    assert "Tested against a stand-in" in text
    as_json = CliRunner().invoke(app, ["adapters", "--json"])
    assert '"purchase_requisition"' in as_json.output


def test_what_is_no_stable_real_system_has_to_say_why() -> None:
    """Neither a stand-in nor something experimental passes for more than it is."""
    given = scorecard("demo/erp").model_dump() | {"why": ""}
    with pytest.raises(ValueError, match="says why"):
        Scorecard.model_validate(given)
