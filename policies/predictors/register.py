"""Changes of what models may do: registered, let in, sent back, suspended, by people and on record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import psycopg
from psycopg.rows import class_row

from erp_adapters.caller import Caller
from erp_adapters.errors import Denied, DraftInvalid, RecordNotFound
from policies.audit.event import AuditEvent, AuditTrail
from policies.clock import Clock
from policies.limits_changes import acting
from policies.predictors.registered import REGISTERED, Registered, Registration, State, as_json
from policies.reasons import reason_of
from policies.sentences import listed


class Predictors:
    """The register of models."""

    def __init__(self, dsn: str, trail: AuditTrail, clock: Clock) -> None:
        self._dsn = dsn
        self._trail = trail
        self._clock = clock

    async def all(self, caller: Caller, site: str | None = None) -> tuple[Registered, ...]:
        """Every version with its state at each site that the caller sees."""
        async with acting(self._dsn, caller) as connection:
            return await registered(connection, site)

    async def register(self, caller: Caller, entry: Registration, sites: Sequence[str]) -> None:
        """Register a version; it starts in shadow at those sites.

        Raises:
            Denied: the caller is no administrator of one of them.
            DraftInvalid: that version is registered already, or no site is named.
            AuditUnavailable: it could not be put on record; nothing is kept.
        """
        if not sites:
            raise DraftInvalid("name the sites where it starts in shadow")
        async with acting(self._dsn, caller) as connection:
            said = await _word(
                connection,
                "select app.register_predictor(%s::jsonb, %s::text[])",
                as_json(entry),
                list(sites),
            )
            if said == "not allowed":
                raise Denied(_only_administrators(caller, sites))
            if said == "already":
                raise DraftInvalid(
                    f"{entry.name} {entry.version} is registered already, and a version never changes:"
                    " register what is new as another version"
                )
            await self._put(connection, caller, "registered", entry.name, entry.version, sites, "registered")

    async def decide(
        self, caller: Caller, name: str, version: str, site: str, state: State, reason: str
    ) -> None:
        """Let a version speak at a site, send it back to shadow, suspend or retire it.

        Raises:
            Denied: the caller is no administrator of the site.
            RecordNotFound: there is no such version.
            DraftInvalid: it cannot go there from where it is, or there is no reason.
            AuditUnavailable: it could not be put on record; nothing changed.
        """
        reason = reason_of(reason, f"making {name} {version} {state} at {site}")
        async with acting(self._dsn, caller) as connection:
            said = await _word(
                connection,
                "select app.decide_predictor(%s, %s, %s, %s, %s)",
                name,
                version,
                site,
                state,
                reason,
            )
            match said:
                case "done":
                    await self._put(connection, caller, state, name, version, (site,), reason)
                case "not allowed":
                    raise Denied(_only_administrators(caller, (site,)))
                case "not found":
                    raise RecordNotFound(f"no model {name!r} of version {version!r} is registered")
                case "already":
                    raise DraftInvalid(f"{name} {version} is {state} at {site} already")
                case "retired":
                    raise DraftInvalid(
                        f"{name} {version} is retired at {site}: it can only start in shadow again"
                    )
                case _:
                    raise DraftInvalid(
                        f"{name} {version} has not run in shadow at {site}: a version that is approved"
                        " elsewhere starts in shadow here as well"
                    )

    async def roll_back(self, caller: Caller, name: str, site: str, reason: str) -> str:
        """Let the version speak again that spoke before the present one; its number.

        Raises:
            DraftInvalid: none spoke before it. Otherwise as `decide`.
        """
        async with acting(self._dsn, caller) as connection:
            cursor = await connection.execute(
                "select version from app.predictor_state where name = %s and site = %s and state = 'active'"
                " order by id desc",
                (name, site),
            )
            spoke = list(dict.fromkeys(str(row[0]) for row in await cursor.fetchall()))
        if len(spoke) < 2:
            raise DraftInvalid(f"no earlier version of {name!r} has spoken at {site}: suspend it instead")
        await self.decide(caller, name, spoke[1], site, "active", reason)
        return spoke[1]

    async def _put(
        self,
        connection: psycopg.AsyncConnection[Any],
        caller: Caller,
        what: str,
        name: str,
        version: str,
        sites: Sequence[str],
        reason: str,
    ) -> None:
        await self._trail.append_in(
            connection,
            [
                AuditEvent(
                    "predictor",
                    self._clock(),
                    caller.subject,
                    caller.subject,
                    {"model": name, "version": version, "state": what, "reason": reason},
                    site=site,
                )
                for site in sites
            ],
        )


async def registered(
    connection: psycopg.AsyncConnection[Any], site: str | None = None
) -> tuple[Registered, ...]:
    """Every version with its state at each site in the scope of the connection."""
    async with connection.cursor(row_factory=class_row(Registered)) as cursor:
        await cursor.execute(REGISTERED.encode(), {"site": site, "kind": None})
        return tuple(await cursor.fetchall())


def _only_administrators(caller: Caller, sites: Sequence[str]) -> str:
    return f"only administrators of {listed(sorted(sites))} decide about models there; {caller.name} is none"


async def _word(connection: psycopg.AsyncConnection[Any], sql: str, *values: object) -> str:
    cursor = await connection.execute(sql.encode(), values)
    row = cast("tuple[str] | None", await cursor.fetchone())
    assert row is not None  # a function answers
    return row[0]
