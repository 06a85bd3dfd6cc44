"""How long netting the whole enterprise takes, and that what it plans is right.

The demo's plants are smaller than the size that is promised, so the materials are generated from a seed: in
each of eight plants a thousand materials on four levels, a fifth of them finished goods with demand in every
one of 26 weeks, safety stocks, scrap, open receipts, and lot rules and calendars of several kinds. Every
plan is walked through again afterwards, by a plain sum of what comes and goes.

    python -m eval.benchmarks.netting [--plants 8] [--materials 1000] [--weeks 26]
"""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Annotated

import typer

from tools.engines.lot_sizing import Rule, Size
from tools.engines.material_requirements import (
    Calendar,
    Component,
    LotPolicy,
    PlantMaterial,
    PlantPlan,
    plant_plan,
)
from tools.engines.material_requirements.plants import PLACES
from tools.engines.scrap import Convention, started

LIMIT_S = 3.0
TODAY = date(2026, 3, 31)
_LEVELS = (0.2, 0.3, 0.25, 0.25)
"""Shares of the materials: finished, assemblies, made parts, bought parts."""
_RULES: tuple[Rule, ...] = ("lot_for_lot", "periods", "fixed", "min_max", "lot_for_lot", "periods")


@dataclass(frozen=True, slots=True)
class Measured:
    """What netting a generated enterprise took."""

    materials: int
    orders: int
    seconds: float
    processor: float
    wrong: tuple[str, ...]


def plant(number: int, count: int, weeks: int) -> tuple[dict[str, PlantMaterial], Calendar, Convention]:
    """One plant; the same for the same number."""
    chance = random.Random(f"netting {number}")
    levels: list[list[str]] = []
    for at, share in enumerate(_LEVELS):
        size = round(count * share) if at < len(_LEVELS) - 1 else count - sum(map(len, levels))
        levels.append([f"{number}-{at}-{each:04}" for each in range(size)])
    found = {name: _material(chance, levels, at, weeks) for at, names in enumerate(levels) for name in names}
    closed = frozenset(TODAY + timedelta(days=chance.randrange(weeks * 7)) for _ in range(6))
    calendar = Calendar(frozenset(range(6 if number % 4 == 0 else 5)), closed=closed)
    return found, calendar, "yield" if number % 2 else "surcharge"


def _material(chance: random.Random, levels: list[list[str]], at: int, weeks: int) -> PlantMaterial:
    is_made = at < len(levels) - 1
    below = [name for names in levels[at + 1 :] for name in names]
    parts = chance.sample(below, min(len(below), chance.randint(2, 6))) if is_made else []
    demand: dict[date, Decimal] = {}
    if at == 0:
        for week in range(weeks):
            demand[TODAY + timedelta(days=week * 7 + chance.randrange(5))] = Decimal(chance.randint(1, 60))
    elif chance.random() < 0.1:
        # Spare parts are sold as they are.
        demand[TODAY + timedelta(days=chance.randrange(weeks * 7))] = Decimal(chance.randint(1, 20))
    rule = chance.choice(_RULES)
    reorder = Decimal(chance.randrange(0, 60))
    size = Size(Decimal(chance.choice((0, 5, 20))), Decimal(chance.choice((0, 1, 5))))
    return PlantMaterial(
        is_made=is_made,
        lead=chance.randint(1, 4) if is_made else chance.randint(5, 40),
        receipt_days=0 if is_made else 1,
        on_hand=Decimal(chance.randrange(0, 200)),
        safety=Decimal(chance.choice((0, 0, 10, 25))),
        receipts={TODAY + timedelta(days=chance.randrange(40)): Decimal(chance.randint(10, 90))},
        demand=demand,
        policy=LotPolicy(
            rule, lot=Decimal(50), periods=7, reorder_at=reorder, maximum=reorder + 40, size=size
        ),
        scrap_pct=Decimal(chance.choice((0, 0, 2, 5))) if is_made else Decimal(0),
        components=tuple(
            Component(name, Decimal(chance.randint(1, 4)), Decimal(chance.choice((0, 0, 1))))
            for name in parts
        ),
    )


def measured(plants: int, materials: int, weeks: int) -> Measured:
    """Nets every plant, and walks through what was planned."""
    enterprise = [plant(number, materials, weeks) for number in range(plants)]
    wall, processor = time.perf_counter(), time.process_time()
    plans = [
        plant_plan(each, calendar, TODAY, weeks, convention) for each, calendar, convention in enterprise
    ]
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    wrong: list[str] = []
    for (each, _, convention), plan in zip(enterprise, plans, strict=True):
        wrong += _walked(each, plan, convention, TODAY + timedelta(days=weeks * 7))
    return Measured(
        sum(len(each) for each, _, _ in enterprise),
        sum(len(plan.orders) for plan in plans),
        wall,
        processor,
        tuple(wrong),
    )


def _walked(
    materials: Mapping[str, PlantMaterial], plan: PlantPlan, convention: Convention, end: date
) -> list[str]:
    """Materials whose stock ends a day below what their rule keeps, by a plain sum."""
    moves: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for name, one in materials.items():
        for day, amount in one.receipts.items():
            moves[name][day] += amount
        for day, amount in one.demand.items():
            moves[name][day] -= amount
    for order in plan.orders:
        moves[order.material][order.due_on] += order.quantity
        for part in materials[order.material].components:
            used = started(order.started * part.quantity, part.scrap_pct, convention)
            moves[part.item][order.release_on] -= (
                used if not part.scrap_pct else used.quantize(PLACES, ROUND_CEILING)
            )
    wrong = []
    for name, one in materials.items():
        floor = one.policy.reorder_at if one.policy.rule == "min_max" else one.safety
        stock = one.on_hand
        for day in sorted(day for day in moves[name] if day <= end):
            stock += moves[name][day]
            if stock < floor:
                wrong.append(f"{name} on {day}: {stock} is below {floor}")
                break
    return wrong


def main(
    plants: Annotated[int, typer.Option(min=1)] = 8,
    materials: Annotated[int, typer.Option(min=10, help="Materials of each plant.")] = 1000,
    weeks: Annotated[int, typer.Option(min=1)] = 26,
) -> None:
    """Prints what netting took."""
    done = measured(plants, materials, weeks)
    typer.echo(
        f"{plants} plants, {done.materials} materials, {weeks} weeks: {done.orders} planned orders in"
        f" {done.seconds:.2f} s ({done.processor:.2f} s of processor time); limit {LIMIT_S:g} s"
    )
    for each in done.wrong[:10]:
        typer.echo(f"wrong: {each}")
    if done.wrong or done.processor > LIMIT_S:
        sys.exit(1)


if __name__ == "__main__":
    typer.run(main)
