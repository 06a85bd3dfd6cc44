"""The statements that read one table, and how far a reader has come in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from erp_adapters.errors import ErpUnavailable
from erp_adapters.ports import Cell, Cursor
from erp_adapters.sql.source import SqlTable
from erp_adapters.store.syncing.packing import packed, unpacked


@dataclass(frozen=True, slots=True)
class Place:
    """How far a reader has come: what changed since when, the row that was last read, and where to go on."""

    since: Cell = None
    is_strict: bool = False
    """Rows of exactly that time were all read."""
    after: tuple[Cell, ...] = ()
    next: Cell = None
    next_is_strict: bool = False

    @classmethod
    def of(cls, cursor: Cursor | None, name: str) -> Place:
        if not cursor:
            return cls()
        try:
            since, is_strict, after, next_, next_is_strict = json.loads(cursor)
            return cls(
                unpacked(since),
                bool(is_strict),
                tuple(map(unpacked, after)),
                unpacked(next_),
                bool(next_is_strict),
            )
        except (ValueError, TypeError) as error:
            raise ErpUnavailable(f"{cursor!r} is no place in {name}: read from the beginning") from error

    def cursor(self) -> Cursor:
        held = [
            packed(self.since), self.is_strict, [packed(cell) for cell in self.after], packed(self.next),
            self.next_is_strict,
        ]  # fmt: skip
        return Cursor(json.dumps(held))


class Query:
    """The statements that read one table."""

    def __init__(self, table: SqlTable, mark: str, site: str | None) -> None:
        self.table, self._mark = table, mark
        self._from = (
            f"({self._plain(table.select)}) as t"
            if table.select is not None
            else ".".join(map(self._quoted, str(table.table).split("."))) + " as t"
        )
        self._key = [self._column(name) for name in table.key]
        self._where: list[str] = []
        self._values: list[object] = []
        if table.site is not None and site is not None:
            self._where.append(f"cast({self._column(table.site)} as text) = {mark}")
            self._values.append(site)
        self.extra = (table.changed is not None) + (table.deleted is not None)
        """Columns between the key and the cells: when it changed, and whether it is gone."""
        self.names = [*table.key]
        if table.changed is not None:
            self.names.append(table.changed.column)
        if table.deleted is not None:
            self.names.append(table.deleted.column)
        self.names += table.columns.values()

    def tells_deleted(self, place: Place) -> bool:
        """True where rows that are gone are read as such."""
        return self.table.deleted is not None and place.since is not None

    def reading(self, place: Place) -> tuple[str, list[object]]:
        """Rows from a place on."""
        table, where, values = self.table, list(self._where), list(self._values)
        columns = list(self._key)
        order = list(self._key)
        if table.changed is not None:
            columns.append(self._column(table.changed.column))
        if table.deleted is not None:
            columns.append(f"coalesce({self._gone()}, false)")
            values = [*table.deleted.values, *values]
        columns += map(self._column, table.columns.values())
        if place.since is not None:
            assert table.changed is not None
            order.insert(0, self._column(table.changed.column))
            where.append(f"{order[0]} {'>' if place.is_strict else '>='} {self._mark}")
            values.append(place.since)
        elif table.deleted is not None:
            where.append(f"not coalesce({self._gone()}, false)")
            values += table.deleted.values
        if place.after:
            marks = ", ".join([self._mark] * len(place.after))
            where.append(f"({', '.join(order)}) > ({marks})")
            values += place.after
        return (
            f"select {', '.join(columns)} from {self._from}{_where(where)} order by {', '.join(order)}",
            values,
        )

    def _gone(self) -> str:
        deleted = self.table.deleted
        assert deleted is not None
        marks = ", ".join([self._mark] * len(deleted.values))
        return f"cast({self._column(deleted.column)} as text) in ({marks})"

    def newest(self) -> tuple[str, list[object]]:
        """When anything last changed."""
        assert self.table.changed is not None
        column = self._column(self.table.changed.column)
        return f"select max({column}) from {self._from}{_where(self._where)}", self._values

    def standing(self) -> tuple[str, list[object]]:
        """How many rows there are, and what their figure comes to."""
        where, values = self._there()
        total = "null" if self.table.total is None else f"sum({self._column(self.table.total)})"
        return f"select count(*), {total} from {self._from}{_where(where)}", values

    def mark(self) -> tuple[str, list[object]]:
        """How many rows there are, and what their digests come to, in Postgres."""
        statement, values = self.reading(Place())
        # Without its order, which no sum depends on.
        rows = statement.rpartition(" order by ")[0]
        return f"select count(*), sum(hashtextextended(r::text, 0)::numeric) from ({rows}) as r", values

    def content(self, key: Sequence[str]) -> tuple[str, list[object]]:
        """How large the file behind a key is, and where it is: no row where there is none."""
        where, values = self._row(key)
        file = self._file()
        size = f"octet_length({file})" if self._mark == "%s" else f"length(cast({file} as blob))"
        return f"select max({size}), count(*) from {self._from}{_where(where)}", values

    def file(self, key: Sequence[str]) -> tuple[str, list[object]]:
        """The file behind a key."""
        where, values = self._row(key)
        return f"select {self._file()} from {self._from}{_where(where)} limit 1", values

    def keys(self) -> tuple[str, list[object]]:
        """Keys of all rows that are there."""
        where, values = self._there()
        return f"select {', '.join(self._key)} from {self._from}{_where(where)}", values

    def _file(self) -> str:
        assert self.table.content is not None, "asked for where there is one"
        return self._column(self.table.content)

    def _row(self, key: Sequence[str]) -> tuple[list[str], list[object]]:
        where, values = self._there()
        for column, part in zip(self._key, key, strict=True):
            where.append(f"cast({column} as text) = {self._mark}")
            values.append(part)
        return where, values

    def _there(self) -> tuple[list[str], list[object]]:
        """The site's rows that are not marked as gone."""
        where, values = list(self._where), list(self._values)
        if self.table.deleted is not None:
            where.append(f"not coalesce({self._gone()}, false)")
            values += self.table.deleted.values
        return where, values

    def probe(self) -> tuple[str, list[object]]:
        """Whether every column is there; reads no row."""
        statement, values = self.reading(Place())
        if self.table.content is not None:
            statement = statement.replace("select ", f"select {self._file()}, ", 1)
        return f"select count(*) from ({statement}) as probe where 1 = 0", values

    def _column(self, name: str) -> str:
        # With its table before it: alone SQLite takes the name of a column that is not there for a text.
        return f"t.{self._quoted(name)}"

    def _quoted(self, name: str) -> str:
        return self._plain('"' + name.replace('"', '""') + '"')

    def _plain(self, text: str) -> str:
        # Where a value goes is marked by a per cent sign, so that one of the text's own is doubled.
        return text.replace("%", "%%") if self._mark.startswith("%") else text


def _where(conditions: Sequence[str]) -> str:
    return f" where {' and '.join(conditions)}" if conditions else ""
