"""All checks in their order."""

from __future__ import annotations

from collections.abc import Iterator

from erp_adapters.errors import CopilotError
from server.database import Database, database, postgres_folder
from server.doctor.channels import channels
from server.doctor.endpoints import endpoints
from server.doctor.finding import Finding, World, broken, warning
from server.doctor.machine import machine
from server.doctor.record import record
from server.doctor.store import store
from server.doctor.systems import systems
from server.running import running
from server.settings import Settings


def examined(
    settings: Settings, world: World | None = None, home: Database | None = None
) -> Iterator[Finding]:
    """What every check found; nothing is changed by looking.

    Args:
        settings: of the home.
        world: clock, disk and interpreter.
        home: its database, where it is not the one that the settings name.
    """
    world = world or World()
    yield from machine(settings, world, is_serving=running(settings) is not None)
    there = home or _database(settings)
    if isinstance(there, Finding):
        yield there
        yield from record(settings, None)
    else:
        try:
            there.start()
            yield from store(settings, there, world)
            yield from record(settings, there)
        except CopilotError as error:
            yield broken("database", str(error), "mend what it says; docs/running.md")
        finally:
            there.stop()
    yield from endpoints(settings, world)
    yield from systems(settings)
    yield from channels(settings, world)


def _database(settings: Settings) -> Database | Finding:
    if not settings.is_given and not postgres_folder(settings).exists():
        mend = "`plantwright demo` makes one, or DATABASE_URL names yours"
        return warning("database", "this home has none yet", mend)
    try:
        return database(settings)
    except CopilotError as error:
        return broken("database", str(error), "name a Postgres with DATABASE_URL")
