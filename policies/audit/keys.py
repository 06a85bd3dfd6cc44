"""The keys of the audit, in files outside the database: one wraps persons' keys, one signs checkpoints."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from erp_adapters.errors import ConfigurationError

WRAPPING = "wrapping.key"
SIGNING = "signing.key"
PUBLIC = "signing.pub"
NEXT_WRAPPING = "wrapping.next"
NEXT_SIGNING = "signing.next"
"""A key that is about to take the other's place; left where that was interrupted, and then gone on with."""
_LENGTH = 32


@dataclass(frozen=True, slots=True)
class WrappingKey:
    """What persons' keys are wrapped with; whoever has it and the database can read everything."""

    secret: bytes

    def __repr__(self) -> str:
        return f"WrappingKey({self.tag.hex()[:8]})"

    @property
    def tag(self) -> bytes:
        """What tells it from others without giving it away."""
        return self.digest("which key this is")

    def digest(self, text: str) -> bytes:
        """A keyed digest: finds a person's row without naming the person."""
        return hmac.digest(self._for_digests, text.encode("utf-8", "surrogatepass"), "sha256")

    @property
    def _for_digests(self) -> bytes:
        return hmac.digest(self.secret, b"plantwright audit digests", "sha256")


@dataclass(frozen=True, slots=True)
class AuditKeys:
    """Both keys of an installation; every process that writes its audit has the same."""

    wrapping: WrappingKey
    signing: Ed25519PrivateKey

    @property
    def public(self) -> Ed25519PublicKey:
        """What checkpoints are verified with."""
        return self.signing.public_key()

    @classmethod
    def kept_in(cls, folder: Path) -> AuditKeys:
        """The keys of that folder; new ones where it has none yet.

        Raises:
            ConfigurationError: the folder cannot be written, or a file of it holds no key.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            secret = _kept(folder / WRAPPING, _new_wrapping_key)
            pem = _kept(folder / SIGNING, _new_signing_key)
            signing = _signing(pem, folder / SIGNING)
            _kept(folder / PUBLIC, lambda: _pem(signing.public_key()))
        except OSError as error:
            raise ConfigurationError(
                f"the audit's keys cannot be kept in {str(folder)!r}: {error.strerror}; name another folder"
                " with PLANTWRIGHT_AUDIT_KEYS"
            ) from error
        return cls(_wrapping(secret, folder / WRAPPING), signing)


def next_signing_key(folder: Path) -> Ed25519PrivateKey:
    """The key that is about to sign in place of the one that does; made where there is none."""
    return _signing(_kept(folder / NEXT_SIGNING, _new_signing_key), folder / NEXT_SIGNING)


def next_wrapping_key(folder: Path) -> WrappingKey:
    """The key that is about to wrap in place of the one that does; made where there is none."""
    return _wrapping(_kept(folder / NEXT_WRAPPING, _new_wrapping_key), folder / NEXT_WRAPPING)


def replace_signing_key(folder: Path) -> None:
    """Put the next key in the place of the one that signed, of which only the public half is kept."""
    before = _signing((folder / SIGNING).read_bytes(), folder / SIGNING).public_key()
    after = next_signing_key(folder).public_key()
    _kept(folder / f"signing-{fingerprint(before)[:8]}.pub", lambda: _pem(before))
    _replaced(folder / PUBLIC, _pem(after))
    os.replace(folder / NEXT_SIGNING, folder / SIGNING)


def replace_wrapping_key(folder: Path) -> Path:
    """Put the next key in the place of the one that wrapped; the file that keeps that one, for backups."""
    before = _wrapping((folder / WRAPPING).read_bytes(), folder / WRAPPING)
    aside = folder / f"wrapping-{before.tag.hex()[:8]}.key"
    _kept(aside, lambda: before.secret.hex().encode() + b"\n")
    os.replace(folder / NEXT_WRAPPING, folder / WRAPPING)
    return aside


def wrapping_key(folder: Path) -> WrappingKey:
    """The wrapping key of that folder, which is not made where it is missing.

    Raises:
        ConfigurationError: it is not there, or is no key.
    """
    file = folder / WRAPPING
    try:
        return _wrapping(file.read_bytes(), file)
    except OSError as error:
        raise ConfigurationError(f"the key {str(file)!r} cannot be read: {error.strerror}") from error


def public_key(file: Path) -> Ed25519PublicKey:
    """The key that checkpoints are verified with.

    Raises:
        ConfigurationError: the file cannot be read or holds no such key.
    """
    try:
        key = serialization.load_pem_public_key(file.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"the key {str(file)!r} cannot be read: {error.strerror}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(f"{str(file)!r} holds no public key in PEM form") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationError(f"{str(file)!r} holds no Ed25519 key")
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    """The first half of the key's SHA-256, as a checkpoint names it."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:32]


def is_signed(key: Ed25519PublicKey, signature: bytes, text: bytes) -> bool:
    """True where the signature is the key's."""
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _new_wrapping_key() -> bytes:
    return secrets.token_bytes(_LENGTH).hex().encode() + b"\n"


def _pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _replaced(file: Path, text: bytes) -> None:
    file.unlink(missing_ok=True)
    _kept(file, lambda: text)


def _new_signing_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _signing(pem: bytes, file: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(f"{str(file)!r} holds no private key in PEM form; put it back") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(f"{str(file)!r} holds no Ed25519 key; put it back")
    return key


def _wrapping(text: bytes, file: Path) -> WrappingKey:
    try:
        secret = bytes.fromhex(text.decode("ascii"))
    except ValueError as error:
        raise ConfigurationError(f"{str(file)!r} holds no key; put it back") from error
    if len(secret) != _LENGTH:
        raise ConfigurationError(f"{str(file)!r} holds no key of {_LENGTH} bytes; put it back")
    return WrappingKey(secret)


def _kept(file: Path, make: Callable[[], bytes]) -> bytes:
    """The file's contents; made first where there is none, whole or not at all, by one process of several."""
    if not file.exists():
        fresh = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(make())
                out.flush()
                os.fsync(out.fileno())
            # Another process may have been first; its key stands.
            with suppress(FileExistsError):
                os.link(fresh, file)
        finally:
            fresh.unlink()
    return file.read_bytes()
