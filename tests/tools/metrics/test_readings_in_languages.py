"""Readings in other languages: whole phrases in the grammar of each, over one and the same query."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tools.metrics.questions import QUESTIONS, metric, named, period, value
from tools.languages import LANGUAGES, Language, speaking
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.labels import Labels
from tools.metrics.query import MetricQuery
from tools.metrics.wording import Wording

WORDING = Wording(packaged_catalogue())
COMPILER = Compiler(packaged_catalogue())
READINGS: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("readings.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("one", READINGS, ids=[one["en"][:50] for one in READINGS])
def test_a_query_in_the_words_of_the_language(one: dict[str, Any], spoken: Language) -> None:
    """What a native accepts stands in the file beside this one."""
    with speaking(spoken):
        assert WORDING.query(MetricQuery.model_validate(one["query"])) == one[spoken]


@pytest.mark.parametrize("spoken", ["de", "es", "fr"])
def test_no_english_is_left_in_a_reading(spoken: Language) -> None:
    """No phrase of the wording falls back over all the questions of the tests."""
    english = {" by ", " with ", " where ", " and ", " the ", " of ", " number "}
    with speaking(spoken):
        for question in QUESTIONS:
            words = f" {WORDING.query(MetricQuery.model_validate(question.query)).lower()} "
            assert not [word for word in english if word in words], words


@pytest.mark.parametrize("spoken", ["de", "es", "fr"])
def test_a_language_changes_words_alone(spoken: Language) -> None:
    """The statement, its columns' names, kinds and units are the same in every language."""
    query = MetricQuery.model_validate(
        {
            "measures": [metric("a", "scrapped_quantity"), metric("b", "scrap_rate")],
            "by": [{"entity": "scrap_reason"}, {"grain": "month"}],
            "where": [named("production_order", "late"), value("site.name", "Kassel"), period("2024-01-01")],
        }
    )
    english = COMPILER.compile(query)
    with speaking(spoken):
        other = COMPILER.compile(query)
        labels = [column.label for column in other.columns]
    assert (other.sql, other.parameters) == (english.sql, english.parameters)
    shape = [(column.name, column.kind, column.unit) for column in english.columns]
    assert [(column.name, column.kind, column.unit) for column in other.columns] == shape
    assert all(label != column.label for label, column in zip(labels, english.columns, strict=True))


def test_a_plans_own_headings_are_said_in_the_language() -> None:
    """Plans are worded in English; a heading of a kind that is not known gives way to what the measure is."""
    late = [named("production_order", "late")]
    query = MetricQuery.model_validate(
        {
            "measures": [
                {
                    "name": "n",
                    "count_of": "production_order",
                    "where": late,
                    "label": "orders that were late",
                },
                {"name": "total", "count_of": "production_order", "label": "all work orders"},
                {"name": "share", "derive": "percent", "of": ["n", "total"], "label": "share"},
                {"name": "change", "derive": "difference", "of": ["total", "n"], "label": "change"},
            ]
        }
    )
    with speaking("de"):
        assert [column.label for column in COMPILER.compile(query).columns] == [
            "Fertigungsaufträge", "Gesamtzahl Fertigungsaufträge", "Anteil", "Veränderung",
        ]  # fmt: skip
        assert (
            WORDING.heading(query.measures[0], query)
            == "Anzahl Fertigungsaufträge (nach Termin fertiggestellt)"
        )
    assert [column.label for column in COMPILER.compile(query).columns] == [
        "orders that were late", "all work orders", "share", "change",
    ]  # fmt: skip


def test_one_english_word_in_two_senses_has_two_terms() -> None:
    """An order's line is no production line."""
    labels = Labels(packaged_catalogue())
    with speaking("de"):
        assert labels.field("work_centre", "line") == "Linie"
        assert labels.field("purchase_line", "line_id") == "Position"
        assert labels.field("production_order", "ordered") == "Auftragsmenge"
        assert labels.field("purchase_line", "ordered") == "Bestellmenge"
