"""What is known of endpoints: the form in which each is asked, for the process and, if told so, on disk."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from agents.models.forms import Form

_KEPT_S = 7 * 24 * 3600.0
"""An endpoint may have learnt more since; after this it is tried anew."""


class Known(BaseModel):
    """What an endpoint takes."""

    model_config = ConfigDict(frozen=True)

    form: Form
    counts_streams: bool = True
    """False where it refuses to say what a stream has cost."""
    found_at: float = 0.0
    """Seconds since the epoch."""


_FILE = TypeAdapter(dict[str, Known])


@dataclass(frozen=True, slots=True)
class _Key:
    base_url: str
    model: str

    @property
    def digest(self) -> str:
        # An address may hold a password, which has no business in a file.
        return hashlib.sha256(f"{self.base_url}\n{self.model}".encode()).hexdigest()[:24]


class KnownForms:
    """What has been found out, by endpoint and model.

    Args:
        file: where it is kept beyond the process; nowhere where it is None, or where it cannot be written.
        clock: seconds since the epoch.
    """

    def __init__(self, file: Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        self._known: dict[_Key, Known] = {}

    def get(self, base_url: str, model: str) -> Known | None:
        """What is known of it, unless that is too long ago."""
        key = _Key(base_url, model)
        found = self._known.get(key) or self._read().get(key.digest)
        return found if found and 0 <= self._clock() - found.found_at < _KEPT_S else None

    def learn(self, base_url: str, model: str, known: Known, *, keep: bool = True) -> None:
        """Remember it; with `keep` beyond the process."""
        key = _Key(base_url, model)
        known = self._known[key] = known.model_copy(update={"found_at": self._clock()})
        if self._file is None or not keep:
            return
        entries = self._read() | {key.digest: known}
        raw = {digest: one.model_dump() for digest, one in sorted(entries.items())}
        with suppress(OSError):
            # Another process may read it meanwhile.
            beside = self._file.with_suffix(".new")
            beside.write_text(json.dumps(raw, indent=1), encoding="utf-8")
            beside.replace(self._file)

    def _read(self) -> dict[str, Known]:
        if self._file is None:
            return {}
        try:
            return _FILE.validate_json(self._file.read_bytes())
        except (OSError, ValidationError):
            return {}
