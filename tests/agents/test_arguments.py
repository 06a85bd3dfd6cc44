"""What a language model fills into calls: no heading, reading or filter in words of its own."""

from __future__ import annotations

from agents.arguments import checked, in_words, unfounded, unlabelled
from agents.models.protocol import Abstain, Calls, Clarify, PastTurn, Reading, Step, ToolCall
from tests.agents.toy import ScrapArguments, StockArguments
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
        cleaned = checked(plan, "Stock?", (), ())
        assert isinstance(cleaned, Clarify | Abstain)
        assert [r.words for r in cleaned.readings] == ["stock: material BK-1"]
    cleaned = checked(Calls(good, (bad, good), look_first=True), "Stock?", (), ())
    assert isinstance(cleaned, Calls)
    assert cleaned.look_first
    assert cleaned.reading.words == "stock: material BK-1"
    assert len(cleaned.others) == 1


def test_a_metric_query_is_worded_by_the_catalogue() -> None:
    """As its result will word it; a name that the catalogue does not have is left to the tool to refuse."""
    call = unlabelled(ToolCall("query_metrics", QUERY))
    assert "wheel" in in_words(call)
    assert "{" not in in_words(call)
    unknown = MetricQuery.model_validate({"measures": [{"name": "n", "metric": "no_such_metric"}]})
    assert in_words(ToolCall("query_metrics", unknown)).startswith("query metrics")
