"""Kills the server and the worker, again and again, and counts what the ERP has.

python -m eval.crash --kills 1000 --seed 0
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from eval.crash.homes import lanes_of, scratch_server
from eval.crash.plan import Trial, plan
from eval.crash.reporting import summary, table
from eval.crash.running import run


def main(
    kills: Annotated[int, typer.Option(min=1, help="How many trials, each with a death at least.")] = 40,
    seed: Annotated[int, typer.Option(help="Decides which go together, and when what is late comes.")] = 0,
    lanes: Annotated[int, typer.Option(min=2, help="How many run beside each other.")] = 8,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every outcome there as JSON.")
    ] = None,
) -> None:
    """Kill, restart, wait, count at the ERP's own side, print the table; fails where a promise is broken."""
    began, done = time.monotonic(), 0

    def tell(trial: Trial) -> None:
        nonlocal done
        done += 1
        sys.stderr.write(f"\r{done} of {kills} trials, {time.monotonic() - began:.0f} s ")

    with (
        scratch_server() as server,
        TemporaryDirectory(prefix="plantwright-crash-keys-") as keys,
        lanes_of(server, lanes, Path(keys)) as there,
    ):
        began = time.monotonic()
        finished = run(there, plan(kills, seed), tell)
    sys.stderr.write("\n")
    print(table(finished))
    print(f"\n{summary(finished)}; seed {seed}, {lanes} lanes, {time.monotonic() - began:.0f} s")
    if out is not None:
        outcomes = [asdict(result) for result in finished.results]
        out.write_text(json.dumps(outcomes, indent=1, default=str) + "\n", encoding="utf-8")
    if not finished.is_sound:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
