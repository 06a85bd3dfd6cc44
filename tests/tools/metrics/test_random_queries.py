"""What can be asked of the catalogue compiles to one SELECT that the database runs, or is refused by name."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from erp_adapters.store import Store
from tests.conftest import Database
from tests.tools.asking import Asking
from tools.errors import QueryInvalid
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.conditions import form_of
from tools.metrics.query import (
    AnyTest,
    DateTest,
    Filter,
    Grouping,
    Having,
    Measure,
    MetricQuery,
    NamedTest,
    NullTest,
    Order,
    RelatedTest,
    ValueTest,
)
from tools.metrics.statement import checked
from tools.metrics.wording import Wording

pytestmark = pytest.mark.slow

CATALOGUE = packaged_catalogue()
COMPILER = Compiler(CATALOGUE)
DAYS = st.dates(date(2011, 1, 1), date(2026, 12, 31))
VALUES = {
    "number": st.decimals(-1000, 100000, places=2).map(Decimal),
    "date": DAYS.map(str),
    "flag": st.booleans(),
    "text": st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=12),
}
RUN = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.filter_too_much,
    ],
)


@st.composite
def filters(draw: st.DrawFn, entity: str, depth: int = 0) -> Filter:
    """A condition on the entity or on something that it refers to."""
    links = [link.to for link in CATALOGUE.entity(entity).links.values()]
    # What several links lead to has to be named by one of them.
    plain = sorted(name for name in CATALOGUE.paths[entity] if links.count(name) < 2)
    here = draw(st.sampled_from(plain))
    found = CATALOGUE.entity(here)
    kinds = ["value", "null", *(["named"] if found.conditions else [])]
    kinds += [
        *(["date"] if found.dates and here == entity else []),
        *(["any", "related"] if depth == 0 else []),
    ]
    field = draw(st.sampled_from(sorted(found.fields)))
    path = f"{here}.{field}"
    match draw(st.sampled_from(kinds)):
        case "named":
            name = draw(st.sampled_from(sorted(found.conditions)))
            return NamedTest(entity=here, condition=name, negated=draw(st.booleans()))
        case "date":
            start, end = sorted((draw(DAYS), draw(DAYS)))
            return DateTest(
                entity=here, role=draw(st.sampled_from(sorted(found.dates))), start=start, end=end
            )
        case "any":
            return AnyTest(of=tuple(draw(st.lists(filters(entity, 1), min_size=1, max_size=3))))
        case "related":
            others = [
                name for name in CATALOGUE.entities if entity in CATALOGUE.paths[name] and name != entity
            ]
            assume(others)
            other = draw(st.sampled_from(others))
            where = tuple(draw(st.lists(filters(other, 1), max_size=1)))
            return RelatedTest(
                entity=other, where=where, negated=draw(st.booleans()), at_least=draw(st.integers(1, 3))
            )
        case "null":
            return NullTest(path=path, missing=draw(st.booleans()))
        case _:
            form = form_of(found.fields[field])
            several = draw(st.lists(VALUES[form], min_size=1, max_size=3, unique=True))
            op = draw(
                st.sampled_from(
                    ["=", "<>", "<", ">="] if form != "flag" and len(several) == 1 else ["=", "<>"]
                )
            )
            return ValueTest(path=path, op=op, values=tuple(several))


@st.composite
def measures(draw: st.DrawFn, base: str) -> tuple[Measure, ...]:
    """One to three figures over an entity, each perhaps with a condition of its own, and a calculation."""
    found = []
    numbers = sorted(name for name, field in CATALOGUE.entity(base).fields.items() if field.is_number)
    for index in range(draw(st.integers(1, 3))):
        where = tuple(draw(st.lists(filters(base), max_size=1)))
        kind = draw(st.sampled_from(["metric", "count", "field"]))
        if kind == "metric" and CATALOGUE.metrics_of[base]:
            name = draw(st.sampled_from(CATALOGUE.metrics_of[base]))
            found.append(Measure(name=f"m{index}", metric=name, where=where))
        elif kind == "field" and numbers:
            path = f"{base}.{draw(st.sampled_from(numbers))}"
            aggregate = draw(
                st.sampled_from(["sum", "average", "median", "minimum", "maximum", "count_distinct"])
            )
            found.append(Measure(name=f"m{index}", field=path, aggregate=aggregate, where=where))
        else:
            found.append(Measure(name=f"m{index}", count_of=base, where=where))
    if draw(st.booleans()):
        derive = draw(
            st.sampled_from(["difference", "ratio", "percent", "change_percent", "share_of_total", "sum"])
        )
        of = ("m0",) if derive == "share_of_total" else ("m0", found[-1].name)
        found.append(Measure(name="made", derive=derive, of=of))
    return tuple(found)


@st.composite
def queries(draw: st.DrawFn) -> MetricQuery:
    """Groups of one or two kinds of records, or records with figures, in any form of output."""
    base = draw(st.sampled_from(sorted(CATALOGUE.entities)))
    figures = draw(measures(base))
    entity = CATALOGUE.entity(base)
    grain = draw(st.sampled_from(["day", "week", "month", "quarter", "year", "weekday", "month_of_year"]))
    groupings = [Grouping(grain=grain, role=role) for role in sorted(entity.dates)]
    groupings += [
        Grouping(entity=link.to, via=name)
        for name, link in sorted(entity.links.items())
        if CATALOGUE.entity(link.to).name
    ]
    groupings += [Grouping(path=f"{base}.{name}", missing=True) for name in sorted(entity.fields)]
    query: dict[str, object] = {"measures": figures}
    targets = sorted(name for name in CATALOGUE.paths[base] if name != base)
    if targets and draw(st.booleans()):
        query["rows_of"] = draw(st.sampled_from(targets))
        fields = sorted(CATALOGUE.entity(str(query["rows_of"])).fields)
        query["show"] = tuple(
            f"{query['rows_of']}.{name}" for name in draw(st.lists(st.sampled_from(fields), max_size=3))
        )
    else:
        query["by"] = tuple(draw(st.lists(st.sampled_from(groupings), max_size=3)))
    query["where"] = tuple(draw(st.lists(filters(base), max_size=2)))
    last = figures[-1].name
    if draw(st.booleans()):
        query["having"] = (Having(left=last, op=draw(st.sampled_from([">", "<="])), value=Decimal(1)),)
    if draw(st.booleans()):
        query["order"] = (Order(by=last, descending=draw(st.booleans())),)
        query["limit"] = draw(st.integers(1, 20))
        query["output"] = draw(st.sampled_from(["rows", "count", "top_share", "ties"]))
    return MetricQuery.model_validate(query)


@pytest.fixture(scope="module")
def connection(demo: Database) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The demo as the planner of both plants sees it."""

    async def scope() -> Asking:
        async with await Store.open(demo.dsn()) as store:
            return Asking(store, await store.caller("planner"))

    caller = asyncio.run(scope()).caller
    with psycopg.connect(demo.dsn()) as connection:
        connection.execute(
            "select app.enter_scope(%s, %s, %s, 15000)",
            (caller.subject, sorted(caller.sites), sorted(caller.companies)),
        )
        yield connection


@RUN
@given(query=queries(), several=st.booleans())
def test_valid_queries_run(
    connection: psycopg.Connection[tuple[object, ...]], query: MetricQuery, several: bool
) -> None:
    """One SELECT with the columns that it promises, words for it, and counts of what it leaves out."""
    compiled = COMPILER.compile(query, several_currencies=several)
    assert checked(compiled.sql) == set(compiled.tables)
    rows = connection.execute(compiled.sql.encode(), compiled.parameters)
    assert rows.description is not None
    assert len(rows.description) == len(compiled.columns) + compiled.has_currency
    assert len({column.name for column in compiled.columns}) == len(compiled.columns)
    assert Wording(CATALOGUE).query(query)
    for counting in COMPILER.left_out(query):
        counted = connection.execute(counting.sql.encode(), counting.parameters).fetchone()
        assert counted is not None
        assert len(list(counting.said(counted))) <= len(counting.reasons)


@RUN
@given(one=queries(), other=queries())
def test_mixed_queries_run_or_are_refused(
    connection: psycopg.Connection[tuple[object, ...]], one: MetricQuery, other: MetricQuery
) -> None:
    """Figures of one query under the groups, records and conditions of another; what takes long is cut."""
    mixed = one.model_copy(update={"measures": other.measures, "having": other.having, "order": other.order})
    both = one.measures + tuple(
        each.model_copy(update={"name": f"o{each.name}"}) for each in other.measures if not each.derive
    )
    for query in (mixed, one.model_copy(update={"measures": both})):
        try:
            compiled = COMPILER.compile(
                MetricQuery.model_validate(query.model_dump()), several_currencies=True
            )
        except QueryInvalid as refusal:
            if not str(refusal):
                raise
            continue
        with contextlib.suppress(psycopg.errors.QueryCanceled), connection.transaction():
            connection.execute(compiled.sql.encode(), compiled.parameters)
