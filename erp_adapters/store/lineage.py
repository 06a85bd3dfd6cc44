"""Where a row came from: its load, and the line of the file; and what became of rows that were set aside."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import psycopg

from erp_adapters.errors import RecordNotFound
from erp_adapters.store.quality import LoadReport, RulesUsed
from erp_adapters.store.session import ReadTransaction
from erp_adapters.store.staging import RecordStage

_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where one canonical row came from."""

    site: str
    source_system: str
    source_key: str
    """The source's own name of the row, such as `WorkOrder/722`."""
    file: str | None
    """None where the row was not read from a file, or was summed from others."""
    line: int | None
    load_id: UUID
    loaded_at: datetime
    flags: dict[str, str]
    """Quality flags of the row, with the reason of each."""
    rules: RulesUsed | None = None
    """The site rules that its load translated codes by."""


_RECORDS = """
select table_name from information_schema.columns where table_schema = 'erp' and column_name = 'ingested_at'
order by table_name
"""
_LINEAGE = """
select r.site, r.source_system, r.source_key, s.file, s.line, r.load_id, r.ingested_at, r.flags,
       (select jsonb_object_agg(rules.entry ->> 'rule', rules.entry ->> 'reason')
        from erp.load l, jsonb_array_elements(l.report -> 'records') as records(entry),
             jsonb_array_elements(records.entry -> 'rules') as rules(entry)
        where l.load_id = r.load_id and records.entry ->> 'record' = %(record)s),
       (select l.report -> 'rules' from erp.load l where l.load_id = r.load_id)
from erp.{record} r
left join erp.source_line s on s.site = r.site and s.source_system = r.source_system
     and s.record = %(record)s and s.source_key = r.source_key
where r.source_key = %(key)s
order by r.site, r.source_system, s.line
"""


async def lineage(tx: ReadTransaction, record: str, key: str) -> tuple[Lineage, ...]:
    """Where the rows of a record with this source key came from; more than one where several sites have it.

    Args:
        record: canonical record, such as `production_order`.
        key: source key as evidence names it, such as `WorkOrder/722`.

    Raises:
        RecordNotFound: no such record, or no such row in the caller's scope.
    """
    known = [str(row[0]) for row in (await tx.fetch(_RECORDS)).rows]
    if record not in known:
        raise RecordNotFound(f"no record {record!r}; there are {', '.join(known)}")
    found = await tx.fetch(_LINEAGE.replace("{record}", record), {"record": record, "key": key})
    if not found.rows:
        raise RecordNotFound(f"no {record} with the source key {key!r}")
    return tuple(_lineage(row) for row in found.rows)


def _lineage(row: Sequence[Any]) -> Lineage:
    site, source, key, file, line, load_id, loaded_at, flags, reasons, rules = row
    return Lineage(
        site=site,
        source_system=source,
        source_key=key,
        file=file,
        line=line,
        load_id=load_id,
        loaded_at=loaded_at,
        flags={flag: (reasons or {}).get(flag, "") for flag in flags},
        rules=RulesUsed.model_validate(rules) if rules else None,
    )


def record_load(
    connection: _Connection, report: LoadReport, stages: Sequence[RecordStage], started_at: datetime
) -> None:
    """Keep a load's report, and the rows that it set aside for a steward."""
    connection.execute(
        "insert into erp.load (load_id, source_system, site, started_at, finished_at, status, rows, as_of,"
        " report) values (%s, %s, %s, %s, clock_timestamp(), 'loaded', %s, %s, %s::jsonb)",
        (
            report.load_id,
            report.source,
            report.site,
            started_at,
            report.loaded,
            report.as_of,
            report.model_dump_json(),
        ),
    )
    # Only the latest load's rows await a steward; the reports of earlier loads keep their counts and samples.
    connection.execute(
        "delete from erp.quarantine where site = %s and source_system = %s", (report.site, report.source)
    )
    rows = [
        (
            report.load_id,
            report.site,
            report.source,
            stage.spec.record,
            row.source_key,
            row.rule,
            row.reason,
            json.dumps(row.row),
            stage.file.file,
            row.line,
        )
        for stage in stages
        for row in stage.quarantined
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into erp.quarantine (load_id, site, source_system, record, source_key, rule, reason, row,"
            " file, line) values (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)",
            rows,
        )


def record_failure(
    connection: _Connection, load_id: UUID, source: str, site: str, started_at: datetime, why: str
) -> None:
    """Keep that a load failed and why, so that answers can say that their data is older than was wanted."""
    connection.execute(
        "insert into erp.load (load_id, source_system, site, started_at, finished_at, status, report)"
        " values (%s, %s, %s, %s, clock_timestamp(), 'failed', %s::jsonb)",
        (load_id, source, site, started_at, json.dumps({"error": why})),
    )
