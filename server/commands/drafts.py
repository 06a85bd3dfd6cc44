"""`plantwright drafts`: what waits for a person, its card, and the decisions bound to its digest."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from erp_adapters.errors import ConfirmationInvalid, RecordNotFound
from server.commands.options import Person
from server.errors import ExitCode, UsageError, at_edge
from server.settings import Settings

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from erp_adapters.caller import Caller
    from policies.proposals import Shown
    from server.desk import Desk

app = typer.Typer(help="Drafts: list, show, confirm, reject, edit, take back.", invoke_without_command=True)

DraftId = Annotated[
    str,
    typer.Argument(
        metavar="DRAFT", help="Its id, the last characters of it, or `last` for the newest, open ones first."
    ),
]
Given = Annotated[
    str | None,
    typer.Option("--digest", help="For scripts: the digest that was shown, in place of the question."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


PATIENCE_S = 60.0


States = Annotated[
    str | None, typer.Option("--state", help="Only those in this state, such as `awaiting_confirmation`.")
]
Site = Annotated[str, typer.Option("--site", help="Only those of this site, by its code.")]
Limit = Annotated[int, typer.Option("--limit", help="How many.", min=1, max=200)]


@app.callback()
def drafts(
    context: typer.Context,
    state: States = None,
    site: Site = "",
    limit: Limit = 40,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """List the drafts of your sites, newest first."""
    if context.invoked_subcommand is None:
        _list(state, site, limit, person, as_json)


@app.command("list")
def listed(
    state: States = None, site: Site = "", limit: Limit = 40, person: Person = None, as_json: AsJson = False
) -> None:
    """List the drafts of your sites, newest first."""
    _list(state, site, limit, person, as_json)


def _list(state: str | None, site: str, limit: int, person: str | None, as_json: bool) -> None:
    def work(settings: Settings) -> ExitCode:
        from server.draft_records import list_of, states_of
        from server.draft_tables import show_list

        with at_desk(settings, person) as (runner, desk, caller):
            found = runner.run(list_of(desk, caller, states_of(state), site, limit))
            waiting = runner.run(desk.publications.waiting(caller))
        if as_json:
            sys.stdout.write(found.model_dump_json(indent=1) + "\n")
        else:
            show_list(found)
            if waiting:
                what = "explanation waits" if waiting == 1 else "explanations wait"
                typer.echo(f"\n{waiting} {what} to be published: plantwright explanations")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def show(draft: DraftId, person: Person = None, as_json: AsJson = False) -> None:
    """Show the card of one draft, what happened to it, and what you may do with it."""

    def work(settings: Settings) -> ExitCode:
        from server.draft_records import detail_of
        from server.draft_tables import show_card, show_standing

        with at_desk(settings, person) as (runner, desk, caller):
            shown = runner.run(_found(desk, caller, draft))
            detail = runner.run(detail_of(desk, caller, shown))
        if as_json:
            sys.stdout.write(detail.model_dump_json(indent=1) + "\n")
        else:
            show_card(shown, whole=True)
            show_standing(detail)
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def confirm(
    draft: DraftId,
    digest: Given = None,
    waits: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until the ERP has it and say its number.")
    ] = True,
    person: Person = None,
) -> None:
    """Show a card, ask, and sign exactly that; the last signature that is needed writes it to the ERP."""

    def work(settings: Settings) -> ExitCode:
        from server.draft_tables import show_card

        with at_desk(settings, person) as (runner, desk, caller):
            shown = runner.run(_found(desk, caller, draft))
            if digest is None:
                _open(shown, desk.systems.said(shown.proposal.draft.site, shown.proposal.draft.kind))
                show_card(shown)
                if not _agreed(shown):
                    sys.stderr.write("plantwright: nothing was confirmed\n")
                    return ExitCode.REFUSED
            given = digest or str(shown.digest)
            done = runner.run(_signed(desk, caller, shown, given))
            return _outcome(runner, desk, caller, done, settings, waits=waits)

    raise typer.Exit(at_edge(work))


@app.command()
def reject(
    draft: DraftId,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept with your name.")],
    digest: Given = None,
    person: Person = None,
) -> None:
    """Turn a draft down for good."""

    def work(settings: Settings) -> ExitCode:
        if not reason.strip():
            raise UsageError("--reason needs a reason")
        with at_desk(settings, person) as (runner, desk, caller):
            shown = runner.run(_found(desk, caller, draft))
            done = runner.run(
                desk.confirmations.reject(
                    caller, shown.proposal.id, digest or str(shown.digest), reason.strip()
                )
            )
            return _outcome(runner, desk, caller, done, settings)

    raise typer.Exit(at_edge(work))


@app.command()
def edit(
    draft: DraftId,
    quantity: Annotated[str | None, typer.Option(help="What to ask for instead, in the line's unit.")] = None,
    needed_on: Annotated[
        datetime | None,
        typer.Option("--needed-on", formats=["%Y-%m-%d"], help="The day by which it is needed."),
    ] = None,
    note: Annotated[str | None, typer.Option(help="Another note to the buyer.")] = None,
    digest: Given = None,
    person: Person = None,
) -> None:
    """Make a new version with other figures; the old one can be confirmed no more."""

    def work(settings: Settings) -> ExitCode:
        from server.draft_tables import show_card
        from server.drafting import Change
        from server.drafting import edit as edited

        if quantity is None and needed_on is None and note is None:
            raise UsageError("say what changes: --quantity, --needed-on or --note")
        change = Change(_quantity(quantity), needed_on.date() if needed_on else None, note)
        with at_desk(settings, person) as (runner, desk, caller):
            shown = runner.run(_found(desk, caller, draft))
            made = runner.run(edited(desk, caller, shown, digest or str(shown.digest), change)).shown
            show_card(made)
        _next(made)
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command("take-back")
def take_back(
    document: Annotated[
        str, typer.Argument(metavar="DOCUMENT", help="Its number in the ERP, or its draft's id or ending.")
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands on the card.")] = "",
    person: Person = None,
) -> None:
    """Draft taking back a document that was written from here; somebody else confirms that."""

    def work(settings: Settings) -> ExitCode:
        from server.draft_tables import show_card
        from server.drafting import propose

        with at_desk(settings, person) as (runner, desk, caller):
            given = {"document": document, "reason": reason.strip() or None}
            made = runner.run(propose(desk, caller, "cancellation", given)).shown
            show_card(made)
        _next(made)
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def reconcile(
    draft: DraftId,
    outcome: Annotated[Literal["found", "not_written"], typer.Argument(help="What the ERP has.")],
    number: Annotated[str, typer.Option(help="Number of the document that was found.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="How you know; it is kept with your name.")] = "",
    part: Annotated[str, typer.Option(help="Work order, where several of a draft are in doubt.")] = "",
    person: Person = None,
) -> None:
    """Say what a person found in the ERP, where the program could not tell."""

    def work(settings: Settings) -> ExitCode:
        with at_desk(settings, person) as (runner, desk, caller):
            shown = runner.run(_found(desk, caller, draft))
            done = runner.run(
                desk.confirmations.reconcile(
                    caller,
                    shown.proposal.id,
                    str(shown.digest),
                    outcome,
                    number.strip(),
                    reason.strip(),
                    part.strip(),
                )
            )
            return _outcome(runner, desk, caller, done, settings)

    raise typer.Exit(at_edge(work))


@contextmanager
def at_desk(settings: Settings, person: str | None) -> Iterator[tuple[asyncio.Runner, Desk, Caller]]:
    """The desk without a model, what runs its coroutines, and who asks."""
    import asyncio
    from contextlib import AsyncExitStack

    from server.desk import manned

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        desk = runner.run(stack.enter_async_context(manned(settings)))
        try:
            yield runner, desk, runner.run(desk.person(person or settings.person))
        finally:
            runner.run(stack.aclose())


async def _found(desk: Desk, caller: Caller, named: str) -> Shown:
    """The draft of that id, of that ending, or the newest that is open.

    Raises:
        RecordNotFound: the caller sees none, or several; the message says what there is.
    """
    from uuid import UUID

    from server.draft_records import OPEN

    try:
        return await desk.proposals.read(caller, UUID(named))
    except ValueError:
        pass
    seen: Sequence[Shown] = await desk.proposals.list(caller, limit=200)
    if named == "last":
        found = [shown for shown in seen if shown.state in OPEN][:1] or list(seen[:1])
    else:
        ending = named.lower()
        found = [shown for shown in seen if len(ending) >= 4 and str(shown.proposal.id).endswith(ending)]
    if len(found) == 1:
        return found[0]
    why = "several drafts are" if found else "you see no draft"
    raise RecordNotFound(f"{why} {named!r}; `plantwright drafts` lists those of your sites")


async def _signed(desk: Desk, caller: Caller, shown: Shown, digest: str) -> Shown:
    day = await desk.day(caller, shown.proposal.draft.site)
    return await desk.confirmations.confirm(caller, shown.proposal.id, digest, business_date=day)


def _quantity(text: str | None) -> Decimal | None:
    """The quantity; a decimal comma is not guessed at.

    Raises:
        UsageError: it is no decimal above zero.
    """
    from pydantic import TypeAdapter, ValidationError

    from policies.drafts.parts import Positive

    if text is None:
        return None
    try:
        return TypeAdapter(Positive).validate_python(text)
    except ValidationError as error:
        raise UsageError(f"--quantity: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from error


def _open(shown: Shown, system: str) -> None:
    """Refuse to ask about what nobody decides any more, before a card is shown.

    Raises:
        ConfirmationInvalid: it does not wait; the message says how it stands.
    """
    from server.draft_tables import standing

    if shown.state != "awaiting_confirmation":
        stands = standing(shown, system).rstrip(".")
        raise ConfirmationInvalid(
            f"this draft is {shown.state.replace('_', ' ')}, there is nothing to confirm: {stands}"
        )


def _agreed(shown: Shown) -> bool:
    """Whether the person who sees the card says yes; silence is no."""
    from server.draft_tables import code_of

    try:
        said = input(f"\nConfirm {code_of(shown.digest)} as it stands above? [y/N] ")
    except EOFError:
        return False
    return said.strip().lower() in ("y", "yes")


def _outcome(
    runner: asyncio.Runner,
    desk: Desk,
    caller: Caller,
    shown: Shown,
    settings: Settings,
    *,
    waits: bool = True,
) -> ExitCode:
    """Wait until it is written where that is on its way, and say how it stands in a line."""
    from server.draft_records import MOVING
    from server.draft_tables import standing

    if waits and shown.state in MOVING:
        if settings.worker == "within":
            sys.stderr.write("Writing to the ERP ...\n")
        shown = runner.run(
            desk.settled(caller, shown.proposal.id, PATIENCE_S, works=settings.worker == "within")
        )
        if shown.state == "executed":
            runner.run(desk.take_over())
    typer.echo(standing(shown, desk.systems.said(shown.proposal.draft.site, shown.proposal.draft.kind)))
    return (
        ExitCode.REFUSED
        if shown.state in ("refused", "partly_written", "needs_reconciliation")
        else ExitCode.ANSWERED
    )


def _next(shown: Shown) -> None:
    from server.draft_tables import ending

    typer.echo(f"\nTo confirm it: plantwright drafts confirm {ending(shown.proposal.id)}")


@app.command()
def schema() -> None:
    """Print the JSON schema of every kind of draft, for programs that read them."""
    import json

    from policies.drafts.proposal import draft_schema

    sys.stdout.write(json.dumps(draft_schema(), indent=1) + "\n")
