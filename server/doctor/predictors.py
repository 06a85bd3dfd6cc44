"""The endpoints of models that may speak: whether each answers, and which lost their right to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import psycopg
from psycopg.rows import class_row

from erp_adapters.errors import ConfigurationError
from erp_adapters.store.provision import WORKER_ROLE
from policies.predictors.registered import REGISTERED, Registered
from server.database import Database
from server.doctor.finding import Finding, broken, ok, warning
from server.predicting.endpoints import Endpoints

_MEND = "start it, or correct its registration; a rule answers until then"


def predictors(home: Database) -> Iterator[Finding]:
    """A finding for each version that speaks or was suspended; none where no model is registered."""
    with (
        psycopg.connect(home.dsn(WORKER_ROLE), connect_timeout=5) as connection,
        connection.cursor(row_factory=class_row(Registered)) as cursor,
    ):
        cursor.execute(REGISTERED.encode(), {"site": None, "kind": None})
        entries = cursor.fetchall()
    for entry in entries:
        if entry.state == "suspended":
            yield warning(
                _place(entry),
                f"suspended: {entry.reason}",
                f"look at `plantwright predictors run`; then promote a version at {entry.site}, or retire it",
            )
    yield from asyncio.run(_asked([entry for entry in entries if entry.state == "active"]))


async def _asked(speaking: Sequence[Registered]) -> list[Finding]:
    found = []
    async with Endpoints() as endpoints:
        for entry in speaking:
            try:
                is_well, why = await endpoints.of(entry).health()
            except ConfigurationError as error:
                is_well, why = False, str(error)
            found.append(ok(_place(entry), why) if is_well else broken(_place(entry), why, _MEND))
    return found


def _place(entry: Registered) -> str:
    return f"model {entry.name} {entry.version} at {entry.site}"
