"""The first families: 24 pumps and valves of two plants, and the parts they consist of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["finished", "assembly", "component", "bought", "raw"]
Size: TypeAlias = Literal["S", "M", "L"]


@dataclass(frozen=True, slots=True)
class Product:
    """A material as all plants know it."""

    id: str
    number: str
    name: str
    kind: Kind
    category: str
    subcategory: str
    kg: float
    model: str | None = None
    colour: str | None = None
    bore: int | None = None
    """Nominal bore in millimetres."""
    price: float | None = None
    """Euro a piece or a kilogram, for what is bought."""
    supply: str = ""
    """Trade of the suppliers that offer it."""
    route: tuple[tuple[str, float], ...] = ()
    """Work centres in order, with minutes a piece in proportion to each other."""
    by_weight: bool = False
    """Bought and stocked by weight; a piece count otherwise."""
    demand: tuple[tuple[str, int], ...] = ()
    """Pieces a month, by plant, for what is sold."""
    intermittent: bool = False
    ends_early: bool = False
    """Discontinued at the end of 2025."""
    by_batch: bool = False
    plants: tuple[str, ...] = ("KAS", "GRV")
    setup_group: str = ""
    """Changing a machine over between two groups takes longer than within one."""

    @property
    def is_made(self) -> bool:
        return self.kind in ("finished", "assembly", "component")


def _finished(
    id: int,
    series: str,
    bore: int,
    demand: dict[str, int],
    *,
    intermittent: bool = False,
    ends_early: bool = False,
) -> Product:
    name, subcategory, colour, weight = _SERIES[series]
    is_pump = series in _PUMPS
    bench = "T1" if is_pump else "T2"
    line = "A2" if is_pump else "A3"
    effort = 0.6 + bore / 60
    return Product(
        id=str(id),
        number=f"{series}-{bore}",
        name=f"{name} {series} {bore}",
        kind="finished",
        category="Pumps" if is_pump else "Valves",
        subcategory=subcategory,
        model=f"{series} series",
        colour=colour,
        bore=bore,
        kg=round(weight * bore**1.2, 1),
        route=((line, 5 * effort), (bench, 3 * effort), ("F1", 2 * effort)),
        demand=tuple(demand.items()),
        intermittent=intermittent,
        ends_early=ends_early,
        by_batch=True,
        setup_group=series,
    )


def _made(id: int, number: str, name: str, subcategory: str, kg: float, *route: tuple[str, float]) -> Product:
    kind: Kind = "assembly" if id < 3000 else "component"
    category = "Assemblies" if id < 3000 else "Components"
    return Product(
        str(id), number, name, kind, category, subcategory, kg, route=route, setup_group=number.split("-")[0]
    )


def _bought(
    id: int, number: str, name: str, subcategory: str, kg: float, price: float, supply: str
) -> Product:
    return Product(
        str(id), number, name, "bought", "Purchased parts", subcategory, kg, price=price, supply=supply
    )


def _raw(
    id: int,
    number: str,
    name: str,
    subcategory: str,
    kg: float,
    price: float,
    supply: str,
    *,
    by_weight: bool = False,
) -> Product:
    return Product(
        str(id),
        number,
        name,
        "raw",
        "Raw material",
        subcategory,
        kg,
        price=price,
        supply=supply,
        by_weight=by_weight,
        by_batch=supply in ("castings", "coatings"),
    )


def size_of(bore: int) -> Size:
    """The size class of a product by its nominal bore."""
    return "S" if bore <= 40 else "M" if bore <= 65 else "L"


_PUMPS = ("CP", "IP", "DP")
_SERIES = {
    "CP": ("Centrifugal pump", "Centrifugal pumps", "Blue", 0.30),
    "IP": ("Inline pump", "Inline pumps", "Green", 0.26),
    "DP": ("Dosing pump", "Dosing pumps", "Grey", 0.42),
    "BV": ("Ball valve", "Ball valves", "Silver", 0.06),
    "GV": ("Gate valve", "Gate valves", "Red", 0.14),
    "FV": ("Butterfly valve", "Butterfly valves", "Black", 0.08),
}

FIRST_PRODUCTS = (
    _finished(1001, "CP", 32, {"KAS": 120}),
    _finished(1002, "CP", 40, {"KAS": 180, "GRV": 130}),
    _finished(1003, "CP", 50, {"KAS": 160, "GRV": 120}),
    _finished(1004, "CP", 65, {"KAS": 110, "GRV": 90}),
    _finished(1005, "CP", 80, {"KAS": 70, "GRV": 45}),
    _finished(1006, "CP", 100, {"KAS": 40}),
    _finished(1007, "IP", 40, {"KAS": 90}),
    _finished(1008, "IP", 50, {"KAS": 80}),
    _finished(1009, "IP", 65, {"KAS": 50}),
    _finished(1010, "IP", 80, {"KAS": 30}, ends_early=True),
    _finished(1011, "DP", 10, {"KAS": 60}, intermittent=True),
    _finished(1012, "DP", 25, {"KAS": 30}, intermittent=True),
    _finished(1013, "BV", 15, {"KAS": 260, "GRV": 300}),
    _finished(1014, "BV", 25, {"KAS": 220, "GRV": 240}),
    _finished(1015, "BV", 40, {"KAS": 140, "GRV": 150}),
    _finished(1016, "BV", 50, {"KAS": 90, "GRV": 110}),
    _finished(1017, "GV", 50, {"GRV": 130}),
    _finished(1018, "GV", 80, {"GRV": 90}),
    _finished(1019, "GV", 100, {"GRV": 60}),
    _finished(1020, "GV", 150, {"GRV": 25}, intermittent=True),
    _finished(1021, "FV", 50, {"GRV": 100}),
    _finished(1022, "FV", 80, {"GRV": 70}),
    _finished(1023, "FV", 100, {"GRV": 45}),
    _finished(1024, "FV", 150, {"GRV": 20}, intermittent=True, ends_early=True),
    _made(2001, "RA-S", "Rotor assembly small", "Rotors", 2.1, ("P2", 3), ("A1", 4)),
    _made(2002, "RA-M", "Rotor assembly medium", "Rotors", 3.8, ("P2", 4), ("A1", 5)),
    _made(2003, "RA-L", "Rotor assembly large", "Rotors", 7.5, ("P1", 6), ("A1", 7)),
    _made(2004, "CA-S", "Casing assembly small", "Casings", 5.2, ("A1", 4), ("F1", 2)),
    _made(2005, "CA-M", "Casing assembly medium", "Casings", 9.6, ("A1", 5), ("F1", 3)),
    _made(2006, "CA-L", "Casing assembly large", "Casings", 18.0, ("A1", 7), ("F1", 4)),
    _made(2007, "DU-S", "Drive unit 1.5 kW", "Drives", 14.0, ("P2", 3), ("A1", 4)),
    _made(2008, "DU-L", "Drive unit 4 kW", "Drives", 31.0, ("P1", 5), ("A1", 5)),
    _made(2009, "VB-S", "Valve body assembly small", "Valve bodies", 1.4, ("P1", 2), ("A1", 3)),
    _made(2010, "VB-L", "Valve body assembly large", "Valve bodies", 9.0, ("P1", 4), ("A1", 4)),
    _made(2011, "TA-S", "Valve trim small", "Valve trims", 0.6, ("P2", 2)),
    _made(2012, "TA-L", "Valve trim large", "Valve trims", 3.2, ("P1", 3)),
    _made(3001, "IM-S", "Impeller small", "Impellers", 0.7, ("M1", 4), ("L1", 3)),
    _made(3002, "IM-M", "Impeller medium", "Impellers", 1.2, ("M2", 5), ("L1", 3)),
    _made(3003, "IM-L", "Impeller large", "Impellers", 2.4, ("M1", 7), ("L2", 4)),
    _made(3004, "SH-S", "Pump shaft small", "Shafts", 1.1, ("L1", 4), ("M2", 2)),
    _made(3005, "SH-L", "Pump shaft large", "Shafts", 3.6, ("L2", 6), ("M1", 3)),
    _made(3006, "CS-S", "Machined casing small", "Castings, machined", 4.4, ("M2", 5), ("L2", 3)),
    _made(3007, "CS-M", "Machined casing medium", "Castings, machined", 8.5, ("M1", 6), ("L2", 4)),
    _made(3008, "CS-L", "Machined casing large", "Castings, machined", 16.0, ("M2", 9), ("L1", 5)),
    _made(3009, "BD-S", "Machined valve body small", "Valve bodies", 1.1, ("M1", 4), ("L2", 3)),
    _made(3010, "BD-L", "Machined valve body large", "Valve bodies", 7.8, ("M2", 7), ("L1", 4)),
    _made(3011, "VD-S", "Valve disc small", "Valve trims", 0.4, ("L1", 3), ("M2", 2)),
    _made(3012, "VD-L", "Valve disc large", "Valve trims", 2.3, ("L2", 4), ("M1", 3)),
    _bought(4001, "BR-6204", "Ball bearing 6204", "Bearings", 0.11, 3.40, "bearings"),
    _bought(4002, "BR-6206", "Ball bearing 6206", "Bearings", 0.20, 5.90, "bearings"),
    _bought(4003, "MS-20", "Mechanical seal 20 mm", "Seals", 0.08, 21.50, "seals"),
    _bought(4004, "MS-32", "Mechanical seal 32 mm", "Seals", 0.15, 34.80, "seals"),
    _bought(4005, "EM-1.5", "Electric motor 1.5 kW", "Motors", 12.5, 118.00, "motors"),
    _bought(4006, "EM-4", "Electric motor 4 kW", "Motors", 28.0, 236.00, "motors"),
    _bought(4007, "CO-28", "Shaft coupling 28 mm", "Couplings", 0.9, 14.20, "bearings"),
    _bought(4008, "GS-1", "Gasket set", "Seals", 0.05, 2.80, "seals"),
    _bought(4009, "BS-M8", "Bolt set M8", "Fasteners", 0.25, 1.60, "fasteners"),
    _bought(4010, "BS-M12", "Bolt set M12", "Fasteners", 0.60, 3.10, "fasteners"),
    _bought(4011, "OR-1", "O-ring set", "Seals", 0.02, 1.25, "seals"),
    _bought(4012, "HW-1", "Hand wheel", "Fasteners", 0.35, 4.40, "fasteners"),
    _raw(5001, "GC-S", "Grey iron casting small", "Castings", 5.6, 11.80, "castings"),
    _raw(5002, "GC-L", "Grey iron casting large", "Castings", 13.0, 24.50, "castings"),
    _raw(5003, "BC-1", "Bronze casting", "Castings", 1.0, 16.90, "castings"),
    _raw(5004, "SB-316", "Stainless steel bar 316L", "Bar stock", 1.0, 5.60, "bars", by_weight=True),
    _raw(5005, "SB-C45", "Carbon steel bar C45", "Bar stock", 1.0, 1.90, "bars", by_weight=True),
    _raw(5006, "BR-58", "Brass rod", "Bar stock", 1.0, 8.20, "bars", by_weight=True),
    _raw(5007, "PT-1", "Two-component paint", "Coatings", 1.0, 9.40, "coatings", by_weight=True),
    _raw(5008, "CT-1", "Shipping carton", "Packaging", 0.8, 2.10, "packaging"),
)
FIRST_PLANTS = ("KAS", "GRV")

FIRST_PARTS: dict[str, tuple[tuple[str, float], ...]] = {
    "2001": (("3001", 1), ("3004", 1), ("4001", 2), ("4003", 1)),
    "2002": (("3002", 1), ("3004", 1), ("4001", 2), ("4003", 1)),
    "2003": (("3003", 1), ("3005", 1), ("4002", 2), ("4004", 1)),
    "2004": (("3006", 1), ("4008", 1), ("4009", 1)),
    "2005": (("3007", 1), ("4008", 1), ("4009", 2)),
    "2006": (("3008", 1), ("4008", 1), ("4010", 2)),
    "2007": (("4005", 1), ("4007", 1), ("4009", 1)),
    "2008": (("4006", 1), ("4007", 1), ("4010", 1)),
    "2009": (("3009", 1), ("4011", 1), ("4009", 1)),
    "2010": (("3010", 1), ("4011", 2), ("4010", 1)),
    "2011": (("3011", 1), ("4011", 1)),
    "2012": (("3012", 1), ("4011", 1), ("4002", 1)),
    "3001": (("5003", 1),),
    "3002": (("5003", 1),),
    "3003": (("5003", 2),),
    "3004": (("5004", 2),),
    "3005": (("5005", 6),),
    "3006": (("5001", 1),),
    "3007": (("5002", 1),),
    "3008": (("5002", 2),),
    "3009": (("5001", 1),),
    "3010": (("5002", 1),),
    "3011": (("5006", 1),),
    "3012": (("5004", 3),),
}


def finished_parts(product: Product) -> tuple[tuple[str, float], ...]:
    """What a finished product of the first families consists of, by its kind and size."""
    size = size_of(product.bore or 0)
    wrapped: tuple[tuple[str, float], ...] = (("5007", 1), ("5008", 1))
    if product.category == "Valves":
        body, trim = ("2009", "2011") if size == "S" else ("2010", "2012")
        wheel: tuple[tuple[str, float], ...] = (("4012", 1),) if product.number.startswith("GV") else ()
        return ((body, 1), (trim, 1), *wheel, *wrapped)
    rotor = {"S": "2001", "M": "2002", "L": "2003"}[size]
    casing = {"S": "2004", "M": "2005", "L": "2006"}[size]
    drive = "2008" if size == "L" else "2007"
    return ((rotor, 1), (casing, 1), (drive, 1), ("4008", 1), *wrapped)


def in_units(product: Product, per_kg: float) -> float:
    """What one piece or kilogram of the product is in the plant's unit: a kilogram is some pounds."""
    return per_kg if product.by_weight else 1.0
