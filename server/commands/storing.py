"""`plantwright store`: what an administrator of a Postgres of one's own does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from erp_adapters.errors import ConfigurationError
from server.errors import ExitCode, UsageError, at_edge
from server.settings import Settings, secret

app = typer.Typer(help="Prepare a Postgres of your own.", no_args_is_help=True)


@app.command()
def provision(
    admin_url: Annotated[
        str,
        typer.Argument(
            help="Address with a login that may create roles, databases and extensions, or file:PATH of it."
        ),
    ],
    owner_password: Annotated[
        str | None,
        typer.Option(metavar="file:PATH|env:NAME", help="Password that the role which migrates gets."),
    ] = None,
    service_password: Annotated[
        str | None,
        typer.Option(metavar="file:PATH|env:NAME", help="Password that the service's roles get."),
    ] = None,
    auditor_password: Annotated[
        str | None,
        typer.Option(metavar="file:PATH|env:NAME", help="Password of the role that reads the record."),
    ] = None,
    loader_password: Annotated[
        str | None,
        typer.Option(
            metavar="file:PATH|env:NAME", help="Password of the role that keeps what is read of systems."
        ),
    ] = None,
) -> None:
    """Create the roles, the database and the extensions; again, it changes the passwords that are named."""

    def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.provision import (
            APP_ROLE,
            AUDITOR_ROLE,
            DATABASE,
            DEMO_ERP_ROLE,
            GRAPH_ROLE,
            LOADER_ROLE,
            OWNER_ROLE,
            WORKER_ROLE,
            give_passwords,
        )
        from erp_adapters.store.provision import provision as prepare

        if (owner_password is None) != (service_password is None):
            raise UsageError("--owner-password and --service-password go together; give both, or neither")
        if owner_password is None and (auditor_password or loader_password):
            raise UsageError("other passwords go with --owner-password and --service-password; give all")
        address = secret(admin_url) if admin_url.startswith(("file:", "env:")) else admin_url
        prepare(address)
        given = "Give the roles passwords (ALTER ROLE ... PASSWORD), set"
        if owner_password is not None and service_password is not None:
            give_passwords(
                address,
                secret(owner_password),
                secret(service_password),
                auditor=None if auditor_password is None else secret(auditor_password),
                loader=None if loader_password is None else secret(loader_password),
            )
            given = "They have the passwords that were named. Set"
        typer.echo(
            f"Database {DATABASE!r} and roles {OWNER_ROLE}, {APP_ROLE}, {GRAPH_ROLE}, {WORKER_ROLE},"
            f" {AUDITOR_ROLE}, {LOADER_ROLE} and {DEMO_ERP_ROLE} are there. {given} DATABASE_URL, then run"
            " `plantwright store migrate`."
        )
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def migrate() -> None:
    """Bring the schema of DATABASE_URL forward to this version."""

    def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.migrate import migrate as forward
        from erp_adapters.store.provision import OWNER_ROLE
        from server.database import database

        if not settings.is_given:
            raise ConfigurationError("the embedded database is brought forward by itself; set DATABASE_URL")
        done = forward(database(settings).dsn(OWNER_ROLE))
        typer.echo(f"ran {', '.join(done)}" if done else "nothing to do")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


AdminUrl = Annotated[
    str | None,
    typer.Option(
        "--admin-url",
        metavar="URL|file:PATH",
        help="Address with a login that sees every row; not for the embedded database.",
        show_default=False,
    ),
]


@app.command()
def backup(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The new file.")],
    admin_url: AdminUrl = None,
) -> None:
    """Write the whole database to one file while the program runs; keys and checkpoints are not in it."""

    def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.backup import back_up

        with _administrator(settings, admin_url) as admin:
            size = back_up(admin, out)
        typer.echo(f"{out} ({size / 1e6:.1f} MB)")
        typer.echo(f"Keep apart from it: the keys in {settings.keys}, the checkpoints {settings.checkpoints}")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `backup` wrote.")],
    admin_url: AdminUrl = None,
) -> None:
    """Put a backup into an empty database: all of it, or nothing."""

    def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.backup import restore as put_back

        with _administrator(settings, admin_url) as admin:
            put_back(admin, file)
        typer.echo("Restored. `plantwright audit verify` says whether the record is whole.")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@contextmanager
def _administrator(settings: Settings, admin_url: str | None) -> Iterator[str]:
    """The login that sees every row, on a database that is up."""
    from erp_adapters.store.postgres import EmbeddedPostgres
    from erp_adapters.store.provision import ADMIN_ROLE
    from server.database import postgres_folder

    if settings.is_given:
        if admin_url is None:
            raise UsageError("--admin-url names the login of a database of your own that sees every row")
        yield secret(admin_url) if admin_url.startswith(("file:", "env:")) else admin_url
        return
    if admin_url is not None:
        raise UsageError("--admin-url is for a database of your own; set DATABASE_URL, or leave it out")
    with EmbeddedPostgres(postgres_folder(settings)) as server:
        yield server.dsn(ADMIN_ROLE, "postgres")
