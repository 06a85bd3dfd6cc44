"""Shares: a part of a whole in percent, or each group's part."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.assembly import Assembly, replace_measure
from agents.models.embedded.shaping.figures import Figures
from agents.models.embedded.text import Token
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Filter, Grouping, Measure, NamedTest


class Shares:
    """Divides what an assembly measures."""

    def __init__(self, catalogue: Catalogue, tokens: Sequence[Token], figures: Figures) -> None:
        self._catalogue = catalogue
        self._figures = figures
        self._words = [token.norm for token in tokens]

    def divide(self, out: Assembly) -> None:
        """Adds the share that is asked for, unless the figures or the count give it already."""
        if not out.share:
            return
        if out.limit and out.measures and out.size:
            out.top_share = True
            if not out.by and out.head:
                out.by.append(Grouping(entity=out.head))
        elif not out.counted:
            self._of_figures(out)

    def _of_figures(self, out: Assembly) -> None:
        figures = [measure for measure in out.measures if not measure.derive]
        if any(self._figures.metric_kind(measure) == "percent" for measure in figures):
            return
        if out.limit and out.order and not out.by:
            return
        if len(figures) == 2 and not out.by:
            first, second = reversed(figures) if self._leads() else figures
            out.measures.append(
                Measure(name="share", derive="percent", of=(first.name, second.name), label="share")
            )
        elif len(figures) == 1 and out.where and not figures[0].where:
            out.measures = self._part_of(out, figures[0], out.where.pop())
        elif len(figures) == 1 and out.by:
            out.measures.append(
                Measure(name="share", derive="share_of_total", of=(figures[0].name,), label="share of total")
            )

    def _part_of(self, out: Assembly, figure: Measure, test: Filter) -> list[Measure]:
        """The part that meets a condition, the whole, and the share."""
        metric = self._metric_of(test)
        if (
            metric
            and figure.metric != metric
            and self._catalogue.metrics[metric].entity == out.entity
            and self._figures.measure_kind(figure) == "quantity"
        ):
            part = Measure(name="part", metric=metric)
        else:
            part = replace_measure(figure, name="part", where=(test,))
        return [
            part,
            replace_measure(figure, name="whole"),
            Measure(name="share", derive="percent", of=("part", "whole"), label="share"),
        ]

    def _metric_of(self, test: Filter) -> str:
        """The metric of the pieces that a condition is about: `rejected`."""
        if not isinstance(test, NamedTest):
            return ""
        return self._catalogue.entity(test.entity).conditions[test.condition].quantity

    def _leads(self) -> bool:
        """`what percentage of A was B` is B in A; `A as a percentage of B` is A in B."""
        words = self._words
        at = next((i for i, word in enumerate(words) if word in ("percentage", "percent", "share")), 99)
        return at < len(words) * 0.6 and words[at - 1 : at] != ["as"] and "of" in words[at : at + 3]
