"""Questions about single things reach the tool that holds the answer; questions about figures reach none."""

import pytest

from agents.models.embedded.chunks import Chunker
from agents.models.embedded.lexicon import CatalogueHolder, catalogue_phrases
from agents.models.embedded.lookups import LookupCandidate, LookupReader
from agents.models.embedded.periods import Periods
from agents.models.embedded.text import tokenise
from tests.agents.models.embedded.plant_names import plant
from tools.all_tools import LOOK_UPS
from tools.metrics.catalogue import packaged_catalogue

PLANT = plant()
CATALOGUE = packaged_catalogue()
WORDS = catalogue_phrases(CATALOGUE.hash, CatalogueHolder(CATALOGUE))
READER = LookupReader(CATALOGUE)
TOOLS = frozenset(tool.name for tool in LOOK_UPS)


def read(question: str, tools: frozenset[str] = TOOLS) -> tuple[LookupCandidate, ...]:
    tokens = tokenise(question)
    periods = Periods(PLANT.today).find(tokens)
    chunks = Chunker(WORDS, PLANT.phrases).chunks(tokens, periods)
    return READER.read(tokens, chunks, periods, PLANT, tools)


def first(question: str) -> tuple[str, dict[str, object], float]:
    """Tool, arguments that differ from the defaults, and score of the best candidate."""
    found = read(question)
    assert found, question
    call = found[0].call
    return call.name, call.arguments.model_dump(mode="json", exclude_defaults=True), found[0].score


READS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("What goes directly into one Gear Box?", "explode_bom", {"material": "Gear Box", "levels": "direct"}),
)


@pytest.mark.parametrize(("question", "tool", "arguments"), READS)
def test_question_reads_as_a_call(question: str, tool: str, arguments: dict[str, object]) -> None:
    """A clear wording reaches its tool with every slot bound, and is sure of it."""
    name, bound, score = first(question)
    assert (name, bound) == (tool, arguments)
    assert score >= 0.9
