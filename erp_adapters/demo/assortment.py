"""Everything that the plants make and buy, and what of it each one knows."""

from __future__ import annotations

from erp_adapters.demo.families import COMMON_PARTS, FAMILIES, FAMILY_PARTS, FAMILY_PRODUCTS
from erp_adapters.demo.products import FIRST_PARTS, FIRST_PLANTS, FIRST_PRODUCTS, Product, finished_parts

PRODUCTS = (*FIRST_PRODUCTS, *FAMILY_PRODUCTS)
BY_ID = {product.id: product for product in PRODUCTS}
_PARTS = FIRST_PARTS | FAMILY_PARTS


def parts_of(product: Product, mass_per_kg: float) -> tuple[tuple[str, int], ...]:
    """Direct components with the quantity for one piece, masses in the plant's unit and in whole units."""
    parts = _PARTS.get(product.id) or (finished_parts(product) if product.kind == "finished" else ())
    return tuple(
        (part, max(1, round(quantity * mass_per_kg)) if BY_ID[part].by_weight else int(quantity))
        for part, quantity in parts
    )


def products_of(plant: str, families: tuple[str, ...]) -> tuple[Product, ...]:
    """The products of a plant: what it sells of these families, and all their parts.

    Args:
        families: codes of further families; the first plants have the first families without being told.
    """
    wanted = {family.code for family in FAMILIES if family.code in families and plant in family.plants}
    found = [product for product in FAMILY_PRODUCTS if product.setup_group in wanted]
    if plant in FIRST_PLANTS:
        first = [
            product
            for product in FIRST_PRODUCTS
            if product.kind != "finished" or plant in dict(product.demand)
        ]
    else:
        # A process plant weighs other things.
        discrete = any(not family.is_process for family in FAMILIES if family.code in wanted)
        first = [product for product in FIRST_PRODUCTS if discrete and product.id in COMMON_PARTS]
    return tuple(sorted((*first, *found), key=lambda product: product.id))
