"""`plantwright engine schedule`: a schedule for a shop of a file, or the repair of one after an event."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.engines.given import text_of
from server.errors import ExitCode, UsageError, at_edge
from server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.engines.scheduling.fjsp_text import Instance
    from tools.engines.scheduling.replanning import Alternative, Proposal
    from tools.engines.scheduling.shop import Shop, Slot
    from tools.engines.scheduling.solving import Progress


def schedule(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A shop: FJSP text, job shop text, or JSON.")],
    time_limit: Annotated[
        float, typer.Option("--time-limit", min=0.1, max=86_400, help="Seconds, all in all.")
    ] = 10.0,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Threads of the solver.")] = 8,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the search.")] = 0,
    replan: Annotated[
        Path | None, typer.Option("--replan", metavar="EVENT", help="Repair a schedule after this event.")
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="PLAN", help="The schedule to repair, as --json prints it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Schedule a flexible job shop as short as a time allows, or repair a schedule after an event."""

    def work(settings: Settings) -> ExitCode:
        from tools.engines.scheduling.files import event_of, shop_of
        from tools.engines.scheduling.shop import ShopInvalid

        source = file
        try:
            instance = shop_of(text_of(file))
            if replan is None:
                return _scheduled(instance, time_limit, workers, seed, as_json)
            source = replan
            shop, before, event = event_of(instance.shop, text_of(replan), text_of(plan) if plan else "")
            from tools.engines.scheduling.replanning import replanned

            found = replanned(shop, before, event, time_limit, workers, seed)
        except ShopInvalid as exc:
            raise UsageError(f"{str(source)!r}: {exc}") from exc
        shown = _proposal(found)
        sys.stdout.write(json.dumps(shown, indent=1) + "\n") if as_json else _show_proposal(found)
        return ExitCode.ANSWERED if found.recommended else ExitCode.CANNOT_ANSWER

    raise typer.Exit(at_edge(work))


def _scheduled(instance: Instance, time_limit: float, workers: int, seed: int, as_json: bool) -> ExitCode:
    from server.console import err, out
    from tools.engines.scheduling.solving import solve

    def told(progress: Progress) -> bool:
        if not as_json and err().is_terminal:
            err().print(
                f"{progress.seconds:6.1f} s  ends at {progress.value}, no earlier than {progress.bound}"
            )
        return True

    found = solve(instance.shop, time_limit, workers, seed, watch=told)
    shown = {
        "status": found.status,
        "makespan": found.value,
        "bound": found.bound,
        "gap": round(found.gap, 6),
        "seconds": round(found.seconds, 3),
        "time_limit": time_limit,
        "workers": workers,
        "seed": seed,
        "jobs": len(instance.shop.jobs),
        "machines": len(instance.shop.machines),
        "operations": instance.shop.count,
        "conventions": [instance.convention, "jobs and operations count from 1, machines as in the file"],
        "assignment": _slots(instance.shop, found.slots),
    }
    if as_json:
        sys.stdout.write(json.dumps(shown, indent=1) + "\n")
    else:
        out().print(
            f"{found.status}: ends at {found.value}, no schedule ends before {found.bound} "
            f"(gap {found.gap:.1%}, {found.seconds:.1f} s)"
        )
        out().print(_grid(instance.shop, found.slots))
    return ExitCode.ANSWERED


def _name(name: str) -> int | str:
    """As a number where it is one, as files of numbers have it."""
    return int(name) if name.isdecimal() and str(int(name)) == name else name


def _slots(shop: Shop, slots: Sequence[Slot]) -> list[dict[str, object]]:
    return [
        {
            "job": _name(shop.jobs[one.job].name),
            "operation": one.operation + 1,
            "machine": _name(shop.machines[one.machine].name),
            "start": one.start,
            "end": one.end,
            **({"overtime": [asdict(each) for each in one.overtime]} if one.overtime else {}),
        }
        for one in slots
    ]


def _grid(shop: Shop, slots: Sequence[Slot]) -> object:
    from rich.table import Table

    from server.wording import plain

    grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
    for heading in ("machine", "operations (job.operation start-end)"):
        grid.add_column(heading)
    for at, machine in enumerate(shop.machines):
        queue = sorted((one for one in slots if one.machine == at), key=lambda one: one.start)
        shown = "  ".join(
            f"{shop.jobs[one.job].name}.{one.operation + 1} {one.start}-{one.end}" for one in queue
        )
        grid.add_row(plain(machine.name), plain(shown))
    return grid


def _proposal(found: Proposal) -> dict[str, object]:
    return {
        "recommended": found.recommended,
        "why": found.why,
        "relax": list(found.relax),
        "conventions": list(found.notes),
        "alternatives": [_alternative(found, one) for one in found.alternatives],
    }


def _alternative(found: Proposal, one: Alternative) -> dict[str, object]:
    base = found.alternatives[0].figures
    figures = asdict(one.figures)
    return {
        "way": one.way,
        "feasible": not one.broken,
        "broken": list(one.broken),
        "status": one.status,
        "tardiness_bound": one.bound,
        "seconds": round(one.seconds, 3),
        **figures,
        "against_do_nothing": {name: value - getattr(base, name) for name, value in figures.items()},
        "changes": _changes(found, one),
        "assignment": _slots(found.shop, one.slots),
    }


def _changes(found: Proposal, one: Alternative) -> list[dict[str, object]]:
    """Operations that move, with where and when they were before."""
    before = {(each.job, each.operation): each for each in found.before}
    changes: list[dict[str, object]] = []
    for slot, shown in zip(one.slots, _slots(found.shop, one.slots), strict=True):
        old = before.get((slot.job, slot.operation))
        if old is None or (old.machine, old.start, old.overtime) != (slot.machine, slot.start, slot.overtime):
            was = None if old is None else _slots(found.shop, [old])[0]
            changes.append(
                {**shown, "before": was and {key: was[key] for key in was if key not in ("job", "operation")}}
            )
    return changes


def _show_proposal(found: Proposal) -> None:
    from rich.table import Table

    from server.console import out
    from server.wording import plain

    grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
    for heading in ("way", "tardiness", "late jobs", "cost", "overtime", "moved", "ends", "status"):
        grid.add_column(heading)
    for one in found.alternatives:
        values = one.figures
        status = "cannot be carried out" if one.broken else one.status.lower()
        grid.add_row(
            one.way,
            *(
                str(each)
                for each in (
                    values.tardiness,
                    values.late,
                    values.cost,
                    values.overtime,
                    values.moved,
                    values.makespan,
                )
            ),
            status,
        )
    out().print(grid)
    out().print(f"\nRecommended: {found.recommended or 'none'} ({found.why})")
    for line in (*found.relax, *found.notes):
        out().print(plain(line))
