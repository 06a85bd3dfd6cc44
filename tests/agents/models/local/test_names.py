"""What a small model can name is the whole catalogue, and what it named is read as it was meant."""

from __future__ import annotations

import re

import pytest

from agents.models.local.engine import Piece, Written
from agents.models.local.model import names_here
from agents.models.local.names import Names, Pick, read_pick
from agents.models.local.picker import start_of
from agents.models.protocol import ToolCall
from tests.agents.models.local.scripted import written
from tools.all_tools import registry
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import Grouping, Measure, MetricQuery

NAMES = names_here()
EXAMPLE = re.compile(r"^A: (.+)$", re.MULTILINE)


def query(**parts: object) -> ToolCall:
    return ToolCall("query_metrics", MetricQuery.model_validate(parts))


def test_everything_can_be_named() -> None:
    """Every metric, kind of records and tool: a shortlist would lose what is said in other words."""
    catalogue, tools = packaged_catalogue(), registry()
    plain = {"work_order_count": "production_order", "supplier_count": "supplier"}
    for name in catalogue.metrics:
        assert NAMES.of([query(measures=[{"name": "m", "metric": name}])])[0] in NAMES.all
    assert {*catalogue.entities, *tools.reading()} - {"query_metrics"} <= set(NAMES.all)
    for count, records in plain.items():
        assert NAMES.of([query(measures=[{"name": "m", "metric": count}])]) == (records,)


def test_the_grammar_writes_every_name_and_the_text_tells_of_it() -> None:
    """What is not in the prompt cannot be chosen knowingly, and what is not in the grammar not at all."""
    grammar, text = NAMES.grammar(), NAMES.text()
    for name in NAMES.all:
        assert f'"{name}"' in grammar
        assert re.search(rf"\b{name}\b", text), name


def test_the_start_is_the_same_for_everybody_and_not_too_long() -> None:
    """It is read once and kept: about 46 tokens a second, three characters and a half each."""
    again = Names(packaged_catalogue(), registry().reading())
    assert start_of(again) == start_of(NAMES)
    assert len(start_of(NAMES)) < 3.5 * 5_000


def test_examples_name_what_there_is() -> None:
    """An example with a name that is gone would teach the model to write what it may not."""
    answers = EXAMPLE.findall(start_of(NAMES))
    assert len(answers) > 20
    for answer in answers:
        assert answer in ("none", *NAMES.all), answer


def test_a_plan_is_named_by_what_it_measures_and_lists() -> None:
    """Groups, conditions and values have no part in it."""
    scrap = query(
        measures=[
            {"name": "m1", "metric": "scrapped_quantity"},
            {"name": "m2", "count_of": "production_order"},
        ],
        by=[Grouping(entity="material")],
        where=[{"test": "value", "path": "material.category", "values": ["Bikes"]}],
    )
    assert NAMES.of([scrap]) == ("scrapped_quantity", "production_order")
    listed = query(rows_of="material", measures=[Measure(name="m", field="material.list_price")])
    assert NAMES.of([listed]) == ("material",)
    card = ToolCall("material_card", registry().get("material_card").arguments(material="Chain"))
    assert NAMES.of([card, scrap]) == ("material_card", "scrapped_quantity", "production_order")
    assert NAMES.of([]) == ()


def test_what_is_written_is_read() -> None:
    """`none` is no name, and the name is as sure as its least likely token; a mere blank counts nothing."""
    pieces = (" sc", 0.8), ("rap_rate", 0.6), ("\n", 0.01)
    assert read_pick(Written(tuple(Piece(*piece) for piece in pieces))) == Pick("scrap_rate", 0.6)
    assert (read_pick(written(" none\n", 0.5)).name, read_pick(written(" none\n", 0.5)).probability) == (
        "",
        0.5,
    )
    assert read_pick(Written(())) == Pick("", 0.0)


def test_a_pick_tells_what_it_might_have_begun_with() -> None:
    """The likeliest of the names counts, and a blank begins nothing."""
    openings = (Piece(" scrap", 0.5), Piece(" sc", 0.1), Piece(" none", 0.2), Piece(" ", 0.2))
    pick = Pick("scrap_rate", 0.5, openings)
    assert pick.begins(("supplier", "scrap_rate")) == pytest.approx(0.6)
    assert pick.begins(("supplier",)) == 0.0
    assert pick.begins(()) == pytest.approx(0.2)


def test_a_pick_can_be_near_a_plan() -> None:
    """About the same records; a report is near nothing."""
    assert NAMES.near(Pick("purchase_order", 0.5), ("purchase_value",))
    assert not NAMES.near(Pick("purchase_order", 0.5), ("scrap_rate", "material_card"))
    assert not NAMES.near(Pick("material_card", 0.5), ("material_card",))
    assert not NAMES.near(Pick("", 0.5), ("material_card",))
