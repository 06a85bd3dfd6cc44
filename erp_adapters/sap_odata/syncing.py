"""What SAP has, loaded into the store: one plant as one site, all of it or nothing."""

from __future__ import annotations

from typing import Final

from erp_adapters.ports import Capability, ReadPort
from erp_adapters.store.consistency import packaged_mapping
from erp_adapters.store.loading import Progress
from erp_adapters.store.mapping import SiteSpec, SourceMapping
from erp_adapters.store.port_loading import PortSource, load_place
from erp_adapters.store.quality import LoadReport

READ: Final = (
    Capability.MATERIALS,
    Capability.COSTS,
    Capability.STOCK,
    Capability.BOM,
    Capability.PRODUCTION_ORDERS,
    Capability.SUPPLIERS,
    Capability.INFO_RECORDS,
    Capability.REQUISITIONS,
    Capability.PURCHASE_ORDERS,
)
"""What the mapping has records for. A service that is not activated stops the load: its rows would pass for
nothing there."""
_ORDER: Final = {
    "supplier": "supplier",
    "ordered_on": "ordered_on",
    "state": "order_state",
    "currency": "currency",
}


def mapping() -> SourceMapping:
    """The packaged mapping, checked."""
    return packaged_mapping("sap_odata")


def rows_of() -> PortSource:
    """What the rows mean."""
    return PortSource(mapping(), READ, "plant", _ORDER)


async def load_site(
    owner_dsn: str, port: ReadPort, site: SiteSpec, plant: str, progress: Progress | None = None
) -> LoadReport:
    """Read a plant and replace what was loaded of it before; see `load_place`."""
    return await load_place(owner_dsn, port, rows_of(), site, plant, progress)
