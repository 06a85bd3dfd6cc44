"""`plantwright audit`: whether the record of what happened is as it was written, and what is on it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from erp_adapters.errors import RecordNotFound
from server.errors import ExitCode, UsageError, run
from server.settings import Settings

if TYPE_CHECKING:
    from policies.audit.verify import Report, Witnesses

app = typer.Typer(
    help="Verify, export and read the record of what was asked, confirmed and written.", no_args_is_help=True
)

Checkpoints = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The checkpoints, from the second place.", show_default="the home's"),
]
Key = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Public key of the checkpoints.", show_default="the home's"),
]
NOTHING_YET = "Nothing is on record yet."


@app.command()
def verify(
    export: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Verify this export, without any database.")
    ] = None,
    checkpoints: Checkpoints = None,
    key: Key = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Look for every edit, deletion, truncation, reorder, rewrite and rollback; exit code 1 for any.

    Nothing that the database says is believed. Keep the checkpoints and the public key where whoever runs the
    database cannot write.
    """

    async def work(settings: Settings) -> ExitCode:
        from policies.audit.keys import PUBLIC, public_key
        from policies.audit.verify import AS_WRITTEN, summary, verify, witnesses

        file = key or settings.keys / PUBLIC
        if export is not None:
            from policies.audit.reading import export as exported

            public = public_key(file)
            seen = witnesses(checkpoints or settings.checkpoints, public)
            with exported(export) as (source, ending):
                report = verify(source, seen, public, ending)
        elif key is None and not file.exists() and await _is_empty(settings):
            typer.echo(f"{NOTHING_YET}\n{AS_WRITTEN}")
            return ExitCode.ANSWERED
        else:
            report = await _verified(settings, checkpoints or settings.checkpoints, file)
        if as_json:
            sys.stdout.write(json.dumps(_as_json(report), indent=1) + "\n")
        else:
            typer.echo("\n".join(summary(report)))
        return ExitCode.ANSWERED if report.is_intact else ExitCode.FAILURE

    raise typer.Exit(run(work))


@app.command()
def export(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to this new file.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE|EVENT", help="Begin with this day, or this event's number.")
    ] = None,
) -> None:
    """Write the chain up to its latest checkpoint as JSON lines, sealed as it is, for `verify --export`."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.provision import OWNER_ROLE
        from policies.audit.reading import entries_of, first_since, tables, until, write_export
        from server.bootstrap import started

        begin = _since(since)
        async with started(settings) as home:
            last = await _witnessed(settings, home.dsn(OWNER_ROLE))
            with tables(home.dsn(OWNER_ROLE)) as (source, connection):
                first = first_since(connection, begin) if isinstance(begin, datetime) else begin
                entries = entries_of(connection, first)
                if last is not None and last.chain == source.chain and source.end:
                    # What came after the checkpoint could not be shown to be whole; the next export has it.
                    last = last if last.position <= source.end[0] else None
                if last is not None:
                    entries = until(entries, last.position)  # type: ignore[assignment]
                source = replace(source, first=first, entries=entries)
                if out is None:
                    count = write_export(sys.stdout.buffer, source, last)
                    sys.stdout.buffer.flush()
                else:
                    try:
                        with out.open("xb") as handle:
                            count = write_export(handle, source, last)
                    except OSError as error:
                        raise UsageError(f"{str(out)!r} cannot be written: {error.strerror}") from error
        sys.stderr.write(f"{count} events exported\n")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def contents(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to this new file.")] = None,
) -> None:
    """Write what every event holds as JSON lines, readable to anybody: for `plantwright policy replay`.

    Events about people who were erased have empty contents. `export` is what can be verified.
    """

    async def work(settings: Settings) -> ExitCode:
        from policies.audit.contents import readable
        from server.record import read_record

        count = 0
        async with read_record(settings) as events:
            with _new_file(out) as handle:
                for event in events:
                    handle.write(json.dumps(readable(event), default=str) + "\n")
                    count += 1
        sys.stderr.write(f"{count} events written\n")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@contextmanager
def _new_file(out: Path | None) -> Iterator[TextIO]:
    """Where lines are written to: standard output, or a new file that only its owner reads."""
    if out is None:
        yield sys.stdout
        return
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError(f"{str(out)!r} cannot be written: {error.strerror}") from error
    with open(descriptor, "w", encoding="utf-8") as handle:
        yield handle


@app.command()
def packet(
    proposals: Annotated[list[str], typer.Argument(metavar="PROPOSAL...", help="Id of a proposal.")],
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as a page for people.")] = None,
) -> None:
    """Print everything on record about one decision; give every version's id to have them all in it."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.provision import OWNER_ROLE
        from policies.audit.keys import PUBLIC, wrapping_key
        from policies.audit.packet import as_html, as_json, packet_of
        from policies.audit.reading import entries_of, subject_keys, tables
        from server.bootstrap import started

        if not settings.keys.joinpath(PUBLIC).exists():
            raise RecordNotFound(f"nothing is on record about the proposal {proposals[0]!r}: {NOTHING_YET}")
        wrapping = wrapping_key(settings.keys)
        async with started(settings) as home:
            report, seen = await _looked_at(
                home.dsn(OWNER_ROLE), settings, settings.checkpoints, settings.keys / PUBLIC
            )
            with tables(home.dsn(OWNER_ROLE)) as (source, connection):
                made = packet_of(
                    proposals,
                    source.chain,
                    entries_of(connection, proposals=proposals),
                    subject_keys(connection, wrapping),
                    datetime.now(UTC),
                    seen.checkpoints[-1] if seen.checkpoints else None,
                    [finding.what for finding in report.findings],
                )
        if html is None:
            sys.stdout.write(json.dumps(as_json(made), indent=1) + "\n")
            return ExitCode.ANSWERED
        try:
            html.write_text(as_html(made), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{str(html)!r} cannot be written: {error.strerror}") from error
        typer.echo(f"{len(made.events)} events written to {html}")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def erase(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The person, as tokens name them.")],
    why: Annotated[str, typer.Option("--why", help="The reason; it is kept, so name nobody in it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask back.")] = False,
) -> None:
    """Make everything on record about a person unreadable for good; the chain still verifies."""
    if not yes:
        typer.confirm(
            f"Nobody will ever read again what is on record about {subject!r}. Erase it?", abort=True
        )

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.provision import OWNER_ROLE
        from policies.audit.checkpoints import CheckpointLog
        from policies.audit.keys import AuditKeys
        from policies.audit.trail import PostgresTrail
        from server.bootstrap import started

        if not why.strip():
            raise UsageError("--why needs a reason")
        keys = AuditKeys.kept_in(settings.keys)
        log = CheckpointLog(settings.checkpoints, keys.signing)
        async with (
            started(settings) as home,
            await PostgresTrail.open(home.dsn(OWNER_ROLE), keys, log=log) as trail,
        ):
            erased = await trail.erase(subject, why.strip())
        if erased is None:
            raise RecordNotFound(f"nobody is on record as {subject!r}")
        typer.echo(f"Erased. What stands for the person in the chain is {erased}.")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


async def _verified(settings: Settings, checkpoints: Path, key: Path) -> Report:
    from erp_adapters.store.provision import OWNER_ROLE
    from server.bootstrap import started

    async with started(settings) as home:
        report, _ = await _looked_at(home.dsn(OWNER_ROLE), settings, checkpoints, key)
    return report


async def _looked_at(
    owner_dsn: str, settings: Settings, checkpoints: Path, key: Path
) -> tuple[Report, Witnesses]:
    """The tables against the checkpoints, and with the wrapping key, where it is here, their contents too."""
    from policies.audit.contents import check_contents
    from policies.audit.keys import WRAPPING, public_key, wrapping_key
    from policies.audit.reading import tables
    from policies.audit.verify import verify, witnesses

    public = public_key(key)
    # Before the tables: a checkpoint that is written meanwhile is of events that they do not have yet.
    seen = witnesses(checkpoints, public)
    with tables(owner_dsn) as (source, connection):
        report = verify(source, seen, public)
        if settings.keys.joinpath(WRAPPING).exists():
            check_contents(connection, wrapping_key(settings.keys), report)
        else:
            report.notes.append("the wrapping key is not here, so contents were not looked at")
    return report, seen


async def _witnessed(settings: Settings, owner_dsn: str) -> Any:
    """The latest checkpoint, after a fresh one where the signing key is here."""
    from policies.audit.checkpoints import CheckpointLog
    from policies.audit.keys import SIGNING, AuditKeys
    from policies.audit.trail import PostgresTrail

    if not settings.keys.joinpath(SIGNING).exists():
        return None
    keys = AuditKeys.kept_in(settings.keys)
    log = CheckpointLog(settings.checkpoints, keys.signing)
    async with await PostgresTrail.open(owner_dsn, keys, log=log):
        pass
    return log.last()


async def _is_empty(settings: Settings) -> bool:
    from erp_adapters.store.provision import OWNER_ROLE
    from policies.audit.reading import tables
    from server.bootstrap import started

    async with started(settings) as home:
        with tables(home.dsn(OWNER_ROLE)) as (source, _):
            return next(iter(source.entries), None) is None and source.end is not None and source.end[0] == 0


def _since(text: str | None) -> datetime | int:
    if text is None:
        return 1
    if text.isascii() and text.isdigit() and len(text) < 19 and int(text) > 0:
        return int(text)
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError as error:
        raise UsageError(
            f"--since {text!r} is neither a day (2026-12-03) nor the number of an event, from 1"
        ) from error


def _as_json(report: Report) -> dict[str, object]:
    return {
        "intact": report.is_intact,
        "chain": str(report.chain),
        "events": report.events,
        "last": report.last,
        "witnessed": report.witnessed,
        "witnessed_at": report.witnessed_at.isoformat() if report.witnessed_at else None,
        "findings": [
            {"kind": each.kind, "position": each.position, "what": each.what} for each in report.findings
        ],
        "notes": report.notes,
    }
