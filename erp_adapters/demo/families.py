"""Sixteen further families of products, each with the parts that it alone consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from erp_adapters.demo.products import Kind, Product, Size, size_of

Parts: TypeAlias = tuple[tuple[str, float], ...]

_SIZES = (25, 32, 50, 65, 80, 100)
_CLASSES: tuple[Size, ...] = ("S", "M", "L")
_SIZE_NAMES = {"S": "small", "M": "medium", "L": "large"}
_BULK = {"S": 1.0, "M": 1.7, "L": 3.1}
"""Weight and price of a part against the small one."""
_PAINT, _CARTON = "5007", "5008"
_INTERMITTENT = 7
"""Every so many-th product sells in bursts: some fifteen in a hundred."""


@dataclass(frozen=True, slots=True)
class Family:
    """A series of products in six sizes."""

    code: str
    name: str
    category: str
    colour: str
    weight: float
    moving: str
    """What moves inside: impeller, disc, piston."""
    plants: tuple[str, ...]
    monthly: int
    """Pieces of the smallest size a month at its first plant."""
    is_process: bool = False
    """Made by recipe from weighed substances, and filled into drums."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A part that each size class of a family has."""

    code: str
    name: str
    kind: Kind
    subcategory: str
    kg: float
    price: float | None = None
    supply: str = ""
    route: tuple[tuple[str, float], ...] = ()
    by_weight: bool = False


FAMILIES = (
    Family("SP", "Submersible pump", "Pumps", "Black", 0.34, "Impeller", ("WRO", "GRV"), 90),
    Family("MP", "Multistage pump", "Pumps", "Blue", 0.46, "Stage", ("KAS", "WRO"), 70),
    Family("VP", "Vacuum pump", "Pumps", "Grey", 0.38, "Vane rotor", ("OLO",), 80),
    Family("GP", "Gear pump", "Pumps", "Green", 0.22, "Gear", ("OLO",), 120),
    Family("CK", "Check valve", "Valves", "Silver", 0.05, "Flap", ("MTY", "GRV"), 210),
    Family("PV", "Plug valve", "Valves", "Red", 0.11, "Plug", ("MTY",), 150),
    Family("NV", "Needle valve", "Valves", "Silver", 0.03, "Needle", ("MTY", "OLO"), 240),
    Family("ST", "Strainer", "Strainers", "Black", 0.07, "Basket", ("MTY", "WRO"), 180),
    Family("EA", "Electric actuator", "Actuators", "White", 0.20, "Worm wheel", ("GRR",), 110),
    Family("PA", "Pneumatic actuator", "Actuators", "Blue", 0.15, "Piston", ("GRR", "HAM"), 130),
    Family("PO", "Valve positioner", "Actuators", "Grey", 0.06, "Spool", ("GRR", "KAS"), 140),
    Family("HX", "Plate heat exchanger", "Heat exchangers", "Silver", 0.55, "Plate pack", ("HAM",), 60),
    Family("CX", "Compact cooler", "Heat exchangers", "Grey", 0.40, "Fan", ("HAM",), 75),
    Family("SK", "Thread sealant", "Compounds", "White", 0.9, "", ("BRE",), 160, is_process=True),
    Family("EC", "Epoxy coating", "Compounds", "Grey", 0.9, "", ("BRE",), 140, is_process=True),
    Family("LG", "Pump grease", "Compounds", "Amber", 0.9, "", ("BRE",), 120, is_process=True),
)

_ASSEMBLED = (("A*", 5.0), ("A*", 3.0), ("T*", 3.0), ("F*", 2.0))
_FILLED = (("X*", 6.0), ("K*", 3.0), ("Q*", 4.0))


def _discrete(family: Family) -> tuple[_Part, ...]:
    moving = family.moving
    machined = (("L*", 4.0), ("M*", 5.0), ("G*", 2.0), ("M*", 2.0), ("L*", 1.5), ("T*", 1.0))
    return (
        _Part(
            "HA",
            "housing assembly",
            "assembly",
            "Housings",
            4.2,
            route=(("P*", 3), ("A*", 4), ("T*", 2), ("F*", 1)),
        ),
        _Part("IA", f"{moving.lower()} assembly", "assembly", "Internals", 1.8, route=(("P*", 3), ("A*", 4))),
        _Part(
            "DA",
            "drive assembly",
            "assembly",
            "Drives",
            6.5,
            route=(("W*", 2), ("P*", 3), ("A*", 4), ("T*", 1)),
        ),
        _Part("HG", "machined housing", "component", "Housings", 3.4, route=machined),
        _Part("CV", "cover", "component", "Housings", 0.9, route=machined[:5]),
        _Part("SF", "shaft", "component", "Shafts", 1.2, route=machined),
        _Part("MV", moving.lower(), "component", "Internals", 0.7, route=machined[:5]),
        _Part(
            "BK", "bracket", "component", "Drives", 0.8, route=(("W*", 3), ("M*", 2), ("F*", 1), ("P*", 1))
        ),
        _Part(
            "PT", "plate", "component", "Internals", 0.5, route=(("P*", 2), ("M*", 3), ("G*", 2), ("W*", 1))
        ),
        _Part("SE", "seal kit", "bought", "Seals", 0.1, 17.5, "seals"),
        _Part("FS", "fastener set", "bought", "Fasteners", 0.3, 2.1, "fasteners"),
        _Part("BE", "bearing", "bought", "Bearings", 0.15, 5.2, "bearings"),
        _Part("MO", "motor", "bought", "Motors", 9.0, 104.0, "motors"),
        _Part("CU", "control unit", "bought", "Electronics", 0.4, 46.0, "electronics"),
        _Part("GK", "gasket", "bought", "Seals", 0.02, 1.9, "seals"),
        _Part("NP", "name plate", "bought", "Labels", 0.02, 0.7, "labels"),
        _Part("CA", "casting", "raw", "Castings", 4.4, 9.8, "castings"),
        _Part("SH", "sheet blank", "raw", "Sheets", 1.0, 2.3, "sheets", by_weight=True),
    )


_PROCESS = (
    _Part("BC", "base charge", "assembly", "Charges", 100.0, route=(("R*", 20), ("X*", 12), ("H*", 8))),
    _Part("PX", "premix charge", "assembly", "Charges", 100.0, route=(("X*", 10), ("D*", 6))),
    _Part("DR", "drum", "bought", "Packaging", 8.0, 14.0, "packaging"),
    _Part("LI", "lid", "bought", "Packaging", 0.6, 1.3, "packaging"),
    _Part("LB", "label", "bought", "Labels", 0.01, 0.3, "labels"),
    _Part("LN", "liner", "bought", "Packaging", 0.2, 0.9, "packaging"),
    _Part("RS", "resin", "raw", "Resins", 1.0, 3.4, "resins", by_weight=True),
    _Part("SV", "solvent", "raw", "Solvents", 1.0, 1.6, "resins", by_weight=True),
    _Part("FI", "filler", "raw", "Fillers", 1.0, 0.5, "minerals", by_weight=True),
    _Part("PG", "pigment", "raw", "Pigments", 1.0, 6.2, "minerals", by_weight=True),
    _Part("HD", "hardener", "raw", "Additives", 1.0, 5.8, "additives", by_weight=True),
    _Part("AD", "additive", "raw", "Additives", 1.0, 8.9, "additives", by_weight=True),
)
_RANGES: dict[Kind, tuple[int, int]] = {
    "assembly": (2100, 10),
    "component": (3100, 20),
    "bought": (4100, 25),
    "raw": (5100, 20),
}
"""First number of a kind, and how many numbers a family has of it."""


def _made_up() -> tuple[tuple[Product, ...], dict[str, Parts]]:
    products: list[Product] = []
    consists: dict[str, Parts] = {}
    for number, family in enumerate(FAMILIES):
        ids: dict[tuple[Size, str], str] = {}
        counts = dict.fromkeys(_RANGES, 0)
        parts = _PROCESS if family.is_process else _discrete(family)
        for size in _CLASSES:
            for part in parts:
                first, room = _RANGES[part.kind]
                id = str(first + number * room + counts[part.kind])
                counts[part.kind] += 1
                if counts[part.kind] > room:
                    raise ValueError(f"{family.code} has more than {room} parts of the kind {part.kind}")
                ids[size, part.code] = id
                products.append(_part(family, part, size, id))
        consists |= _structure(family, ids)
        for position, bore in enumerate(_SIZES):
            product = _finished(family, number * 10 + position, bore)
            products.append(product)
            consists[product.id] = _contents(family, ids, size_of(bore))
    return tuple(products), consists


def _part(family: Family, part: _Part, size: Size, id: str) -> Product:
    bulk = _BULK[size] * max(0.6, family.weight / 0.34)
    return Product(
        id=id,
        number=f"{family.code}{part.code}-{size}",
        name=f"{family.name} {part.name}, {_SIZE_NAMES[size]}",
        kind=part.kind,
        category={"assembly": "Assemblies", "component": "Components", "bought": "Purchased parts"}.get(
            part.kind, "Raw material"
        ),
        subcategory=part.subcategory,
        kg=1.0 if part.by_weight else round(part.kg * (1.0 if family.is_process else bulk), 2),
        price=None if part.price is None else round(part.price * (1 if part.by_weight else _BULK[size]), 2),
        supply=part.supply,
        route=part.route,
        by_weight=part.by_weight,
        by_batch=part.supply in ("castings", "resins", "additives") or part.subcategory == "Charges",
        plants=family.plants,
        setup_group=family.code,
    )


def _finished(family: Family, number: int, bore: int) -> Product:
    demand = {
        plant: max(4, round(family.monthly * (0.7 if rank else 1.0) * 25 / bore))
        for rank, plant in enumerate(family.plants)
    }
    is_intermittent = number % _INTERMITTENT == 3
    size = size_of(bore)
    return Product(
        id=str(1100 + number),
        number=f"{family.code}-{bore}",
        name=f"{family.name} {family.code} {bore}",
        kind="finished",
        category=family.category,
        subcategory=f"{family.name}s",
        model=f"{family.code} series",
        colour=family.colour,
        bore=None if family.is_process else bore,
        kg=208.8 if family.is_process else round(_own_weight(family, size) * (1 + bore / 1000), 1),
        route=_FILLED if family.is_process else _ASSEMBLED,
        demand=tuple(demand.items()),
        intermittent=is_intermittent,
        by_batch=True,
        plants=family.plants,
        setup_group=family.code,
    )


def _own_weight(family: Family, size: Size) -> float:
    """Kilograms of the assemblies of a size class."""
    bulk = _BULK[size] * max(0.6, family.weight / 0.34)
    return sum(part.kg for part in _discrete(family) if part.kind == "assembly") * bulk


def _structure(family: Family, ids: dict[tuple[Size, str], str]) -> dict[str, Parts]:
    """What the made parts of a family consist of."""
    found: dict[str, Parts] = {}
    for size in _CLASSES:

        def of(*parts: tuple[str, float], size: Size = size) -> Parts:
            return tuple((ids[size, code], quantity) for code, quantity in parts)

        if family.is_process:
            found[ids[size, "BC"]] = of(("RS", 55), ("SV", 25), ("FI", 15), ("AD", 5))
            found[ids[size, "PX"]] = of(("PG", 40), ("FI", 30), ("HD", 30))
            continue
        sheet = {"S": 1.0, "M": 2.0, "L": 4.0}[size]
        found[ids[size, "HA"]] = of(("HG", 1), ("CV", 1), ("SE", 1), ("FS", 2))
        found[ids[size, "IA"]] = of(("SF", 1), ("MV", 1), ("BE", 2), ("PT", 1))
        found[ids[size, "DA"]] = of(("BK", 1), ("MO", 1), ("CU", 1), ("FS", 1))
        found[ids[size, "HG"]] = of(("CA", 1))
        found[ids[size, "CV"]] = of(("SH", sheet))
        found[ids[size, "SF"]] = (("5005", 2 * sheet),)
        found[ids[size, "MV"]] = of(("CA", 1))
        found[ids[size, "BK"]] = of(("SH", sheet))
        found[ids[size, "PT"]] = (("5004", sheet),)
    return found


def _contents(family: Family, ids: dict[tuple[Size, str], str], size: Size) -> Parts:
    """What a finished product of a size class consists of."""
    if family.is_process:
        codes: tuple[tuple[str, float], ...] = (
            ("BC", 1),
            ("PX", 1),
            ("DR", 1),
            ("LI", 1),
            ("LB", 1),
            ("LN", 1),
        )
        return tuple((ids[size, code], quantity) for code, quantity in codes)
    own = tuple((ids[size, code], 1.0) for code in ("HA", "IA", "DA", "GK", "NP"))
    return (*own, (_PAINT, 1.0), (_CARTON, 1.0))


FAMILY_PRODUCTS, FAMILY_PARTS = _made_up()
COMMON_PARTS = frozenset({"5004", "5005", _PAINT, _CARTON})
"""Parts of the first families that the further ones need too."""
