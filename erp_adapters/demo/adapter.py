"""The built-in enterprise: eight plants with two years of history, the same wherever it is built."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
from psycopg import errors

from erp_adapters.demo.book import Fault, PackedBook
from erp_adapters.demo.enterprise import history_of
from erp_adapters.demo.erp.filling import fill_where_possible
from erp_adapters.demo.faults import truth
from erp_adapters.demo.library import index_library
from erp_adapters.demo.plant import SEED
from erp_adapters.demo.plants import Size, plants_of
from erp_adapters.demo.storing import store, take_lock
from erp_adapters.errors import ImportFailed, StoreUnavailable
from erp_adapters.store.loading import LoadProgress, Progress
from erp_adapters.store.people import Person, make_demo_home
from erp_adapters.store.quality import LoadReport

_PROCESSES = 2

_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What was built."""

    loads: tuple[LoadReport, ...]
    """One a site, with rows, flags and a checksum for each table."""
    people: tuple[Person, ...]
    faults: tuple[Fault, ...]
    """What is wrong with the data on purpose."""
    size: Size
    seconds: float

    @property
    def loaded(self) -> int:
        """Rows of all sites and tables."""
        return sum(load.loaded for load in self.loads)

    @property
    def flagged(self) -> int:
        """Rows with at least one data-quality flag."""
        return sum(load.flagged for load in self.loads)

    @property
    def as_of(self) -> datetime:
        """Business now: the earlier of the sites' where they differ."""
        return min(load.as_of for load in self.loads)

    @property
    def checksums(self) -> dict[str, str]:
        """SHA-256 of each table over all sites, without load ids and times."""
        found: dict[str, list[str]] = {}
        for load in self.loads:
            for record in load.records:
                found.setdefault(record.record, []).append(f"{load.site} {record.checksum}")
        return {
            record: hashlib.sha256("\n".join(parts).encode()).hexdigest()
            for record, parts in sorted(found.items())
        }


async def build_demo(owner_dsn: str, progress: Progress | None = None, *, size: Size = "full") -> DemoReport:
    """Build the eight plants in a migrated store, in the place of an earlier build, and make it a demo home.

    Args:
        owner_dsn: the role that owns the tables.
        size: the small enterprise has less of everything, and is there in seconds.
        progress: called from another thread, for each site that is made up and each record that is stored.

    Raises:
        ConfigurationError: the home has people of its own; nothing was built.
        ImportRunning: another build has not finished.
        ImportFailed: the database refused; nothing was kept.
        StoreUnavailable: the database does not answer, or the build was stopped; nothing was kept.
    """
    began = time.monotonic()
    # A home with people of its own refuses before anything is stored.
    await asyncio.to_thread(make_demo_home, owner_dsn)
    job = _Build(owner_dsn, progress or (lambda _: None), size)
    work = asyncio.ensure_future(asyncio.to_thread(job.run))
    try:
        loads = await asyncio.shield(work)
    except asyncio.CancelledError:
        job.stop()
        # The thread has to be done before the caller goes on, or its commit could still come.
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()
        raise
    people = await asyncio.to_thread(make_demo_home, owner_dsn)
    await asyncio.to_thread(fill_where_possible, owner_dsn)
    return DemoReport(loads, people, tuple(job.faults), size, round(time.monotonic() - began, 3))


def write_beside(folder: Path, report: DemoReport) -> None:
    """Keep `manifest.json`, with the rows and checksum of every table, and `truth.json` in a folder.

    Nothing that answers reads either: the manifest is for comparing two builds, the truth for measuring how
    much of what is wrong is found.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    for load in report.loads:
        for record in load.records:
            rows[record.record] = rows.get(record.record, 0) + record.loaded
    manifest = {
        "size": report.size,
        "seed": SEED,
        "as_of": report.as_of.isoformat(),
        "tables": {
            record: {"rows": rows[record], "sha256": checksum}
            for record, checksum in report.checksums.items()
        },
    }
    wrong = truth(report.faults, plants_of(report.size))
    for name, content in (("manifest.json", manifest), ("truth.json", wrong)):
        (folder / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _made_up(size: Size, number: int) -> PackedBook:
    return history_of(plants_of(size)[number]).packed()


class _Stopped(Exception):
    pass


class _Build:
    def __init__(self, owner_dsn: str, progress: Progress, size: Size) -> None:
        self._plants = plants_of(size)
        self._size = size
        self._owner_dsn = owner_dsn
        self._progress = progress
        self.faults: list[Fault] = []
        self._stopping = threading.Event()
        self._connection: _Connection | None = None

    def stop(self) -> None:
        """Make `run`, in another thread, roll back and raise."""
        self._stopping.set()
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.cancel_safe(timeout=5)

    def run(self) -> tuple[LoadReport, ...]:
        with self._explained(), psycopg.connect(self._owner_dsn, connect_timeout=15) as connection:
            self._connection = connection
            connection.execute("set local statement_timeout = 0")
            take_lock(connection)
            loads = []
            # Made up elsewhere while this thread stores: the interpreter does one thing at a time.
            with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as elsewhere:
                books = [elsewhere.submit(_made_up, self._size, n) for n in range(len(self._plants))]
                try:
                    for number, book in enumerate(books):
                        self._tick(
                            LoadProgress("reading", self._plants[number].name, 0, number + 1, len(books))
                        )
                        packed = self._wait(book)
                        self.faults += packed.faults
                        loads.append(self._store(connection, packed, number))
                finally:
                    elsewhere.shutdown(wait=False, cancel_futures=True)
            self._tick(LoadProgress("storing", "documents", 0, len(self._plants), len(self._plants)))
            index_library(connection)
            self._stop_if_asked()
            return tuple(loads)

    def _wait(self, book: Future[PackedBook]) -> PackedBook:
        while True:
            self._stop_if_asked()
            with contextlib.suppress(TimeoutError):
                return book.result(timeout=0.2)

    def _store(self, connection: _Connection, book: PackedBook, number: int) -> LoadReport:
        plant = self._plants[number]

        def tick(record: str, rows: int) -> None:
            name = f"{record} of {plant.name}"
            self._tick(LoadProgress("storing", name, rows, number + 1, len(self._plants)))

        return store(connection, plant, book, tick)

    def _tick(self, progress: LoadProgress) -> None:
        self._stop_if_asked()
        self._progress(progress)

    def _stop_if_asked(self) -> None:
        if self._stopping.is_set():
            raise _Stopped

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """The driver's errors in words, each saying that nothing was kept."""
        try:
            yield
        except (_Stopped, errors.QueryCanceled) as exc:
            raise StoreUnavailable(
                "Building the demo was stopped. Nothing was kept; build it again."
            ) from exc
        except errors.DiskFull as exc:
            raise ImportFailed(
                "The database's disk is full, so the demo was not built and nothing was kept."
                " Free 2 GB and build it again."
            ) from exc
        except psycopg.OperationalError as exc:
            raise StoreUnavailable(
                "The database does not answer, so the demo was not built and nothing was kept."
                " Start it and build the demo again."
            ) from exc
        except psycopg.Error as exc:
            raise ImportFailed(
                f"The database refused the demo ({exc.diag.message_primary}). Nothing was kept."
            ) from exc
        finally:
            self._connection = None
