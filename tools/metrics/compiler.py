"""A metric query as one SQL statement for the operational store, with the meaning of each result column."""

from __future__ import annotations

from dataclasses import dataclass

from tools.errors import QueryInvalid
from tools.metrics.basis import BasisOf, bases_of
from tools.metrics.calculated import with_calculations
from tools.metrics.catalogue import Catalogue
from tools.metrics.columns import CompiledColumn
from tools.metrics.days import asks_for_days
from tools.metrics.grouping import grouped
from tools.metrics.left_out import LeftOut, left_out
from tools.metrics.loaded import related
from tools.metrics.measures import Measures
from tools.metrics.outputs import Output, Outputs
from tools.metrics.query import Filter, MetricQuery
from tools.metrics.rates_used import RatesOf, rates_of
from tools.metrics.records import records
from tools.metrics.statement import checked

__all__ = ["CompiledColumn", "CompiledQuery", "Compiler"]


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """SQL with its parameters, the columns in order, and what it reads."""

    sql: str
    parameters: dict[str, object]
    columns: tuple[CompiledColumn, ...]
    has_currency: bool
    """True where the statement's last column is the row's currency, `mixed` where several were added."""
    tables: tuple[str, ...]
    """Canonical tables, those inside of expressions included."""


class Compiler:
    """Compiles queries against a catalogue; hold one for the process."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def compile(self, query: MetricQuery, *, several_currencies: bool = False) -> CompiledQuery:
        """The statement for a query, checked and ready to run.

        Args:
            several_currencies: the sites that are asked about keep money in different currencies, so that
                each row has to say its own.

        Raises:
            QueryInvalid: it names what is not there, or combines what cannot be combined; the message
                says which.
        """
        measures, output = self._finished(query, several_currencies)
        tables = checked(output.sql)
        return CompiledQuery(
            output.sql,
            measures.parameters.values,
            output.columns,
            output.has_currency,
            tuple(sorted(tables)),
        )

    def meaning(self, query: MetricQuery) -> tuple[str, str]:
        """What queries of the same meaning share; to compare them, not to run them.

        Raises:
            QueryInvalid: as for `compile`.
        """
        measures, output = self._finished(query, False)
        return output.sql, repr(sorted(measures.parameters.values.items()))

    def ranks_money(self, query: MetricQuery) -> bool:
        """True where a query cuts off its rows by amounts of money."""
        if not query.order:
            return False
        outputs = self._outputs(self._measures(query, True))
        outputs.finished()
        return outputs.ranks_money

    @staticmethod
    def _outputs(measures: Measures) -> Outputs:
        return Outputs(measures, records(measures) if measures.query.rows_of else grouped(measures))

    def _finished(self, query: MetricQuery, several_currencies: bool) -> tuple[Measures, Output]:
        measures = self._measures(query, several_currencies)
        outputs = self._outputs(measures)
        if measures.unused:
            lost = query.where[min(measures.unused)].model_dump_json(exclude_defaults=True)
            raise QueryInvalid(f"a condition applies to nothing in this query: {lost}")
        return measures, outputs.finished()

    def left_out(self, query: MetricQuery) -> tuple[LeftOut, ...]:
        """Statements that count the records that a query leaves out because they have no date or group."""
        return left_out(self._measures(query, False))

    def asked_of(self, query: MetricQuery) -> tuple[str, ...]:
        """Entities whose records a query lists, measures or counts, or asks to be related."""
        measures = self._measures(query, False)
        rows = (query.rows_of,) if query.rows_of else ()
        tests = [*query.where, *(test for measure in query.measures for test in measure.where)]
        return tuple(dict.fromkeys((*rows, *measures.bases, *related(tests))))

    def bases(self, query: MetricQuery) -> tuple[BasisOf, ...]:
        """Statements that say whether, and from when to when, there is what its measures rest on."""
        return bases_of(self._measures(query, False))

    def rates(self, query: MetricQuery) -> tuple[RatesOf, ...]:
        """Statements that find the rates that a query's amounts are converted at."""
        return rates_of(self._measures(query, False))

    def adds_money(self, query: MetricQuery) -> bool:
        """True where a query adds or compares amounts of money."""
        measures = self._measures(query, False)
        return any(measures.in_currency(measure) for measure in measures.plain)

    def not_applied(self, query: MetricQuery) -> tuple[tuple[Filter, str], ...]:
        """Conditions that one of several measured entities knows nothing of, each with that entity."""
        measures = self._measures(query, False)
        rows = (query.rows_of,) if query.rows_of else measures.bases
        return tuple(
            (test, entity)
            for test in query.where
            for entity in rows
            if not query.rows_of and not measures.conditions.applies(test, entity)
        )

    def _measures(self, query: MetricQuery, several_currencies: bool) -> Measures:
        catalogue = self.catalogue.by_day if asks_for_days(query) else self.catalogue
        measures = Measures(with_calculations(catalogue, query), query, several_currencies)
        if not measures.plain and not query.rows_of:
            raise QueryInvalid(f"measure {query.measures[0].name!r} is calculated from itself")
        return measures
