"""Shapes assemblies of one question into queries."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.assembly import Assembly
from agents.models.embedded.shaping.aggregates import Aggregates
from agents.models.embedded.shaping.counting import Counting
from agents.models.embedded.shaping.expectations import Expectations
from agents.models.embedded.shaping.explanations import Explanations
from agents.models.embedded.shaping.figures import Figures
from agents.models.embedded.shaping.ordering import Ordering
from agents.models.embedded.shaping.periods import PeriodTests
from agents.models.embedded.shaping.quantities import Quantities
from agents.models.embedded.shaping.rows import Rows
from agents.models.embedded.shaping.shares import Shares
from agents.models.embedded.text import Token
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import DateTest, Filter, Measure, MetricQuery, RelatedTest


class Shaper:
    """Shapes assemblies of one question."""

    def __init__(self, catalogue: Catalogue, tokens: Sequence[Token], keep_missing: bool = False) -> None:
        figures = Figures(catalogue)
        self._catalogue = catalogue
        self._asks_many = any(token.norm == "many" for token in tokens)
        self._quantities = Quantities(catalogue, tokens, figures)
        self._aggregates = Aggregates(catalogue, figures)
        self._explanations = Explanations(catalogue, tokens, figures)
        self._rows = Rows(catalogue, tokens, figures, keep_missing)
        self._ordering = Ordering(catalogue)
        self._periods = PeriodTests(catalogue)
        self._counting = Counting(catalogue, figures)
        self._shares = Shares(catalogue, tokens, figures)
        self._expectations = Expectations(catalogue, tokens, figures)

    def shape(self, out: Assembly) -> MetricQuery | None:
        """The query, or None where the assembly asks for nothing."""
        self._quantities.measure(out)
        self._aggregates.place(out)
        self._explanations.settle(out)
        self._rows.show_own_fields(out)
        self._ordering.by_size(out)
        periods = self._periods.of(out)
        self._expectations.list_names(out)
        self._rows.rank_pairs(out)
        self._rows.group_by_head(out)
        self._settle_rows(out)
        periods = self._periods.compare(out, periods)
        self._shares.divide(out)
        self._rows.keep_missing_groups(out)
        self._ordering.usual(out)
        self._quantities.explain_units(out)
        query = self._query(out, periods)
        if query is not None:
            self._expectations.weigh(out, query)
        return query

    def _settle_rows(self, out: Assembly) -> None:
        """Counts, or where nothing is measured lists the records or measures their groups."""
        if out.counted:
            self._counting.count(out)
        elif out.measures:
            return
        elif not out.by:
            self._rows.list_records(out)
        elif self._aggregates.of_groups(out):
            return
        elif self._rows.lists_pairs(out):
            out.by = []
            self._rows.list_records(out)
        else:
            out.measures.append(Measure(name=out.name(), count_of=out.entity))
            if not out.head:
                out.penalty += 0.4  # nothing named to measure

    def _query(self, out: Assembly, periods: Sequence[DateTest]) -> MetricQuery | None:
        try:
            return MetricQuery.model_validate(
                {
                    "measures": out.measures,
                    "by": out.by[:4],
                    "rows_of": out.rows_of,
                    "show": out.show[:12] if out.rows_of else (),
                    "where": self._where(out, periods),
                    "having": out.having,
                    "order": out.order[:3],
                    "limit": out.limit,
                    "extreme": out.extreme and bool(out.order) and out.limit is None,
                    "output": self._output(out),
                }
            )
        except ValueError:
            return None

    def _where(self, out: Assembly, periods: Sequence[DateTest]) -> list[Filter]:
        """The conditions with the periods: `never ordered in 2024` dates the orders, not the vendors."""
        where: list[Filter] = [*out.where]
        entity = self._catalogue.entity(out.entity)
        dated = bool(entity.default_date) and not entity.snapshot and out.entity != "material"
        for test in periods:
            index, related = next(
                ((i, other) for i, other in enumerate(where) if isinstance(other, RelatedTest)), (0, None)
            )
            if related is None or dated:
                where.append(test)
            else:
                inner = (*related.where, test.model_copy(update={"entity": ""}))
                where[index] = related.model_copy(update={"where": inner})
        return where

    def _output(self, out: Assembly) -> str:
        if out.top_share and out.by and out.order:
            return "top_share"
        if out.rows_of and out.extreme and out.order and self._asks_many:
            return "ties"
        return "count" if out.counted and out.having else "rows"
