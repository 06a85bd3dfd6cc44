"""From an assembly to a query: what is counted, shared, compared, listed and sorted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

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
from tools.metrics.wording import Wording

# Conditions that a rate excludes by its own definition.
_OPPOSITE = {"late": "end_on <= due_on", "on_time": "end_on > due_on", "dated": "end_on is not null"}


_TAILS = (
    ("who", "are", "they"),
    ("which", "are", "they"),
    ("what", "are", "they"),
    ("list", "them"),
    ("name", "them"),
    ("which", "ones"),
    ("show", "them"),
)


class Shaper:
    """Shapes assemblies of one question."""

    def __init__(self, catalogue: Catalogue, tokens: Sequence[Token], keep_missing: bool = False) -> None:
        self._catalogue = catalogue
        self._tokens = tokens
        self._keep_missing = keep_missing
        self._wording = Wording(catalogue)

    def shape(self, out: Assembly) -> MetricQuery | None:
        """The query, or None where the assembly asks for nothing."""
        self._quantities(out)
        self._aggregates(out)
        self._repeated(out)
        self._conditions_in_figures(out)
        self._formulas(out)
        self._implied(out)
        self._mentions(out)
        self._fields_of(out)
        self._sizes(out)
        periods = self._periods(out)
        self._asks_names(out)
        self._ranks_pairs(out)
        foreign = bool(out.measures) and all(self._base(measure) != out.entity for measure in out.measures)
        if (
            out.head
            and not out.counted
            and (out.head != out.entity or foreign)
            and (out.listed or out.having or out.order)
        ):
            self._group_by_head(out)
        if out.counted:
            self._count(out)
        elif not out.measures and not out.by:
            self._list(out)
        elif not out.measures and self._figures_shown(out):
            pass
        elif not out.measures and self._lists_pairs(out):
            out.by = []
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
        self._missing_groups(out)
        self._default_order(out)
        self._units_named(out)
        query = self._query(out, periods)
        if query is not None:
            self._expectations(out, query)
        return query

    # ── bare quantities ──
    def _quantities(self, out: Assembly) -> None:
        entity = self._catalogue.entity(out.entity)
        named = [test for test in out.where if isinstance(test, NamedTest)]
        conditions = [
            self._catalogue.entity(test.entity).conditions[test.condition]
            for test in named
            if not test.negated
        ]
        words = [token.norm for token in self._tokens]
        if (
            entity.quantity
            and any(pair in (("most", "pieces"), ("most", "units")) for pair in pairwise(words))
            and not out.order
        ):
            measure = Measure(name=out.name(), metric=self._quantity_of(out))
            out.measures.append(measure)
            out.order.append(Order(by=measure.name))
            out.extreme = out.limit is None
            out.used |= {i for i, word in enumerate(words) if word in ("most", "pieces", "units")}
        bare = bool({"pieces", "units"} & set(words)) and not out.measures and not out.counted
        worth = entity.worth and {"worth", "valued"} & set(words) and not asks_units(self._tokens)
        if worth and [measure.metric for measure in out.measures] == [entity.quantity]:
            out.measures[0] = replace_measure(out.measures[0], metric=entity.worth)
        if asks_units(self._tokens) or bare or self._counts_named(out):
            metric = next(
                (condition.quantity for condition in conditions if condition.quantity), self._quantity_of(out)
            )
            has = any(
                measure.metric and self._catalogue.metrics[measure.metric].kind == "quantity"
                for measure in out.measures
            )
            reachable = (
                bool(metric) and out.entity in self._catalogue.paths[self._catalogue.metrics[metric].entity]
            )
            if metric and not has and reachable:
                out.measures.append(Measure(name=out.name(), metric=metric))
                out.used |= {
                    i
                    for i, token in enumerate(self._tokens)
                    if token.norm in ("units", "pieces", "unit", "piece")
                }
        elif (
            asks_worth(self._tokens)
            and entity.worth
            and self._catalogue.metrics[entity.worth].entity == out.entity
        ):
            money = any(
                measure.metric and self._catalogue.metrics[measure.metric].kind == "money"
                for measure in out.measures
            )
            if (
                not money
                and not any("." in path and self._kind(path) == "money" for path in out.show)
                and not any(m.field and self._kind(m.field) == "money" for m in out.measures)
            ):
                out.measures.append(Measure(name=out.name(), metric=entity.worth))
                out.used |= {
                    i
                    for i, token in enumerate(self._tokens)
                    if token.norm in ("value", "worth", "dollars", "amount", "money")
                }
                out.penalty += 0.1

    def _counts_named(self, out: Assembly) -> bool:
        """`How many bikes did we order`: a kind of material is counted in pieces, not in records."""
        words = [token.norm for token in self._tokens]
        at = next((i for i in range(len(words) - 1) if tuple(words[i : i + 2]) == ("how", "many")), None)
        if at is None or out.counted or out.measures or out.entity == "material" or out.head:
            return False
        named = [
            test for test in out.where if isinstance(test, ValueTest) and test.path.startswith("material.")
        ]
        if named:
            out.used |= {at, at + 1}
        return bool(named)

    def _quantity_of(self, out: Assembly) -> str:
        """Metric meant by bare pieces: of a scrap reason they are scrapped pieces."""
        for test in out.where:
            other = self._catalogue.entities.get(self._entity_of(test))
            if (
                other
                and other.quantity
                and self._catalogue.metrics[other.quantity].entity == out.entity
                and other.table != "material"
            ):
                return other.quantity
        return self._catalogue.entity(out.entity).quantity

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
            if (
                metric.entity == out.entity
                or (out.head or out.entity) in self._catalogue.paths[metric.entity]
            ):
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

    def _aggregates(self, out: Assembly) -> None:
        """`average lot size, and the median`: an aggregate alone is of the field measured before or after
        it."""
        for aggregate in out.aggregates:
            measured = [measure for measure in out.measures if self._averaged(measure)]
            shown = [path for path in out.show if path.startswith(f"{out.entity}.") and self._is_number(path)]
            if not measured and shown:
                out.measures.append(Measure(name=out.name(), field=shown[0], aggregate=aggregate))
                out.show.remove(shown[0])
                continue
            if not measured:
                out.doubt(f"the {aggregate}", 0.3)
                continue
            last = measured[-1]
            path, records = self._averaged(last) or ("", "")
            made = Measure(
                name=out.name(), field=path, records=records, aggregate=aggregate, where=last.where
            )
            if (
                last.metric
                and self._catalogue.metrics[last.metric].kind in ("quantity", "money")
                and "sum(" in self._catalogue.metrics[last.metric].value
            ):
                out.measures[out.measures.index(last)] = replace_measure(made, name=last.name)
            elif not any(self._same(made, other) for other in out.measures):
                out.measures.append(made)

    def _is_number(self, path: str) -> bool:
        entity, _, name = path.split("/")[-1].partition(".")
        return self._catalogue.entity(entity).fields[name].is_number

    def _same(self, made: Measure, other: Measure) -> bool:
        """True where a metric is that very aggregate already."""
        value = self._catalogue.metrics[other.metric].value if other.metric else ""
        name = {
            "average": "avg(",
            "median": "percentile_cont(0.5)",
            "maximum": "max(",
            "minimum": "min(",
        }.get(made.aggregate, "?")
        return value.startswith(name) and made.field.split(".")[-1] in value

    def _averaged(self, measure: Measure) -> tuple[str, str] | None:
        """Path and records of what a measure averages or adds."""
        if measure.field:
            return measure.field, measure.records
        if measure.metric:
            metric = self._catalogue.metrics[measure.metric]
            found = re.fullmatch(
                r"(?:coalesce\()?(?:sum|avg|percentile_cont\(0\.5\) within group \(order by )\(?(\w+)\).*",
                metric.value,
            )
            if found and found[1] in self._catalogue.entity(metric.entity).fields:
                return f"{metric.entity}.{found[1]}", ""
        return None

    def _repeated(self, out: Assembly) -> None:
        """A condition that a rate already contains is said again, not meant as a filter."""
        for measure in out.measures:
            metric = self._catalogue.metrics.get(measure.metric)
            if metric is None:
                continue
            text = " ".join((metric.numerator, metric.denominator, metric.filter))
            out.where = [
                test
                for test in out.where
                if not (
                    isinstance(test, NamedTest)
                    and (
                        self._catalogue.entity(test.entity).conditions[test.condition].sql in text
                        or _OPPOSITE.get(test.condition, "?") in text
                        or self._amount_in(test, text)
                    )
                )
            ]

    def _formulas(self, out: Assembly) -> None:
        """`price variance ..., times ordered quantity` explains a figure; the factor is no figure of its
        own."""
        words = [token.norm for token in self._tokens]
        if "times" not in words or len(out.measures) < 2:
            return
        first, *rest = out.measures
        factors = [measure for measure in rest if self._measure_kind(measure) == "quantity"]
        variant = f"{first.metric}_ordered"
        if (
            any(measure.metric == "purchased_quantity" for measure in factors)
            and variant in self._catalogue.metrics
        ):
            first = replace_measure(first, metric=variant)
        out.measures = [first, *(measure for measure in rest if measure not in factors)]
        out.used |= {i for i, word in enumerate(words) if word in ("times", "minus", "less", "unit", "price")}

    def _amount_in(self, test: NamedTest, text: str) -> bool:
        quantity = self._catalogue.entity(test.entity).conditions[test.condition].quantity
        return bool(quantity) and self._catalogue.metrics[quantity].value in text

    def _conditions_in_figures(self, out: Assembly) -> None:
        """`Late orders only: what was the average delay`: a count of some beside another figure limits that
        figure."""
        for measure in list(out.measures):
            metric = self._catalogue.metrics.get(measure.metric)
            if (
                metric is None
                or metric.value != "count(*)"
                or not metric.filter
                or len(out.measures) < 2
                or self._listed_with_and(out)
            ):
                continue
            same = next(
                (
                    name
                    for name, entry in self._catalogue.entity(metric.entity).conditions.items()
                    if entry.sql == metric.filter
                ),
                None,
            )
            if same:
                out.measures.remove(measure)
                out.where.append(NamedTest(entity=metric.entity, condition=same))

    @staticmethod
    def _implied(out: Assembly) -> None:
        """A category that its subcategory or model implies limits nothing more."""
        paths = {test.path for test in out.where if isinstance(test, ValueTest)}
        if paths & {"material.subcategory", "material.model"}:
            kept = [
                test
                for test in out.where
                if not (isinstance(test, ValueTest) and test.path == "material.category")
            ]
            out.before_head = min(out.before_head, len(kept))
            out.where = kept

    def _listed_with_and(self, out: Assembly) -> bool:
        words = {token.norm for token in self._tokens}
        return "only" not in words and bool(words & {"and", ",", "plus", "number"})

    def _mentions(self, out: Assembly) -> None:
        """A record only mentioned again limits nothing where other conditions say what is meant."""
        trivial = [
            test
            for test in out.where
            if isinstance(test, RelatedTest) and not test.where and not test.negated and test.at_least == 1
        ]
        denied = {test.entity for test in out.where if isinstance(test, RelatedTest) and test.negated}
        trivial = [test for test in trivial if test.entity not in denied]
        if trivial and len(out.where) > len(trivial):
            out.where = [test for test in out.where if test not in trivial]
            out.before_head = min(out.before_head, len(out.where))

    def _base(self, measure: Measure) -> str:
        if measure.metric:
            return self._catalogue.metrics[measure.metric].entity
        return measure.records or measure.count_of or measure.field.split("/")[-1].partition(".")[0]

    def _figures_shown(self, out: Assembly) -> bool:
        """`Margin by category`: of groups, a field is averaged, and a quantity added."""
        own = [path for path in out.show if path.startswith(f"{out.entity}.") and self._is_number(path)]
        for path in own:
            aggregate = "sum" if self._kind(path) in ("quantity", "count") else "average"
            out.measures.append(
                Measure.model_validate({"name": out.name(), "field": path, "aggregate": aggregate})
            )
            out.show.remove(path)
        return bool(own)

    def _lists_pairs(self, out: Assembly) -> bool:
        """`Which items have a vendor quoting 60 days`: of records that tie two things, the records are the
        answer."""
        entity = self._catalogue.entity(out.entity)
        ties = [link for link in entity.links.values() if link.to != "site"]
        heads = [grouping.entity for grouping in out.by]
        return (
            len(ties) > 1
            and not entity.default_date
            and heads == [out.head]
            and not out.having
            and not out.order
            and bool(out.where)
        )

    def _ranks_pairs(self, out: Assembly) -> None:
        """`Which item has the longest lead time, from whom`: of records that tie two things, the record
        itself is ranked."""
        entity = self._catalogue.entity(out.entity)
        ties = [link for link in entity.links.values() if link.to != "site"]
        if len(ties) < 2 or entity.default_date or not out.extreme or len(out.measures) != 1 or not out.order:
            return
        measure = out.measures[0]
        if (
            measure.field.startswith(f"{out.entity}.")
            and measure.aggregate in ("maximum", "minimum")
            and out.order[0].by == measure.name
        ):
            out.show.append(measure.field)
            out.order = [Order(by=measure.field, descending=out.order[0].descending)]
            out.measures, out.head, out.by = [], out.entity, []

    def _asks_names(self, out: Assembly) -> None:
        """`How many ..., and who are they?` wants the list; its length is the number."""
        words = [token.norm for token in self._tokens if token.kind != "mark"]
        if out.counted and any(tuple(words[-len(tail) :]) == tail for tail in _TAILS) and not out.share:
            out.head, out.listed, out.counted = out.counted, True, ""
        people = out.head in ("supplier", "company", "customer") or any(
            "buyer" in grouping.path for grouping in out.by
        )
        if words[:1] == ["who"] and not people:
            out.doubt("who", 1.5)

    # ── shapes ──
    def _group_by_head(self, out: Assembly) -> None:
        grouping = Grouping(entity=out.head)
        if grouping not in out.by:
            out.by.insert(0, grouping)
        # What was to be shown of each is the group's own attribute or nothing a group has.
        for path in list(out.show):
            entity = path.split("/")[-1].split(".")[0]
            if entity == out.head and path.split(".")[1] not in (
                self._catalogue.entity(out.head).name,
                self._catalogue.entity(out.head).key,
            ):
                out.by.append(Grouping(path=path)) if len(out.by) < 4 else None
        out.show = []

    def _count(self, out: Assembly) -> None:
        entity = out.counted
        conditions = list(out.where)
        if entity != out.entity:
            self._count_distinct(out)
            return
        before, after = conditions[: out.before_head], conditions[out.before_head :]
        if out.by_share and len(after) > 1:
            # `what percentage of the orders that carry dates was late`: only the last says what is asked.
            before, after = [*before, *after[:-1]], after[-1:]
        if out.having:
            out.rows_of = entity
            out.where = conditions
            out.measures = [measure for measure in out.measures if measure.count_of != entity]
            return
        if not out.share:
            out.measures.insert(0, Measure(name="n", count_of=entity))
            return
        # `How many dated orders were late, and what share is that?`: of those described before the noun.
        numerator = after or before
        whole = before if after else []
        kept = (
            [test for test in numerator if isinstance(test, ValueTest) and self._dimension_like(test)]
            if after
            else []
        )
        numerator = [test for test in numerator if test not in kept]
        whole = [*whole, *kept]
        if not numerator:
            numerator, whole = [*whole], []
        if out.share_of is not None:
            numerator, whole = [*numerator, *whole], list(out.share_of)
        out.where = [*whole] if out.share_of is None else []
        label = self._catalogue.entity(entity).plural
        first = Measure(
            name="n", count_of=entity, where=tuple(numerator), label=self._described(label, numerator)
        )
        total = Measure(
            name="total",
            count_of=entity,
            where=tuple(out.share_of or ()),
            label=f"all {label}" if not whole else f"{label} in all",
        )
        share = Measure(name="share", derive="percent", of=("n", "total"), label="share")
        others = [replace_measure(measure, where=(*measure.where, *numerator)) for measure in out.measures]
        out.measures = [first, total, share, *others]

    def _described(self, label: str, tests: Sequence[Filter]) -> str:
        """`work orders finished after the due date`: what is counted, in a heading."""
        said = " and ".join(self._wording.test(test) for test in tests)
        return f"{label} {said}"[:120] if said else label

    def _dimension_like(self, test: ValueTest) -> bool:
        return self._kind(test.path) in ("category", "text", "id")

    def _count_distinct(self, out: Assembly) -> None:
        key = self._catalogue.entity(out.counted).key
        label = self._catalogue.entity(out.counted).plural
        if out.having:
            out.by.insert(0, Grouping(entity=out.counted))
            out.listed = False
            return
        own = [test for test in out.where if self._entity_of(test) != out.counted]
        if not own and not out.periods and not out.measures and not out.by:
            out.doubt("records that say nothing", 2.5)
        out.measures.insert(
            0,
            Measure(
                name="n",
                field=f"{out.counted}.{key}",
                records=out.entity,
                aggregate="count_distinct",
                label=label,
            ),
        )
        for measure in out.measures[1:]:
            found = (
                re.fullmatch(r"(\w+) = '(\w+)'", self._catalogue.metrics[measure.metric].filter)
                if measure.metric
                else None
            )
            if found:
                # `How many products were sold, and how many pieces`: the products counted are those sold.
                out.where.append(ValueTest(path=f"{out.entity}.{found[1]}", values=(found[2],)))
        if out.share:
            numerator = tuple(out.where)
            out.where = []
            out.measures[0] = replace_measure(out.measures[0], where=numerator)
            out.measures.append(
                Measure(
                    name="total",
                    field=f"{out.counted}.{key}",
                    records=out.entity,
                    aggregate="count_distinct",
                    label=f"all {label}",
                )
            )
            out.measures.append(Measure(name="share", derive="percent", of=("n", "total"), label="share"))

    @staticmethod
    def _entity_of(test: Filter) -> str:
        path = getattr(test, "path", "")
        return path.split("/")[-1].split(".")[0] if path else getattr(test, "entity", "")

    def _fields_of(self, out: Assembly) -> None:
        """`the worst order for scrap`: of a single record a total is the record's own field."""
        if not out.size or out.head != out.entity or out.counted or out.by:
            return
        if out.show and out.order and all(measure.count_of == out.entity for measure in out.measures):
            out.measures = []
        for measure in list(out.measures):
            found = self._averaged(measure)
            if found and found[0].startswith(f"{out.entity}.") and not measure.where:
                out.measures.remove(measure)
                if found[0] not in out.show:
                    out.show.append(found[0])
                out.order = [order for order in out.order if order.by != measure.name]
                if not out.order:
                    out.order.append(Order(by=found[0], descending=out.size == "most"))

    def _list(self, out: Assembly) -> None:
        out.rows_of = out.entity
        for path in self._catalogue.entity(out.entity).beside:
            if path not in out.show:
                out.show.append(path)
        if not out.where and not out.show and not out.periods and not out.order:
            out.doubt("no condition", 0.5)
        named = [
            test
            for test in out.where
            if isinstance(test, ValueTest) and test.path.split(".")[0] == out.entity
        ]
        own = [path for path in out.show if path not in self._catalogue.entity(out.entity).beside]
        if (
            len(out.where) == 1
            and len(named) == 1
            and self._kind(named[0].path) in ("text", "id")
            and not own
        ):
            out.doubt("nothing asked about it", 1.0)

    def _share(self, out: Assembly) -> None:
        figures = [measure for measure in out.measures if not measure.derive]
        percents = [
            measure
            for measure in figures
            if measure.metric and self._catalogue.metrics[measure.metric].kind == "percent"
        ]
        if percents:
            return
        if out.by and len(figures) == 1 and not out.where:
            out.measures.append(
                Measure(name="share", derive="share_of_total", of=(figures[0].name,), label="share of total")
            )
            return
        if out.limit and out.order and not out.by:
            return
        if len(figures) == 2 and not out.by:
            first, second = figures if not self._share_leads() else (figures[1], figures[0])
            out.measures.append(
                Measure(name="share", derive="percent", of=(first.name, second.name), label="share")
            )
            return
        if len(figures) == 1 and out.where and not figures[0].where:
            test = out.where.pop()
            if (
                isinstance(test, NamedTest)
                and self._catalogue.entity(test.entity).conditions[test.condition].quantity
            ):
                part = self._catalogue.entity(test.entity).conditions[test.condition].quantity
                if (
                    figures[0].metric != part
                    and self._catalogue.metrics[part].entity == out.entity
                    and self._measure_kind(figures[0]) == "quantity"
                ):
                    out.measures = [
                        Measure(name="part", metric=part),
                        replace_measure(figures[0], name="whole"),
                        Measure(name="share", derive="percent", of=("part", "whole"), label="share"),
                    ]
                    return
            base = figures[0]
            out.measures = [
                replace_measure(base, name="part", where=(test,)),
                replace_measure(base, name="whole"),
                Measure(name="share", derive="percent", of=("part", "whole"), label="share"),
            ]
            return
        if len(figures) == 1 and out.by:
            out.measures.append(
                Measure(name="share", derive="share_of_total", of=(figures[0].name,), label="share of total")
            )

    def _share_leads(self) -> bool:
        """`what percentage of A was B` is B in A; `A as a percentage of B` is A in B."""
        words = [token.norm for token in self._tokens]
        at = next((i for i, word in enumerate(words) if word in ("percentage", "percent", "share")), 99)
        return at < len(words) * 0.6 and words[at - 1 : at] != ["as"] and "of" in words[at : at + 3]

    # ── periods ──
    def _periods(self, out: Assembly) -> list[DateTest]:
        tests: list[DateTest] = []
        entity_now = self._catalogue.entity(out.entity)
        self._roles(out)
        shared = next(
            (pair for pair in ((entity, role) for _, entity, role in out.periods) if pair[1]), ("", "")
        )
        for period, entity, role in out.periods:
            if entity_now.validity and not role and period.grain == "day" and period.start:
                out.where.append(ValidTest(entity=out.entity, on=period.start))
                continue
            if not role and shared[1]:
                entity, role = shared
            tests.append(DateTest(entity=entity, role=role, start=period.start, end=period.end))
        return tests

    def _roles(self, out: Assembly) -> None:
        """A date role named for the groups holds for the period, and the other way round."""
        entity_now = self._catalogue.entity(out.entity)
        grouped = next((grouping for grouping in out.by if grouping.grain), None)
        named = out.role or (grouped.role if grouped else "")
        out.periods = [(period, entity, role or named) for period, entity, role in out.periods]
        if grouped and not grouped.role:
            role = out.role or next((role for _, entity, role in out.periods if role and not entity), "")
            if role in entity_now.dates:
                out.by[out.by.index(grouped)] = Grouping(grain=grouped.grain, role=role)

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
                Measure(
                    name="change", derive="difference", of=("second_period", "first_period"), label="change"
                ),
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

    def _units_named(self, out: Assembly) -> None:
        """A unit that a figure has anyway is explained by it."""
        kinds = {self._measure_kind(measure) for measure in out.measures} | {
            self._kind(path) for path in out.show
        }
        said: set[str] = set()
        if "quantity" in kinds:
            said |= {"pieces", "piece", "units", "unit", "quantity"}
        if "money" in kinds:
            said |= {"dollar", "dollars", "money", "value", "amount", "usd", "eur"}
        if "days" in kinds:
            said |= {"days", "day"}
        out.used |= {i for i, token in enumerate(self._tokens) if token.norm in said}

    def _measure_kind(self, measure: Measure) -> str:
        if measure.metric:
            return self._catalogue.metrics[measure.metric].kind
        return self._kind(measure.field) if measure.field else "count"

    def _expectations(self, out: Assembly, query: MetricQuery) -> None:
        """What the question's own words promise of an answer, and this one lacks."""
        words = [token.norm for token in self._tokens]
        percent = query.output in ("top_share",) or any(
            self._is_percent(measure) for measure in query.measures
        )
        percent = percent or any(self._kind(path) == "percent" for path in query.show)
        limits = any(
            isinstance(test, ValueTest) and self._kind(test.path) == "percent" for test in query.where
        )
        if {"percent", "percentage", "share"} & set(words) and not percent and not limits:
            out.doubt("no percentage", 1.5)
        if "versus" in words and not query.by and len(query.measures) < 2:
            out.doubt("nothing is compared", 1.5)
        counts = any(tuple(words[i : i + 2]) == ("how", "many") for i in range(len(words)))
        if (
            counts
            and query.rows_of
            and query.output == "rows"
            and not self._names_tail()
            and len(query.show) < 2
        ):
            out.doubt("a list where a number is asked", 1.0)
        if {"average", "mean", "median"} & set(words) and not any(
            self._is_average(measure) for measure in query.measures
        ):
            shown = any("average" in path for path in query.show)
            if not shown:
                out.doubt("no average", 1.0)

    def _names_tail(self) -> bool:
        words = [token.norm for token in self._tokens if token.kind != "mark"]
        return any(tuple(words[-len(tail) :]) == tail for tail in _TAILS)

    def _is_percent(self, measure: Measure) -> bool:
        if measure.derive:
            return measure.derive in ("percent", "share_of_total", "change_percent")
        if measure.metric:
            return self._catalogue.metrics[measure.metric].kind == "percent"
        return bool(measure.field) and self._kind(measure.field) == "percent"

    def _is_average(self, measure: Measure) -> bool:
        if measure.metric:
            metric = self._catalogue.metrics[measure.metric]
            return bool(metric.denominator) or metric.value.startswith(("avg(", "percentile"))
        return measure.aggregate in ("average", "median") or (
            bool(measure.field) and "average" in measure.field
        )

    def _missing_groups(self, out: Assembly) -> None:
        """`include a line for those without a category` keeps that row instead of filtering to it."""
        asked = self._keep_missing or {token.norm for token in self._tokens} & {"including", "unassigned"}
        for position, grouping in enumerate(out.by):
            path = grouping.path
            field_name = path.split(".")[-1] if path else ""
            named = [
                test
                for test in out.where
                if isinstance(test, NamedTest)
                and field_name
                and test.condition in (f"without_{field_name}", "without_category")
            ]
            if asked and grouping.path and not named:
                out.by[position] = grouping.model_copy(update={"missing": True})
            if named and asked:
                out.by[position] = grouping.model_copy(update={"missing": True})
                out.where = [test for test in out.where if test not in named]

    # ── the query ──
    def _default_order(self, out: Assembly) -> None:
        if not out.rows_of and not out.by:
            out.order, out.extreme = [], False  # a single row needs no order
        if out.limit and not out.order and out.measures:
            out.order.append(Order(by=out.measures[0].name, descending=out.size != "least"))
        if out.by and not out.order and out.measures and not any(grouping.grain for grouping in out.by):
            out.order.append(Order(by=out.measures[0].name, descending=out.sorting != "least"))
        if out.listed and out.extreme and not out.order:
            out.extreme = False
        if (
            out.extreme
            and out.order
            and not out.asks_grain
            and not out.head
            and any(grouping.grain for grouping in out.by)
            and not out.size
        ):
            out.order, out.extreme = [], False  # `the highest rate in each month`: one for every month

    def _query(self, out: Assembly, periods: list[DateTest]) -> MetricQuery | None:
        where: list[Filter] = [*out.where]
        for test in periods:
            related = [i for i, other in enumerate(where) if isinstance(other, RelatedTest)]
            dated = (
                bool(self._catalogue.entity(out.entity).default_date)
                and not self._catalogue.entity(out.entity).snapshot
            )
            if related and (not dated or out.entity == "material"):
                index = related[0]
                other = where[index]
                assert isinstance(other, RelatedTest)
                where[index] = other.model_copy(
                    update={"where": (*other.where, test.model_copy(update={"entity": ""}))}
                )
            else:
                where.append(test)
        show = [path for path in out.show if out.rows_of]
        output = "count" if out.counted and out.having else "rows"
        if out.rows_of and out.extreme and out.order and any(token.norm == "many" for token in self._tokens):
            output = "ties"
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
