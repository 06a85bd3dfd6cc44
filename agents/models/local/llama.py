"""A GGUF file run by llama.cpp in this process; what it has read is kept from one start to the next."""

from __future__ import annotations

import hashlib
import logging
import math
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from agents.models.local.engine import Piece, Progress, Written
from agents.models.local.memory import free_memory
from erp_adapters.errors import ModelError, ModelUnavailable

if TYPE_CHECKING:
    from types import ModuleType

_LOG = logging.getLogger(__name__)
REMEDY = "install it with `pip install 'plantwright[local]'`"
_MAGIC = b"GGUF"
_CONTEXT = 6_144
"""Tokens of the start and a question together."""
_SPARE = 700 * 2**20
"""Bytes of memory that the model needs beside its file."""
_STEP = 2_000
"""Characters of the start that are read between two reports of progress."""
_HEAD = 4 * 2**20
"""Bytes at the head of a model's file that tell it from others, with its size and time."""
_LOOPBACK_S = 60.0
_OPENINGS = 20
"""Tokens that are known of what a text might have begun with."""


class LlamaEngine:
    """`Engine` over a file.

    The library answers at a port of this machine as well. It wants a key there that nobody else is told, and
    the port is only used to keep and to take up again what was read.

    Args:
        path: the GGUF file.
        kept: folder for what was read; nothing is kept without it.
        threads: cores that it may use.
    """

    def __init__(self, path: Path, kept: Path | None = None, threads: int = 2) -> None:
        self._path = path
        self._kept = kept
        self._threads = threads
        self._key = secrets.token_urlsafe(24)
        self._server: Any = None
        self._start = ""
        self._busy = threading.Lock()

    @property
    def name(self) -> str:
        return self._path.stem

    def prepare(self, start: str, progress: Progress) -> None:
        """See `Engine.prepare`; takes seconds where it was read before, otherwise a minute or more."""
        with self._busy:
            if self._server is None:
                self._server = self._opened()
            if not self._taken_up(start):
                self._read(start, progress)
                self._keep(start)
            self._start = start
        progress(1.0)

    def write(self, rest: str, grammar: str, most: int, seconds: float) -> Written:
        """See `Engine.write`."""
        if not self._busy.acquire(timeout=seconds):
            raise ModelUnavailable("it is busy with another question")
        try:
            return self._written(rest, grammar, most, time.monotonic() + seconds)
        finally:
            self._busy.release()

    def close(self) -> None:
        """See `Engine.close`."""
        with self._busy:
            self._server = None

    # ── the library ──
    def _opened(self) -> Any:
        check(self._path)
        library = _library()
        parameters = library.CommonParams()
        parameters.model.path = str(self._path)
        parameters.n_ctx = _CONTEXT
        parameters.n_parallel = 1
        parameters.n_ctx_checkpoints = 0
        parameters.cache_ram_mib = 0
        parameters.cpuparams.n_threads = self._threads
        parameters.cpuparams_batch.n_threads = self._threads
        parameters.warmup = False
        parameters.verbosity = -1
        parameters.api_keys = [self._key]
        if self._can_keep():
            parameters.slot_save_path = f"{self._kept}/"
            parameters.endpoint_slots = True
        try:
            return library.Server(parameters)
        except RuntimeError as error:
            raise ModelError(
                "its file cannot be used: it is damaged, or of a kind that is not known"
            ) from error

    def _read(self, start: str, progress: Progress) -> None:
        for end in range(_STEP, len(start) + _STEP, _STEP):
            self._asked({"prompt": start[:end], "max_tokens": 1})
            progress(min(0.99, end / len(start)))

    def _written(self, rest: str, grammar: str, most: int, until: float) -> Written:
        pieces: list[Piece] = []
        openings: list[Piece] = []
        failure: list[str] = []

        def take(part: Mapping[str, Any]) -> bool:
            if "error" in part:
                failure.append(str(part["error"].get("message", "")))
                return True
            if not pieces:
                openings.extend(_pieces(part, "top_logprobs"))
            pieces.extend(_pieces(part))
            return time.monotonic() > until

        asked = {
            "prompt": self._start + rest,
            "grammar": grammar,
            "max_tokens": most,
            "logprobs": _OPENINGS,
            "stream": True,
        }
        self._server.handle_completions({**_PLAIN, **asked}, take)
        if failure:
            raise ModelError(failure[0])
        if time.monotonic() > until:
            raise ModelUnavailable("it took too long")
        return Written(tuple(pieces), tuple(openings))

    def _asked(self, request: Mapping[str, Any]) -> None:
        reply = self._server.handle_completions({**_PLAIN, **request})
        if "error" in reply:
            raise ModelError(str(reply["error"].get("message", "")))

    # ── what was read before ──
    def _can_keep(self) -> bool:
        try:
            if self._kept is not None:
                self._kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            _LOG.warning("what %s reads cannot be kept: %s", self.name, error)
            self._kept = None
        return self._kept is not None

    def _taken_up(self, start: str) -> bool:
        name = kept_name(self._path, start)
        if self._kept is None or not is_kept(self._kept, name):
            return False
        return self._slot("restore", name)

    def _keep(self, start: str) -> None:
        if self._kept is None:
            return
        name = kept_name(self._path, start)
        try:
            for other in self._kept.glob("*.read*"):
                other.unlink(missing_ok=True)
            if self._slot("save", name):
                _sum(self._kept, name).write_text(_digest(self._kept / name), encoding="ascii")
        except OSError as error:
            _LOG.warning("what %s has read could not be kept: %s", self.name, error)

    def _slot(self, action: str, name: str) -> bool:
        """True where it could be done; otherwise the start is read anew, which only takes time."""
        try:
            with httpx2.Client(trust_env=False, timeout=_LOOPBACK_S) as client:
                done = client.post(
                    f"{self._server.listening_address}/slots/0",
                    params={"action": action},
                    json={"filename": name},
                    headers={"Authorization": f"Bearer {self._key}"},
                )
        except httpx2.HTTPError as error:
            _LOG.warning("what %s has read could not be kept or taken up: %s", self.name, error)
            return False
        if done.status_code != httpx2.codes.OK:
            _LOG.warning("what %s has read: %s failed with %s", self.name, action, done.status_code)
        return bool(done.status_code == httpx2.codes.OK)


_PLAIN: Mapping[str, Any] = {"temperature": 0, "cache_prompt": True, "id_slot": 0}


def check(path: Path) -> None:
    """Return where a file can be used as a model, as far as can be said without loading it.

    Raises:
        ModelError: it is not there or something else, the library is missing, or memory is short.
    """
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except OSError as error:
        raise ModelError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    if head != _MAGIC:
        raise ModelError(f"{str(path)!r} is no GGUF file")
    _library()
    needed, free = path.stat().st_size + _SPARE, free_memory()
    if free is not None and free < needed:
        raise ModelError(f"it needs {_gigabytes(needed)} of memory and {_gigabytes(free)} are free")


def kept_name(path: Path, start: str) -> str:
    """The file that keeps what a model has read: another model, or another start, has another."""
    found = path.stat()
    with path.open("rb") as file:
        seen = hashlib.sha256(file.read(_HEAD))
    seen.update(f"{found.st_size} {found.st_mtime_ns} {start}".encode())
    return f"{seen.hexdigest()[:32]}.read"


def is_kept(folder: Path, name: str) -> bool:
    """True where what a model has read is there whole: of a part the library would end the program."""
    try:
        return _sum(folder, name).read_text(encoding="ascii") == _digest(folder / name)
    except (OSError, ValueError):
        return False


def _sum(folder: Path, name: str) -> Path:
    return folder / f"{name}.sha256"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pieces(part: Mapping[str, Any], of_each: str = "") -> Iterator[Piece]:
    """The tokens in a part of a reply, or what might have stood in place of each."""
    for choice in part.get("choices", ()):
        for token in (choice.get("logprobs") or {}).get("content") or ():
            for one in token[of_each] if of_each else (token,):
                yield Piece(str(one["token"]), math.exp(min(0.0, float(one["logprob"]))))


def _library() -> ModuleType:
    try:
        import xllamacpp
    except ImportError as error:
        raise ModelError(f"llama.cpp is not installed: {REMEDY}") from error
    return xllamacpp  # type: ignore[no-any-return]


def _gigabytes(size: int) -> str:
    return f"{size / 2**30:.1f} GB"
