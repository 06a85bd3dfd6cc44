"""What has to be ordered or made, by when and from whom: net requirements of materials and plants."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName, Text
from tools.engines.material_requirements import RequirementsInvalid
from tools.engines.material_requirements.plants import WEEKS
from tools.engines.structure import ZERO
from tools.errors import ToolError
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.net_requirements.netting import Netted, netted, past_needs
from tools.net_requirements.plants import plant_data
from tools.net_requirements.tables import Found, orders_table, risks_table, weeks_table
from tools.planning import Book, Material, book_of, left_out, responsible
from tools.planning_scope import Scope, controllers_of, place, scope_of
from tools.presenting import common, figure, several
from tools.registry import ToolContext, tool
from tools.results import Figure, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_LIKELY = Decimal(10)
"""Percent from which a risk is listed."""


class NetRequirements(Arguments):
    """Whose requirements, and what is to be released how soon."""

    material: MaterialName | None = Field(None, description="One material only, with its weeks.")
    product: MaterialName | None = Field(
        None, description="A product: it and all parts in it, through all levels of its bill of materials."
    )
    controller: Text | None = Field(
        None, description="Code of an MRP controller or purchasing group, such as 'K02'."
    )
    mine: bool = Field(False, description="Only materials of the caller's own MRP controllers.")
    source: Literal["made", "bought"] | None = Field(
        None,
        description="'bought': what has to be ordered; 'made': what has to be produced; both if left out.",
    )
    horizon_days: int = Field(
        42,
        ge=0,
        le=WEEKS * 7,
        description="Days from the site's today within which orders are to be released.",
    )
    anew: bool = Field(
        False,
        description="Plan anew, without the planned orders and requisitions that exist: 'run MRP'."
        " Otherwise what they cover counts as covered.",
    )
    scrap: Literal["surcharge", "yield"] = Field(
        "surcharge", description="How the site counts scrap: quantity x (1 + p), or quantity / (1 - p)."
    )
    site: SiteName = None


@tool(
    name="net_requirements",
    examples=(
        "What do we have to order for Kassel in the next six weeks?",
        "Net requirements of Deep groove bearing 6204 in Kassel",
        "Run MRP for Brescia",
    ),
    version=_VERSION,
)
async def net_requirements(args: NetRequirements, context: ToolContext) -> ToolResult:
    """What has to be ordered or made, when, how much and from whom, so that nothing runs short.

    Nets every level of the bills of materials over 26 weeks against stock, open orders, lot rules, scrap,
    lead times and the site's calendar. Says which orders come too late whatever one does, what each is for,
    and how likely parts run short because of how late their suppliers usually are. For one material it gives
    the weeks with what can still be promised. Nothing is ordered: to order, draft a requisition. What is
    short as things stand is `shortages`; what to move or cancel `exception_messages`.

    Example: {"site": "Kassel", "source": "bought", "horizon_days": 42}.
    """
    queries = Queries(context.tx)
    scope = await scope_of(queries, site=args.site, material=args.material, product=args.product)
    mine = await controllers_of(queries, context.caller) if args.mine else None
    book = await book_of(queries, Scope(scope.site, None, (), ()), whole=True)
    chosen, words, notes = responsible(book, scope, controller=args.controller, mine=mine)
    found = await _netted(args, queries, scope, book, chosen)
    entries = [entry for each in chosen for entry in book.by_material.get(each.key, ())]
    proof = await queries.evidence(
        tool="net_requirements",
        version=_VERSION,
        arguments=args,
        records=[*shares("material", chosen), "stock", "bom_item", "info_record", *book.sources(entries)],
        flags=(*remarks("materials", chosen), *remarks("orders", entries)),
        site=scope.site.site if scope.site else None,
    )
    tables = [orders_table(found, several_sites=scope.site is None)]
    if args.material is not None and found.sites:
        tables.append(weeks_table(found.of(found.chosen[0]), found.chosen[0]))
    if found.risks:
        tables.append(risks_table(found, several_sites=scope.site is None))
    return ToolResult(
        tool="net_requirements",
        reading=_reading(args, scope, words),
        tables=tuple(tables),
        figures=_figures(found, proof.id),
        evidence=(proof,),
        sentence=_sentence(found),
        caveats=(*scope.notes, *notes, *found.refused, *_caveats(args, found), *left_out(book, entries)),
        suggestions=_suggestions(found),
    )


async def _netted(
    args: NetRequirements, queries: Queries, scope: Scope, book: Book, chosen: Sequence[Material]
) -> Found:
    codes = {each.site for each in chosen}
    sites: list[Netted] = []
    refused: list[str] = []
    for code in sorted(codes):
        data = await plant_data(queries, book, book.sites[code], anew=args.anew)
        try:
            sites.append(netted(data, book, WEEKS, args.scrap, anew=args.anew))
        except RequirementsInvalid as problem:
            told = said(
                "[[site]] cannot be planned: [[problem]]", site=book.sites[code].name, problem=problem
            )
            if len(codes) == 1:
                raise ToolError(told) from problem
            refused.append(f"{told}.")
    wanted = {each.key for each in chosen if args.source is None or each.is_made is (args.source == "made")}
    releases = [
        one
        for site in sites
        for one in site.releases
        if one.material.key in wanted
        and one.order.release_on <= site.data.site.today + timedelta(days=args.horizon_days)
    ]
    releases.sort(key=lambda one: (one.order.release_on, one.order.due_on, one.material.key, one.number))
    risks = [
        (each, risk)
        for site in sites
        for each in chosen
        if each.site == site.data.site.site and each.key in wanted
        and (risk := site.risk(each)).probability >= _LIKELY
    ]  # fmt: skip
    risks.sort(key=lambda pair: (-pair[1].probability, pair[0].key))
    return Found(sites, tuple(refused), chosen, releases, risks)


# ── words ──
def _figures(found: Found, proof: str) -> tuple[Figure, ...]:
    late = sum(one.order.days_late > 0 for one in found.releases)
    figures = [
        figure("orders to release", len(found.releases), "count", proof),
        figure("of them too late", late, "count", proof),
        figure("materials looked at", len(found.chosen), "count", proof),
        figure("materials at risk", len(found.risks), "count", proof),
    ]
    values = [one.value for one in found.releases]
    currency = common(one.currency for one in found.releases)
    if found.releases and currency and None not in values:
        total = sum((value for value in values if value is not None), ZERO)
        figures.append(figure("value of these orders", total, "money", proof, currency))
    return tuple(figures)


def _sentence(found: Found) -> str:
    if not found.releases:
        return said("Nothing has to be released in this time; {{figures[2]}} materials were looked at.")
    late = sum(one.order.days_late > 0 for one in found.releases)
    text = counted(
        len(found.releases),
        "{{figures[0]}} order has to be released in this time.",
        "{{figures[0]}} orders have to be released in this time.",
    )
    parts = [text]
    if late:
        parts.append(
            counted(
                late,
                "{{figures[1]}} of them comes too late even if it is released today.",
                "{{figures[1]}} of them come too late even if they are released today.",
            )
        )
    first = (
        "First: {{tables[0].rows[0].quantity}} of {{tables[0].rows[0].material}} from"
        " {{tables[0].rows[0].supplier}}, to be released on {{tables[0].rows[0].order_on}}."
        if found.releases[0].sourced
        else "First: {{tables[0].rows[0].quantity}} of {{tables[0].rows[0].material}}, to be released on"
        " {{tables[0].rows[0].order_on}}."
    )
    return " ".join([*parts, said(first)])


def _reading(args: NetRequirements, scope: Scope, words: tuple[str, ...]) -> str:
    heads = {
        None: said("Net requirements: orders to release"),
        "bought": said("Net requirements: what has to be ordered"),
        "made": said("Net requirements: what has to be made"),
    }
    found = [heads[args.source], *words, *scope.words]
    if scope.site is not None:
        end = scope.site.today + timedelta(days=args.horizon_days)
        found.append(said("up to [[day]]", day=day_text(end)))
    else:
        found.append(said("within [[number]] days of each site's today", number=args.horizon_days))
    if args.anew:
        found.append(said("planned anew"))
    return ", ".join([*found, place(scope)])


def _caveats(args: NetRequirements, found: Found) -> list[str]:
    notes: list[str] = []
    unruly = [
        f"{site.book.materials[site.data.site.site, id].name} ({problem})"
        for site in found.sites
        for id, problem in site.data.unruly.items()
    ]
    if unruly:
        notes.append(
            said(
                "Lot rules contradict each other, and are left aside: [[materials]].",
                materials=several(unruly),
            )
        )
    unknown = sorted({name for site in found.sites for name in site.data.unknown_rules})
    if unknown:
        notes.append(
            said(
                "These lot rules are not known and taken for lot for lot: [[rules]].", rules=several(unknown)
            )
        )
    without = [site.data.site.name for site in found.sites if not site.data.keeps_calendar]
    if without:
        notes.append(
            said("[[sites]] keeps no work calendar: Monday to Friday are taken.", sites=several(without))
        )
    unsold = [
        one.material.name for one in found.releases if one.material.is_made is False and one.sourced is None
    ]
    if unsold:
        named = list(dict.fromkeys(unsold))
        notes.append(said("Nobody can be ordered from for [[materials]].", materials=several(named)))
    past = sum(
        past_needs(site.data, [each.material_id for each in found.chosen if each.site == site.data.site.site])
        for site in found.sites
    )
    if past:
        notes.append(
            counted(
                past,
                "[[number]] material is required on a day that has passed: that counts as today's.",
                "[[number]] materials are required on days that have passed: that counts as today's.",
            )
        )
    notes.append(
        said("Planned anew: existing planned orders and requisitions do not count.")
        if args.anew
        else said("Planned orders and requisitions that exist count as receipts.")
    )
    notes.append(
        said("Scrap is counted as quantity x (1 + share).")
        if args.scrap == "surcharge"
        else said("Scrap is counted as quantity / (1 - share).")
    )
    return notes


def _suggestions(found: Found) -> tuple[str, ...]:
    late = next((one.material.name for one in found.releases if one.order.days_late > 0), None)
    if late is None:
        return (said("What is short in the next two weeks?"),)
    return (
        said("Which plants could cover the shortage of [[material]]?", material=late),
        said("Stock and requirements of [[material]]", material=late),
    )
