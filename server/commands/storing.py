"""`plantwright store`: what an administrator of a Postgres of one's own does."""

from __future__ import annotations

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
        typer.Option(metavar="file:PATH|env:NAME", help="Password that all other roles get."),
    ] = None,
) -> None:
    """Create the roles, the database and the extensions; again, it changes the passwords that are named."""

    def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.provision import (
            APP_ROLE,
            DATABASE,
            DEMO_ERP_ROLE,
            GRAPH_ROLE,
            OWNER_ROLE,
            WORKER_ROLE,
            give_passwords,
        )
        from erp_adapters.store.provision import provision as prepare

        if (owner_password is None) != (service_password is None):
            raise UsageError("--owner-password and --service-password go together; give both, or neither")
        address = secret(admin_url) if admin_url.startswith(("file:", "env:")) else admin_url
        prepare(address)
        given = "Give the roles passwords (ALTER ROLE ... PASSWORD), set"
        if owner_password is not None and service_password is not None:
            give_passwords(address, secret(owner_password), secret(service_password))
            given = "They have the passwords that were named. Set"
        typer.echo(
            f"Database {DATABASE!r} and roles {OWNER_ROLE}, {APP_ROLE}, {GRAPH_ROLE}, {WORKER_ROLE} and"
            f" {DEMO_ERP_ROLE} are there. {given} DATABASE_URL, then run `plantwright store migrate`."
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
