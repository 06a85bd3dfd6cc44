"""What of Tryton the mapping has records for, and what its rows mean."""

from __future__ import annotations

from typing import Final

from erp_adapters.ports import Capability
from erp_adapters.store.consistency import packaged_mapping
from erp_adapters.store.mapping import SourceMapping
from erp_adapters.store.port_loading import PortSource

READ: Final = (
    Capability.MATERIALS,
    Capability.COSTS,
    Capability.STOCK,
    Capability.BOM,
    Capability.WORK_CENTRES,
    Capability.PRODUCTION_ORDERS,
    Capability.SUPPLIERS,
    Capability.INFO_RECORDS,
    Capability.REQUISITIONS,
    Capability.PURCHASE_ORDERS,
)
"""What the mapping has records for."""
_ORDER: Final = {"supplier": "supplier", "ordered_on": "ordered_on", "state": "state", "currency": "currency"}


def mapping() -> SourceMapping:
    """The packaged mapping, checked."""
    return packaged_mapping("tryton")


def rows_of() -> PortSource:
    """What the rows mean."""
    return PortSource(mapping(), READ, "warehouse", _ORDER)
