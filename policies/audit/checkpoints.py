"""Signed checkpoints in a second place: how far the chain had come, which nobody who rewrites it can unsay.

A checkpoint holds the hash of the one before it, so that none can be taken out of the middle.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import UUID

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from erp_adapters.errors import AuditUnavailable
from policies.audit.chain import moment
from policies.audit.keys import fingerprint, is_signed

_PURPOSE = b"plantwright audit checkpoint\n"
"""Nothing else that is signed with the key can pass for a checkpoint."""
_SUCCESSION = b"plantwright audit succession\n"
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Succession:
    """That another key signs from the next checkpoint on."""

    public: str
    """The key that signed this one, and no later one: 32 bytes in hexadecimal digits."""
    successor: str
    """The key that signs from then on."""
    accepted: bytes = b""
    """Signature of the successor's: whoever holds it vouches for the one before."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a chain had come at a moment, signed."""

    chain: UUID
    position: int
    hash: bytes
    at: datetime
    previous: str
    """SHA-256 of the line before; empty in the first."""
    key: str
    """Fingerprint of the key that signed it."""
    signature: bytes
    succession: Succession | None = None
    """Only in the last one of a key that was changed for another."""

    @property
    def text(self) -> bytes:
        """What is signed."""
        return _PURPOSE + rfc8785.dumps(self._body())

    @property
    def line(self) -> bytes:
        """As it is kept."""
        return rfc8785.dumps(self.as_json())

    @property
    def digest(self) -> str:
        """What the next one holds of it."""
        return hashlib.sha256(self.line).hexdigest()

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """True where nobody changed it since it was signed."""
        return is_signed(key, self.signature, self.text)

    @property
    def signer_after(self) -> str:
        """Fingerprint of the key that signs the next one."""
        return self.key if self.succession is None else fingerprint(_public(self.succession.successor))

    @property
    def is_succession(self) -> bool:
        """True where one key handed over to another and both of them signed it."""
        if self.succession is None:
            return False
        before, after = _public(self.succession.public), _public(self.succession.successor)
        return (
            fingerprint(before) == self.key
            and self.is_signed_by(before)
            and is_signed(after, self.succession.accepted, _SUCCESSION + self.text)
        )

    def as_json(self) -> dict[str, str | int]:
        """The members of the JSON object."""
        held = {**self._body(), "signature": self.signature.hex()}
        return held if self.succession is None else {**held, "accepted": self.succession.accepted.hex()}

    def _body(self) -> dict[str, str | int]:
        handed = {}
        if self.succession is not None:
            handed = {"public": self.succession.public, "successor": self.succession.successor}
        return {
            **handed,
            "at": moment(self.at),
            "chain": str(self.chain),
            "hash": self.hash.hex(),
            "key": self.key,
            "position": self.position,
            "previous": self.previous,
        }


def signed(
    key: Ed25519PrivateKey, chain: UUID, position: int, hash: bytes, at: datetime, previous: str
) -> Checkpoint:
    """A checkpoint with its signature."""
    bare = Checkpoint(chain, position, hash, at, previous, fingerprint(key.public_key()), b"")
    return Checkpoint(chain, position, hash, at, previous, bare.key, key.sign(bare.text))


def handed_over(
    key: Ed25519PrivateKey,
    successor: Ed25519PrivateKey,
    chain: UUID,
    position: int,
    hash: bytes,
    at: datetime,
    previous: str,
) -> Checkpoint:
    """The last checkpoint of a key, signed by it and by the one that signs from then on."""
    names = Succession(_digits(key.public_key()), _digits(successor.public_key()))
    bare = Checkpoint(chain, position, hash, at, previous, fingerprint(key.public_key()), b"", names)
    return replace(
        bare,
        signature=key.sign(bare.text),
        succession=replace(names, accepted=successor.sign(_SUCCESSION + bare.text)),
    )


def succession_of(
    checkpoints: Iterable[Checkpoint], key: Ed25519PublicKey
) -> tuple[tuple[Ed25519PublicKey, int | None], ...]:
    """The keys that handed over to each other, the given one among them, each with its last position.

    Whoever trusts one of them can trust all: the ones before it were vouched for, the ones after it named.
    """
    handed = [each for each in checkpoints if each.is_succession]
    keys: list[tuple[Ed25519PublicKey, int | None]] = [(key, None)]
    for each in reversed(handed):
        assert each.succession is not None
        if each.succession.successor == _digits(keys[0][0]):
            keys.insert(0, (_public(each.succession.public), each.position))
    for each in handed:
        assert each.succession is not None
        if each.succession.public == _digits(keys[-1][0]):
            keys[-1] = (keys[-1][0], each.position)
            keys.append((_public(each.succession.successor), None))
    return tuple(keys)


def _digits(key: Ed25519PublicKey) -> str:
    return key.public_bytes_raw().hex()


def _public(digits: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(digits))


def parsed(line: bytes) -> Checkpoint:
    """A checkpoint from its line.

    Raises:
        ValueError: it is none.
    """
    try:
        held = json.loads(line)
        found = Checkpoint(
            UUID(held["chain"]),
            held["position"],
            bytes.fromhex(held["hash"]),
            datetime.strptime(held["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC),
            held["previous"],
            held["key"],
            bytes.fromhex(held["signature"]),
            _succession(held),
        )
        # One way only to write a checkpoint: what is not the same bytes again was not written by us.
        if type(found.position) is int and found.line == line:
            return found
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ValueError("no checkpoint") from error
    raise ValueError("no checkpoint as it is written")


def _succession(held: Mapping[str, str]) -> Succession | None:
    if "successor" not in held:
        return None
    for name in ("public", "successor"):
        _public(held[name])
    return Succession(held["public"], held["successor"], bytes.fromhex(held["accepted"]))


class CheckpointLog:
    """The second place: a file of checkpoints, a line each, fsynced; several processes may share it."""

    def __init__(self, file: Path, key: Ed25519PrivateKey) -> None:
        self.file = file
        self._key = key
        self._own: Checkpoint | None = None

    def last(self) -> Checkpoint | None:
        """The latest checkpoint; None where there is none yet.

        Raises:
            AuditUnavailable: the file cannot be read, ends in something else, or has lost what was added.
        """
        found = last_checkpoint(self.file)
        self._check_own(found)
        return found

    def _check_own(self, found: Checkpoint | None) -> None:
        own = self._own
        if own is not None and (
            found is None or (found.chain == own.chain and found.position < own.position)
        ):
            raise AuditUnavailable(
                f"checkpoints were taken away from {str(self.file)!r} while the program ran; nothing is"
                " written until somebody has looked at it (`plantwright audit verify`)"
                " and started the program anew"
            )

    def add(self, chain: UUID, position: int, hash: bytes, at: datetime) -> Checkpoint:
        """Keep a checkpoint; the latest one, where another process has come as far already.

        Raises:
            AuditUnavailable: it cannot be kept.
        """
        return self._add(chain, position, lambda last: signed(self._key, chain, position, hash, at, last))

    def hand_over(
        self, successor: Ed25519PrivateKey, chain: UUID, position: int, hash: bytes, at: datetime
    ) -> Checkpoint:
        """Keep the last checkpoint of this key: from then on only the successor's are added.

        Raises:
            AuditUnavailable: it cannot be kept.
        """
        return self._add(
            chain,
            position,
            lambda last: handed_over(self._key, successor, chain, position, hash, at, last),
            always=True,
        )

    def _add(
        self, chain: UUID, position: int, make: Callable[[str], Checkpoint], *, always: bool = False
    ) -> Checkpoint:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            is_new = not self.file.exists()
            with os.fdopen(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                last = _last(handle, self.file)
                # Once more, under the lock: a line of ours may have gone since somebody last looked.
                self._check_own(last)
                if last is not None:
                    self._check_signer(last)
                    # The first of a new key stands beside the last of the one before: its end is seen.
                    is_new_signer = always or last.succession is not None
                    if last.chain == chain and last.position >= position and not is_new_signer:
                        return last
                made = make(last.digest if last else "")
                # What a killed process left half written was never relied on.
                handle.truncate(_whole(handle))
                handle.seek(0, os.SEEK_END)
                handle.write(made.line + b"\n")
                handle.flush()
                os.fsync(handle.fileno())
            self._own = made
            if is_new:
                _force_folder(self.file.parent)
        except OSError as error:
            raise _trouble(self.file, error) from error
        return made

    def _check_signer(self, last: Checkpoint) -> None:
        if last.signer_after != fingerprint(self._key.public_key()):
            raise AuditUnavailable(
                f"checkpoints in {str(self.file)!r} are signed with another key than this program's: it was"
                " changed (`plantwright keys rotate`), or the wrong one is here. Nothing is written until the"
                " program was started anew with the key that signs now"
            )


def last_checkpoint(file: Path) -> Checkpoint | None:
    """The latest checkpoint of a file; None where there is no file yet.

    Raises:
        AuditUnavailable: it cannot be read, or ends in something else.
    """
    try:
        with file.open("rb") as handle:
            return _last(handle, file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _trouble(file, error) from error


def _last(handle: IO[bytes], file: Path) -> Checkpoint | None:
    end = _whole(handle)
    if end == 0:
        return None
    handle.seek(max(0, end - _LONGEST))
    line = handle.read(min(end, _LONGEST))[:-1].rpartition(b"\n")[2]
    try:
        return parsed(line)
    except ValueError as error:
        raise AuditUnavailable(
            f"the file of checkpoints {str(file)!r} ends in something that is no checkpoint; nothing"
            " is written until somebody has looked at it (`plantwright audit verify`)"
        ) from error


def _trouble(file: Path, error: OSError) -> AuditUnavailable:
    return AuditUnavailable(
        f"no checkpoint of the audit can be kept in {str(file)!r} ({error.strerror}); nothing is"
        " written until it can"
    )


def _whole(handle: IO[bytes]) -> int:
    """Length of the file up to its last whole line."""
    end = handle.seek(0, os.SEEK_END)
    start = max(0, end - _LONGEST)
    handle.seek(start)
    return start + handle.read(end - start).rfind(b"\n") + 1


def _force_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
