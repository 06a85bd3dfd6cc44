"""Everything about one decision in one file: as JSON for programs, or as a page for people."""

from __future__ import annotations

import html
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from erp_adapters.errors import RecordNotFound
from policies.audit.chain import Entry, moment
from policies.audit.checkpoints import Checkpoint
from policies.audit.sealing import SubjectKey, contents_of
from policies.lettering import UNSEEN


@dataclass(frozen=True, slots=True)
class PacketEvent:
    """One event, opened as far as it can be."""

    entry: Entry
    actor: str
    """Subject of who did it; empty where they were erased."""
    contents: Mapping[str, Any] | None
    """None where the person they are about was erased, or somebody changed them."""

    @property
    def is_as_written(self) -> bool:
        """True where its hash is that of what it holds."""
        return self.entry.link == self.entry.hash


@dataclass(frozen=True, slots=True)
class Packet:
    """What is on record about one decision."""

    proposals: tuple[str, ...]
    chain: UUID
    events: tuple[PacketEvent, ...]
    made_at: datetime
    checkpoint: Checkpoint | None
    """The latest one; None where there is none."""
    findings: tuple[str, ...]
    """What a verification of the whole chain found when the packet was made."""


def packet_of(
    proposals: Sequence[str],
    chain: UUID,
    entries: Iterable[Entry],
    keys: Mapping[UUID, SubjectKey | None],
    made_at: datetime,
    checkpoint: Checkpoint | None = None,
    findings: Sequence[str] = (),
) -> Packet:
    """The packet of a proposal, or of all versions of one.

    Raises:
        RecordNotFound: nothing is on record about it.
    """
    events = tuple(opened_event(entry, keys) for entry in entries)
    if not events:
        raise RecordNotFound(f"nothing is on record about the proposal {', '.join(proposals)!r}")
    return Packet(tuple(proposals), chain, events, made_at, checkpoint, tuple(findings))


def opened_event(entry: Entry, keys: Mapping[UUID, SubjectKey | None]) -> PacketEvent:
    """The event, opened as far as it can be."""
    actor = keys.get(entry.actor)
    return PacketEvent(entry, actor.subject if actor else "", contents_of(entry, keys))


def as_json(packet: Packet) -> dict[str, Any]:
    """The packet as JSON; with each event's hashes, so that it can be checked against an export."""
    return {
        "proposals": list(packet.proposals),
        "chain": str(packet.chain),
        "made_at": moment(packet.made_at),
        "checkpoint": packet.checkpoint.as_json() if packet.checkpoint else None,
        "findings": list(packet.findings),
        "events": [
            {
                **event.entry.header,
                "actor": event.actor or None,
                "actor_key": str(event.entry.actor),
                "position": event.entry.position,
                "previous": event.entry.previous.hex(),
                "hash": event.entry.hash.hex(),
                "as_written": event.is_as_written,
                "contents": event.contents,
            }
            for event in packet.events
        ],
    }


_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "h1{font-size:1.4rem}h2{font-size:1.05rem;margin:1.6rem 0 .3rem}"
    "table{border-collapse:collapse;width:100%}"
    "td{border-top:1px solid #ddd;padding:.25rem .5rem;vertical-align:top}"
    "td:first-child{width:14rem;color:#555}pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}"
    ".hash{font:12px ui-monospace,monospace;color:#777;overflow-wrap:anywhere}"
    ".bad{color:#b00020;font-weight:600}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Nothing remote, and no script, whatever the contents hold."""
_TITLES = {
    "proposal": "Proposed",
    "edit": "Edited",
    "confirmation": "Confirmed",
    "rejection": "Rejected",
    "expiry": "Expired",
    "supersession": "Superseded",
    "escalation": "Escalated",
    "dispatch": "Sent to the ERP",
    "execution": "Written to the ERP",
    "refusal": "Refused",
    "unknown_outcome": "Outcome not known",
    "reconciliation": "Reconciled",
    "policy_decision": "Policy decided",
}


def as_html(packet: Packet) -> str:
    """A page that a person can read and print, whole in itself."""
    return "\n".join(_page(packet)) + "\n"


def _page(packet: Packet) -> Iterator[str]:
    title = f"Decision {', '.join(packet.proposals)}"
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield f"<title>{_shown(title)}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{_shown(title)}</h1>"
    count, made_at = len(packet.events), _second(packet.made_at)
    yield f"<p>{count} events of chain {packet.chain}, put together {made_at}.</p>"
    if packet.findings:
        yield "<p class=bad>The audit was tampered with:</p><ul>"
        yield from (f"<li class=bad>{_shown(finding)}</li>" for finding in packet.findings)
        yield "</ul>"
    elif packet.checkpoint is not None:
        yield (
            "<p>The audit was verified as a whole; its latest checkpoint is of"
            f" {_second(packet.checkpoint.at)} and covers event {packet.checkpoint.position}.</p>"
        )
    for event in packet.events:
        yield from _section(event)
    yield "</body></html>"


def _section(event: PacketEvent) -> Iterator[str]:
    entry = event.entry
    title = _TITLES.get(entry.kind, entry.kind.replace("_", " ").capitalize())
    who = event.actor or "an erased person"
    yield f"<h2>{_shown(title)} by {_shown(who)}, {_second(entry.at)}</h2><table>"
    if entry.site:
        yield _row("site", entry.site)
    if event.contents is None:
        yield "<tr><td>contents</td><td>cannot be read: the person they are about was erased</td></tr>"
    else:
        yield from (_row(name.replace("_", " "), value) for name, value in event.contents.items())
    yield "</table>"
    if not event.is_as_written:
        yield "<p class=bad>This event was changed after it was written.</p>"
    yield f"<p class=hash>event {entry.position}, {entry.hash.hex()}</p>"


def _row(name: str, value: object) -> str:
    if isinstance(value, Mapping | list):
        text = f"<pre>{_shown(json.dumps(value, indent=1, ensure_ascii=False))}</pre>"
    else:
        text = f"<pre>{_shown('' if value is None else str(value))}</pre>"
    return f"<tr><td>{_shown(name)}</td><td>{text}</td></tr>"


def _shown(text: str) -> str:
    """The text escaped; what cannot be seen, or turns the direction of its neighbours, is named instead."""
    return html.escape(
        "".join(
            f"[U+{ord(character):04X}]"
            if character not in "\n\t" and unicodedata.category(character) in UNSEEN
            else character
            for character in text
        )
    )


def _second(at: datetime) -> str:
    return f"{moment(at)[:10]} {moment(at)[11:19]} UTC"
