"""What can be built from stock, over all finished products of a site, with the part that ends first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel

from tools.building import WORDS, Build, Level, build_of
from tools.engines.structure import CircularStructure
from tools.errors import ToolError
from tools.evidence import remarks
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Site, all_sites, site_of
from tools.presenting import figure, several, table
from tools.registry import ToolContext
from tools.results import Cell, Column, SourceShare, Table, ToolResult
from tools.rows import Queries
from tools.structures import Line, Part, all_lines, parts, sources, unit_caveats

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class _Product:
    site: Site
    part: Part
    build: Build


@dataclass(frozen=True, slots=True)
class _Found:
    products: list[_Product]
    circular: list[str]
    sources: list[SourceShare]
    caveats: tuple[str, ...]
    flags: tuple[str, ...]


async def buildable_products(
    tool: str,
    version: str,
    arguments: BaseModel,
    context: ToolContext,
    level: Level,
    site: str | None,
    on: date | None,
) -> ToolResult:
    """How many of each finished product can be built, each as if it alone took the stock.

    Raises:
        ToolError: no finished product in scope has a valid bill of materials.
    """
    queries = Queries(context.tx)
    code = await site_of(context.tx, site)
    sites = [each for each in await all_sites(context.tx) if code in (None, each.site)]
    found = [await _of_site(queries, each, level, on or each.today) for each in sites]
    products = sorted(
        (product for each in found for product in each.products),
        key=lambda p: (p.build.most is None, -(p.build.most or 0), p.part.name, p.site.site),
    )
    if not products:
        raise ToolError(said("no finished product in scope has a valid bill of materials"))
    proof = await queries.evidence(
        tool=tool,
        version=version,
        arguments=arguments,
        records=[share for each in found for share in each.sources],
        flags=[flag for each in found for flag in each.flags],
        site=code,
    )
    none = sum(product.build.most == 0 for product in products)
    reading = [
        said(
            "How many of each finished product can be built from stock on hand: [[how]]",
            how=said(WORDS[level]),
        )
    ]
    if on is not None:
        reading.append(said("bill of materials valid on [[day]]", day=day_text(on)))
    reading.append(said("at [[site]]", site=code) if code else said("at all sites"))
    return ToolResult(
        tool=tool,
        reading=", ".join(reading),
        tables=(_table(products, several_sites=len(sites) > 1),),
        figures=(
            figure("finished products", len(products), "count", proof.id),
            figure("of which none can be built", none, "count", proof.id),
        ),
        evidence=(proof,),
        sentence=_sentence(products, none),
        caveats=tuple(_caveats(found)),
        suggestions=(
            said("What is missing to build [[material]]?", material=products[-1].part.name),
            said("What is short in the next two weeks?"),
        ),
    )


async def _of_site(queries: Queries, site: Site, level: Level, on: date) -> _Found:
    lines = await all_lines(queries, site.site, on)
    known = await parts(
        queries, site.site, {end for line in lines for end in (line.parent_id, line.component_id)}
    )
    components = {line.component_id for line in lines}
    below: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        below[line.parent_id].append(line)
    # Where nothing says what is saleable, it is what goes into nothing else.
    marked = any(known[name].is_finished for name in below)
    tops = [n for n in below if (known[n].is_finished if marked else n not in components)]
    products: list[_Product] = []
    circular: list[str] = []
    for top in tops:
        try:
            build = build_of(level, None, top, below[top] if level == "direct" else lines, known)
        except CircularStructure:
            circular.append(str(known[top]))
            continue
        products.append(_Product(site, known[top], build))
    return _Found(
        products,
        circular,
        sources(lines, known, with_stock=True),
        unit_caveats(lines, known) if lines else (),
        remarks("bill of material lines", lines),
    )


def _table(products: list[_Product], *, several_sites: bool) -> Table:
    columns = (
        *((Column("site", "Site", "id"),) if several_sites else ()),
        Column("material_id", "Material id", "id"),
        Column("number", "Number", "id"),
        Column("material", "Material", "text"),
        Column("most", "Can be built", "count", good="up"),
        Column("ends_first", "Ends first", "text"),
        Column("ends_first_number", "Its number", "id"),
        Column("on_hand", "Of that on hand", "quantity"),
        Column("unit", "Unit", "text"),
    )
    rows: list[list[Cell]] = []
    for product in products[:_SHOWN]:
        build, part = product.build, product.part
        first = build.components[0] if build.components and build.most is not None else None
        row: list[Cell] = [product.site.site] if several_sites else []
        row += [part.material_id, part.number, part.name, build.most]
        row += (
            [first.part.name, first.part.number, first.part.on_hand, first.unit or None]
            if first
            else [None] * 4
        )
        rows.append(row)
    return table("Finished products, most first", columns, rows, total=len(products))


def _sentence(products: list[_Product], none: int) -> str:
    most = products[0].build.most
    if not most:
        return said("None of {{figures[0]}} finished products can be built from stock.")
    text = said(
        "Most can be built of {{tables[0].rows[0].material}}: {{tables[0].rows[0].most}};"
        " {{tables[0].rows[0].ends_first}} ends first."
    )
    if not none:
        return text
    rest = counted(
        none,
        "Of {{figures[0]}} finished products {{figures[1]}} cannot be built at all.",
        "Of {{figures[0]}} finished products {{figures[1]}} cannot be built at all.",
    )
    return f"{text} {rest}"


def _caveats(found: list[_Found]) -> list[str]:
    told = [
        said(
            "Each product was counted as if it alone took the stock; products that share parts cannot all be"
            " built."
        ),
        said(
            "Stock is unrestricted stock over all locations; what other orders need of it is not subtracted."
        ),
        said("What is still on order or in production is not counted."),
    ]
    if circular := [name for each in found for name in each.circular]:
        told.append(
            said(
                "The bill of materials of [[products]] runs in a circle; left out.",
                products=several(circular),
            )
        )
    return [*dict.fromkeys(text for each in found for text in each.caveats), *told]
