"""Drafts that the demo's plants could make, no two for the same need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import psycopg

from erp_adapters.records import DocumentKind
from policies.drafts.hold import HoldDraft
from policies.drafts.parts import Amount, Named, Price
from policies.drafts.requisition import DraftLine, Lot, RequisitionDraft
from policies.drafts.transfer import TransferDraft

AnyDraft: TypeAlias = RequisitionDraft | TransferDraft | HoldDraft

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


class Plants:
    """What the plants of a demo have, for drafts about it."""

    def __init__(self, owner_dsn: str) -> None:
        with psycopg.connect(owner_dsn) as owner:
            self._materials = [Material(*map(str, row)) for row in owner.execute(_MATERIALS)]
            places = [(str(site), str(location)) for site, location in owner.execute(_PLACES)]
            self.days = _days(owner)
        # Once over every material before the next place of any.
        self._held = sorted(
            ((each, place) for each in self._materials for site, place in places if site == each.site),
            key=lambda pair: [place for site, place in places if site == pair[0].site].index(pair[1]),
        )

    def draft(self, kind: DocumentKind, number: int, *, is_impossible: bool = False) -> AnyDraft:
        """The draft of that number: another material or another time for each.

        Args:
            kind: of document.
            number: of the draft.
            is_impossible: for a cost centre that the ERP does not have.
        """
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


def _days(owner: psycopg.Connection[tuple[Any, ...]]) -> dict[str, date]:
    return {
        str(site): day
        for site, day in owner.execute("select site, (as_of at time zone time_zone)::date from erp.site")
    }
