"""Drafts that the demo's plants could make, no two for the same need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from erp_adapters.records import DraftKind
from policies.drafts.hold import HoldDraft
from policies.drafts.parts import Amount, Named, Price
from policies.drafts.proposal import AnyDraft
from policies.drafts.replanning import Dates, OrderMoved, ReplanningDraft
from policies.drafts.requisition import DraftLine, Lot, RequisitionDraft
from policies.drafts.transfer import TransferDraft

_ORDERS = """
select o.site, o.order_id, coalesce(m.number, o.material_id), o.start_on, o.due_on
from erp.production_order o left join erp.material m on m.site = o.site and m.material_id = o.material_id
where o.ordered > coalesce(o.stocked, 0) + coalesce(o.scrapped, 0) and o.due_on is not null
order by o.site, o.order_id
"""
_TOGETHER = 3
"""Orders that one draft moves."""
_PLACES = "select site, location_id from erp.location order by 1, 2"
_MATERIALS = """
select site, number, name, base_unit from erp.material m
where base_unit is not null and discontinued_on is null
  and not exists (select from erp.material other where other.site = m.site and other.number = m.number
                  and other.material_id <> m.material_id)
order by number, site
"""


@dataclass(frozen=True, slots=True)
class Material:
    """Something that a plant has."""

    site: str
    number: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Order:
    """A work order that is still to be made."""

    site: str
    number: str
    material: str
    start_on: date | None
    due_on: date


class Plants:
    """What the plants of a demo have, for drafts about it."""

    def __init__(self, owner_dsn: str) -> None:
        with psycopg.connect(owner_dsn) as owner:
            self._materials = [Material(*map(str, row)) for row in owner.execute(_MATERIALS)]
            places = [(str(site), str(location)) for site, location in owner.execute(_PLACES)]
            orders = [Order(*row) for row in owner.execute(_ORDERS)]
            self.days = _days(owner)
        # Each with others of its site, so that no two drafts move the same order.
        self._orders = [
            own[at : at + _TOGETHER]
            for site in sorted({one.site for one in orders})
            for own in ([one for one in orders if one.site == site],)
            for at in range(0, len(own) - _TOGETHER + 1, _TOGETHER)
        ]
        # Once over every material before the next place of any.
        self._held = sorted(
            ((each, place) for each in self._materials for site, place in places if site == each.site),
            key=lambda pair: [place for site, place in places if site == pair[0].site].index(pair[1]),
        )

    def draft(self, kind: DraftKind, number: int, *, is_impossible: bool = False) -> AnyDraft:
        """The draft of that number: another material or another time for each.

        Args:
            kind: of document.
            number: of the draft.
            is_impossible: for a cost centre that the ERP does not have.
        """
        if kind == "order_rescheduling":
            return self._moves(number)
        material, place = self._materials[number % len(self._materials)], ""
        if kind == "quality_hold":
            material, place = self._held[number % len(self._held)]
        day = self.days[material.site] + timedelta(days=1 + 4 * (number // len(self._materials)))
        quantity = Amount(value=Decimal(1 + number % 500) + Decimal("0.125"), unit=material.unit)
        named = Named(code=material.number, name=material.name)
        match kind:
            case "purchase_requisition":
                lines = tuple(
                    DraftLine(
                        material=named,
                        quantity=quantity,
                        needed_on=day + timedelta(days=place),
                        source=None,
                        unit_price=Price(amount=Decimal("1.25"), currency="EUR"),
                        lot=Lot(asked=quantity),
                        cost_centre=Named(code="NO-SUCH") if is_impossible else None,
                    )
                    for place in range(1 + number % 3)
                )
                return RequisitionDraft(site=material.site, lines=lines, note=f"crash test {number}")
            case "stock_transfer":
                other = next(each for each in self._materials if each.site != material.site)
                return TransferDraft(
                    site=material.site,
                    from_site=other.site,
                    material=named,
                    from_material=Named(code=other.number, name=other.name),
                    quantity=quantity,
                    needed_on=day,
                    note=f"crash test {number}",
                )
            case "quality_hold":
                return HoldDraft(
                    site=material.site,
                    material=named,
                    location=Named(code=place),
                    quantity=quantity,
                    reason=f"crash test {number}",
                )
            case "published_text" | "cancellation":
                raise AssertionError(f"{kind} follows from what was published or written")
            case "work_order" | "order_hold":
                raise AssertionError(f"{kind} goes to a MES, and the demo has none")
            case "purchase_order_redating":
                raise AssertionError(f"{kind} is no kind of these plans")

    def site(self, number: int) -> str:
        """A site for what is about a site as a whole; another one for the next number."""
        return sorted(self.days)[number % len(self.days)]

    def _moves(self, number: int) -> ReplanningDraft:
        """Orders of one site, each on another day."""
        orders = self._orders[number % len(self._orders)]
        site = orders[0].site
        now = datetime.combine(self.days[site], time(8), UTC)
        return ReplanningDraft(
            site=site,
            zone="UTC",
            now=now,
            event=f"crash test {number}",
            way="right_shift",
            moves=tuple(
                OrderMoved(
                    order=one.number,
                    material=Named(code=one.material),
                    before=Dates(start_on=one.start_on, due_on=one.due_on),
                    after=Dates(
                        start_on=self.days[site] + timedelta(days=2 + number % 5),
                        due_on=max(one.due_on, self.days[site]) + timedelta(days=9 + number % 7),
                        starts_at=now + timedelta(days=2 + number % 5),
                        ends_at=now + timedelta(days=4 + number % 5),
                    ),
                )
                for one in orders
            ),
            note=f"crash test {number}",
        )


def _days(owner: psycopg.Connection[tuple[Any, ...]]) -> dict[str, date]:
    return {
        str(site): day
        for site, day in owner.execute("select site, (as_of at time zone time_zone)::date from erp.site")
    }
