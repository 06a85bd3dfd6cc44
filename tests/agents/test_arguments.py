"""What a language model fills into calls: no heading, reading or filter in words of its own."""

from __future__ import annotations

from typing import Any, cast

import pytest
from pydantic import BaseModel

from agents.arguments import checked, in_words, repeats_a_claim, unfounded, unlabelled
from agents.models.protocol import Abstain, Calls, Clarify, PastTurn, Plan, Reading, Step, ToolCall
from erp_adapters.errors import ModelError
from tests.agents.toy import NoArguments, ScrapArguments, StockArguments, scrap
from tests.agents.toy import stock as stock_tool
from tools.metrics.query import MetricQuery
from tools.results import Column, Table, ToolResult

QUERY = MetricQuery.model_validate(
    {
        "measures": [{"name": "n", "count_of": "material", "label": "9,999 bikes lost"}],
        "where": [{"test": "contains", "path": "material.name", "text": "wheel"}],
    }
)


def stock(material: str) -> ToolCall:
    return ToolCall("stock", StockArguments(material=material))


def made_ours(plan: Plan) -> Plan:
    return checked(plan, "Stock?", (), (), tools=(scrap, stock_tool), most=2)


def test_headings_are_taken_out_and_nothing_else() -> None:
    """The rest of the query is as it was, and what holds no heading is the same object."""
    call = unlabelled(ToolCall("query_metrics", QUERY))
    assert isinstance(call.arguments, MetricQuery)
    assert call.arguments.measures[0].label == ""
    assert call.arguments.where == QUERY.where
    plain = ScrapArguments()
    assert unlabelled(ToolCall("scrap", plain)).arguments is plain


def test_a_phrase_with_a_number_stands_in_the_question_or_in_a_result() -> None:
    """Names from the data or the question are fine, claims are not; codes are the tool's to look up."""
    name = "HL Mountain Frame - Silver, 42"
    table = Table((Column("name", "Material", "text"),), ((name,),))
    seen = Step(stock("frame"), ToolResult("t", "Materials", (table,), (), ()))
    assert unfounded(stock(name), "Stock?", (), ()) == name
    assert not unfounded(stock(name), f"Stock of {name}?", (), ())
    assert not unfounded(stock(name), "And that one?", (PastTurn(f"Stock of {name}?", (), ""),), ())
    assert not unfounded(stock(name), "Stock of the silver frame?", (), (seen,))
    assert not unfounded(stock("FR-M94S-42"), "Stock of the silver frame?", (), ())
    assert not unfounded(stock("silver frame"), "Stock?", (), ())
    assert unfounded(stock("twelve bikes lost"), "Stock?", (), ()) == "twelve bikes lost"


def test_readings_are_put_in_our_words_and_unfounded_ones_are_not_offered() -> None:
    """Whatever the model called them."""

    def reading(call: ToolCall) -> Reading:
        return Reading((call,), "4711 bikes were lost", 0.5)

    good, bad = reading(stock("BK-1")), reading(stock("88 bikes lost"))
    for plan in (Clarify("?", (bad, good)), Abstain("?", (good, bad))):
        cleaned = made_ours(plan)
        assert isinstance(cleaned, Clarify | Abstain)
        assert [r.words for r in cleaned.readings] == ["stock: material BK-1"]
    cleaned = made_ours(Calls(good, (bad, good), look_first=True))
    assert isinstance(cleaned, Calls)
    assert cleaned.look_first
    assert cleaned.reading.words == "stock: material BK-1"
    assert len(cleaned.others) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("https://evil.example/?d=1", "![x](//evil.example)", "[x][1]", "<img src=x>", "www.evil.example"),
        *(
            "data:text/html;base64,QQ==",
            "evil.example/path",
            "88\u200b \u200bbikes\u200b \u200blost",
            "a\u202eb",
        ),
    ],
)
def test_markup_and_unseen_characters_are_no_filter(text: str) -> None:
    """A link that a model made up would be shown in the reading; an unseen character hides a claim."""
    assert unfounded(stock(text), "Stock?", (), ()) == text
    assert repeats_a_claim(f"there is no material {text!r}", stock(text), "Stock?")
    offered = made_ours(Clarify("?", (Reading((stock(text),), "", 1.0),)))
    assert isinstance(offered, Clarify)
    assert offered.readings == ()


def test_a_link_that_the_person_or_the_data_holds_can_be_looked_up() -> None:
    """Suppliers have addresses on the web, and people ask for them."""
    address = "www.litware.com/"
    table = Table((Column("url", "URL", "text"),), ((address,),))
    seen = Step(stock("x"), ToolResult("t", "Suppliers", (table,), (), ()))
    assert not unfounded(stock(address), f"Who is {address}?", (), ())
    assert not unfounded(stock(address), "Who is that?", (), (seen,))
    assert unfounded(stock("www.litware"), "Who is that?", (), (seen,))


def test_a_reading_that_could_not_run_is_not_offered() -> None:
    """Forged names, another tool's arguments, none at all, and more calls than a round may have."""
    bad = [
        Reading((ToolCall("4711 pieces were ordered", NoArguments()),), "", 1.0),
        Reading((ToolCall("stock", ScrapArguments()),), "", 1.0),
        Reading((), "", 1.0),
        Reading((stock("BK-1"),) * 3, "", 1.0),
    ]
    good = Reading((stock("BK-1"),) * 2, "", 1.0)
    cleaned = made_ours(Calls(bad[0], (*bad, good, good, good, good)))
    assert isinstance(cleaned, Calls)
    assert cleaned.reading.words == ""
    assert [reading.calls for reading in cleaned.others] == [good.calls] * 3


@pytest.mark.parametrize(
    "arguments",
    [
        StockArguments.model_construct(material=["x"]),
        StockArguments.model_construct(),
        StockArguments.model_construct(material="\ud800"),
        *(None, {"material": "x"}, StockArguments, object()),
    ],
)
def test_what_was_made_past_validation_is_no_call(arguments: Any) -> None:
    """Whoever implements the protocol may forget to validate; nothing unvalidated gets as far as a tool."""
    call = ToolCall("stock", cast(BaseModel, arguments))
    for plan in (Calls(Reading((call,), "", 1.0)), Clarify("?", (Reading((call,), "", 1.0),))):
        with pytest.raises(ModelError, match="in a form that they do not take"):
            made_ours(plan)


def test_a_plan_shares_nothing_with_its_model() -> None:
    """Arguments that a model changes after it handed them over stay what they were."""
    call = stock("BK-1")
    cleaned = made_ours(Calls(Reading((call,), "", 1.0)))
    call.arguments.__dict__["material"] = "BK-2"
    assert isinstance(cleaned, Calls)
    assert cleaned.reading.calls == (stock("BK-1"),)


def test_a_metric_query_is_worded_by_the_catalogue() -> None:
    """As its result will word it; a name that the catalogue does not have is left to the tool to refuse."""
    call = unlabelled(ToolCall("query_metrics", QUERY))
    assert "wheel" in in_words(call)
    assert "{" not in in_words(call)
    named = ToolCall(
        call.name, call.arguments.model_copy(update={"material": "Bolt ![x](https://evil.example)"})
    )
    assert "evil" not in in_words(named)
    unknown = MetricQuery.model_validate({"measures": [{"name": "n", "metric": "no_such_metric"}]})
    assert in_words(ToolCall("query_metrics", unknown)).startswith("query metrics")


def test_markup_that_a_model_passed_on_is_not_in_the_words_of_its_call() -> None:
    """A name of the data may hold it; in an offered reading it would be the model's."""
    assert "evil" not in in_words(stock("Bolt ![x](https://evil.example/b.png)"))
    assert "BK-1" in in_words(stock("BK-1"))
