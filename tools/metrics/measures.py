"""A query's measures as SQL aggregates over the rows of one entity, and as result columns."""

from __future__ import annotations

from functools import cached_property

from sqlglot import exp

from tools.errors import QueryInvalid
from tools.languages import said
from tools.metrics.catalogue import Catalogue, EntityField, Metric
from tools.metrics.columns import CURRENCY, CompiledColumn, kind_of, unit_of
from tools.metrics.conditions import Conditions, Parameters
from tools.metrics.converting import LEDGER_CURRENCY, conversion_of, keeps_currency
from tools.metrics.expressions import Source, parsed
from tools.metrics.intercompany import intercompany_tests
from tools.metrics.labels import Labels, metric_label
from tools.metrics.query import Filter, Measure, MetricQuery
from tools.metrics.wording import Wording

_AGGREGATES = {
    "sum": "sum({})",
    "average": "avg({})",
    "median": "percentile_cont(0.5) within group (order by {})",
    "minimum": "min({})",
    "maximum": "max({})",
    "count_distinct": "count(distinct {})",
}

_HEADINGS = {
    "sum": "total [[field]]",
    "average": "average [[field]]",
    "median": "median [[field]]",
    "minimum": "minimum [[field]]",
    "maximum": "maximum [[field]]",
    "count_distinct": "different [[field]]",
    "first": "first [[field]]",
    "last": "last [[field]]",
}


class Measures:
    """The measures of one query, by the entity that each is taken over, with the query's conditions."""

    def __init__(self, catalogue: Catalogue, query: MetricQuery, several_currencies: bool) -> None:
        self.catalogue = catalogue
        self.query = query
        self.parameters = Parameters()
        self.conversion = conversion_of(query, catalogue, self.parameters)
        self.several_currencies = several_currencies and self.conversion is None
        """True where the sites that are asked about keep money in different currencies."""
        self.conditions = Conditions(catalogue, self.parameters)
        self.labels = Labels(catalogue)
        self.wording = Wording(catalogue)
        self.plain = [measure for measure in query.measures if not measure.derive]
        self._base = {measure.name: self._base_of(measure) for measure in self.plain}
        self.unused = set(range(len(query.where)))
        """Positions of the conditions that nothing has applied yet."""

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Entities that measures are taken over, each once."""
        return tuple(dict.fromkeys(self._base.values()))

    def source(self, entity: str, alias: str) -> Source:
        """The FROM clause of an entity, converting amounts where the query asks for one currency."""
        return Source(self.catalogue, entity, alias, self.conversion)

    def over(self, base: str) -> list[Measure]:
        """The measures that are taken over an entity."""
        return [measure for measure in self.plain if self._base[measure.name] == base]

    def applicable(self, entity: str) -> list[Filter]:
        """The query's conditions that an entity's rows can be tested for."""
        found = []
        for index, test in enumerate(self.query.where):
            if self.conditions.applies(test, entity):
                self.unused.discard(index)
                found.append(test)
        return [*found, *intercompany_tests(self.query.intercompany, entity, self.catalogue)]

    def sql(self, measure: Measure, source: Source) -> str:
        """A measure as an aggregate, with its own conditions as the aggregate's filter."""
        own = self.conditions.sql(measure.where, source)
        if measure.count_of:
            counted = self.catalogue.entity(measure.count_of).counted
            return source.expression(counted, own_filter=own)
        if measure.field:
            if measure.aggregate in ("first", "last"):
                return self._by_date(measure, source, own)
            value = _AGGREGATES[measure.aggregate].format(source.field(measure.field))
            return f"{value} filter (where {own})" if own else value
        metric = self.catalogue.metrics[measure.metric]
        base = source.expression(metric.filter) if metric.filter else ""
        both = " and ".join(part for part in (f"({base})" if base else "", own) if part)
        if metric.value:
            return source.expression(metric.value, own_filter=both, converted=True)
        numerator = source.expression(metric.numerator, own_filter=both, converted=True)
        denominator = source.expression(metric.denominator, own_filter=both, converted=True)
        scale = f"{metric.scale}::numeric * " if metric.scale != 1 else "1.0 * "
        return f"{scale}({numerator}) / nullif({denominator}, 0)"

    def _by_date(self, measure: Measure, source: Source, own: str) -> str:
        """The value of the earliest or latest record that has one; of several on one day, the smallest."""
        entity = self.catalogue.entity(source.entity)
        if not entity.default_date:
            raise QueryInvalid(
                f"measure {measure.name!r}: {entity.plural} have no date that says which is"
                f" {measure.aggregate}"
            )
        value = source.field(measure.field)
        day = self.conditions.date_field(source, (), source.entity, entity.default_date)
        turn = "desc" if measure.aggregate == "last" else "asc"
        kept = " and ".join(part for part in (f"{value} is not null", f"{day} is not null", own) if part)
        return f"(array_agg({value} order by {day} {turn}, {value}) filter (where {kept}))[1]"

    def column(self, measure: Measure) -> CompiledColumn:
        """What the cells of a measure's column are."""
        if measure.metric:
            return self._metric_column(measure, self.catalogue.metrics[measure.metric])
        if measure.count_of:
            label = self.wording.labelled(measure) or self.labels.plural(measure.count_of)
            return CompiledColumn(measure.name, label, "count", is_measure=True, adds_up=True)
        entity, _, name = measure.field.split("/")[-1].partition(".")
        field = self.field(entity, name)
        self._refuse_senseless(measure, field)
        heading = said(_HEADINGS[measure.aggregate], field=self.labels.field(entity, name))
        counted = measure.aggregate == "count_distinct"
        return CompiledColumn(
            measure.name,
            self.wording.labelled(measure) or heading,
            "count" if counted else kind_of(field),
            "" if counted else unit_of(field),
            money_of_row=self.in_currency(measure)
            and self.conversion is None
            and (self.several_currencies or self._keeps_currency(self._base[measure.name])),
            is_measure=True,
            adds_up=counted or measure.aggregate == "sum",
            numeric=field.is_number,
        )

    def _metric_column(self, measure: Measure, metric: Metric) -> CompiledColumn:
        of_ledger = metric.unit == LEDGER_CURRENCY
        return CompiledColumn(
            measure.name,
            self.wording.labelled(measure) or metric_label(metric),
            metric.kind,
            "" if of_ledger else metric.unit,
            metric.good,
            self.conversion is None and (of_ledger or (metric.kind == "money" and self.several_currencies)),
            True,
            metric.kind in ("count", "quantity", "money")
            and metric.value.lower().removeprefix("coalesce(").startswith(("sum(", "count(")),
        )

    def field(self, entity: str, name: str) -> EntityField:
        """A field by its names.

        Raises:
            QueryInvalid: there is no such entity, or it has no such field.
        """
        if entity not in self.catalogue.entities:
            raise QueryInvalid(f"there is no entity {entity!r}")
        field = self.catalogue.entity(entity).fields.get(name)
        if field is None:
            raise QueryInvalid(f"{entity!r} has no field {name!r}")
        return field

    def in_currency(self, measure: Measure) -> bool:
        """True where a measure adds, averages or compares amounts of money."""
        if measure.metric:
            return _adds_money(self.catalogue, self.catalogue.metrics[measure.metric])
        if measure.field:
            entity, _, name = measure.field.split("/")[-1].partition(".")
            return measure.aggregate != "count_distinct" and self.field(entity, name).kind == "money"
        return False

    def currency(self, base: str, source: Source) -> str:
        """SQL of the currency of an entity's rows; empty where it does not matter."""
        if not any(self.in_currency(measure) for measure in self.over(base)):
            return ""
        return self.currency_of_rows(source)

    def currency_of_rows(self, source: Source) -> str:
        """SQL of the currency that a record's amounts are in; empty where it is the one of all sites."""
        if self.conversion is not None:
            return ""
        if self._keeps_currency(source.entity):
            return f"{source.alias}.currency"
        if not self.several_currencies:
            return ""
        return f"{source.alias if source.entity == 'site' else source.joined(('site',))}.currency"

    def _keeps_currency(self, base: str) -> bool:
        return keeps_currency(self.catalogue, base)

    def _base_of(self, measure: Measure) -> str:
        if measure.metric:
            metric = self.catalogue.metrics.get(measure.metric)
            if metric is None:
                raise QueryInvalid(f"there is no metric {measure.metric!r}")
            return metric.entity
        if measure.count_of and measure.records not in ("", measure.count_of):
            raise QueryInvalid(
                f"measure {measure.name!r} counts {measure.count_of!r}; it cannot count them over"
                f" {measure.records!r}"
            )
        name = measure.records or measure.count_of or measure.field.split("/")[-1].partition(".")[0]
        if name not in self.catalogue.entities:
            raise QueryInvalid(f"there is no entity {name!r}")
        return name

    @staticmethod
    def _refuse_senseless(measure: Measure, field: EntityField) -> None:
        adds = measure.aggregate in ("sum", "average", "median")
        if (adds and not field.is_number) or (
            measure.aggregate in ("minimum", "maximum") and field.kind == "flag"
        ):
            raise QueryInvalid(f"measure {measure.name!r}: {field.label!r} has no {measure.aggregate}")


def one_currency(sql: str) -> str:
    """The one currency of a group's rows, or `mixed`; nothing where it has no rows."""
    return f"case when min({sql}) = max({sql}) then min({sql}) when count({sql}) > 0 then 'mixed' end"


def with_currency(selected: list[str], sql: str) -> list[str]:
    """A select list with the currency behind it."""
    return [*selected, f"{sql} as {CURRENCY}"]


def _adds_money(catalogue: Catalogue, metric: Metric) -> bool:
    """True where amounts stand in a metric's aggregates: its own currency, or a ratio of two in the same."""
    for sql in (metric.value, metric.numerator, metric.denominator):
        for column in parsed(sql).find_all(exp.Column) if sql else ():
            if column.find_ancestor(exp.Where) or column.find_ancestor(exp.Select):
                continue
            here = catalogue.entity(metric.entity)
            *links, name = [part.name for part in column.parts]
            for link in links:
                here = catalogue.entity(here.links[link].to)
            if name in here.fields and here.fields[name].kind == "money":
                return True
    return False
