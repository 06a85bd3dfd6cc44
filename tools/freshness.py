"""How old the data of each source is."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from erp_adapters.store.freshness import Freshness
from erp_adapters.store.freshness import freshness as store_freshness
from tools.arguments import Arguments, SiteName
from tools.languages import counted, said
from tools.naming import site_of
from tools.presenting import figure, several, table
from tools.registry import ToolContext, tool
from tools.results import Column, SourceShare, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"


class FreshnessOf(Arguments):
    """Of which site."""

    site: SiteName = None


@tool(
    name="freshness",
    examples=(
        "How old is the data?",
        "When was the data last loaded?",
        "Up to which day does the data reach?",
    ),
    version=_VERSION,
)
async def freshness(args: FreshnessOf, context: ToolContext) -> ToolResult:
    """How old the data is: when each source was last loaded for each site, and up to when it reaches.

    Also says where a later load failed, so that the data is older than it should be. The hours since the
    load are by the clock, not by the data's own today.

    Example: {} -> one row for each source and site.
    """
    site = await site_of(context.tx, args.site)
    queries = Queries(context.tx)
    found = [each for each in await store_freshness(context.tx) if site is None or each.site == site]
    queries.note("latest load of each source and site")
    proof = await queries.evidence(
        tool="freshness",
        version=_VERSION,
        arguments=args,
        records=[SourceShare(each.source_system, "load", 1, (str(each.load_id),)) for each in found],
        site=site,
    )
    failed = [
        said("[[source]] at [[site]]", source=each.source_system, site=each.site)
        for each in found
        if each.failed_at
    ]
    caveats = []
    if failed:
        caveats.append(
            counted(
                len(failed),
                "[[number]] later load failed, so this data is older than it should be: [[sources]].",
                "[[number]] later loads failed, so this data is older than it should be: [[sources]].",
                sources=several(failed),
            )
        )
    if any(each.data_as_of is None for each in found):
        caveats.append(said("Some sources do not say up to when their data reaches."))
    return ToolResult(
        tool="freshness",
        reading=said("Age of each source, [[sites]]", sites=site or said("all sites that you may see")),
        tables=(_table(found, datetime.now(UTC)),),
        figures=(figure("sources", len(found), "count", proof.id),),
        evidence=(proof,),
        sentence=_sentence(len(found)),
        caveats=tuple(caveats),
        suggestions=(said("What is wrong with the data?"),),
    )


def _table(found: list[Freshness], now: datetime) -> Table:
    columns = (
        Column("source_system", "Source", "text"),
        Column("site", "Site", "id"),
        Column("site_name", "Site name", "text"),
        Column("data_as_of", "Data reaches to", "date"),
        Column("loaded_at", "Loaded", "date"),
        Column("hours_since_load", "Time since load", "ratio", "h", good="down"),
        Column("rows", "Rows", "count"),
        Column("failed_at", "Later load failed", "date"),
    )
    return table(
        "Loads",
        columns,
        (
            (
                each.source_system,
                each.site,
                each.site_name,
                each.data_as_of,
                each.loaded_at,
                Decimal(str(round(each.age(now).total_seconds() / 3600, 1))),
                each.rows,
                each.failed_at,
            )
            for each in found
        ),
    )


def _sentence(sources: int) -> str:
    if not sources:
        return said("Nothing has been loaded yet.")
    if sources == 1:
        return said(
            "{{tables[0].rows[0].source_system}} reaches to {{tables[0].rows[0].data_as_of}};"
            " it was loaded {{tables[0].rows[0].loaded_at}}."
        )
    return said("{{figures[0]}} sources are loaded; the table says how far each reaches.")
