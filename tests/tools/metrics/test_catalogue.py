"""Every entry of the catalogue compiles and runs, on the built-in demo and on AdventureWorks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tools.asking import Asking
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.listing import PAGE, page
from tools.metrics.query import (
    Aggregate,
    Grouping,
    Measure,
    MetricQuery,
    NamedTest,
    NullTest,
    Order,
    ValueTest,
)

CATALOGUE = packaged_catalogue()
COMPILER = Compiler(CATALOGUE)
HOMES = pytest.mark.parametrize(
    "home", ["demo", pytest.param("adventureworks", marks=pytest.mark.slow)], indirect=True
)
SAMPLES = {"text": "x", "id": "x", "category": "x", "date": "2024-03-31"}


def of_metric(name: str) -> Iterator[MetricQuery]:
    """The metric alone, over time by each date, by what it refers to, and for each record of that."""
    entity = CATALOGUE.entity(CATALOGUE.metrics[name].entity)
    measures = (Measure(name="m", metric=name),)
    yield MetricQuery(measures=measures)
    for role in entity.dates:
        yield MetricQuery(measures=measures, by=(Grouping(grain="month", role=role),))
    for link, target in entity.links.items():
        yield MetricQuery(
            measures=measures, by=(Grouping(entity=target.to, via=link),), order=(Order(by="m"),), limit=3
        )
        yield MetricQuery(measures=measures, rows_of=target.to, order=(Order(by="m"),), limit=3)


def of_entity(name: str) -> Iterator[MetricQuery]:
    """Its fields shown, tested, grouped by and aggregated, and its conditions held and denied."""
    entity = CATALOGUE.entity(name)
    counted = (Measure(name="n", count_of=name),)
    for field_name, field in entity.fields.items():
        path = f"{name}.{field_name}"
        yield MetricQuery(rows_of=name, show=(path,), order=(Order(by=path),), limit=3)
        yield MetricQuery(measures=counted, by=(Grouping(path=path, missing=True),), limit=3)
        value = True if field.kind == "flag" else "1" if field.is_number else SAMPLES[field.kind]
        for test in (ValueTest(path=path, values=(value,)), NullTest(path=path)):
            yield MetricQuery(measures=counted, where=(test,))
        aggregates: tuple[Aggregate, ...] = ("count_distinct",)
        if field.is_number:
            aggregates += ("sum", "average", "median", "minimum", "maximum")
        for aggregate in aggregates:
            yield MetricQuery(measures=(Measure(name="a", field=path, aggregate=aggregate),))
    for condition in entity.conditions:
        for negated in (False, True):
            test = NamedTest(entity=name, condition=condition, negated=negated)
            yield MetricQuery(measures=counted, where=(test,))
            yield MetricQuery(rows_of=name, where=(test,), limit=1)


@HOMES
@pytest.mark.parametrize("entity", CATALOGUE.entities)
async def test_every_entry_runs(place: Asking, entity: str) -> None:
    """Metrics with every date and link, fields in every part of a query, and conditions both ways."""
    queries = [*of_entity(entity), *(q for name in CATALOGUE.metrics_of[entity] for q in of_metric(name))]
    async with place.store.reading(place.caller) as tx:
        for query in queries:
            compiled = COMPILER.compile(query)
            if place.caller.sites == {"AW"} and query.limit is not None:
                # Planning finds wrong types; the demo, a tenth of the size, finds the rest.
                await tx.fetch(f"explain {compiled.sql}", compiled.parameters)
                continue
            rows = await tx.fetch(compiled.sql, compiled.parameters)
            assert len(rows.columns) == len(compiled.columns) + compiled.has_currency
            for counting in COMPILER.left_out(query) if not query.where else ():
                await tx.fetch(counting.sql, counting.parameters)


def test_the_catalogue_is_as_large_as_promised() -> None:
    """Sixty metrics at least, each with words to ask for it."""
    assert len(CATALOGUE.metrics) >= 60
    assert all(metric.words for metric in CATALOGUE.metrics.values())


def test_what_entries_refer_to_is_there() -> None:
    """Metrics and fields that an entity names for a bare `how many` or `biggest`, and its validity."""
    for name, entity in CATALOGUE.entities.items():
        metrics = {entity.quantity, entity.worth, *(c.quantity for c in entity.conditions.values())}
        metrics |= {condition.days for condition in entity.conditions.values()}
        assert metrics - {""} <= set(CATALOGUE.metrics), name
        assert not entity.size or entity.size in entity.fields or entity.size in CATALOGUE.metrics, name
        assert set(entity.validity or ()) <= set(entity.fields), name
        for path in entity.beside:
            assert COMPILER.compile(MetricQuery(rows_of=name, show=(path,))).columns, name


def test_the_page_lists_every_metric() -> None:
    """`python -m tools.metrics.listing` has been run since the last change of the catalogue."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text, CATALOGUE)
    assert all(f"| `{name}` |" in text for name in CATALOGUE.metrics)
