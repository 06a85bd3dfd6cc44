"""Contents sealed under a key of the person they are about: AES-256-GCM, together with the event's header."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from erp_adapters.errors import AuditUnavailable, PolicyError
from policies.audit.canonical import canonical
from policies.audit.chain import Entry, header, leaf_of
from policies.audit.event import AuditEvent
from policies.audit.keys import WrappingKey

_NONCE = 12
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """The key of one person, with the id that stands for the person in the chain."""

    id: UUID
    subject: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event as it goes into the chain."""

    event: AuditEvent
    actor: UUID
    about: UUID
    contents: bytes
    leaf: bytes


def new_key(id: UUID, subject: str) -> SubjectKey:
    """A fresh key for a person."""
    return SubjectKey(id, subject, secrets.token_bytes(32))


def wrapped(key: SubjectKey, wrapping: WrappingKey) -> bytes:
    """The key and whose it is, readable only with the wrapping key."""
    text = rfc8785.dumps({"secret": key.secret.hex(), "subject": key.subject})
    return _encrypted(wrapping.secret, text, key.id.bytes)


def unwrapped(id: UUID, text: bytes, wrapping: WrappingKey) -> SubjectKey:
    """The person's key again.

    Raises:
        PolicyError: it was wrapped with another key, or somebody changed it.
    """
    plain = _decrypted(wrapping.secret, text, id.bytes, f"the key {id} of the audit")
    held = json.loads(plain)
    return SubjectKey(id, str(held["subject"]), bytes.fromhex(held["secret"]))


def seal(event: AuditEvent, actor: SubjectKey, about: SubjectKey) -> Sealed:
    """The event with its contents sealed.

    Raises:
        AuditUnavailable: its contents are not JSON, or its moment has no zone.
    """
    # Checked here, because one unusable event would take those of others in its transaction along.
    if event.at.tzinfo is None:
        raise AuditUnavailable(f"a {event.kind!r} event cannot be put on record: its moment has no time zone")
    if any("\0" in text or len(text) > _LONGEST for text in (event.proposal, event.site)):
        raise AuditUnavailable(
            f"a {event.kind!r} event cannot be put on record: its proposal or site is no code of at most"
            f" {_LONGEST} characters"
        )
    head = header(event.kind, event.at, actor.id, about.id, event.proposal, event.site)
    try:
        contents = _encrypted(about.secret, canonical(dict(event.payload)), canonical(dict(head)))
    except (ValueError, TypeError, RecursionError) as error:
        raise AuditUnavailable(f"a {event.kind!r} event cannot be put on record: {error}") from error
    return Sealed(event, actor.id, about.id, contents, leaf_of(head, contents))


def opened(contents: bytes, head: dict[str, str], about: SubjectKey) -> Mapping[str, Any]:
    """What was sealed.

    Raises:
        PolicyError: contents and header do not belong together, or the key is another.
    """
    plain = _decrypted(
        about.secret, contents, rfc8785.dumps(head), f"a {head['kind']!r} event of {head['at']}"
    )
    held: Mapping[str, Any] = json.loads(plain)
    return held


def contents_of(entry: Entry, keys: Mapping[UUID, SubjectKey | None]) -> Mapping[str, Any] | None:
    """What an entry holds; None where its person was erased, or somebody changed it."""
    about = keys.get(entry.about)
    if about is None:
        return None
    try:
        return opened(entry.sealed, entry.header, about)
    except PolicyError:
        return None


def _encrypted(secret: bytes, text: bytes, beside: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(secret).encrypt(nonce, text, beside)


def _decrypted(secret: bytes, text: bytes, beside: bytes, what: str) -> bytes:
    try:
        return AESGCM(secret).decrypt(text[:_NONCE], text[_NONCE:], beside)
    except (InvalidTag, ValueError) as error:
        raise PolicyError(f"{what} cannot be opened: it was changed, or another key wrapped it") from error
