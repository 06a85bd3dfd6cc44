"""Questions that name no thing are heard in four languages; a question about a thing is never one of them."""

from __future__ import annotations

import pytest

from agents.models.embedded.overview_reader import asks_of, overview_plan
from agents.models.embedded.presenting import Presenting
from agents.models.protocol import Calls, Clarify, Turn
from erp_adapters.caller import Caller
from erp_adapters.store import Store
from tools.languages import LANGUAGES, Language, said, speaking
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery
from tools.overview.matters import matters

_ALL = Caller("planner", "Planner", frozenset({"planner"}), frozenset({"KAS", "MTY"}), frozenset())
_ADMITTED = {"attention", "query_metrics", "shortages"}


async def read(store: Store, text: str, language: Language = "en") -> Calls | Clarify | None:
    async with store.reading(_ALL) as tx:
        with speaking(language):
            presenting = Presenting(packaged_catalogue())
            return await overview_plan(Turn(text, language=language), _ADMITTED, tx, presenting)


@pytest.mark.parametrize(
    "text",
    [
        "What should I worry about today?",
        "what needs my attention this morning",
        "whats urgent",
        "Good morning! Anything urgent today?",
        "hey, what should I look at first?",
        "Show me my priorities for today",
        "How are we doing?",
        "What did I miss?",
        "Was muss ich heute tun?",
        "Wo brennt's?",
        "Gibt es heute Probleme?",
        "¿Qué debo hacer hoy?",
        "¿Hay problemas?",
        "Que dois-je faire aujourd'hui ?",
        "Qu'est-ce qui est urgent ?",
    ],
)
def test_what_needs_somebody_is_heard(text: str) -> None:
    assert asks_of(text) == "attention"


@pytest.mark.parametrize(
    "text",
    [
        "What can you do?",
        "help",
        "Hi, what can I ask you?",
        "How do I use this?",
        "Was kannst du alles?",
        "Hilfe!",
        "¿Qué puedes hacer?",
        "Que pouvez-vous faire ?",
        "bonjour",
    ],
)
def test_what_can_be_asked_is_heard(text: str) -> None:
    assert asks_of(text) == "abilities"


@pytest.mark.parametrize(
    "text",
    [
        "What is the status of order 1102494?",
        "What is short?",
        "Are there any problems with supplier Hansen?",
        "What should I order today?",
        "Show me an overview of stock",
        "Help me find ball bearings",
        "What did we spend today?",
        "Are there any late orders?",
        "Was ist überfällig an Bestellungen?",
        "today",
        "",
    ],
)
def test_what_names_a_thing_is_left_to_the_others(text: str) -> None:
    assert asks_of(text) is None


async def test_the_site_and_the_time_are_bound(demo_store: Store) -> None:
    """A plant that is named narrows it, and so does how far ahead is looked."""
    plan = await read(demo_store, "What needs my attention in Kassel in the next 3 weeks?")
    assert isinstance(plan, Calls)
    (call,) = plan.reading.calls
    assert call.arguments.model_dump(exclude_defaults=True) == {"site": "KAS", "horizon_days": 21}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_question_that_is_offered_lists_what_it_was_offered_for(
    demo_store: Store, language: Language
) -> None:
    """In each language, with the columns that such lists have."""
    for matter in matters().values():
        with speaking(language):
            text = said(matter.ask)
        plan = await read(demo_store, text, language)
        assert isinstance(plan, Calls), text
        (call,) = plan.reading.calls
        assert isinstance(call.arguments, MetricQuery)
        assert call.arguments.where == matter.listed().where
        assert call.arguments.show


async def test_whoever_asks_what_can_be_asked_is_given_something_to_run(demo_store: Store) -> None:
    """Three readings that run, of tools that the person has."""
    plan = await read(demo_store, "What can you do?")
    assert isinstance(plan, Clarify)
    assert [call.name for reading in plan.readings for call in reading.calls] == [
        "attention",
        "shortages",
        "query_metrics",
    ]
