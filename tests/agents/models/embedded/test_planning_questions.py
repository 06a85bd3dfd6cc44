"""What becomes of a planning question where the learned reader has not learned its look-up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.models.embedded.arbiter import Arbiter
from agents.models.embedded.confidence import confidence
from agents.models.embedded.deciding import settled_by
from agents.models.embedded.proposals import Proposal
from agents.models.protocol import Calls, ToolCall, Turn
from tests.agents.models.embedded.plant_names import plant
from tools.all_tools import registry
from tools.languages import Language
from tools.metrics.catalogue import packaged_catalogue
from tools.shortages import Shortages

PLANT = plant()
KNOWN = registry().reading()
ARBITER = Arbiter(packaged_catalogue(), KNOWN)
SHORT = Proposal(
    (ToolCall("shortages", Shortages()),), "Materials that fall short", grammar=0.97, by_rules=True
)
LEARNED = Proposal((ToolCall("shortages", Shortages(mine=True)),), "Other", learned=0.99, leads_learned=True)
NOTHING = Proposal((), "", learned=0.99, leads_learned=True)


async def _unrun(call: ToolCall) -> None:
    raise AssertionError(f"{call.name} was run to make sure")


@pytest.mark.parametrize(
    ("spoken", "question", "tool"),
    [
        ("en", "What is short in the next two weeks?", "shortages"),
        ("en", "Which purchase orders can be cancelled or pushed out?", "exception_messages"),
        ("en", "Why is work order 1102434 late?", "why_late"),
        ("en", "What can we build this week with what we have?", "buildable"),
        ("de", "Was fehlt uns in den nächsten zwei Wochen?", "shortages"),
        ("de", "Warum ist Fertigungsauftrag 1102434 zu spät?", "why_late"),
        ("fr", "Pourquoi l'ordre de fabrication 1102434 est-il en retard ?", "why_late"),
    ],
)
async def test_a_planning_question_is_answered_at_once(spoken: Language, question: str, tool: str) -> None:
    """Whatever else the network makes of words that it has not learned; and nothing is run before."""
    plan = await ARBITER.plan(Turn(question, language=spoken), PLANT, frozenset(KNOWN), _unrun)
    assert isinstance(plan, Calls)
    assert [call.name for call in plan.reading.calls] == [tool]


async def test_a_tool_that_is_not_admitted_is_not_planned() -> None:
    plan = await ARBITER.proposals(
        Turn("Fehlteile in Kassel", language="de"), PLANT, frozenset(KNOWN) - {"shortages"}, _refused
    )
    assert all(call.name != "shortages" for one in plan for call in one.calls)


async def _refused(call: ToolCall) -> None:
    del call


def test_a_recognised_wording_outweighs_what_the_network_cannot_know() -> None:
    """It may be sure of another plan, or that there is none: it has never seen such a question."""
    everything = [SHORT, LEARNED, NOTHING]
    assert settled_by(confidence(SHORT, everything), confidence(NOTHING, everything)) == "answered"
    assert confidence(LEARNED, everything) < 0.1


def test_a_doubtful_wording_is_only_offered() -> None:
    doubtful = replace(SHORT, grammar=0.7)
    assert 0.12 < confidence(doubtful, [doubtful]) < 0.75
    assert confidence(LEARNED, [LEARNED, doubtful]) < confidence(LEARNED, [LEARNED])
