"""How many records a query leaves out because they have no date, or no value to be grouped by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.languages import said
from tools.languages.forms import numeral
from tools.metrics.expressions import Source
from tools.metrics.grouping import Key, key_sql, keys_of, route_of
from tools.metrics.labels import role_of
from tools.metrics.measures import Measures
from tools.metrics.query import DateTest, Filter
from tools.metrics.statement import checked


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A statement that counts the records left out, for one reason in each of its columns."""

    sql: str
    parameters: dict[str, object]
    thing: str
    things: str
    """What one and several of the records are called."""
    reasons: tuple[str, ...]

    def said(self, numbers: Sequence[object]) -> Iterator[str]:
        """A sentence for each number that is not zero."""
        for number, reason in zip(numbers, self.reasons, strict=True):
            if number == 1:
                yield said("1 [[thing]] has [[reason]] and is left out.", thing=self.thing, reason=reason)
            elif number:
                yield said(
                    "[[number]] [[things]] have [[reason]] and are left out.",
                    number=numeral(str(number)),
                    things=self.things,
                    reason=reason,
                )


def left_out(measures: Measures) -> tuple[LeftOut, ...]:
    """One statement for each entity of the query whose records can lack a date or a group."""
    entities = dict.fromkeys(
        (*((measures.query.rows_of,) if measures.query.rows_of else ()), *measures.bases)
    )
    found = (_of_entity(measures, entity) for entity in entities)
    return tuple(each for each in found if each is not None)


def _of_entity(measures: Measures, entity: str) -> LeftOut | None:
    source = measures.source(entity, "t")
    applied = measures.applicable(entity)
    periods = [test for test in applied if isinstance(test, DateTest)]
    others = [test for test in applied if not isinstance(test, DateTest)]
    counted: dict[str, str] = {}
    for test in (*periods, *_own_periods(measures, entity)):
        reason, sql = _date(measures, source, test)
        counted.setdefault(reason, sql)
    within = measures.conditions.sql(periods, source)
    for reason, sql in _groups(measures, source):
        counted.setdefault(reason, f"{within} and {sql}" if within else sql)
    if not counted:
        return None
    tests = [measures.conditions.sql(others, source), measured(measures, source)]
    where = " and ".join(test for test in tests if test)
    selected = ", ".join(f"count(*) filter (where {sql})" for sql in counted.values())
    filtered = f"\nwhere {where}" if where else ""
    statement = f"select {selected}\n{source.from_clause()}{filtered}"
    checked(statement)
    thing, things = measures.labels.singular(entity), measures.labels.plural(entity)
    return LeftOut(statement, measures.parameters.values, thing, things, tuple(counted))


def _date(measures: Measures, source: Source, test: DateTest) -> tuple[str, str]:
    entity = test.entity or source.entity
    role = test.role or measures.catalogue.entity(entity).default_date
    route = measures.catalogue.paths[source.entity][entity]
    return said(
        "no [[role]] date", role=role_of(role)
    ), f"{measures.conditions.date_field(source, route, entity, role)} is null"


def _own_periods(measures: Measures, entity: str) -> list[DateTest]:
    own = [test for measure in measures.over(entity) for test in measure.where]
    return [test for test in own if isinstance(test, DateTest)]


def _groups(measures: Measures, source: Source) -> Iterator[tuple[str, str]]:
    seen: set[int] = set()
    for key in keys_of(measures):
        grouping = key.grouping
        if grouping.missing or id(grouping) in seen:
            continue
        seen.add(id(grouping))
        # Every record has a site, and itself.
        if grouping.entity and route_of(grouping, source) in ((), ("site",)):
            continue
        yield _none(measures, source, key), f"{key_sql(key, source, measures.conditions)} is null"


def _none(measures: Measures, source: Source, key: Key) -> str:
    grouping = key.grouping
    if grouping.entity:
        return said("no [[thing]]", thing=measures.labels.grouped(grouping.entity, grouping.via))
    if grouping.grain:
        role = grouping.role or measures.catalogue.entity(source.entity).default_date
        return said("no [[role]] date", role=role_of(role))
    return said("no [[thing]]", thing=key.column.label)


def measured(measures: Measures, source: Source) -> str:
    """What a record must be for any of the measures to see it; empty where one sees them all."""
    seen = []
    for measure in measures.over(source.entity):
        metric = measures.catalogue.metrics.get(measure.metric)
        own: list[Filter] = [test for test in measure.where if not isinstance(test, DateTest)]
        parts = [f"({source.expression(metric.filter)})"] if metric and metric.filter else []
        parts += [measures.conditions.sql(own, source)] if own else []
        if not parts:
            return ""
        seen.append(f"({' and '.join(parts)})")
    return f"({' or '.join(seen)})" if seen else ""
