"""The learned reader: what it says of plain questions, that it stays small and fast, and how it compares
readings."""

import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import agents.models.embedded.learned as learned
from agents.models.embedded.encoder import WordPieces, widened
from agents.models.embedded.labels import labels_of
from agents.models.embedded.learned import LearnedReader, mask, normalised, reading_words
from agents.models.embedded.text import tokenise
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import (
    DateTest,
    Grouping,
    Measure,
    MetricQuery,
    NamedTest,
    Order,
    RelatedTest,
    ValueTest,
)

CATALOGUE = packaged_catalogue()
WEIGHTS = Path(learned.__file__).with_name("weights")


@pytest.fixture(scope="module")
def reader() -> LearnedReader:
    return LearnedReader()


@pytest.mark.parametrize(
    ("question", "frame", "entity"),
    [
        ("how many work orders were late PERIOD", "count", "production_order"),
        ("scrap rate by month PERIOD", "trend", "production_order"),
        ("top NUMBER suppliers by purchase order value", "rank", "purchase_order"),
        ("which materials are below reorder point", "list", "material"),
        ("what share of purchase order lines was received short", "share", "purchase_line"),
        ("stock value at standard cost", "figure", "stock"),
    ],
)
def test_plain_questions_are_read(reader: LearnedReader, question: str, frame: str, entity: str) -> None:
    """Questions in the catalogue's own words give its frame and records."""
    found = reader.read(question, question)
    assert found.frames[0].label == frame
    assert found.entities[0].label == entity
    assert found.unanswerable() < 0.5


@pytest.mark.parametrize(
    ("question", "tool"),
    [
        ("where is MATERIAL used", "where_used"),
        ("who supplies MATERIAL", "suppliers_of"),
        ("how many MATERIAL can we build from stock", "buildable"),
        ("what parts does MATERIAL consist of", "explode_bom"),
    ],
)
def test_lookups_are_told_from_figures(reader: LearnedReader, question: str, tool: str) -> None:
    """A question about one material's structure or sources is for a tool, not for the catalogue."""
    assert reader.read(question, question).frames[0].label == f"lookup:{tool}"


@pytest.mark.parametrize(
    "question", ["payment terms of SUPPLIER", "which shift makes the most scrap", "what is the weather today"]
)
def test_what_no_data_answers_is_recognised(reader: LearnedReader, question: str) -> None:
    """Topics outside the catalogue are unanswerable rather than the nearest metric."""
    assert reader.read(question, question).unanswerable() > 0.5


def test_an_entity_without_records_makes_a_question_unanswerable(reader: LearnedReader) -> None:
    """Where a source brings no customers' orders, a question about them cannot be answered."""
    found = reader.read("how many customer orders are open", "how many customer orders are open")
    assert found.unanswerable(empty={"sales_order", "sales_line", "customer"}) > found.unanswerable()


def test_support_is_high_for_the_right_reading_and_low_for_another(reader: LearnedReader) -> None:
    """Agreement with a reading separates the one that was meant from a neighbour."""
    question = "how many pieces were scrapped by scrap reason"
    right = MetricQuery(
        measures=(Measure(name="m", metric="scrapped_quantity"),), by=(Grouping(entity="scrap_reason"),)
    )
    wrong = MetricQuery(
        measures=(Measure(name="m", metric="rejected_quantity"),), by=(Grouping(entity="supplier"),)
    )
    found = reader.read(question, question)
    good, bad = found.support(labels_of(right, CATALOGUE)), found.support(labels_of(wrong, CATALOGUE))
    assert good.entity > 0.5 > bad.entity
    assert good.figures > bad.figures
    assert good.grouping > bad.grouping
    assert bad.missed > good.missed


def test_similarity_prefers_the_reading_that_was_meant(reader: LearnedReader) -> None:
    """Candidate readings in words can be ranked against the question."""
    right, wrong = reader.similarities(
        "pieces thrown away per month",
        ("Scrapped quantity, by month, all dates", "Purchase order value, by supplier, all dates"),
    )
    assert right > wrong


def test_a_label_that_training_did_not_see_neither_speaks_for_nor_against(reader: LearnedReader) -> None:
    """A metric added since the training must not count as disagreement."""
    query = MetricQuery(measures=(Measure(name="m", metric="scrap_rate"),))
    labels = labels_of(query, CATALOGUE)
    found = reader.read("scrap rate", "scrap rate")
    unseen = type(labels)(
        labels.frame, labels.entity, frozenset({"metric:added_later"}), labels.conditions, labels.grouping
    )
    assert found.support(unseen).figures == 1.0


def test_labels_of_a_query() -> None:
    """Two ways to write the same reading have the same labels."""
    metric = MetricQuery(measures=(Measure(name="m", metric="late_order_count"),))
    counted = MetricQuery(
        measures=(Measure(name="n", count_of="production_order"),),
        where=(NamedTest(entity="production_order", condition="late"),),
    )
    assert labels_of(metric, CATALOGUE) == labels_of(counted, CATALOGUE)
    related = MetricQuery(rows_of="supplier", where=(RelatedTest(entity="purchase_order", negated=True),))
    assert labels_of(related, CATALOGUE).conditions == {"none:purchase_order"}
    flagged = MetricQuery(rows_of="material", where=(ValueTest(path="material.is_made", values=(True,)),))
    assert labels_of(flagged, CATALOGUE).conditions == {"flag:material.is_made=yes"}


def test_reading_words_hide_names_and_periods() -> None:
    """A candidate's words are compared by meaning, not by the names in them."""
    query = MetricQuery.model_validate(
        {
            "measures": [{"name": "m", "metric": "scrapped_quantity"}],
            "where": [
                {"test": "value", "path": "material.name", "values": ["Chain Stays"]},
                DateTest.model_validate({"start": "2024-01-01", "end": "2024-12-31"}).model_dump(),
            ],
            "by": [Grouping(entity="scrap_reason").model_dump()],
            "order": [Order(by="m").model_dump()],
        }
    )
    words = reading_words(query, CATALOGUE)
    assert "MATERIAL" in words
    assert "PERIOD" in words
    assert "Chain" not in words
    assert "2024" not in words


def test_masking_without_chunks_hides_numbers_only() -> None:
    """What the chunker does not know stays as it was typed, in the normal spelling."""
    assert mask(tokenise("Top 5 POs please"), (), CATALOGUE) == "top NUMBER purchase orders please"


def test_placeholders_survive_normalising() -> None:
    """Placeholders stand apart from the nouns that they are spelt like."""
    assert normalised("qty of material MATERIAL in 2024?") == (
        "quantity",
        "of",
        "material",
        "MATERIAL",
        "in",
        "NUMBER",
    )


def test_words_are_split_into_known_pieces() -> None:
    """A word that the vocabulary lacks is still read from its parts."""
    pieces = WordPieces([*WordPieces.special(), "re", "##work", "late"])
    split = pieces.encode(["rework", "late", "MATERIAL"])
    assert len(split) == 2 + 2 + 1 + 1
    assert pieces.unknown not in split


def test_eight_bit_matrices_are_widened_by_their_scale() -> None:
    """Quantised weights come back in their own size."""
    packed = {
        "a": np.array([[1, 2], [3, 4]], dtype=np.int8),
        "a//scale": np.array([0.5, 2.0], dtype=np.float32),
    }
    assert np.array_equal(widened(packed)["a"], np.array([[0.5, 4.0], [1.5, 8.0]], dtype=np.float32))


def test_the_weights_stay_small() -> None:
    """The package carries them; they may not grow unnoticed."""
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) < 12e6


def test_a_fresh_reader_holds_little_memory() -> None:
    """The vocabulary's table is mapped, not read."""
    tracemalloc.start()
    try:
        learned._Network(WEIGHTS).read(("how", "many", "orders", "were", "late"))
        assert tracemalloc.get_traced_memory()[0] < 25e6
    finally:
        tracemalloc.stop()


def test_reading_takes_milliseconds(reader: LearnedReader) -> None:
    """Two readers must not make an answer slow: the median of 30 is far below a second's hundredth."""
    question = "how many of the bought materials without a supplier were on lines received short PERIOD"
    reader.read(question, question)
    taken = []
    for _ in range(30):
        begun = time.perf_counter()
        reader.read(question, question)
        taken.append(time.perf_counter() - begun)
    assert sorted(taken)[15] < 0.02


def test_the_weights_know_the_catalogue(reader: LearnedReader) -> None:
    """Renamed metrics show up here: run `make reader` after larger changes of the catalogue."""
    found = reader.read("scrap rate", "scrap rate")
    labels = {f"metric:{name}" for name in CATALOGUE.metrics}
    figures = {label for label in found.known if label.startswith("metric:")}
    assert figures <= labels
    assert {scored.label for scored in found.entities} <= set(CATALOGUE.entities)
