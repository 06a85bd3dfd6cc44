"""A hallucinating model, 500 seeded turns: not one ungrounded figure, name or source is shown.

The judge shares no code with the grounding. It asks the tools again and looks every number of an answer up in
what they returned.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from agents.answer import Answer
from agents.copilot import Copilot
from agents.models.openai_compatible import OpenAIModel
from agents.models.protocol import ToolCall
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError
from erp_adapters.store import Store
from erp_adapters.store.session import ReadTransaction
from tests.agents.hallucinator import DIRECTIONS, NUMBER_WORDS, SOURCES, Hallucinator
from tests.agents.scripted_openai import Behaviour, Text, Tools, scripted_openai
from tests.agents.toy import (
    PLANNER,
    REASONS,
    KeptInMemory,
    NoStore,
    ScrapArguments,
    StockArguments,
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
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
MADE_UP = "88 bikes lost"
"""A claim in the place of a name."""
_ARGUMENT = re.compile(r"\btop \d+")
"""What an offered reading would ask a tool for is no figure."""
SCRAPPED = {name: f"{scrapped:,f}".rstrip("0").rstrip(".") for name, scrapped, *_ in REASONS}
_GIVEN = re.compile(rf"({'|'.join(SCRAPPED)}) had a scrapped quantity of ([\d.,]*\d)")
_WORDED = re.compile(
    r"\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|half|halves|twice|double[ds]?|percent)\b",
    re.IGNORECASE,
)


def _plans(chance: random.Random, question: str) -> Sequence[ToolCall]:
    calls = [
        ToolCall("scrap", ScrapArguments(top=chance.randint(1, 3))),
        ToolCall("stock", StockArguments(material=chance.choice(["BK-M93B-44", "nothing", MADE_UP]))),
    ]
    return chance.sample(calls, chance.randint(1, 2))


def _numbers(texts: Iterable[str]) -> set[Decimal]:
    return {Decimal(found.replace(",", "")) for text in texts for found in _NUMBER.findall(text)}


def _forms(value: object) -> set[str]:
    """The ways in which a value may be written: as it is, and rounded to any number of places."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        number = Decimal(value)
        return {str(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)) for places in range(9)}
    return {str(value)}


@dataclass(frozen=True, slots=True)
class Truth:
    """What the tools say to the calls of an answer when the judge asks them."""

    results: tuple[ToolResult, ...] = ()
    complaints: tuple[str, ...] = ()

    def words(self) -> list[str]:
        """What the tools put into words."""
        found = [*CODES, *self.complaints]
        for result in self.results:
            found += [result.reading, re.sub(r"\{\{.*?\}\}", "", result.sentence), *result.caveats]
            found += [flag for proof in result.evidence for flag in proof.flags]
            found += [text for figure in result.figures for text in (figure.label, figure.unit)]
            for table in result.tables:
                found += [text for column in table.columns for text in (column.label, column.unit)]
        return found

    def values(self) -> list[object]:
        """Every cell and figure."""
        found: list[object] = [figure.value for result in self.results for figure in result.figures]
        return found + [c for r in self.results for t in r.tables for row in t.rows for c in row]

    def numbers(self) -> set[Decimal]:
        """Every number that may be shown, rounded or not, and how many rows there are."""
        counts = [str(n) for r in self.results for t in r.tables for n in (len(t.rows), t.total_rows or 0)]
        return _numbers(
            [*self.words(), *counts, *(form for value in self.values() for form in _forms(value))]
        )


async def _truth(answer: Answer, tools: ToolRegistry, store: NoStore | Store, caller: Caller) -> Truth:
    results: list[ToolResult] = []
    complaints: list[str] = []
    for call in answer.tool_calls:
        tool = tools.get(call.name)
        arguments = tool.arguments.model_validate_json(call.arguments)
        try:
            async with store.reading(caller) as tx:
                results.append(await tool.run(arguments, ToolContext(caller, tx)))
        except CopilotError as error:
            if MADE_UP not in call.arguments:
                complaints.append(str(error))
    return Truth(tuple(results), tuple(complaints))


def _ungrounded(answer: Answer, truth: Truth, invented: Sequence[str]) -> list[str]:
    """What the answer shows that nothing bears out."""
    allowed = truth.numbers() | _numbers([answer.question])
    offered = [_ARGUMENT.sub("", other.reading) for other in answer.alternatives]
    shown = [answer.answer, *answer.caveats, *offered]
    wrong = [f"number {n} in {shown}" for n in _numbers(shown) if n not in allowed and -n not in allowed]
    text = " ".join(shown)
    known = " ".join([answer.question, *truth.words(), *map(str, truth.values())])
    wrong += [f"word {word!r} in {shown}" for word in _WORDED.findall(text) if word not in known]
    wrong += [
        f"numeral {c!r}"
        for c in text
        if not c.isascii() and unicodedata.numeric(c, None) is not None and c not in known
    ]
    passed_off = {told for told in invented if told in (*SOURCES, *NUMBER_WORDS, *DIRECTIONS)}
    wrong += [f"invented {told!r} in {shown}" for told in passed_off if told in text and told not in known]
    values = _numbers(str(value) for value in truth.values())
    wrong += [f"figure {figure.value}" for figure in answer.figures if Decimal(figure.value) not in values]
    wrong += [
        f"cell {cell}"
        for table in answer.tables
        for row in table.rows
        for cell, kind in zip(row, table.kinds, strict=True)
        if isinstance(cell, str) and kind not in ("text", "id", "date") and Decimal(cell) not in values
    ]
    labels = [column for table in answer.tables for column in (*table.columns, table.title)]
    wrong += [f"heading {label!r}" for label in labels if MADE_UP in label]
    wrong += [f"{name} given {value}" for name, value in _GIVEN.findall(text) if value != SCRAPPED.get(name)]
    return wrong


async def test_no_ungrounded_figure_in_500_turns() -> None:
    """Made-up figures, number words, wrong references, invented sources, bent values: none gets through."""
    wrong: list[str] = []
    said = lied = 0
    for seed in range(TURNS):
        model = Hallucinator(seed, _plans)
        agent = Copilot(NoStore(), registry(), model, conversations=KeptInMemory())
        answer = await agent.ask(PLANNER, QUESTIONS[seed % len(QUESTIONS)])
        truth = await _truth(answer, registry(), NoStore(), PLANNER)
        wrong += [f"seed {seed}: {what}" for what in _ungrounded(answer, truth, model.invented)]
        said += bool(_numbers([answer.answer]))
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


async def test_nor_with_the_tools_that_there_are(owner_dsn: str, store: Store) -> None:
    """The product's own tools on a small plant, where the model also words headings and filters."""
    build(owner_dsn)
    wrong: list[str] = []
    said = 0
    tools = all_tools.registry()
    for seed in range(150):
        model = Hallucinator(seed, _real_plans)
        answer = await Copilot(store, tools, model).ask(KASSEL, "What do we have of Wheel, top 3?")
        truth = await _truth(answer, tools, store, KASSEL)
        wrong += [f"seed {seed}: {what}" for what in _ungrounded(answer, truth, model.invented)]
        said += bool(_numbers([answer.answer]))
    assert not wrong
    assert said > 30


def test_the_judge_finds_what_it_is_to_find() -> None:
    """A judge that waves everything through would prove nothing."""
    answer = Answer(id="1", status="answered", question="Scrap?", reading="", answer="", model="m")
    for text in ("It was 4711.", "It was twelve.", "It was Ⅻ.", "According to Gartner."):
        assert _ungrounded(answer.model_copy(update={"answer": text}), Truth(), ["Gartner"])
    assert not _ungrounded(answer.model_copy(update={"answer": "It was scrapped."}), Truth(), ["Gartner"])


async def _no_facts(tx: ReadTransaction) -> str:
    return ""


async def test_nor_through_an_endpoint() -> None:
    """The same liar behind HTTP, where it also fills in arguments, words and texts as it likes."""
    wrong: list[str] = []
    async with scripted_openai() as endpoint:
        model = OpenAIModel("liar", "key", endpoint.base_url, facts=_no_facts)
        for seed in range(40):
            liar = Hallucinator(seed, _plans)
            chance = random.Random(seed)

            async def prose(liar: Hallucinator = liar) -> str:
                results = []
                for call in _plans(random.Random(0), ""):
                    async with NoStore().reading(PLANNER) as tx:
                        tool = registry().get(call.name)
                        with_context = ToolContext(PLANNER, tx)
                        if call.arguments != StockArguments(material=MADE_UP):
                            results.append(await tool.run(call.arguments, with_context))
                return "".join([part async for part in liar.compose(None, results)])  # type: ignore[arg-type]

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
            wrong += [f"seed {seed}: {what}" for what in _ungrounded(answer, truth, liar.invented)]
        await model.close()
    assert not wrong
