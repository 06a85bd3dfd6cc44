"""The chain: what of an event is hashed, and how each hash holds the one before.

An event's commitment names everything of it except its contents, of which it holds the digest of the sealed
form. So the chain still proves itself after somebody's key, and with it what is readable of them, is gone.

Both digests are of RFC 8785 JSON. The database computes the link when it appends (`audit.append`); this
module computes it again, from the outside, when the chain is verified.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import rfc8785

from policies.audit.canonical import canonical


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it stands in the chain."""

    position: int
    previous: bytes
    hash: bytes
    kind: str
    at: datetime
    actor: UUID
    """Key of the person, in place of a name."""
    about: UUID
    """Key that the contents are sealed with."""
    proposal: str
    site: str
    sealed: bytes

    @property
    def header(self) -> dict[str, str]:
        """What of it stands in the clear."""
        return header(self.kind, self.at, self.actor, self.about, self.proposal, self.site)

    @property
    def leaf(self) -> bytes:
        """The digest of its own commitment, computed from what it holds."""
        return leaf_of(self.header, self.sealed)

    @property
    def link(self) -> bytes:
        """What its hash has to be."""
        return link_of(self.leaf, self.position, self.previous)


def header(kind: str, at: datetime, actor: UUID, about: UUID, proposal: str, site: str) -> dict[str, str]:
    """What of an event stands in the clear; its contents are sealed together with it."""
    return {
        "about": str(about),
        "actor": str(actor),
        "at": moment(at),
        "kind": kind,
        "proposal": proposal,
        "site": site,
    }


def leaf_of(head: dict[str, str], sealed: bytes) -> bytes:
    """The digest of an event's commitment."""
    return hashlib.sha256(canonical({**head, "sealed": hashlib.sha256(sealed).hexdigest()})).digest()


def link_of(leaf: bytes, position: int, previous: bytes) -> bytes:
    """The hash of an entry: of its commitment, its place and the hash before it."""
    return hashlib.sha256(
        rfc8785.dumps({"leaf": leaf.hex(), "position": position, "previous": previous.hex()})
    ).digest()


def genesis(chain: UUID) -> bytes:
    """What the first entry has in place of a hash before it."""
    return hashlib.sha256(rfc8785.dumps({"chain": str(chain)})).digest()


def moment(at: datetime) -> str:
    """A moment as it is hashed: in UTC, to the microsecond that the database keeps."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
