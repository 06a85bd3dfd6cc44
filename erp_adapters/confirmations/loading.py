"""A folder of confirmations loaded as what a site's suppliers say, in the place of what was loaded before."""

from __future__ import annotations

import asyncio
import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psycopg

from erp_adapters.confirmations.line import ConfirmedLine
from erp_adapters.confirmations.ordrsp import order_responses
from erp_adapters.confirmations.table import confirmed_in_table
from erp_adapters.errors import ConfigurationError, SourceUnreadable
from erp_adapters.ports import text_of
from erp_adapters.store.consistency import packaged_mapping
from erp_adapters.store.loading import load_source
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.quality import LoadReport

_EDIFACT: Final = frozenset({".edi", ".edifact", ".ordrsp"})
_SITE: Final = (
    "select name, coalesce(country, ''), time_zone, currency, coalesce(unit_system, 'metric')"
    " from erp.site where site = %s"
)


async def load_confirmations(owner_dsn: str, folder: Path, site: str) -> LoadReport:
    """Load every CSV and EDIFACT file of a folder; see `load_source` for what else can go wrong.

    Raises:
        SourceUnreadable: there is no such file, or one cannot be read; nothing was changed.
        ConfigurationError: the site is not loaded yet.
    """
    spec = await asyncio.to_thread(_site, owner_dsn, site)
    lines = await asyncio.to_thread(read_folder, folder)
    with tempfile.TemporaryDirectory(prefix="plantwright-load-") as made:
        _write(Path(made) / "confirmations.csv", lines)
        return await load_source(owner_dsn, packaged_mapping("confirmations"), Path(made), site=spec)


def read_folder(folder: Path) -> list[ConfirmedLine]:
    """What every file of a folder says.

    Raises:
        SourceUnreadable: there is none, or one cannot be read.
    """
    if not folder.is_dir():
        raise SourceUnreadable(f"{str(folder)!r} is no folder with confirmations")
    found: list[ConfirmedLine] = []
    is_any = False
    for path in sorted(folder.iterdir()):
        kind = path.suffix.lower()
        if kind not in (".csv", *_EDIFACT):
            continue
        is_any = True
        found += (confirmed_in_table if kind == ".csv" else order_responses)(_text(path), path.name)
    if not is_any:
        raise SourceUnreadable(
            f"{str(folder)!r} has no file that ends in .csv, {', '.join(sorted(_EDIFACT))}"
        )
    if not found:
        raise SourceUnreadable(f"the files of {str(folder)!r} confirm nothing")
    return found


def _text(path: Path) -> str:
    """The file's text; UNOC, which most suppliers write, is Latin-1."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _site(owner_dsn: str, site: str) -> SiteSpec:
    with psycopg.connect(owner_dsn, connect_timeout=15) as connection:
        row = connection.execute(_SITE, (site,)).fetchone()
    if row is None:
        raise ConfigurationError(f"site {site!r} is not loaded: load its purchase orders first")
    name, country, zone, currency, units = row
    return SiteSpec(
        code=site, name=name, country=country, time_zone=zone, currency=currency, unit_system=units
    )


def _write(file: Path, lines: Sequence[ConfirmedLine]) -> None:
    names = tuple(ConfirmedLine.__dataclass_fields__)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(names)
        writer.writerows([text_of(getattr(line, name)) for name in names] for line in lines)
