"""Questions about single things reach the tool that holds the answer; questions about figures reach none."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.models.embedded.chunks import Chunk, Chunker, content_words
from agents.models.embedded.lexicon import CatalogueHolder, catalogue_phrases
from agents.models.embedded.lookups import LookupCandidate, LookupReader
from agents.models.embedded.lookups_costs import TOOLS as OF_COSTS
from agents.models.embedded.periods import FoundPeriod, Periods
from agents.models.embedded.text import Token, tokenise
from tests.agents.models.embedded.plant_names import plant
from tools.all_tools import LOOK_UPS
from tools.metrics.catalogue import packaged_catalogue

PLANT = plant()
CATALOGUE = packaged_catalogue()
WORDS = catalogue_phrases(CATALOGUE.hash, CatalogueHolder(CATALOGUE))
READER = LookupReader(CATALOGUE)
TOOLS = frozenset(tool.name for tool in LOOK_UPS)
QUESTIONS: dict[str, list[Any]] = yaml.safe_load(Path(__file__).with_name("lookups.yaml").read_text("utf-8"))
OTHER: list[str] = QUESTIONS.pop("other")


def parts(question: str) -> tuple[tuple[Token, ...], tuple[Chunk, ...], list[FoundPeriod]]:
    tokens = tokenise(question)
    periods = Periods(PLANT.today).find(tokens)
    return tokens, Chunker(WORDS, PLANT.phrases).chunks(tokens, periods), periods


def read(question: str, tools: frozenset[str] = TOOLS) -> tuple[LookupCandidate, ...]:
    return READER.read(*parts(question), PLANT, tools)


def said(candidate: LookupCandidate) -> tuple[str, dict[str, Any]]:
    """The tool and the arguments that differ from its defaults."""
    return candidate.call.name, candidate.call.arguments.model_dump(mode="json", exclude_defaults=True)


OF_OWN_RULES = frozenset({
    "list_drafts", "explain_variance", "replan", "net_requirements", "balance_plants", "what_if",
    "failure_risk", "attention", "machine_values", "shop_floor", "held_lot", "supplier_confirmations",
    "requisition_status",
    "stock_apart", "maintenance_parts", "energy_use", "supplier_lateness",
    "demand_forecast", "yield_forecast", "energy_forecast", "remaining_life",
})  # fmt: skip
"""Read by rules that are asked before these, with tests of their own, as costs and suppliers are."""


@pytest.mark.parametrize("tool", sorted(QUESTIONS))
def test_wordings_read_as_calls(tool: str) -> None:
    """In whatever words it is asked, the right tool is called with every slot bound, and surely."""
    wrong = {}
    for question, arguments in QUESTIONS[tool]:
        found = read(question)
        if not found or said(found[0]) != (tool, arguments) or found[0].score < 0.89:
            wrong[question] = [(*said(candidate), candidate.score) for candidate in found[:2]]
    assert wrong == {}


def test_questions_about_figures_read_as_no_look_up() -> None:
    """A material or supplier beside a metric, a ranking or a grouping is not enough for a look-up."""
    found = {question: said(read(question)[0]) for question in OTHER if read(question)}
    assert found == {}


def test_every_look_up_tool_is_within_reach() -> None:
    """No tool is left that no wording leads to."""
    planning = yaml.safe_load(Path(__file__).with_name("lookups_planning.yaml").read_text("utf-8"))
    assert (set(QUESTIONS) | set(planning)) - {"other"} == TOOLS - OF_OWN_RULES - (
        {*OF_COSTS} - {"explode_bom"}
    )


def test_own_examples_of_the_tools_never_reach_another_tool() -> None:
    """Each tool's example questions, asked about things that do not exist here, are at least not misread."""
    for tool in LOOK_UPS:
        for question in () if tool.name in OF_OWN_RULES else tool.examples:
            found = [candidate for candidate in read(question) if candidate.score >= 0.9]
            assert not found or found[0].call.name == tool.name, question


def test_levels_left_open_are_offered_both_ways() -> None:
    """Where a question does not say how deep, the other depth stands second."""
    first, second = read("What goes into a Gear Box?")[:2]
    assert said(first)[1] == {"material": "Gear Box", "levels": "direct"}
    assert said(second)[1] == {"material": "Gear Box"}
    assert first.score >= 0.9 > second.score


def test_misspelt_name_is_passed_on_as_typed() -> None:
    """The tool resolves names with all its data; the reader only has to see that there is one."""
    found = read("Who supplies gaer box?")[0]
    assert said(found) == ("suppliers_of", {"material": "gaer box"})
    assert 0.6 <= found.score < 0.97


def test_unknown_name_is_no_name() -> None:
    """A word that resembles nothing is not taken for a material."""
    assert read("Who supplies xylophones?") == ()


def test_tool_that_is_not_admitted_is_not_proposed() -> None:
    """Another tool's reading may stand instead, never the one that the caller may not use."""
    names = {candidate.call.name for candidate in read("Who supplies Rivet?", TOOLS - {"suppliers_of"})}
    assert "suppliers_of" not in names


def test_site_in_the_question_is_bound() -> None:
    """`at Kassel` narrows the call and leaves nothing unexplained."""
    found = read("Where is Rivet used at Kassel?")[0]
    assert said(found) == ("where_used", {"material": "Rivet", "site": "Kassel"})
    assert found.score >= 0.9


def test_used_tokens_are_those_that_the_reading_explains() -> None:
    """The rest is what an answer must own up to not having understood."""
    question = "Who supplies Rivet with a handshake?"
    tokens = tokenise(question)
    found = read(question)[0]
    left = {tokens[i].norm for i in content_words(tokens) - found.used}
    assert left == {"handshake"}


def test_each_unexplained_word_costs_confidence() -> None:
    """Surely read questions become doubtful as words pile up that no frame knows."""
    sure = read("Who supplies Rivet?")[0].score
    doubtful = read("Who supplies Rivet among friendly neighbours downtown?")
    assert not doubtful or doubtful[0].score < sure - 0.1


@pytest.mark.parametrize(
    ("tool", "question", "arguments"),
    [
        ("where_used", "Rivet, any idea who needs that stuff?", {"material": "Rivet"}),
        (
            "explode_bom",
            "Gear Box insides for 7 pieces",
            {"material": "Gear Box", "quantity": "7", "levels": "direct"},
        ),
        ("suppliers_of", "Rivet merchants", {"material": "Rivet"}),
        ("price_history", "Gear Box, cost then and now", {"material": "Gear Box"}),
        ("exchange_rate", "euro please", {"to_currency": "EURO"}),
        ("order_status", "722, the work order 722", {"order": "722", "kind": "work_order"}),
    ],
)
def test_known_tool_gets_its_slots_whatever_the_wording(
    tool: str, question: str, arguments: dict[str, object]
) -> None:
    """A reader that picks the tool by meaning leaves the slots to the rules."""
    found = READER.bound(tool, *parts(question), PLANT)
    assert found is not None
    assert said(found) == (tool, arguments)


def test_known_tool_without_its_slot_is_not_bound() -> None:
    """No material in the question, no call about one."""
    assert READER.bound("where_used", *parts("Where is it used?"), PLANT) is None
