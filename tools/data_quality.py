"""What was wrong with the data when it was loaded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pydantic import Field

from tools.arguments import Arguments, SiteName, Text
from tools.languages import said
from tools.naming import site_of
from tools.presenting import figure, table
from tools.records import called, record_named
from tools.registry import ToolContext, tool
from tools.results import Column, SourceShare, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"


class DataQuality(Arguments):
    """What of the data."""

    record: Text | None = Field(None, description="Only this record, such as 'work order'; all if left out.")
    site: SiteName = None


@dataclass(frozen=True, slots=True)
class _Finding:
    site: str
    source: str
    record: str
    rule: str
    severity: str
    reason: str
    rows: int
    first_at: str | None
    loaded: int


@dataclass(frozen=True, slots=True)
class _Loaded:
    site: str
    source: str
    record: str
    loaded: int
    flagged: int
    quarantined: int


_LATEST = """
with latest as (
    select distinct on (site, source_system) site, source_system, report from erp.load
    where status = 'loaded' and (%(site)s::text is null or site = %(site)s)
    order by site, source_system, finished_at desc
), records as (
    select site, source_system as source, entry, entry ->> 'record' as record
    from latest, jsonb_array_elements(report -> 'records') as entry
    where %(record)s::text is null or entry ->> 'record' = %(record)s
)
"""
_LOADED = f"""{_LATEST}
select site, source, record, (entry ->> 'loaded')::bigint as loaded, (entry ->> 'flagged')::bigint as flagged,
       (entry ->> 'quarantined')::bigint as quarantined
from records order by site, source, record
"""
_FINDINGS = f"""{_LATEST}
select site, source, record, rule ->> 'rule' as rule, rule ->> 'severity' as severity,
       rule ->> 'reason' as reason, (rule ->> 'rows')::bigint as rows,
       (rule -> 'samples' -> 0 ->> 'file') || ':' || (rule -> 'samples' -> 0 ->> 'line') as first_at,
       (entry ->> 'loaded')::bigint as loaded
from records, jsonb_array_elements(entry -> 'rules') as rule
where (rule ->> 'rows')::bigint > 0
order by rule ->> 'severity' <> 'quarantine', (rule ->> 'rows')::bigint desc, record, rule
"""
_OUTCOMES = {"flag": "flagged", "quarantine": "set aside", "pass": "noted"}


@tool(
    name="data_quality",
    examples=(
        "What is wrong with the data?",
        "Which rows were flagged or set aside?",
        "Data quality of work orders",
    ),
    version=_VERSION,
)
async def data_quality(args: DataQuality, context: ToolContext) -> ToolResult:
    """What the latest loads flagged or set aside, by record and rule, with the reason and a first example.

    A flagged row is in the figures, with a remark; a row that was set aside (quarantined) is not. The first
    example names file and line.

    Example: {"record": "work order"} -> 7,056 undated orders are flagged.
    """
    site = await site_of(context.tx, args.site)
    queries = Queries(context.tx)
    record = await record_named(context.tx, args.record) if args.record else None
    params = {"site": site, "record": record}
    loaded = await queries.rows(_Loaded, _LOADED, params)
    findings = await queries.rows(_Finding, _FINDINGS, params)
    noticed = [each for each in loaded if each.flagged or each.quarantined] or loaded
    proof = await queries.evidence(
        tool="data_quality",
        version=_VERSION,
        arguments=args,
        records=[SourceShare(each.source, each.record, each.loaded) for each in noticed],
        site=site,
    )
    sentence = said(
        "Of {{figures[0]}} rows loaded {{figures[1]}} are flagged; {{figures[2]}} were set aside."
    )
    about = []
    if findings and not record:
        about.append(said("Data quality of [[record]]", record=called(findings[0].record)))
    return ToolResult(
        tool="data_quality",
        reading=said(
            "What the latest loads flagged or set aside, [[records]], [[sites]]",
            records=called(record) if record else said("all records"),
            sites=site or said("all sites that you may see"),
        ),
        tables=(_table(findings),),
        figures=(
            figure("rows loaded", sum(each.loaded for each in loaded), "count", proof.id),
            figure("rows flagged", sum(each.flagged for each in loaded), "count", proof.id),
            figure("rows set aside", sum(each.quarantined for each in loaded), "count", proof.id),
        ),
        evidence=(proof,),
        sentence=sentence if loaded else said("Nothing was loaded that this could be said of."),
        caveats=(said("A row can be caught by several rules."),) if len(findings) > 1 else (),
        suggestions=(said("How old is the data?"), *about),
    )


def _table(findings: list[_Finding]) -> Table:
    columns = (
        Column("record", "Record", "text", words="record"),
        Column("rule", "Rule", "text", words="rule"),
        Column("outcome", "Outcome", "text", words="outcome"),
        Column("rows", "Rows", "count", good="down"),
        Column("share", "Share of loaded rows", "percent", "%", good="down"),
        Column("reason", "Why", "text", words="reason"),
        Column("first_at", "First at", "text"),
        Column("source", "Source", "text"),
        Column("site", "Site", "id"),
    )
    return table(
        "Findings",
        columns,
        (
            (
                each.record.replace("_", " "),
                each.rule.replace("_", " "),
                _OUTCOMES.get(each.severity, each.severity),
                each.rows,
                # Rows set aside are no part of those loaded.
                Decimal(each.rows) / each.loaded * 100 if each.loaded and each.severity == "flag" else None,
                each.reason,
                each.first_at,
                each.source,
                each.site,
            )
            for each in findings
        ),
    )
