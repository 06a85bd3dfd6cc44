"""How many records, or how many different things that they refer to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.models.embedded.assembly import Assembly, replace_measure
from agents.models.embedded.shaping.figures import Figures, entity_of
from tools.languages import speaking
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Filter, Grouping, Measure, ValueTest
from tools.metrics.wording import Wording


class Counting:
    """Counts what an assembly asks the number of."""

    def __init__(self, catalogue: Catalogue, figures: Figures) -> None:
        self._catalogue = catalogue
        self._figures = figures
        self._wording = Wording(catalogue)

    def count(self, out: Assembly) -> None:
        """The number, and the share of all where that is asked for."""
        if out.counted != out.entity:
            self._distinct(out)
        elif out.having:
            out.rows_of = out.counted
            out.measures = [measure for measure in out.measures if measure.count_of != out.counted]
        elif out.share:
            self._with_share(out)
        else:
            out.measures.insert(0, Measure(name="n", count_of=out.counted))

    # ── records ──
    def _with_share(self, out: Assembly) -> None:
        """`How many dated orders were late, and what share is that?`: of those described before the noun."""
        part, whole = self._part_and_whole(out)
        if out.share_of is not None:
            part, whole = [*part, *whole], out.share_of
        label = self._catalogue.entity(out.counted).plural
        out.where = [*whole] if out.share_of is None else []
        out.measures = [
            Measure(name="n", count_of=out.counted, where=tuple(part), label=self._described(label, part)),
            Measure(
                name="total",
                count_of=out.counted,
                where=tuple(out.share_of or ()),
                label=f"{label} in all" if whole else f"all {label}",
            ),
            Measure(name="share", derive="percent", of=("n", "total"), label="share"),
            *(replace_measure(measure, where=(*measure.where, *part)) for measure in out.measures),
        ]

    def _part_and_whole(self, out: Assembly) -> tuple[list[Filter], list[Filter]]:
        """The conditions that say which records are counted, and those that say of which all."""
        before, after = out.where[: out.before_head], out.where[out.before_head :]
        if out.by_share and len(after) > 1:
            # `what percentage of the orders that carry dates was late`: only the last says what is asked.
            before, after = [*before, *after[:-1]], after[-1:]
        if not after:
            return before, []
        dimensions = [test for test in after if self._names_dimension(test)]
        part = [test for test in after if test not in dimensions]
        whole = [*before, *dimensions]
        return (part, whole) if part else (whole, [])

    def _names_dimension(self, test: Filter) -> bool:
        return isinstance(test, ValueTest) and self._figures.kind(test.path) in ("category", "text", "id")

    def _described(self, label: str, tests: Sequence[Filter]) -> str:
        """`work orders finished after the due date`: what is counted, in a heading."""
        # A plan is worded in English in every language.
        with speaking("en"):
            words = " and ".join(self._wording.test(test) for test in tests)
        return f"{label} {words}"[:120] if words else label

    # ── different things ──
    def _distinct(self, out: Assembly) -> None:
        if out.having:
            out.by.insert(0, Grouping(entity=out.counted))
            out.listed = False
            return
        limited = any(entity_of(test) != out.counted for test in out.where)
        if not limited and not out.periods and not out.measures and not out.by:
            out.penalty += 2.5  # records that say nothing
        self._take_conditions_of_figures(out)
        counted = self._number_of_different(out)
        if not out.share:
            out.measures.insert(0, counted)
            return
        out.measures = [
            replace_measure(counted, where=tuple(out.where)),
            *out.measures,
            replace_measure(counted, name="total", label=f"all {counted.label}"),
            Measure(name="share", derive="percent", of=("n", "total"), label="share"),
        ]
        out.where = []

    def _number_of_different(self, out: Assembly) -> Measure:
        entity = self._catalogue.entity(out.counted)
        return Measure(
            name="n",
            field=f"{out.counted}.{entity.key}",
            records=out.entity,
            aggregate="count_distinct",
            label=entity.plural,
        )

    def _take_conditions_of_figures(self, out: Assembly) -> None:
        """`How many products were sold, and how many pieces`: the products counted are those sold."""
        for measure in out.measures:
            if measure.metric:
                metric = self._catalogue.metrics[measure.metric]
                found = re.fullmatch(r"(\w+) = '(\w+)'", metric.filter)
                own = self._catalogue.fields_of(out.entity)
                if found and metric.entity == out.entity and found[1] in own:
                    out.where.append(ValueTest(path=f"{out.entity}.{found[1]}", values=(found[2],)))
