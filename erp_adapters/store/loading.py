"""One import of one source in a transaction of its own: all of it, or nothing."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
from psycopg import errors

from erp_adapters.errors import CopilotError, ImportFailed, ImportRunning, StoreUnavailable
from erp_adapters.store.ids import new_id
from erp_adapters.store.lineage import record_failure
from erp_adapters.store.mapping import SiteSpec, SourceMapping
from erp_adapters.store.quality import LoadReport
from erp_adapters.store.replacing import LoadProgress, Progress, load_into, site_of
from erp_adapters.store.site_rules import SiteRules

__all__ = ["LoadProgress", "Progress", "load_into", "load_source"]

_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


async def load_source(
    dsn: str,
    mapping: SourceMapping,
    directory: Path,
    progress: Progress | None = None,
    *,
    site: SiteSpec | None = None,
    rules: SiteRules | None = None,
    as_of: datetime | None = None,
) -> LoadReport:
    """Load a directory of files into the store, replacing what the same source had loaded for the same site.

    Cancelling rolls back before it returns.

    Args:
        dsn: the role that owns the tables.
        progress: called from another thread, for each file and every few thousand rows.
        site: whose files they are, where the mapping does not say.
        rules: what the site's codes mean; by themselves the approved ones are taken.
        as_of: business now, where it is not to be found in the files.

    Raises:
        SourceUnreadable: a file, column or row is not what the mapping says.
        ImportRunning: another import of this source and site has not finished.
        ImportFailed: too many rows were set aside, or the database refused.
        StoreUnavailable: the database does not answer.
        ConfigurationError: the mapping names a record or field that the store does not have, or the site has
            no approved rules for its codes.
    """
    job = _Import(dsn, mapping, directory, site_of(mapping, site), rules, as_of, progress or (lambda _: None))
    work = asyncio.ensure_future(asyncio.to_thread(job.run))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        job.stop()
        # The thread has to be done before the caller goes on, or its commit could still come.
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()
        raise


class _Stopped(Exception):
    pass


class _Import:
    def __init__(
        self,
        dsn: str,
        mapping: SourceMapping,
        directory: Path,
        site: SiteSpec,
        rules: SiteRules | None,
        as_of: datetime | None,
        progress: Progress,
    ) -> None:
        self._dsn = dsn
        self._mapping = mapping
        self._directory = directory
        self._site = site
        self._rules = rules
        self._as_of = as_of
        self._progress = progress
        self._stopping = threading.Event()
        self._connection: _Connection | None = None
        self._load_id = new_id()
        self._started_at = datetime.now(UTC)

    def stop(self) -> None:
        """Make `run`, in another thread, roll back and raise."""
        self._stopping.set()
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.cancel_safe(timeout=5)

    def run(self) -> LoadReport:
        try:
            with self._explained(), psycopg.connect(self._dsn, connect_timeout=15) as connection:
                self._connection = connection
                return load_into(
                    connection,
                    self._mapping,
                    self._directory,
                    site=self._site,
                    rules=self._rules,
                    as_of=self._as_of,
                    progress=self._tick,
                    load_id=self._load_id,
                )
        except ImportRunning:
            raise
        except ImportFailed as exc:
            self._remember(exc)
            raise
        finally:
            self._connection = None

    def _tick(self, progress: LoadProgress) -> None:
        if self._stopping.is_set():
            raise _Stopped
        self._progress(progress)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """The driver's errors in words, each saying that nothing was kept."""
        what = f"Import of {self._mapping.source} into site {self._site.code}"
        try:
            yield
        except (_Stopped, errors.QueryCanceled) as exc:
            raise StoreUnavailable(f"{what} was stopped. Nothing was loaded; import again.") from exc
        except errors.DiskFull as exc:
            raise ImportFailed(
                f"{what}: the database's disk is full. Nothing was loaded: free some space (about ten times "
                "the size of the files) and import again."
            ) from exc
        except psycopg.OperationalError as exc:
            raise StoreUnavailable(
                f"{what}: the database does not answer ({_first_line(exc)}). Nothing was loaded; start it "
                "and import again."
            ) from exc
        except psycopg.Error as exc:
            raise ImportFailed(
                f"{what}: the database refused ({_first_line(exc)}). Nothing was loaded."
            ) from exc

    def _remember(self, failure: CopilotError) -> None:
        # Best effort: a database without room for this row has refused the import for that reason.
        with contextlib.suppress(psycopg.Error), psycopg.connect(self._dsn, connect_timeout=15) as connection:
            site, source = self._site.code, self._mapping.source
            record_failure(connection, self._load_id, source, site, self._started_at, str(failure))


def _first_line(error: psycopg.Error) -> str:
    lines = str(error.diag.message_primary or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
