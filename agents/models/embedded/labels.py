"""What a metric query amounts to as a set of labels: the common ground on which two readers can be
compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agents.models.embedded.encoder import PLACEHOLDERS
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import (
    AnyTest,
    ContainsTest,
    DateTest,
    FieldTest,
    Filter,
    Grouping,
    Measure,
    MetricQuery,
    NamedTest,
    NullTest,
    RelatedTest,
    ValidTest,
    ValueTest,
)

FRAMES = ("figure", "count", "list", "rank", "trend", "compare", "share", "unanswerable")
"""What kind of answer is asked for; a look-up tool's frame is `lookup:<tool>`."""

_CHANGES = frozenset({"difference", "change_percent"})
_SHARES = frozenset({"percent", "share_of_total"})


@dataclass(frozen=True, slots=True)
class QueryLabels:
    """A reading as labels: its frame, the records it is about, its figures, conditions and groups."""

    frame: str
    entity: str
    figures: frozenset[str]
    """`metric:<name>`, `count:<entity>` and `field:<entity>.<field>`."""
    conditions: frozenset[str]
    """`is:`, `not:`, `flag:`, `value:`, `missing:`, `present:`, `gap:`, `with:` and `none:`."""
    grouping: frozenset[str]
    """`by:<entity>`, `by:<entity>.<field>` or `by:<grain>`."""

    def all(self) -> Iterator[str]:
        """Every label but frame and entity."""
        yield from self.figures
        yield from self.conditions
        yield from self.grouping


def labels_of(query: MetricQuery, catalogue: Catalogue) -> QueryLabels:
    """The labels of a query."""
    figures = frozenset(_figures(query, catalogue))
    conditions = set(_conditions(query.where, catalogue))
    for measure in query.measures:
        conditions.update(_conditions(measure.where, catalogue))
        if measure.metric and (counted := plain_count(measure.metric, catalogue)):
            conditions.update(counted[1])
    return QueryLabels(
        frame=_frame(query, catalogue),
        entity=_entity(query, catalogue),
        figures=figures,
        conditions=frozenset(conditions),
        grouping=frozenset(_group(grouping) for grouping in query.by),
    )


def masked_kind(path: str) -> str:
    """The word that stands for a value of a field in a masked text: `MATERIAL`, `SUPPLIER`, `COLOUR`."""
    entity, _, field = path.split("/")[-1].partition(".")
    kind = entity.upper() if field in _NAMING or field.endswith("_id") or field == entity else field.upper()
    return kind if kind in PLACEHOLDERS else "VALUE"


_NAMING = frozenset({"name", "number", "code", "from_currency", "to_currency"})


def plain_count(name: str, catalogue: Catalogue) -> tuple[str, tuple[str, ...]] | None:
    """The entity and condition that a metric merely counts: `late_order_count` is the number of late work
    orders."""
    metric = catalogue.metrics[name]
    if metric.value != "count(*)":
        return None
    if not metric.filter:
        return metric.entity, ()
    for condition, one in catalogue.entity(metric.entity).conditions.items():
        if one.sql == metric.filter:
            return metric.entity, (f"is:{metric.entity}.{condition}",)
    return None


def _figures(query: MetricQuery, catalogue: Catalogue) -> Iterator[str]:
    for measure in query.measures:
        if measure.metric and (counted := plain_count(measure.metric, catalogue)):
            yield f"count:{counted[0]}"
        elif measure.metric:
            yield f"metric:{measure.metric}"
        elif measure.count_of:
            yield f"count:{measure.count_of}"
        elif measure.field and measure.aggregate == "count_distinct":
            yield f"count:{_last(measure.field).partition('.')[0]}"
        elif measure.field:
            yield f"field:{_last(measure.field)}"
    if query.output == "count" and query.rows_of:
        yield f"count:{query.rows_of}"
    for order in query.order:
        if "." in order.by:
            yield f"field:{_last(order.by)}"
    for having in query.having:
        if "." in having.left:
            yield f"field:{_last(having.left)}"


def _entity(query: MetricQuery, catalogue: Catalogue) -> str:
    if query.rows_of:
        return query.rows_of
    for measure in query.measures:
        if not measure.derive:
            return base_of(measure, catalogue)
    return ""


def base_of(measure: Measure, catalogue: Catalogue) -> str:
    """The entity whose records a measure is taken over."""
    if measure.metric:
        return catalogue.metrics[measure.metric].entity
    return measure.records or measure.count_of or _last(measure.field).partition(".")[0]


def _frame(query: MetricQuery, catalogue: Catalogue) -> str:
    derived = {measure.derive for measure in query.measures}
    if derived & _CHANGES or any(isinstance(test, AnyTest) for test in query.where):
        return "compare"
    if any(grouping.grain for grouping in query.by) and not query.limit and not query.extreme:
        return "trend"
    if derived & _SHARES or query.output == "top_share":
        return "share"
    counts = [measure for measure in query.measures if _counts(measure, catalogue)]
    if query.output == "count" or (counts and len(counts) == len(query.measures) and not query.by):
        return "count"
    if query.limit or query.extreme:
        return "rank"
    return "list" if query.rows_of else "figure"


def _counts(measure: Measure, catalogue: Catalogue) -> bool:
    if measure.metric:
        return catalogue.metrics[measure.metric].kind == "count"
    return bool(measure.count_of) or measure.aggregate == "count_distinct"


def _group(grouping: Grouping) -> str:
    return f"by:{grouping.entity or grouping.grain or _last(grouping.path)}"


def _conditions(tests: Iterable[Filter], catalogue: Catalogue) -> Iterator[str]:
    for test in tests:
        match test:
            case NamedTest():
                yield f"{'not' if test.negated else 'is'}:{test.entity}.{test.condition}"
            case ValueTest():
                yield from _value(test, catalogue)
            case NullTest():
                yield f"{'missing' if test.missing else 'present'}:{_last(test.path)}"
            case FieldTest():
                yield f"gap:{_last(test.path)}"
            case RelatedTest():
                yield f"{'none' if test.negated else 'with'}:{test.entity}"
                yield from _conditions(test.where, catalogue)
            case AnyTest():
                yield from _conditions(test.of, catalogue)
            case DateTest() | ValidTest() | ContainsTest():
                continue


def _value(test: ValueTest, catalogue: Catalogue) -> Iterator[str]:
    entity, _, name = _last(test.path).partition(".")
    field = catalogue.entity(entity).fields[name]
    for value in test.values:
        if isinstance(value, bool):
            holds = value if test.op == "=" else not value
            yield f"flag:{entity}.{name}={'yes' if holds else 'no'}"
        elif str(value) in field.values and test.op in ("=", "<>"):
            yield f"value:{entity}.{name}{test.op}{value}"
        elif field.is_number:
            yield f"field:{entity}.{name}"


def _last(path: str) -> str:
    return path.split("/")[-1]
