"""What a site has collected and not handed over yet, on its disk: link and program may end."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np

from erp_adapters.errors import ConfigurationError, StoreUnavailable
from erp_adapters.series.batch import Batch, moment
from erp_adapters.series.wire import parts, sent

Kind: TypeAlias = Literal["batch", "signals"]
_TABLES: Final = """
create table if not exists waiting (
    number  integer primary key,
    source  text    not null,
    kind    text    not null,
    samples integer not null,
    since   real    not null,
    body    blob    not null,
    refused text
);
create index if not exists in_turn on waiting (number) where refused is null;
create table if not exists reached (
    source text, signal text, at integer not null, primary key (source, signal)
);
create table if not exists given (number integer not null);
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is to be handed over next."""

    number: int
    source: str
    kind: Kind
    body: bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """How full the buffer is."""

    batches: int
    samples: int
    since: datetime | None
    """When the oldest of what waits came."""
    bytes: int
    set_aside: int
    """Batches that the service refused; kept, and tried no more."""


class Buffer:
    """Batches in the order in which they came, each on the disk before its source is told so.

    Args:
        file: made where it is not there; another program may read it meanwhile.
        most_bytes: of batches that wait. Beyond it nothing more is taken, and nothing is thrown away.
    """

    def __init__(self, file: Path, most_bytes: int) -> None:
        self._most = most_bytes
        self._turn = threading.Lock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            self._held = sqlite3.connect(file, check_same_thread=False, isolation_level=None, timeout=15)
            self._held.execute("pragma journal_mode = wal")
            # A batch that was taken is on the disk, whatever happens to the machine.
            self._held.execute("pragma synchronous = full")
            self._held.executescript(_TABLES)
            self._bytes = self._sum()
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(f"the buffer {str(file)!r} cannot be used: {error}") from error

    @classmethod
    @contextmanager
    def open(cls, file: Path, most_bytes: int) -> Iterator[Buffer]:
        """A buffer that is closed again.

        Raises:
            ConfigurationError: the file cannot be used.
        """
        buffer = cls(file, most_bytes)
        try:
            yield buffer
        finally:
            buffer._held.close()

    def put(self, batch: Batch) -> None:
        """Keep a batch; it is on the disk when this returns.

        Raises:
            StoreUnavailable: there is no room, so nothing of it was kept.
        """
        with self._kept():
            for part in parts(batch):
                number = self._next()
                body = sent(replace(part, sequence=number))
                if self._bytes + len(body) > self._most:
                    raise StoreUnavailable(
                        f"the buffer is full: {self._most // 2**20} MiB wait for the service;"
                        " sources are let go of until there is room"
                    )
                self._insert(number, batch.source, "batch", len(part), body)
            last = np.full(len(batch.signals), -1, np.int64)
            np.maximum.at(last, batch.which, batch.at)
            self._held.executemany(
                "insert into reached values (?, ?, ?) on conflict do update set at = max(at, excluded.at)",
                [
                    (batch.source, name, at)
                    for name, at in zip(batch.signals, last.tolist(), strict=True)
                    if at >= 0
                ],
            )

    def declare(self, source: str, told: bytes) -> None:
        """Let the service know of a source's signals before what comes of them."""
        with self._kept():
            self._insert(self._next(), source, "signals", 0, told)

    def next(self) -> Waiting | None:
        """What came first of what waits."""
        with self._turn:
            row = self._held.execute(
                "select number, source, kind, body from waiting where refused is null order by number limit 1"
            ).fetchone()
        return None if row is None else Waiting(*row)

    def done(self, number: int) -> None:
        """The service has it."""
        with self._kept():
            row = self._held.execute(
                "delete from waiting where number = ? returning length(body)", (number,)
            ).fetchone()
            self._bytes -= row[0] if row else 0

    def set_aside(self, number: int, why: str) -> None:
        """The service will never take it: what came after it must not wait for it."""
        with self._kept():
            self._held.execute("update waiting set refused = ? where number = ?", (why[:500], number))

    def take_up(self) -> int:
        """Try again what the service refused; says how many batches that were."""
        with self._kept():
            return self._held.execute("update waiting set refused = null where refused is not null").rowcount

    def last(self, source: str) -> dict[str, datetime]:
        """Up to when each signal of a source was collected, by name."""
        with self._turn:
            rows = self._held.execute("select signal, at from reached where source = ?", (source,)).fetchall()
        return {signal: moment(at) for signal, at in rows}

    def standing(self) -> Standing:
        """How full it is."""
        with self._turn:
            batches, samples, since = self._held.execute(
                "select count(*), coalesce(sum(samples), 0), min(since) from waiting"
                " where refused is null and kind = 'batch'"
            ).fetchone()
            [aside] = self._held.execute("select count(*) from waiting where refused is not null").fetchone()
        oldest = None if since is None else datetime.fromtimestamp(since, UTC)
        return Standing(batches, samples, oldest, self._bytes, aside)

    def refusals(self) -> Sequence[str]:
        """Why batches were refused, each reason once."""
        with self._turn:
            rows = self._held.execute("select distinct refused from waiting where refused is not null")
            return [why for (why,) in rows]

    def _insert(self, number: int, source: str, kind: Kind, samples: int, body: bytes) -> None:
        self._held.execute(
            "insert into waiting (number, source, kind, samples, since, body) values (?, ?, ?, ?, ?, ?)",
            (number, source, kind, samples, time.time(), body),
        )
        self._bytes += len(body)

    def _next(self) -> int:
        # Beyond every number that a buffer before this one gave, should its disk have been lost.
        [last] = self._held.execute("select coalesce(max(number), 0) from given").fetchone()
        number = max(int(last) + 1, time.time_ns() // 1000)
        self._held.execute("delete from given")
        self._held.execute("insert into given values (?)", (number,))
        return number

    def _sum(self) -> int:
        [held] = self._held.execute("select coalesce(sum(length(body)), 0) from waiting").fetchone()
        return int(held)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        with self._turn:
            try:
                self._held.execute("begin immediate")
                yield
                self._held.execute("commit")
            except BaseException as error:
                if self._held.in_transaction:
                    self._held.execute("rollback")
                self._bytes = self._sum()
                if isinstance(error, sqlite3.Error):
                    raise StoreUnavailable(f"the buffer cannot be written: {error}") from error
                raise
