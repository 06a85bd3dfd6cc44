"""Figures that a question names: metrics, and aggregates of fields."""

from __future__ import annotations

from agents.models.embedded.assembly.hypothesis import replace_measure
from agents.models.embedded.assembly.question import Question, path_of
from agents.models.embedded.lexicon import FieldWord, FlagWord, MetricWord, ValueWord
from tools.metrics.query import Aggregate, Measure


class Figures:
    """Makes measures of chunks."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._catalogue = question.catalogue
        self._out = question.out

    # ── metrics ──
    def metric(self, index: int) -> Measure | None:
        """The metric that a chunk names: the measure that asks for it already, or a new one."""
        metrics = [word.metric for word in self._question.words(index, MetricWord)]
        own = [name for name in metrics if self._catalogue.metrics[name].entity == self._out.entity]
        if not own:
            own = [name for name in metrics if self._beside(name)]
        if not own:
            return None
        for measure in self._out.measures:
            if measure.metric == own[0] and not measure.where:
                return measure
        return Measure(name=self._out.name(), metric=own[0])

    def _beside(self, metric: str) -> bool:
        """True for a metric of other records that can stand beside the rows: those refer to the head."""
        base = self._catalogue.metrics[metric].entity
        rows = self._out.head or self._out.entity
        return rows in self._catalogue.paths[base] and (rows == self._out.entity or bool(self._out.measures))

    def as_metric(self, index: int) -> bool:
        """`scrap rate`: a figure of the answer."""
        measure = self.metric(index)
        if measure is None:
            return False
        if not any(
            other.metric == measure.metric and other.where == measure.where for other in self._out.measures
        ):
            self._out.measures.append(measure)
        return True

    # ── aggregates ──
    def distinct(self, entity: str) -> Measure:
        """The number of different things that the records refer to."""
        definition = self._catalogue.entity(entity)
        return Measure(
            name=self._out.name(),
            field=f"{entity}.{definition.key}",
            records=self._out.entity,
            aggregate="count_distinct",
            label=f"different {definition.plural}",
        )

    def of_field(self, word: FieldWord, aggregate: Aggregate) -> Measure:
        """An aggregate of a field over the records that the assembly is about."""
        records = self._out.entity if word.entity != self._out.entity else ""
        return Measure(name=self._out.name(), field=path_of(word), records=records, aggregate=aggregate)

    def aggregate_before(self, index: int) -> int | None:
        """Index of an `average` before a figure, over names that stand between: `average CAD rate`."""
        question = self._question
        for back in range(index - 1, max(-1, index - 4), -1):
            if question.marker(back) == "aggregate" and back not in question.taken:
                return back if question.near(index - 1, index, 3) else None
            names = bool(question.words(back, ValueWord) or question.words(back, FlagWord))
            if question.marker(back) or not names:
                return None
        return None

    def as_aggregate(self, index: int) -> bool:
        """`average lead time`, `how many different vendors`."""
        found = self.aggregate_before(index)
        if found is None:
            return False
        aggregate = self._question.chunks[found].aggregate
        if aggregate == "count_distinct":
            done = self._as_distinct(index)
            if done:
                self._question.use(found)
            return done
        fields = self._question.numbers(index)
        if fields:
            self._question.use(found)
            self._out.measures.append(self.of_field(fields[0], aggregate))
            self._more_aggregates(found)
            return True
        measure = self.metric(index)
        if measure is None:
            return False
        self._question.use(found)
        self._out.measures.append(self._aggregated(measure, aggregate))
        return True

    def _as_distinct(self, index: int) -> bool:
        name = self._question.nearest(self._question.entities(index))
        if name is None:
            categories = self._question.fields(index, lambda field: field.kind in ("category", "text", "id"))
            if not categories:
                return False
            self._out.measures.append(self.of_field(categories[0], "count_distinct"))
            return True
        if name == self._out.entity:
            return False
        self._out.measures.append(self.distinct(name))
        self._out.head = self._out.head or name
        return True

    def _aggregated(self, measure: Measure, aggregate: Aggregate) -> Measure:
        """The aggregate of the field that a metric adds up; where it adds none, the metric as it is."""
        field = self.summed(measure.metric)
        if not field:
            self._out.penalty += 0.1  # the mean of a daily or per-row rate is the rate's own business
            return measure
        entity = self._catalogue.metrics[measure.metric].entity
        return replace_measure(measure, metric="", field=f"{entity}.{field}", aggregate=aggregate)

    def _more_aggregates(self, found: int) -> None:
        """`average, minimum and maximum weight`: further aggregates right before the first."""
        for back in range(found - 1, -1, -1):
            marker = self._question.marker(back)
            if marker in ("and", "comma"):
                continue
            chunk = self._question.chunks[back]
            if marker not in ("aggregate", "most", "least") or chunk.aggregate == "count_distinct":
                break
            self._question.use(back)
            last = self._out.measures[-1]
            self._out.measures.insert(
                len(self._out.measures) - 1,
                replace_measure(last, name=f"a{len(self._out.measures)}", aggregate=chunk.aggregate),
            )

    # ── what metrics are made of ──
    def summed(self, metric: str) -> str:
        """The field that a metric adds up; empty where it adds none."""
        definition = self._catalogue.metrics[metric]
        inner = definition.value.removeprefix("coalesce(").split(")")[0]
        if inner.startswith("sum("):
            name = inner[4:].strip()
            if name in self._catalogue.entity(definition.entity).fields:
                return name
        return ""

    def averaged(self, index: int) -> FieldWord | None:
        """The field that a metric such as `average unit price` averages."""
        entity = self._out.entity
        for word in self._question.words(index, MetricWord):
            metric = self._catalogue.metrics[word.metric]
            name = metric.value.removeprefix("avg(").removesuffix(")")
            if (
                metric.entity == entity
                and metric.value.startswith("avg(")
                and name in self._catalogue.entity(entity).fields
            ):
                return FieldWord(entity, name)
        return None
