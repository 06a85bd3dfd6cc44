"""In which order rows come, and which of them is the biggest."""

from __future__ import annotations

from agents.models.embedded.assembly import Assembly
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Grouping, Measure, Order


class Ordering:
    """Orders what an assembly lists."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def by_size(self, out: Assembly) -> None:
        """`The biggest orders`, `top 5 vendors`: biggest in what such things are usually measured by."""
        if not out.size or out.order:
            return
        head = out.head or out.entity
        size = self._catalogue.entity(head).size
        descending = out.size == "most"
        if out.measures:
            out.order.append(Order(by=out.measures[0].name, descending=descending))
        elif size in self._catalogue.metrics:
            self._by_metric(out, head, size)
        elif size and head == out.entity:
            path = f"{out.entity}.{size}"
            out.show_also(path)
            out.order.append(Order(by=path, descending=descending))

    def _by_metric(self, out: Assembly, head: str, metric: str) -> None:
        entity = self._catalogue.metrics[metric].entity
        if entity != out.entity:
            if head not in self._catalogue.paths[entity]:
                return
            out.by = out.by or [Grouping(entity=head)]
        measure = Measure(name=out.name(), metric=metric)
        out.measures.append(measure)
        out.order.append(Order(by=measure.name, descending=out.size == "most"))
        out.penalty += 0.05

    @staticmethod
    def usual(out: Assembly) -> None:
        """The order that goes without saying: groups by their figure, periods by time."""
        periods = any(grouping.grain for grouping in out.by)
        if not out.rows_of and not out.by:
            out.order, out.extreme = [], False  # a single row needs no order
        if out.limit and not out.order and out.measures:
            out.order.append(Order(by=out.measures[0].name, descending=out.size != "least"))
        if out.by and not out.order and out.measures and not periods:
            out.order.append(Order(by=out.measures[0].name, descending=out.sorting != "least"))
        if out.listed and out.extreme and not out.order:
            out.extreme = False
        if out.extreme and out.order and not out.asks_grain and not out.head and periods and not out.size:
            out.order, out.extreme = [], False  # `the highest rate in each month`: one for every month
