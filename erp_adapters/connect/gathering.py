"""The source as the folder of files that a mapping reads: as it lies there, or written out of a database."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from erp_adapters.connect.databases import Tables, opened, text_of
from erp_adapters.connect.files import JSON_LINES, flat
from erp_adapters.connect.source import Connected
from erp_adapters.connect.workbooks import Sheet, sheets_of, write_sheet
from erp_adapters.errors import SourceUnreadable
from erp_adapters.store.mapping import SourceMapping

READING: Final = "reading"
"""A file that is made at each reading, where nothing in the source says as of when it is."""
READ_ON: Final = "read_on"


@contextmanager
def gathered(
    connected: Connected,
    password: str | None = None,
    told: Callable[[str], None] = lambda _: None,
    *,
    on: date | None = None,
) -> Iterator[Path]:
    """A folder with every file that the mapping names; what had to be written is gone afterwards.

    Args:
        connected: the connection and its mapping.
        password: of the database, where it is one.
        told: called with each table that is read of it.
        on: the day of reading, for a mapping that needs it; today in UTC without one.
    """
    folder = connected.folder
    is_dated = READING not in connected.mapping.files
    is_whole = folder is not None and not (
        _as_lines(folder, connected.mapping) or _as_sheets(folder, connected.mapping)
    )
    if folder is not None and is_dated and is_whole:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="plantwright-connect-") as held:
        made = Path(held)
        if folder is not None:
            _beside(folder, made, connected.mapping)
        else:
            assert connected.connection.url is not None, "a connection has one or the other"
            with opened(connected.connection.url, password) as tables:
                _written_out(tables, made, connected.mapping, told)
        if not is_dated:
            day = on or datetime.now(UTC).date()
            (made / f"{READING}.csv").write_text(f"{READ_ON}\n{day.isoformat()}\n", encoding="utf-8")
        yield made


def _as_lines(folder: Path, mapping: SourceMapping) -> dict[str, Path]:
    """Files of the mapping that lie there as lines of JSON."""
    found = {}
    for spec in mapping.files.values():
        for kind in JSON_LINES:
            path = folder / f"{Path(spec.file).stem}{kind}"
            if path.is_file() and not (folder / spec.file).exists():
                found[spec.file] = path
    return found


def _as_sheets(folder: Path, mapping: SourceMapping) -> dict[str, Sheet]:
    """Files of the mapping that lie there as sheets of workbooks."""
    wanted = {spec.file for spec in mapping.files.values() if not (folder / spec.file).exists()}
    if not wanted - {f"{READING}.csv"}:
        return {}
    return {sheet.file: sheet for sheet in sheets_of(folder) if sheet.file in wanted}


def _beside(folder: Path, made: Path, mapping: SourceMapping) -> None:
    lines, sheets = _as_lines(folder, mapping), _as_sheets(folder, mapping)
    for spec in mapping.files.values():
        if spec.file in sheets:
            write_sheet(sheets[spec.file], made / spec.file, spec.delimiter)
            continue
        if spec.file not in lines:
            if (folder / spec.file).exists():
                (made / spec.file).symlink_to((folder / spec.file).resolve())
            continue
        names = list(spec.columns)
        with (
            lines[spec.file].open(encoding="utf-8-sig") as text,
            (made / spec.file).open("w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.writer(file)
            writer.writerow(names)
            for number, line in enumerate(text, 1):
                if not line.strip():
                    continue
                try:
                    cells = flat(json.loads(line, parse_float=str, parse_int=str))
                except ValueError as exc:
                    raise SourceUnreadable(
                        f"{lines[spec.file].name}, line {number}: no JSON object ({exc})"
                    ) from exc
                writer.writerow([cells.get(name, "") for name in names])


def _written_out(tables: Tables, made: Path, mapping: SourceMapping, told: Callable[[str], None]) -> None:
    known = {table.name: {column.name for column in table.columns} for table in tables.described()}
    for name, spec in mapping.files.items():
        if name == READING:
            continue
        told(spec.table)
        if spec.table not in known:
            raise SourceUnreadable(f"the database has no table {spec.table!r} that this user may read")
        missing = [name for name in spec.columns if name not in known[spec.table]]
        if missing:
            raise SourceUnreadable(
                f"table {spec.table!r} has no column {', '.join(map(repr, missing))}; change the mapping"
            )
        with (made / spec.file).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=spec.delimiter)
            writer.writerow(spec.columns)
            for row in tables.rows(spec.table, list(spec.columns)):
                writer.writerow([text_of(cell) for cell in row])
