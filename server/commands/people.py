"""`plantwright people`: who may come in, with which roles, for which sites."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.options import AsJson
from server.errors import ExitCode, UsageError, run
from server.settings import Settings

if TYPE_CHECKING:
    from rich.console import RenderableType

    from erp_adapters.store.people import Person

app = typer.Typer(help="Say who may come in, with which roles, for which sites.", no_args_is_help=True)

Subject = Annotated[
    str, typer.Argument(help="What the identity provider calls the person, letter for letter.")
]


@app.command()
def add(
    subject: Subject,
    name: Annotated[str, typer.Option("--name", help="Name to show.")],
    role: Annotated[list[str], typer.Option("--role", help="A role; may be given several times.")],
    site: Annotated[list[str], typer.Option("--site", help="Code of a site that they see; several times.")],
    company: Annotated[
        list[str] | None, typer.Option("--company", help="Code of a company whose ledger they see.")
    ] = None,
    locale: Annotated[
        str, typer.Option("--locale", help="Language of their answers: en, de, es, fr.")
    ] = "en",
    substitute: Annotated[
        list[str] | None, typer.Option("--substitute", help="Subject of who acts while they are away.")
    ] = None,
    mrp_controller: Annotated[
        list[str] | None, typer.Option("--mrp-controller", help='Planning group that "my shortages" means.')
    ] = None,
    purchasing_group: Annotated[
        list[str] | None, typer.Option("--purchasing-group", help='Purchasing group that "my orders" means.')
    ] = None,
) -> None:
    """Add a person, or replace what is known of them; it counts for their next request."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.people import Person, is_new, save_people
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started

        _usable(subject, name, locale)
        person = Person(
            subject=subject,
            name=name,
            roles=_each(role),
            sites=_each(site),
            companies=_each(company),
            mrp_controllers=_each(mrp_controller),
            purchasing_groups=_each(purchasing_group),
            substitutes=_each(substitute),
            locale=locale,
        )
        async with started(settings) as home:
            owner = home.dsn(OWNER_ROLE)
            done = "added" if await asyncio.to_thread(is_new, owner, person) else "changed"
            await _on_record(settings, owner, done, person)
            await asyncio.to_thread(save_people, owner, [person])
        typer.echo(f"{subject} is {done}: {', '.join(person.roles)} at {', '.join(person.sites)}")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command("list")
def list_people(as_json: AsJson = False) -> None:
    """List everybody, and who is let in no more."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.people import people_of
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started
        from server.console import out

        async with started(settings) as home:
            found = await asyncio.to_thread(people_of, home.dsn(OWNER_ROLE))
        if as_json:
            sys.stdout.write(json.dumps([asdict(person) for person in found], indent=1) + "\n")
        else:
            out().print(_grid(found) if found else "Nobody yet; `plantwright people add` adds somebody.")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def deactivate(subject: Subject) -> None:
    """Let a person in no more: their sessions end, and what they did stays on record as theirs."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.errors import RecordNotFound
        from erp_adapters.store.people import deactivate as let_in_no_more
        from erp_adapters.store.people import people_of
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started

        async with started(settings) as home:
            owner = home.dsn(OWNER_ROLE)
            there = await asyncio.to_thread(people_of, owner)
            person = next((each for each in there if each.subject == subject and each.active), None)
            if person is None:
                active = ", ".join(each.subject for each in there if each.active)
                raise RecordNotFound(f"nobody active is known as {subject!r}; there are {active or 'none'}")
            await _on_record(settings, owner, "deactivated", person)
            await asyncio.to_thread(let_in_no_more, owner, subject)
        typer.echo(f"{subject} is let in no more")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def erase(
    subject: Subject,
    why: Annotated[str, typer.Option("--why", help="The reason; it is kept, so name nobody in it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask back.")] = False,
) -> None:
    """Delete a person, their conversations and sessions, and make what is on record about them unreadable."""
    if not yes:
        typer.confirm(f"What is kept of {subject!r} cannot be brought back. Erase it?", abort=True)

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.errors import RecordNotFound
        from erp_adapters.store.erasure import erase_person
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started
        from server.record import opened_record

        if not why.strip():
            raise UsageError("--why needs a reason")
        async with started(settings) as home:
            owner = home.dsn(OWNER_ROLE)
            async with opened_record(settings, owner) as trail:
                # First the rows: what is interrupted in between is found by the key, and gone on with.
                done = await asyncio.to_thread(erase_person, owner, subject)
                key = await trail.erase(subject, why.strip())
        if not done.was_known and not done.rows and key is None:
            raise RecordNotFound(f"nothing is kept of {subject!r}")
        typer.echo(
            f"Erased: {sum(done.rows.values())} rows, and the name beside {done.names} entries of decisions."
        )
        if key is not None:
            typer.echo(f"What stands for the person in the record is {key}; the record still verifies.")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


async def _on_record(settings: Settings, owner: str, change: str, person: Person) -> None:
    """Say first what is about to be done: what cannot be put on record is not done."""
    from policies.audit.event import AuditEvent
    from policies.audit.subjects import SYSTEM
    from policies.clock import now_utc
    from server.record import opened_record

    payload = {"change": change, "account": account_here(), **asdict(person)}
    async with opened_record(settings, owner) as trail:
        await trail.append([AuditEvent("people_change", now_utc(), SYSTEM, person.subject, payload)])


def account_here() -> str:
    """The operating system's account that runs the command, where it has one."""
    try:
        import os
        import pwd
    except ImportError:
        return ""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _each(given: list[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(given or ()))


def _usable(subject: str, name: str, locale: str) -> None:
    from tools.languages import LANGUAGES

    if not subject.isprintable() or not 0 < len(subject) <= 200 or subject == "system":
        raise UsageError(f"{subject!r} cannot be a subject: 1 to 200 printable characters, and not 'system'")
    if not name.strip() or not name.isprintable():
        raise UsageError("--name needs a name")
    if locale.partition("-")[0] not in LANGUAGES:
        raise UsageError(f"{locale!r} is no language of answers; there are {', '.join(LANGUAGES)}")


def _grid(people: tuple[Person, ...]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    from server.wording import plain

    grid = Table(box=None, padding=(0, 3, 0, 0), show_edge=False, header_style="bold")
    for heading in ("Subject", "Name", "Roles", "Sites", "Language", ""):
        grid.add_column(heading)
    for each in people:
        cells = (
            each.subject,
            each.name,
            ", ".join(each.roles),
            ", ".join(each.sites),
            each.locale,
            "" if each.active else "let in no more",
        )
        grid.add_row(*(Text(plain(cell)) for cell in cells), style="" if each.active else "dim")
    return grid
