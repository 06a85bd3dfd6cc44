"""Another key in the place of one that signs or wraps; the chain verifies before and after.

Both go on where they were interrupted: the next key lies beside the one that it replaces until it has.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from erp_adapters.errors import AuditUnavailable, ConfigurationError
from policies.audit.checkpoints import CheckpointLog, last_checkpoint
from policies.audit.event import AuditEvent
from policies.audit.keys import (
    AuditKeys,
    WrappingKey,
    fingerprint,
    next_signing_key,
    next_wrapping_key,
    replace_signing_key,
    replace_wrapping_key,
)
from policies.audit.sealing import unwrapped, wrapped
from policies.audit.subjects import SYSTEM
from policies.audit.trail import PostgresTrail


@dataclass(frozen=True, slots=True)
class Rotated:
    """Which key went and which came, by what tells them from others."""

    before: str
    after: str
    kept: Path | None = None
    """Where the one before still lies, for backups that were made under it."""


async def rotate_signing(owner_dsn: str, folder: Path, checkpoints: Path) -> Rotated:
    """Let another key sign checkpoints; the last one of the key before names it, and both sign that one.

    Programs that run refuse to write until they are started with the new key.

    Raises:
        AuditUnavailable: the record contradicts its checkpoints, or cannot be written; nothing was changed.
        ConfigurationError: the keys cannot be used.
    """
    keys, successor = AuditKeys.kept_in(folder), next_signing_key(folder)
    before, after = fingerprint(keys.public), fingerprint(successor.public_key())
    last = last_checkpoint(checkpoints)
    if last is None or last.signer_after != after:
        log = CheckpointLog(checkpoints, keys.signing)
        await _on_record(owner_dsn, keys, log, {"key": "signing", "before": before, "after": after})
        last = log.last()
        if last is None:
            raise AuditUnavailable(f"there is no checkpoint in {str(checkpoints)!r} to hand over with")
        last = log.hand_over(successor, last.chain, last.position, last.hash, datetime.now(UTC))
    replace_signing_key(folder)
    CheckpointLog(checkpoints, successor).add(last.chain, last.position, last.hash, datetime.now(UTC))
    return Rotated(before, after)


async def rotate_wrapping(owner_dsn: str, folder: Path, checkpoints: Path) -> Rotated:
    """Wrap every person's key under another one, in one transaction.

    Raises:
        AuditUnavailable: the record contradicts its checkpoints, or cannot be written; nothing was changed.
        ConfigurationError: the program is running, or the database is kept under neither key.
    """
    keys, successor = AuditKeys.kept_in(folder), next_wrapping_key(folder)
    before, after = keys.wrapping, successor
    rotated = Rotated(before.tag.hex()[:8], after.tag.hex()[:8])
    held = await asyncio.to_thread(_kept_under, owner_dsn)
    if held != after.tag:
        if held not in (None, before.tag):
            raise ConfigurationError(
                f"the record of this database is kept under neither the wrapping key in {str(folder)!r} nor"
                " the one that is about to replace it; put the key that belongs to it back"
            )
        await asyncio.to_thread(_nobody_else, owner_dsn)
        log = CheckpointLog(checkpoints, keys.signing)
        said = {"key": "wrapping", "before": rotated.before, "after": rotated.after}
        await _on_record(owner_dsn, keys, log, said)
        await asyncio.to_thread(_rewrap, owner_dsn, before, after)
    return Rotated(rotated.before, rotated.after, replace_wrapping_key(folder))


async def _on_record(owner_dsn: str, keys: AuditKeys, log: CheckpointLog, said: dict[str, str]) -> None:
    async with await PostgresTrail.open(owner_dsn, keys, log=log) as trail:
        await trail.append([AuditEvent("key_rotation", datetime.now(UTC), SYSTEM, SYSTEM, said)])
        await trail.witness()


def _kept_under(owner_dsn: str) -> bytes | None:
    with psycopg.connect(owner_dsn) as connection:
        row = connection.execute("select key_tag from audit.chain").fetchone()
    return None if row is None or row[0] is None else bytes(row[0])


def _nobody_else(owner_dsn: str) -> None:
    """A program that runs has the key in memory, and would wrap the next person's key with it."""
    with psycopg.connect(owner_dsn) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and usename in ('plantwright_app', 'plantwright_worker')"
        ).fetchone()
    if row is not None and row[0]:
        raise ConfigurationError(
            f"{row[0]} connections of running servers or workers are open; stop them all, then change the"
            " wrapping key, and start them with the new one"
        )


def _rewrap(owner_dsn: str, before: WrappingKey, after: WrappingKey) -> None:
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("lock table audit.subject_key in access exclusive mode")
        found = connection.execute(
            "select key_id, wrapped from audit.subject_key where wrapped is not null"
        ).fetchall()
        opened = [unwrapped(id, bytes(text), before) for id, text in found]
        connection.execute(
            "select audit.rewrap(%s, %s, %s, %s, %s)",
            (
                before.tag,
                after.tag,
                [each.id for each in opened],
                [after.digest(each.subject) for each in opened],
                [wrapped(each, after) for each in opened],
            ),
        )
