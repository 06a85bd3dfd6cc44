"""Which Postgres a home lives in: the packaged one in its folder, or the one that DATABASE_URL names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Protocol

from erp_adapters.errors import ConfigurationError
from server.settings import Settings


class Database(Protocol):
    """A Postgres with the program's roles."""

    def start(self) -> None:
        """Bring it up where that is ours to do."""
        ...

    def stop(self) -> object:
        """Let go of it."""
        ...

    def dsn(self, role: str) -> str:
        """Connection string for one of the program's roles."""
        ...


class GivenPostgres:
    """A Postgres that somebody else runs.

    Every role logs in at DATABASE_URL under its own name, unless it has an address of its own. Who reads the
    record and who loads have passwords of their own: without an address of theirs the owner does it, where
    that is named.
    """

    def __init__(self, url: str, own: dict[str, str]) -> None:
        self._url = url
        self._own = own

    def start(self) -> None:
        """Nothing: it is up or it is not."""

    def stop(self) -> None:
        """Nothing: others use it."""

    def dsn(self, role: str) -> str:
        """The address with the role as its user."""
        import psycopg
        from psycopg.conninfo import make_conninfo

        from erp_adapters.store.provision import AUDITOR_ROLE, LOADER_ROLE, OWNER_ROLE

        wanted = {
            AUDITOR_ROLE: "PLANTWRIGHT_RECORD_DATABASE_URL, the address of whoever reads the record",
            LOADER_ROLE: "PLANTWRIGHT_LOADER_DATABASE_URL, the address of whoever keeps what is read",
        }
        if role in wanted and role not in self._own:
            if OWNER_ROLE not in self._own:
                raise ConfigurationError(
                    f"DATABASE_URL is not enough for this: set {wanted[role]} (docs/operations.md)"
                )
            role = OWNER_ROLE
        try:
            return make_conninfo(self._own.get(role, self._url), user=role)
        except psycopg.ProgrammingError as exc:
            raise ConfigurationError(
                "DATABASE_URL is not an address of a Postgres, such as postgresql://plantwright_app@db/plantwright"
            ) from exc


def database(settings: Settings) -> Database:
    """The database of these settings, not yet started.

    Raises:
        ConfigurationError: the embedded one is asked for where it cannot run.
    """
    if settings.database_url is not None:
        from erp_adapters.store.provision import AUDITOR_ROLE, LOADER_ROLE, OWNER_ROLE

        given = {
            OWNER_ROLE: settings.owner_database_url,
            AUDITOR_ROLE: settings.record_database_url,
            LOADER_ROLE: settings.loader_database_url,
        }
        own = {role: url.get_secret_value() for role, url in given.items() if url is not None}
        return GivenPostgres(settings.database_url.get_secret_value(), own)
    if sys.platform == "win32":
        raise ConfigurationError(
            "the embedded database runs on Linux and macOS; on Windows use WSL,"
            " or point DATABASE_URL at a Postgres"
        )
    from erp_adapters.store.postgres import EmbeddedPostgres

    return EmbeddedPostgres(postgres_folder(settings))


def postgres_folder(settings: Settings) -> Path:
    """Where the embedded database of a home lies."""
    return settings.home / "postgres"
