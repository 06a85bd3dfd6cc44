"""Kills the server and the worker, again and again, and counts what the ERP has.

python -m eval.crash --kills 1000 --seed 0
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
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

    with scratch_server() as server, lanes_of(server, lanes) as there:
        began = time.monotonic()
        results = run(there, plan(kills, seed), tell)
    sys.stderr.write("\n")
    print(table(results))
    print(f"\n{summary(results)}; seed {seed}, {lanes} lanes, {time.monotonic() - began:.0f} s")
    if out is not None:
        out.write_text(json.dumps([_record(result) for result in results], indent=1) + "\n", encoding="utf-8")
    if any(result.problems for result in results):
        raise typer.Exit(1)


def _record(result: object) -> dict[str, object]:
    from dataclasses import asdict, is_dataclass

    assert is_dataclass(result)
    assert not isinstance(result, type)
    return json.loads(json.dumps(asdict(result), default=str))  # type: ignore[no-any-return]


if __name__ == "__main__":
    typer.run(main)
