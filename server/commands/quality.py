"""`plantwright quality`: the steward's list of what the data itself shows to be wrong."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from erp_adapters.errors import ConfigurationError, Denied, RecordNotFound
from server.commands.options import Person
from server.errors import ExitCode, UsageError, run
from server.findings import as_record, show_list, show_looks, show_one
from server.settings import Settings
from tools.languages import speaking
from tools.languages.locales import language_for

if TYPE_CHECKING:
    from erp_adapters.caller import Caller
    from erp_adapters.store.session import Store

app = typer.Typer(
    help="List what the data itself shows to be wrong, with proposed fixes.", no_args_is_help=False
)

AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
FindingId = Annotated[str, typer.Argument(metavar="FINDING", help="Id of the finding, or its beginning.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it is kept with your name.")]
NOTHING_CHANGED = "Nothing was changed in the ERP: whoever keeps the record there has to."


@app.callback(invoke_without_command=True)
def quality(
    context: typer.Context,
    site: Annotated[str | None, typer.Option(help="Only this site, by its code.")] = None,
    check: Annotated[str | None, typer.Option(help="Only what this check found.")] = None,
    severity: Annotated[
        Literal["serious", "flag", "note"] | None, typer.Option(help="Only findings this grave.")
    ] = None,
    status: Annotated[
        Literal["open", "accepted", "dismissed"], typer.Option(help="Decided ones instead of open ones.")
    ] = "open",
    limit: Annotated[int, typer.Option(help="How many to list.", min=1)] = 40,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """List what the data itself shows to be wrong, the gravest and dearest first, with proposed fixes."""
    if context.invoked_subcommand is not None:
        return

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.checks.kept import kept_findings, looks

        _refuse_unknown(check)
        async with _asking(settings, person) as (store, caller), store.reading(caller) as tx:
            found = await kept_findings(tx, site=site, check=check, severity=severity, status=status)
            watched = [each for each in await looks(tx) if site in (None, each.site)]
        with speaking(language_for(caller.locale)):
            if as_json:
                sys.stdout.write(json.dumps([as_record(each) for each in found], indent=1) + "\n")
            else:
                show_list(found, watched, limit)
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def show(finding: FindingId, person: Person = None, as_json: AsJson = False) -> None:
    """Show one finding with the rows that it names side by side."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.checks.beside import rows_beside
        from erp_adapters.store.checks.kept import kept_finding

        async with _asking(settings, person) as (store, caller), store.reading(caller) as tx:
            found = await kept_finding(tx, finding)
            beside = await rows_beside(tx, found)
        with speaking(language_for(caller.locale)):
            if as_json:
                rows = [
                    {"site": r.key.site, "record": r.key.record, "fields": dict(r.fields)} for r in beside
                ]
                sys.stdout.write(json.dumps({**as_record(found), "rows": rows}, indent=1) + "\n")
            else:
                show_one(found, beside)
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def accept(finding: FindingId, why: Why, person: Person = None) -> None:
    """Record that a finding is right and its proposal is to be carried out in the source."""
    raise typer.Exit(run(_deciding(finding, "accepted", why, person)))


@app.command()
def dismiss(finding: FindingId, why: Why, person: Person = None) -> None:
    """Record that a finding is no fault; it is not listed again."""
    raise typer.Exit(run(_deciding(finding, "dismissed", why, person)))


@app.command()
def look() -> None:
    """Look through everything that is loaded anew; imports do so by themselves."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.checks import look_through
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started

        async with started(settings) as home:
            done = await asyncio.to_thread(look_through, home.dsn(OWNER_ROLE))
        show_looks(done)
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


def _deciding(
    id: str, decision: Literal["accepted", "dismissed"], why: str, person: str | None
) -> Callable[[Settings], Coroutine[Any, Any, ExitCode]]:
    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.checks.kept import decide, kept_finding

        if not why.strip():
            raise UsageError("--why needs a reason")
        async with _asking(settings, person) as (store, caller), store.remembering(caller) as tx:
            found = await kept_finding(tx, id)
            outcome = await decide(tx, found, decision, why.strip())
        if outcome == "not allowed":
            raise Denied(
                f"{caller.subject!r} may not decide about findings; a steward or an admin may (--as)"
            )
        if outcome == "not found":
            raise RecordNotFound(f"there is no finding {id!r}; `plantwright quality` lists them")
        typer.echo(f"{outcome.capitalize()} by {caller.name}. {NOTHING_CHANGED}")
        return ExitCode.ANSWERED

    return work


@asynccontextmanager
async def _asking(settings: Settings, person: str | None) -> AsyncIterator[tuple[Store, Caller]]:
    """The store without a model, and who asks."""
    from erp_adapters.store.provision import APP_ROLE
    from erp_adapters.store.session import Store
    from server.bootstrap import started
    from server.directory import StoreDirectory
    from server.house import NO_DEMO

    async with started(settings) as home, await Store.open(home.dsn(APP_ROLE)) as store:
        directory = StoreDirectory(store)
        if not await directory.is_demo():
            raise ConfigurationError(NO_DEMO)
        yield store, await directory.caller(person or settings.person)


def _refuse_unknown(check: str | None) -> None:
    from erp_adapters.store.checks import CHECKS

    names = [each.name for each in CHECKS]
    if check is not None and check not in names:
        raise UsageError(f"{check!r} is no check; there are {', '.join(names)}")
