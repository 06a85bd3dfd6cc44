"""AdventureWorks, Microsoft's sample manufacturer, from a directory of CSV files."""

from __future__ import annotations

from pathlib import Path

from erp_adapters.adventureworks.mapping import mapping
from erp_adapters.store.loading import Progress, load_source
from erp_adapters.store.quality import LoadReport


async def import_adventureworks(
    owner_dsn: str, directory: Path, progress: Progress | None = None
) -> LoadReport:
    """Load a directory of AdventureWorks CSVs as site AW; see `load_source` for what can go wrong."""
    return await load_source(owner_dsn, mapping(), directory, progress)
