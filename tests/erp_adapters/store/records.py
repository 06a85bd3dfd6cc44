"""Rows for every table of schema `erp`, made from its catalogue: a new one is tested without being named."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

_CONSTRAINED: dict[tuple[str, str], object] = {
    ("source_contact", "state"): "offline",
    ("fiscal_period", "status"): "open",
    ("stock", "status"): "blocked",
    ("floor_order", "status"): "running",
    ("lot_use", "direction"): "consumed",
    ("supplier_confirmation", "decision"): "changed",
    ("purchase_order", "status"): "approved",
    ("ledger_line", "scenario"): "actual",
    ("load", "status"): "loaded",
    # Of nobody in particular, so that the site alone decides.
    ("document", "roles"): [],
    ("document_chunk", "roles"): [],
    ("site_rules", "status"): "rejected",
    ("site_rules", "approved_by"): None,
    ("site_rules", "approved_at"): None,
    ("finding", "severity"): "flag",
    ("finding", "status"): "accepted",
    ("finding", "other_sites"): [],
}
_COLUMNS = """
select a.attname, format_type(a.atttypid, null)
from pg_attribute a where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped
    and a.attgenerated = '' and a.attidentity <> 'a'
order by a.attnum
"""


def scoped_tables(connection: psycopg.Connection[Any]) -> list[str]:
    """Names of the tables of schema `erp` whose rows belong to a site."""
    return [
        str(name)
        for (name,) in connection.execute(
            "select c.relname from pg_class c"
            " join pg_attribute a on a.attrelid = c.oid and a.attname = 'site'"
            " where c.relnamespace = 'erp'::regnamespace and c.relkind in ('r', 'p') order by 1"
        )
    ]


def insert(
    connection: psycopg.Connection[Any], table: str, site: str, company: str, text: str, **values: object
) -> None:
    """Put one row into a table: numbers are 0 and texts the given one, so that casts and divisions fail."""
    row: dict[str, object] = {}
    for name, kind in connection.execute(_COLUMNS, (f"erp.{table}",)).fetchall():
        row[name] = _CONSTRAINED.get((table, name), _value(kind, text))
    row |= {name: value for name, value in (("site", site), ("company", company)) if name in row}
    row |= values
    connection.execute(
        sql.SQL("insert into erp.{} ({}) values ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        list(row.values()),
    )


def _value(kind: str, text: str) -> object:
    match kind:
        case "text":
            return text
        case "text[]":
            return [text]
        case "numeric":
            return Decimal(0)
        case "integer" | "bigint":
            return 1
        case "boolean":
            return True
        case "date":
            return date(2014, 5, 1)
        case "date[]":
            return [date(2025, 3, 1)]
        case "time without time zone":
            return time(6)
        case "timestamp with time zone":
            return datetime(2014, 5, 1, tzinfo=UTC)
        case "uuid":
            return uuid5(NAMESPACE_OID, text)
        case "jsonb":
            return Jsonb({"text": text})
        case "real[]":
            return [1.0]
        case "vector" | "halfvec":
            return "[1,0,0]"
        case "date[]":
            return [date(2014, 5, 1)]
        case "uuid[]":
            return [uuid5(NAMESPACE_OID, text)]
        case "double precision":
            return 0.0
    raise NotImplementedError(f"add a value of type {kind}")
