"""The companies that the plants buy from, invented, with the habits of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from erp_adapters.demo.book import Book
from erp_adapters.demo.plant import Plant, cents
from erp_adapters.demo.products import Product, in_units


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
    worse_from: date | None = None
    """Since when it delivers three times as late, and as often again as not."""
    group_company: str | None = None
    """Company of the group that it is."""

    def lateness(self, day: date) -> tuple[float, float]:
        """Share of late deliveries and their mean delay in working days, of what is due on a day."""
        if self.worse_from is None or day < self.worse_from:
            return self.late, self.delay_days
        return min(0.9, self.late + 0.5), self.delay_days * 3


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
_EUROPE, _AMERICA = ("KAS", "WRO", "OLO"), ("GRV", "GRR", "MTY", "HAM")
_DISCRETE = (*_EUROPE, *_AMERICA)

_FIRST_SUPPLIERS = (
    Supplier(
        *("7001", "Halmet Foundry s.r.o.", "CZ", "castings", ("KAS", "GRV", "WRO", "OLO", "HAM"), 28),
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
    Supplier("7005", "Tarnfield Metals Ltd", "GB", "bars", _DISCRETE, 25, late=0.18),
    Supplier("7006", "Piedmont Ridge Bar Stock", "US", "bars", _GREENVILLE, 10, rating=1),
    Supplier("7007", "Norvexa Bearings AB", "SE", "bearings", _DISCRETE, 18, late=0.05, rating=1),
    Supplier("7008", "Kugelin Lagertechnik GmbH", "DE", "bearings", _KASSEL, 9),
    Supplier("7009", "Wheelock Motion Supply", "US", "bearings", _GREENVILLE, 8),
    Supplier("7010", "Dichtora GmbH", "DE", "seals", _KASSEL, 14),
    Supplier(
        *("7011", "Elastrava Sealing SA", "FR", "seals", _DISCRETE, 20),
        late=0.38,
        delay_days=5.0,
        rating=3,
        is_preferred=False,
    ),
    Supplier("7012", "Sealbrook Polymers Inc.", "US", "seals", _GREENVILLE, 12),
    Supplier(
        *("7013", "Voltamo Motors S.p.A.", "IT", "motors", _DISCRETE, 35),
        late=0.22,
        delay_days=4.0,
        worse_from=date(2025, 9, 1),
    ),
    Supplier("7014", "Drehwerk Antriebe GmbH", "DE", "motors", _KASSEL, 20, only=("4005",)),
    Supplier("7015", "Copperfield Motor Works", "US", "motors", _GREENVILLE, 22, only=("4005",)),
    Supplier("7016", "Schraubion GmbH", "DE", "fasteners", _KASSEL, 7, rating=1),
    Supplier("7017", "Boltara Fasteners Inc.", "US", "fasteners", _GREENVILLE, 6, rating=1),
    Supplier("7018", "Fixenia Components BV", "NL", "fasteners", _DISCRETE, 15, is_preferred=False, rating=3),
    Supplier("7019", "Kartonova GmbH", "DE", "packaging", _KASSEL, 6),
    Supplier("7020", "Greenfold Packaging", "US", "packaging", _GREENVILLE, 6),
    Supplier("7021", "Colorum Lacke GmbH", "DE", "coatings", _KASSEL, 10),
    Supplier("7022", "Prismata Coatings Ltd", "GB", "coatings", _DISCRETE, 16),
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


_FURTHER_SHARED = (
    Supplier("7030", "Steuerika Elektronik GmbH", "DE", "electronics", _EUROPE, 24, late=0.14),
    Supplier("7031", "Signalbrook Controls Inc.", "US", "electronics", _AMERICA, 28, late=0.16),
    Supplier("7032", "Etiketta Druck GmbH", "DE", "labels", (*_EUROPE, "BRE"), 8),
    Supplier("7033", "Nameplate Union Co.", "US", "labels", _AMERICA, 9),
    Supplier("7034", "Blechwerk Sauerhof GmbH", "DE", "sheets", _EUROPE, 14, rating=1),
    Supplier("7035", "Flatrock Sheet Metal LLC", "US", "sheets", _AMERICA, 13),
    Supplier("7036", "Imballaggi Vestone Srl", "IT", "packaging", ("WRO", "OLO", "BRE"), 10),
    Supplier("7037", "Crateworks of Ohio Inc.", "US", "packaging", ("GRR", "MTY", "HAM"), 8, late=0.13),
    Supplier(
        *("7038", "Demo Composti S.r.l.", "IT", "coatings", ("WRO", "OLO"), 12),
        late=0.05,
        group_company="7000",
    ),
    Supplier("7039", "Demo Thermal Ltd.", "CA", "sheets", ("GRR",), 15, late=0.07, group_company="6000"),
    Supplier(
        *("7040", "Demo Pumps and Valves GmbH", "DE", "electronics", ("MTY", "OLO"), 32),
        late=0.06,
        group_company="1000",
    ),
)
_TRADES = {
    "castings": ("Foundry", 26),
    "bars": ("Metals", 14),
    "bearings": ("Bearings", 12),
    "seals": ("Sealing", 15),
    "motors": ("Motors", 24),
    "fasteners": ("Fasteners", 8),
    "packaging": ("Packaging", 7),
    "coatings": ("Coatings", 11),
    "electronics": ("Electronics", 21),
    "labels": ("Labels", 7),
    "sheets": ("Steel", 12),
    "resins": ("Resins", 18),
    "minerals": ("Minerals", 16),
    "additives": ("Additives", 20),
}
"""What the trade is called in a company's name, and its usual lead time in days."""
_LOCAL_TRADES = {
    "KAS": ("electronics", "labels", "sheets"),
    "GRV": ("electronics", "labels", "sheets"),
    "GRR": tuple(_TRADES)[:10],
    "MTY": (*tuple(_TRADES)[:8], "labels", "sheets"),
    "HAM": tuple(_TRADES)[:11],
    "WRO": (*tuple(_TRADES)[:7], "electronics", "labels", "sheets"),
    "OLO": (*tuple(_TRADES)[:7], "labels", "sheets"),
    "BRE": ("resins", "minerals", "additives", "packaging", "labels"),
}
_FORMS = {
    "DE": "GmbH",
    "US": "Inc.",
    "MX": "SA de CV",
    "CA": "Ltd.",
    "PL": "Sp. z o.o.",
    "CZ": "s.r.o.",
    "IT": "Srl",
}
_HOMES = {
    "KAS": "DE",
    "GRV": "US",
    "GRR": "US",
    "MTY": "MX",
    "HAM": "CA",
    "WRO": "PL",
    "OLO": "CZ",
    "BRE": "IT",
}
_STEMS = {
    "DE": ("Ahrental", "Birkwald", "Dornfeld", "Eschbach", "Fuldatal", "Habichts", "Lahnstein", "Solling"),
    "US": (
        *(
            "Ashgrove",
            "Birchport",
            "Coldspring",
            "Dovetail",
            "Elkhorn",
            "Foxglove",
            "Granite Peak",
            "Hollowell",
        ),
        *(
            "Ironside",
            "Juniper",
            "Kettle Creek",
            "Longmeadow",
            "Millbrook",
            "Northfork",
            "Oakhurst",
            "Pioneer",
        ),
    ),
    "MX": (
        *("Anáhuac", "Bravo", "Cerro Gordo", "Durazno", "Encino", "Frontera", "Guadiana", "Huasteca"),
        *("Ixtle", "Jacaranda", "Laguna", "Mitras"),
    ),
    "CA": (
        *("Algonquin", "Birchmount", "Cataract", "Dunnville", "Escarpment", "Fundy", "Grimsby", "Huronia"),
        *("Iroquois", "Jasper", "Kawartha", "Lakefield"),
    ),
    "PL": (
        *("Bielawa", "Ciechan", "Dobromir", "Elbrus", "Fabrex", "Gorzanów", "Halny", "Izera"),
        *("Jantar", "Karkon", "Ludwin", "Metron"),
    ),
    "CZ": (
        *("Břízek", "Čapex", "Dubrava", "Ferona Nova", "Hanák", "Jesenov", "Kobera", "Litoma"),
        *("Moravec", "Nisa", "Odra"),
    ),
    "IT": ("Adamello", "Bagnatica", "Camuno", "Dosso", "Fenaroli", "Garda", "Iseo", "Lumezz"),
}
_CITIES = {
    "DE": ("Siegen", "Fulda", "Hagen", "Zwickau"),
    "US": ("Toledo", "Rockford", "Dayton", "Erie", "Macon"),
    "MX": ("Saltillo", "Puebla", "Toluca"),
    "CA": ("Guelph", "Windsor", "Barrie"),
    "PL": ("Opole", "Kielce", "Radom"),
    "CZ": ("Zlín", "Plzeň", "Kladno"),
    "IT": ("Bergamo", "Modena", "Udine"),
    "GB": ("Derby", "Rotherham"),
    "SE": ("Borås", "Gävle"),
}
_DORMANT_SHARED = (
    ("Alpenstahl Handels", "AT"),
    ("Benelux Tool Trading", "NL"),
    ("Cordova Industrial", "MX"),
    ("Delmarva Abrasives", "US"),
    ("Eastgate Calibration", "US"),
    ("Fjordtek Messtechnik", "NO"),
    ("Gullmar Lubricants", "SE"),
    ("Hanseat Logistik", "DE"),
)
_DORMANT = 28
"""Suppliers that nothing was bought from, besides those of the first plants."""


def _locals() -> list[Supplier]:
    """One supplier of its own for each trade of a plant."""
    found: list[Supplier] = []
    for plant, trades in _LOCAL_TRADES.items():
        country = _HOMES[plant]
        for number, trade in enumerate(trades):
            word, lead = _TRADES[trade]
            # Greenville and Grand Rapids lie in one country and share no local supplier.
            stem = _STEMS[country][(number + (5 if plant == "GRR" else 0)) % len(_STEMS[country])]
            found.append(
                Supplier(
                    str(7101 + len(found)),
                    f"{stem} {word} {_FORMS[country]}",
                    country,
                    trade,
                    (plant,),
                    lead,
                    late=0.06 + number % 5 * 0.03,
                    rejects=0.003 + number % 4 * 0.003,
                    rating=1 + number % 3,
                )
            )
    return found


def _dormant() -> list[Supplier]:
    """Suppliers that are on file and unused, as in every system."""
    found = [
        Supplier(
            str(7201 + number),
            f"{name} {_FORMS.get(country, 'BV')}",
            country,
            "",
            _EUROPE if country not in ("US", "MX", "CA") else _AMERICA,
            21,
            is_used=False,
        )
        for number, (name, country) in enumerate(_DORMANT_SHARED)
    ]
    for number in range(_DORMANT):
        plant = tuple(_HOMES)[number % len(_HOMES)]
        country = _HOMES[plant]
        stem = _STEMS[country][-1 - number // len(_HOMES)]
        found.append(
            Supplier(
                str(7301 + number),
                f"{stem} Industrial Services {_FORMS[country]}",
                country,
                "",
                (plant,),
                10,
                is_used=False,
                is_active=number % 3 > 0,
                is_preferred=False,
                rating=3,
            )
        )
    return found


SUPPLIERS = (*_FIRST_SUPPLIERS, *_FURTHER_SHARED, *_locals(), *_dormant())


def suppliers_of(plant: Plant) -> tuple[Supplier, ...]:
    """The suppliers that a plant knows: of the trades that it needs, and some that it does not use."""
    needed = {product.supply for product in plant.products}
    return tuple(
        supplier
        for supplier in SUPPLIERS
        if plant.code in supplier.plants and (supplier.supply in needed or not supplier.is_used)
    )


def offers_of(plant: Plant) -> tuple[Offer, ...]:
    """What each supplier offers the plant; those in use share the need, and the first gets most."""
    chance = plant.random("offers")
    offers: list[Offer] = []
    for product in plant.products:
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
            city=_city(supplier),
            group_company=supplier.group_company,
            url=f"https://{supplier.name.split()[0].lower()}.example" if int(supplier.id) % 3 else None,
        )
    for offer in offers:
        if offer.supplier.is_used:
            _write_terms(book, offer)


def _city(supplier: Supplier) -> str | None:
    cities = _CITIES.get(supplier.country)
    return cities[int(supplier.id) % len(cities)] if cities else None


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
