"""Plans keep their meaning when they are written as words with pointers and read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import agents.models.embedded.training as training
from agents.models.embedded.grammar import GrammarReader
from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.masterdata import MasterData, MasterDataCache
from agents.models.embedded.periods import Period
from agents.models.embedded.plan_language import NONE, NotSayable, PlanLanguage, Pointer
from agents.models.protocol import ToolCall
from erp_adapters.store.session import Store
from tools.all_tools import registry
from tools.metrics.catalogue import packaged_catalogue

CATALOGUE = packaged_catalogue()
TOOLS = registry().reading()
LANGUAGE = PlanLanguage(CATALOGUE, TOOLS)
WRITTEN = Path(training.__file__).with_name("written") / "adventureworks"
_SAMPLED = 60


def call(tool: str, **arguments: Any) -> ToolCall:
    return ToolCall(tool, TOOLS[tool].arguments.model_validate(arguments))


def plain(*words: str) -> list[Spot]:
    return [Spot(word, word) for word in words]


def sampled() -> Iterator[dict[str, Any]]:
    for file in sorted(WRITTEN.glob("*.jsonl")):
        lines = file.read_text(encoding="utf-8").splitlines()
        yield from (json.loads(line) for line in lines[::_SAMPLED])


async def _data(store: Store) -> MasterData:
    caller = await store.caller("planner")
    async with store.reading(caller) as tx:
        return await MasterDataCache(CATALOGUE).get(tx)


@pytest.mark.slow
async def test_written_plans_survive_the_way_through_words(adventureworks_store: Store) -> None:
    """What the trainer teaches is what the reader will run: nothing is lost between them."""
    data, reader = await _data(adventureworks_store), GrammarReader(CATALOGUE)
    said = 0
    for record in sampled():
        calls = [call(one["tool"], **one["arguments"]) for one in record["plan"]]
        for question in record["ask"]:
            masked = reader.masked(question, data)
            try:
                words = LANGUAGE.words(calls, masked)
            except NotSayable:
                continue
            said += 1
            assert LANGUAGE.words(LANGUAGE.calls(words, masked), masked) == words, question
    assert said > 100


def test_values_are_pointed_at_and_never_written() -> None:
    """A filter's value comes from the question: another name, period and number give another plan."""
    name = ValueWord("supplier", "name", ("Superior Bicycles",), "Superior Bicycles")
    year = Period(date(2024, 1, 1), date(2024, 12, 31), "year")
    spots = [
        *plain("orders", "from"),
        Spot("SUPPLIER", "Superior Bicycles", meanings=(name,)),
        Spot("PERIOD", "2024", period=year),
        *plain("over"),
        Spot("NUMBER", "5000", number=Decimal(5000)),
    ]
    query = call(
        "query_metrics",
        rows_of="purchase_order",
        where=[
            {"test": "value", "path": "supplier.name", "values": ["Superior Bicycles"]},
            {"test": "date", "start": "2024-01-01", "end": "2024-12-31"},
            {"test": "value", "path": "purchase_order.subtotal", "op": ">", "values": ["5000"]},
        ],
    )
    words = LANGUAGE.words([query], Masked(tuple(spots)))
    assert {word.at for word in words if isinstance(word, Pointer)} == {2, 3, 5}
    assert not any("Superior" in str(word) or "5000" in str(word) for word in words)
    other = ValueWord("supplier", "name", ("Jackson Authority",), "Jackson Authority")
    spots[2] = Spot("SUPPLIER", "Jackson Authority", meanings=(other,))
    (read,) = LANGUAGE.calls(words, Masked(tuple(spots)))
    assert "Jackson Authority" in read.arguments.model_dump_json()


def test_a_value_that_stands_nowhere_is_refused() -> None:
    """The trainer leaves such an example out, rather than teach a made-up filter."""
    query = call(
        "query_metrics",
        measures=[{"name": "m1", "count_of": "material"}],
        where=[{"test": "value", "path": "material.colour", "values": ["Purple"]}],
    )
    with pytest.raises(NotSayable, match="purple"):
        LANGUAGE.words([query], Masked(tuple(plain("how", "many", "red", "ones"))))


@pytest.mark.parametrize(
    "words",
    [
        ["metric:scrap_rate"],
        ["tool:no_such_tool"],
        ["tool:query_metrics", "measure", "metric:no_such_metric_at_all", "where"],
        [
            "tool:query_metrics",
            "measure",
            "count:material",
            "where",
            "value",
            "path:material.colour",
            Pointer(0),
        ],
        ["tool:query_metrics", "measure", "count:material", "where", "date", Pointer(0)],
        ["tool:query_metrics", "measure", "count:material", "limit", Pointer(9)],
        ["tool:query_metrics", "measure", "count:material", ")", "down"],
        ["tool:where_used", "arg:material"],
        [],
    ],
)
def test_nonsense_makes_no_plan(words: list[str | Pointer]) -> None:
    """Whatever the network writes, only a whole plan about things of the right kind comes through."""
    with pytest.raises(NotSayable):
        LANGUAGE.calls(words, Masked(tuple(plain("red"))))


def test_nothing_is_a_plan_of_its_own() -> None:
    """That the data cannot answer is something the network can say."""
    assert LANGUAGE.words([], Masked(())) == [NONE]
    assert LANGUAGE.calls([NONE], Masked(())) == ()


@pytest.mark.parametrize(
    ("start", "end", "shape"),
    [
        (date(2024, 1, 1), date(2024, 3, 31), [0, 1]),
        (date(2024, 3, 1), date(2024, 3, 31), [1]),
        (date(2024, 3, 1), None, ["since", 1]),
        (None, date(2023, 12, 31), ["before", 0]),
        (date(2024, 4, 1), None, ["after", 1]),
        (None, date(2024, 1, 31), ["until", 0]),
    ],
)
def test_periods_are_made_of_those_named(start: date | None, end: date | None, shape: list[object]) -> None:
    """A range from one to another, or one side of a period, without a date written out."""
    named = [
        Period(date(2024, 1, 1), date(2024, 1, 31), "month"),
        Period(date(2024, 3, 1), date(2024, 3, 31), "month"),
    ]
    question = Masked(tuple(Spot("PERIOD", "month", period=one) for one in named))
    query = call(
        "query_metrics",
        measures=[{"name": "m1", "count_of": "production_order"}],
        where=[{"test": "date", "start": start, "end": end}],
    )
    words = LANGUAGE.words([query], question)
    assert [
        word.at if isinstance(word, Pointer) else word for word in words[words.index("date") + 1 :]
    ] == shape
    assert LANGUAGE.calls(words, question)[0].arguments == query.arguments
