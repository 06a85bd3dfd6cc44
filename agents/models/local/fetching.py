"""Gets a model's file, verified: it stands under its name only once its hash is the one expected.

What was received before an interruption is kept beside it, and gone on with where the other side can.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx2

from agents.models.local.engine import Progress
from agents.models.local.store import ENDING, KNOWN, known_by
from erp_adapters.errors import ConfigurationError

_CHUNK = 2**20
_SPARE = 64 * 2**20
"""Bytes that stay free on the disk."""
_SECONDS = 60.0
"""Time without a byte after which a connection is given up."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model's file comes from, and what it must be."""

    place: str
    """An address, or a path."""
    name: str
    """The file's name in the folder of models."""
    sha256: str

    @property
    def is_address(self) -> bool:
        """True where it comes over a network."""
        return _is_address(self.place)


def source_of(asked: str, sha256: str = "") -> Source:
    """What is to be fetched.

    Args:
        asked: the name of a known model, an address, a file, or a folder with one model in it.
        sha256: the expected hash; not needed for known models.

    Raises:
        ConfigurationError: nothing can be made of it; the message says what would do.
    """
    if asked.lower() in KNOWN:
        place = KNOWN[asked.lower()].address
    elif _is_address(asked):
        place = asked
    else:
        place = str(_file_at(Path(asked).expanduser()))
    name = _name_in(place)
    known = known_by(name)
    expected = (sha256 or (known.sha256 if known else "")).lower()
    if known and expected != known.sha256:
        raise ConfigurationError(f"{name} is a known model, and its SHA-256 is another: {known.sha256}")
    if len(expected) != 64 or not set(expected) <= set("0123456789abcdef"):
        raise ConfigurationError(
            f"nothing vouches for {name}: give the SHA-256 that its maker states (--sha256, 64 hex digits)"
        )
    return Source(place, name, expected)


def fetch(source: Source, folder: Path, progress: Progress) -> Path:
    """The file in the folder; at once where it is there already.

    Raises:
        ConfigurationError: it cannot be had, there is no room, or it is not what was expected.
    """
    target, part = folder / source.name, folder / f"{source.name}.part"
    folder.mkdir(parents=True, exist_ok=True)
    if target.is_file() and _hash(target) == source.sha256:
        return target
    with _no_room_said(part):
        seen = _received(source, part, progress) if source.is_address else _copied(source, part, progress)
    if seen != source.sha256:
        part.unlink()
        raise ConfigurationError(
            f"what came from {source.place!r} is not the file that was asked for:"
            f" its SHA-256 is {seen}, expected was {source.sha256}; nothing was kept"
        )
    os.replace(part, target)
    return target


def _received(source: Source, part: Path, progress: Progress) -> str:
    have = part.stat().st_size if part.is_file() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    try:
        with (
            httpx2.Client(timeout=_SECONDS, follow_redirects=True) as client,
            client.stream("GET", source.place, headers=headers) as reply,
        ):
            if reply.status_code == httpx2.codes.RANGE_NOT_SATISFIABLE:
                # All of it, or something else: the hash decides.
                return _hash(part)
            if reply.status_code not in (httpx2.codes.OK, httpx2.codes.PARTIAL_CONTENT):
                raise ConfigurationError(f"{source.place!r} answers {reply.status_code}")
            goes_on = reply.status_code == httpx2.codes.PARTIAL_CONTENT
            left = int(reply.headers.get("content-length") or 0)
            return _kept(reply.iter_bytes(_CHUNK), part, have if goes_on else 0, left, progress)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ConfigurationError(
            f"{source.place!r} could not be read to its end ({type(error).__name__}: {error});"
            " the same command goes on where it stopped"
        ) from error


def _copied(source: Source, part: Path, progress: Progress) -> str:
    path = Path(source.place)
    try:
        with path.open("rb") as file:
            return _kept(iter(lambda: file.read(_CHUNK), b""), part, 0, path.stat().st_size, progress)
    except OSError as error:
        if error.errno in _FULL:
            raise
        raise ConfigurationError(f"{source.place!r} cannot be read: {error.strerror}") from error


def _kept(chunks: Iterator[bytes], part: Path, have: int, left: int, progress: Progress) -> str:
    """The hash of the part with the chunks after what is there already."""
    free = shutil.disk_usage(part.parent).free
    if left + _SPARE > free + (0 if have else _size(part)):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    seen = hashlib.sha256()
    if have:
        _feed(part, seen)
    done = have
    with part.open("ab" if have else "wb") as file:
        for chunk in chunks:
            file.write(chunk)
            seen.update(chunk)
            done += len(chunk)
            progress(min(1.0, done / (have + left)) if left else 0.0)
        file.flush()
        os.fsync(file.fileno())
    return seen.hexdigest()


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def _no_room_said(part: Path) -> Iterator[None]:
    """A full disk in words, and what was kept of the file given back to it."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise ConfigurationError(f"{str(part)!r} cannot be written: {error.strerror}") from error
        part.unlink(missing_ok=True)
        raise ConfigurationError(
            f"there is no room for it in {str(part.parent)!r}; make some, or name another folder with --to"
        ) from error


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _feed(path: Path, seen: hashlib._Hash) -> None:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            seen.update(chunk)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _is_address(asked: str) -> bool:
    return asked.lower().startswith(("https://", "http://"))


def _file_at(path: Path) -> Path:
    if path.is_file():
        return path
    held = sorted(path.glob(f"*{ENDING}")) if path.is_dir() else []
    if len(held) == 1:
        return held[0]
    known = ", ".join(KNOWN)
    if held:
        raise ConfigurationError(f"{str(path)!r} holds {len(held)} models; name the file")
    raise ConfigurationError(
        f"{str(path)!r} is no known model, address or file, nor a folder with a {ENDING} file in it;"
        f" known by name: {known}"
    )


def _name_in(place: str) -> str:
    name = Path(unquote(urlsplit(place).path) if _is_address(place) else place).name
    if not name.endswith(ENDING) or name.startswith("."):
        raise ConfigurationError(f"{place!r} names no {ENDING} file")
    return name
