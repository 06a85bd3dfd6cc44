"""From an assembly to a query: what is counted, shared, compared, listed and sorted."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.assembly import Assembly, asks_units, asks_worth, replace_measure
from agents.models.embedded.periods import Period
from agents.models.embedded.text import Token
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import (
    AnyTest,
    DateTest,
    Filter,
    Grain,
    Grouping,
    Measure,
    MetricQuery,
    NamedTest,
    Order,
    RelatedTest,
    ValidTest,
    ValueTest,
)


class Shaper:
    """Shapes assemblies of one question."""

    def __init__(self, catalogue: Catalogue, tokens: Sequence[Token]) -> None:
        self._catalogue = catalogue
        self._tokens = tokens

    def shape(self, out: Assembly) -> MetricQuery | None:
        """The query, or None where the assembly asks for nothing."""
        self._quantities(out)
        self._sizes(out)
        periods = self._periods(out)
        foreign = bool(out.measures) and all(self._base(measure) != out.entity for measure in out.measures)
        if out.head and not out.counted and (out.head != out.entity or foreign) and (out.listed or out.having or out.order):
            self._group_by_head(out)
        if out.counted:
            self._count(out)
        elif not out.measures and not out.by:
            self._list(out)
        elif not out.measures:
            out.measures.append(Measure(name=out.name(), count_of=out.entity))
            if not out.head:
                out.doubt("nothing named to measure", 0.4)
        if out.compare or len(periods) > 1:
            periods = self._compare(out, periods)
        if out.share and out.limit and out.measures and out.size:
            out.top_share = True
            if not out.by and out.head:
                out.by.append(Grouping(entity=out.head))
        elif out.share and not out.counted:
            self._share(out)
        self._default_order(out)
        return self._query(out, periods)

    # ── bare quantities ─────────────────────────────────────────────────────────────────────────────────────────
    def _quantities(self, out: Assembly) -> None:
        entity = self._catalogue.entity(out.entity)
        named = [test for test in out.where if isinstance(test, NamedTest)]
        conditions = [self._catalogue.entity(test.entity).conditions[test.condition] for test in named if not test.negated]
        if asks_units(self._tokens):
            metric = next((condition.quantity for condition in conditions if condition.quantity), entity.quantity)
            has = any(measure.metric and self._catalogue.metrics[measure.metric].kind == "quantity" for measure in out.measures)
            if metric and not has and (self._catalogue.metrics[metric].entity == out.entity):
                out.measures.append(Measure(name=out.name(), metric=metric))
                out.used |= {i for i, token in enumerate(self._tokens) if token.norm in ("units", "pieces", "unit", "piece")}
        elif asks_worth(self._tokens) and entity.worth and self._catalogue.metrics[entity.worth].entity == out.entity:
            money = any(measure.metric and self._catalogue.metrics[measure.metric].kind == "money" for measure in out.measures)
            if not money and not any("." in path and self._kind(path) == "money" for path in out.show) and not any(m.field and self._kind(m.field) == "money" for m in out.measures):
                out.measures.append(Measure(name=out.name(), metric=entity.worth))
                out.used |= {i for i, token in enumerate(self._tokens) if token.norm in ("value", "worth", "dollars", "amount", "money")}
                out.penalty += 0.1

    def _kind(self, path: str) -> str:
        entity, _, name = path.split("/")[-1].partition(".")
        return self._catalogue.entity(entity).fields[name].kind

    def _sizes(self, out: Assembly) -> None:
        """`The biggest orders`, `top 5 vendors`: biggest in what such things are usually measured by."""
        if not out.size or out.order:
            return
        descending = out.size == "most"
        if out.measures:
            out.order.append(Order(by=out.measures[0].name, descending=descending))
            return
        target = self._catalogue.entity(out.head or out.entity)
        if not target.size:
            return
        if target.size in self._catalogue.metrics:
            metric = self._catalogue.metrics[target.size]
            if metric.entity == out.entity or (out.head or out.entity) in self._catalogue.paths[metric.entity]:
                if metric.entity != out.entity:
                    out.by = out.by or [Grouping(entity=out.head or out.entity)]
                measure = Measure(name=out.name(), metric=target.size)
                out.measures.append(measure)
                out.order.append(Order(by=measure.name, descending=descending))
                out.penalty += 0.05
            return
        if (out.head or out.entity) == out.entity:
            path = f"{out.entity}.{target.size}"
            if path not in out.show:
                out.show.append(path)
            out.order.append(Order(by=path, descending=descending))

    def _base(self, measure: Measure) -> str:
        if measure.metric:
            return self._catalogue.metrics[measure.metric].entity
        return measure.records or measure.count_of or measure.field.split("/")[-1].partition(".")[0]

    # ── shapes ──────────────────────────────────────────────────────────────────────────────────────────────────
    def _group_by_head(self, out: Assembly) -> None:
        grouping = Grouping(entity=out.head)
        if grouping not in out.by:
            out.by.insert(0, grouping)
        # What was to be shown of each is the group's own attribute or nothing a group has.
        for path in list(out.show):
            entity = path.split("/")[-1].split(".")[0]
            if entity == out.head and path.split(".")[1] not in (self._catalogue.entity(out.head).name, self._catalogue.entity(out.head).key):
                out.by.append(Grouping(path=path)) if len(out.by) < 4 else None
        out.show = []

    def _count(self, out: Assembly) -> None:
        entity = out.counted
        conditions = list(out.where)
        if entity != out.entity:
            self._count_distinct(out)
            return
        before, after = conditions[: out.before_head], conditions[out.before_head :]
        if out.having:
            out.rows_of = entity
            out.where = conditions
            return
        if out.by or not out.share:
            out.measures.insert(0, Measure(name="n", count_of=entity))
            return
        # `How many dated orders were late, and what share is that?`: of those described before the noun.
        numerator = after or before
        whole = before if after else []
        kept = [test for test in numerator if isinstance(test, ValueTest) and self._dimension_like(test)] if after else []
        numerator = [test for test in numerator if test not in kept]
        whole = [*whole, *kept]
        if not numerator:
            numerator, whole = [*whole], []
        out.where = [*whole]
        label = self._catalogue.entity(entity).plural
        first = Measure(name="n", count_of=entity, where=tuple(numerator), label=f"{label} asked for")
        total = Measure(name="total", count_of=entity, label=f"all {label}" if not whole else f"{label} in all")
        share = Measure(name="share", derive="percent", of=("n", "total"), label="share")
        others = [
            replace_measure(measure, where=(*measure.where, *numerator)) for measure in out.measures
        ]
        out.measures = [first, total, share, *others]

    def _dimension_like(self, test: ValueTest) -> bool:
        return self._kind(test.path) in ("category", "text", "id")

    def _count_distinct(self, out: Assembly) -> None:
        key = self._catalogue.entity(out.counted).key
        label = self._catalogue.entity(out.counted).plural
        if out.having:
            out.by.insert(0, Grouping(entity=out.counted))
            out.listed = False
            return
        out.measures.insert(
            0, Measure(name="n", field=f"{out.counted}.{key}", records=out.entity, aggregate="count_distinct", label=label)
        )
        if out.share:
            numerator = tuple(out.where)
            out.where = []
            out.measures[0] = replace_measure(out.measures[0], where=numerator)
            out.measures.append(Measure(name="total", field=f"{out.counted}.{key}", records=out.entity, aggregate="count_distinct", label=f"all {label}"))
            out.measures.append(Measure(name="share", derive="percent", of=("n", "total"), label="share"))

    def _list(self, out: Assembly) -> None:
        out.rows_of = out.entity
        for path in self._catalogue.entity(out.entity).beside:
            if path not in out.show:
                out.show.append(path)
        if not out.where and not out.show and not out.periods and not out.order:
            out.doubt("no condition", 0.5)

    def _share(self, out: Assembly) -> None:
        figures = [measure for measure in out.measures if not measure.derive]
        percents = [measure for measure in figures if measure.metric and self._catalogue.metrics[measure.metric].kind == "percent"]
        if percents:
            return
        if out.by and len(figures) == 1 and not out.where:
            out.measures.append(Measure(name="share", derive="share_of_total", of=(figures[0].name,), label="share of total"))
            return
        if out.limit and out.order and not out.by:
            return
        if len(figures) == 2 and not out.by:
            out.measures.append(Measure(name="share", derive="percent", of=(figures[0].name, figures[1].name), label="share"))
            return
        if len(figures) == 1 and out.where and not figures[0].where:
            test = out.where.pop()
            base = figures[0]
            out.measures = [
                replace_measure(base, name="part", where=(test,)),
                replace_measure(base, name="whole"),
                Measure(name="share", derive="percent", of=("part", "whole"), label="share"),
            ]
            return
        if len(figures) == 1 and out.by:
            out.measures.append(Measure(name="share", derive="share_of_total", of=(figures[0].name,), label="share of total"))

    # ── periods ─────────────────────────────────────────────────────────────────────────────────────────────────
    def _periods(self, out: Assembly) -> list[DateTest]:
        tests: list[DateTest] = []
        shared = next((pair for pair in ((entity, role) for _, entity, role in out.periods) if pair[1]), ("", ""))
        entity_now = self._catalogue.entity(out.entity)
        for period, entity, role in out.periods:
            if entity_now.validity and not role and period.grain == "day" and period.start:
                out.where.append(ValidTest(entity=out.entity, on=period.start))
                continue
            if not role and shared[1]:
                entity, role = shared
            tests.append(DateTest(entity=entity, role=role, start=period.start, end=period.end))
        return tests

    def _compare(self, out: Assembly, periods: list[DateTest]) -> list[DateTest]:
        split = self._split_range(out, periods)
        if len(split) < 2 or out.rows_of:
            return periods
        grain = self._common_grain(out, len(split) > len(periods))
        if grain and not any(grouping.grain for grouping in out.by):
            out.by.append(Grouping(grain=grain, role=split[0].role))
            out.where.append(AnyTest(of=tuple(split)))
            return []
        if len(out.measures) == 1 and not out.measures[0].derive and len(split) == 2:
            base = out.measures[0]
            earlier, later = split
            out.measures = [
                replace_measure(base, name="first_period", where=(*base.where, earlier)),
                replace_measure(base, name="second_period", where=(*base.where, later)),
                Measure(name="change", derive="difference", of=("second_period", "first_period"), label="change"),
            ]
            return []
        out.where.append(AnyTest(of=tuple(split)))
        return []

    def _split_range(self, out: Assembly, periods: list[DateTest]) -> list[DateTest]:
        """`worse from 2023 to 2024` compares the two ends."""
        if len(periods) != 1 or not out.compare or not periods[0].start or not periods[0].end or out.by:
            return periods
        start, end = periods[0].start, periods[0].end
        if start.month == 1 and start.day == 1 and end.month == 12 and end.year == start.year + 1:
            first = periods[0].model_copy(update={"end": start.replace(month=12, day=31)})
            second = periods[0].model_copy(update={"start": end.replace(month=1, day=1)})
            return [first, second]
        return periods

    @staticmethod
    def _common_grain(out: Assembly, split: bool) -> Grain | None:
        if split:
            return "year"
        periods: list[Period] = [period for period, _, _ in out.periods]
        grains = {period.grain for period in periods}
        if grains == {"year"}:
            return "year"
        if grains == {"month"}:
            return "month"
        if grains == {"day"}:
            return "day"
        years = {period.start.year for period in periods if period.start}
        if grains in ({"half"}, {"quarter"}) and len(years) == len(periods):
            return "year"
        return "quarter" if grains == {"quarter"} else None

    # ── the query ───────────────────────────────────────────────────────────────────────────────────────────────
    def _default_order(self, out: Assembly) -> None:
        if out.limit and not out.order and out.measures:
            out.order.append(Order(by=out.measures[0].name))
        if out.by and not out.order and out.measures and not any(grouping.grain for grouping in out.by):
            out.order.append(Order(by=out.measures[0].name))
        if out.listed and out.extreme and not out.order:
            out.extreme = False

    def _query(self, out: Assembly, periods: list[DateTest]) -> MetricQuery | None:
        where: list[Filter] = [*out.where]
        for test in periods:
            related = [i for i, other in enumerate(where) if isinstance(other, RelatedTest)]
            dated = bool(self._catalogue.entity(out.entity).default_date) and not self._catalogue.entity(out.entity).snapshot
            if related and (not dated or out.entity == "material"):
                index = related[0]
                other = where[index]
                assert isinstance(other, RelatedTest)
                where[index] = other.model_copy(update={"where": (*other.where, test.model_copy(update={"entity": ""}))})
            else:
                where.append(test)
        show = [path for path in out.show if out.rows_of]
        output = "count" if out.counted and out.having else "rows"
        if out.share and out.limit and out.by and out.order and out.top_share:
            output = "top_share"
        try:
            return MetricQuery.model_validate(
                {
                    "measures": out.measures if not out.rows_of or out.measures else (),
                    "by": out.by[:4],
                    "rows_of": out.rows_of,
                    "show": show[:12],
                    "where": where,
                    "having": out.having,
                    "order": out.order[:3],
                    "limit": out.limit,
                    "extreme": out.extreme and bool(out.order) and out.limit is None,
                    "output": output,
                }
            )
        except ValueError:
            return None
