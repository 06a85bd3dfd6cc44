"""Entities as they came, read by the types of their service's metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from erp_adapters.errors import CapabilityMissing
from erp_adapters.ports import Cell
from erp_adapters.sap_odata.client import nested
from erp_adapters.sap_odata.mapping import SYSTEM
from erp_adapters.sap_odata.metadata import Entity, Metadata
from erp_adapters.sap_odata.values import cell


@dataclass(frozen=True, slots=True)
class Seen:
    """An entity as it came, read by the types of its metadata."""

    raw: Mapping[str, Any]
    entity: Entity
    metadata: Metadata

    def __getitem__(self, name: str) -> Cell:
        """The value of a property.

        Raises:
            CapabilityMissing: the type has no such property in this release.
            ErpUnavailable: what came is none of its type.
        """
        return (
            cell(self.raw.get(name), self.entity.properties[name].kind, name)
            if self.has(name)
            else self._no(name)
        )

    def _no(self, name: str) -> Cell:
        raise CapabilityMissing(
            f"{SYSTEM}'s {self.metadata.service}/{self.entity.set} has no property {name!r}: it is of another"
            " release than this adapter knows"
        )

    def has(self, name: str) -> bool:
        """True where the type has the property."""
        return name in self.entity.properties

    def text(self, name: str) -> str:
        """The value as a text; empty where it is nothing or the release has no such property."""
        return str(self[name] or "") if self.has(name) else ""

    def figure(self, name: str) -> Decimal | None:
        """The value as a figure; None where it is nothing or the release has no such property."""
        found = self[name] if self.has(name) else None
        return found if isinstance(found, Decimal) else None

    def day(self, name: str) -> date | None:
        """The value as a day; None where it is nothing or the release has no such property."""
        found = self[name] if self.has(name) else None
        return found if isinstance(found, date) else None

    def is_on(self, name: str) -> bool:
        """True where a flag is set, which older services have as an X."""
        return self.has(name) and self[name] in (True, "X")

    def many(self, link: str) -> list[Seen]:
        """What was expanded behind a link; nothing where the release has no such link."""
        kind = self.metadata.types.get(self.entity.links.get(link, ""))
        return [] if kind is None else [Seen(raw, kind, self.metadata) for raw in nested(self.raw, link)]
