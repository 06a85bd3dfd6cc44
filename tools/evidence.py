"""Where a result comes from: source rows, the query that ran, and how old the data is."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from pydantic import BaseModel

from erp_adapters.store.session import ReadTransaction
from tools.languages import said
from tools.languages.forms import day_text
from tools.metrics.labels import sense
from tools.results import Evidence, SourceShare

_RECORD = re.compile(r"[a-z][a-z_]*\Z")
_PARAMETER = re.compile(r"%\((\w+)\)s|%%")
_SAMPLE = 3

_AGE = """
select min(s.as_of), max(s.as_of),
       coalesce((select min(f.read_at) from erp.sync_feed f
                 where f.part <> 'documents' and (%(site)s::text is null or f.site = %(site)s)),
                (select max(l.finished_at) from erp.load l
                 where l.status = 'loaded' and (%(site)s::text is null or l.site = %(site)s)))
from erp.site s where %(site)s::text is null or s.site = %(site)s
"""
# A few keys of each source system that was loaded: an index read for each, never a count of the table.
_KEYS = """
select '{record}', l.source_system, r.source_key
from (select distinct site, source_system from erp.load
      where status = 'loaded' and (%(site)s::text is null or site = %(site)s)) l
cross join lateral (select source_key from erp.{record}
                    where site = l.site and source_system = l.source_system limit {sample}) r
"""


class Sourced(Protocol):
    """A row that says where it came from."""

    @property
    def source_system(self) -> str: ...
    @property
    def source_key(self) -> str: ...
    @property
    def flags(self) -> Sequence[str]: ...


async def evidence(
    tx: ReadTransaction,
    *,
    id: str,
    tool: str,
    version: str,
    arguments: BaseModel,
    records: Sequence[str | SourceShare],
    query: str,
    flags: Iterable[str] = (),
    site: str | None = None,
) -> Evidence:
    """Evidence of one result, with the age of the data in the caller's scope.

    Args:
        records: canonical records that were read: a table's name where only a few keys are to be named, or
            the `SourceShare`s that `shares` made of the very rows.
        query: what `readable` made of the SQL that ran; several statements are separated by `;`.
        flags: data-quality remarks, each a sentence.
        site: the one site that the result is about; all that the caller sees where none is given.
    """
    ages = (await tx.fetch(_AGE, {"site": site})).rows[0]
    oldest, newest, loaded_at = (moment if isinstance(moment, datetime) else None for moment in ages)
    remarks = list(flags)
    # Sites close their day at different hours; only a different day is worth a remark.
    if oldest and newest and oldest.date() != newest.date():
        remarks.append(
            said(
                "Sites reach to different days: from [[first]] to [[last]].",
                first=day_text(oldest.date()),
                last=day_text(newest.date()),
            )
        )
    return Evidence(
        id=id,
        tool=tool,
        version=version,
        arguments=canonical(arguments),
        sources=await _sources(tx, records, site),
        data_as_of=oldest,
        loaded_at=loaded_at,
        query=query,
        flags=tuple(remarks),
    )


def canonical(arguments: BaseModel) -> str:
    """Validated arguments as JSON with sorted keys, so that equal calls have equal text."""
    return json.dumps(
        arguments.model_dump(mode="json", exclude_defaults=True), sort_keys=True, ensure_ascii=False
    )


def shares(record: str, rows: Iterable[Sourced]) -> tuple[SourceShare, ...]:
    """How many rows of a record each source system gave, with the first few keys."""
    return keyed(record, ((row.source_system, row.source_key) for row in rows))


def keyed(record: str, keys: Iterable[tuple[str, str | None]]) -> tuple[SourceShare, ...]:
    """The same from pairs of system and source key; repeated keys count once, empty ones not at all."""
    found: dict[str, list[str]] = {}
    for system, key in dict.fromkeys(keys):
        if key is not None:
            found.setdefault(system, []).append(key)
    return tuple(
        SourceShare(system, record, len(of_system), tuple(of_system[:_SAMPLE]))
        for system, of_system in sorted(found.items())
    )


def remarks(what: str, rows: Sequence[Sourced]) -> tuple[str, ...]:
    """A sentence on how many rows the import flagged and for what; empty where none was."""
    flagged = [row for row in rows if row.flags]
    if not flagged:
        return ()
    reasons = Counter(flag for row in flagged for flag in row.flags)
    named = ", ".join(
        f"{sense(reason.replace('_', ' '), 'rule')} ({count})" for reason, count in reasons.most_common(5)
    )
    return (
        said(
            "[[flagged]] of [[rows]] [[what]] are flagged: [[reasons]].",
            flagged=len(flagged),
            rows=len(rows),
            what=said(what),
            reasons=named,
        ),
    )


def readable(sql: str, params: Mapping[str, object] | None = None) -> str:
    """The statement on one line with its parameters as literals, for people to read; it is never run."""

    def bound(match: re.Match[str]) -> str:
        return _literal((params or {})[match[1]]) if match[1] else "%"

    return _PARAMETER.sub(bound, " ".join(sql.split()))


def _literal(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | Decimal():
            return str(value)
        case date():
            return f"'{value.isoformat()}'"
        case list() | tuple():
            return f"array[{', '.join(_literal(item) for item in value)}]"
        case _:
            return "'" + str(value).replace("'", "''") + "'"


async def _sources(
    tx: ReadTransaction, records: Sequence[str | SourceShare], site: str | None
) -> tuple[SourceShare, ...]:
    named = [record for record in records if isinstance(record, str)]
    for name in named:
        if not _RECORD.match(name):
            raise ValueError(f"{name!r} is no record of the store")
    keys: dict[tuple[str, str], list[str]] = {}
    if named:
        sql = " union all ".join(_KEYS.format(record=record, sample=_SAMPLE) for record in named)
        for record, system, key in (await tx.fetch(sql, {"site": site})).rows:
            keys.setdefault((str(record), str(system)), []).append(str(key))
    found: list[SourceShare] = []
    for entry in records:
        if isinstance(entry, SourceShare):
            found.append(entry)
        else:
            found += [
                SourceShare(system, record, None, tuple(few))
                for (record, system), few in keys.items()
                if record == entry
            ]
    return tuple(found)
