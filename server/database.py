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

    Every role logs in at DATABASE_URL under its own name, unless it has an address of its own.
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
        from erp_adapters.store.provision import OWNER_ROLE

        own = {}
        if settings.owner_database_url is not None:
            own[OWNER_ROLE] = settings.owner_database_url.get_secret_value()
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
