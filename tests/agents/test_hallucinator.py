"""A hallucinating model, 500 seeded turns: not one ungrounded figure, name or source is shown.

The judge shares no code with the grounding. It asks the tools again and looks every number of an answer up in
what they returned.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import pytest

from agents.answer import Answer
from agents.copilot import Copilot
from agents.models.openai_compatible import OpenAIModel
from agents.models.protocol import ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError
from erp_adapters.store import Store
from erp_adapters.store.session import ReadTransaction
from eval.adversarial.models import Hallucinator
from eval.adversarial.truth import Truth, numbers, ungrounded
from tests.agents.scripted_openai import Behaviour, Text, Tools, scripted_openai
from tests.agents.toy import (
    PLANNER,
    REASONS,
    KeptInMemory,
    NoStore,
    ScrapArguments,
    StockArguments,
    Unlinked,
    registry,
)
from tests.tools.plant import KASSEL, build
from tools import all_tools
from tools.bom import explode_bom
from tools.inventory import stock_and_requirements
from tools.materials import material_card
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery
from tools.registry import ToolContext, ToolRegistry
from tools.results import ToolResult

TURNS = 500
QUESTIONS = (
    "What was scrapped, by reason?",
    "What are the top 3 scrap reasons?",
    "How much is in stock of BK-M93B-44?",
    "Scrapped quantity and stock of BK-M93B-44 in 2014?",
)
CODES = ("BK-M93B-44",)
"""What materials of the data are called; an offered reading may name one."""
MADE_UP = "88 bikes lost"
"""A claim in the place of a name."""
_TOPS = ("1", "2", "3")
"""How many rows an offered reading would ask a tool for; that is no figure."""
SCRAPPED = {name: f"{scrapped:,f}".rstrip("0").rstrip(".") for name, scrapped, *_ in REASONS}
_GIVEN = re.compile(rf"({'|'.join(SCRAPPED)}) had a scrapped quantity of ([\d.,]*\d)")


def _plans(chance: random.Random, question: str) -> Sequence[ToolCall]:
    calls = [
        ToolCall("scrap", ScrapArguments(top=chance.randint(1, 3))),
        ToolCall("stock", StockArguments(material=chance.choice(["BK-M93B-44", "nothing", MADE_UP]))),
    ]
    return chance.sample(calls, chance.randint(1, 2))


async def _truth(answer: Answer, tools: ToolRegistry, store: NoStore | Store, caller: Caller) -> Truth:
    """What the tools say to the calls of an answer when the judge asks them again."""
    results: list[ToolResult] = []
    said = list(CODES)
    for call in answer.tool_calls:
        tool = tools.get(call.name)
        arguments = tool.arguments.model_validate_json(call.arguments)
        try:
            async with store.reading(caller) as tx:
                results.append(await tool.run(arguments, ToolContext(caller, tx)))
        except CopilotError as error:
            if MADE_UP not in call.arguments:
                said.append(str(error))
    return Truth(tuple(results), tuple(said), (MADE_UP, f"Lost {MADE_UP}"))


def _wrong(answer: Answer, truth: Truth, invented: Sequence[str]) -> list[str]:
    """What the answer shows that nothing bears out, and reasons that it gives another one's quantity."""
    swapped = [(name, value) for name, value in _GIVEN.findall(answer.answer) if value != SCRAPPED[name]]
    return ungrounded(answer, truth, invented, _TOPS) + [f"{name} given {value}" for name, value in swapped]


@pytest.mark.slow
async def test_no_ungrounded_figure_in_500_turns() -> None:
    """Made-up figures, number words, wrong references, invented sources, bent values: none gets through."""
    wrong: list[str] = []
    said = lied = 0
    for seed in range(TURNS):
        model = Hallucinator(seed, plans=_plans)
        agent = Copilot(NoStore(), registry(), model, conversations=KeptInMemory())
        answer = await agent.ask(PLANNER, QUESTIONS[seed % len(QUESTIONS)])
        truth = await _truth(answer, registry(), NoStore(), PLANNER)
        wrong += [f"seed {seed}: {what}" for what in _wrong(answer, truth, model.invented)]
        said += bool(numbers([answer.answer]))
        lied += bool(model.invented)
    assert not wrong
    # The test must have had something to catch, and must not pass because nothing is ever said.
    assert lied > TURNS / 2
    assert said > TURNS / 3


def _real_plans(chance: random.Random, question: str) -> Sequence[ToolCall]:
    """Metric queries and look-ups as a model might ask for them, some with claims in their arguments."""
    catalogue = packaged_catalogue()
    metric = chance.choice(sorted(catalogue.metrics))
    entity = chance.choice(["material", "supplier", "purchase_order", "production_order"])
    claim = chance.choice(["", f"Lost {MADE_UP}"])
    material = chance.choice(["Wheel", "Spoke", MADE_UP])
    queries: list[dict[str, object]] = [
        {"measures": [{"name": "m", "metric": metric, "label": claim}]},
        {"rows_of": entity, "limit": chance.randint(1, 5)},
        {"measures": [{"name": "n", "count_of": entity, "label": claim}]},
        {
            "measures": [{"name": "n", "count_of": "material"}],
            "where": [{"test": "contains", "path": "material.name", "text": claim or "e"}],
        },
    ]
    calls = [
        ToolCall("query_metrics", MetricQuery.model_validate(chance.choice(queries))),
        ToolCall("material_card", material_card.arguments(material=material)),
        ToolCall("explode_bom", explode_bom.arguments(material="City Bike")),
        ToolCall("stock_and_requirements", stock_and_requirements.arguments(material="1-WHEEL")),
    ]
    return chance.sample(calls, chance.randint(1, 2))


@pytest.mark.slow
async def test_nor_with_the_tools_that_there_are(owner_dsn: str, store: Store) -> None:
    """The product's own tools on a small plant, where the model also words headings and filters."""
    build(owner_dsn)
    wrong: list[str] = []
    said = 0
    tools = all_tools.registry()
    for seed in range(150):
        model = Hallucinator(seed, plans=_real_plans)
        answer = await Copilot(store, tools, model).ask(KASSEL, "What do we have of Wheel, top 3?")
        truth = await _truth(answer, tools, store, KASSEL)
        wrong += [f"seed {seed}: {what}" for what in _wrong(answer, truth, model.invented)]
        said += bool(numbers([answer.answer]))
    assert not wrong
    assert said > 30


async def _no_facts(tx: ReadTransaction) -> str:
    return ""


@pytest.mark.slow
async def test_nor_through_an_endpoint() -> None:
    """The same liar behind HTTP, where it also fills in arguments, words and texts as it likes."""
    wrong: list[str] = []
    async with scripted_openai() as endpoint:
        model = OpenAIModel("liar", "key", endpoint.base_url, form="tools", facts=_no_facts, links=Unlinked())
        for seed in range(40):
            liar = Hallucinator(seed, plans=_plans)
            chance = random.Random(seed)

            async def prose(liar: Hallucinator = liar) -> str:
                results = []
                for call in _plans(random.Random(0), ""):
                    async with NoStore().reading(PLANNER) as tx:
                        tool = registry().get(call.name)
                        with_context = ToolContext(PLANNER, tx)
                        if call.arguments != StockArguments(material=MADE_UP):
                            results.append(await tool.run(call.arguments, with_context))
                return "".join([part async for part in liar.compose(Turn(""), results)])

            text = await prose()

            def behave(
                request: dict[str, object],
                liar: Hallucinator = liar,
                chance: random.Random = chance,
                text: str = text,
            ) -> Behaviour:
                if request.get("stream"):
                    return Text(text)
                calls: list[tuple[str, str]] = [
                    (call.name, call.arguments.model_dump_json()) for call in _plans(chance, "")
                ]
                if chance.random() < 0.2:
                    calls.append(("cannot_answer", '{"why": "not_in_data", "word": "4711 pieces"}'))
                elif chance.random() < 0.2:
                    calls.append(("ask_person", '{"about": "period", "word": "twelve"}'))
                return Tools(calls)

            endpoint.answering = behave
            agent = Copilot(NoStore(), registry(), model, conversations=KeptInMemory())
            answer = await agent.ask(PLANNER, QUESTIONS[seed % len(QUESTIONS)])
            truth = await _truth(answer, registry(), NoStore(), PLANNER)
            wrong += [f"seed {seed}: {what}" for what in _wrong(answer, truth, liar.invented)]
        await model.close()
    assert not wrong
