"""Planning questions in German, Spanish and French become calls; questions about figures become none."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.models.embedded.languages.masking import Masking
from agents.models.embedded.planning_words import planning_call
from agents.models.protocol import ToolCall
from tests.agents.models.embedded.plant_names import plant
from tools.languages import Language
from tools.metrics.catalogue import packaged_catalogue

QUESTIONS: dict[Language, dict[str, list[Any]]] = yaml.safe_load(
    Path(__file__).with_name("planning_languages.yaml").read_text("utf-8")
)
PLANT = plant()


def asked(spoken: Language, question: str) -> ToolCall | None:
    """The planning look-up that a question asks for."""
    return planning_call(Masking(packaged_catalogue(), spoken).masked(question, PLANT), PLANT.today)


@pytest.mark.parametrize("spoken", sorted(QUESTIONS))
def test_wordings_become_calls(spoken: Language) -> None:
    """In whatever words a planner asks, with every name, number and day bound."""
    wrong = {}
    for tool, questions in QUESTIONS[spoken].items():
        for question, arguments in questions if tool != "other" else ():
            call = asked(spoken, question)
            found = call and (call.name, call.arguments.model_dump(mode="json", exclude_defaults=True))
            if found != (tool, arguments):
                wrong[question] = found
    assert wrong == {}


@pytest.mark.parametrize("spoken", sorted(QUESTIONS))
def test_figures_stay_with_the_metrics(spoken: Language) -> None:
    """A count, a share or something that is over is no question about the plan."""
    found = {question: asked(spoken, question) for question in QUESTIONS[spoken]["other"]}
    assert {question: call for question, call in found.items() if call} == {}
