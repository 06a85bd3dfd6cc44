"""Where one row came from: source, file and line, load, site rules, flags."""

from __future__ import annotations

from pydantic import Field

from erp_adapters.store.lineage import lineage as store_lineage
from erp_adapters.store.quality import RulesUsed
from tools.arguments import Arguments, SiteName, Text
from tools.errors import ToolError
from tools.languages import said
from tools.languages.forms import day_text
from tools.naming import site_of
from tools.presenting import several, table
from tools.records import called, record_named
from tools.registry import ToolContext, tool
from tools.results import Column, SourceShare, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"


class Lineage(Arguments):
    """Which row."""

    record: Text = Field(
        description="The record: 'production_order', 'purchase_line', 'material', 'ledger_line' and so on, "
        "or what people call it: 'work order', 'vendor'."
    )
    key: Text = Field(
        description="The row's source key as evidence names it ('WorkOrder/722'), or its number ('722')."
    )
    site: SiteName = None


_MATCHING_KEYS = """
select distinct source_key from erp.{record} where (source_key = %(key)s or source_key like %(ending)s)
and (%(site)s::text is null or site = %(site)s) order by source_key limit 6
"""

_FROM_A_FILE = (
    "It came from {{tables[0].rows[0].source_system}}, {{tables[0].rows[0].file}}"
    " line {{tables[0].rows[0].line}}, loaded {{tables[0].rows[0].loaded_at}}."
)
_FROM_NO_FILE = "It came from {{tables[0].rows[0].source_system}}, loaded {{tables[0].rows[0].loaded_at}}."


@tool(
    name="lineage",
    examples=(
        "Where does work order 722 come from?",
        "Which source line is behind PurchaseOrderDetail/3796/8352?",
    ),
    version=_VERSION,
)
async def lineage(args: Lineage, context: ToolContext) -> ToolResult:
    """Where one row came from: source system, file and line, when it was loaded, and why it was flagged.

    The key is the source key that the evidence of any answer names, or the number alone where that is enough.

    Example: {"record": "work order", "key": "722"} -> workorder.csv, line 723.
    """
    site = await site_of(context.tx, args.site)
    queries = Queries(context.tx)
    record = await record_named(context.tx, args.record)
    key = await _key(context, record, args.key, site)
    found = [row for row in await store_lineage(context.tx, record, key) if site is None or row.site == site]
    queries.note(f"lineage of {record} {key}")
    proof = await queries.evidence(
        tool="lineage",
        version=_VERSION,
        arguments=args,
        records=[SourceShare(row.source_system, record, 1, (row.source_key,)) for row in found],
        site=site,
    )
    by_rules = any(row.rules for row in found)
    columns = (
        Column("site", "Site", "id"),
        Column("source_system", "Source", "text"),
        Column("source_key", "Source key", "id"),
        Column("file", "File", "text"),
        Column("line", "Line", "id"),
        Column("loaded_at", "Loaded", "date"),
        Column("flags", "Flags", "text"),
        *((Column("rules", "Site rules", "text"),) if by_rules else ()),
    )
    rows = [
        (
            row.site,
            row.source_system,
            row.source_key,
            row.file,
            None if row.line is None else str(row.line),
            row.loaded_at,
            "; ".join(said(reason or flag) for flag, reason in row.flags.items()) or None,
            *((_rules(row.rules),) if by_rules else ()),
        )
        for row in found
    ]
    return ToolResult(
        tool="lineage",
        reading=said("Source of [[record]] [[key]]", record=called(record), key=key),
        tables=(table("Source", columns, rows),),
        figures=(),
        evidence=(proof,),
        sentence=said(_FROM_A_FILE if found[0].file else _FROM_NO_FILE),
        caveats=()
        if found[0].file
        else (said("The row was not read from a file, or was summed from other rows."),),
        suggestions=(
            said("How old is the data?"),
            said("Data quality of [[record]]", record=called(record)),
        ),
    )


def _rules(used: RulesUsed | None) -> str | None:
    """Which version of the site's rules it was, and who answers for it."""
    if used is None:
        return None
    if used.version is None or used.approved_at is None:
        return said("those handed over with the load, [[digest]], not approved", digest=used.digest[:12])
    return said(
        "version [[version]], approved by [[person]] on [[day]]",
        version=str(used.version),
        person=str(used.approved_by),
        day=day_text(used.approved_at.date()),
    )


async def _key(context: ToolContext, record: str, key: str, site: str | None) -> str:
    """The one source key that is, or ends with, what was given."""
    ending = "%/" + key.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    found = await context.tx.fetch(
        _MATCHING_KEYS.format(record=record), {"key": key, "ending": ending, "site": site}
    )
    keys = [str(row[0]) for row in found.rows]
    if key in keys:
        return key
    noun = called(record)
    if not keys:
        raise ToolError(said("no [[record]] with the source key [[key]]", record=noun, key=repr(key)))
    if len(keys) > 1:
        raise ToolError(
            said(
                "several [[record]] rows end in [[key]]: [[listed]]; give the whole key",
                record=noun,
                key=repr(key),
                listed=several(keys, 5),
            )
        )
    return keys[0]
