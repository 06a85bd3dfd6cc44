"""The worker's part of loading connections again: whatever is due, where something in it has changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from erp_adapters.connect.again import last_tried, load_again, note_failed, note_read
from erp_adapters.connect.gathering import gathered
from erp_adapters.connect.source import Connected, read_connection
from erp_adapters.errors import ConfigurationError, CopilotError, ErpError, ImportRunning, StoreUnavailable
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.quality import LoadReport
from server.feeding import every
from server.steps import load_words
from server.systems.connection import ConnectionFolder, password_of, today_of

if TYPE_CHECKING:
    from erp_adapters.documents.embedding import Embedder

_log = logging.getLogger(__name__)


async def load_site(
    owner_dsn: str,
    connected: Connected,
    site: SiteSpec,
    embedder: Callable[[], Embedder],
    told: Callable[[str], None] = lambda _: None,
    *,
    anew: bool = False,
) -> LoadReport | None:
    """Load one site of a connection where anything is another, with its documents, and keep what came of it.

    Raises:
        ErpError, ConfigurationError: it cannot be read or loaded; what was loaded before stays.
    """
    source = connected.mapping.source
    try:
        with ExitStack() as held:
            folder = await asyncio.to_thread(
                held.enter_context, gathered(connected, password_of(connected), told, on=today_of(site))
            )
            report = await load_again(
                owner_dsn, connected, folder, site, lambda progress: told(load_words(progress)), anew=anew
            )
    except (StoreUnavailable, ImportRunning):
        raise
    except (ErpError, ConfigurationError) as error:
        await note_failed(owner_dsn, source, site.code, error)
        raise
    await note_read(owner_dsn, source, site.code)
    await _follow(owner_dsn, connected, site, embedder, told, anew=anew)
    return report


async def _follow(
    owner_dsn: str,
    connected: Connected,
    site: SiteSpec,
    embedder: Callable[[], Embedder],
    told: Callable[[str], None],
    *,
    anew: bool,
) -> None:
    """What hangs on objects of the source; what cannot be read of it is kept where parts are looked for."""
    if connected.documents is None or connected.connection.documents is None:
        return
    from erp_adapters.connect.attached import AttachedFiles
    from erp_adapters.documents.following import Following, follow_documents

    source = connected.mapping.source
    following = Following(source, site.code, connected.connection.documents.readers)
    port = AttachedFiles(connected.documents, source)
    part = await follow_documents(owner_dsn, port, following, embedder(), anew=anew)
    if part.problem:
        _log.warning("documents of %s could not be read for %s: %s", source, site.code, part.problem)
    told(f"{part.written} documents read, {part.gone} gone, {part.aside} set aside")


async def load_due(
    loader_dsn: str, connections: Mapping[str, ConnectionFolder], embedder: Callable[[], Embedder]
) -> bool:
    """Load what is due; True where anything was loaded. What fails is tried when it is due again."""
    changed = False
    for name, connection in connections.items():
        try:
            connected = read_connection(connection.folder)
        except ConfigurationError as error:
            _log.warning("connection %s cannot be read: %s", name, error)
            continue
        for site in connected.connection.sites:
            tried = await last_tried(loader_dsn, connected.mapping.source, site.code)
            if tried is not None and tried < every(connection.every):
                continue
            try:
                report = await load_site(loader_dsn, connected, site, embedder)
            except ImportRunning:
                # Another worker loads it, or a person does.
                continue
            except StoreUnavailable:
                raise
            except CopilotError as error:
                _log.warning("%s could not be loaded for %s: %s", name, site.code, error)
                continue
            changed |= report is not None
    return changed
