"""A sentence drafts an explanation for another person to publish; a question, and a model, never do."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import pytest

from agents.answer import Answer, AnswerDraft
from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from agents.models.embedded.publishing_reader import asks_to_publish
from agents.models.protocol import Calls, Reading, ToolCall
from agents.publishing import EXPLANATION
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError, Denied
from erp_adapters.store import Store
from tests.agents.scripted import ScriptedModel
from tools.all_tools import registry
from tools.languages import Language, said, speaking
from tools.variance.tool import ExplainVariance

MODEL = EmbeddedModel()
OCTOBER = ExplainVariance(site="Monterrey", period="2025-10")
DRAFT = AnswerDraft(
    id="0192d0f0-0000-7000-8000-0000000000f1",
    series="0192d0f0-0000-7000-8000-0000000000f1",
    version=1,
    kind=EXPLANATION,
    site="MTY",
    digest="sha256:" + "1" * 64,
    state="drafted",
    title="Why the cost of Monterrey differs from standard, 2025-10",
    rows=(),
    signatures=1,
    may_confirm=("controller",),
    expires_at="2026-12-13T00:00:00Z",
)


@dataclass
class StandInPublisher:
    """Takes every explanation, unless it is told to refuse."""

    refusal: CopilotError | None = None
    taken: list[tuple[ExplainVariance, Language]] = field(default_factory=list)

    async def draft(self, caller: Caller, arguments: ExplainVariance, language: Language) -> AnswerDraft:
        if self.refusal is not None:
            raise self.refusal
        self.taken.append((arguments, language))
        return DRAFT

    async def state(self, caller: Caller, id: UUID) -> str:
        return "published"


@pytest.fixture
def publisher() -> StandInPublisher:
    return StandInPublisher()


@pytest.fixture
def copilot(demo_store: Store, publisher: StandInPublisher) -> Copilot:
    return Copilot(demo_store, registry(), MODEL, publisher=publisher)


@pytest.fixture
async def controller(demo_store: Store) -> Caller:
    return await demo_store.caller("controller")


async def converse(copilot: Copilot, caller: Caller, *texts: str) -> list[Answer]:
    found: list[Answer] = []
    for text in texts:
        before = found[-1].conversation if found else None
        found.append(await copilot.ask(caller, text, conversation=before))
    return found


@pytest.mark.parametrize(
    ("why", "publish", "language"),
    [
        ("Why was Monterrey over standard in October?", "publish that", "en"),
        ("Warum lag Monterrey im Oktober über dem Standard?", "Veröffentliche das bitte", "de"),
        ("¿Por qué Monterrey estuvo por encima del estándar en octubre?", "Publica la explicación", "es"),
        ("Pourquoi Monterrey a dépassé le standard en octobre ?", "Publie cette explication", "fr"),
    ],
)
async def test_the_explanation_told_before_is_drafted(
    copilot: Copilot, controller: Caller, publisher: StandInPublisher, why: str, publish: str, language: str
) -> None:
    """What was told is handed in once, in its language, and the answer says that nothing is published yet."""
    told, drafted = await converse(copilot, controller, why, publish)
    assert told.draft is None
    assert publisher.taken == [(OCTOBER, language)]
    assert drafted.status == "answered"
    assert drafted.draft == DRAFT
    assert drafted.language == language
    assert drafted.tables[0] == told.tables[0]
    with speaking(drafted.language):
        waits = said(
            "It is drafted as version [[version]]; nothing is published before another person does it:"
            " [[roles]].",
            version=1,
            roles=said("a controller"),
        )
    assert drafted.answer.endswith(waits)


@pytest.mark.parametrize(
    ("sentence", "arguments"),
    [
        ("Publish the explanation of Monterrey's October variance", OCTOBER),
        (
            "Please publish the explanation of Kassel against plan in November 2025",
            ExplainVariance(site="Kassel", period="2025-11", against="plan"),
        ),
        ("Publish why Monterrey was over standard in October", OCTOBER),
        (
            "Publish the explanation of group cost against plan in October 2025 in constant currency",
            ExplainVariance(group=True, period="2025-10", against="plan", rates="constant"),
        ),
        ("Veröffentliche die Erklärung von Monterrey im Oktober", OCTOBER),
        ("Publica la explicación de Monterrey en octubre", OCTOBER),
        ("Publie l'explication de Monterrey en octobre", OCTOBER),
    ],
)
async def test_an_explanation_is_named_in_the_sentence(
    copilot: Copilot,
    controller: Caller,
    publisher: StandInPublisher,
    sentence: str,
    arguments: ExplainVariance,
) -> None:
    """Plant, month and comparison come from the sentence itself."""
    answer = await copilot.ask(controller, sentence)
    assert [taken for taken, _ in publisher.taken] == [arguments], answer.answer
    assert answer.draft is not None


@pytest.mark.parametrize(
    "text",
    [
        "Why was Monterrey over standard in October?",
        "Which explanations were published?",
        "publish the price list",
        "Can you explain what would be published?",
        "Wer veröffentlicht die Erklärung?",
        "explain that",
    ],
)
def test_nothing_else_asks_for_it(text: str) -> None:
    assert not asks_to_publish(text)


async def test_without_an_explanation_it_asks_back(
    copilot: Copilot, controller: Caller, publisher: StandInPublisher
) -> None:
    """Nothing is guessed: `publish that` about something else is asked back."""
    answers = await converse(copilot, controller, "How many suppliers do we have?", "publish that")
    assert answers[-1].status == "clarify"
    assert "Which explanation" in answers[-1].answer
    assert publisher.taken == []


async def test_a_refusal_is_said_with_its_reason(demo_store: Store, controller: Caller) -> None:
    publisher = StandInPublisher(Denied("a planner may not draft an explanation of MTY"))
    copilot = Copilot(demo_store, registry(), MODEL, publisher=publisher)
    answer = await copilot.ask(controller, "Publish the explanation of Monterrey in October")
    assert (answer.status, answer.draft) == ("refused", None)
    assert "a planner may not draft" in answer.answer


async def test_no_model_publishes(demo_store: Store, controller: Caller, publisher: StandInPublisher) -> None:
    """A language model that calls the tool gets nothing of it; where a person asks, no model is asked."""
    call = ToolCall("draft_explanation", ExplainVariance(site="Kassel", period="2025-11"))
    hostile = ScriptedModel(Calls(Reading((call,), "Publish it", 1.0)))
    copilot = Copilot(demo_store, registry(), hostile, fallback=MODEL, publisher=publisher)
    await copilot.ask(controller, "Why was Kassel over standard in November?")
    assert publisher.taken == []
    asked = len(hostile.turns)
    assert asked
    await copilot.ask(controller, "Publish the explanation of Monterrey in October")
    assert [taken for taken, _ in publisher.taken] == [OCTOBER]
    assert (len(hostile.turns), hostile.writing) == (asked, [])


async def test_a_replay_drafts_nothing(
    copilot: Copilot, controller: Caller, publisher: StandInPublisher
) -> None:
    answer = await copilot.ask(controller, "Publish the explanation of Monterrey in October")
    again = await copilot.replay(controller, answer.id)
    assert len(publisher.taken) == 1
    assert again.draft is not None
    assert again.draft.state == "published"
