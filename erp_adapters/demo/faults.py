"""What is wrong with the data on purpose, as in real plants, and a list of it that no answer may use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date, timedelta
from typing import TypeAlias

from erp_adapters.demo.book import Book, Fault, Sheet
from erp_adapters.demo.plant import Plant
from erp_adapters.demo.predictions import OFFLINE, RETOOLED
from erp_adapters.demo.sensors import FAHRENHEIT, IN_LOCAL_TIME, MISSING
from erp_adapters.demo.shopfloor import reasons_of
from erp_adapters.demo.suppliers import suppliers_of
from erp_adapters.store.reading import Value

_Row: TypeAlias = dict[str, Value]

_DUPLICATES, _WRONG_UNITS, _STALE = 0.04, 0.02, 0.12
_OFTEN_LATE, _TO_THE_TWIN = 0.3, 0.35
_LEAST_RECEIPTS = 5
"""Receipts from which a planned lead time can be seen to be wrong."""
_BAR = "5005"
_SCHEMES: dict[str, tuple[str, str, str]] = {
    "WRO": ("80045", "STAHL-C45", "Rundstahl C45"),
    "OLO": ("80045", "STAHL-C45", "Rundstahl C45"),
    "MTY": ("90045", "1045-BAR", "Bar, carbon steel, C45"),
    "HAM": ("90045", "1045-BAR", "Bar, carbon steel, C45"),
}
"""The bar of carbon steel as these plants call it: id, number and name."""
_SHORT = (
    ("Submersible", "Subm."),
    ("assembly", "assy"),
    ("small", "sml"),
    ("medium", "med"),
    ("large", "lrg"),
    ("actuator", "act."),
    ("exchanger", "exch."),
    ("bearing", "brg"),
    ("fastener", "fastnr"),
    ("Stainless steel", "SS"),
    ("Carbon steel", "CS"),
    ("Mechanical", "Mech."),
    ("casting", "cstg"),
    ("Electric motor", "Motor, electric"),
    ("control unit", "ctrl unit"),
)
_FORMS = {
    "GmbH": "Gesellschaft mbH",
    "Inc.": "Incorporated",
    "Ltd.": "Limited",
    "Ltd": "Limited",
    "AB": "A.B.",
    "s.r.o.": "spol. s r.o.",
    "Sp. z o.o.": "Spółka z o.o.",
    "SA de CV": "S.A. de C.V.",
    "Srl": "S.r.l.",
    "LLC": "L.L.C.",
    "Co.": "Company",
    "SA": "S.A.",
    "S.p.A.": "SpA",
    "BV": "B.V.",
    "KG": "Kommanditgesellschaft",
    "Inc": "Incorporated",
}


def plant_faults(book: Book) -> None:
    """Put the plant's faults into its rows, and remember them in `book.faults`."""
    _name_otherwise(book)
    _double_materials(book)
    _double_supplier(book)
    _confuse_units(book)
    _let_lead_times_age(book)
    _remember_what_is_built_in(book)


def _note(book: Book, kind: str, record: str, keys: Iterable[str], **details: str) -> None:
    for key in keys:
        book.faults.append(Fault(kind, book.plant.code, record, key, details))


def _change(book: Book, record: str, change: Callable[[str, _Row], _Row | None]) -> None:
    """Replace rows of a record; None leaves one as it is."""
    sheet = book.sheets[record]
    for number, row in enumerate(book.rows(record)):
        changed = change(sheet.keys[number], row)
        if changed is not None:
            sheet.rows[number] = tuple(changed[column] for column in sheet.columns)


def _append(sheet: Sheet, key: str, row: _Row, like: str = "") -> None:
    """Another row, with the flags of the one that it is like."""
    sheet.keys.append(key)
    sheet.flags.append(sheet.flags[sheet.keys.index(like)] if like else ())
    sheet.rows.append(tuple(row[column] for column in sheet.columns))


def _name_otherwise(book: Book) -> None:
    scheme = _SCHEMES.get(book.plant.code)
    if scheme is None:
        return
    id, number, name = scheme
    named = ("material_id", "component_id", "parent_id", "replaced_by")
    for sheet in book.sheets.values():
        columns = [sheet.columns.index(column) for column in named if column in sheet.columns]
        if not columns:
            continue
        for at, row in enumerate(sheet.rows):
            if any(row[column] == _BAR for column in columns):
                sheet.rows[at] = tuple(
                    id if n in columns and value == _BAR else value for n, value in enumerate(row)
                )
                parts = sheet.keys[at].split("/")
                sheet.keys[at] = "/".join(id if part == _BAR else part for part in parts)
    _change(
        book,
        "material",
        lambda _, row: row | {"number": number, "name": name} if row["material_id"] == id else None,
    )
    _note(book, "naming_scheme", "material", [f"material/{id}"], same_as=_BAR, called=number)


def _double_materials(book: Book) -> None:
    chance = book.plant.random("duplicates")
    sheet = book.sheets["material"]
    bought = {row["material_id"] for row in book.rows("info_record")}
    rows = [row for row in book.rows("material") if not row["is_made"] and row["material_id"] in bought]
    wanted = max(1, round(len(sheet.rows) * _DUPLICATES))
    for number, row in enumerate(chance.sample(rows, min(wanted, len(rows))), start=1):
        id = str(9000 + book.plant.number_range * 20 + number)
        copy = row | {
            "material_id": id,
            "number": _otherwise(str(row["number"]), number),
            "name": _shortened(str(row["name"]), number),
            "safety_stock": 0,
            "reorder_point": 0,
        }
        key = f"material/{id}"
        _append(sheet, key, copy, f"material/{row['material_id']}")
        for offer in [o for o in book.rows("info_record") if o["material_id"] == row["material_id"]][:1]:
            _append(
                book.sheets["info_record"],
                f"info_record/{id}/{offer['supplier_id']}",
                offer | {"material_id": id, "on_order": 0, "last_price": None, "last_receipt_on": None},
            )
        _note(book, "duplicate_material", "material", [key], same_as=str(row["material_id"]))


def _otherwise(number: str, which: int) -> str:
    match which % 3:
        case 0:
            return number.replace("-", "")
        case 1:
            return number.replace("-", " ").lower()
        case _:
            return f"{number.replace('-', '.')}/1"


def _shortened(name: str, which: int) -> str:
    short = name
    for long, abbreviated in _SHORT:
        short = short.replace(long, abbreviated)
    if which % 3 == 0:
        short = short.upper()
    return (
        short if short != name else f"{name.split(' ', 1)[-1].capitalize()} {name.split(' ', 1)[0].lower()}"
    )


def _double_supplier(book: Book) -> None:
    """A supplier that was entered again; some later orders went to the new entry."""
    chance = book.plant.random("double suppliers")
    orders = Counter(row["supplier_id"] for row in book.rows("purchase_order"))
    steady = {s.id for s in suppliers_of(book.plant) if s.late < _OFTEN_LATE and s.worse_from is None}
    rows = [
        row
        for row in book.rows("supplier")
        if orders[row["supplier_id"]] >= 8 and row["supplier_id"] in steady
    ]
    row = chance.choice(sorted(rows, key=lambda row: str(row["supplier_id"])))
    id, old = f"79{book.plant.number_range:02d}", row["supplier_id"]
    copy = row | {
        "supplier_id": id,
        "number": f"{str(row['number'])[:5]}{id[-2:]}",
        "name": _formed(str(row["name"])),
        "tax_id": f"{row['country']}{chance.randint(10**8, 10**9 - 1)}",
        "is_preferred": False,
    }
    key = f"supplier/{id}"
    _append(book.sheets["supplier"], key, copy)
    since = book.plant.first_day + timedelta(days=180)
    later = [
        order["order_id"]
        for order in book.rows("purchase_order")
        if order["supplier_id"] == old and _day(order["ordered_on"]) >= since
    ]
    moved = set(chance.sample(later, max(1, round(len(later) * _TO_THE_TWIN))))
    lines = {line["line_id"] for line in book.rows("purchase_line") if line["order_id"] in moved}

    def ordered(_: str, row: _Row) -> _Row | None:
        return row | {"supplier_id": id} if row["order_id"] in moved else None

    def invoiced(_: str, row: _Row) -> _Row | None:
        return row | {"supplier_id": id} if row["line_id"] in lines else None

    _change(book, "purchase_order", ordered)
    _change(book, "supplier_invoice", invoiced)
    _change(book, "quality_lot", ordered)
    for offer in [o for o in book.rows("info_record") if o["supplier_id"] == old][:3]:
        _append(
            book.sheets["info_record"],
            f"info_record/{offer['material_id']}/{id}",
            offer | {"supplier_id": id, "on_order": 0},
        )
    _note(book, "duplicate_supplier", "supplier", [key], same_as=str(old), tax_id=str(copy["tax_id"]))


def _day(value: Value) -> date:
    if not isinstance(value, date):
        raise TypeError(f"{value!r} is no day")
    return value


def _formed(name: str) -> str:
    for form, other in _FORMS.items():
        if name.endswith(f" {form}"):
            return f"{name.removesuffix(form)}{other}"
    return name.upper()


def _confuse_units(book: Book) -> None:
    """Component quantities in a unit that they are not meant in."""
    plant = book.plant
    chance = plant.random("units")
    other = {plant.mass: "LB" if plant.mass == "KG" else "KG", plant.piece: plant.mass}
    sheet = book.sheets["bom_item"]
    count = max(1, round(len(sheet.rows) * _WRONG_UNITS))
    chosen = {sheet.keys[number] for number in chance.sample(range(len(sheet.rows)), count)}

    def confused(key: str, row: _Row) -> _Row | None:
        if key not in chosen:
            return None
        wrong = other[str(row["unit"])]
        _note(book, "bom_unit", "bom_item", [key], meant=str(row["unit"]), says=wrong)
        return row | {"unit": wrong}

    _change(book, "bom_item", confused)


def _let_lead_times_age(book: Book) -> None:
    chance = book.plant.random("lead times")
    orders = {row["order_id"]: row["supplier_id"] for row in book.rows("purchase_order")}
    receipts = Counter(
        (row["material_id"], orders[row["order_id"]])
        for row in book.rows("purchase_line")
        if row["received_on"] is not None
    )
    sheet = book.sheets["info_record"]
    seen = sorted(
        sheet.keys[number]
        for number, row in enumerate(book.rows("info_record"))
        if receipts[row["material_id"], row["supplier_id"]] >= _LEAST_RECEIPTS
    )
    chosen = set(chance.sample(seen, round(len(seen) * _STALE)))
    aged: dict[Value, Value] = {}

    def stale(key: str, row: _Row) -> _Row | None:
        if key not in chosen:
            return None
        was = int(str(row["lead_time_days"]))
        says = max(2, round(was * chance.choice((0.35, 0.45, 0.5, 2.2, 2.6))))
        _note(book, "stale_lead_time", "info_record", [key], really=str(was), says=str(says))
        aged[row["material_id"]] = says
        return row | {"lead_time_days": says}

    _change(book, "info_record", stale)
    _change(
        book,
        "material",
        lambda _, row: (
            row | {"delivery_days": aged[row["material_id"]]} if row["material_id"] in aged else None
        ),
    )


def _remember_what_is_built_in(book: Book) -> None:
    """Faults that came with the plant's history."""
    plant = book.plant
    for number, row in enumerate(book.rows("material")):
        if row["standard_cost"] is None:
            _note(book, "missing_standard_cost", "material", [book.sheets["material"].keys[number]])
    for number, row in enumerate(book.rows("stock")):
        if float(str(row["quantity"])) < 0:
            _note(book, "negative_stock", "stock", [book.sheets["stock"].keys[number]])
    sensors = book.sheets["sensor"].keys
    if plant.code in MISSING:
        _note(book, "sensor_history_missing", "sensor", sensors)
    if plant.code == FAHRENHEIT:
        _note(book, "sensor_fahrenheit", "sensor", sensors)
    if plant.code == IN_LOCAL_TIME:
        _note(book, "sensor_local_time", "sensor", sensors)
    if plant.posting_hours:
        hours = str(plant.posting_hours)
        _note(book, "posts_late", "site", [f"site/{plant.code}"], hours=hours)
    if plant.code == RETOOLED[0]:
        since = RETOOLED[1].isoformat()
        _note(book, "model_drift", "prediction", ["scrap_rate"], since=since)
    code, day, at, hours_off = OFFLINE
    if plant.code == code:
        starts = f"{day.isoformat()} {at:%H:%M}"
        _note(book, "offline", "site", [f"site/{code}"], since=starts, hours=str(hours_off))


def truth(faults: Iterable[Fault], plants: Iterable[Plant] = ()) -> dict[str, object]:
    """Everything that is wrong on purpose, for whoever measures how much of it is found."""
    return {
        "what": "What is wrong with the demo's data on purpose. Nothing that answers may read this.",
        "faults": [asdict(fault) for fault in faults],
        "causes": [cause for plant in plants for cause in _causes(plant)],
    }


def _causes(plant: Plant) -> list[dict[str, str]]:
    """What made a plant's cost go up on purpose."""
    names, spike = dict(reasons_of(plant)), plant.spike
    found = [
        {
            "kind": "scrap", "site": plant.code, "month": f"{spike.month:%Y-%m}",
            "work_centre": spike.work_centre, "reason": names[spike.reason],
        }
    ]  # fmt: skip
    if plant.vintage is not None:
        found.append({"kind": "castings", "site": plant.code, "month": f"{plant.vintage.month:%Y-%m}"})
    for centre, account, times in plant.overspent:
        if times > 1:
            spent = {"cost_centre": centre, "account": account, "times": str(times)}
            found.append({"kind": "overspent", "site": plant.code, **spent})
    return found
