"""Pieces and money that are asked for without a metric's name: `how many units`, `what was it worth`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from agents.models.embedded.assembly import Assembly, replace_measure
from agents.models.embedded.shaping.figures import Figures, entity_of
from agents.models.embedded.text import Token
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Measure, NamedTest, Order, ValueTest

_UNITS = frozenset({"units", "unit", "pieces", "piece", "quantity", "stuff"})
_WORTH = frozenset({"value", "worth", "dollars", "dollar", "money", "amount", "valued", "usd"})


class Quantities:
    """Measures bare quantities of one question."""

    def __init__(self, catalogue: Catalogue, tokens: Sequence[Token], figures: Figures) -> None:
        self._catalogue = catalogue
        self._figures = figures
        self._words = [token.norm for token in tokens]

    def measure(self, out: Assembly) -> None:
        """Adds the metric of pieces or of money that the records have, where only that is asked for."""
        entity = self._catalogue.entity(out.entity)
        words = set(self._words)
        self._most_pieces(out)
        bare = bool({"pieces", "units"} & words) and not out.measures and not out.counted
        worth = entity.worth and {"worth", "valued"} & words and not self._asks_units()
        if worth and [measure.metric for measure in out.measures] == [entity.quantity]:
            out.measures[0] = replace_measure(out.measures[0], metric=entity.worth)
        if self._asks_units() or bare or self._counts_named(out):
            self._pieces(out)
        elif _WORTH & words and entity.worth:
            self._money(out, entity.worth)

    def explain_units(self, out: Assembly) -> None:
        """A unit that a figure has anyway is explained by it."""
        kinds = {self._figures.measure_kind(measure) for measure in out.measures} | {
            self._figures.kind(path) for path in out.show
        }
        said: set[str] = set()
        if "quantity" in kinds:
            said |= {"pieces", "piece", "units", "unit", "quantity"}
        if "money" in kinds:
            said |= {"dollar", "dollars", "money", "value", "amount", "usd", "eur"}
        if "days" in kinds:
            said |= {"days", "day"}
        self._explain(out, said)

    def _explain(self, out: Assembly, said: set[str]) -> None:
        out.used |= {i for i, word in enumerate(self._words) if word in said}

    def _asks_units(self) -> bool:
        """True for `how many units`, `and how many pieces`."""
        return any(one == "many" and following in _UNITS for one, following in pairwise(self._words))

    def _most_pieces(self, out: Assembly) -> None:
        """`Which vendor delivered the most pieces`."""
        asked = any(pair in (("most", "pieces"), ("most", "units")) for pair in pairwise(self._words))
        if not asked or out.order or not self._catalogue.entity(out.entity).quantity:
            return
        measure = Measure(name=out.name(), metric=self._metric_of(out))
        out.measures.append(measure)
        out.order.append(Order(by=measure.name))
        out.extreme = out.limit is None
        self._explain(out, {"most", "pieces", "units"})

    def _pieces(self, out: Assembly) -> None:
        metric = self._metric_of_condition(out) or self._metric_of(out)
        measured = any(self._figures.metric_kind(measure) == "quantity" for measure in out.measures)
        if not metric or measured:
            return
        if out.entity not in self._catalogue.paths[self._catalogue.metrics[metric].entity]:
            return
        out.measures.append(Measure(name=out.name(), metric=metric))
        self._explain(out, {"units", "pieces", "unit", "piece"})

    def _money(self, out: Assembly, metric: str) -> None:
        if self._catalogue.metrics[metric].entity != out.entity:
            return
        kinds = {self._figures.metric_kind(measure) for measure in out.measures}
        kinds |= {self._figures.kind(measure.field) for measure in out.measures if measure.field}
        kinds |= {self._figures.kind(path) for path in out.show if "." in path}
        if "money" in kinds:
            return
        out.measures.append(Measure(name=out.name(), metric=metric))
        self._explain(out, {"value", "worth", "dollars", "amount", "money"})
        out.penalty += 0.1

    def _counts_named(self, out: Assembly) -> bool:
        """`How many bikes did we order`: a kind of material is counted in pieces, not in records."""
        at = next((i for i, pair in enumerate(pairwise(self._words)) if pair == ("how", "many")), None)
        if at is None or out.counted or out.measures or out.entity == "material" or out.head:
            return False
        named = any(isinstance(test, ValueTest) and test.path.startswith("material.") for test in out.where)
        if named:
            out.used |= {at, at + 1}
        return named

    # ── the metric that is meant ──
    def _metric_of_condition(self, out: Assembly) -> str:
        """Metric of the pieces that a condition is about: `rejected`."""
        for test in out.where:
            if isinstance(test, NamedTest) and not test.negated:
                condition = self._catalogue.entity(test.entity).conditions[test.condition]
                if condition.quantity:
                    return condition.quantity
        return ""

    def _metric_of(self, out: Assembly) -> str:
        """Metric meant by bare pieces: of a scrap reason they are scrapped pieces."""
        for test in out.where:
            other = self._catalogue.entities.get(entity_of(test))
            if (
                other
                and other.quantity
                and self._catalogue.metrics[other.quantity].entity == out.entity
                and other.table != "material"
            ):
                return other.quantity
        return self._catalogue.entity(out.entity).quantity
