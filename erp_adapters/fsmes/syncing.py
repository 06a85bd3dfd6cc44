"""What of the MES the mapping has records for, and what its rows mean: of a site alone, or beside an ERP."""

from __future__ import annotations

from typing import Final

from erp_adapters.ports import Capability
from erp_adapters.store.consistency import packaged_mapping
from erp_adapters.store.mapping import SourceMapping
from erp_adapters.store.port_loading import PortSource

FLOOR: Final = (
    Capability.FLOOR_ORDERS,
    Capability.FLOOR_OPERATIONS,
    Capability.ORDER_HOLDS,
    Capability.DOWNTIME,
    Capability.NONCONFORMANCES,
    Capability.EFFECTIVENESS,
    Capability.LOT_USES,
)
"""What no ERP has."""
READ: Final = (
    Capability.MATERIALS,
    Capability.BOM,
    Capability.ROUTING,
    Capability.WORK_CENTRES,
    Capability.PRODUCTION_ORDERS,
    Capability.CONFIRMATIONS,
    *FLOOR,
)
"""What the mapping has records for."""


def mapping(*, beside_an_erp: bool = False) -> SourceMapping:
    """The packaged mapping, checked; beside an ERP without the orders and master data that are the ERP's."""
    whole = packaged_mapping("fsmes")
    if not beside_an_erp:
        return whole
    files = {"sites", *(each.value for each in FLOOR)}
    tables = {whole.files[name].table for name in files}
    return whole.model_copy(
        update={
            "files": {name: spec for name, spec in whole.files.items() if name in files},
            "records": [record for record in whole.records if record.file in files],
            "left_out": [one for one in whole.left_out if one.table in tables],
        }
    )


def rows_of(*, beside_an_erp: bool = False) -> PortSource:
    """What the rows mean."""
    return PortSource(mapping(beside_an_erp=beside_an_erp), FLOOR if beside_an_erp else READ, "plant")
