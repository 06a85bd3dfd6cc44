"""The learned reader: plans for plain questions, in the catalogue's names, small and fast enough to ship."""

from __future__ import annotations

import json
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import agents.models.embedded.learned as learned
from agents.models.embedded.learned import LearnedPlan, LearnedReader
from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.periods import Period
from agents.models.embedded.plan_language import PlanLanguage
from tools.all_tools import registry
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery

CATALOGUE = packaged_catalogue()
TOOLS = registry().reading()
READER = LearnedReader(PlanLanguage(CATALOGUE, TOOLS))
WEIGHTS = Path(learned.__file__).with_name("weights")
YEAR = Period(date(2024, 1, 1), date(2024, 12, 31), "year")


def asked(*words: str | Spot) -> Masked:
    spots = [word if isinstance(word, Spot) else Spot(word, word) for word in words]
    return Masked(tuple(spots))


def plans(*words: str | Spot) -> tuple[LearnedPlan, ...]:
    return READER.read(asked(*words))


def query(plan: LearnedPlan) -> MetricQuery:
    (call,) = plan.calls
    assert isinstance(call.arguments, MetricQuery)
    return call.arguments


def test_a_plain_question_is_a_plan() -> None:
    """Figure, group and period of an everyday question."""
    best = query(
        plans("scrap", "rate", "by", "product", "category", "in", Spot("PERIOD", "2024", period=YEAR))[0]
    )
    assert best.measures[0].metric == "scrap_rate"
    assert best.by[0].path == "material.category"
    assert best.where[0].model_dump()["start"] == YEAR.start


def test_words_that_the_catalogue_does_not_have_are_read() -> None:
    """This is what a second reader is for: the first knows the catalogue's words only."""
    found = plans("how", "many", "pieces", "ended", "up", "in", "the", "trash", "?")
    assert any(
        "scrapped_quantity" in plan.calls[0].arguments.model_dump_json() for plan in found if plan.calls
    )


@pytest.mark.parametrize("name", ["Superior Bicycles", "A Vendor of Tomorrow, Ltd."])
def test_a_name_that_training_never_saw_reads_the_same(name: str) -> None:
    """Names are masked: a new supplier needs no training."""
    meaning = ValueWord("supplier", "name", (name,), name)
    best = query(plans("order", "value", "with", Spot("SUPPLIER", name, (meaning,)))[0])
    assert best.where[0].model_dump()["values"] == (name,)


def test_numbers_are_taken_from_the_question() -> None:
    """`top 7` is seven rows, whichever numbers training had."""
    seven = Spot("NUMBER", "7", number=Decimal(7))
    assert query(plans("top", seven, "vendors", "by", "order", "value")[0]).limit == 7


def test_probabilities_are_of_different_plans() -> None:
    """Likeliest first, and together not more than certain."""
    found = plans("how", "late", "are", "we", "on", "average")
    likely = [plan.probability for plan in found]
    assert likely == sorted(likely, reverse=True)
    assert 0.0 < sum(likely) <= 1.0
    assert len({repr(plan.calls) for plan in found}) == len(found)


@pytest.mark.parametrize("words", [[], ["?"], ["zzz"] * 3, ["what"] * 400])
def test_odd_questions_do_no_harm(words: list[str]) -> None:
    """Nothing, noise and endless questions give plans or none, never an error."""
    for plan in plans(*words):
        assert 0.0 <= plan.probability <= 1.0


def test_the_network_writes_names_that_the_catalogue_has() -> None:
    """After a metric or field is renamed, the reader is to be trained anew (docs/reader.md)."""
    words = json.loads((WEIGHTS / "reader.json").read_text(encoding="utf-8"))["words"]
    fields = {f"{name}.{field}" for name, one in CATALOGUE.entities.items() for field in one.fields}
    conditions = {f"{name}.{each}" for name, one in CATALOGUE.entities.items() for each in one.conditions}
    known = {
        "metric": set(CATALOGUE.metrics),
        "path": fields,
        "named": conditions,
        "count": set(CATALOGUE.entities),
        "rows": set(CATALOGUE.entities),
        "tool": set(TOOLS),
    }
    unknown = [
        word
        for word in words
        for kind, _, name in [word.partition(":")]
        if kind in known and name and name not in known[kind]
    ]
    assert unknown == []


def test_it_is_small_and_fast() -> None:
    """Weights with words of four languages that can stand in a tree; plans in a fraction of a second."""
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) < 45_000_000
    plans("how", "many", "orders", "were", "late")
    began = time.process_time()
    for _ in range(5):
        plans(
            "which", "vendors", "delivered", "most", "of", "their", "orders", "late", "by", "order", "value"
        )
    assert (time.process_time() - began) / 5 < 0.6


@pytest.mark.parametrize("field", ["name", "number", "material_id"])
def test_a_thing_may_be_named_by_its_number(field: str) -> None:
    """The network knows that a material stands there, not whether by name or number: it is the same plan."""
    spot = Spot("MATERIAL", "BR-6204", (ValueWord("material", field, ("4001",), "BR-6204"),))
    best = query(plans("how", "much", "stock", "is", "there", "of", spot, "?")[0])
    assert best.measures[0].metric == "stock_quantity"
    (named,) = best.where
    assert (named.model_dump()["path"], named.model_dump()["values"]) == (f"material.{field}", ("4001",))
