"""The records of one entity as rows, those without any facts included, with measures rolled up to each."""

from __future__ import annotations

from collections.abc import Sequence

from tools.errors import QueryInvalid
from tools.metrics.columns import CompiledColumn, kind_of, quoted, unit_of
from tools.metrics.expressions import Source
from tools.metrics.grouping import Rows
from tools.metrics.measures import Measures, one_currency, with_currency

_SPINE = "main_row"


def records(measures: Measures) -> Rows:
    """One row for each record of `rows_of` that meets the conditions.

    Raises:
        QueryInvalid: there is no such entity, or a measure's records do not refer to it.
    """
    query = measures.query
    if query.rows_of not in measures.catalogue.entities:
        raise QueryInvalid(f"there is no entity {query.rows_of!r}")
    if query.by:
        raise QueryInvalid(f"records of {query.rows_of!r} are listed; only measures can be grouped")
    spine = measures.source(query.rows_of, _SPINE)
    where = measures.conditions.sql(measures.applicable(query.rows_of), spine)
    selected, columns = _attributes(measures, spine)
    things: list[str] = []
    if query.each is not None:
        # Under names that no column of a query can have.
        things = [spine.field(path) for path in query.each.of]
        if any(_is_key(measures, spine, path) for path in query.each.of):
            things.append(f"{_SPINE}.site")  # ids are those of one site
        selected += [f'{sql} as "EACH_{at}"' for at, sql in enumerate(things)]
    currencies = []
    if any(column.kind == "money" for column in columns) and measures.currency_of_rows(spine):
        currencies.append(measures.currency_of_rows(spine))
    joins = []
    tables = set(spine.tables)
    for index, base in enumerate(measures.bases):
        alias = f"m{index}"
        rollup = _Rollup(measures, base, alias)
        joins.append(rollup.sql())
        tables |= rollup.source.tables
        if rollup.currency:
            currencies.append(f'{alias}."CURRENCY"')
        for measure in measures.over(base):
            column = measures.column(measure)
            columns.append(column)
            value = f"{alias}.{quoted(measure.name)}"
            selected.append(
                f"{f'coalesce({value}, 0)' if column.adds_up else value} as {quoted(measure.name)}"
            )
    if currencies:
        selected = with_currency(selected, _one_of(currencies))
    tables |= spine.tables
    where = " and ".join(filter(None, (where, f"{spine.rate} is not null" if spine.rate else "")))
    filtered = f"\nwhere {where}" if where else ""
    sql = f"select {', '.join(selected)}\n{spine.from_clause()}{''.join(joins)}{filtered}"
    return Rows(sql, tuple(columns), bool(currencies), frozenset(tables), len(things))


def _is_key(measures: Measures, spine: Source, path: str) -> bool:
    _, owner, name = spine.path_to(path)
    return owner != "site" and name == measures.catalogue.entity(owner).key


def _attributes(measures: Measures, spine: Source) -> tuple[list[str], list[CompiledColumn]]:
    """The record's id, its name and what is shown of it, each under a name of its own."""
    query, name = measures.query, measures.query.rows_of
    entity = measures.catalogue.entity(name)
    taken = {measure.name for measure in query.measures}
    selected: list[str] = []
    columns: list[CompiledColumn] = []

    def add(column: CompiledColumn, sql: str) -> None:
        taken.add(column.name)
        columns.append(column)
        selected.append(f"{sql} as {quoted(column.name)}")

    def free(wanted: str) -> str:
        name, number = wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        return name

    if entity.key != "source_key":
        add(
            CompiledColumn(free(f"{name}_id"), measures.labels.id_of(name), "id"),
            spine.field_at((), entity.key),
        )
    if entity.code:
        add(
            CompiledColumn(free(f"{name}_{entity.code}"), measures.labels.field(name, entity.code), "id"),
            spine.field_at((), entity.code),
        )
    if entity.name and entity.name != entity.key:
        add(
            CompiledColumn(free(name), measures.labels.singular(name), "text"),
            spine.field_at((), entity.name),
        )

    def shows(route: tuple[str, ...], owner: str, field: str) -> bool:
        return any(spine.path_to(path) == (route, owner, field) for path in query.show)

    for path in query.show:
        route, owner, field_name = spine.path_to(path)
        field = measures.field(owner, field_name)
        known = measures.catalogue.entity(owner)
        if route and field_name == known.name and known.code and not shows(route, owner, known.code):
            # Beside a name of another record stands the code that people know it by.
            add(
                CompiledColumn(
                    free(f"{route[-1]}_{known.code}"), measures.labels.field(owner, known.code), "id"
                ),
                spine.field_at(route, known.code),
            )
        wanted = f"{route[-1]}_{field_name}" if route else field_name
        kind = kind_of(field)
        add(
            CompiledColumn(
                free(wanted),
                measures.labels.field(owner, field_name),
                kind,
                unit_of(field),
                money_of_row=kind == "money" and bool(measures.currency_of_rows(spine)),
                numeric=field.is_number,
                shows=path,
            ),
            spine.field(path),
        )
    return selected, columns


def _one_of(currencies: Sequence[str]) -> str:
    """The one currency of a row whose amounts come from several places, or `mixed`."""
    if len(currencies) == 1:
        return currencies[0]
    least, most = f"least({', '.join(currencies)})", f"greatest({', '.join(currencies)})"
    return f"case when {least} = {most} then {least} when {least} is not null then 'mixed' end"


class _Rollup:
    """The measures of one entity, added up for each record that its rows refer to."""

    def __init__(self, measures: Measures, base: str, alias: str) -> None:
        self._measures = measures
        self._base = base
        self._alias = alias
        self.source = measures.source(base, f"{alias}t")
        self.currency = measures.currency(base, self.source)

    def sql(self) -> str:
        """The join to the records.

        Raises:
            QueryInvalid: the entity's records do not refer to them.
        """
        measures, source = self._measures, self.source
        route = self._route()
        where = measures.conditions.sql(measures.applicable(self._base), source)
        pairs = source.referring(route)
        keys = [f'{source.alias}.site as "SITE"']
        keys += [f'{own} as "K{i}"' for i, (own, _) in enumerate(pairs)]
        selected = [
            f"{measures.sql(measure, source)} as {quoted(measure.name)}"
            for measure in measures.over(self._base)
        ]
        if self.currency:
            selected = with_currency(selected, one_currency(self.currency))
        on = [f'{_SPINE}.site = {self._alias}."SITE"']
        on += [f'{_SPINE}.{theirs} = {self._alias}."K{i}"' for i, (_, theirs) in enumerate(pairs)]
        where = " and ".join(filter(None, (where, f"{source.rate} is not null" if source.rate else "")))
        filtered = f" where {where}" if where else ""
        return (
            f"\n  left join (select {', '.join([*keys, *selected])} {source.from_clause()}{filtered}"
            f" group by {', '.join(str(i + 1) for i in range(len(keys)))}) as {self._alias}"
            f" on {' and '.join(on)}"
        )

    def _route(self) -> tuple[str, ...]:
        spine, catalogue = self._measures.query.rows_of, self._measures.catalogue
        if self._base == spine:
            raise QueryInvalid(
                f"measures of {self._base!r} itself cannot stand beside its own records; show fields instead"
            )
        route = catalogue.paths[self._base].get(spine)
        if not route:
            raise QueryInvalid(
                f"{catalogue.entity(self._base).plural} do not refer to {catalogue.entity(spine).plural}"
            )
        return route
