"""Changes of the limits: proposed by one person, approved by one of another trade, kept, and on record."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

import psycopg

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError, Denied, DraftInvalid, RecordNotFound
from erp_adapters.store.failures import translated
from policies.audit.event import AuditEvent, AuditTrail
from policies.engine import CedarPolicy
from policies.limits import LimitsChange, parse_change
from policies.sentences import NOUNS, listed

ChangeStatus: TypeAlias = Literal["proposed", "approved", "rejected"]
_Connection: TypeAlias = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A change of the limits, and what became of it."""

    version: int
    content: str
    """TOML as it was proposed."""
    digest: str
    sites: tuple[str, ...]
    effective_from: datetime
    note: str
    status: ChangeStatus
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    @property
    def change(self) -> LimitsChange:
        """What it says.

        Raises:
            ConfigurationError: this version of the program cannot read it, or it is not what was digested.
        """
        read = parse_change(self.content, f"change {self.version}")
        if read.digest != self.digest:
            raise ConfigurationError(
                f"Change {self.version} of the limits is not what was proposed: its digest differs. Nothing"
                " is proposed or confirmed until an administrator has looked into it."
            )
        return read

    @property
    def in_force_from(self) -> datetime | None:
        """When it begins to hold: never before it was approved. None where it was not."""
        if self.status != "approved" or self.decided_at is None:
            return None
        return max(self.effective_from, self.decided_at)


_COLUMNS = ", ".join(ChangeRecord.__dataclass_fields__)
_ENTER_SCOPE = "select app.enter_scope(%s, %s::text[], %s::text[], 15000, %s::text[])"


@asynccontextmanager
async def acting(dsn: str, caller: Caller) -> AsyncIterator[_Connection]:
    """A transaction of the application's login under the caller's scope; kept where nothing is raised."""
    with translated():
        async with await psycopg.AsyncConnection.connect(dsn) as connection:
            scope = (caller.subject, sorted(caller.sites), sorted(caller.companies), sorted(caller.roles))
            await connection.execute(_ENTER_SCOPE, scope)
            yield connection


async def changes(connection: _Connection) -> tuple[ChangeRecord, ...]:
    """Every change, oldest first."""
    cursor = await connection.execute(f"select {_COLUMNS} from app.limits_change order by version".encode())
    return tuple(_record(row) for row in await cursor.fetchall())


async def change(connection: _Connection, version: int) -> ChangeRecord:
    """The change of that version.

    Raises:
        RecordNotFound: there is none.
    """
    known = await changes(connection)
    for record in known:
        if record.version == version:
            return record
    there = f"there are {', '.join(str(r.version) for r in known)}" if known else "there is none yet"
    raise RecordNotFound(f"no change {version} of the limits; {there}")


async def propose(
    connection: _Connection,
    caller: Caller,
    content: str,
    *,
    effective_from: datetime,
    note: str,
    policy: CedarPolicy,
    trail: AuditTrail,
    at: datetime,
) -> ChangeRecord:
    """Keep a change that somebody else may approve; the last thing in its transaction.

    Args:
        policy: what it changes.

    Raises:
        Denied: the person is neither controller nor administrator of every site that it is about.
        DraftInvalid: it would have been in force before it was proposed.
        ConfigurationError: it says something that cannot be.
        AuditUnavailable: it could not be put on record, and is not kept.
    """
    said = parse_change(content, "the change")
    policy.changed(said, "the change").check()
    if effective_from < at:
        raise DraftInvalid(
            f"a change of the limits cannot hold from {effective_from.isoformat()}, which has passed; give a"
            " later moment"
        )
    row = await _one(
        connection,
        "select app.propose_limits(%s, %s, %s::text[], %s, %s)",
        (content, said.digest, sorted(said.sites), effective_from, note),
    )
    if row[0] is None:
        raise _not_theirs(caller, said.sites)
    record = await change(connection, int(row[0]))
    await trail.append_in(connection, [_event(record, caller, "proposed", at)])
    return record


async def decide(
    connection: _Connection,
    caller: Caller,
    version: int,
    decision: Literal["approved", "rejected"],
    *,
    digest: str,
    policy: CedarPolicy,
    trail: AuditTrail,
    at: datetime,
) -> ChangeRecord:
    """Approve or reject a proposed change; the last thing in its transaction.

    Args:
        digest: of the change that the person was shown.
        policy: what it changes.

    Raises:
        Denied: the person proposed it, has the same trade as who did, or not all of its sites.
        RecordNotFound: there is no such change.
        DraftInvalid: it has been decided, or is not what the person was shown.
        ConfigurationError: what it was proposed for has changed, and it says something that cannot be now.
        AuditUnavailable: it could not be put on record, and is not decided.
    """
    if decision == "approved":
        policy.changed((await change(connection, version)).change, f"change {version}").check()
    row = await _one(connection, "select app.decide_limits(%s, %s, %s)", (version, decision, digest))
    outcome = str(row[0])
    if outcome != decision:
        raise await _refusal(connection, caller, version, outcome)
    record = await change(connection, version)
    await trail.append_in(connection, [_event(record, caller, decision, at)])
    return record


async def _refusal(
    connection: _Connection, caller: Caller, version: int, outcome: str
) -> Denied | DraftInvalid | RecordNotFound:
    record = await change(connection, version)
    match outcome:
        case "not allowed":
            return _not_theirs(caller, frozenset(record.sites))
        case "same person":
            return Denied(
                f"change {version} of the limits was proposed by {caller.subject!r}, and limits change by two"
                " people"
            )
        case "same trade":
            return Denied(
                f"change {version} of the limits was proposed by {record.proposed_by!r}; of the two people"
                " one is a controller and one an administrator"
            )
        case "another digest":
            return DraftInvalid(
                f"change {version} of the limits is not what was shown: it has the digest {record.digest}"
            )
        case _:
            return DraftInvalid(f"change {version} of the limits is {record.status} already")


def _not_theirs(caller: Caller, sites: frozenset[str]) -> Denied:
    where = "every site" if "*" in sites else listed(sorted(sites))
    roles = listed(NOUNS.get(role, role) for role in sorted(caller.roles) or [""])
    mine = listed(sorted(caller.sites)) if caller.sites else "no site"
    return Denied(
        f"limits of {where} are changed by a controller and an administrator who have {where};"
        f" {caller.subject!r} is {roles} and has {mine}"
    )


def _event(record: ChangeRecord, caller: Caller, what: str, at: datetime) -> AuditEvent:
    sites = record.sites
    return AuditEvent(
        kind="limits_change",
        at=at,
        actor=caller.subject,
        about=caller.subject,
        payload={
            "decision": what,
            "version": record.version,
            "content": record.content,
            "digest": record.digest,
            "sites": list(sites),
            "effective_from": record.effective_from.isoformat(),
            "note": record.note,
            "proposed_by": record.proposed_by,
        },
        site=sites[0] if len(sites) == 1 and sites[0] != "*" else "",
    )


async def _one(connection: _Connection, query: str, values: Sequence[object]) -> tuple[Any, ...]:
    row = await (await connection.execute(query.encode(), values)).fetchone()
    assert row is not None, "a function returns a row"
    return tuple(row)


def _record(row: Sequence[Any]) -> ChangeRecord:
    version, content, digest, sites, *others = row
    return ChangeRecord(version, content, digest, tuple(sites), *others)
