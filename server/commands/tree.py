"""All commands under their names."""

from __future__ import annotations

from typing import Annotated

import typer

from server.commands import (
    adapters,
    ask,
    audit,
    buyer,
    channels,
    chat,
    collect,
    connect,
    demo,
    doctor,
    documents,
    drafts,
    engines,
    evaluating,
    explanations,
    importing,
    keys,
    models,
    people,
    policy,
    predictors,
    quality,
    reconciling,
    replay,
    serve,
    sites,
    status,
    storing,
    switches,
    syncing,
    webhooks,
    worker,
)
from server.errors import EXIT_CODES_HELP

app = typer.Typer(
    name="plantwright",
    help="Ask your ERP data; every figure can be traced.",
    epilog=EXIT_CODES_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"plantwright {version('plantwright')}")
        raise typer.Exit


@app.callback()
def plantwright(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Ask your ERP data; every figure can be traced."""


app.command(epilog=EXIT_CODES_HELP)(ask.ask)
app.command()(chat.chat)
app.command(epilog=EXIT_CODES_HELP)(replay.replay)
app.add_typer(importing.app, name="import")
app.command(epilog=syncing.SYNC_HELP)(syncing.sync)
app.add_typer(connect.app, name="connect", epilog=EXIT_CODES_HELP)
app.add_typer(documents.app, name="documents")
app.add_typer(drafts.app, name="drafts")
app.add_typer(explanations.app, name="explanations")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(predictors.app, name="predictors")
app.add_typer(switches.app, name="switches")
app.command()(demo.demo)
app.add_typer(buyer.app, name="buyer")
app.command()(serve.serve)
app.command()(worker.worker)
app.command()(collect.collect)
app.command()(status.status)
app.command()(doctor.doctor)
app.command()(adapters.adapters)
app.add_typer(sites.app, name="sites")
app.add_typer(quality.app, name="quality")
app.add_typer(engines.app, name="engine")
app.add_typer(policy.app, name="policy")
audit.app.command()(reconciling.reconcile)
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.add_typer(people.app, name="people")
app.add_typer(channels.app, name="channels")
app.add_typer(storing.app, name="store")
app.add_typer(models.app, name="models")
app.command(
    name="eval",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(evaluating.evaluate)
