"""Questions about what is to come reach the planning look-ups; those about figures stay with the metrics."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.agents.models.embedded.test_lookups import read, said

QUESTIONS: dict[str, list[Any]] = yaml.safe_load(
    Path(__file__).with_name("lookups_planning.yaml").read_text("utf-8")
)
OTHER: list[str] = QUESTIONS.pop("other")
PLANNING = {"shortages", "exception_messages", "pegging", "why_late"}


@pytest.mark.parametrize("tool", sorted(QUESTIONS))
def test_wordings_read_as_calls(tool: str) -> None:
    """In whatever words it is asked, the right tool is called with every slot bound, and surely."""
    wrong = {}
    for question, arguments in QUESTIONS[tool]:
        found = read(question)
        if not found or said(found[0]) != (tool, arguments) or found[0].score < 0.9:
            wrong[question] = [(*said(candidate), round(candidate.score, 2)) for candidate in found[:2]]
    assert wrong == {}


def test_questions_about_figures_and_commands_stay_away() -> None:
    """Nothing of the past, no count and no command is read as a question about the plan."""
    found = {
        question: said(candidate)
        for question in OTHER
        for candidate in read(question)
        if candidate.call.name in PLANNING or said(candidate) == ("buildable", {})
    }
    assert found == {}
