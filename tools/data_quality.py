"""What is wrong with the data: what loads flagged or set aside, and what the data itself shows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pydantic import Field

from erp_adapters.store.checks.kept import KeptFinding, kept_findings
from tools.arguments import Arguments, SiteName, Text
from tools.data_findings import age_caveats, check_named, findings_table, looked, shares_of
from tools.findings import check_name
from tools.languages import said
from tools.naming import site_of
from tools.presenting import figure, table
from tools.records import called, record_named
from tools.registry import ToolContext, tool
from tools.results import Column, Figure, SourceShare, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.1.0"


class DataQuality(Arguments):
    """What of the data."""

    record: Text | None = Field(None, description="Only this record, such as 'work order'; all if left out.")
    site: SiteName = None
    check: Text | None = Field(
        None,
        description="Only what one check found across rows: 'duplicate materials', 'sensor histories',"
        " 'stale lead times', 'drifted models'; all if left out.",
    )


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
        "Duplicate materials?",
    ),
    version=_VERSION,
)
async def data_quality(args: DataQuality, context: ToolContext) -> ToolResult:
    """What the latest loads flagged or set aside, by record and rule, and what checks found across rows.

    A flagged row is in the figures, with a remark; a row that was set aside (quarantined) is not. The first
    example names file and line. Findings go across rows: duplicate materials and suppliers, wrong units in
    bills, missing costs, negative stock, stale lead times, late posting, sensors, drifted models, times
    offline; each with a proposal that changes nothing by itself.

    Example: {"record": "work order"} -> 7,056 undated orders are flagged.
    """
    site = await site_of(context.tx, args.site)
    queries = Queries(context.tx)
    if args.check:
        return await _of_check(args, queries, site, check_named(args.check))
    record = await record_named(context.tx, args.record) if args.record else None
    params = {"site": site, "record": record}
    loaded = await queries.rows(_Loaded, _LOADED, params)
    findings = await queries.rows(_Finding, _FINDINGS, params)
    noticed = [each for each in loaded if each.flagged or each.quarantined] or loaded
    found = await kept_findings(queries.tx, site=site, record=record)
    queries.note("findings of the checks")
    watched = await looked(queries, site, None)
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
    if watched:
        across = said(
            "Across rows and records {{figures[3]}} findings are open, {{figures[4]}} of them serious."
        )
        sentence = f"{sentence} {across}"
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
        tables=(_table(findings), *((findings_table(found),) if watched else ())),
        figures=(
            figure("rows loaded", sum(each.loaded for each in loaded), "count", proof.id),
            figure("rows flagged", sum(each.flagged for each in loaded), "count", proof.id),
            figure("rows set aside", sum(each.quarantined for each in loaded), "count", proof.id),
            *(_figures(found, proof.id) if watched else ()),
        ),
        evidence=(proof,),
        sentence=sentence if loaded else said("Nothing was loaded that this could be said of."),
        caveats=(
            *((said("A row can be caught by several rules."),) if len(findings) > 1 else ()),
            *(age_caveats(watched) if watched else ()),
        ),
        suggestions=(said("How old is the data?"), *about),
    )


async def _of_check(args: DataQuality, queries: Queries, site: str | None, check: str) -> ToolResult:
    found = await kept_findings(queries.tx, site=site, check=check)
    queries.note(f"findings of {check}")
    watched = await looked(queries, site, check)
    proof = await queries.evidence(
        tool="data_quality", version=_VERSION, arguments=args, records=shares_of(found) or ["site"], site=site
    )
    nothing = said("Nothing was found.") if watched else age_caveats(watched)[0]
    return ToolResult(
        tool="data_quality",
        reading=said(
            "What the data itself shows to be wrong, [[check]], [[sites]]",
            check=check_name(check),
            sites=site or said("all sites that you may see"),
        ),
        tables=(findings_table(found),),
        figures=_figures(found, proof.id),
        evidence=(proof,),
        sentence=said("{{figures[0]}} findings are open, {{figures[1]}} of them serious.")
        if found
        else nothing,
        caveats=(
            *(age_caveats(watched) if watched else ()),
            *(
                (said("The proposals change nothing in the source; a steward decides about each."),)
                if found
                else ()
            ),
        ),
        suggestions=(said("How old is the data?"),),
    )


def _figures(found: list[KeptFinding], proof: str) -> tuple[Figure, ...]:
    serious = sum(1 for each in found if each.severity == "serious")
    return (
        figure("open findings", len(found), "count", proof),
        figure("serious findings", serious, "count", proof),
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
