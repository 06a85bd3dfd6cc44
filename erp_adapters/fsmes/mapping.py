"""How one MES is reached, and its documents in our shape; nothing past this folder knows its field names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from erp_adapters.errors import ErpRefused
from erp_adapters.http import Secret
from erp_adapters.records import OrderHold, PostedDocument, Quantity, WorkOrder

LEFT_OUT_OF_ORDERS: Final = frozenset({"requester", "note"})
"""An order of the MES has neither."""
LEFT_OUT_OF_RESUMPTIONS: Final = frozenset({"requester", "reason"})
"""A resumption has no words of its own there."""
_SIGNED = re.compile(r"^(?P<reason>.*) \((?P<requester>[^()]*), (?P<marker>PW-[A-Z0-9]{20,32})\)$", re.DOTALL)
_DAY_ENDS = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Connection:
    """How one MES is reached, and what this house's codes are called there."""

    url: str
    login: str
    password: Secret
    reason: str
    """Why a technical user writes and not the person: said wherever the connection is shown."""
    plants: Mapping[str, str] = field(default_factory=dict)
    """The MES's equipment of level `site` for a site, where it has not the site's own code."""
    units: Mapping[str, str] = field(default_factory=dict)
    """The MES's unit for a unit of the site, where it is not the same."""
    machines: Mapping[str, str] = field(default_factory=dict)
    """The site's id of a work centre, for a machine of the MES that has another code."""
    history_days: int = 30
    """How far back stops are read."""
    call_s: float = 10.0

    def plant(self, site: str) -> str:
        """What the MES calls a site."""
        return self.plants.get(site, site)

    def site(self, plant: str) -> str:
        """The site of what the MES calls one."""
        return {theirs: ours for ours, theirs in self.plants.items()}.get(plant, plant)

    def work_centre(self, machine: str) -> str:
        """The site's id of a machine."""
        return self.machines.get(machine, machine)

    def symbol(self, unit: str) -> str:
        """The MES's unit."""
        return self.units.get(unit, unit)

    def unit(self, symbol: str) -> str:
        """The site's unit."""
        return {theirs: ours for ours, theirs in self.units.items()}.get(symbol, symbol)


def moment(text: object) -> datetime | None:
    """A moment of the MES, which are those of UTC and do not say so."""
    if not isinstance(text, str) or not text:
        return None
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def figure(value: object) -> Decimal | None:
    """A number of the MES's JSON, as it was written there."""
    return None if value is None else Decimal(repr(value) if isinstance(value, float) else str(value))


def zone_of(health: Mapping[str, Any]) -> ZoneInfo:
    """The time zone that the plant works in.

    Raises:
        ErpRefused: the MES names none that is known.
    """
    named = str(health.get("timezone") or "")
    try:
        return ZoneInfo(named)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ErpRefused(
            f"the MES names {named!r} as its time zone, which is none: set it in its pack"
        ) from error


def values_of(document: WorkOrder, marker: str, zone: ZoneInfo) -> dict[str, Any]:
    """The order to create, whose code is the marker: the MES takes each code once, for good.

    Raises:
        ErpRefused: it holds what an order of the MES cannot.
    """
    quantity = float(document.quantity.value)
    if Decimal(repr(quantity)) != document.quantity.value:
        raise ErpRefused(
            f"the MES keeps quantities as floating-point numbers and cannot hold {document.quantity.value}"
        )
    due = datetime.combine(document.due_on, _DAY_ENDS, zone).astimezone(UTC)
    return {
        "code": marker,
        "material": document.material,
        "quantity": quantity,
        "due_date": due.replace(tzinfo=None).isoformat(),
        "priority": document.priority,
    }


def order_of(
    row: Mapping[str, Any], plant: str, unit: str, zone: ZoneInfo, at: datetime, connection: Connection
) -> PostedDocument:
    """An order as the MES has it now."""
    due, site = moment(row["due_date"]), connection.site(plant)
    return PostedDocument(
        kind="work_order",
        number=str(row["code"]),
        site=site,
        marker=str(row["code"]),
        document=WorkOrder(
            site=site,
            requester="",
            material=str(row["material"]),
            quantity=Quantity(figure(row["quantity"]) or Decimal(0), connection.unit(unit)),
            due_on=due.astimezone(zone).date() if due else date.min,
            priority=int(row["priority"]),
        ),
        posted_at=at,
        is_cancelled=row["status"] == "cancelled",
        left_out=LEFT_OUT_OF_ORDERS,
    )


def signed(document: OrderHold, marker: str) -> str:
    """The reason of a hold with who asked for it and the marker, as the MES keeps it."""
    return f"{document.reason} ({document.requester}, {marker})"


def marker_in(reason: str) -> str:
    """The marker at the end of a reason; empty where there is none of ours."""
    found = _SIGNED.match(reason)
    return found["marker"] if found else ""


def hold_of(order: str, plant: str, reason: str, at: datetime, connection: Connection) -> PostedDocument:
    """A hold that carries a marker, as the MES keeps it."""
    found = _SIGNED.match(reason)
    assert found is not None, "the caller has looked for the marker"
    site = connection.site(plant)
    return PostedDocument(
        kind="order_hold",
        number=order,
        site=site,
        marker=found["marker"],
        document=OrderHold(site, found["requester"], order, "hold", found["reason"], None),
        posted_at=at,
    )


def resumption_of(
    order: str, plant: str, since: datetime, at: datetime, marker: str, connection: Connection
) -> PostedDocument:
    """The end of a hold, which the MES has no words for: it is told by the hold that it ended."""
    site = connection.site(plant)
    return PostedDocument(
        kind="order_hold",
        number=order,
        site=site,
        marker=marker,
        document=OrderHold(site, "", order, "resume", "", since),
        posted_at=at,
        left_out=LEFT_OUT_OF_RESUMPTIONS,
    )
