"""How long a confirmation takes while fifty a second arrive, with everything that it does.

Each is one transaction that ends in an fsync: facts and switches looked at, policy asked, the proposal
consumed once, its signature, outbox row and job written, and the event put on record. Arrivals keep to the
clock whether or not earlier ones are done, so that waiting counts. Everything is as shipped: the packaged
policies and limits, the audit with its checkpoints, a durable database.

    python -m eval.benchmarks.confirming
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from erp_adapters.caller import Caller
from erp_adapters.store import APP_ROLE, OWNER_ROLE, Person, Store, save_people
from eval.benchmarks.audit import place
from policies.audit.checkpoints import CheckpointLog
from policies.audit.keys import AuditKeys
from policies.audit.trail import PostgresTrail
from policies.confirmation import Confirmations
from policies.drafts.parts import Amount, FactVersion, Grounds, Named, Price
from policies.drafts.requisition import DraftLine, Lot, RequisitionDraft
from policies.engine import CedarPolicy
from policies.facts import StoreFacts, fact
from policies.proposals import Proposals, Shown

LIMIT_P99_MS = 50.0
RATE = 50
"""Confirmations a second."""
DAY = date(2026, 12, 1)
_PLANNERS = 20
_BUYERS = 5
_SITE = """
insert into erp.site (company, site, source_system, source_key, load_id, name, time_zone, currency)
values ('', 'KAS', 'benchmark', 'site/KAS', gen_random_uuid(), 'Kassel', 'Europe/Berlin', 'EUR')
"""
_MATERIAL = """
insert into erp.material (company, site, source_system, source_key, load_id, material_id, number, name)
values ('', 'KAS', 'benchmark', 'material/M-1', gen_random_uuid(), 'M-1', 'M-1', 'Steel tube')
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What confirmations took, from the moment that each was to begin."""

    spent_ms: tuple[float, ...]
    """In ascending order."""
    seconds: float

    def at(self, share: float) -> float:
        """The milliseconds that this share of them stayed below."""
        return self.spent_ms[min(len(self.spent_ms) - 1, int(len(self.spent_ms) * share))]


def people(owner_dsn: str) -> None:
    """A site with a material, planners who ask and buyers who confirm."""
    with psycopg.connect(owner_dsn) as owner:
        owner.execute(_SITE)
        owner.execute(_MATERIAL)
    save_people(
        owner_dsn,
        (
            *(Person(f"planner.{n}", f"Planner {n}", ("planner",), ("KAS",)) for n in range(_PLANNERS)),
            *(Person(f"buyer.{n}", f"Buyer {n}", ("buyer",), ("KAS",)) for n in range(_BUYERS)),
        ),
    )


def _draft(number: int, relied: FactVersion) -> RequisitionDraft:
    quantity = Amount(value=Decimal(1 + number), unit="pc")
    line = DraftLine(
        material=Named(code=f"M-{number}"),
        quantity=quantity,
        needed_on=DAY,
        source=None,
        unit_price=Price(amount=Decimal("0.01"), currency="EUR"),
        lot=Lot(asked=quantity),
    )
    return RequisitionDraft(site="KAS", lines=(line,), grounds=Grounds(facts=(relied,)))


async def measured(dsn: Callable[[str], str], folder: Path, seconds: float, rate: int = RATE) -> Load:
    """Propose what is to be confirmed, then confirm it at the rate."""
    keys = AuditKeys.kept_in(folder / "audit")
    log = CheckpointLog(folder / "audit" / "checkpoints.jsonl", keys.signing)
    async with (
        await Store.open(dsn(APP_ROLE)) as store,
        await PostgresTrail.open(dsn(APP_ROLE), keys, log=log) as trail,
        await Proposals.open(dsn(APP_ROLE), policy=CedarPolicy.packaged(), trail=trail) as proposals,
    ):
        askers = [await store.caller(f"planner.{number}") for number in range(_PLANNERS)]
        buyers = [await store.caller(f"buyer.{number}") for number in range(_BUYERS)]
        async with store.reading(buyers[0]) as tx:
            relied = await fact(tx, "material", "KAS", ("M-1",))
        shown = [
            (
                await proposals.propose(askers[number % _PLANNERS], _draft(number, relied), business_date=DAY)
            ).shown
            for number in range(int(seconds * rate) + _BUYERS)
        ]
        confirmations = Confirmations(proposals, StoreFacts(store))
        await _confirm(confirmations, buyers, shown[:_BUYERS], rate)
        return await _confirm(confirmations, buyers, shown[_BUYERS:], rate)


async def _confirm(
    confirmations: Confirmations, buyers: Sequence[Caller], shown: Sequence[Shown], rate: int
) -> Load:
    began = time.perf_counter()

    async def one(number: int, each: Shown) -> float:
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        after = await confirmations.confirm(
            buyers[number % len(buyers)], each.proposal.id, each.digest, business_date=DAY
        )
        assert after.state == "confirmed", after.reason
        return (time.perf_counter() - due) * 1000

    spent = await asyncio.gather(*(one(number, each) for number, each in enumerate(shown)))
    return Load(tuple(sorted(spent)), time.perf_counter() - began)


def main(
    seconds: Annotated[float, typer.Option(help="How long confirmations arrive.", min=1)] = 20.0,
) -> None:
    """Measure; exit code 1 where the slowest hundredth takes longer than it may."""
    with place() as at:
        people(at.server.dsn(OWNER_ROLE))
        load = asyncio.run(measured(at.server.dsn, at.folder, seconds))
    print(
        f"{len(load.spent_ms)} confirmations in {load.seconds:.1f} s, {RATE} a second:"
        f" median {load.at(0.5):.1f} ms, p99 {load.at(0.99):.1f} ms, slowest {load.at(1.0):.1f} ms;"
        f" p99 may be {LIMIT_P99_MS:g} ms"
    )
    raise typer.Exit(0 if load.at(0.99) <= LIMIT_P99_MS else 1)


if __name__ == "__main__":
    typer.run(main)
