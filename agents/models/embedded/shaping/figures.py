"""What figures are of: their records, their kind, the field that they add or average."""

from __future__ import annotations

import re

from tools.metrics.catalogue import Catalogue, EntityField
from tools.metrics.query import Filter, Measure


class Figures:
    """Looks measures, fields and conditions up in the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def field(self, path: str) -> EntityField:
        """The catalogue's entry for a field."""
        entity, _, name = path.split("/")[-1].partition(".")
        return self._catalogue.entity(entity).fields[name]

    def kind(self, path: str) -> str:
        """The kind of a field."""
        return self.field(path).kind

    def own_numbers(self, paths: list[str], entity: str) -> list[str]:
        """Those fields of an entity itself that are numbers."""
        return [path for path in paths if path.startswith(f"{entity}.") and self.field(path).is_number]

    def records(self, measure: Measure) -> str:
        """The entity whose rows a measure is made of."""
        if measure.metric:
            return self._catalogue.metrics[measure.metric].entity
        return measure.records or measure.count_of or measure.field.split("/")[-1].partition(".")[0]

    def measure_kind(self, measure: Measure) -> str:
        """The kind of a measure: `money`, `percent`, `count`."""
        if measure.metric:
            return self._catalogue.metrics[measure.metric].kind
        return self.kind(measure.field) if measure.field else "count"

    def metric_kind(self, measure: Measure) -> str:
        """The kind of a measure's metric; empty where it has none."""
        return self._catalogue.metrics[measure.metric].kind if measure.metric else ""

    def averaged(self, measure: Measure) -> tuple[str, str] | None:
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


def entity_of(test: Filter) -> str:
    """The entity that a condition is about."""
    path = getattr(test, "path", "")
    return path.split("/")[-1].split(".")[0] if path else getattr(test, "entity", "")
