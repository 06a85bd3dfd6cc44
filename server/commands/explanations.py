"""`plantwright explanations`: explain a period, draft it, and publish exactly what somebody else drafted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from erp_adapters.errors import RecordNotFound
from server.commands.drafts import at_desk
from server.commands.options import Person
from server.errors import ExitCode, UsageError, at_edge
from server.settings import Settings

if TYPE_CHECKING:
    from erp_adapters.caller import Caller
    from policies.publications import Publication
    from server.desk import Desk
    from server.finance.publishing import PublicationShown, Publishing, TextShown

app = typer.Typer(
    help="Explanations of variances: list, draft, show, publish, reject.", invoke_without_command=True
)

Named = Annotated[str, typer.Argument(metavar="EXPLANATION", help="Its id, or the last characters of it.")]
Given = Annotated[
    str | None,
    typer.Option("--digest", help="For scripts: the digest that was shown, in place of the question."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


@app.callback()
def explanations(context: typer.Context, person: Person = None, as_json: AsJson = False) -> None:
    """List the versions about your sites, newest first: drafts, published, turned down."""
    if context.invoked_subcommand is not None:
        return

    def work(settings: Settings) -> ExitCode:
        with at_desk(settings, person) as (runner, desk, caller):
            publishing = _publishing(desk)
            found = [
                publishing.as_shown(caller, each) for each in runner.run(publishing.publications.list(caller))
            ]
        if as_json:
            _json(found)
        for each in () if as_json else found:
            by = f"{each.state} by {each.decided_by}" if each.decided_by else each.state
            typer.echo(
                f"{each.id[-8:]}  {by}  v{each.version}  {each.reading}  (drafted by {each.requester})"
            )
        if not found and not as_json:
            typer.echo(
                "No explanations. One begins with: plantwright explanations draft --site MTY --period 2025-10"
            )
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def draft(
    site: Annotated[str, typer.Option(help="The plant, by code or name.")],
    period: Annotated[str, typer.Option(help="Its first month, such as 2025-10.")],
    until: Annotated[str | None, typer.Option(help="Its last month, where several are meant.")] = None,
    against: Annotated[str, typer.Option(help="`standard`, `plan`, `earlier` or `plant`.")] = "standard",
    earlier: Annotated[str | None, typer.Option(help="First month compared with.")] = None,
    other_site: Annotated[str | None, typer.Option(help="The plant compared with.")] = None,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Explain a period and draft that, for another person to publish."""

    def work(settings: Settings) -> ExitCode:
        from pydantic import ValidationError

        from tools.variance.tool import ExplainVariance

        given = {"site": site, "period": period, "until": until, "against": against, "earlier": earlier}
        try:
            arguments = ExplainVariance.model_validate({**given, "other_site": other_site})
        except ValidationError as error:
            raise UsageError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error

        async def drafted(desk: Desk, caller: Caller) -> PublicationShown:
            publishing = _publishing(desk)
            told, _ = await publishing.explanations.explain(caller, arguments, None)
            made, _ = await publishing.draft(caller, told.id)
            return publishing.as_shown(caller, made)

        with at_desk(settings, person) as (runner, desk, caller):
            shown = runner.run(drafted(desk, caller))
        if as_json:
            _json([shown])
        else:
            _card(shown)
            typer.echo(f"\nAnother controller publishes it: plantwright explanations publish {shown.id[-8:]}")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def show(explanation: Named, person: Person = None, as_json: AsJson = False) -> None:
    """Show one version as it was drafted, how it stands, and whether the data of today tells it otherwise."""

    def work(settings: Settings) -> ExitCode:
        with at_desk(settings, person) as (runner, desk, caller):
            publishing = _publishing(desk)
            found = runner.run(_found(publishing, caller, explanation))
            shown = runner.run(publishing.shown(caller, found.id))
        if as_json:
            _json([shown])
        else:
            _card(shown)
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def publish(explanation: Named, digest: Given = None, person: Person = None) -> None:
    """Show one version, ask, and publish exactly that."""

    def work(settings: Settings) -> ExitCode:
        with at_desk(settings, person) as (runner, desk, caller):
            publishing = _publishing(desk)
            found = runner.run(_found(publishing, caller, explanation))
            if digest is None:
                _card(publishing.as_shown(caller, found))
                if not _agreed(found):
                    sys.stderr.write("plantwright: nothing was published\n")
                    return ExitCode.REFUSED
            done = runner.run(publishing.publish(caller, found.id, digest or found.digest))
            texts = runner.run(publishing.texts(caller, done.id))
        typer.echo(f"Published as version {done.version} by {done.decided_by}.")
        for text in texts:
            typer.echo(text_standing(text))
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def reject(
    explanation: Named,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept with your name.")],
    digest: Given = None,
    person: Person = None,
) -> None:
    """Turn a version down for good, or take back your own."""

    def work(settings: Settings) -> ExitCode:
        with at_desk(settings, person) as (runner, desk, caller):
            publishing = _publishing(desk)
            found = runner.run(_found(publishing, caller, explanation))
            done = runner.run(
                publishing.publications.reject(caller, found.id, digest or found.digest, reason)
            )
        typer.echo(f"Version {done.version} is turned down: {done.reason}")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


def _publishing(desk: Desk) -> Publishing:
    from server.finance.explanations import Explanations
    from server.finance.publishing import Publishing

    return Publishing(Explanations(desk.store), desk.publications)


async def _found(publishing: Publishing, caller: Caller, named: str) -> Publication:
    """The version of that id or ending.

    Raises:
        RecordNotFound: the caller sees none, or several.
    """
    seen = await publishing.publications.list(caller, limit=200)
    found = [each for each in seen if len(named) >= 4 and str(each.id).endswith(named.lower())]
    if len(found) == 1:
        return found[0]
    why = "several explanations are" if found else "you see no explanation"
    raise RecordNotFound(f"{why} {named!r}; `plantwright explanations` lists those of your sites")


def _card(shown: PublicationShown) -> None:
    """All that the digest is of, for a person to read."""
    from decimal import Decimal

    from agents.rendering import number_text
    from server.wording import plain

    typer.echo(plain(f"{shown.reading}\n\n{shown.narrative}\n", lines=True))
    for step in shown.bridge:
        amount = number_text(Decimal(str(step["amount"])), "money")
        typer.echo(plain(f"  {amount:>18}  {step['step']}" + (f": {step['cause']}" if step["cause"] else "")))
    for caveat in shown.caveats:
        typer.echo(plain(f"  note  {caveat}"))
    state = f"{shown.state} by {shown.decided_by}" if shown.decided_by else shown.state
    typer.echo(
        f"\n  version {shown.version}, {state}; drafted by {shown.requester}"
        + (f", to be published by {shown.expires_at[:10]}" if shown.state == "drafted" else "")
    )
    if shown.reason:
        typer.echo(plain(f"  because: {shown.reason}"))
    for text in shown.texts:
        typer.echo(plain(f"  {text_standing(text)}"))
    if shown.data == "stale":
        typer.echo(f"  STALE: the total of today differs by {shown.delta} {shown.currency}")
    typer.echo(f"  {shown.digest}")


def text_standing(text: TextShown) -> str:
    """Where the text of a published explanation stands, in a line."""
    name = text.draft[-8:]
    match text.state:
        case "executed" if text.is_taken_back:
            return f"Its text at {text.site} was taken back; it had been written as {text.document_number}."
        case "executed":
            return f"Its text at {text.site} is written as {text.document_number}."
        case "awaiting_confirmation":
            return f"Its text at {text.site} waits for a confirmation: plantwright drafts confirm {name}"
        case "confirmed" | "dispatching":
            why = f" ({text.reason})" if text.reason else ""
            return f"Its text is on its way to the ERP of {text.site}{why}: plantwright drafts show {name}"
        case "needs_reconciliation":
            return f"Nobody knows whether its text is at {text.site}: plantwright drafts show {name}"
        case _:
            why = f": {text.reason}" if text.reason else ""
            return f"Its text is not written at {text.site}{why}. The explanation is published all the same."


def _agreed(found: Publication) -> bool:
    """Whether the person who sees it says yes; silence is no."""
    try:
        said = input(f"\nPublish {found.digest.removeprefix('sha256:')[:8]} as it stands above? [y/N] ")
    except EOFError:
        return False
    return said.strip().lower() in ("y", "yes")


def _json(found: list[PublicationShown]) -> None:
    import json

    sys.stdout.write(json.dumps([each.model_dump(mode="json") for each in found], indent=1) + "\n")
