"""`plantwright keys`: the keys of the record, made before the first start and changed later."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from server.errors import ExitCode, UsageError, at_edge, run
from server.settings import Settings

app = typer.Typer(help="Make, show and change the keys of the record.", no_args_is_help=True)


class Which(StrEnum):
    """A key of the record."""

    signing = "signing"
    wrapping = "wrapping"


@app.command()
def make(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New or empty folder to put them into.")],
) -> None:
    """Make the keys of a new home, for a secret that several servers and workers are given."""

    def work(settings: Settings) -> ExitCode:
        from policies.audit.keys import AuditKeys, fingerprint

        if folder.exists() and any(folder.iterdir()):
            raise UsageError(f"{str(folder)!r} is not empty; keys are never overwritten")
        keys = AuditKeys.kept_in(folder)
        typer.echo(f"Signing   {fingerprint(keys.public)}")
        typer.echo(f"Wrapping  {_tag(keys.wrapping.tag)}")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def show() -> None:
    """Show what tells the home's keys from others, and how old the signing key's last change is."""

    def work(settings: Settings) -> ExitCode:
        from policies.audit.checkpoints import last_checkpoint
        from policies.audit.keys import PUBLIC, fingerprint, public_key, wrapping_key

        public = public_key(settings.keys / PUBLIC)
        last = last_checkpoint(settings.checkpoints)
        typer.echo(f"Signing   {fingerprint(public)}")
        typer.echo(f"Wrapping  {_tag(wrapping_key(settings.keys).tag)}")
        if last is not None and last.signer_after != fingerprint(public):
            typer.echo(f"Checkpoints are signed with {last.signer_after}, which is not the key that is here")
            return ExitCode.FAILURE
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def rotate(
    which: Annotated[Which, typer.Argument(help="The key to change.")],
) -> None:
    """Put another key in the place of one; what was on record before still verifies.

    Servers and workers have to be started with the new key; for the wrapping key they must be stopped first.
    """

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.provision import OWNER_ROLE
        from policies.audit.keys import PUBLIC, WRAPPING
        from policies.audit.rotation import rotate_signing, rotate_wrapping
        from server.bootstrap import started

        async with started(settings) as home:
            change = rotate_signing if which is Which.signing else rotate_wrapping
            done = await change(home.dsn(OWNER_ROLE), settings.keys, settings.checkpoints)
        typer.echo(f"The {which.value} key is {done.after} now; it was {done.before}.")
        if done.kept is None:
            typer.echo(
                f"Give {settings.keys / PUBLIC} to whoever verifies, and start servers and workers anew."
            )
        else:
            typer.echo(
                f"{done.kept} opens backups made before; delete it when the last of them has expired."
                f" Give {settings.keys / WRAPPING} to every server and worker."
            )
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


def _tag(tag: bytes) -> str:
    return tag.hex()[:8]
