"""What components cost: each at its standard cost or at the lowest price of any vendor, and all together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from tools.evidence import shares
from tools.languages import counted, said
from tools.naming import Site
from tools.presenting import figure, several
from tools.results import Cell, Column, Figure, SourceShare
from tools.rows import PROVENANCE, Queries, SourcedRow

PriceBasis: TypeAlias = Literal["lowest_vendor_price", "standard_cost"]
BASES: dict[PriceBasis, str] = {
    "lowest_vendor_price": "each at the lowest standard price of any vendor on file",
    "standard_cost": "each at its standard cost",
}
COST_OF: dict[bool, str] = {
    True: "Cost of the purchased components in [[thing]]",
    False: "Cost of the components in [[thing]]",
}
"""Readings, by whether only bought components are priced."""

_SQL: dict[PriceBasis, str] = {
    # A price in another currency is no price that could be added up.
    "lowest_vendor_price": f"""
select distinct on (i.material_id) i.material_id, i.standard_price as price, {PROVENANCE.format("i")}
from erp.info_record i
where i.site = %(site)s and i.material_id = any(%(ids)s) and i.standard_price is not null
  and coalesce(i.currency, %(currency)s) = %(currency)s
order by i.material_id, i.standard_price, i.source_key
""",
    "standard_cost": f"""
select m.material_id, m.standard_cost as price, {PROVENANCE.format("m")}
from erp.material m
where m.site = %(site)s and m.material_id = any(%(ids)s) and m.standard_cost <> 0
""",
}
_RECORD: dict[PriceBasis, str] = {"lowest_vendor_price": "info_record", "standard_cost": "material"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Price(SourcedRow):
    material_id: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class PricedComponents:
    """Components with their prices, in the site's currency."""

    needs: Mapping[str, Decimal]
    """Quantity needed of each, by material id."""
    prices: Mapping[str, Decimal]
    currency: str
    sources: tuple[SourceShare, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that a table of the components gets."""
        return (
            Column("price", "Unit price", "money", self.currency),
            Column("amount", "Amount", "money", self.currency),
        )

    def cells(self, material: str) -> tuple[Cell, ...]:
        """What stands in these columns; nothing where the component has no price."""
        price = self.prices.get(material)
        return (None, None) if price is None else (price, price * self.needs[material])

    def figures(self, proof: str) -> tuple[Figure, ...]:
        """What all of them cost together."""
        total = sum((price * self.needs[each] for each, price in self.prices.items()), Decimal(0))
        return (figure("cost of components", total, "money", proof, self.currency),)

    def sentence(self) -> str:
        """The cost in a sentence."""
        return said("Together they cost {{figures[0]}}.")

    def caveats(self, names: Mapping[str, str]) -> list[str]:
        """That components without a price are not in the sum."""
        without = sorted(names[each] for each in self.needs if each not in self.prices)
        if not without:
            return []
        return [
            counted(
                len(without),
                "[[number]] component has no such price and counts as zero: [[names]].",
                "[[number]] components have no such price and count as zero: [[names]].",
                names=several(without),
            )
        ]


async def priced_components(
    queries: Queries, site: Site, needs: Mapping[str, Decimal], basis: PriceBasis
) -> PricedComponents:
    """The components with their prices by a basis."""
    asked = {"site": site.site, "ids": sorted(needs), "currency": site.currency}
    found = await queries.rows(_Price, _SQL[basis], asked)
    prices = {row.material_id: row.price for row in found}
    return PricedComponents(needs, prices, site.currency, tuple(shares(_RECORD[basis], found)))
