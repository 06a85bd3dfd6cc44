"""A metric query as one SQL statement for the operational store, with the meaning of each result column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import sqlglot
from sqlglot import exp

from tools.errors import QueryInvalid
from tools.metrics.catalogue import Catalogue, EntityField
from tools.metrics.conditions import Conditions, Parameters
from tools.metrics.expressions import Source
from tools.metrics.query import DateTest, Filter, Grain, Grouping, Measure, MetricQuery
from tools.results import ColumnKind

_GRAINS: dict[Grain, str] = {
    "day": "to_char({0}, 'YYYY-MM-DD')",
    "week": "to_char({0}, 'IYYY-\"W\"IW')",
    "month": "to_char({0}, 'YYYY-MM')",
    "quarter": "to_char({0}, 'YYYY-\"Q\"Q')",
    "year": "to_char({0}, 'YYYY')",
    "weekday": "to_char({0}, 'ID FMDay')",
    "month_of_year": "to_char({0}, 'MM')",
}
_AGGREGATES = {
    "sum": "sum({0})",
    "average": "avg({0})",
    "median": "percentile_cont(0.5) within group (order by {0})",
    "minimum": "min({0})",
    "maximum": "max({0})",
    "count_distinct": "count(distinct {0})",
}
_CURRENCY = "currency_of_row"
_PLACEHOLDER = re.compile(r"%\(p\d+\)s")


@dataclass(frozen=True, slots=True)
class CompiledColumn:
    """A result column: where it comes from and what its cells are."""

    name: str
    label: str
    kind: ColumnKind
    unit: str = ""
    good: Literal["up", "down", "none"] = "none"
    money_of_row: bool = False
    """True where the currency stands in a column of its own."""
    is_measure: bool = False


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """SQL with its parameters, the columns in order, and the canonical tables it reads."""

    sql: str
    parameters: dict[str, object]
    columns: tuple[CompiledColumn, ...]
    has_currency: bool
    """True where the statement's last column is the row's currency, `mixed` where several were added."""
    tables: tuple[str, ...]


@dataclass(slots=True)
class _Key:
    """A key column of the result: its name, meaning, and its SQL per source entity."""

    column: CompiledColumn
    grouping: Grouping
    field: str = ""
    extra_of: str = ""


class Compiler:
    """Compiles queries against a catalogue; hold one for the process."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def compile(self, query: MetricQuery) -> CompiledQuery:
        """The statement for a query.

        Raises:
            QueryInvalid: it names what is not there, or combines what cannot be combined; the message says which.
        """
        return _Compilation(self.catalogue, query).run()


class _Compilation:
    def __init__(self, catalogue: Catalogue, query: MetricQuery) -> None:
        self.catalogue = catalogue
        self.query = query
        self.parameters = Parameters()
        self.conditions = Conditions(catalogue, self.parameters)
        self.tables: set[str] = set()
        self.plain = [measure for measure in query.measures if not measure.derive]
        self.base = {measure.name: self._base(measure) for measure in self.plain}
        self.unused = set(range(len(query.where)))
        self.has_currency = False

    # ── the whole ───────────────────────────────────────────────────────────────────────────────────────────────
    def run(self) -> CompiledQuery:
        inner, columns = self._spined() if self.query.rows_of else self._grouped()
        if self.unused:
            lost = self.query.where[min(self.unused)]
            raise QueryInvalid(
                f"a condition applies to nothing in this query: {lost.model_dump_json(exclude_defaults=True)}"
            )
        sql, columns = self._finished(inner, columns)
        self.tables |= self.conditions.tables
        _check(sql)
        return CompiledQuery(
            sql, self.parameters.values, tuple(columns), self.has_currency, tuple(sorted(self.tables))
        )

    def _base(self, measure: Measure) -> str:
        if measure.metric:
            metric = self.catalogue.metrics.get(measure.metric)
            if metric is None:
                raise QueryInvalid(f"there is no metric {measure.metric!r}")
            return metric.entity
        name = measure.records or measure.count_of or measure.field.split("/")[-1].partition(".")[0]
        if name not in self.catalogue.entities:
            raise QueryInvalid(f"there is no entity {name!r}")
        return name

    def _applicable(self, entity: str) -> list[Filter]:
        found = []
        for index, test in enumerate(self.query.where):
            if self.conditions.applies(test, entity):
                self.unused.discard(index)
                found.append(test)
        return found

    # ── groups ──────────────────────────────────────────────────────────────────────────────────────────────────
    def _grouped(self) -> tuple[str, list[CompiledColumn]]:
        keys = [key for grouping in self.query.by for key in self._keys(grouping)]
        bases = list(dict.fromkeys(self.base.values()))
        selects = [self._group_select(base, keys) for base in bases]
        measures = [self._column(measure) for measure in self.plain]
        if len(selects) == 1:
            return selects[0], [*(key.column for key in keys), *measures]
        union = "\nunion all\n".join(selects)
        names = [key.column.name for key in keys]
        merged = [f"max({column.name}) as {column.name}" for column in measures]
        if self.has_currency:
            merged.append(f"max({_CURRENCY}) as {_CURRENCY}")
        group = f"\ngroup by {', '.join(str(i + 1) for i in range(len(names)))}" if names else ""
        return f"select {', '.join([*names, *merged])}\nfrom (\n{union}\n) as parts{group}", [
            *(key.column for key in keys),
            *measures,
        ]

    def _group_select(self, base: str, keys: Sequence[_Key]) -> str:
        source = Source(self.catalogue, base, "t")
        present = [
            f"{self._key_sql(key, source)} is not null"
            for key in {id(key.grouping): key for key in keys}.values()
            if not key.grouping.missing
        ]
        tests = self.conditions.sql(self._applicable(base), source)
        where = " and ".join([*([tests] if tests else []), *present])
        selected = [f"{self._key_sql(key, source)} as {key.column.name}" for key in keys]
        for measure in self.plain:
            own = self._measure_sql(measure, source) if self.base[measure.name] == base else "null::numeric"
            selected.append(f"{own} as {measure.name}")
        if self._ledger(base) or self.has_currency:
            self.has_currency = True
            selected.append(
                f"case when min({source.alias}.currency) = max({source.alias}.currency) then min({source.alias}.currency)"
                f" when count(*) > 0 then 'mixed' end as {_CURRENCY}"
                if self._ledger(base)
                else f"null::text as {_CURRENCY}"
            )
        self.tables |= source.tables
        group = f"\ngroup by {', '.join(str(i + 1) for i in range(len(keys)))}" if keys else ""
        filtered = f"\nwhere {where}" if where else ""
        return f"select {', '.join(selected)}\n{source.from_clause()}{filtered}{group}"

    def _ledger(self, base: str) -> bool:
        return any(
            self.base[measure.name] == base
            and measure.metric
            and self.catalogue.metrics[measure.metric].unit == "@currency"
            for measure in self.plain
        )

    def _keys(self, grouping: Grouping) -> list[_Key]:
        if grouping.entity:
            if grouping.entity not in self.catalogue.entities:
                raise QueryInvalid(f"there is no entity {grouping.entity!r}")
            entity = self.catalogue.entity(grouping.entity)
            name = grouping.via or grouping.entity
            keys = []
            if entity.key != entity.name:
                label = f"{grouping.via or entity.singular} ID".replace("_", " ")
                keys.append(_Key(CompiledColumn(f"{name}_id", label, "id"), grouping, entity.key))
            if entity.name:
                keys.append(
                    _Key(
                        CompiledColumn(name, (grouping.via or entity.singular).replace("_", " "), "text"),
                        grouping,
                        entity.name,
                    )
                )
            return keys
        if grouping.path:
            entity_name, _, field_name = grouping.path.split("/")[-1].partition(".")
            field = self._field(entity_name, field_name)
            kind: ColumnKind = (
                "flag"
                if field.kind == "flag"
                else "date"
                if field.kind == "date"
                else field.kind
                if field.is_number and field.kind != "category"
                else "text"
            )
            return [_Key(CompiledColumn(field_name, field.label, kind), grouping, field_name)]
        assert grouping.grain
        return [_Key(CompiledColumn(grouping.grain, grouping.grain.replace("_", " "), "text"), grouping)]

    def _key_sql(self, key: _Key, source: Source) -> str:
        grouping = key.grouping
        if grouping.path:
            return source.field(grouping.path)
        if grouping.entity:
            prefix = f"{grouping.via}/" if grouping.via else ""
            route = self._route(source, grouping.entity, prefix)
            return source.field_at(route, key.field)
        assert grouping.grain
        role = DateTest(role=grouping.role)
        entity = source.entity
        chosen = role.role or self.catalogue.entity(entity).default_date
        if chosen not in self.catalogue.entity(entity).dates:
            raise QueryInvalid(
                f"{self.catalogue.entity(entity).plural} have no date {chosen or 'of their own'!r} to group by"
            )
        return _GRAINS[grouping.grain].format(self.conditions.date_field(source, (), entity, chosen))

    def _route(self, source: Source, entity: str, prefix: str) -> tuple[str, ...]:
        if prefix:
            link = prefix.rstrip("/")
            found = self.catalogue.entity(source.entity).links.get(link)
            if found is None or found.to != entity:
                raise QueryInvalid(f"{source.entity!r} has no link {link!r} to {entity!r}")
            return (link,)
        route = self.catalogue.paths[source.entity].get(entity)
        if route is None:
            raise QueryInvalid(
                f"{self.catalogue.entity(source.entity).plural} cannot be grouped by {self.catalogue.entity(entity).singular}"
            )
        return route

    # ── records ─────────────────────────────────────────────────────────────────────────────────────────────────
    def _spined(self) -> tuple[str, list[CompiledColumn]]:
        name = self.query.rows_of
        if name not in self.catalogue.entities:
            raise QueryInvalid(f"there is no entity {name!r}")
        entity = self.catalogue.entity(name)
        spine = Source(self.catalogue, name, "main_row")
        where = self.conditions.sql(self._applicable(name), spine)
        selected: list[str] = []
        columns: list[CompiledColumn] = []
        if entity.key != "source_key":
            columns.append(CompiledColumn(f"{name}_id", f"{entity.singular} ID", "id"))
            selected.append(f"main_row.{entity.key} as {name}_id")
        if entity.name and entity.name != entity.key:
            columns.append(CompiledColumn(name, entity.singular, "text"))
            selected.append(f"{spine.field_at((), entity.name)} as {name}")
        for position, path in enumerate(self.query.show):
            route, owner, field_name = spine.path_to(path)
            column = self._shown(owner, field_name, position, route)
            columns.append(column)
            selected.append(f"{spine.field(path)} as {column.name}")
        joins = []
        for index, base in enumerate(dict.fromkeys(self.base.values())):
            joins.append(self._rollup(base, name, f"m{index}"))
            for measure in self.plain:
                if self.base[measure.name] == base:
                    column = self._column(measure)
                    columns.append(column)
                    value = f"m{index}.{measure.name}"
                    zero = column.kind in ("count", "quantity", "money") and not self._averages(measure)
                    selected.append(
                        f"coalesce({value}, 0) as {measure.name}" if zero else f"{value} as {measure.name}"
                    )
        self.tables |= spine.tables
        filtered = f"\nwhere {where}" if where else ""
        return f"select {', '.join(selected)}\n{spine.from_clause()}{''.join(joins)}{filtered}", columns

    def _averages(self, measure: Measure) -> bool:
        if measure.metric:
            metric = self.catalogue.metrics[measure.metric]
            return not metric.value.lower().lstrip("coalesce(").startswith(("sum", "count")) or bool(
                metric.denominator
            )
        return bool(measure.field) and measure.aggregate not in ("sum", "count_distinct")

    def _rollup(self, base: str, spine: str, alias: str) -> str:
        if base == spine:
            raise QueryInvalid(
                f"measures of {base!r} itself cannot stand beside its own records; show fields instead"
            )
        source = Source(self.catalogue, base, f"{alias}t")
        route = self.catalogue.paths[base].get(spine)
        if not route:
            raise QueryInvalid(
                f"{self.catalogue.entity(base).plural} do not refer to {self.catalogue.entity(spine).plural}"
            )
        where = self.conditions.sql(self._applicable(base), source)
        holder = source.joined(route[:-1])
        here = base
        for step in route[:-1]:
            here = self.catalogue.entity(here).links[step].to
        link = self.catalogue.entity(here).links[route[-1]]
        own = [f"{holder}.{column} as k{i}" for i, column in enumerate(link.via)]
        measures = [
            f"{self._measure_sql(measure, source)} as {measure.name}"
            for measure in self.plain
            if self.base[measure.name] == base
        ]
        self.tables |= source.tables
        keys = [f"{source.alias}.site as k_site", *own]
        group = ", ".join(str(i + 1) for i in range(len(keys)))
        on = [f"main_row.site = {alias}.k_site"] + [
            f"main_row.{theirs} = {alias}.k{i}" for i, theirs in enumerate(link.via.values())
        ]
        filtered = f" where {where}" if where else ""
        return (
            f"\n  left join (select {', '.join([*keys, *measures])} {source.from_clause()}{filtered}"
            f" group by {group}) as {alias} on {' and '.join(on)}"
        )

    def _shown(self, owner: str, field_name: str, position: int, route: tuple[str, ...]) -> CompiledColumn:
        field = self._field(owner, field_name)
        name = field_name if not route else f"{route[-1]}_{field_name}"
        taken = f"{self.query.rows_of}_id", self.query.rows_of
        if name in taken:
            name = f"{name}_{position}"
        label = field.label
        return CompiledColumn(name, label, _kind(field), self._unit(field))

    # ── measures ────────────────────────────────────────────────────────────────────────────────────────────────
    def _measure_sql(self, measure: Measure, source: Source) -> str:
        own = self.conditions.sql(measure.where, source)
        if measure.count_of:
            return f"count(*) filter (where {own})" if own else "count(*)"
        if measure.field:
            value = _AGGREGATES[measure.aggregate].format(source.field(measure.field))
            return f"{value} filter (where {own})" if own else value
        metric = self.catalogue.metrics[measure.metric]
        base = source.expression(metric.filter) if metric.filter else ""
        both = " and ".join(part for part in (f"({base})" if base else "", own) if part)
        if metric.value:
            return source.expression(metric.value, own_filter=both)
        numerator = source.expression(metric.numerator, own_filter=both)
        denominator = source.expression(metric.denominator, own_filter=both)
        scale = f"{metric.scale}::numeric * " if metric.scale != 1 else "1.0 * "
        return f"{scale}({numerator}) / nullif({denominator}, 0)"

    def _column(self, measure: Measure) -> CompiledColumn:
        if measure.metric:
            metric = self.catalogue.metrics[measure.metric]
            unit = metric.unit if metric.unit != "@currency" else ""
            return CompiledColumn(
                measure.name,
                measure.label or metric.label,
                metric.kind,
                unit,
                metric.good,
                metric.unit == "@currency",
                True,
            )
        if measure.count_of:
            label = measure.label or self.catalogue.entity(measure.count_of).plural
            return CompiledColumn(measure.name, label, "count", is_measure=True)
        entity, _, name = measure.field.split("/")[-1].partition(".")
        field = self._field(entity, name)
        prefix = {"sum": "total ", "count_distinct": "different "}.get(
            measure.aggregate, measure.aggregate + " "
        )
        kind = "count" if measure.aggregate == "count_distinct" else _kind(field)
        unit = "" if measure.aggregate == "count_distinct" else self._unit(field)
        return CompiledColumn(
            measure.name, measure.label or prefix + field.label, kind, unit, is_measure=True
        )

    def _field(self, entity: str, name: str) -> EntityField:
        if entity not in self.catalogue.entities:
            raise QueryInvalid(f"there is no entity {entity!r}")
        field = self.catalogue.entity(entity).fields.get(name)
        if field is None:
            raise QueryInvalid(f"{entity!r} has no field {name!r}")
        return field

    @staticmethod
    def _unit(field: EntityField) -> str:
        if field.unit:
            return field.unit
        return {"days": "days", "percent": "%"}.get(field.kind, "")

    # ── derived measures, having, order, limit, output ──────────────────────────────────────────────────────────
    def _finished(self, inner: str, columns: list[CompiledColumn]) -> tuple[str, list[CompiledColumn]]:
        derived = [measure for measure in self.query.measures if measure.derive]
        by_name = {column.name: column for column in columns}
        computed: list[str] = []
        for measure in derived:
            column, sql = self._derived(measure, by_name)
            by_name[column.name] = column
            columns.append(column)
            computed.append(f"{sql} as {column.name}")
        currency = [_CURRENCY] if self.has_currency else []
        # Two levels, because having, order and shares refer to calculated columns by name.
        sql = f"select q.*{''.join(', ' + part for part in computed)}\nfrom (\n{inner}\n) as q"
        visible = [column for column in columns if not self._hidden(column.name)]
        having = self._having(by_name)
        if self.query.output == "count":
            share = "100.0 * count(*) filter (where {0}) / nullif(count(*), 0)".format(having or "true")
            rows = f"count(*) filter (where {having or 'true'})"
            noun = self._rows_noun()
            counted = [CompiledColumn("number", noun, "count", is_measure=True)]
            if having:
                counted.append(
                    CompiledColumn("share", f"share of all {noun}", "percent", "%", is_measure=True)
                )
                return f"select {rows} as number, {share} as share\nfrom (\n{sql}\n) as w", counted
            return f"select {rows} as number\nfrom (\n{sql}\n) as w", counted
        if self.query.output == "top_share":
            return self._top_share(sql, having, by_name)
        names = ", ".join([*(column.name for column in visible), *currency])
        where = f"\nwhere {having}" if having else ""
        order = self._order(by_name, columns)
        return f"select {names}\nfrom (\n{sql}\n) as w{where}{order}{self._limit()}", visible

    def _hidden(self, name: str) -> bool:
        return any(measure.name == name and measure.hidden for measure in self.query.measures)

    def _rows_noun(self) -> str:
        if self.query.rows_of:
            return self.catalogue.entity(self.query.rows_of).plural
        for grouping in self.query.by:
            if grouping.entity:
                return self.catalogue.entity(grouping.entity).plural
            return (grouping.grain or grouping.path.partition(".")[2]) + "s"
        return "rows"

    def _limit(self) -> str:
        if self.query.extreme and self.query.order:
            return "\nfetch first 1 rows with ties"
        if self.query.limit is None:
            return ""
        ties = "with ties" if self.query.order else "only"
        return f"\nfetch first {self.query.limit:d} rows {ties}"

    def _derived(self, measure: Measure, columns: dict[str, CompiledColumn]) -> tuple[CompiledColumn, str]:
        first = columns[measure.of[0]]
        a = f"q.{measure.of[0]}" if not self._is_derived(measure.of[0]) else self._inline(measure.of[0])
        b = ""
        if len(measure.of) > 1:
            b = f"q.{measure.of[1]}" if not self._is_derived(measure.of[1]) else self._inline(measure.of[1])
        match measure.derive:
            case "difference":
                return _like(first, measure, "difference"), f"coalesce({a}, 0) - coalesce({b}, 0)"
            case "sum":
                return _like(first, measure, "sum"), f"coalesce({a}, 0) + coalesce({b}, 0)"
            case "ratio":
                return CompiledColumn(
                    measure.name, measure.label or "ratio", "ratio", is_measure=True
                ), f"1.0 * {a} / nullif({b}, 0)"
            case "percent":
                return _percent(measure, "share"), f"100.0 * {a} / nullif({b}, 0)"
            case "change_percent":
                return _percent(measure, "change"), f"100.0 * ({a} - {b}) / nullif({b}, 0)"
            case "share_of_total":
                return _percent(measure, "share of total"), f"100.0 * {a} / nullif(sum({a}) over (), 0)"
            case _:
                raise QueryInvalid(f"{measure.derive!r} is no calculation")

    def _is_derived(self, name: str) -> bool:
        return any(measure.name == name and measure.derive for measure in self.query.measures)

    def _inline(self, name: str) -> str:
        measure = next(measure for measure in self.query.measures if measure.name == name)
        columns = {m.name: self._column(m) for m in self.plain}
        return f"({self._derived(measure, columns)[1]})"

    def _ref(self, name: str, columns: dict[str, CompiledColumn]) -> str:
        if name in columns:
            return name
        if "." in name:
            for index, path in enumerate(self.query.show):
                if path == name:
                    skip = len(
                        [
                            c
                            for c in columns.values()
                            if c.name in (f"{self.query.rows_of}_id", self.query.rows_of)
                        ]
                    )
                    return list(columns)[skip + index]
        if name.startswith("#") and name[1:].isdigit() and int(name[1:]) <= len(columns):
            return list(columns)[int(name[1:]) - 1]
        raise QueryInvalid(f"{name!r} is not a column of this query; there are {', '.join(columns)}")

    def _having(self, columns: dict[str, CompiledColumn]) -> str:
        parts = []
        for test in self.query.having:
            left = self._ref(test.left, columns)
            right = (
                self._ref(test.right, columns)
                if test.right is not None
                else f"{self.parameters.bind(test.value)}::numeric"
            )
            parts.append(f"{left} {test.op} {right}")
        return " and ".join(parts)

    def _order(self, columns: dict[str, CompiledColumn], listed: list[CompiledColumn]) -> str:
        parts = [
            f"{self._ref(order.by, columns)} {'desc' if order.descending else 'asc'} nulls last"
            for order in self.query.order
        ]
        if not parts:
            keys = [column.name for column in listed if not column.is_measure]
            named = [name for name in keys if not name.endswith("_id")] or keys
            parts = [f"{name} nulls last" for name in named[:2]]
        return f"\norder by {', '.join(parts)}" if parts else ""

    def _ties(
        self, sql: str, having: str, columns: dict[str, CompiledColumn]
    ) -> tuple[str, list[CompiledColumn]]:
        if not self.query.order:
            raise QueryInvalid("an extreme value needs an order")
        name = self._ref(self.query.order[0].by, columns)
        column = columns[name]
        extreme = "max" if self.query.order[0].descending else "min"
        where = f" where {having}" if having else ""
        inner = f"select {name}, {extreme}({name}) over () as extreme_value from (\n{sql}\n) as w{where}"
        statement = (
            f"select max(extreme_value) as {name},"
            f" count(*) filter (where {name} = extreme_value) as number\nfrom ({inner}) as marked"
        )
        self.has_currency = False
        return statement, [
            replace(column, is_measure=True),
            CompiledColumn("number", f"{self._rows_noun()} with it", "count", is_measure=True),
        ]

    def _top_share(
        self, sql: str, having: str, columns: dict[str, CompiledColumn]
    ) -> tuple[str, list[CompiledColumn]]:
        if not self.query.order or self.query.limit is None:
            raise QueryInvalid("a top share needs an order and a limit")
        name = self._ref(self.query.order[0].by, columns)
        column = columns[name]
        where = f" where {having}" if having else ""
        direction = "desc" if self.query.order[0].descending else "asc"
        ranked = f"select {name}, row_number() over (order by {name} {direction} nulls last) as place from (\n{sql}\n) as w{where}"
        inside = f"sum({name}) filter (where place <= {self.query.limit:d})"
        statement = f"select 100.0 * {inside} / nullif(sum({name}), 0) as share, {inside} as top, sum({name}) as total\nfrom ({ranked}) as ranked"
        noun = self._rows_noun()
        self.has_currency = False
        return statement, [
            CompiledColumn(
                "share", f"share of the top {self.query.limit} {noun}", "percent", "%", is_measure=True
            ),
            CompiledColumn(
                "top",
                f"{column.label}, top {self.query.limit} {noun}",
                column.kind,
                column.unit,
                column.good,
                is_measure=True,
            ),
            CompiledColumn(
                "total", f"{column.label}, all {noun}", column.kind, column.unit, column.good, is_measure=True
            ),
        ]


def _kind(field: EntityField) -> ColumnKind:
    match field.kind:
        case "category":
            return "text"
        case _:
            return field.kind


def _like(column: CompiledColumn, measure: Measure, label: str) -> CompiledColumn:
    return CompiledColumn(
        measure.name, measure.label or label, column.kind, column.unit, column.good, column.money_of_row, True
    )


def _percent(measure: Measure, label: str) -> CompiledColumn:
    return CompiledColumn(measure.name, measure.label or label, "percent", "%", is_measure=True)


def _check(sql: str) -> None:
    """One SELECT over canonical tables and nothing else, whatever the catalogue holds."""
    trees = sqlglot.parse(_PLACEHOLDER.sub("1", sql).replace("%%", "%"), read="postgres")
    if len(trees) != 1 or not isinstance(trees[0], exp.Select):
        raise QueryInvalid("the query did not compile to a single SELECT")
    for table in trees[0].find_all(exp.Table):
        if table.db != "erp":
            raise QueryInvalid(f"the query reads {table.sql()!r}, which is no canonical table")
