"""The chain as the owner reads it: from the tables, or from an export that goes to an auditor."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import psycopg
import rfc8785
from psycopg.rows import tuple_row

from erp_adapters.errors import ConfigurationError, PolicyError
from policies.audit.chain import Entry, moment
from policies.audit.checkpoints import Checkpoint, parsed
from policies.audit.keys import WrappingKey
from policies.audit.sealing import SubjectKey, unwrapped

FORMAT = "plantwright audit 1"
_COLUMNS = "position, previous, hash, kind, at, actor, about, proposal, site, sealed"
_AT_A_TIME = 2000


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line where an entry should be."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Source:
    """A chain to be verified."""

    chain: UUID
    first: int
    """Position that it begins with: 1, unless it is the export of a later part."""
    entries: Iterator[Entry | Unreadable]
    end: tuple[int, bytes] | None = None
    """Where the database says that it ends; None for an export, which says it in its last line."""


class Ending:
    """What the last line of an export says, known once its entries were read."""

    def __init__(self) -> None:
        self.checkpoint: Checkpoint | None = None
        self.is_there = False


@contextmanager
def tables(owner_dsn: str) -> Iterator[tuple[Source, psycopg.Connection[tuple[Any, ...]]]]:
    """The chain of a database in one snapshot, and the connection that sees it."""
    with psycopg.connect(owner_dsn, row_factory=tuple_row) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        chain = connection.execute("select id from audit.chain").fetchone()
        if chain is None:
            raise PolicyError(
                "the audit has no chain: its row was taken away, so nothing of it can be trusted"
            )
        head = connection.execute("select position, hash from audit.head").fetchone()
        end = None if head is None else (int(head[0]), bytes(head[1]))
        yield Source(chain[0], 1, entries_of(connection), end or (0, b"")), connection


def entries_of(
    connection: psycopg.Connection[tuple[Any, ...]], first: int = 1, proposals: tuple[str, ...] = ()
) -> Iterator[Entry]:
    """The entries from a position on, in their order; only those of some proposals, where given."""
    with connection.cursor(name="entries") as cursor:
        cursor.itersize = _AT_A_TIME
        cursor.execute(
            f"select {_COLUMNS} from audit.event where position >= %s"
            " and (%s::text[] = '{}' or proposal = any (%s::text[])) order by position",
            (first, list(proposals), list(proposals)),
        )
        for row in cursor:
            yield entry_of(row)


def entry_of(row: tuple[Any, ...]) -> Entry:
    """An entry from a row of the table."""
    return Entry(
        int(row[0]),
        bytes(row[1]),
        bytes(row[2]),
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        row[8],
        bytes(row[9]),
    )


def subject_keys(
    connection: psycopg.Connection[tuple[Any, ...]], wrapping: WrappingKey
) -> dict[UUID, SubjectKey | None]:
    """The key of each person who appears; None where it was erased, or cannot be unwrapped."""
    found: dict[UUID, SubjectKey | None] = {}
    for id, text in connection.execute("select key_id, wrapped from audit.subject_key").fetchall():
        found[id] = None
        if text is not None:
            try:
                found[id] = unwrapped(id, bytes(text), wrapping)
            except PolicyError:
                continue
    return found


def write_export(out: IO[bytes], source: Source, last: Checkpoint | None) -> int:
    """Write the chain as JSON lines, sealed as it is; the number of entries.

    The last line holds the checkpoint of where it ends: without one, nothing shows that lines are missing.
    """
    out.write(rfc8785.dumps({"chain": str(source.chain), "first": source.first, "format": FORMAT}) + b"\n")
    count = 0
    for entry in source.entries:
        assert isinstance(entry, Entry)
        out.write(rfc8785.dumps(as_json(entry)) + b"\n")
        count += 1
    end = None if last is None else last.line.decode()
    out.write(rfc8785.dumps({"checkpoint": end, "events": count}) + b"\n")
    return count


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry as a line of an export."""
    return {
        "about": str(entry.about),
        "actor": str(entry.actor),
        "at": moment(entry.at),
        "hash": entry.hash.hex(),
        "kind": entry.kind,
        "position": entry.position,
        "previous": entry.previous.hex(),
        "proposal": entry.proposal,
        "sealed": base64.b64encode(entry.sealed).decode(),
        "site": entry.site,
    }


@contextmanager
def export(file: Path) -> Iterator[tuple[Source, Ending]]:
    """The chain of an export; nothing in it is believed.

    Raises:
        ConfigurationError: the file cannot be read or is no export.
    """
    try:
        with file.open("rb") as lines:
            try:
                head = json.loads(lines.readline())
                if head["format"] != FORMAT:
                    raise ValueError(head["format"])
                chain, first = UUID(head["chain"]), int(head["first"])
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ConfigurationError(f"{str(file)!r} is no export of an audit") from error
            ending = Ending()
            yield Source(chain, first, _exported(lines, ending)), ending
    except OSError as error:
        raise ConfigurationError(f"the export {str(file)!r} cannot be read: {error.strerror}") from error


def _exported(lines: IO[bytes], ending: Ending) -> Iterator[Entry | Unreadable]:
    for number, line in enumerate(lines, start=2):
        if ending.is_there:
            yield Unreadable(number, "stands behind the last line")
            continue
        try:
            held = json.loads(line)
            if "events" in held:
                ending.is_there = True
                end = held["checkpoint"]
                ending.checkpoint = None if end is None else parsed(end.encode())
                continue
            yield _from_json(held)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            yield Unreadable(number, "is no entry")


def _from_json(held: dict[str, Any]) -> Entry:
    if type(held["position"]) is not int or held.keys() != _MEMBERS:
        raise ValueError("no entry")
    return Entry(
        held["position"],
        bytes.fromhex(held["previous"]),
        bytes.fromhex(held["hash"]),
        str(held["kind"]),
        datetime.strptime(held["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC),
        UUID(held["actor"]),
        UUID(held["about"]),
        str(held["proposal"]),
        str(held["site"]),
        base64.b64decode(held["sealed"], validate=True),
    )


_MEMBERS = frozenset(
    ("about", "actor", "at", "hash", "kind", "position", "previous", "proposal", "sealed", "site")
)
