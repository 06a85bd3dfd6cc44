"""A connection read again: loaded anew where a file of it, or its mapping, is another than before."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg

from erp_adapters.connect.source import Connected
from erp_adapters.store.loading import load_source
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.quality import LoadReport
from erp_adapters.store.replacing import LoadProgress

_LAST: Final = """
select finished_at, report from erp.load
where source_system = %s and site = %s and status = 'loaded' and report ? 'files'
order by finished_at desc limit 1
"""


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
