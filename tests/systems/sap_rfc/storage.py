"""Where the stand-in keeps what was committed: one sqlite database, a table of it for each of SAP's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.systems.sap_rfc.dictionary import TABLES, full

Row = dict[str, Any]


class Storage:
    """The committed state; each call of `written` is one transaction."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma case_sensitive_like = on")
        for table, fields in TABLES.items():
            columns = ", ".join(f"{name} text not null collate rtrim" for name in fields)
            self._db.execute(f"create table if not exists {table} ({columns})")
        self._db.execute("create table if not exists numbers (range text primary key, last integer)")

    def rows(self, table: str, where: str = "", given: Iterable[str] = ()) -> list[Row]:
        """Rows, typed; the condition is as Open SQL has it."""
        query = f"select * from {table}" + (f" where {where}" if where else "")
        found = self._db.execute(query, tuple(given)).fetchall()
        return [
            {
                field.name: _typed(field.type, text)
                for field, text in zip(TABLES[table].values(), row, strict=True)
            }
            for row in found
        ]

    def next(self, range_: str, first: int) -> int:
        """A number that nobody else gets, also where its document is never committed."""
        with self._db:
            self._db.execute(
                "insert into numbers values (?, ?) on conflict (range) do update set last = last + 1",
                (range_, first),
            )
            [[number]] = self._db.execute("select last from numbers where range = ?", (range_,)).fetchall()
        return int(number)

    def write(self, changes: Iterable[Change]) -> None:
        """All of it, or nothing."""
        self._db.execute("begin immediate")
        try:
            for change in changes:
                change.apply(self._db)
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")


class Change:
    """A row that is put in, or fields of rows that are set."""

    def __init__(self, table: str, row: Mapping[str, Any], key: Mapping[str, str] | None = None) -> None:
        self.table, self.row, self.key = table, row, key

    def apply(self, db: sqlite3.Connection) -> None:
        if self.key is None:
            held = full(TABLES[self.table], dict(self.row))
            marks = ", ".join("?" * len(held))
            db.execute(f"insert into {self.table} values ({marks})", [str(value) for value in held.values()])
            return
        sets = ", ".join(f"{name} = ?" for name in self.row)
        where = " and ".join(f"{name} = ?" for name in self.key)
        db.execute(
            f"update {self.table} set {sets} where {where}",
            [*(str(value) for value in self.row.values()), *self.key.values()],
        )


def _typed(type_: str, text: str) -> Any:
    return Decimal(text) if type_ == "P" else int(text) if type_ == "I" else text
