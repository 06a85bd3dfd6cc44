"""A hallucinating model, 500 seeded turns: not one ungrounded figure, name or source is shown.

The judge shares no code with the grounding. It asks the tools again and looks every number of an answer up in
what they returned.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from agents.answer import Answer
from agents.copilot import Copilot
from agents.models.openai_compatible import OpenAIModel
from agents.models.protocol import ToolCall
from erp_adapters.store.session import ReadTransaction, Store
from tests.agents.hallucinator import DIRECTIONS, NUMBER_WORDS, SOURCES, Hallucinator
from tests.agents.scripted_openai import Behaviour, Text, Tools, scripted_openai
from tests.agents.toy import (
    PLANNER,
    KeptInMemory,
    NoStore,
    ScrapArguments,
    StockArguments,
    registry,
)
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
_ARGUMENT = re.compile(r"\btop \d+")
"""What an offered reading would ask a tool for is no figure."""
_WORDED = re.compile(
    r"\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|half|halves|twice|double[ds]?|percent)\b",
    re.IGNORECASE,
)


def _plans(chance: random.Random, question: str) -> Sequence[ToolCall]:
    calls = [
        ToolCall("scrap", ScrapArguments(top=chance.randint(1, 3))),
        ToolCall("stock", StockArguments(material=chance.choice(["BK-M93B-44", "nothing", "88 bikes lost"]))),
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


def _allowed(question: str, results: Sequence[ToolResult]) -> set[Decimal]:
    """Every number that the question and the results hold, and how many rows there are."""
    texts = [question, *CODES]
    for result in results:
        texts.append(result.reading)
        texts += [form for figure in result.figures for form in _forms(figure.value)]
        texts += [figure.label for figure in result.figures]
        for table in result.tables:
            texts += [str(len(table.rows)), str(table.total_rows or 0)]
            texts += [text for column in table.columns for text in (column.label, column.unit)]
            texts += [form for row in table.rows for cell in row for form in _forms(cell)]
    return _numbers(texts)


async def _again(answer: Answer, tools: ToolRegistry, store: NoStore | Store) -> list[ToolResult]:
    """The results of the answer's calls, computed by the judge."""
    found = []
    for call in answer.tool_calls:
        tool = tools.get(call.name)
        arguments = tool.arguments.model_validate_json(call.arguments)
        async with store.reading(PLANNER) as tx:
            try:
                found.append(await tool.run(arguments, ToolContext(PLANNER, tx)))
            except Exception:  # noqa: BLE001 - a call that fails contributes no number
                continue
    return found


def _ungrounded(answer: Answer, results: Sequence[ToolResult], invented: Sequence[str]) -> list[str]:
    """What the answer shows that nothing bears out."""
    allowed = _allowed(answer.question, results)
    shown = [
        answer.answer,
        *answer.caveats,
        *(_ARGUMENT.sub("", other.reading) for other in answer.alternatives),
    ]
    wrong = [
        f"number {n} in {answer.answer!r}" for n in _numbers(shown) if n not in allowed and -n not in allowed
    ]
    text = " ".join(shown)
    known = " ".join([answer.question, *(r.reading + r.sentence for r in results)])
    wrong += [f"word {word!r}" for word in _WORDED.findall(text) if word not in known]
    wrong += [f"numeral {c!r}" for c in text if not c.isascii() and unicodedata.numeric(c, None) is not None]
    wrong += [
        f"invented {told!r}"
        for told in invented
        if told in (*SOURCES, *NUMBER_WORDS, *DIRECTIONS) and told in text
    ]
    values = _numbers(form for r in results for form in _value_texts(r))
    wrong += [f"figure {figure.value}" for figure in answer.figures if Decimal(figure.value) not in values]
    wrong += [
        f"cell {cell}"
        for table in answer.tables
        for row in table.rows
        for cell, kind in zip(row, table.kinds, strict=True)
        if isinstance(cell, str) and kind not in ("text", "id", "date") and Decimal(cell) not in values
    ]
    return wrong


def _value_texts(result: ToolResult) -> list[str]:
    found = [str(figure.value) for figure in result.figures]
    return found + [str(cell) for table in result.tables for row in table.rows for cell in row]


async def test_no_ungrounded_figure_in_500_turns() -> None:
    """Made-up figures, number words, wrong references, invented sources, bent values: none gets through."""
    wrong: list[str] = []
    said = refused = 0
    for seed in range(TURNS):
        model = Hallucinator(seed, _plans)
        agent = Copilot(NoStore(), registry(), model, conversations=KeptInMemory())
        answer = await agent.ask(PLANNER, QUESTIONS[seed % len(QUESTIONS)])
        results = await _again(answer, registry(), NoStore())
        wrong += [f"seed {seed}: {what}" for what in _ungrounded(answer, results, model.invented)]
        said += bool(_numbers([answer.answer]))
        refused += bool(model.invented)
    assert not wrong
    # The test must have had something to catch, and must not pass because nothing is ever said.
    assert refused > TURNS / 2
    assert said > TURNS / 3


def test_the_judge_finds_what_it_is_to_find() -> None:
    """A judge that waves everything through would prove nothing."""
    answer = Answer(id="1", status="answered", question="Scrap?", reading="", answer="", model="m")
    for text in ("It was 4711.", "It was twelve.", "It was Ⅻ.", "According to Gartner."):
        assert _ungrounded(answer.model_copy(update={"answer": text}), [], ["Gartner"])
    assert not _ungrounded(answer.model_copy(update={"answer": "It was scrapped."}), [], ["Gartner"])


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
                        if call.arguments != StockArguments(material="88 bikes lost"):
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
            results = await _again(answer, registry(), NoStore())
            wrong += [f"seed {seed}: {what}" for what in _ungrounded(answer, results, liar.invented)]
        await model.close()
    assert not wrong
