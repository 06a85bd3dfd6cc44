"""The eight plants of the demo, in the whole enterprise and in the small one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Literal, TypeAlias
from zlib import crc32

from erp_adapters.demo.assortment import products_of
from erp_adapters.demo.families import COMMON_PARTS
from erp_adapters.demo.plant import (
    DISCRETE_LINES,
    PROCESS_LINES,
    Plant,
    Scale,
    Shift,
    Spike,
    Vintage,
    WorkCentre,
)
from erp_adapters.demo.products import FIRST_PLANTS, Product

Size: TypeAlias = Literal["small", "full"]

_FULL = Scale(first_day=date(2024, 4, 1), lots=86, orders=40, assets=8)
_FULL_FEW_SENSORS = replace(_FULL, assets=7)
_SMALL_FIRST = Scale(first_day=date(2025, 2, 1), lots=74, orders=39, assets=1)
_SMALL_FURTHER = Scale(first_day=date(2025, 2, 1), lots=26, orders=12, assets=1)
_SIZES_OF_THE_SMALL = ("25", "50")

_TWO = (Shift("Early", time(6), 8), Shift("Late", time(14), 8))
_THREE = (*_TWO, Shift("Night", time(22), 8))
_LONG = (Shift("Day", time(7), 9), Shift("Evening", time(16), 9))
_ONE_AND_A_HALF = (Shift("Day", time(6), 8), Shift("Short", time(14), 4))

_FIRST_CENTRES = (
    WorkCentre("L1", "CNC lathe 1", "Machining", "4110", Decimal("62.00"), load=0.72),
    WorkCentre("L2", "CNC lathe 2", "Machining", "4110", Decimal("62.00")),
    WorkCentre("M1", "Milling centre 1", "Machining", "4110", Decimal("68.00"), load=0.70),
    WorkCentre("M2", "Milling centre 2", "Machining", "4110", Decimal("68.00")),
    WorkCentre("P1", "Hydraulic press 1", "Assembly", "4120", Decimal("48.00"), load=0.60),
    WorkCentre("P2", "Hydraulic press 2", "Assembly", "4120", Decimal("48.00"), load=0.58),
    WorkCentre("A1", "Subassembly cell", "Assembly", "4120", Decimal("41.00"), load=0.70),
    WorkCentre("A2", "Pump assembly line", "Assembly", "4120", Decimal("43.00")),
    WorkCentre("A3", "Valve assembly line", "Assembly", "4120", Decimal("43.00")),
    WorkCentre("T1", "Pump test bench", "Test and paint", "4130", Decimal("52.00")),
    WorkCentre("T2", "Leak test bench", "Test and paint", "4130", Decimal("52.00")),
    WorkCentre("F1", "Paint booth", "Test and paint", "4130", Decimal("45.00"), load=0.70),
)
"""What Kassel and Greenville have had from the first day."""
_GROUPS: tuple[tuple[str, str, int, str, int, int], ...] = (
    ("L", "CNC lathe", 0, "62.00", 8, 2),
    ("M", "Milling centre", 0, "68.00", 11, 2),
    ("G", "Grinding machine", 0, "58.00", 4, 1),
    ("W", "Welding cell", 1, "46.00", 4, 1),
    ("P", "Hydraulic press", 1, "48.00", 6, 2),
    ("A", "Assembly cell", 1, "43.00", 9, 2),
    ("T", "Test bench", 2, "52.00", 5, 1),
    ("F", "Paint booth", 2, "45.00", 3, 1),
)
"""Letter, name, which line, euro an hour, and how many there are in the whole and in the small plant."""
_PROCESS_GROUPS: tuple[tuple[str, str, int, str, int, int], ...] = (
    ("R", "Reactor", 0, "96.00", 8, 2),
    ("D", "Dryer", 0, "61.00", 6, 1),
    ("X", "Mixer", 1, "54.00", 12, 2),
    ("H", "Homogeniser", 1, "57.00", 6, 1),
    ("K", "Cooling tank", 1, "28.00", 8, 1),
    ("Q", "Filling line", 2, "44.00", 10, 2),
)
_USUAL_LOAD = 0.34
_UNCOSTED_SHARE = 0.03
_MANY_SENSORS = ("KAS", "GRV", "GRR", "BRE")


def _centres(size: Size, *, is_first: bool = False, is_process: bool = False) -> tuple[WorkCentre, ...]:
    """The machines of a plant: fifty in the whole enterprise."""
    if is_first and size == "small":
        return _FIRST_CENTRES
    lines = PROCESS_LINES if is_process else DISCRETE_LINES
    found = list(_FIRST_CENTRES) if is_first else []
    known = {centre.id for centre in found}
    for letter, name, line, rate, many, few in _PROCESS_GROUPS if is_process else _GROUPS:
        for number in range(1, (many if size == "full" else few) + 1):
            id = f"{letter}{number}"
            if id not in known:
                cost_centre = f"41{line + 1}0"
                found.append(
                    WorkCentre(
                        id, f"{name} {number}", lines[line], cost_centre, Decimal(rate), load=_USUAL_LOAD
                    )
                )
    return tuple(found)


@cache
def _products(plant: str, size: Size, *families: str) -> tuple[Product, ...]:
    if size == "full":
        return products_of(plant, families)
    if plant in FIRST_PLANTS:
        return products_of(plant, ())
    # Of each family only two sizes are sold, with the parts of those.
    return tuple(
        product
        for product in products_of(plant, families[:1])
        if (
            product.number.endswith(tuple(f"-{bore}" for bore in _SIZES_OF_THE_SMALL))
            if product.kind == "finished"
            else not product.number.endswith("-L")
        )
    )


def _uncosted(products: tuple[Product, ...], *named: str) -> tuple[str, ...]:
    """Bought materials that nobody has costed: these, and others up to three in a hundred."""
    able = sorted(
        (p.id for p in products if p.price is not None and p.id not in (*named, *COMMON_PARTS)),
        key=lambda id: crc32(f"uncosted {id}".encode()),
    )
    more = max(0, round(len(products) * _UNCOSTED_SHARE) - len(named))
    return (*named, *able[:more])


def _scale(plant: str, size: Size) -> Scale:
    if size == "full":
        return _FULL if plant in _MANY_SENSORS else _FULL_FEW_SENSORS
    return _SMALL_FIRST if plant in FIRST_PLANTS else _SMALL_FURTHER


def plants_of(size: Size) -> tuple[Plant, ...]:
    """The plants, Kassel first; the small enterprise has the same eight with less in each."""
    return (
        Plant(
            code="KAS",
            name="Kassel",
            country="DE",
            company="1000",
            company_name="Demo Pumps and Valves GmbH",
            ownership_pct=Decimal(100),
            time_zone="Europe/Berlin",
            currency="EUR",
            per_euro=Decimal(1),
            tax_pct=Decimal(19),
            unit_system="metric",
            piece="PC",
            number_range=1,
            planners=("K01", "K02"),
            buyers=("KE1", "KE2", "KE3"),
            scale=_scale("KAS", size),
            shifts=_TWO,
            work_centres=_centres(size, is_first=True),
            products=_products("KAS", size, "MP", "PO"),
            spike=Spike("M1", date(2025, 11, 1), "1"),
            vintage=Vintage(date(2025, 5, 1), 0.09),
            weak_press="P2",
            slow_posting="F1",
            uncosted=_uncosted(_products("KAS", size, "MP", "PO"), "4011", "5008"),
            short=("4003", "5003"),
            negative=("4009", "4010"),
            below_cost="1012",
            overheads=1.0,
            overspent=(("4210", "6300", 1.38), ("4110", "6200", 1.17)),
        ),
        Plant(
            code="GRV",
            name="Greenville",
            country="US",
            company="2000",
            company_name="Demo Pumps and Valves Inc.",
            ownership_pct=Decimal(80),
            time_zone="America/New_York",
            currency="USD",
            per_euro=Decimal("1.10"),
            tax_pct=Decimal(6),
            unit_system="imperial",
            piece="EA",
            number_range=2,
            planners=("G01", "G02"),
            buyers=("GP1", "GP2"),
            scale=_scale("GRV", size),
            shifts=_TWO,
            work_centres=_centres(size, is_first=True),
            products=_products("GRV", size, "CK", "SP"),
            spike=Spike("L2", date(2026, 1, 1), "3"),
            vintage=Vintage(date(2025, 8, 1), 0.07),
            weak_press="P1",
            slow_posting="A3",
            uncosted=_uncosted(_products("GRV", size, "CK", "SP"), "4012", "5008"),
            short=("4006", "5001"),
            negative=("4010",),
            below_cost="1023",
            overheads=0.88,
            overspent=(("4320", "6600", 1.45), ("4130", "6800", 1.22)),
        ),
        Plant(
            code="GRR",
            name="Grand Rapids",
            country="US",
            company="2100",
            company_name="Demo Actuation Inc.",
            ownership_pct=Decimal(100),
            time_zone="America/Detroit",
            currency="USD",
            per_euro=Decimal("1.10"),
            tax_pct=Decimal(6),
            unit_system="imperial",
            piece="EA",
            number_range=3,
            planners=("R01", "R02"),
            buyers=("RP1", "RP2"),
            scale=_scale("GRR", size),
            shifts=_THREE,
            work_centres=_centres(size),
            products=_products("GRR", size, "EA", "PA", "PO"),
            fiscal_calendar="4-4-5",
            spike=Spike("M2", date(2025, 9, 1), "2"),
            vintage=Vintage(date(2025, 6, 1), 0.08),
            weak_press="P1",
            slow_posting="A2",
            uncosted=_uncosted(_products("GRR", size, "EA", "PA", "PO"), "4300"),
            short=("4302", "5260"),
            negative=("4301",),
            below_cost="1183",
            overheads=0.95,
            overspent=(("4110", "6800", 1.31),),
        ),
        Plant(
            code="MTY",
            name="Monterrey",
            country="MX",
            company="5000",
            company_name="Demo Válvulas de México SA de CV",
            ownership_pct=Decimal(100),
            time_zone="America/Monterrey",
            currency="MXN",
            per_euro=Decimal("21.00"),
            tax_pct=Decimal(16),
            unit_system="metric",
            piece="PZ",
            number_range=4,
            planners=("T01", "T02"),
            buyers=("TC1", "TC2"),
            scale=_scale("MTY", size),
            shifts=_LONG,
            work_centres=_centres(size),
            products=_products("MTY", size, "CK", "PV", "NV", "ST"),
            spike=Spike("L1", date(2025, 10, 1), "3"),
            vintage=Vintage(date(2025, 11, 1), 0.08),
            weak_press="P2",
            slow_posting="A1",
            posting_hours=36.0,
            uncosted=_uncosted(_products("MTY", size, "CK", "PV", "NV", "ST"), "4200"),
            short=("4201", "5180"),
            negative=("4204",),
            below_cost="1143",
            overheads=0.55,
            overspent=(("4230", "6800", 1.4),),
        ),
        Plant(
            code="HAM",
            name="Hamilton",
            country="CA",
            company="6000",
            company_name="Demo Thermal Ltd.",
            ownership_pct=Decimal(75),
            time_zone="America/Toronto",
            currency="CAD",
            per_euro=Decimal("1.52"),
            tax_pct=Decimal(13),
            unit_system="metric",
            piece="EA",
            number_range=5,
            planners=("H01", "H02"),
            buyers=("HP1", "HP2"),
            scale=_scale("HAM", size),
            shifts=_TWO,
            work_centres=_centres(size),
            products=_products("HAM", size, "HX", "CX", "PA"),
            spike=Spike("M1", date(2025, 7, 1), "5"),
            weak_press="P1",
            slow_posting="F1",
            uncosted=_uncosted(_products("HAM", size, "HX", "CX", "PA"), "4375"),
            short=("4376", "5320"),
            negative=("4379",),
            below_cost="1213",
            overheads=0.8,
            overspent=(("4120", "6200", 1.25),),
        ),
        Plant(
            code="WRO",
            name="Wroclaw",
            country="PL",
            company="3000",
            company_name="Demo Pompy Sp. z o.o.",
            ownership_pct=Decimal(100),
            time_zone="Europe/Warsaw",
            currency="PLN",
            per_euro=Decimal("4.25"),
            tax_pct=Decimal(23),
            unit_system="metric",
            piece="SZT",
            number_range=6,
            planners=("W01", "W02"),
            buyers=("WZ1", "WZ2"),
            scale=_scale("WRO", size),
            shifts=_THREE,
            work_centres=_centres(size),
            products=_products("WRO", size, "SP", "MP", "ST"),
            spike=Spike("P1", date(2025, 12, 1), "4"),
            vintage=Vintage(date(2025, 9, 1), 0.1),
            weak_press="P2",
            slow_posting="T1",
            uncosted=_uncosted(_products("WRO", size, "SP", "MP", "ST"), "4100"),
            short=("4101", "5100"),
            negative=("4104",),
            below_cost="1103",
            overheads=0.6,
            overspent=(("4110", "6300", 1.0), ("4220", "6800", 1.35)),
        ),
        Plant(
            code="OLO",
            name="Olomouc",
            country="CZ",
            company="4000",
            company_name="Demo Čerpadla s.r.o.",
            ownership_pct=Decimal(90),
            time_zone="Europe/Prague",
            currency="CZK",
            per_euro=Decimal("25.00"),
            tax_pct=Decimal(21),
            unit_system="metric",
            piece="KS",
            number_range=7,
            planners=("O01", "O02"),
            buyers=("OZ1", "OZ2"),
            scale=_scale("OLO", size),
            shifts=_TWO,
            work_centres=_centres(size),
            products=_products("OLO", size, "VP", "GP", "NV"),
            spike=Spike("G1", date(2026, 2, 1), "3"),
            vintage=Vintage(date(2025, 4, 1), 0.07),
            weak_press="P1",
            slow_posting="L1",
            uncosted=_uncosted(_products("OLO", size, "VP", "GP", "NV"), "4150"),
            short=("4151", "5140"),
            negative=("4154",),
            below_cost="1123",
            overheads=0.5,
            overspent=(("4310", "6700", 1.5),),
        ),
        Plant(
            code="BRE",
            name="Brescia",
            country="IT",
            company="7000",
            company_name="Demo Composti S.r.l.",
            ownership_pct=Decimal(100),
            time_zone="Europe/Rome",
            currency="EUR",
            per_euro=Decimal(1),
            tax_pct=Decimal(22),
            unit_system="metric",
            piece="PZ",
            number_range=8,
            planners=("B01", "B02"),
            buyers=("BA1", "BA2"),
            scale=_scale("BRE", size),
            shifts=_THREE,
            work_centres=_centres(size, is_process=True),
            products=_products("BRE", size, "SK", "EC", "LG"),
            is_process=True,
            spike=Spike("R1", date(2025, 8, 1), "1"),
            weak_press="X1",
            slow_posting="Q1",
            uncosted=_uncosted(_products("BRE", size, "SK", "EC", "LG"), "4425"),
            short=("4426", "5360"),
            negative=("4427",),
            below_cost="1233",
            overheads=0.7,
            overspent=(("4110", "6200", 1.28),),
        ),
    )
