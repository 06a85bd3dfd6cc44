"""Lets people, clients, workers and an ERP do their worst around drafts, and counts at the ERP's own side.

python -m eval.adversarial.writing --traces 10000 --seed 0
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Annotated

import psycopg
import typer

from erp_adapters.demo.erp import DuplicateStrength
from erp_adapters.store import ADMIN_ROLE, OWNER_ROLE, EmbeddedPostgres
from erp_adapters.store.provision import APP_ROLE, DEMO_ERP_ROLE, WORKER_ROLE
from eval.adversarial.writing.counting import WRONGS
from eval.adversarial.writing.traces import Outcome, part
from eval.crash.homes import TEMPLATE, scratch_server

_PART = 250
"""Traces on one copy of the database."""
_STRENGTHS: tuple[DuplicateStrength, ...] = ("none", "rejects")
_ROLES = (OWNER_ROLE, APP_ROLE, WORKER_ROLE, DEMO_ERP_ROLE)


def main(
    traces: Annotated[int, typer.Option(min=1, help="How many, each with a seed of its own.")] = 3_000,
    seed: Annotated[int, typer.Option(help="The first seed.")] = 0,
    processes: Annotated[int, typer.Option(min=1, help="How many run beside each other.")] = 2,
) -> None:
    """Play the traces, print what came of them; fails where a promise is broken."""
    began = time.monotonic()
    whole = Outcome()
    with scratch_server() as server:
        context = multiprocessing.get_context("forkserver")
        with ProcessPoolExecutor(processes, mp_context=context) as pool:
            parts = [
                pool.submit(part, _copy(server, place), first, min(_PART, seed + traces - first), strength)
                for place, first in enumerate(range(seed, seed + traces, _PART))
                for strength in [_STRENGTHS[place % 2]]
            ]
            for done in as_completed(parts):
                whole.add(done.result())
                sys.stderr.write(f"\r{whole.traces} of {traces} traces, {time.monotonic() - began:.0f} s ")
    sys.stderr.write("\n")
    print(table(whole))
    if whole.broken:
        raise typer.Exit(1)


def table(outcome: Outcome) -> str:
    """What was done, what was written, and what must not be."""
    wrong = Counter(broken.wrong for broken in outcome.broken)
    lines = [
        f"{outcome.traces} traces, {sum(outcome.acts.values())} acts, {outcome.signed} confirmations,"
        f" {outcome.refused} attempts refused, {outcome.documents} documents in the ERP",
        "acts: " + ", ".join(f"{name} {n}" for name, n in outcome.acts.most_common()),
        "states: " + ", ".join(f"{name} {n}" for name, n in outcome.states.most_common()),
        "writes: " + ", ".join(f"{name} {wrong[name]}" for name in WRONGS),
    ]
    return "\n".join([*lines, *map(str, outcome.broken)])


def _copy(server: EmbeddedPostgres, place: int) -> dict[str, str]:
    """A copy of the demo, and its address for each role."""
    name = f"writing_{place}"
    with psycopg.connect(server.dsn(ADMIN_ROLE, "postgres"), autocommit=True) as admin:
        admin.execute(f"create database {name} owner {OWNER_ROLE} template {TEMPLATE} strategy file_copy")
    return {role: server.dsn(role, name) for role in _ROLES}


if __name__ == "__main__":
    typer.run(main)
