"""A directory of source files: each read once, and kept only where other files look things up in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from erp_adapters.errors import SourceUnreadable
from erp_adapters.store.columns import Value, Values, zone_of
from erp_adapters.store.date_formats import Clock
from erp_adapters.store.expressions import folded
from erp_adapters.store.mapping import FileSpec, SiteSpec, SourceMapping
from erp_adapters.store.quality import FileOutcome
from erp_adapters.store.reading import Batch, SourceFile
from erp_adapters.store.site_rules import SiteRules

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a manifest says of a file."""

    rows: int
    sha256: str


def read_manifest(directory: Path) -> dict[str, Expected] | None:
    """What the directory's manifest says of each file; None where there is no manifest."""
    path = directory / MANIFEST
    if not path.is_file():
        return None
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {str(e["file"]): Expected(int(e["rows"]), str(e["sha256"])) for e in entries}
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise SourceUnreadable(
            f"{MANIFEST}: not a list of entries with file, rows and sha256 ({type(exc).__name__}). "
            "Copy it again, or delete it to import without its checks."
        ) from exc


@dataclass
class SourceDirectory:
    """The files of a source, as expressions and conditions look at them."""

    directory: Path
    mapping: SourceMapping
    site: SiteSpec
    site_rules: SiteRules | None
    _files: dict[str, SourceFile] = field(default_factory=dict)
    _kept: dict[str, list[Batch]] = field(default_factory=dict)
    _indexes: dict[tuple[str, str], Mapping[Value, Values]] = field(default_factory=dict)
    _loaded: dict[str, dict[Values, int]] = field(default_factory=dict)
    _latest: date | None = None

    def __post_init__(self) -> None:
        if not self.directory.is_dir():
            raise SourceUnreadable(
                f"{str(self.directory)!r} is not a directory. Give the one that holds the source's files."
            )
        names = [spec.file for spec in self.mapping.files.values()]
        missing = [name for name in names if not (self.directory / name).is_file()]
        if missing:
            raise SourceUnreadable(
                f"{', '.join(missing)}: not found in {str(self.directory)!r}. Add what is missing, "
                "or give the directory that holds the source's files."
            )

    @property
    def rules(self) -> SiteRules:
        """The rules of the site."""
        assert self.site_rules is not None, "an import hands them over where its mapping needs them"
        return self.site_rules

    @cached_property
    def _looked_up(self) -> frozenset[str]:
        return frozenset(_looked_up(self.mapping))

    def batches(self, file: str) -> Iterator[Batch]:
        """Rows of a file, in order."""
        if file not in self._looked_up:
            yield from self._read(file)
            return
        if file not in self._kept:
            self._kept[file] = list(self._read(file))
        yield from self._kept[file]

    def rows(self, file: str) -> Iterator[Values]:
        """Rows of a file that fit its columns."""
        for batch in self.batches(file):
            yield from batch.rows

    def _read(self, file: str) -> Iterator[Batch]:
        spec = self.spec(file)
        left_out = frozenset(
            column
            for item in self.mapping.left_out
            if item.table in ("*", spec.table)
            for column in item.columns
        )
        path = self.directory / spec.file
        zone = ZoneInfo(self.site.time_zone)
        self._files[file] = SourceFile(path, spec, self.mapping.plausible_dates, zone, left_out)
        dates = [self.position(file, ref.column) for ref in self.mapping.as_of.latest if ref.file == file]
        for batch in self._files[file].batches():
            for position in dates:
                self._see(batch.columns[position], zone)
            yield batch

    def _see(self, column: list[Value], zone: ZoneInfo) -> None:
        latest = max((value for value in column if isinstance(value, date)), default=None)
        if isinstance(latest, datetime):
            latest = (latest.astimezone(zone) if latest.tzinfo else latest).date()
        if latest is not None:
            self._latest = latest if self._latest is None else max(latest, self._latest)

    def finish(self) -> date | None:
        """The latest date that says what business now is, once every file has been read; None without one.

        Files that no record is filled from are read here, because a broken one is refused all the same.
        """
        for file in self.mapping.files:
            if file not in self._files:
                for _ in self.batches(file):
                    pass
        return self._latest

    def spec(self, file: str) -> FileSpec:
        """What the mapping says of a file."""
        return self.mapping.files[file]

    def position(self, file: str, column: str) -> int:
        return list(self.spec(file).columns).index(column)

    def clock(self, file: str) -> Clock:
        """The clock by which a file tells moments."""
        return Clock(zone_of(self.spec(file), ZoneInfo(self.site.time_zone)))

    def index(self, file: str, key: str) -> Mapping[Value, Values]:
        if (file, key) not in self._indexes:
            position = self.position(file, key)
            found: dict[Value, Values] = {}
            for row in self.rows(file):
                found.setdefault(row[position], row)
            self._indexes[file, key] = found
        return self._indexes[file, key]

    def loaded(self, record: str) -> dict[Values, int]:
        """Keys loaded into a record so far, with their lines."""
        return self._loaded.setdefault(record, {})

    def repeated(self, file: str, columns: tuple[str, ...]) -> frozenset[Values]:
        positions = [self.position(file, column) for column in columns]
        counts = Counter(folded(tuple(row[position] for position in positions)) for row in self.rows(file))
        return frozenset(values for values, count in counts.items() if count > 1 and None not in values)

    def outcomes(self, manifest: Mapping[str, Expected]) -> list[FileOutcome]:
        """Every file with its rows, compared with the manifest."""
        outcomes = []
        for source in self._files.values():
            expected = manifest.get(source.spec.file)
            outcomes.append(
                FileOutcome(
                    file=source.spec.file,
                    rows=source.rows_read,
                    sha256=source.sha256,
                    expected_rows=expected.rows if expected else None,
                    expected_sha256=expected.sha256 if expected else None,
                    undeclared=list(source.undeclared),
                )
            )
        return outcomes

    def unknown_files(self) -> list[str]:
        """Delimited files beside the source's that the mapping does not know."""
        known = {spec.file for spec in self.mapping.files.values()}
        return sorted(path.name for path in self.directory.glob("*.csv") if path.name not in known)


def _looked_up(mapping: SourceMapping) -> Iterator[str]:
    """Files that are read for their own record and again for others."""

    def walk(node: object, file: str) -> Iterator[str]:
        if isinstance(node, dict):
            for name in ("lookup", "exists"):
                if isinstance(node.get(name), str):
                    yield node[name]
            if "duplicate" in node:
                yield file
            for part in node.values():
                yield from walk(part, file)
        elif isinstance(node, list):
            for part in node:
                yield from walk(part, file)

    for record in mapping.records:
        yield from walk(record.model_dump(by_alias=True), record.file)
    fed = Counter(record.file for record in mapping.records)
    yield from (file for file, count in fed.items() if count > 1)
