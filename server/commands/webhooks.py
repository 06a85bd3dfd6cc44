"""`plantwright webhooks`: which addresses are told of explanations, and what became of each message."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer

from erp_adapters.errors import RecordNotFound
from server.commands.drafts import at_desk
from server.commands.options import Person
from server.errors import ExitCode, UsageError, at_edge
from server.settings import Settings

if TYPE_CHECKING:
    from erp_adapters.caller import Caller
    from server.webhooks.book import Webhook, Webhooks

T = TypeVar("T")

app = typer.Typer(
    help="Addresses that are told of explanations: list, add, rotate, end, deliveries, again.",
    invoke_without_command=True,
)

Named = Annotated[str, typer.Argument(metavar="WEBHOOK", help="Its id, or the last characters of it.")]


@app.callback()
def webhooks(context: typer.Context, person: Person = None) -> None:
    """List the subscriptions about your sites, newest first."""
    if context.invoked_subcommand is not None:
        return
    found = _asked(person, lambda book, caller: book.list(caller))
    for each in found:
        ended = f"  ended by {each.ended_by}" if each.ended_by else ""
        typer.echo(
            f"{str(each.id)[-8:]}  {each.address}  {', '.join(each.events)}  {', '.join(each.sites)}{ended}"
        )
    if not found:
        typer.echo("No webhooks. One begins with: plantwright webhooks add https://erp.example/plantwright")


@app.command()
def add(
    address: Annotated[str, typer.Argument(help="https; in a demo home also http of this machine.")],
    event: Annotated[
        list[str] | None, typer.Option("--event", help="What is told; everything where none is named.")
    ] = None,
    site: Annotated[
        list[str] | None, typer.Option("--site", help="Code of a site; all of yours where none is named.")
    ] = None,
    person: Person = None,
) -> None:
    """Tell an address of explanations; prints the secret that messages are signed with, this once."""
    from policies.announcing import EVENTS

    made, secret = _asked(
        person,
        lambda book, caller: book.subscribe(caller, address, event or EVENTS, frozenset(site or ())),
    )
    typer.echo(f"{str(made.id)[-8:]} is told of {', '.join(made.events)} at {', '.join(made.sites)}")
    typer.echo(f"Secret, shown this once: {secret}")


@app.command()
def rotate(webhook: Named, person: Person = None) -> None:
    """Make another secret and print it; for a day messages are signed with the one before as well."""

    async def work(book: Webhooks, caller: Caller) -> tuple[Webhook, str]:
        return await book.rotate(caller, (await _found(book, caller, webhook)).id)

    _, secret = _asked(person, work)
    typer.echo(f"Secret, shown this once: {secret}")


@app.command()
def end(webhook: Named, person: Person = None) -> None:
    """Send nothing more to an address."""

    async def work(book: Webhooks, caller: Caller) -> Webhook:
        return await book.end(caller, (await _found(book, caller, webhook)).id)

    typer.echo(f"Nothing more is sent to {_asked(person, work).address}.")


@app.command()
def deliveries(webhook: Named, person: Person = None) -> None:
    """List what was sent to an address and what became of it, newest first."""

    async def work(book: Webhooks, caller: Caller) -> None:
        found = await book.deliveries(caller, (await _found(book, caller, webhook)).id)
        for each in found:
            why = f"  {each.why}" if each.why else ""
            typer.echo(f"{each.event}  {each.kind}  {each.state} after {each.attempts}{why}")
        if not found:
            typer.echo("Nothing was sent yet.")

    _asked(person, work)


@app.command()
def again(
    webhook: Named,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Id of a message that was given up.")],
    person: Person = None,
) -> None:
    """Send once more a message that was given up."""

    async def work(book: Webhooks, caller: Caller) -> None:
        try:
            message = UUID(event)
        except ValueError:
            raise UsageError(f"{event!r} is no id; `plantwright webhooks deliveries` lists them") from None
        await book.again(caller, (await _found(book, caller, webhook)).id, message)

    _asked(person, work)
    typer.echo("It is sent again.")


def _asked(person: str | None, work: Callable[[Webhooks, Caller], Coroutine[object, object, T]]) -> T:
    """What the work came to; leaves the program where it failed."""
    found: list[T] = []

    def run(settings: Settings) -> ExitCode:
        with at_desk(settings, person) as (runner, desk, caller):
            found.append(runner.run(work(desk.webhooks, caller)))
        return ExitCode.ANSWERED

    code = at_edge(run)
    if code or not found:
        sys.stdout.flush()
        raise typer.Exit(code)
    return found[0]


async def _found(book: Webhooks, caller: Caller, named: str) -> Webhook:
    """The subscription of that id or ending.

    Raises:
        RecordNotFound: the caller sees none, or several.
    """
    seen = await book.list(caller)
    found = [each for each in seen if len(named) >= 4 and str(each.id).endswith(named.lower())]
    if len(found) == 1:
        return found[0]
    why = "several webhooks are" if found else "you see no webhook"
    raise RecordNotFound(f"{why} {named!r}; `plantwright webhooks` lists those of your sites")
