"""Drafts to decide about: typed ones for the small demo, made without reading a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from erp_adapters.store.session import Store
from policies.drafts.parts import Amount, Named, Price
from policies.drafts.requisition import DraftLine, Lot, RequisitionDraft, Source

NEEDED_ON = date(2026, 5, 5)
_BOUGHT = """
select m.number, m.name, coalesce(m.category, ''), m.base_unit, s.number, s.name, i.currency
from erp.material m
join erp.info_record i using (site, material_id)
join erp.supplier s on s.site = i.site and s.supplier_id = i.supplier_id
where m.site = %(site)s and not m.is_made and i.currency = %(currency)s and m.number is not null
order by m.number limit 8
"""


@dataclass(frozen=True, slots=True)
class Bought:
    """A material that the site buys, and from whom."""

    material: Named
    category: str
    unit: str
    supplier: Named
    currency: str


async def bought(store: Store, subject: str = "planner.kassel", site: str = "KAS") -> tuple[Bought, ...]:
    """Materials that a site buys in its own currency."""
    async with store.reading(await store.caller(subject)) as tx:
        found = await tx.fetch(_BOUGHT, {"site": site, "currency": "EUR"})
    return tuple(
        Bought(
            Named(code=str(number), name=str(name)),
            str(category),
            str(unit),
            Named(code=str(supplier), name=str(supplier_name)),
            str(currency),
        )
        for number, name, category, unit, supplier, supplier_name, currency in found.rows
    )


def requisition(
    of: Bought, quantity: str = "500", price: str = "2.00", *, site: str = "KAS", needed_on: date = NEEDED_ON
) -> RequisitionDraft:
    """A requisition of one line."""
    amount = Amount(value=Decimal(quantity), unit=of.unit)
    return RequisitionDraft(
        site=site,
        lines=(
            DraftLine(
                material=of.material,
                category=of.category,
                quantity=amount,
                needed_on=needed_on,
                source=Source(supplier=of.supplier, chosen_by="info_record", price_from="info_record"),
                unit_price=Price(amount=Decimal(price), currency=of.currency),
                lot=Lot(asked=amount),
            ),
        ),
    )
