"""What if, as an answer: the data as it is and each supposition side by side, labelled hypothetical."""

from __future__ import annotations

from collections.abc import Sequence

from tools.errors import ToolError
from tools.languages import said
from tools.naming import Site, all_sites, site_by_code, site_of
from tools.registry import ToolContext, tool
from tools.replanning.naming import place_named
from tools.results import ToolResult
from tools.rows import Queries
from tools.what_if.arguments import SupposedKind, WhatIf
from tools.what_if.compared import Compared
from tools.what_if.prices import price_sentence, prices_compared
from tools.what_if.stock import stock_compared
from tools.what_if.stops import stops_compared

_VERSION = "1.0.0"
_STOPS: tuple[SupposedKind, ...] = ("machine_down", "crew_absent")
_STOCK: tuple[SupposedKind, ...] = ("demand", "delivery_late")
_AT = """
select distinct o.site from erp.purchase_order o
left join erp.supplier s on s.site = o.site and s.supplier_id = o.supplier_id
where o.order_id = %(text)s or lower(o.supplier_id) = lower(%(text)s) or lower(s.name) = lower(%(text)s)
union
select distinct site from erp.material
where lower(material_id) = lower(%(text)s) or lower(number) = lower(%(text)s) or lower(name) = lower(%(text)s)
"""


@tool(
    name="what_if",
    examples=(
        "What if Press 2 in Kassel stops until Friday?",
        "What if demand in Kassel rises 10 %?",
        "What if Dichtora GmbH is two weeks late?",
        "What if the price of Ball bearing 6204 rises 5 %?",
    ),
    version=_VERSION,
)
async def what_if(args: WhatIf, context: ToolContext) -> ToolResult:
    """What would be if something were so, computed on a copy in memory beside the data as it is.

    Stops of machines and crews (replanned by the scheduling engine), more or less demand (material
    requirements through all levels, work hours), late deliveries (customers that wait) and prices (costs by
    where-used, margin). Up to three suppositions at once are set side by side. Nothing is changed by it; the
    answer offers the sentences that draft what it finds. For something that has happened use `replan`; for
    the orders that hang on one delivery `pegging`.

    Example: {"suppositions": [{"kind": "demand", "rise": 10}, {"kind": "demand", "rise": 20}],
    "site": "Kassel"}.
    """
    queries = Queries(context.tx)
    stops = [one for one in args.suppositions if one.kind in _STOPS]
    stock = [one for one in args.suppositions if one.kind in _STOCK]
    prices = [one for one in args.suppositions if one.kind == "price"]
    site = await _site(queries, args)
    found: list[Compared] = []
    tables = 0
    if stops:
        found.append(await stops_compared(queries, args, stops, site.site, tables, context.tell))
        tables += len(found[-1].tables)
    sentences = [one.sentence for one in found]
    if stock:
        found.append(await stock_compared(queries, args, stock, site, tables))
        sentences.append(found[-1].sentence)
        tables += len(found[-1].tables)
    if prices:
        found.append(await prices_compared(queries, args, prices, site))
        sentences.append(price_sentence(tables))
    proof = await queries.evidence(
        tool="what_if",
        version=_VERSION,
        arguments=args,
        records=list(dict.fromkeys(record for one in found for record in one.records)),
        site=site.site,
    )
    words = tuple(text for one in found for text in one.words)
    return ToolResult(
        tool="what_if",
        reading=_reading(words, site),
        tables=tuple(each for one in found for each in one.tables),
        figures=(),
        evidence=(proof,),
        sentence=" ".join(sentences),
        caveats=(
            said("Hypothetical: computed on a copy in memory; nothing is changed by it."),
            *(caveat for one in found for caveat in one.caveats),
        ),
        suggestions=tuple(text for one in found for text in one.suggestions),
        supposed=words,
    )


async def _site(queries: Queries, args: WhatIf) -> Site:
    """The site that is named, the only one, or the one that has what is named.

    Raises:
        ToolError: it is not clear which.
    """
    code = await site_of(queries.tx, args.site)
    sites = await all_sites(queries.tx)
    if code is not None:
        return await site_by_code(queries.tx, code)
    if len(sites) == 1:
        return sites[0]
    for one in args.suppositions:
        if one.about is None:
            continue
        if one.kind in _STOPS:
            kinds = ("work_centre", "line", "asset", *(("shift",) if one.kind == "crew_absent" else ()))
            return await site_by_code(
                queries.tx, (await place_named(queries.tx, one.about, None, kinds))[0].site
            )
        at = {str(row[0]) for row in (await queries.tx.fetch(_AT, {"text": one.about})).rows}
        if len(at) == 1:
            return await site_by_code(queries.tx, at.pop())
    known = ", ".join(f"{each.site} ({each.name})" for each in sites)
    raise ToolError(said("at which site is that supposed? There are [[known]]", known=known or said("none")))


def _reading(words: Sequence[str], site: Site) -> str:
    return ", ".join((said("What if: [[what]]", what="; ".join(words)), said("at [[site]]", site=site.site)))
