"""What a right answer holds, computed from the data by the statement that a case names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from eval.cases import AsksBackCheck, Case, ValuesCheck
from eval.comparison import Cell

Rows = tuple[tuple[Cell, ...], ...]


class GoldenUnusable(Exception):
    """A statement that gives no expected rows; the message names the case and what is wrong."""


@dataclass(frozen=True, slots=True)
class Golden:
    """Expected rows."""

    columns: tuple[str, ...]
    rows: Rows


class Data:
    """The data that cases are about: the files it came in, and the store that it was loaded into.

    Args:
        folder: CSV files, each a table under its name; None where there are none.
        dsn: the store, under a role that sees all of it.
    """

    def __init__(self, folder: Path | None, dsn: str) -> None:
        self._dsn = dsn
        # What is loaded once is no part of judging a case.
        self._files: Any = None if folder is None else _tables(folder)
        self._store: psycopg.Connection[Any] | None = None
        self._known: dict[tuple[str, str], Golden] = {}

    def golden(self, case: Case) -> Golden | None:
        """What the case's answer must hold; None where it must not be answered.

        Raises:
            GoldenUnusable: the statement fails, or gives nothing to compare with.
        """
        check = case.verdict
        if not isinstance(check, ValuesCheck | AsksBackCheck):
            return None
        key = (check.over, check.sql)
        if key in self._known:
            return self._known[key]
        try:
            found = self._of_files(check.sql) if check.over == "source" else self._of_store(check.sql)
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in ("duckdb", "_duckdb", "psycopg"):
                raise
            raise GoldenUnusable(f"{case.id}: its statement fails: {error}") from error
        self._known[key] = found
        return found

    def store_rows(self, sql: str) -> Rows:
        """Rows of a statement over the store, as the owner of everything sees them.

        Raises:
            GoldenUnusable: the statement fails.
        """
        try:
            return self._of_store(sql).rows
        except psycopg.Error as error:
            raise GoldenUnusable(f"a statement over the store fails: {error}") from error

    def close(self) -> None:
        """Let go of both."""
        if self._store is not None:
            self._store.close()
        if self._files is not None:
            self._files.close()

    def _of_files(self, sql: str) -> Golden:
        if self._files is None:
            raise GoldenUnusable("these cases are about the store; there are no files with them")
        cursor = self._files.execute(sql)
        names = tuple(str(column[0]) for column in cursor.description)
        return Golden(names, _plain(cursor.fetchall()))

    def _of_store(self, sql: str) -> Golden:
        if self._store is None:
            self._store = psycopg.connect(self._dsn, autocommit=True)
            self._store.execute("set default_transaction_read_only = on")
        cursor = self._store.execute(sql.encode())
        names = tuple(column.name for column in cursor.description or ())
        return Golden(names, _plain(cursor.fetchall()))


@contextlib.contextmanager
def opened(folder: Path | None, dsn: str) -> Iterator[Data]:
    """The data, let go of afterwards."""
    data = Data(folder, dsn)
    try:
        yield data
    finally:
        data.close()


def _tables(folder: Path) -> Any:
    """All files of a folder as tables in memory.

    Raises:
        GoldenUnusable: there is no such folder, or DuckDB is missing.
    """
    if not folder.is_dir():
        raise GoldenUnusable(
            f"expected values are computed from CSV files, and {str(folder)!r} is no folder of them;"
            " --data names it"
        )
    try:
        import duckdb
    except ImportError as error:
        raise GoldenUnusable("expected values need DuckDB: pip install duckdb") from error
    files = duckdb.connect()
    for path in sorted(folder.glob("*.csv")):
        files.execute(f'create table "{path.stem}" as select * from read_csv(?)', [str(path)])
    return files


def _plain(rows: Sequence[Sequence[object]]) -> Rows:
    return tuple(tuple(_cell(value) for value in row) for row in rows)


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
