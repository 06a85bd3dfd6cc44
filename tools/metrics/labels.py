"""What people call the things of the catalogue, in the language spoken."""

from __future__ import annotations

from tools.languages import said
from tools.languages.speaking import language, texts
from tools.metrics.catalogue import Catalogue, Metric


def sense(text: str, of: str) -> str:
    """A word as it is said of one thing, where its language tells that apart: the `line` of an order."""
    spoken = language()
    own = None if spoken == "en" else texts(spoken).get(f"{of}: {text}")
    return own or said(text)


class Labels:
    """Names of one catalogue's entities, fields, conditions and metrics."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def singular(self, entity: str) -> str:
        """`work order`."""
        return said(self._catalogue.entity(entity).singular)

    def plural(self, entity: str) -> str:
        """`work orders`."""
        return said(self._catalogue.entity(entity).plural)

    def id_of(self, entity: str) -> str:
        """The heading of the ids of an entity's records: `work order ID`."""
        return said("[[thing]] ID", thing=self.singular(entity))

    def field(self, entity: str, name: str) -> str:
        """A field's heading."""
        label = self._catalogue.entity(entity).fields[name].label
        if label == f"{self._catalogue.entity(entity).singular} ID":
            return self.id_of(entity)
        return sense(label, entity)

    def condition(self, entity: str, name: str) -> str:
        """A named condition in words."""
        return sense(self._catalogue.entity(entity).conditions[name].label, entity)

    def grouped(self, entity: str, via: str) -> str:
        """What an entity is called as a group: by its own name, or by the link to it."""
        return link(via) if via else self.singular(entity)


def metric_label(metric: Metric) -> str:
    """A metric's heading."""
    return sense(metric.label, metric.entity)


def link(via: str) -> str:
    """What a linked record is to the one that refers to it: `component`."""
    return sense(via.replace("_", " "), "link")


def role_of(role: str) -> str:
    """A role of a date as it stands before a period: `due`, which other languages say as `due date`."""
    return sense(role, "date")


def grain_of(grain: str) -> str:
    """`month`, `month of year`."""
    return said(grain.replace("_", " "))
