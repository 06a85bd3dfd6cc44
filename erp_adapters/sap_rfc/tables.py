"""Rows of SAP's tables through RFC_READ_TABLE, whose limits are kept: rows, conditions, values as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

from erp_adapters.errors import CapabilityMissing, ErpRefused, ErpUnavailable
from erp_adapters.sap import day, number
from erp_adapters.sap_rfc.client import Client
from erp_adapters.sap_rfc.connection import SYSTEM

Value: TypeAlias = str | Decimal | int | date | None
Row: TypeAlias = Mapping[str, Value]
ROW_WIDTH: Final = 512
"""Characters that one row may have; more, and SAP raises DATA_BUFFER_EXCEEDED."""
OPTION_WIDTH: Final = 72
"""Characters of one line of a condition."""
_WORD: Final = re.compile(r"(?:'(?:[^']|'')*'|[^\s'])+")
"""A word of a condition: what stands in quotes is a part of one, blanks included."""


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a table, as this release has it."""

    name: str
    type: str
    """ABAP's: C text, N digits, D day, T time, P packed, I integer, and more that are not read."""
    width: int


def quoted(text: str) -> str:
    """The text as a value of a condition."""
    return "'" + text.replace("'", "''") + "'"


def option_lines(condition: str) -> tuple[str, ...]:
    """The condition in lines that SAP takes: cut between words, never inside a value.

    Raises:
        ErpRefused: a word is longer than a line.
    """
    lines: list[str] = []
    for word in _WORD.findall(condition):
        if len(word) > OPTION_WIDTH:
            raise ErpRefused(
                f"{word[:40]!r}... is longer than the {OPTION_WIDTH} characters of an option in {SYSTEM}"
            )
        if lines and len(lines[-1]) + 1 + len(word) <= OPTION_WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return tuple(lines)


def groups(
    columns: Sequence[Column], key: Sequence[str], width: int = ROW_WIDTH
) -> Iterator[tuple[Column, ...]]:
    """The columns in groups that fit into a row each, every group with the key that joins them again.

    Raises:
        ErpRefused: a column does not fit beside the key.
    """
    keys = [each for each in columns if each.name in key]
    used = sum(each.width for each in keys)
    group, left = list(keys), width - used
    for column in columns:
        if column.name in key:
            continue
        if column.width > width - used:
            raise ErpRefused(
                f"{column.name} has {column.width} characters, and a row of {SYSTEM} has {width}"
            )
        if column.width > left:
            yield tuple(group)
            group, left = list(keys), width - used
        group.append(column)
        left -= column.width
    yield tuple(group)


class Tables:
    """Reads tables of one system."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._columns: dict[str, Mapping[str, Column]] = {}

    async def columns(self, table: str) -> Mapping[str, Column]:
        """Every field of the table, as this release has it; asked once."""
        if table not in self._columns:
            answer = await self._asked(table, NO_DATA="X")
            self._columns[table] = {each.name: each for each in map(_column, answer["FIELDS"])}
        return self._columns[table]

    async def rows(
        self, table: str, fields: Sequence[str], condition: str = "", *, key: Sequence[str] = ()
    ) -> tuple[Row, ...]:
        """Rows with these fields, typed.

        Args:
            table: its name in the dictionary.
            fields: names of its fields.
            condition: as Open SQL has it; values through `quoted`.
            key: fields that tell rows apart, for a row that has to be read in parts; among `fields`.

        Raises:
            CapabilityMissing: there is no such table or field in this release; names it.
            ErpRefused: the user may not read it.
            ErpUnavailable: it does not answer, or with what is no value.
        """
        known = await self.columns(table)
        if missing := [name for name in fields if name not in known]:
            raise CapabilityMissing(f"{table} of this {SYSTEM} has no field {', '.join(map(repr, missing))}")
        parts = list(groups([known[name] for name in fields], key))
        if len(parts) == 1:
            return tuple(await self._part(table, parts[0], condition))
        if not key:
            raise ErpRefused(
                f"{', '.join(fields)} of {table} do not fit into a row of {ROW_WIDTH} characters"
            )
        found: dict[tuple[Value, ...], dict[str, Value]] = {}
        counts = set()
        for part in parts:
            rows = await self._part(table, part, condition)
            counts.add(len(rows))
            for row in rows:
                found.setdefault(tuple(row[name] for name in key), {}).update(row)
        whole = tuple(row for row in found.values() if len(row) == len(set(fields)))
        if counts != {len(whole)}:
            raise ErpUnavailable(f"{table} changed in {SYSTEM} while it was read in parts; read it again")
        return whole

    async def _part(self, table: str, columns: Sequence[Column], condition: str) -> list[dict[str, Value]]:
        answer = await self._asked(
            table,
            FIELDS=[{"FIELDNAME": each.name} for each in columns],
            OPTIONS=[{"TEXT": line} for line in option_lines(condition)],
        )
        # Where each value stands SAP says anew: no character between them could not stand in one.
        places = [(_column(each), int(each["OFFSET"]), int(each["LENGTH"])) for each in answer["FIELDS"]]
        return [
            {
                column.name: _value(column, row["WA"][offset : offset + length], table)
                for column, offset, length in places
            }
            for row in answer["DATA"]
        ]

    async def _asked(self, table: str, **given: object) -> Mapping[str, Any]:
        try:
            return await self._client.call("RFC_READ_TABLE", QUERY_TABLE=table, **given)
        except ErpRefused as error:
            match getattr(error.__cause__, "key", ""):
                case "TABLE_NOT_AVAILABLE" | "TABLE_WITHOUT_DATA":
                    raise CapabilityMissing(f"this {SYSTEM} has no table {table!r}") from error
                case "NOT_AUTHORIZED":
                    raise ErpRefused(
                        f"{SYSTEM}'s user may not read table {table}: give its role S_TABU_NAM for it"
                    ) from error
                case _:
                    raise


def _column(field: Mapping[str, Any]) -> Column:
    return Column(str(field["FIELDNAME"]), str(field["TYPE"]), int(field["LENGTH"]))


def _value(column: Column, text: str, table: str) -> Value:
    try:
        match column.type:
            case "D":
                return day(text)
            case "P":
                return number(text)
            case "I" | "b" | "s":
                return int(number(text))
            case _:
                return text.rstrip()
    except ValueError as error:
        raise ErpUnavailable(
            f"{SYSTEM} sent {text.strip()!r} as {table}-{column.name}, which is no value of it"
        ) from error
