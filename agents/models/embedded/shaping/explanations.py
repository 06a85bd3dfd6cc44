"""What a question only explains: conditions that a rate contains, a formula, a thing mentioned again."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.assembly import Assembly, replace_measure
from agents.models.embedded.shaping.figures import Figures
from agents.models.embedded.text import Token
from tools.metrics.catalogue import Catalogue, Metric
from tools.metrics.query import Measure, NamedTest, RelatedTest, ValueTest

# Conditions that a rate excludes by its own definition.
_OPPOSITE = {"late": "end_on <= due_on", "on_time": "end_on > due_on", "dated": "end_on is not null"}


class Explanations:
    """Takes what limits and measures nothing out of an assembly."""

    def __init__(self, catalogue: Catalogue, tokens: Sequence[Token], figures: Figures) -> None:
        self._catalogue = catalogue
        self._figures = figures
        self._words = [token.norm for token in tokens]

    def settle(self, out: Assembly) -> None:
        """Leaves the conditions and figures that are meant."""
        self._repeated(out)
        self._conditions_in_figures(out)
        self._formulas(out)
        self._implied(out)
        self._mentions(out)

    def _repeated(self, out: Assembly) -> None:
        """A condition that a rate already contains is said again, not meant as a filter."""
        for measure in out.measures:
            metric = self._catalogue.metrics.get(measure.metric)
            if metric is not None:
                out.where = [
                    test
                    for test in out.where
                    if not (isinstance(test, NamedTest) and self._contains(metric, test))
                ]

    def _contains(self, metric: Metric, test: NamedTest) -> bool:
        text = " ".join((metric.numerator, metric.denominator, metric.filter))
        condition = self._catalogue.entity(test.entity).conditions[test.condition]
        if condition.sql in text or _OPPOSITE.get(test.condition, "?") in text:
            return True
        return bool(condition.quantity) and self._catalogue.metrics[condition.quantity].value in text

    def _conditions_in_figures(self, out: Assembly) -> None:
        """`Late orders only: what was the average delay`: a count of some beside another figure limits that
        figure."""
        listed = "only" not in self._words and bool({"and", ",", "plus", "number"} & set(self._words))
        for measure in list(out.measures):
            if listed or len(out.measures) < 2:
                return
            test = self._counted_condition(measure)
            if test:
                out.measures.remove(measure)
                out.where.append(test)

    def _counted_condition(self, measure: Measure) -> NamedTest | None:
        """The condition of which a metric counts the records."""
        metric = self._catalogue.metrics.get(measure.metric)
        if metric is None or metric.value != "count(*)" or not metric.filter:
            return None
        for name, condition in self._catalogue.entity(metric.entity).conditions.items():
            if condition.sql == metric.filter:
                return NamedTest(entity=metric.entity, condition=name)
        return None

    def _formulas(self, out: Assembly) -> None:
        """`price variance ..., times ordered quantity` explains a figure; the factor is no figure of its
        own."""
        if "times" not in self._words or len(out.measures) < 2:
            return
        first, *rest = out.measures
        factors = [measure for measure in rest if self._figures.measure_kind(measure) == "quantity"]
        variant = f"{first.metric}_ordered"
        ordered = any(measure.metric == "purchased_quantity" for measure in factors)
        if ordered and variant in self._catalogue.metrics:
            first = replace_measure(first, metric=variant)
        out.measures = [first, *(measure for measure in rest if measure not in factors)]
        said = ("times", "minus", "less", "unit", "price")
        out.used |= {i for i, word in enumerate(self._words) if word in said}

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

    @staticmethod
    def _mentions(out: Assembly) -> None:
        """A record only mentioned again limits nothing where other conditions say what is meant."""
        related = [test for test in out.where if isinstance(test, RelatedTest)]
        denied = {test.entity for test in related if test.negated}
        trivial = [
            test
            for test in related
            if not test.where and not test.negated and test.at_least == 1 and test.entity not in denied
        ]
        if trivial and len(out.where) > len(trivial):
            out.where = [test for test in out.where if test not in trivial]
            out.before_head = min(out.before_head, len(out.where))
