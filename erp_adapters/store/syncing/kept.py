"""Rows of a source that are kept as they came, and the files that a record is held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import psycopg

from erp_adapters.ports import Cell
from erp_adapters.store.columns import Value, Values, zone_of
from erp_adapters.store.date_formats import Clock
from erp_adapters.store.expressions import folded
from erp_adapters.store.mapping import FileSpec, SiteSpec
from erp_adapters.store.reading import Batch
from erp_adapters.store.site_rules import SiteRules
from erp_adapters.store.syncing.cells import KEY, CellReader
from erp_adapters.store.syncing.packing import unpacked_row
from erp_adapters.store.syncing.plan import Made, Plan

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
_AT_ONCE = 2000
_KEPT = "select key, cells from erp.sync_row where feed = %s and cells is not null order by key"
_KEYS = "select key from erp.sync_row where feed = %s"


class KeptRows:
    """What the store keeps of a source, as a record's expressions and conditions look at it."""

    def __init__(
        self,
        connection: Connection,
        plan: Plan,
        feeds: Mapping[str, int],
        site: SiteSpec,
        rules: SiteRules | None,
    ) -> None:
        self._connection, self._plan, self._feeds = connection, plan, feeds
        self._site, self._rules = site, rules
        self._indexes: dict[tuple[str, str], Mapping[Value, Values]] = {}
        self._own: dict[str, dict[Values, int]] = {}
        self._stored: dict[str, dict[Values, int]] = {}

    @property
    def site(self) -> SiteSpec:
        """Whose rows they are."""
        return self._site

    @property
    def rules(self) -> SiteRules:
        """The rules of the site."""
        assert self._rules is not None, "a reading hands them over where its mapping needs them"
        return self._rules

    def spec(self, file: str) -> FileSpec:
        """What the mapping says of a file."""
        return self._plan.mapping.files[file]

    def reader(self, file: str) -> CellReader:
        """What types a file's cells."""
        zone = ZoneInfo(self._site.time_zone)
        return CellReader(self.spec(file), self._plan.mapping.plausible_dates, zone)

    def clock(self, file: str) -> Clock:
        """The clock by which a file tells moments."""
        return Clock(zone_of(self.spec(file), ZoneInfo(self._site.time_zone)))

    def position(self, file: str, column: str) -> int:
        """Where a column stands."""
        return list(self.spec(file).columns).index(column)

    def batches(self, file: str) -> Iterator[Batch]:
        """Rows of a file as they are kept, by their keys."""
        reader, names = self.reader(file), list(self.spec(file).columns)
        for rows in self._chunks(file):
            columns = [[row[name] for row in rows] for name in names]
            yield reader.batch(columns)

    def _chunks(self, file: str) -> Iterator[Sequence[Mapping[str, Cell]]]:
        if file in self._plan.stated:
            yield [{KEY: row.key, **row.cells} for row in self._plan.stated[file]]
            return
        made = self._plan.made.get(file)
        seen: set[Cell] = set()
        # A cursor of the server's own: a file that is looked into may be large.
        with self._connection.cursor(f"kept_{self._feeds[self._plan.part_of(file)]}") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(_KEPT, (self._feeds[self._plan.part_of(file)],))
            while found := cursor.fetchmany(_AT_ONCE):
                rows = [{KEY: str(key), **unpacked_row(cells)} for key, cells in found]
                if made is not None:
                    rows = [_made(row, made) for row in _first(rows, made.each, seen)]
                if rows:
                    yield rows

    def index(self, file: str, key: str) -> Mapping[Value, Values]:
        """Rows of a file by one column; the first of equals."""
        if (file, key) not in self._indexes:
            position = self.position(file, key)
            found: dict[Value, Values] = {}
            for batch in self.batches(file):
                for row in batch.rows:
                    found.setdefault(row[position], row)
            self._indexes[file, key] = found
        return self._indexes[file, key]

    def loaded(self, record: str) -> dict[Values, int]:
        """Keys of the page at hand for a record that is being written, all that are stored for another."""
        if record in self._own:
            return self._own[record]
        if record not in self._stored:
            spec = next(each for each in self._plan.mapping.records if each.record == record)
            prefix = len(self.spec(spec.file).table) + 1
            self._stored[record] = {
                (str(key)[prefix:],): 0
                for (key,) in self._connection.execute(
                    f"select source_key from erp.{record} where site = %s and source_system = %s",
                    (self._site.code, self._plan.mapping.source),
                )
            }
        return self._stored[record]

    def writes(self, record: str) -> None:
        """Say that a record is being written: its own keys are held against those of the page only."""
        self._own[record] = {}

    def repeated(self, file: str, columns: tuple[str, ...]) -> frozenset[Values]:
        """Combinations of values that more than one row of a file has, folded."""
        positions = [self.position(file, column) for column in columns]
        counts = Counter(
            folded(tuple(row[position] for position in positions))
            for batch in self.batches(file)
            for row in batch.rows
        )
        return frozenset(values for values, count in counts.items() if count > 1 and None not in values)


def _made(row: Mapping[str, Cell], made: Made) -> dict[str, Cell]:
    """The row of a file that is made from this one."""
    cells = {name: row[of] for name, of in made.cells.items()}
    return {**row, **cells, KEY: str(row[made.each])}


def _first(rows: Sequence[Mapping[str, Cell]], each: str, seen: set[Cell]) -> Iterator[Mapping[str, Cell]]:
    for row in rows:
        if (value := row[each]) is not None and value not in seen:
            seen.add(value)
            yield row
