"""The contents of every event, and whether they can be opened, for who has the wrapping key.

The chain and its checkpoints already show what was changed. This also shows events that somebody without the
keys put behind the latest checkpoint, and keys that are gone without an erasure on record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg

from erp_adapters.errors import PolicyError
from policies.audit.chain import Entry
from policies.audit.keys import WrappingKey
from policies.audit.packet import PacketEvent, opened_event
from policies.audit.reading import entries_of, subject_keys
from policies.audit.sealing import SubjectKey, opened
from policies.audit.verify import Report


def opened_events(
    connection: psycopg.Connection[tuple[Any, ...]], wrapping: WrappingKey
) -> Iterator[PacketEvent]:
    """Every event in its order, opened as far as it can be."""
    keys = subject_keys(connection, wrapping)
    return (opened_event(entry, keys) for entry in entries_of(connection))


def readable(event: PacketEvent) -> dict[str, Any]:
    """The event as a line for programs that read contents, such as `plantwright policy replay --record`."""
    return {
        **event.entry.header,
        "actor": event.actor or None,
        "position": event.entry.position,
        "payload": event.contents or {},
    }


def check_contents(
    connection: psycopg.Connection[tuple[Any, ...]], wrapping: WrappingKey, report: Report
) -> None:
    """Add to the report each event that nobody with the keys wrote, and each key that is gone unsaid."""
    keys = subject_keys(connection, wrapping)
    missing: dict[UUID, int] = {}
    erased: set[UUID] = set()
    for entry in entries_of(connection):
        for used in (entry.actor, entry.about):
            if keys.get(used) is None:
                missing.setdefault(used, entry.position)
        if (about := keys.get(entry.about)) is not None:
            _open(entry, about, erased, report)
    for key, position in missing.items():
        if key not in erased:
            report.found(
                "contents",
                position,
                f"the key of event {position} is gone or changed, and no erasure of it is on record",
            )


def _open(entry: Entry, about: SubjectKey, erased: set[UUID], report: Report) -> None:
    try:
        held = opened(entry.sealed, entry.header, about)
        if entry.kind == "erasure":
            erased.add(UUID(str(held["key"])))
    except (PolicyError, KeyError, ValueError):
        report.found(
            "contents", entry.position, f"event {entry.position} was not written with the key that it names"
        )
