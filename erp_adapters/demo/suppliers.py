"""The companies that the plants buy from, invented, with the habits of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from erp_adapters.demo.book import Book
from erp_adapters.demo.plant import Plant, cents
from erp_adapters.demo.products import Product, in_units, products_of


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier and how well it delivers."""

    id: str
    name: str
    country: str
    supply: str
    """Trade: which parts it offers; empty where it offers none."""
    plants: tuple[str, ...]
    lead_days: int
    late: float = 0.10
    """Share of its deliveries that come late."""
    delay_days: float = 2.5
    """Mean delay of a late one, in working days."""
    rejects: float = 0.004
    """Share of the pieces that inspection turns down."""
    raises: float = 0.0
    """By how much it raised its prices in October 2025."""
    rating: int = 2
    is_preferred: bool = True
    is_active: bool = True
    is_used: bool = True
    only: tuple[str, ...] = ()
    """Materials it offers, where not all of its trade."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One material from one supplier at one plant."""

    product: Product
    supplier: Supplier
    share: float
    """Share of the plant's need that it gets."""
    price: Decimal
    """Agreed price in the plant's currency."""
    minimum: int


_AGREED_FROM, _AGREED_TO = date(2025, 1, 1), date(2026, 12, 31)
_BOTH, _KASSEL, _GREENVILLE = ("KAS", "GRV"), ("KAS",), ("GRV",)

SUPPLIERS = (
    Supplier(
        *("7001", "Halmet Foundry s.r.o.", "CZ", "castings", _BOTH, 28),
        late=0.62,
        delay_days=8.0,
        rejects=0.065,
        raises=0.09,
        rating=4,
        is_preferred=False,
    ),
    Supplier("7002", "Brenkar Guss GmbH", "DE", "castings", _KASSEL, 21),
    Supplier("7003", "Tallow Creek Castings Inc.", "US", "castings", _GREENVILLE, 24, rejects=0.008),
    Supplier("7004", "Ostavia Stahlhandel GmbH", "DE", "bars", _KASSEL, 12, rating=1),
    Supplier("7005", "Tarnfield Metals Ltd", "GB", "bars", _BOTH, 25, late=0.18),
    Supplier("7006", "Piedmont Ridge Bar Stock", "US", "bars", _GREENVILLE, 10, rating=1),
    Supplier("7007", "Norvexa Bearings AB", "SE", "bearings", _BOTH, 18, late=0.05, rating=1),
    Supplier("7008", "Kugelin Lagertechnik GmbH", "DE", "bearings", _KASSEL, 9),
    Supplier("7009", "Wheelock Motion Supply", "US", "bearings", _GREENVILLE, 8),
    Supplier("7010", "Dichtora GmbH", "DE", "seals", _KASSEL, 14),
    Supplier(
        *("7011", "Elastrava Sealing SA", "FR", "seals", _BOTH, 20),
        late=0.38,
        delay_days=5.0,
        rating=3,
        is_preferred=False,
    ),
    Supplier("7012", "Sealbrook Polymers Inc.", "US", "seals", _GREENVILLE, 12),
    Supplier("7013", "Voltamo Motors S.p.A.", "IT", "motors", _BOTH, 35, late=0.22, delay_days=4.0),
    Supplier("7014", "Drehwerk Antriebe GmbH", "DE", "motors", _KASSEL, 20, only=("4005",)),
    Supplier("7015", "Copperfield Motor Works", "US", "motors", _GREENVILLE, 22, only=("4005",)),
    Supplier("7016", "Schraubion GmbH", "DE", "fasteners", _KASSEL, 7, rating=1),
    Supplier("7017", "Boltara Fasteners Inc.", "US", "fasteners", _GREENVILLE, 6, rating=1),
    Supplier("7018", "Fixenia Components BV", "NL", "fasteners", _BOTH, 15, is_preferred=False, rating=3),
    Supplier("7019", "Kartonova GmbH", "DE", "packaging", _KASSEL, 6),
    Supplier("7020", "Greenfold Packaging", "US", "packaging", _GREENVILLE, 6),
    Supplier("7021", "Colorum Lacke GmbH", "DE", "coatings", _KASSEL, 10),
    Supplier("7022", "Prismata Coatings Ltd", "GB", "coatings", _BOTH, 16),
    Supplier("7023", "Werkzeughandel Mahrling KG", "DE", "", _KASSEL, 5, is_used=False),
    Supplier("7024", "Southfork Industrial Supply", "US", "", _GREENVILLE, 5, is_used=False),
    Supplier("7025", "Ferrovance Tooling Srl", "IT", "", _BOTH, 30, is_active=False, is_used=False, rating=5),
    Supplier(
        *("7026", "Anvara Castings Pvt", "IN", "castings", _BOTH, 60),
        is_used=False,
        is_preferred=False,
        rating=3,
        only=("5001", "5002"),
    ),
)


def suppliers_of(plant: Plant) -> tuple[Supplier, ...]:
    """The suppliers that a plant knows."""
    return tuple(supplier for supplier in SUPPLIERS if plant.code in supplier.plants)


def offers_of(plant: Plant) -> tuple[Offer, ...]:
    """What each supplier offers the plant; those in use share the need, and the first gets most."""
    chance = plant.random("offers")
    offers: list[Offer] = []
    for product in products_of(plant.code):
        if product.price is None:
            continue
        able = [
            s
            for s in suppliers_of(plant)
            if s.supply == product.supply and product.id in (s.only or (product.id,))
        ]
        used = [supplier for supplier in able if supplier.is_used]
        shares = {1: (1.0,), 2: (0.6, 0.4)}[len(used)]
        for supplier in able:
            factor = Decimal(str(round(chance.uniform(0.95, 1.05), 3)))
            share = shares[used.index(supplier)] if supplier.is_used else 0.0
            price = cents(plant.money(product.price / in_units(product, plant.mass_per_kg)) * factor)
            offers.append(Offer(product, supplier, share, price, chance.choice((10, 20, 50))))
    return tuple(offers)


def write_suppliers(book: Book, offers: tuple[Offer, ...]) -> None:
    """Suppliers, price scales, contracts and quotas."""
    plant = book.plant
    for supplier in suppliers_of(plant):
        book.add(
            "supplier",
            supplier.id,
            supplier_id=supplier.id,
            number=f"{supplier.name.split()[0].upper()[:8]}{supplier.id[-2:]}",
            name=supplier.name,
            credit_rating=supplier.rating,
            is_preferred=supplier.is_preferred,
            is_active=supplier.is_active,
            country=supplier.country,
            tax_id=f"{supplier.country}-DEMO-{supplier.id}",
            url=f"https://{supplier.name.split()[0].lower()}.example" if int(supplier.id) % 3 else None,
        )
    for offer in offers:
        if offer.supplier.is_used:
            _write_terms(book, offer)


def _write_terms(book: Book, offer: Offer) -> None:
    currency, material, supplier = book.plant.currency, offer.product.id, offer.supplier.id
    scale = ((1, 0), (10, 3), (40, 6)) if offer.minimum >= 20 else ()
    for factor, discount in scale:
        first = 1 if factor == 1 else offer.minimum * factor
        book.add(
            "price_scale",
            material,
            supplier,
            str(first),
            material_id=material,
            supplier_id=supplier,
            from_quantity=first,
            unit_price=cents(offer.price * (100 - discount) / 100),
            currency=currency,
        )
    if offer.share > 0.5 and (offer.product.price or 0) > 10:
        contract = f"C{book.plant.number_range}{material}"
        book.add(
            "contract",
            contract,
            contract_id=contract,
            material_id=material,
            supplier_id=supplier,
            unit_price=cents(offer.price * Decimal("0.98")),
            currency=currency,
            target_quantity=offer.minimum * 200,
            valid_from=_AGREED_FROM,
            valid_to=_AGREED_TO,
        )
    if offer.share < 1:
        book.add(
            "quota",
            material,
            supplier,
            material_id=material,
            supplier_id=supplier,
            share_pct=round(offer.share * 100),
            valid_from=_AGREED_FROM,
            valid_to=None,
        )
