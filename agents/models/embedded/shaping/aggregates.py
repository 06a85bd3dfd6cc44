"""Aggregates that are named without their field, and fields that groups show as aggregates."""

from __future__ import annotations

from agents.models.embedded.assembly import Assembly, replace_measure
from agents.models.embedded.shaping.figures import Figures
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Aggregate, Measure

_FUNCTIONS: dict[Aggregate, str] = {
    "average": "avg(",
    "median": "percentile_cont(0.5)",
    "maximum": "max(",
    "minimum": "min(",
}


class Aggregates:
    """Finds the field for aggregates."""

    def __init__(self, catalogue: Catalogue, figures: Figures) -> None:
        self._catalogue = catalogue
        self._figures = figures

    def place(self, out: Assembly) -> None:
        """`average lot size, and the median`: an aggregate alone is of the field measured before or after
        it."""
        for aggregate in out.aggregates:
            measured = [measure for measure in out.measures if self._figures.averaged(measure)]
            shown = self._figures.own_numbers(out.show, out.entity)
            if measured:
                self._beside(out, measured[-1], aggregate)
            elif shown:
                out.measures.append(Measure(name=out.name(), field=shown[0], aggregate=aggregate))
                out.show.remove(shown[0])
            else:
                out.penalty += 0.3  # an aggregate of nothing

    def _beside(self, out: Assembly, last: Measure, aggregate: Aggregate) -> None:
        path, records = self._figures.averaged(last) or ("", "")
        made = Measure(name=out.name(), field=path, records=records, aggregate=aggregate, where=last.where)
        adds = self._figures.metric_kind(last) in ("quantity", "money") and (
            "sum(" in self._catalogue.metrics[last.metric].value
        )
        if adds:
            out.measures[out.measures.index(last)] = replace_measure(made, name=last.name)
        elif not any(self._same(made, other) for other in out.measures):
            out.measures.append(made)

    def _same(self, made: Measure, other: Measure) -> bool:
        """True where a metric is that very aggregate already."""
        value = self._catalogue.metrics[other.metric].value if other.metric else ""
        name = _FUNCTIONS.get(made.aggregate, "?")
        return value.startswith(name) and made.field.split(".")[-1] in value

    def of_groups(self, out: Assembly) -> bool:
        """`Margin by category`: of groups, a field is averaged, and a quantity added."""
        own = self._figures.own_numbers(out.show, out.entity)
        for path in own:
            adds = self._figures.kind(path) in ("quantity", "count")
            out.measures.append(Measure(name=out.name(), field=path, aggregate="sum" if adds else "average"))
            out.show.remove(path)
        return bool(own)
