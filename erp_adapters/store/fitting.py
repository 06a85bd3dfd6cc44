"""A mapping held against the store: each field exists, takes the type, and no required one stays empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import psycopg

from erp_adapters.errors import ConfigurationError
from erp_adapters.store.consistency import type_of
from erp_adapters.store.mapping import RecordSpec, SourceMapping

PROVIDED = frozenset({"site", "source_system", "source_key", "load_id", "ingested_at", "flags"})
"""Columns that the loader fills itself."""

_FITTING: dict[str, frozenset[str]] = {
    "text": frozenset({"text", "integer", "decimal", "date", "timestamp", "time", "flag", "moment"}),
    "numeric": frozenset({"integer", "decimal"}),
    "integer": frozenset({"integer"}),
    "bigint": frozenset({"integer"}),
    "date": frozenset({"date"}),
    "boolean": frozenset({"flag"}),
    "time without time zone": frozenset({"time"}),
    "timestamp with time zone": frozenset({"moment"}),
    "ARRAY": frozenset({"series"}),
}
_COLUMNS = """
select c.table_name, c.column_name, c.data_type, c.is_nullable = 'NO' and c.column_default is null,
       case when c.is_nullable = 'NO' then c.column_default end,
       exists (select from pg_index i
               join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
               where i.indisprimary and i.indrelid = format('erp.%I', c.table_name)::regclass
                 and a.attname = c.column_name)
from information_schema.columns c where c.table_schema = 'erp' order by c.table_name, c.ordinal_position
"""


@dataclass(frozen=True, slots=True)
class Target:
    """A column of a canonical table."""

    name: str
    type: str
    required: bool
    default: str | None
    """What the store writes in place of an empty value, as the catalogue has it."""
    in_key: bool


Targets: TypeAlias = dict[str, Target]


def targets_of(connection: psycopg.Connection[tuple[Any, ...]], mapping: SourceMapping) -> dict[str, Targets]:
    """The columns of every canonical record.

    Raises:
        ConfigurationError: the mapping fills something that is not there, or leaves a required field empty.
    """
    targets: dict[str, Targets] = {}
    for table, *column in connection.execute(_COLUMNS):
        targets.setdefault(table, {})[column[0]] = Target(*column)
    problems = [
        problem for spec in mapping.records for problem in _problems(spec, targets.get(spec.record), mapping)
    ]
    if problems:
        raise ConfigurationError(
            f"Source mapping {mapping.source!r} does not fit the store: {'; '.join(problems)}"
        )
    return targets


def _problems(spec: RecordSpec, columns: Targets | None, mapping: SourceMapping) -> list[str]:
    if columns is None or not columns.keys() >= PROVIDED:
        return [f"the store has no record {spec.record!r}"]
    problems = []
    for name, expression in spec.expressions().items():
        target = columns.get(name)
        kind = type_of(expression, spec.file, mapping)
        if target is None or name in PROVIDED:
            problems.append(f"record {spec.record!r} has no field {name!r} to fill")
        elif kind not in _FITTING.get(target.type, frozenset()):
            problems.append(f"{spec.record}.{name} is {target.type}, the mapping gives {kind}")
    filled = PROVIDED | spec.expressions().keys()
    empty = [column.name for column in columns.values() if column.required and column.name not in filled]
    return problems + [f"{spec.record}.{name} is required and not filled" for name in empty]
