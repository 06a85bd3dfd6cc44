"""What a plan does, as far as a question can ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from agents.models.embedded.languages.tables import folded
from agents.models.embedded.text import singular
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue, Condition, EntityField
from tools.metrics.labels import Labels, metric_label
from tools.metrics.query import (
    AnyTest,
    ContainsTest,
    DateTest,
    FieldTest,
    Filter,
    Measure,
    MetricQuery,
    NamedTest,
    NullTest,
    RelatedTest,
    ValidTest,
    ValueTest,
)

_RATIOS = frozenset({"ratio", "percent", "rate"})
_SHARES = frozenset({"ratio", "percent", "change_percent", "share_of_total"})
_GAPS = frozenset({"difference", "change_percent"})


@dataclass(frozen=True)
class Doing:
    """A plan beside the catalogue that its names are of."""

    catalogue: Catalogue
    calls: tuple[ToolCall, ...]

    @cached_property
    def queries(self) -> tuple[MetricQuery, ...]:
        """The queries among its calls."""
        return tuple(call.arguments for call in self.calls if isinstance(call.arguments, MetricQuery))

    @cached_property
    def looks_up(self) -> bool:
        """True where a tool of its own answers, which shows more than its arguments say."""
        return any(not isinstance(call.arguments, MetricQuery) for call in self.calls)

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """Every measure of its queries, hidden ones too."""
        return tuple(measure for query in self.queries for measure in query.measures)

    @cached_property
    def figures(self) -> int:
        """How many figures of each row it shows."""
        visible = sum(not measure.hidden for measure in self.measures)
        paths = [path for query in self.queries for path in query.show]
        counting = sum(query.output in ("count", "ties") for query in self.queries)
        # A count of rows says its share too.
        return visible + counting + sum(self.kind_of(path) not in ("", "text", "id") for path in paths)

    @cached_property
    def columns(self) -> int:
        """How many columns it shows at most."""
        return sum(
            len(query.show)
            + sum(not measure.hidden for measure in query.measures)
            + sum(2 if each.entity else 1 for each in query.by)
            + (2 if query.rows_of else 0)
            for query in self.queries
        )

    @cached_property
    def tests(self) -> tuple[Filter, ...]:
        """Every condition, wherever it stands."""
        return tuple(
            test
            for query in self.queries
            for part in (query.where, *(measure.where for measure in query.measures))
            for test in _flat(part)
        )

    @cached_property
    def has_ratio(self) -> bool:
        """True where it shows or tests a percentage, a rate or a ratio."""
        fields = [measure.field for measure in self.measures if measure.field]
        shown = [path for query in self.queries for path in query.show]
        shown += [test.path for test in self.tests if isinstance(test, ValueTest)]
        return (
            any(measure.derive in _SHARES for measure in self.measures)
            or any(
                self.catalogue.metrics[measure.metric].kind in _RATIOS
                or bool(self.catalogue.metrics[measure.metric].denominator)
                for measure in self.measures
                if measure.metric in self.catalogue.metrics
            )
            or any(query.output in ("count", "top_share") for query in self.queries)
            or any(self.kind_of(path) in _RATIOS for path in (*fields, *shown))
        )

    @cached_property
    def has_gap(self) -> bool:
        """True where it shows or tests the difference of two figures."""
        return (
            any(measure.derive in _GAPS for measure in self.measures)
            or any(having.right for query in self.queries for having in query.having)
            or any(isinstance(test, FieldTest) for test in self.tests)
            or any(cue in word for word in self.names for cue in _GAP_NAMES)
        )

    @cached_property
    def has_average(self) -> bool:
        """True where it shows or tests an average or a median."""
        return (
            any(measure.field and measure.aggregate in ("average", "median") for measure in self.measures)
            or self.has_ratio
            or any(cue in name for name in self.names for cue in _MEANS)
        )

    @cached_property
    def units(self) -> frozenset[str]:
        """Kinds and units of the figures that it shows."""
        found: set[str] = set()
        for measure in self.measures:
            metric = self.catalogue.metrics.get(measure.metric)
            if metric is not None:
                found |= {metric.kind, metric.unit, *metric.label.split()}
            counted = self.catalogue.entities.get(measure.count_of)
            if counted is not None and counted.daily:
                found.add("days")
        paths = [measure.field for measure in self.measures if measure.field]
        for path in (*paths, *(path for query in self.queries for path in query.show)):
            found |= {self.kind_of(path), *self._field_label(path).split()}
        return frozenset(found)

    @cached_property
    def has_order(self) -> bool:
        """True where rows are ordered, or only the most or least of something is shown."""
        return (
            any(query.order or query.extreme or query.limit for query in self.queries)
            or any(measure.aggregate in ("minimum", "maximum", "first", "last") for measure in self.measures)
            or any(cue in name for name in self.names for cue in _EXTREMES)
        )

    @cached_property
    def has_end(self) -> bool:
        """True where only the first or last few of something are shown, or what they come to."""
        return (
            any(query.extreme or query.limit is not None or query.output != "rows" for query in self.queries)
            or any(measure.aggregate in ("minimum", "maximum", "first", "last") for measure in self.measures)
            or any(cue in name for name in self.names for cue in _EXTREMES)
        )

    def ranks_from(self, *, better: bool) -> bool | None:
        """Whether rows are ranked from the better end, or the worse one; None where that is not known."""
        cut = [query for query in self.queries if query.order and (query.extreme or query.limit is not None)]
        for query in cut:
            first = query.order[0]
            ranked = next((one.metric for one in query.measures if one.name == first.by), "")
            good = (
                self.catalogue.metrics[ranked].good if ranked in self.catalogue.metrics else _good(first.by)
            )
            if good != "none":
                return ((good == "up") == first.descending) == better
        return None

    @cached_property
    def shows_top_share(self) -> bool:
        """True where it shows how much of all the first few are."""
        return any(query.output == "top_share" for query in self.queries)

    @cached_property
    def has_last(self) -> bool:
        """True where the latest of something is meant."""
        by_day = [order.by for query in self.queries for order in query.order]
        return (
            any(measure.aggregate in ("last", "first") for measure in self.measures)
            or any(self.kind_of(path) == "date" for path in by_day)
            or any(cue in name for name in self.names for cue in _NEWEST)
        )

    @cached_property
    def has_last_day(self) -> bool:
        """True where the latest of some days is shown, and nothing of the record that it is of."""
        days = [one.field for one in self.measures if one.aggregate == "maximum" and one.field]
        return any(self.kind_of(field) == "date" for field in days)

    @cached_property
    def exceptions(self) -> int:
        """How many of its conditions leave something out."""
        left_out = sum(query.intercompany == "left_out" for query in self.queries)
        having = sum(test.op in ("<", "<=", "=", "<>") for query in self.queries for test in query.having)
        return left_out + having + sum(map(self._leaves_out, self.tests))

    def looks_back_at(self, field: str) -> bool:
        """True where it tells materials by the versions of a field: `whose standard cost rose`."""
        parts = (f"{field}_versions", f"last_{field}", f"first_{field}", f"{field}_change")
        fields = self.catalogue.fields_of("material")
        formulas = [name + " " + fields[name].sql for name in self.names if name in fields]
        formulas += [
            self.catalogue.entities[test.entity].conditions[test.condition].sql
            for test in self.tests
            if isinstance(test, NamedTest) and test.entity == "material"
        ]
        return any(part in formula for formula in formulas for part in parts)

    def is_called(self, words: frozenset[str]) -> bool:
        """True where a condition goes by a name of these words that says what is not: `no longer sold`."""
        return any(
            bool(parts & _DENIES) and parts <= words
            for condition in self._conditions()
            for phrase in condition.words
            if len(parts := frozenset(map(singular, phrase.split()))) > 1
        )

    def is_of_what_is_not(self, words: frozenset[str]) -> bool:
        """True where a figure goes by a name of these words that says what is not: `units not received`."""
        return any(
            bool(parts & _DENIES) and parts <= words
            for measure in self.measures
            if measure.metric in self.catalogue.metrics
            for phrase in self.catalogue.metrics[measure.metric].words
            if len(parts := frozenset(map(singular, phrase.split()))) > 1
        )

    def has_what(self, words: frozenset[str]) -> bool:
        """True where a condition keeps what has something of these words: `with dates`."""
        return any(
            condition.label.startswith("with ")
            and bool(words & frozenset(map(singular, condition.label.split()[1:])))
            for condition in self._conditions()
        )

    def _conditions(self) -> Iterator[Condition]:
        for test in self.tests:
            if isinstance(test, NamedTest) and not test.negated:
                yield self.catalogue.entities[test.entity].conditions[test.condition]

    @cached_property
    def is_of_valid_ones(self) -> bool:
        """True where only what is valid now is taken: lines without an end date."""
        return any(
            isinstance(test, ValidTest)
            or (isinstance(test, NamedTest) and test.condition.startswith(("current_", "still_")))
            for test in self.tests
        )

    @cached_property
    def keeps_from(self) -> bool:
        """True where what lies below a number is left out."""
        return any(having.op in (">=", ">") for query in self.queries for having in query.having) or any(
            isinstance(test, ValueTest) and test.op in (">=", ">") for test in self.tests
        )

    @cached_property
    def conditions(self) -> int:
        """How many conditions tell records apart by more than their names and days."""
        having = sum(len(query.having) for query in self.queries)
        return having + sum(
            isinstance(test, NamedTest | FieldTest | NullTest | RelatedTest) or _is_flag(test)
            for test in self.tests
        )

    @cached_property
    def tells_by_size(self) -> bool:
        """True where a condition compares a number."""
        return any(query.having for query in self.queries) or any(
            isinstance(test, ValueTest) and test.op in _SIZED for test in self.tests
        )

    @cached_property
    def tells_zero(self) -> bool:
        """True where a condition is about what is zero, or not."""
        if self.operators(Decimal(0)):
            return True
        conditions = [
            self.catalogue.entities[test.entity].conditions[test.condition]
            for test in self.tests
            if isinstance(test, NamedTest)
        ]
        signs = ("= 0", "> 0", "<> 0", "< 0")
        return any("zero" in one.label or any(sign in one.sql for sign in signs) for one in conditions)

    @cached_property
    def is_of_free_stock(self) -> bool:
        """True where only stock that is free to use is taken."""
        return any(
            isinstance(test, ValueTest) and test.path.endswith("stock.status") for test in self.tests
        ) or any(cue in name for name in self.names for cue in _FREE)

    @cached_property
    def grouped(self) -> bool:
        """True where its rows are groups or records."""
        return any(query.by or query.rows_of for query in self.queries)

    @cached_property
    def is_parted(self) -> bool:
        """True where it parts what it shows by yes and no."""
        return any(self.kind_of(each.path) == "flag" for query in self.queries for each in query.by)

    @cached_property
    def grouped_only(self) -> bool:
        """True where its rows are groups, and one query gives them."""
        return len(self.queries) == 1 and bool(self.queries[0].by) and not self.queries[0].extreme

    @cached_property
    def by_days(self) -> bool:
        """True where it has a row for each of several stretches of time."""
        return any(each.grain for query in self.queries for each in query.by)

    @cached_property
    def periods(self) -> tuple[DateTest, ...]:
        """Its conditions on days."""
        return tuple(test for test in self.tests if isinstance(test, DateTest))

    @cached_property
    def entities(self) -> frozenset[str]:
        """Kinds of records whose days its periods may be about."""
        found: set[str] = set()
        for query in self.queries:
            found |= {query.rows_of} if query.rows_of else set()
            for measure in query.measures:
                if measure.metric in self.catalogue.metrics:
                    found.add(self.catalogue.metrics[measure.metric].entity)
                found |= {measure.count_of, measure.records} - {""}
                if measure.field:
                    found.add(entity_of(measure.field))
        return frozenset(found & self.catalogue.entities.keys())

    @cached_property
    def touched(self) -> frozenset[str]:
        """Kinds of records that its figures, groups, columns and conditions are about."""
        found = set(self.entities)
        for query in self.queries:
            for each in query.by:
                found.add(each.entity or entity_of(each.path))
            found |= {entity_of(path) for path in query.show}
        for test in self.tests:
            match test:
                case ValueTest() | NullTest() | ContainsTest():
                    found.add(entity_of(test.path))
                case FieldTest():
                    found |= {entity_of(test.path), entity_of(test.other)}
                case NamedTest() | RelatedTest() | ValidTest() | DateTest():
                    found.add(test.entity)
                case AnyTest():
                    pass
        return frozenset(found & self.catalogue.entities.keys())

    @cached_property
    def added_up(self) -> frozenset[str]:
        """Kinds of records that fields of its rows add up, and that its rows need not refer to."""
        paths = [path for query in self.queries for path in query.show]
        paths += [path for query in self.queries for one in query.calculated for path in one.of]
        paths += [measure.field for measure in self.measures if measure.field]
        for test in self.tests:
            if isinstance(test, FieldTest):
                paths += [test.path, test.other]
            elif isinstance(test, ValueTest | NullTest):
                paths.append(test.path)
        tables = {field.total.table for path in paths if (field := self._field(path)) and field.total}
        return frozenset(name for name, known in self.catalogue.entities.items() if known.table in tables)

    def _field(self, path: str) -> EntityField | None:
        known = self.catalogue.entities.get(entity_of(path))
        return known.fields.get(path.rpartition(".")[2]) if known else None

    @cached_property
    def told(self) -> frozenset[str]:
        """Kinds of records that its rows are, or have a column of."""
        found: set[str] = set()
        for query in self.queries:
            found |= {query.rows_of} - {""}
            found |= {each.entity or entity_of(each.path) for each in query.by if each.entity or each.path}
            found |= {entity_of(path) for path in query.show}
            found |= {measure.count_of for measure in query.measures}
        return frozenset(found)

    @cached_property
    def roles(self) -> frozenset[str]:
        """Roles of the dates that its periods are about."""
        found: set[str] = set()
        for test in self.periods:
            if test.role:
                found.add(test.role)
                continue
            entities = [test.entity] if test.entity else sorted(self.entities)
            found |= {self.catalogue.entities[name].default_date for name in entities if name}
        return frozenset(found - {""})

    @cached_property
    def names(self) -> frozenset[str]:
        """Names and labels of its metrics, fields and conditions."""
        found: set[str] = set()
        for measure in self.measures:
            if measure.metric in self.catalogue.metrics:
                found |= {measure.metric, self.catalogue.metrics[measure.metric].label}
            if measure.field:
                found.add(measure.field.rpartition(".")[2])
        for query in self.queries:
            found |= {path.rpartition(".")[2] for path in query.show}
            found |= {having.left.rpartition(".")[2] for having in query.having}
        for test in self.tests:
            if isinstance(test, NamedTest):
                found |= {test.condition, self._label(test)}
            elif isinstance(test, ValueTest):
                found.add(test.path.rpartition(".")[2])
            elif isinstance(test, FieldTest):
                found |= {test.path.rpartition(".")[2], test.other.rpartition(".")[2]}
        return frozenset(found)

    @cached_property
    def named_kinds(self) -> frozenset[str]:
        """Kinds of records of which only those of some value are taken."""
        return frozenset(entity_of(test.path) for test in self.tests if isinstance(test, ValueTest))

    def has_first(self, number: Decimal | None, kinds: frozenset[str]) -> bool:
        """True where so many first ones of such records are shown, or what they are of all."""
        return any(
            query.limit == number and any(each.entity in kinds for each in query.by) for query in self.queries
        )

    @cached_property
    def values(self) -> frozenset[str]:
        """Names and values that its conditions and calls are about."""
        found: set[str] = set()
        for test in self.tests:
            if isinstance(test, ValueTest):
                found |= {value for value in (*test.values, test.label) if isinstance(value, str)}
            elif isinstance(test, ContainsTest):
                found.add(test.text)
        return frozenset(found - {""})

    def is_another(self, entity: str, field: str, values: Iterable[str]) -> bool:
        """True where a condition asks for other values of a field than these."""
        found = [
            test
            for test in self.tests
            if isinstance(test, ValueTest) and test.path.split("/")[-1] == f"{entity}.{field}"
        ]
        return bool(found) and all(set(test.values).isdisjoint(values) for test in found)

    def is_told_by(self, entity: str, field: str) -> bool:
        """True where a field is a column of its own, or tells groups apart: its names are all there."""
        groups = [each for query in self.queries for each in query.by]
        paths = [path for query in self.queries for path in query.show] + [each.path for each in groups]
        return (
            any(path.split("/")[-1] == f"{entity}.{field}" for path in paths)
            or entity in {each.entity for each in groups}
            or entity in {query.rows_of for query in self.queries}
        )

    def has_number(self, number: Decimal) -> bool:
        """True where the number stands anywhere in it."""
        return bool(self.operators(number)) or number in {query.limit for query in self.queries}

    def operators(self, number: Decimal) -> frozenset[str]:
        """How its conditions compare something with a number."""
        found: set[str] = set()
        for query in self.queries:
            found |= {having.op for having in query.having if having.value == number}
        for test in self.tests:
            if isinstance(test, ValueTest) and any(_is_number(value, number) for value in test.values):
                found.add(test.op)
            elif isinstance(test, RelatedTest) and number in (test.at_least, test.at_least - 1):
                found.add(">=" if test.at_least == number else ">")
        return frozenset(found)

    def limited(self, number: Decimal) -> frozenset[str]:
        """Paths of fields and names of measures that are compared with a number by size."""
        found = {
            having.left
            for query in self.queries
            for having in query.having
            if having.value == number and having.op in _SIZED
        }
        return frozenset(found) | {
            test.path
            for test in self.tests
            if isinstance(test, ValueTest)
            and test.op in _SIZED
            and any(_is_number(value, number) for value in test.values)
        }

    def is_share(self, name: str) -> bool:
        """True for a field or a measure that is a percentage."""
        if "." in name:
            return self.kind_of(name) in _RATIOS
        measure = next((one for one in self.measures if one.name == name), None)
        if measure is None:
            return False
        metric = self.catalogue.metrics.get(measure.metric)
        by_metric = metric is not None and (metric.kind in _RATIOS or bool(metric.denominator))
        return by_metric or measure.derive in _SHARES or self.kind_of(measure.field) in _RATIOS

    @cached_property
    def directions(self) -> frozenset[str]:
        """Which ends of an order it shows: the low one, the high one; all rows show both."""
        found: set[str] = set()
        for measure in self.measures:
            found |= {_ENDS[measure.aggregate]} if measure.aggregate in _ENDS else set()
        for query in self.queries:
            cut = query.extreme or query.limit is not None or query.output != "rows"
            if (query.by or query.rows_of) and not cut:
                return frozenset(_ENDS.values())
            if cut:
                found |= {"high" if order.descending else "low" for order in query.order}
        for name in self.names:
            found |= {end for cue, end in _END_NAMES if cue in name}
        return frozenset(found)

    @cached_property
    def has_share_of_total(self) -> bool:
        """True where it shows how much of all something is."""
        return any(
            measure.derive in ("share_of_total", "percent", "ratio") for measure in self.measures
        ) or any(query.output in ("count", "top_share") for query in self.queries)

    def group_words(self, labels: Labels) -> frozenset[str]:
        """The words for the fields that it groups by, in the language spoken."""
        paths = [each.path for query in self.queries for each in query.by if each.path]
        return frozenset(word for path in paths for word in folded(self._spoken(path, labels)).split())

    def _spoken(self, path: str, labels: Labels) -> str:
        entity, _, name = path.split("/")[-1].partition(".")
        return labels.field(entity, name) if name in self.catalogue.entities[entity].fields else ""

    def labels(self, labels: Labels) -> Iterator[str]:
        """What its figures, fields and conditions are called in the language spoken."""
        for measure in self.measures:
            if measure.metric in self.catalogue.metrics:
                yield metric_label(self.catalogue.metrics[measure.metric])
        paths = [measure.field for measure in self.measures if measure.field]
        paths += [path for query in self.queries for path in query.show]
        paths += [test.path for test in self.tests if isinstance(test, ValueTest | NullTest)]
        yield from (self._spoken(path, labels) for path in paths)
        for test in self.tests:
            if isinstance(test, NamedTest):
                yield labels.condition(test.entity, test.condition)

    def kind_of(self, path: str) -> str:
        """Kind of the field that a path names; empty where it names none."""
        return kind_of(path, self.catalogue)

    def _field_label(self, path: str) -> str:
        field = field_of(path, self.catalogue)
        return field.label if field else ""

    def _leaves_out(self, test: Filter) -> bool:
        match test:
            case ValueTest():
                return test.op == "<>" or test.values == (False,) or test.values in ((0,), ("0",))
            case NamedTest():
                label = self._label(test)
                return (
                    test.negated
                    or any(cue in label.strip("()").replace("(", "").split() for cue in _NOT)
                    or "un" in label[:2]
                )
            case NullTest():
                return True
            case RelatedTest():
                return test.negated
            case FieldTest():
                return test.op in ("<", "<=", "<>")
            case _:
                return False

    def _label(self, test: NamedTest) -> str:
        known = self.catalogue.entities.get(test.entity)
        condition = known.conditions.get(test.condition) if known else None
        return condition.label if condition else test.condition


_SIZED = ("<", "<=", ">", ">=")
_ENDS = {"minimum": "low", "maximum": "high"}
_END_NAMES = (
    ("lowest", "low"),
    ("shortest", "low"),
    ("highest", "high"),
    ("longest", "high"),
    ("range", "high"),
    ("range", "low"),
    ("spread", "high"),
    ("spread", "low"),
)
_FREE = ("free", "unrestricted", "available", "usable")
_MEANS = ("average", "mean", "median", "lead_time")
_NEWEST = ("last", "latest", "change", "fell", "rose", "history")
_NOT = (
    "not",
    "no",
    "without",
    "never",
    "open",
    "missing",
    "inactive",
    "nothing",
    "none",
    "left",
    "less",
    "free",
    "zero",
    "stop",
    "other",
)
_GAP_NAMES = (
    "variance",
    "difference",
    "deviation",
    "gap",
    "shortfall",
    "change",
    "above",
    "missing",
    "late",
    "over",
    "short",
    "less",
    "minus",
    "margin",
    "spread",
    "range",
)
_EXTREMES = (
    "highest",
    "lowest",
    "longest",
    "shortest",
    "latest",
    "largest",
    "last",
    "first",
    "oldest",
    "next",
)


def _good(path: str) -> str:
    """Which end of a field is the good one, by its name."""
    name = path.rpartition(".")[2]
    return next((good for part, good in _GOOD_ENDS.items() if part in name), "none")


_GOOD_ENDS = {
    "margin": "up",
    "days_late": "down",
    "scrapped": "down",
    "rejected": "down",
    "reject_pct": "down",
}
_DENIES = frozenset({"no", "not", "never", "without", "nothing", "none"})


def _flat(tests: Sequence[Filter]) -> Iterator[Filter]:
    for test in tests:
        yield test
        if isinstance(test, RelatedTest):
            yield from _flat(test.where)
        elif isinstance(test, AnyTest):
            yield from _flat(test.of)


def _is_flag(test: Filter) -> bool:
    return isinstance(test, ValueTest) and (
        test.op not in ("=", "<>") or all(isinstance(value, bool) for value in test.values)
    )


def _is_number(value: object, number: Decimal) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool) and value == number


def field_of(path: str, catalogue: Catalogue) -> EntityField | None:
    """The field that a path names; None where it names none."""
    entity, _, name = path.split("/")[-1].partition(".")
    known = catalogue.entities.get(entity)
    return known.fields.get(name) if known else None


def kind_of(path: str, catalogue: Catalogue) -> str:
    """Kind of the field that a path names; empty where it names none."""
    field = field_of(path, catalogue)
    return field.kind if field else ""


def entity_of(path: str) -> str:
    """The kind of record whose field a path names."""
    return path.split("/")[-1].partition(".")[0]
