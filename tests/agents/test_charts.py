"""An answer gets its charts in a turn: asked for, in follow-ups, in a replay; no model changes a value."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from agents.answer import Answer
from agents.arguments import checked
from agents.copilot import Copilot
from agents.models.protocol import Calls, Plan, Turn
from tests.agents.scripted import ScriptedModel, calls
from tests.agents.toy import PLANNER, KeptInMemory, NoArguments, NoStore, ScrapArguments, StockArguments
from tests.agents.toy import registry as toy_registry
from tests.server.charted import MONTHS
from tests.server.stand_in import ranking
from tools.charts import ChartSpec, ChartWish, drawn
from tools.registry import ToolContext, ToolRegistry, tool
from tools.results import Column, Table, ToolResult

SCRAP = calls("scrap", ScrapArguments())


def copilot(plan: Any, *, writes_freely: bool = False) -> tuple[Copilot, ScriptedModel]:
    model = ScriptedModel(plan, writes_freely=writes_freely)
    return Copilot(NoStore(), toy_registry(), model, conversations=KeptInMemory()), model


async def asked(*questions: str, plan: Any = SCRAP, writes_freely: bool = False) -> list[Answer]:
    """The answers to questions of one conversation."""
    house, _ = copilot(plan, writes_freely=writes_freely)
    found: list[Answer] = []
    for question in questions:
        conversation = found[-1].conversation if found else None
        found.append(await house.ask(PLANNER, question, conversation=conversation))
    return found


async def test_a_chart_that_is_asked_for_is_drawn_and_the_question_read_without_it() -> None:
    """The embedded model's readers see `scrap by reason`; a language model sees every word."""
    house, model = copilot(SCRAP)
    answer = await house.ask(PLANNER, "Show me a bar chart of scrap by reason")
    assert [turn.question for turn in model.turns] == ["scrap by reason"]
    assert answer.question == "Show me a bar chart of scrap by reason"
    assert [(spec.kind, spec.asked, spec.table) for spec in answer.charts] == [
        ("bar", True, 0),
        ("bar", True, 0),
    ]
    house, model = copilot(SCRAP, writes_freely=True)
    await house.ask(PLANNER, "Show me a bar chart of scrap by reason")
    assert [turn.question for turn in model.turns] == ["Show me a bar chart of scrap by reason"]


async def test_as_a_chart_draws_the_answer_before_without_asking_the_model() -> None:
    """The same calls are run again; kinds, scales and the mean add up over several follow-ups."""
    house, model = copilot(SCRAP)
    first = await house.ask(PLANNER, "scrap by reason")
    assert not any(spec.asked for spec in first.charts)
    second = await house.ask(PLANNER, "as a chart", conversation=first.conversation)
    assert second.tables == first.tables
    assert [spec.asked for spec in second.charts] == [True, True]
    third = await house.ask(PLANNER, "with average", conversation=first.conversation)
    assert third.charts[0].lines[0].kind == "average"
    fourth = await house.ask(PLANNER, "als Balken", conversation=first.conversation)
    assert fourth.charts[0].lines[0].kind == "average"
    assert (fourth.charts[0].kind, fourth.language) == ("bar", "de")
    assert len(model.turns) == 1


def _two_or_stock(turn: Turn) -> Plan:
    if "stock" in turn.question:
        return calls("stock", StockArguments(material="BK-M93B-44"))
    return calls("scrap", ScrapArguments(top=2 if "two" in turn.question else 5))


async def test_a_chart_stays_while_the_talk_goes_on_about_the_same() -> None:
    """`only the top two` after a chart is a chart again; another subject is not."""
    drawn_first, narrowed, other = await asked(
        "plot scrap by reason", "only the top two", "stock of it", plan=_two_or_stock
    )
    assert drawn_first.charts[0].asked
    assert narrowed.charts[0].asked
    assert other.charts == ()


async def test_where_there_is_nothing_to_draw_a_sentence_says_so() -> None:
    """Neither an empty frame nor silence; and without an answer before, what to say instead."""
    one = calls("stock", StockArguments(material="BK-M93B-44"))
    (answer,) = await asked("plot the stock of BK-M93B-44", plan=one)
    assert answer.charts == ()
    assert "There is nothing to draw: the answer has fewer than two values." in answer.caveats
    (answer,) = await asked("as a chart")
    assert answer.status == "cannot_answer"
    assert answer.answer.startswith("There is no answer before this that could be drawn.")


async def test_a_replay_draws_the_same() -> None:
    """Also where the wish came from an earlier turn."""
    house, _ = copilot(_two_or_stock)
    first = await house.ask(PLANNER, "plot scrap by reason with average")
    second = await house.ask(PLANNER, "only the top two", conversation=first.conversation)
    # The turn that is replayed is no longer the last one.
    await house.ask(PLANNER, "stock of it", conversation=first.conversation)
    again = await house.replay(PLANNER, second.id)
    assert again.charts == second.charts
    assert again.charts[0].asked
    assert again.charts[0].lines


def lying(wish: ChartWish) -> Plan:
    return replace(SCRAP, chart=wish)


@pytest.mark.parametrize(
    "wish",
    [
        ChartWish(kind="line", x="918273", columns=("3126 lost", "rate")),
        ChartWish(kind="pareto", columns=("last_seen", "name")),
        ChartWish(kind="scatter", x="name", columns=("scrapped", "rate")),
        ChartWish.model_construct(kind="cake", x=7, columns=("918273",), log="no", average=[]),  # type: ignore[arg-type]
        "918273 pcs",
    ],
)
async def test_a_lying_model_changes_no_value_in_a_chart(wish: Any) -> None:
    """It may propose a kind and columns; tables decide what there is, and its words appear nowhere."""
    (answer,) = await asked("scrap by reason", plan=lying(wish), writes_freely=True)
    assert answer.status == "answered"
    text = json.dumps([spec.model_dump() for spec in answer.charts])
    assert "918273" not in text
    assert "lost" not in text
    for spec in answer.charts:
        table = answer.tables[spec.table]
        for series in drawn(spec, table).series:
            at = table.names.index(series.spec.column)
            assert all(str(point.value) == table.rows[point.row][at] for point in series.points)


def test_a_proposal_that_no_validation_has_seen_is_dropped() -> None:
    """What a model made past validation does not travel on."""
    made = ChartWish.model_construct(kind="cake", columns=(7,))  # type: ignore[arg-type]
    for proposed, kept in ((made, None), ("cake", None), (ChartWish(kind="bar"), ChartWish(kind="bar"))):
        plan = replace(SCRAP, chart=proposed)  # type: ignore[arg-type]
        cleaned = checked(plan, "scrap", (), (), tools=[], most=8)
        assert isinstance(cleaned, Calls)
        assert cleaned.chart == kept


async def test_a_model_may_propose_a_kind_that_fits() -> None:
    """Where the question itself says nothing of it."""
    proposed = lying(ChartWish(kind="scatter", columns=("scrapped", "rate")))
    (answer,) = await asked(
        "How do rate and quantity of scrap hang together?", plan=proposed, writes_freely=True
    )
    assert [(spec.kind, spec.asked) for spec in answer.charts] == [("scatter", True)]


@tool(name="linked", examples=())
async def linked(arguments: NoArguments, context: ToolContext) -> ToolResult:
    """Names that a screen might take for a link or for markup."""
    names = ("http://evil.example", "<b>x</b>", "[a](b)")
    rows = tuple((f"2025-0{m}", name, m) for m in (1, 2, 3) for name in names)
    columns = (Column("month", "Month", "text"), Column("site", "Site", "text"), Column("n", "N", "count"))
    return ToolResult("linked", "Names", (Table(columns, rows),), (), ())


async def test_names_from_data_are_text_in_charts_too() -> None:
    """Headings of series are words beside the data, so nothing in them is a link or markup."""
    model = ScriptedModel(calls("linked", NoArguments()))
    house = Copilot(NoStore(), ToolRegistry([linked]), model, conversations=KeptInMemory())
    answer = await house.ask(PLANNER, "plot it by month")
    labels = [one.label for spec in answer.charts for one in spec.series]
    assert labels == ["http: //evil.example", "‹b›x‹/b›", "[a] (b)"]
    assert len(drawn(answer.charts[0], answer.tables[0]).series[0].points) == 3


def test_answers_that_were_kept_with_the_old_form_of_chart_still_open() -> None:
    """Their chart is dropped; nothing else of them is lost."""
    kept = ranking().model_dump(mode="json", exclude={"charts"})
    kept["chart"] = {"form": "bar", "x": "scrap_reason", "y": ["scrapped_quantity"]}
    opened = Answer.model_validate_json(json.dumps(kept))
    assert opened.charts == ()
    assert opened.tables == ranking().tables


def test_a_specification_survives_being_kept() -> None:
    """As JSON and back, and it says which version it is."""
    (spec,) = ranking().charts
    assert ChartSpec.model_validate_json(spec.model_dump_json()) == spec
    assert spec.version == "1"
    assert MONTHS.rows
