"""The record: its keys, the second place of its checkpoints, and whether the two agree how far it is."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg

from erp_adapters.errors import AuditUnavailable, ConfigurationError
from erp_adapters.store.provision import APP_ROLE
from policies.audit.checkpoints import last_checkpoint
from policies.audit.keys import PUBLIC, SIGNING, WRAPPING, public_key, wrapping_key
from server.database import Database
from server.doctor.finding import Finding, broken, ok, warning
from server.settings import Settings


def record(settings: Settings, home: Database | None) -> Iterator[Finding]:
    """Every check of the record; without a database those of its files."""
    latest = None if home is None else _latest(home)
    held = keys(settings.keys, has_events=bool(latest and latest[1]))
    yield (
        _belonging(settings, home) if home is not None and latest is not None and held.state == "ok" else held
    )
    yield second_place(settings.checkpoints)
    if home is not None and latest is not None:
        yield _agreement(settings, home, latest[1])


def keys(folder: Path, *, has_events: bool) -> Finding:
    """Whether the keys are there, are keys, and nobody else may read them."""
    missing = [name for name in (WRAPPING, SIGNING, PUBLIC) if not (folder / name).exists()]
    if missing and has_events:
        mend = (
            f"put it back into {str(folder)!r} from where keys are kept; without it the record cannot be read"
        )
        return broken("keys", f"missing: {', '.join(missing)}", mend)
    if missing:
        return warning(
            "keys", "not made yet", "the first start makes them; back them up apart from the database"
        )
    for name in (WRAPPING, SIGNING):
        held = (folder / name).stat()
        mode = stat.S_IMODE(held.st_mode)
        # What a cluster mounts belongs to root, and is given to a container through its group.
        others = 0o037 if held.st_uid != os.geteuid() else 0o077
        if mode & others:
            return broken("keys", f"{name} has the rights {mode:04o}", f"chmod 600 {folder / name}")
    try:
        wrapping_key(folder)
        public_key(folder / PUBLIC)
    except ConfigurationError as error:
        return broken("keys", str(error), "put them back from where keys are kept")
    return ok("keys", f"in {folder}")


def _belonging(settings: Settings, home: Database) -> Finding:
    """Whether this record is kept under the wrapping key that is here; looking leaves it as it is."""
    with psycopg.connect(home.dsn(APP_ROLE), connect_timeout=5) as connection:
        tag = wrapping_key(settings.keys).tag
        row = connection.execute("select audit.adopt(%s)", (tag,)).fetchone()
        connection.rollback()
    if row is None or bytes(row[0]) != tag:
        mend = (
            f"put the {WRAPPING} of this database back into {str(settings.keys)!r} from where keys are kept"
        )
        return broken("keys", f"{WRAPPING} is of another record: nothing can be put on this one", mend)
    return ok("keys", f"in {settings.keys}")


def second_place(file: Path) -> Finding:
    """Whether a checkpoint can be added: while none can, nothing is written to an ERP."""
    mend = "make it writable, or name another file with PLANTWRIGHT_AUDIT_CHECKPOINTS"
    place = next((each for each in (file, *file.parents) if each.exists()), file)
    expected = place.is_file() if place == file else place.is_dir()
    if not expected or not os.access(place, os.W_OK):
        return broken("checkpoints", f"{str(file)!r} cannot be written", mend)
    try:
        last = last_checkpoint(file)
    except AuditUnavailable as error:
        return broken("checkpoints", str(error), "`plantwright audit verify` says from where on")
    return ok(
        "checkpoints", "none yet" if last is None else f"the last one is of {last.at:%Y-%m-%d %H:%M} UTC"
    )


def _latest(home: Database) -> tuple[object, int] | None:
    try:
        with psycopg.connect(home.dsn(APP_ROLE), connect_timeout=5) as connection:
            row = connection.execute("select chain, position from audit.latest()").fetchone()
    except psycopg.Error:
        return None
    return None if row is None else (row[0], int(row[1]))


def _agreement(settings: Settings, home: Database, position: int) -> Finding:
    verify = "`plantwright audit verify`, before anything else is done with this database"
    try:
        last = last_checkpoint(settings.checkpoints)
    except AuditUnavailable:
        return warning("record", "cannot be compared with its checkpoints", verify)
    if last is None:
        return ok("record", f"{position} events, none witnessed yet")
    try:
        if not last.is_signed_by(public_key(settings.keys / PUBLIC)):
            return broken("record", "the last checkpoint was not signed with this home's key", verify)
    except ConfigurationError as error:
        return broken("record", str(error), "put the keys back")
    with psycopg.connect(home.dsn(APP_ROLE), connect_timeout=5) as connection:
        row = connection.execute(
            "select chain, audit.hash_at(%s) from audit.latest()", (last.position,)
        ).fetchone()
    if row is None or row[0] != last.chain or row[1] is None or bytes(row[1]) != last.hash:
        return broken("record", f"the database contradicts checkpoint {last.position}", verify)
    return ok("record", f"{position} events, the last checkpoint agrees at {last.position}")
