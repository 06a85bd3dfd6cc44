"""A turn in another language: read, computed, written and kept in it, with the figures of the English one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.answer import Answer
from agents.copilot import Copilot
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.model import EmbeddedModel
from agents.models.protocol import Calls, Clarify, PastTurn, Reading, ToolCall, Turn
from agents.models.reasons import ASKED_BACK, about, is_known
from erp_adapters.store import Store
from tests.agents.scripted import ScriptedModel
from tests.agents.toy import PLANNER, KeptInMemory, NoStore, ScrapArguments
from tests.agents.toy import registry as toy_registry
from tools.all_tools import registry
from tools.languages import LANGUAGES, Language, speaking
from tools.metrics.query import MetricQuery

SCRAP = MetricQuery.model_validate(
    {
        "measures": [{"name": "a", "metric": "scrapped_quantity"}],
        "by": [{"entity": "scrap_reason"}],
        "order": [{"by": "a"}],
    }
)
PLAN = Calls(Reading((ToolCall("query_metrics", SCRAP),), "", 1.0))
ASKED: dict[Language, str] = {
    "de": "Wie hoch ist die Ausschussmenge je Ausschussgrund?",
    "es": "¿Cuál es la cantidad de chatarra por motivo de chatarra?",
    "fr": "Quelle est la quantité rebutée par motif de rebut ?",
}
READ: dict[Language, str] = {
    "de": "Ausschussmenge, je Ausschussgrund, sortiert nach Ausschussmenge, alle Zeiträume",
    "es": "Cantidad de chatarra, por motivo de chatarra, por orden de cantidad de chatarra, todas las fechas",
    "fr": "Quantité rebutée, par motif de rebut, tri par quantité rebutée, toutes dates confondues",
}
HEADINGS: dict[Language, str] = {
    "de": "Ausschussmenge",
    "es": "cantidad de chatarra",
    "fr": "quantité rebutée",
}
HIGHEST: dict[Language, str] = {
    "de": "hat den höchsten Wert (Ausschussmenge):",
    "es": "tiene el valor más alto de cantidad de chatarra:",
    "fr": "a la valeur la plus haute de quantité rebutée :",
}


async def asked(store: Store, question: str, spoken: Language) -> Answer:
    model = ScriptedModel(PLAN, writes_freely=False)
    planner = replace(await store.caller("planner"), locale=spoken)
    return await Copilot(store, registry(), model).ask(planner, question)


@pytest.mark.parametrize("spoken", ["de", "es", "fr"])
async def test_an_answer_is_in_the_language_of_its_question(demo_store: Store, spoken: Language) -> None:
    """Reading, sentence, headings and caveats; the tables' numbers, dates and machine names stay."""
    answer = await asked(demo_store, ASKED[spoken], spoken)
    english = await asked(demo_store, "What is the scrapped quantity by scrap reason?", "en")
    assert (answer.status, answer.language, english.language) == ("answered", spoken, "en")
    assert answer.reading == READ[spoken]
    assert HIGHEST[spoken] in answer.answer
    assert HEADINGS[spoken] in answer.tables[0].columns
    assert (answer.tables[0].names, answer.tables[0].rows) == (
        english.tables[0].names,
        english.tables[0].rows,
    )
    assert [f.value for f in answer.figures] == [f.value for f in english.figures]
    assert [e.query for e in answer.evidence] == [e.query for e in english.evidence]
    assert not set(answer.caveats) & set(english.caveats)


async def test_a_conversation_goes_on_in_its_language() -> None:
    """A follow-up that could be of any language is answered in that of the turn before."""
    kept = KeptInMemory()
    german = Copilot(NoStore(), toy_registry(), _scrapping(), conversations=kept)
    first = await german.ask(replace(PLANNER, locale="de"), "Welcher Ausschuss ist angefallen?")
    second = await german.ask(replace(PLANNER, locale="fr"), "2024", conversation=first.conversation)
    assert (first.language, second.language) == ("de", "de")


async def test_replays_and_choices_keep_the_language_of_their_answer() -> None:
    """Whoever looks at an answer again, in whatever language they have come to prefer."""
    kept = KeptInMemory()
    scrap = Reading((ToolCall("scrap", ScrapArguments(top=3)),), "Ausschuss", 0.5)
    unsure = ScriptedModel(Clarify("?", (scrap,)), writes_freely=False)
    copilot = Copilot(NoStore(), toy_registry(), unsure, conversations=kept)
    back = await copilot.ask(replace(PLANNER, locale="de"), "Welcher Ausschuss ist angefallen?")
    chosen = await copilot.choose(replace(PLANNER, locale="fr"), back.conversation, back.id, "1")
    again = await copilot.replay(replace(PLANNER, locale="es"), chosen.id)
    assert (back.language, chosen.language, again.language) == ("de", "de", "de")
    assert (
        again.caveats[0] == "Das ist eine Wiederholung auf demselben Datenstand: die Zahlen sind dieselben."
    )


async def test_what_is_no_question_is_refused_in_the_persons_language() -> None:
    """Before anything is known of the conversation."""
    copilot = Copilot(NoStore(), toy_registry(), _scrapping(), conversations=KeptInMemory())
    answer = await copilot.ask(replace(PLANNER, locale="fr-CH"), "?!")
    assert (answer.status, answer.language) == ("refused", "fr")
    assert answer.answer.startswith("La question est vide.")


async def test_a_hosted_model_is_told_the_language() -> None:
    """It writes in that of the turn, and is verified by its words."""
    model = _scrapping()
    copilot = Copilot(NoStore(), toy_registry(), model, conversations=KeptInMemory())
    await copilot.ask(replace(PLANNER, locale="es"), "¿Qué chatarra hubo?")
    assert [turn.language for turn in (*model.turns, *model.writing)] == ["es", "es"]


def test_reasons_are_known_in_the_language_spoken() -> None:
    """A language model's choice of a sentence is ours in every language."""
    with speaking("de"):
        text = about("Was ist Foo?", "Foo", ASKED_BACK["material"])
        assert text == "“Foo”: Welches Material ist gemeint?"
        assert is_known(text, "Was ist Foo?")
        assert not is_known("Which material is meant?", "Was ist Foo?")


async def test_the_network_reads_the_turn_before_in_english(demo_store: Store) -> None:
    """It has learned from English readings; another language would be noise to it."""
    model, data = await _reader(demo_store)
    past = PastTurn(ASKED["de"], PLAN.reading.calls, READ["de"])
    english = model._arbiter._before(past, data).words
    with speaking("de"):
        assert model._arbiter._before(past, data).words == english
    assert "scrapped" in english


@pytest.mark.parametrize(
    "question",
    [
        "How many work orders were finished late and what share of all work orders is that?",
        "Compare scrapped quantity in 2025 and 2026",
        "Average cycle time by category, top 3",
    ],
)
async def test_a_plan_is_the_same_in_every_language(demo_store: Store, question: str) -> None:
    """Headings in a plan are English whatever is spoken, so that it can be compared, kept and run again."""
    model, _ = await _reader(demo_store)
    caller = await demo_store.caller("planner")
    plans = []
    for spoken in LANGUAGES:
        with speaking(spoken):
            async with demo_store.reading(caller) as tx:
                plan = await model.plan(Turn(question), caller, registry().admitted(caller), tx)
        assert isinstance(plan, Calls | Clarify)
        readings = (plan.reading, *plan.others) if isinstance(plan, Calls) else plan.readings
        plans.append([reading.calls for reading in readings])
    assert all(plan == plans[0] for plan in plans)


async def _reader(store: Store) -> tuple[EmbeddedModel, MasterData]:
    model = EmbeddedModel()
    async with store.reading(await store.caller("planner")) as tx:
        return model, await model._data.get(tx)


def _scrapping() -> ScriptedModel:
    return ScriptedModel(
        Calls(Reading((ToolCall("scrap", ScrapArguments(top=3)),), "", 1.0)), writes_freely=False
    )
