"""The rows that a finding names, side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from erp_adapters.store.checks.finding import Key
from erp_adapters.store.checks.kept import KeptFinding
from erp_adapters.store.session import ReadTransaction

MOST = 6
"""Rows that fit beside each other."""
_RECORD = re.compile(r"^[a-z_]{1,40}$")
_INTERNAL = frozenset({"load_id", "ingested_at", "company", "readings"})
_ROW = """
select to_jsonb(r) - array['readings'] ||
       jsonb_strip_nulls(jsonb_build_object('file', s.file, 'line', s.line)) as row
from erp.{record} r
left join erp.source_line s on s.site = r.site and s.source_system = r.source_system
     and s.record = %(record)s and s.source_key = r.source_key
where r.site = %(site)s and r.source_key = %(key)s
limit 1
"""
_SIGNAL = """
select to_jsonb(s) - array['signal', 'is_current'] || jsonb_build_object('value', n.value, 'at', n.at) as row
from app.signal s left join app.signal_now n using (signal)
where s.site = %(site)s and s.source || ': ' || s.name = %(key)s and %(record)s = 'signal'
"""
_PREDICTOR = """
select to_jsonb(p) - array['trained_on', 'url', 'token', 'inputs', 'card'] ||
       jsonb_build_object('state', s.state, 'reason', s.reason, 'by', s.by, 'since', s.at) as row
from app.predictor p join app.predictor_state s using (name, version)
where s.site = %(site)s and p.name || ' ' || p.version = %(key)s and %(record)s = 'predictor'
order by s.id desc limit 1
"""
_OF_OWN: Mapping[str, str] = {"signal": _SIGNAL, "predictor": _PREDICTOR}
"""Signals and models are no rows of a source that was loaded."""


@dataclass(frozen=True, slots=True)
class Beside:
    """One row that a finding names; empty where it is no longer there."""

    key: Key
    fields: Mapping[str, str]


async def rows_beside(tx: ReadTransaction, finding: KeptFinding) -> tuple[Beside, ...]:
    """The rows that a finding names, of many the first few, with the file and line that they came from."""
    return tuple([Beside(key, await _fields(tx, key)) for key in finding.keys[:MOST]])


async def _fields(tx: ReadTransaction, key: Key) -> dict[str, str]:
    if not _RECORD.match(key.record):
        return {}
    statement = _OF_OWN.get(key.record, _ROW.replace("{record}", key.record))
    found = await tx.fetch(
        statement,
        {"record": key.record, "site": key.site, "key": key.source_key},
    )
    if not found.rows:
        return {}
    row = found.rows[0][0]
    assert isinstance(row, dict)
    return {
        str(name): value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in row.items()
        if value not in (None, "", []) and name not in _INTERNAL
    }
