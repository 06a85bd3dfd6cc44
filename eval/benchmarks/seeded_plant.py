"""Materials, suppliers, purchases and structures of one made-up site, with faults among them."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from eval.benchmarks.seeded import AS_OF, Sheets, Value

_THINGS = (
    "hex screw",
    "socket screw",
    "lock nut",
    "washer",
    "deep groove bearing",
    "shaft seal",
    "housing",
    "cover",
    "drive shaft",
    "flange",
    "bracket",
    "bush",
    "dowel pin",
    "snap ring",
    "hose",
    "filter element",
    "gear wheel",
    "gearbox",
    "rotor",
    "stator",
    "terminal box",
    "sensor cable",
    "proximity switch",
    "relay",
    "contactor",
    "fuse",
    "wiper",
    "guide rail",
    "ball screw",
    "belt pulley",
    "toothed belt",
    "chain link",
    "coupling",
    "brake disc",
    "spring",
    "damper",
    "nozzle",
    "manifold",
    "pressure gauge",
    "heat sink",
    "fan",
    "control board",
    "display",
)
_FORMS = (
    "short",
    "long",
    "flanged",
    "heavy",
    "light",
    "coated",
    "sealed",
    "split",
    "stepped",
    "grooved",
    "plain",
    "reinforced",
    "slotted",
    "vented",
    "angled",
)
_PLACES = (
    "Alder",
    "Birch",
    "Cedar",
    "Dover",
    "Elm",
    "Fenwick",
    "Garnet",
    "Hollin",
    "Ibex",
    "Jasper",
    "Kestrel",
    "Larch",
    "Maple",
    "Norden",
    "Orchard",
    "Pollux",
    "Quarry",
    "Rowan",
    "Sable",
    "Tarn",
    "Umber",
    "Vesper",
    "Wren",
    "Yarrow",
    "Zenit",
    "Brack",
    "Corvin",
    "Dunmore",
    "Eskdale",
    "Farrow",
)
_ENDINGS = ("", "ton", "owski", "ova", "illo", "etti", "ham", "rode")
_TRADES = ("Metals", "Fasteners", "Bearings", "Plastics", "Electric", "Foundry", "Supply", "Tools")
_LEGAL = {
    "DE": ("GmbH", "Gesellschaft mbH"),
    "US": ("Inc.", "Incorporated"),
    "PL": ("Sp. z o.o.", "Spółka z o.o."),
    "CZ": ("s.r.o.", "spol. s r.o."),
    "MX": ("SA de CV", "S.A. de C.V."),
    "IT": ("S.r.l.", "Srl"),
    "CA": ("Ltd.", "Limited"),
}


@dataclass
class SeededPlant:
    """Makes up one site."""

    sheets: Sheets
    chance: random.Random
    site: str
    country: str
    currency: str
    worth: float
    place: int
    suppliers: list[str] = field(default_factory=list)

    def build(self, materials: int) -> None:
        """Add everything to the sheets."""
        self._suppliers(max(20, materials // 12))
        bought = [self._material(number, is_made=False) for number in range(materials * 3 // 5)]
        made = [self._material(number, is_made=True) for number in range(materials * 3 // 5, materials)]
        self._structures(made, bought)
        for number in self.chance.sample(range(len(bought)), max(2, materials // 25)):
            self._twin(bought[number], number)

    def _suppliers(self, number: int) -> None:
        chance, legal = self.chance, _LEGAL[self.country]
        for n in range(number):
            last = "" if n < len(_PLACES) else _PLACES[(n * 7 + n // 30) % 30].lower()
            name = f"{_PLACES[n % len(_PLACES)]}{last}{_ENDINGS[self.place]}"
            row: dict[str, Value] = {
                "name": f"{name} {_TRADES[n % 8]} {legal[0]}",
                "country": self.country,
                "tax_id": f"{self.site}{n:07}",
                "url": f"https://www.{name.lower()}{n}.test" if n % 3 else None,
                "city": f"{_PLACES[(n * 11) % 30]}by",
            }
            self.sheets.add(self.site, "supplier", str(n), supplier_id=str(n), number=f"V{n:05}", **row)
            self.suppliers.append(str(n))
        for n in chance.sample(range(number), max(1, number // 25)):
            row = dict(self.sheets.rows["supplier"][-number + n])
            key = f"T{n}"
            changed = chance.choice((str(row["name"]).upper(), str(row["name"]).replace(legal[0], legal[1])))
            kept = {name: row[name] for name in ("country", "url", "city")}
            self.sheets.add(
                self.site,
                "supplier",
                key,
                supplier_id=key,
                number=f"W{n:05}",
                name=changed,
                tax_id=f"X{self.site}{n}",
                **kept,
            )
            self.sheets.seed("duplicate_suppliers", self.site, "supplier", key)

    def _material(self, number: int, *, is_made: bool) -> dict[str, Any]:
        chance = self.chance
        thing = _THINGS[number % len(_THINGS)]
        form = _FORMS[(number // len(_THINGS)) % len(_FORMS)]
        size = 4 + (number // (len(_THINGS) * len(_FORMS))) * 2 + number % 7
        weight, price = (
            round(math.exp(chance.gauss(-0.5, 1.2)), 3) + 0.01,
            round(math.exp(chance.gauss(2, 1.1)), 2),
        )
        unit = "KG" if not is_made and number % 10 == 0 else "PC"
        no_cost, below = chance.random() < 0.03, chance.random() < 0.01
        row: dict[str, Any] = {
            "material_id": f"{number}",
            "number": f"{self.site}-{number:05}",
            "is_made": is_made,
            "name": f"{form} {thing} {size}x{10 + number % 90}",
            "category": thing.split()[-1],
            "base_unit": unit,
            "weight": weight,
            "weight_unit": "KG",
            "currency": self.currency,
            "standard_cost": None if no_cost else round(price * self.worth, 2),
        }
        key = str(number)
        self.sheets.add(self.site, "material", key, **row)
        if no_cost:
            self.sheets.seed("missing_costs", self.site, "material", key)
        self.sheets.add(
            self.site,
            "stock",
            key,
            material_id=key,
            location_id="1",
            unit=unit,
            quantity=-5.0 if below else float(chance.randint(1, 500)),
        )
        if below:
            self.sheets.seed("negative_stock", self.site, "stock", key)
        if is_made and number % 50 == 3:
            if not below:
                self.sheets.seed("stock_without_movement", self.site, "stock", key)
        else:
            self._movement(key, unit, AS_OF - timedelta(days=chance.randint(1, 400)))
        if not is_made:
            self._purchases(row, price)
        return row | {"price": price}

    def _movement(self, material: str, unit: str, day: date, **values: Value) -> None:
        number = str(len(self.sheets.rows["stock_movement"]))
        row: dict[str, Value] = {
            "movement_id": number,
            "material_id": material,
            "moved_on": day,
            "kind": "adjustment",
            "quantity": 1.0,
            "unit": unit,
            "posted_at": self._posted(day),
        }
        self.sheets.add(self.site, "stock_movement", number, **(row | values))

    def _posted(self, day: date) -> datetime:
        late = 36 if self.place == 4 else 0
        return datetime(day.year, day.month, day.day, 20, tzinfo=UTC) + timedelta(
            hours=late + self.chance.uniform(0, 3)
        )

    def _purchases(self, row: dict[str, Any], price: float) -> None:
        chance, material = self.chance, str(row["material_id"])
        supplier = chance.choice(self.suppliers)
        took = chance.randint(6, 45)
        stale = chance.random() < 0.12
        key = f"{material}-{supplier}"
        planned = round(took / chance.uniform(1.8, 3)) if stale and chance.random() < 0.7 else took
        planned = took * 2 if stale and planned == took else planned
        if stale and abs(planned - took) >= 3:
            self.sheets.seed("stale_lead_times", self.site, "info_record", key)
        else:
            planned = took
        self.sheets.add(
            self.site,
            "info_record",
            key,
            material_id=material,
            supplier_id=supplier,
            lead_time_days=float(planned),
            currency=self.currency,
        )
        off = chance.random() < 0.02 and row["standard_cost"]
        factor = chance.choice((0.1, 3.0, 10.0, 100.0)) if off else 1.0
        if off:
            self.sheets.seed("costs_off", self.site, "material", material)
        for n in range(6):
            ordered = AS_OF - timedelta(days=60 + 50 * n + chance.randint(0, 20))
            order = f"{material}-{n}"
            self.sheets.add(
                self.site,
                "purchase_order",
                order,
                order_id=order,
                supplier_id=supplier,
                status="complete",
                ordered_on=ordered,
                currency=self.currency,
            )
            received = ordered + timedelta(days=max(1, round(took * chance.uniform(0.85, 1.15))))
            self.sheets.add(
                self.site,
                "purchase_line",
                order,
                line_id=order,
                order_id=order,
                material_id=material,
                ordered=100.0,
                received=100.0,
                due_on=received,
                received_on=received,
                unit=row["base_unit"],
                currency=self.currency,
                unit_price=round(price * self.worth * factor * chance.uniform(0.95, 1.06), 4),
            )

    def _structures(self, made: Sequence[dict[str, Any]], bought: Sequence[dict[str, Any]]) -> None:
        chance = self.chance
        for parent in made:
            for line, part in enumerate(chance.sample(list(bought), 4)):
                by_weight = part["base_unit"] == "KG"
                meant = round(chance.uniform(0.2, 3.0), 3) if by_weight else float(chance.randint(1, 8))
                key = f"{parent['material_id']}-{line}"
                quantity, unit, wrong = meant, str(part["base_unit"]), chance.random() < 0.02
                if wrong:
                    quantity, unit = self._mistaken(meant, by_weight=by_weight)
                    self.sheets.seed("bom_units", self.site, "bom_item", key)
                self.sheets.add(
                    self.site,
                    "bom_item",
                    key,
                    item_id=key,
                    parent_id=parent["material_id"],
                    component_id=part["material_id"],
                    quantity_per=quantity,
                    unit=unit,
                )
                self._issues(
                    str(parent["material_id"]), str(part["material_id"]), meant, str(part["base_unit"])
                )
            for n in range(3):
                order = f"{parent['material_id']}-{n}"
                undated = chance.random() < 0.003
                if undated:
                    self.sheets.seed("undated_orders", self.site, "production_order", order)
                self.sheets.add(
                    self.site,
                    "production_order",
                    order,
                    order_id=order,
                    status="released",
                    material_id=parent["material_id"],
                    ordered=50.0,
                    stocked=50.0,
                    scrapped=0.0,
                    due_on=None if undated else AS_OF + timedelta(days=n),
                )

    def _mistaken(self, meant: float, *, by_weight: bool) -> tuple[float, str]:
        if by_weight:
            return self.chance.choice(
                ((meant, "G"), (meant * 1000, "KG"), (meant, "LB"), (meant / 1000, "KG"))
            )
        return self.chance.choice(((meant, "KG"), (meant * 1000, "PC"), (meant, "M"), (meant * 100, "PC")))

    def _issues(self, parent: str, part: str, meant: float, unit: str) -> None:
        for n in range(3):
            self._movement(
                part,
                unit,
                AS_OF - timedelta(days=20 + n),
                kind="consumption",
                order_id=f"{parent}-{n}",
                quantity=-round(50 * meant * self.chance.uniform(0.98, 1.05), 3),
            )

    def _twin(self, row: dict[str, Any], number: int) -> None:
        """The same material typed in again by somebody else."""
        chance, key = self.chance, f"9{number:05}"
        words = str(row["name"]).split()
        how = chance.randrange(4)
        if how == 0:
            name = " ".join([*words[1:-1], words[0], words[-1]])
        elif how == 1:
            name = " ".join(w if any(c.isdigit() for c in w) or len(w) < 5 else w[:4] + "." for w in words)
        elif how == 2:
            name = re.sub(r"(\d)X(\d)", r"\1 X \2", str(row["name"]).upper())
        else:
            name = ", ".join((words[-2], *words[:-2], words[-1]))
        copied = {
            name: row[name]
            for name in ("is_made", "category", "base_unit", "weight", "weight_unit", "currency")
        }
        self.sheets.add(
            self.site,
            "material",
            key,
            material_id=key,
            number=f"N{number * 7 + 11:06}",
            name=name,
            standard_cost=round(float(row["price"]) * self.worth * chance.uniform(0.99, 1.01), 2),
            **copied,
        )
        self.sheets.seed("duplicate_materials", self.site, "material", key)
