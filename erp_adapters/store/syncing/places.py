"""How one place of a connected system is read again and again: the plan of a `PortSource`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from erp_adapters.ports import Capability, Cell, SourceRow
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.port_loading import PortSource
from erp_adapters.store.syncing.plan import Made, Plan, plan

_ORDERS: Final = "orders"
_SITES: Final = "sites"


def place_plan(source: PortSource, site: SiteSpec, place: str) -> Plan:
    """How the mapping is filled, with the file of orders made of their lines and the place's own row.

    Args:
        place: what the system calls the site.
    """
    here: dict[str, Cell] = {source.place: place, "name": site.name, "read_on": datetime.now(UTC).date()}
    of_lines = Capability.PURCHASE_ORDERS.value
    return plan(
        source.mapping,
        frozenset(source.reads),
        made={} if source.order is None else {_ORDERS: Made(of_lines, "number", source.order)},
        stated={_SITES: [SourceRow(place, here)]},
    )
