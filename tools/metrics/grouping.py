"""Facts in groups: one SELECT for each measured entity, joined by the groups' keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tools.errors import QueryInvalid
from tools.languages import said
from tools.metrics.columns import CURRENCY, CompiledColumn, kind_of, quoted
from tools.metrics.conditions import Conditions
from tools.metrics.expressions import Source
from tools.metrics.labels import grain_of
from tools.metrics.measures import Measures, one_currency, with_currency
from tools.metrics.query import Grain, Grouping

_GRAINS: dict[Grain, str] = {
    "day": "to_char({}, 'YYYY-MM-DD')",
    "week": "to_char({}, 'IYYY-\"W\"IW')",
    "month": "to_char({}, 'YYYY-MM')",
    "quarter": "to_char({}, 'YYYY-\"Q\"Q')",
    "year": "to_char({}, 'YYYY')",
    "weekday": "to_char({}, 'ID FMDay')",
    "month_of_year": "to_char({}, 'MM')",
}


@dataclass(frozen=True, slots=True)
class Key:
    """A key column of the groups; an entity has its id, its code and its name."""

    column: CompiledColumn
    grouping: Grouping
    field: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a query before calculations, conditions on them, order and limit."""

    sql: str
    columns: tuple[CompiledColumn, ...]
    has_currency: bool
    tables: frozenset[str]
    """Entities whose records it joins."""
    things: int = 0
    """Columns that say which thing a row is one of, where only the first rows of each are asked for."""


def grouped(measures: Measures) -> Rows:
    """One row for each group that any of the measured entities has records in; one row without groupings."""
    keys = keys_of(measures)
    alone = len(measures.bases) == 1
    sources = {base: measures.source(base, "t") for base in measures.bases}
    currencies = {base: measures.currency(base, source) for base, source in sources.items()}
    has_currency = any(currencies.values())
    selects = []
    for base, source in sources.items():
        selected = _selected(measures, base, source, keys)
        if has_currency:
            currency = currencies[base]
            selected = with_currency(selected, one_currency(currency) if currency else "null::text")
        selects.append(_select(measures, source, selected, keys))
    columns = (*(key.column for key in keys), *(measures.column(measure) for measure in measures.plain))
    tables = frozenset().union(*(source.tables for source in sources.values()))
    sql = selects[0] if alone else _joined(selects, keys, columns, has_currency)
    return Rows(sql, columns, has_currency, tables)


def _selected(measures: Measures, base: str, source: Source, keys: Sequence[Key]) -> list[str]:
    selected = [f"{key_sql(key, source, measures.conditions)} as {quoted(key.column.name)}" for key in keys]
    own = {measure.name for measure in measures.over(base)}
    for measure in measures.plain:
        sql = measures.sql(measure, source) if measure.name in own else _nothing(measures.column(measure))
        selected.append(f"{sql} as {quoted(measure.name)}")
    return selected


def _nothing(column: CompiledColumn) -> str:
    """A typed null, because a union of three takes an untyped one for text."""
    if column.is_number:
        return "null::numeric"
    return "null::date" if column.kind == "date" else "null::text"


def _select(measures: Measures, source: Source, selected: Sequence[str], keys: Sequence[Key]) -> str:
    tests = measures.conditions.sql(measures.applicable(source.entity), source)
    present = [f"{sql} is not null" for sql in present_sql(keys, source, measures.conditions)]
    rated = [f"{source.rate} is not null"] if source.rate else []
    where = " and ".join([*([tests] if tests else []), *present, *rated])
    group = f"\ngroup by {', '.join(str(i + 1) for i in range(len(keys)))}" if keys else ""
    filtered = f"\nwhere {where}" if where else ""
    return f"select {', '.join(selected)}\n{source.from_clause()}{filtered}{group}"


def _joined(
    selects: Sequence[str], keys: Sequence[Key], columns: Sequence[CompiledColumn], has_currency: bool
) -> str:
    names = [quoted(key.column.name) for key in keys]
    merged = [f"max({quoted(column.name)}) as {quoted(column.name)}" for column in columns[len(keys) :]]
    if has_currency:
        merged = with_currency(merged, one_currency(CURRENCY))
    group = f"\ngroup by {', '.join(str(i + 1) for i in range(len(names)))}" if names else ""
    union = "\nunion all\n".join(selects)
    return f"select {', '.join([*names, *merged])}\nfrom (\n{union}\n) as parts{group}"


def keys_of(measures: Measures) -> list[Key]:
    """The key columns of all groupings, each under a name of its own.

    Raises:
        QueryInvalid: a grouping names what is not there.
    """
    taken = {measure.name for measure in measures.query.measures}
    keys = []
    for grouping in measures.query.by:
        for key in _keys(grouping, measures):
            name, number = key.column.name, 1
            while name in taken:
                number += 1
                name = f"{key.column.name}_{number}"
            taken.add(name)
            keys.append(replace(key, column=replace(key.column, name=name)))
    return keys


def _keys(grouping: Grouping, measures: Measures) -> list[Key]:
    if grouping.entity:
        return _entity_keys(grouping, measures)
    if grouping.path:
        entity, _, name = grouping.path.split("/")[-1].partition(".")
        field = measures.field(entity, name)
        kind = kind_of(field)
        label = measures.labels.field(entity, name)
        column = CompiledColumn(name, label, "text" if kind == "id" else kind, numeric=field.is_number)
        return [Key(column, grouping, name)]
    assert grouping.grain
    return [Key(CompiledColumn(grouping.grain, grain_of(grouping.grain), "text"), grouping)]


def _entity_keys(grouping: Grouping, measures: Measures) -> list[Key]:
    if grouping.entity not in measures.catalogue.entities:
        raise QueryInvalid(f"there is no entity {grouping.entity!r}")
    entity = measures.catalogue.entity(grouping.entity)
    name = grouping.via or grouping.entity
    label = measures.labels.grouped(grouping.entity, grouping.via)
    keys = []
    if entity.key != entity.name:
        keys.append(
            Key(CompiledColumn(f"{name}_id", said("[[thing]] ID", thing=label), "id"), grouping, entity.key)
        )
    if entity.code:
        field = measures.labels.field(grouping.entity, entity.code)
        keys.append(Key(CompiledColumn(f"{name}_{entity.code}", field, "id"), grouping, entity.code))
    if entity.name:
        keys.append(Key(CompiledColumn(name, label, "text"), grouping, entity.name))
    return keys


def present_sql(keys: Sequence[Key], source: Source, conditions: Conditions) -> list[str]:
    """SQL of what a record needs a value of to be in a group; an entity's id stands for its name."""
    firsts = {id(key.grouping): key for key in reversed(keys) if not key.grouping.missing}
    return [key_sql(key, source, conditions) for key in reversed(firsts.values())]


def key_sql(key: Key, source: Source, conditions: Conditions) -> str:
    """SQL of a key column as seen from one entity.

    Raises:
        QueryInvalid: the entity's records cannot be grouped by it.
    """
    grouping = key.grouping
    if grouping.path:
        return source.field(grouping.path)
    if grouping.entity:
        return source.field_at(route_of(grouping, source), key.field)
    assert grouping.grain
    entity = source.catalogue.entity(source.entity)
    role = grouping.role or entity.default_date
    if role not in entity.dates:
        raise QueryInvalid(f"{entity.plural} have no date {role or 'of their own'!r} to group by")
    return _GRAINS[grouping.grain].format(conditions.date_field(source, (), source.entity, role))


def route_of(grouping: Grouping, source: Source) -> tuple[str, ...]:
    """The links from one entity to the one that its records are grouped by."""
    catalogue = source.catalogue
    if grouping.via:
        found = catalogue.entity(source.entity).links.get(grouping.via)
        if found is None or found.to != grouping.entity:
            raise QueryInvalid(f"{source.entity!r} has no link {grouping.via!r} to {grouping.entity!r}")
        return (grouping.via,)
    route = catalogue.paths[source.entity].get(grouping.entity)
    if route is None:
        plural, wanted = catalogue.entity(source.entity).plural, catalogue.entity(grouping.entity).singular
        raise QueryInvalid(f"{plural} cannot be grouped by {wanted}")
    return route
