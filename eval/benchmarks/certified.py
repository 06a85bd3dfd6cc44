"""How many requisitions and repairs of the small enterprise are feasible, and how many provably the best.

Draws tasks from the demo by a seed: two of three are requisitions (a material of a plant, a quantity, a day,
its suppliers with their price scales, minimums and lead times, and free stock of other plants), one of three
a repair (orders of a plant's shop floor, and a machine that is down or material that is late). What the
engines answer is compared with exact answers that share no code with them (`certificates.py`).

    python -m eval.benchmarks.certified [--tasks 300] [--home DIR]
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import typer

from erp_adapters.caller import Caller
from erp_adapters.demo.adapter import build_demo
from erp_adapters.store import APP_ROLE, OWNER_ROLE, EmbeddedPostgres, Store, migrate
from eval.benchmarks.certificates import (
    Place,
    Seller,
    Work,
    kept,
    least_cost,
    least_tardiness,
    possible,
    tardiness_of,
)
from tools.drafting.sources import Market, markets_of
from tools.engines.scheduling.overtime import without_overtime
from tools.engines.scheduling.replanning import replanned
from tools.engines.scheduling.shop import Shop, Slot, Window
from tools.engines.scheduling.situations import Event
from tools.engines.scheduling.solving import cp
from tools.engines.sourcing_choice import NoChoice, Step, Terms, choice
from tools.errors import ToolError
from tools.planning import Book, Material, book_of
from tools.planning_scope import Scope
from tools.replanning.floor import floor_of
from tools.replanning.present import Present, present_of
from tools.rows import Queries

SITES = ("KAS", "GRV", "GRR", "MTY", "HAM", "WRO", "OLO", "BRE")
LEAST_OPTIMAL = 0.95
_NOBODY = Caller("benchmark", "benchmark", frozenset(), frozenset(SITES), frozenset())
_JOBS, _STEPS = 4, 9
"""The most that a repair has, so that everything can be tried."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task, and what became of it."""

    kind: Literal["requisition", "repair"]
    name: str
    broken: tuple[str, ...]
    """Terms that the answer breaks."""
    is_best: bool
    """As good as the exact answer."""
    is_proven: bool
    """The engine itself has shown that nothing is better."""
    seconds: float

    @property
    def is_certified(self) -> bool:
        """Best, and known to be: a gap of nothing."""
        return not self.broken and self.is_best and self.is_proven


@dataclass(frozen=True)
class Enterprise:
    """What tasks are drawn from."""

    book: Book
    markets: Mapping[str, Mapping[str, Market]]
    floors: Mapping[str, Present]


async def enterprise(dsn: str) -> Enterprise:
    """The plants as the store holds them."""
    async with await Store.open(dsn) as store, store.reading(_NOBODY) as tx:
        queries = Queries(tx)
        book = await book_of(queries, Scope(None, None, (), ()), whole=True)
        markets = {code: await markets_of(queries, book.sites[code]) for code in SITES}
        floors: dict[str, Present] = {}
        for code in SITES:
            try:
                floor = await floor_of(queries, code)
            except ToolError:
                continue
            floors[code] = present_of(floor, book, floor.site.today + timedelta(days=21))
        return Enterprise(book, markets, {code: one for code, one in floors.items() if len(one.tasks) >= 3})


def measured(of: Enterprise, count: int, seed: int = 23) -> list[Task]:
    """So many tasks, done and certified."""
    chance = random.Random(seed)
    done: list[Task] = []
    while len(done) < count:
        task = _repair(of, chance) if len(done) % 3 == 2 else _requisition(of, chance)
        done += [task] if task is not None else []
    return done


# ── requisitions ──
def _requisition(of: Enterprise, chance: random.Random) -> Task | None:
    code = chance.choice(SITES)
    bought = sorted(id for id, market in of.markets[code].items() if len(market.offers) > 1)
    material = of.book.materials[code, chance.choice(bought)]
    wanted = chance.randint(20, 600)
    days = chance.randint(3, 45)
    terms = _terms(of, material, days, chance)
    if not terms:
        return None
    sellers = {
        one.key: Seller(
            one.key,
            tuple((int(step.from_quantity), step.price) for step in one.steps),
            int(one.minimum),
            int(one.maximum or 10**6),
            int(one.multiple or 1),
            one.days_late,
        )
        for one in terms
    }
    exact = least_cost(wanted, list(sellers.values()))
    name = f"{wanted} of {material.number} for {code} in {days} days"
    began = time.perf_counter()
    try:
        found = choice(Decimal(wanted), terms, time_limit=20.0)
    except NoChoice:
        # Of what nobody can deliver there is nothing to certify: another task is drawn.
        return Task("requisition", name, ("nothing found",), False, False, 0.0) if exact else None
    seconds = time.perf_counter() - began
    taken = {part.key: int(part.quantity) for part in found.parts}
    broken = kept(wanted, sellers, taken)
    best = exact is not None and (int(found.unit_days_late), found.cost) == exact
    return Task("requisition", name, tuple(broken), best, found.status == "OPTIMAL", seconds)


def _terms(of: Enterprise, material: Material, days: int, chance: random.Random) -> list[Terms]:
    """The suppliers of a material, and plants that have some, in the currency of the plant."""
    market = of.markets[material.site][material.material_id]
    found: list[Terms] = []
    for offer in market.offers:
        if not offer.is_active or offer.price is None:
            continue
        scale = {Decimal(0): offer.price} | {
            one.from_quantity: one.price for one in market.steps if one.supplier == offer.supplier
        }
        most = chance.choice((None, None, Decimal(chance.randint(10, 500))))
        limits = [each for each in (offer.maximum, most) if each is not None]
        found.append(
            Terms(
                offer.supplier,
                tuple(Step(begins, price) for begins, price in sorted(scale.items())),
                offer.minimum or Decimal(0),
                min(limits) if limits else None,
                Decimal(chance.choice((1, 5, 5, 10))),
                days_late=max(0, int(offer.lead_time_days or 0) + 1 - days),
            )
        )
    for other in of.book.materials.values():
        same = other.site != material.site and other.number == material.number
        if same and other.on_hand > 20 and other.standard_cost and len(found) < 5:
            price = (
                (found[0].steps[0].price if found else Decimal(1)) * Decimal(chance.randint(80, 115)) / 100
            )
            found.append(
                Terms(
                    f"stock of {other.site}",
                    (Step(Decimal(0), price.quantize(Decimal("0.01"))),),
                    maximum=Decimal(int(other.on_hand)) // 2,
                    days_late=max(0, chance.randint(2, 20) - days),
                )
            )
    return found


# ── repairs ──
def _repair(of: Enterprise, chance: random.Random) -> Task | None:
    code = chance.choice(sorted(of.floors))
    shop, plan = _part(of.floors[code], chance)
    if not plan:
        return None
    now = min(slot.start for slot in plan)
    event = _event(shop, plan, now, chance)
    closed = {
        at: [(w.start, w.end) for w in (*machine.closed, *event.closed.get(at, ()))]
        for at, machine in enumerate(shop.machines)
    }
    works = _works(shop, plan, event)
    exact = least_tardiness(works, closed, now)
    began = time.perf_counter()
    found = replanned(shop, plan, event, time_limit=20.0, workers=1)
    seconds = time.perf_counter() - began
    way = next(one for one in found.alternatives if one.way == "stable_repair")
    places = [Place(one.job, one.operation, one.machine, one.start, one.end) for one in way.slots]
    broken = possible(works, closed, now, places)
    tardy = tardiness_of(works, places) if not broken else -1
    proven = way.status == "OPTIMAL" or (way.bound is not None and way.bound >= tardy)
    name = f"{event.kind} at {code}, {len(works)} orders with {len(plan)} operations"
    return Task("repair", name, tuple(broken), tardy == exact, proven, seconds)


def _part(present: Present, chance: random.Random) -> tuple[Shop, tuple[Slot, ...]]:
    """A few orders of a shop floor that share work centres, as a shop of their own."""
    first = chance.randrange(len(present.tasks))
    used = {slot.machine for slot in present.plan if slot.job == first}
    near = sorted(
        {slot.job for slot in present.plan if slot.machine in used and slot.job != first},
        key=lambda job: (min(s.start for s in present.plan if s.job == job), job),
    )
    jobs: list[int] = []
    steps = 0
    for job in [first, *chance.sample(near, min(len(near), 6))]:
        more = len(present.shop.jobs[job].operations)
        if len(jobs) < _JOBS and steps + more <= _STEPS:
            jobs.append(job)
            steps += more
    jobs.sort()
    plan = [slot for slot in present.plan if slot.job in jobs]
    if len(jobs) < 2 or not plan:
        return present.shop, ()
    # Set-ups between groups, shared crews, overtime and orders that supply each other are not tried here.
    shop = Shop(
        tuple(
            replace(
                present.shop.jobs[job],
                operations=tuple(
                    replace(step, uses=(), family=None) for step in present.shop.jobs[job].operations
                ),
                after=(),
            )
            for job in jobs
        ),
        without_overtime(present.shop).machines,
    )
    return shop, tuple(replace(slot, job=jobs.index(slot.job)) for slot in plan)


def _event(shop: Shop, plan: Sequence[Slot], now: int, chance: random.Random) -> Event:
    if chance.random() < 0.6:
        machine = chance.choice(sorted({slot.machine for slot in plan}))
        begins = now + chance.randrange(0, 240)
        window = Window(begins, begins + chance.choice((120, 240, 480, 960)))
        return Event(now, "machine_down", {machine: (window,)}, {})
    job = chance.randrange(len(shop.jobs))
    return Event(now, "material_late", {}, {job: now + chance.choice((120, 480, 960))})


def _works(shop: Shop, plan: Sequence[Slot], event: Event) -> list[Work]:
    found = []
    for at, job in enumerate(shop.jobs):
        promised = max(slot.end for slot in plan if slot.job == at)
        found.append(
            Work(
                max(job.release, event.releases.get(at, 0)),
                promised if job.due is None else job.due,
                job.weight,
                tuple(
                    (tuple((one.machine, one.duration) for one in step.choices), step.lag, step.release)
                    for step in job.operations
                ),
            )
        )
    return found


# ── the report ──
def show(tasks: Sequence[Task]) -> bool:
    """Prints what was certified; True where it is as much as is promised."""
    is_well = True
    for kind in ("requisition", "repair"):
        of = [task for task in tasks if task.kind == kind]
        if not of:
            continue
        feasible = sum(not task.broken for task in of)
        best = sum(task.is_best for task in of)
        certified = sum(task.is_certified for task in of)
        slowest = max(task.seconds for task in of)
        typer.echo(
            f"{len(of)} {kind}s: {feasible / len(of):.1%} keep all terms, {best / len(of):.1%} are as good"
            f" as the exact answer, {certified / len(of):.1%} with a proven gap of 0; slowest {slowest:.1f} s"
        )
        is_well = is_well and feasible == len(of) and certified / len(of) >= LEAST_OPTIMAL
    for task in tasks:
        if not task.is_certified:
            why = "; ".join(task.broken) or ("not proven" if task.is_best else "something better exists")
            typer.echo(f"not certified: {task.kind}: {task.name}: {why}")
    return is_well


def main(
    tasks: Annotated[int, typer.Option(min=1)] = 300,
    home: Annotated[
        Path | None, typer.Option(help="A demo home, instead of a small demo built for it.")
    ] = None,
) -> None:
    """Draw tasks, do them, compare with exact answers; fail where fewer are certified than promised."""
    if home is not None:
        with EmbeddedPostgres(home / "postgres") as server:
            sys.exit(0 if _certified(server.dsn(APP_ROLE), tasks) else 1)
    with tempfile.TemporaryDirectory(prefix="plantwright-certified-", dir="/var/tmp") as folder:
        # The account that runs the database has to come through.
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "postgres", durable=False) as server:
            owner = server.dsn(OWNER_ROLE)
            migrate(owner)
            asyncio.run(build_demo(owner, size="small"))
            is_well = _certified(server.dsn(APP_ROLE), tasks)
    sys.exit(0 if is_well else 1)


def _certified(dsn: str, tasks: int) -> bool:
    # Loading the solver for the first time takes seconds that are none of a task's.
    cp()
    return show(measured(asyncio.run(enterprise(dsn)), tasks))


if __name__ == "__main__":
    typer.run(main)
