"""`plantwright status`: the database, the model, drafts and their worker, the record, the sources' age."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.options import Person
from server.errors import ExitCode, run
from server.models import readiness
from server.settings import Settings
from server.wording import age, plain

if TYPE_CHECKING:
    from rich.console import RenderableType

    from erp_adapters.series.standing import CollectorStanding, SeriesSource
    from erp_adapters.store.freshness import Freshness, Trouble
    from erp_adapters.store.outages import Outage
    from server.house import House


def status(
    person: Person = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show the home: database, model, service, drafts, worker, record, and how old what is loaded is."""

    async def work(settings: Settings) -> ExitCode:
        from server.bootstrap import opened
        from server.console import out
        from server.lateness import outage_said
        from server.operation_records import operations_record, operations_table
        from server.running import running

        async with opened(settings) as house:
            caller = await house.person(person)
            sources = await house.directory.sources(caller)
            readings = await house.directory.troubles(caller)
            machines = await house.directory.machines(caller)
            collectors = await house.directory.collectors(caller)
            outages = await house.directory.outages(caller)
            assert house.operations is not None
            seen = await house.operations.look()
            service = await asyncio.to_thread(running, settings)
            troubles = await house.finance.troubles(caller)
            place = "DATABASE_URL" if settings.is_given else str(settings.home)
            if as_json:
                record = (
                    _record(place, house, sources)
                    | {"ledgers": troubles, "readings": [_reading(each) for each in readings]}
                    | {"machines": [_machines(each) for each in machines]}
                    | {"collectors": [_collector(each) for each in collectors]}
                    | {"outages": [_outage(each) for each in outages]}
                    | operations_record(house, seen, service)
                )
                sys.stdout.write(json.dumps(record, indent=2) + "\n")
                return ExitCode.ANSWERED
            console = out()
            console.print(f"Home      {place} ({'demo home' if house.is_demo else 'with people of its own'})")
            console.print(f"Model     {house.model}{_readiness(house)}")
            console.print(operations_table(house, seen, service))
            console.print(f"You are   {caller.name}\n")
            console.print(_grid(sources) if sources else "Nothing is loaded.")
            for source in machines:
                console.print(plain(machines_said(source)), style="yellow" if source.failing_since else None)
            for collector in collectors:
                console.print(plain(collector_said(collector)), style=_urgency(collector))
            for outage in outages:
                console.print(plain(outage_said(outage)), style=None if outage.ended_at else "yellow")
            for each in readings:
                console.print(plain(reading_said(each)), style="yellow")
            for site, trouble in troubles.items():
                console.print(f"Ledger of {site}: {plain(trouble)}", style="yellow")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


def reading_said(of: Trouble) -> str:
    """What is wrong with a reading, since when, and what to do, in a line."""
    since = "" if of.failing_since is None else f" since {age(of.failing_since, datetime.now(UTC))} ago"
    state = "differs" if of.failing_since is None else f"cannot be read{since}"
    reached = (
        "never read to its end"
        if of.read_at is None
        else f"the store has it as of {of.read_at:%Y-%m-%d %H:%M} UTC"
    )
    return f"{of.part} of {of.source_system} at {of.site} {state}: {of.problem} ({reached}). {of.remedy}"


def machines_said(of: SeriesSource) -> str:
    """How a source of machines' values stands, in a line."""
    now = datetime.now(UTC)
    reached = "nothing came yet" if of.reached_to is None else f"values of {age(of.reached_to, now)} ago"
    heard = "never reached" if of.heard_at is None else f"heard {age(of.heard_at, now)} ago"
    state = "" if of.failing_since is None else f"; failing since {age(of.failing_since, now)}: {of.problem}"
    return f"{of.kind} {of.source} at {of.site}: {of.signals} signals, {reached}, {heard}{state}"


def collector_said(of: CollectorStanding) -> str:
    """How a collector at a site stands, in a line."""
    now = datetime.now(UTC)
    if of.is_silent(now):
        said = f"not heard of for {age(of.heard_at, now)}; what its machines tell waits there and comes later"
    elif of.waiting_since is not None:
        said = f"hands over {of.waiting_samples:,} samples that waited since {age(of.waiting_since, now)} ago"
    else:
        said = f"heard {age(of.heard_at, now)} ago, nothing waits there"
    if of.full_since is not None:
        said += (
            f"; its disk buffer is full since {of.full_since:%Y-%m-%d %H:%M} UTC, and machines are let go of"
        )
    if of.set_aside:
        said += f"; {of.set_aside} batches were refused here and lie there (plantwright collect FILE --again)"
    return f"Collector {of.name} at {of.site}: {said}"


def _urgency(of: CollectorStanding) -> str | None:
    troubled = of.is_silent(datetime.now(UTC)) or of.full_since is not None or of.set_aside
    return "yellow" if troubled else None


def _collector(of: CollectorStanding) -> dict[str, str | int | bool | None]:
    return {
        "collector": of.name,
        "site": of.site,
        "heard_at": of.heard_at.isoformat(),
        "is_silent": of.is_silent(datetime.now(UTC)),
        "waiting_batches": of.waiting_batches,
        "waiting_samples": of.waiting_samples,
        "waiting_since": of.waiting_since.isoformat() if of.waiting_since else None,
        "full_since": of.full_since.isoformat() if of.full_since else None,
        "set_aside": of.set_aside,
    }


def _outage(of: Outage) -> dict[str, str | None]:
    return {
        "source": of.source,
        "site": of.site,
        "began_at": of.began_at.isoformat(),
        "ended_at": of.ended_at.isoformat() if of.ended_at else None,
    }


def _machines(of: SeriesSource) -> dict[str, str | int | None]:
    return {
        "source": of.source,
        "site": of.site,
        "kind": of.kind,
        "signals": of.signals,
        "heard_at": of.heard_at.isoformat() if of.heard_at else None,
        "reached_to": of.reached_to.isoformat() if of.reached_to else None,
        "failing_since": of.failing_since.isoformat() if of.failing_since else None,
        "problem": of.problem,
    }


def _reading(of: Trouble) -> dict[str, str | None]:
    return {
        "system": of.source_system,
        "site": of.site,
        "part": of.part,
        "read_at": of.read_at.isoformat() if of.read_at else None,
        "failing_since": of.failing_since.isoformat() if of.failing_since else None,
        "problem": of.problem,
        "remedy": of.remedy,
    }


def _readiness(house: House) -> str:
    return f" ({readiness(house.settings)})" if house.picker else ""


def _record(place: str, house: House, sources: Sequence[Freshness]) -> dict[str, object]:
    return {
        "home": place,
        "is_demo": house.is_demo,
        "model": house.model,
        **({"local_model": readiness(house.settings)} if house.picker else {}),
        "sources": [
            {
                "system": s.source_system,
                "site": s.site,
                "rows": s.rows,
                "loaded_at": s.loaded_at.isoformat(),
                "data_as_of": s.data_as_of.isoformat() if s.data_as_of else None,
            }
            for s in sources
        ],
    }


def _grid(sources: Sequence[Freshness]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, padding=(0, 3, 0, 0), show_edge=False, header_style="bold")
    for heading in ("Source", "Site", "Rows", "Data as of", "Loaded"):
        grid.add_column(heading, justify="right" if heading == "Rows" else "left")
    now = datetime.now(UTC)
    for s in sources:
        as_of = s.data_as_of.date().isoformat() if s.data_as_of else "–"
        cells = (
            s.source_system,
            f"{s.site} {s.site_name}",
            f"{s.rows:,}",
            as_of,
            f"{age(s.loaded_at, now)} ago",
        )
        grid.add_row(*(Text(plain(cell)) for cell in cells))
        if s.failed_at is not None:
            grid.add_row(Text(f"  a later load failed {age(s.failed_at, now)} ago", style="yellow"))
    return grid
