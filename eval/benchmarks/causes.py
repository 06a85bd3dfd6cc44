"""How often the right driver and the right cause of a variance are found, and how long it takes.

Puts known causes into plants and months of the demo (each in a transaction of its own that is rolled back),
asks for the explanation, and compares. Where nothing happened but a posting without a record, no cause may be
named.

    python -m eval.benchmarks.causes [--cases 200] [--home DIR]
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from erp_adapters.caller import Caller
from erp_adapters.demo.adapter import build_demo
from erp_adapters.store import OWNER_ROLE, EmbeddedPostgres, migrate
from erp_adapters.store.session import ReadTransaction
from eval.benchmarks.processor import Spent, Stopwatch, peak_mib
from eval.benchmarks.seeded_causes import AGAINST_PLAN, KINDS, Kind, Month, Planter, Put
from eval.rates import percentile
from tools.rows import Queries
from tools.variance.comparing import against_plan
from tools.variance.explaining import Scope, explained
from tools.variance.explanation import Explanation
from tools.variance.ledger import place_of

LEAST_DRIVERS, LEAST_CAUSES, LIMIT_S = 0.95, 0.90, 2.0
SITES = ("KAS", "GRV", "GRR", "MTY", "HAM", "WRO", "OLO", "BRE")
MONTHS = (*(f"2025-{month:02}" for month in range(4, 13)), "2026-01", "2026-02", "2026-03")
_NOBODY = Caller("benchmark", "benchmark", frozenset(), frozenset(SITES), frozenset())


@dataclass(frozen=True, slots=True)
class Case:
    """A cause that was put in, and what was made of it."""

    site: str
    month: str
    put: Put
    has_driver: bool
    has_cause: bool
    ties: bool
    spent: Spent
    found: str


async def measured(owner_dsn: str, count: int, seed: int = 11) -> list[Case]:
    """So many cases, each kind as often as the others."""
    chance = random.Random(seed)
    done: list[Case] = []
    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        while len(done) < count:
            kind = KINDS[len(done) % len(KINDS)]
            case = await _case(connection, kind, chance.choice(SITES), chance.choice(MONTHS), chance)
            await connection.rollback()
            done += [case] if case is not None else []
    return done


async def _case(
    connection: psycopg.AsyncConnection[tuple[object, ...]],
    kind: Kind,
    site: str,
    month: str,
    chance: random.Random,
) -> Case | None:
    tx = ReadTransaction(_NOBODY, connection)
    queries = Queries(tx)
    scope = Scope(await place_of(queries, site), (month,))
    explain = against_plan if kind in AGAINST_PLAN else explained
    before = await explain(queries, scope)
    largest = max((abs(line.amount) for line in before.lines), default=Decimal(1000))
    place = scope.place
    there = {line.name if line.kind == "driver" else line.code: line.amount for line in before.lines}
    month_of = Month(site, place.company, place.currency, before.first, before.last, largest, there)
    planter = Planter(connection, month_of, chance)
    put = await planter.put(kind)
    if put is None:
        return None
    watch = Stopwatch(connection.info.backend_pid)
    after = await explain(Queries(tx), scope)
    return _judged(site, month, put, after, watch.spent())


def _judged(site: str, month: str, put: Put, found: Explanation, spent: Spent) -> Case:
    top = max(found.lines, key=lambda line: abs(line.amount))
    ties = sum((line.amount for line in found.lines), Decimal(0)) == found.total
    causes = top.causes
    told = f"{top.kind} {top.name or top.code}: " + ", ".join(f"{c.event} {c.ids}" for c in causes[:2])
    if put.kind == "none":
        named = any(cause.event not in ("posting", "spread") for cause in causes)
        return Case(site, month, put, top.kind == "unexplained", not named, ties, spent, told)
    is_right = put.step in (top.name, top.code)
    has_cause = is_right and bool(causes) and put.ids <= set(causes[0].ids)
    return Case(site, month, put, is_right, has_cause, ties, spent, told)


def show(cases: Sequence[Case]) -> bool:
    """Print the table; true where all limits are kept."""
    print(f"{'cause put in':<18}{'cases':>7}{'driver found':>14}{'cause found':>13}")
    for kind in KINDS:
        own = [case for case in cases if case.put.kind == kind]
        if own:
            drivers, causes = _share(c.has_driver for c in own), _share(c.has_cause for c in own)
            print(f"{kind:<18}{len(own):>7}{drivers:>14.1%}{causes:>13.1%}")
    for case in cases:
        if not (case.has_driver and case.has_cause):
            print(f"    {case.site} {case.month} {case.put.kind} {sorted(case.put.ids)}: {case.found}")
    drivers, causes = _share(c.has_driver for c in cases), _share(c.has_cause for c in cases)
    none = [case for case in cases if case.put.kind == "none"]
    p50, p95 = (percentile([case.spent.clock for case in cases], share) for share in (0.5, 0.95))
    untied = sum(not case.ties for case in cases)
    print(
        f"\nright top driver {drivers:.1%} (at least {LEAST_DRIVERS:.0%}),"
        f" right cause {causes:.1%} (at least {LEAST_CAUSES:.0%})"
    )
    print(
        f"no cause named where there is none: {_share(c.has_cause for c in none):.1%};"
        f" explanations whose steps do not add up: {untied}"
    )
    print(f"seconds an explanation: median {p50:.2f}, p95 {p95:.2f} (at most {LIMIT_S:.0f})")
    computed, here = ([getattr(c.spent, name) for c in cases] for name in ("computed", "here"))
    print(
        f"of them computed, here and by the database: median {percentile(computed, 0.5):.2f},"
        f" p95 {percentile(computed, 0.95):.2f}; here alone: p95 {percentile(here, 0.95):.2f}"
    )
    print(f"most memory of this process: {peak_mib():.0f} MiB")
    return drivers >= LEAST_DRIVERS and causes >= LEAST_CAUSES and not untied and p95 <= LIMIT_S


def _share(of: object) -> float:
    values = [bool(value) for value in of]  # type: ignore[attr-defined]
    return sum(values) / len(values) if values else 1.0


def main(
    cases: Annotated[int, typer.Option(help="How many causes are put in.")] = 200,
    home: Annotated[
        Path | None, typer.Option(help="A demo home, instead of a small demo built for it.")
    ] = None,
) -> None:
    """Print how often driver and cause were found; fail where a limit is broken."""
    if home is not None:
        with EmbeddedPostgres(home / "postgres") as server:
            sys.exit(0 if show(asyncio.run(measured(server.dsn(OWNER_ROLE), cases))) else 1)
    with tempfile.TemporaryDirectory(prefix="plantwright-causes-", dir="/var/tmp") as folder:
        # The account that runs the database has to come through.
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "postgres", durable=False) as server:
            owner = server.dsn(OWNER_ROLE)
            migrate(owner)
            asyncio.run(build_demo(owner, size="small"))
            kept = show(asyncio.run(measured(owner, cases)))
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    typer.run(main)
