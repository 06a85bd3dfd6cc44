"""A connection read again: loaded anew where a file of it, or its mapping, is another than before."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg

from erp_adapters.connect.source import Connected
from erp_adapters.errors import CopilotError
from erp_adapters.store.failures import translated
from erp_adapters.store.loading import load_source
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.quality import LoadReport
from erp_adapters.store.replacing import LoadProgress

_LAST: Final = """
select finished_at, report from erp.load
where source_system = %s and site = %s and status = 'loaded' and report ? 'files'
order by finished_at desc limit 1
"""

_EVERYTHING: Final = "everything"
"""What a connection is read of at a time; it has no parts."""
_READ: Final = """
insert into erp.sync_feed (source_system, site, part, is_unsettled, began_at, tried_at, read_at)
values (%(source)s, %(site)s, %(part)s, false, %(at)s, %(at)s, %(at)s)
on conflict (site, source_system, part) do update
set began_at = %(at)s, tried_at = %(at)s, read_at = %(at)s, failing_since = null, problem = '', remedy = ''
"""
_FAILED: Final = """
insert into erp.sync_feed (source_system, site, part, is_unsettled, tried_at, failing_since, problem, remedy)
values (%(source)s, %(site)s, %(part)s, false, %(at)s, %(at)s, %(problem)s, %(remedy)s)
on conflict (site, source_system, part) do update
set tried_at = %(at)s, failing_since = coalesce(sync_feed.failing_since, %(at)s), problem = excluded.problem,
    remedy = excluded.remedy
"""
_TRIED: Final = """
select now() - tried_at from erp.sync_feed where source_system = %s and site = %s and part = %s
"""
_REMEDY: Final = "Mend what it says, and try it with `plantwright connect check`; what was loaded stays."


async def last_tried(owner_dsn: str, source: str, site: str) -> timedelta | None:
    """How long ago a site was last looked at; None where it never was, or was loaded by hand since."""

    def asked() -> timedelta | None:
        with translated(), psycopg.connect(owner_dsn, connect_timeout=15) as connection:
            found = connection.execute(_TRIED, (source, site, _EVERYTHING)).fetchone()
        return None if found is None else found[0]

    return await asyncio.to_thread(asked)


async def note_read(owner_dsn: str, source: str, site: str) -> None:
    """Keep that what is stored of a site is what the source has now."""
    await _noted(owner_dsn, _READ, source, site)


async def note_failed(owner_dsn: str, source: str, site: str, error: CopilotError) -> None:
    """Keep that a site could not be loaded, since when, and why."""
    await _noted(owner_dsn, _FAILED, source, site, problem=str(error)[:2000], remedy=_REMEDY)


async def _noted(owner_dsn: str, statement: str, source: str, site: str, **told: str) -> None:
    names = {"source": source, "site": site, "part": _EVERYTHING, "at": datetime.now(UTC), **told}

    def note() -> None:
        with translated(), psycopg.connect(owner_dsn, connect_timeout=15) as connection:
            connection.execute(statement, names)

    await asyncio.to_thread(note)


async def load_again(
    owner_dsn: str,
    connected: Connected,
    folder: Path,
    site: SiteSpec,
    told: Callable[[LoadProgress], None] = lambda _: None,
    *,
    anew: bool = False,
) -> LoadReport | None:
    """Load the site as `load_source` does; None where nothing is another than when it was loaded last.

    Args:
        owner_dsn: the role that owns the tables.
        connected: the connection and its mapping.
        folder: its files, as they were gathered just now.
        site: whose rows they are.
        told: called with progress, from another thread.
        anew: load it whatever was loaded last.
    """
    if not anew and await asyncio.to_thread(_is_as_loaded, owner_dsn, connected, folder, site):
        return None
    return await load_source(owner_dsn, connected.mapping, folder, told, site=site)


def _is_as_loaded(owner_dsn: str, connected: Connected, folder: Path, site: SiteSpec) -> bool:
    with psycopg.connect(owner_dsn, connect_timeout=15) as connection:
        found = connection.execute(_LAST, (connected.mapping.source, site.code)).fetchone()
        if found is None:
            return False
        finished, report = found
        loaded = {each.file: each.sha256 for each in LoadReport.model_validate(report).files}
        described = (connected.path, connected.path.parent / connected.connection.mapping)
        if any(datetime.fromtimestamp(path.stat().st_mtime, UTC) > finished for path in described):
            return False
    return loaded == {spec.file: _digest(folder / spec.file) for spec in connected.mapping.files.values()}


def _digest(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
