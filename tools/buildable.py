"""How many of a material can be built from what is in stock, and which component ends first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName
from tools.buildable_products import buildable_products
from tools.building import WORDS, Build, Level, build_of
from tools.engines.structure import CircularStructure
from tools.errors import ToolError
from tools.evidence import remarks
from tools.languages import counted, said
from tools.languages.forms import day_text, numeral
from tools.naming import Kind, Thing, one, site_by_code
from tools.presenting import common, figure, plain, table, unit_column
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, Table, ToolResult
from tools.rows import Queries
from tools.structures import Line, Part, lines_below, named_cycle, parts, sources, unit_caveats

_VERSION = "1.2.0"


class Buildable(Arguments):
    """What is to be built, and which stock counts."""

    material: MaterialName | None = Field(
        None, description="The product to be built; every finished product, each for itself, if left out."
    )
    level: Level = Field(
        "direct",
        description="'direct': only the direct components, as they lie in stock; 'purchased': only "
        "purchased parts, exploded through all levels, with sub-assembly stock ignored; 'all': "
        "sub-assemblies in stock are used first, then new ones are built from purchased parts.",
    )
    quantity: Decimal | None = Field(
        None, gt=0, le=10**9, description="A quantity to be built: says also what is missing for it."
    )
    on: date | None = Field(
        None, description="Day on which the bill of materials must be valid; the site's today if left out."
    )
    site: SiteName = None


@tool(
    name="buildable",
    examples=(
        "How many HL Road Rear Wheel can we build from the direct components in stock?",
        "How many Mountain-200 Black, 38 could we build from purchased parts on hand alone, all levels?",
        "Which part runs out first if we assemble Front Derailleur from stock?",
        "What is missing to build 500 HL Road Rear Wheel?",
        "What can we build this week with what we have?",
    ),
    version=_VERSION,
)
async def buildable(args: Buildable, context: ToolContext) -> ToolResult:
    """How many whole pieces of a material can be built from stock on hand, and which component limits that.

    Stock is unrestricted stock over all locations. `level='direct'` asks whether the direct components lie
    there; `'purchased'` explodes down to purchased parts and ignores sub-assemblies in stock; `'all'` uses
    sub-assemblies first and builds the rest. With `quantity`, also what is missing of each component to
    build that many. Open orders and requirements of other orders are not counted: see
    `stock_and_requirements`. Without `material`: every finished product of the site, each as if it alone
    took the stock, with the part that ends first.

    Example: {"material": "Mountain-200 Black, 38", "level": "purchased"} -> 5.
    """
    if args.material is None:
        if args.quantity is not None:
            raise ToolError(said("name the product of which so many are to be built"))
        return await buildable_products("buildable", _VERSION, args, context, args.level, args.site, args.on)
    top = await one(context.tx, Kind.MATERIAL, args.material, args.site)
    site = await site_by_code(context.tx, top.thing.site)
    queries = Queries(context.tx)
    on = args.on or site.today
    lines = await lines_below(queries, site.site, top.thing.id, on, all_levels=args.level != "direct")
    if not lines:
        raise ToolError(
            said(
                "[[thing]] has no bill of materials that is valid on [[day]]",
                thing=top.thing,
                day=day_text(on),
            )
        )
    known = await parts(queries, site.site, {top.thing.id, *(line.component_id for line in lines)})
    try:
        build = build_of(args.level, args.quantity, top.thing.id, lines, known)
    except CircularStructure as cycle:
        raise named_cycle(cycle, known) from None
    proof = await queries.evidence(
        tool="buildable",
        version=_VERSION,
        arguments=args,
        records=sources(lines, known, with_stock=True),
        flags=remarks("bill of material lines", lines),
        site=site.site,
    )
    return ToolResult(
        tool="buildable",
        reading=_reading(args, top.thing, on),
        tables=(_table(args, build), *_limits(top.thing, build)),
        figures=_figures(args, build, proof.id),
        evidence=(proof,),
        sentence=_sentence(args, build),
        caveats=(*top.caveats, *_caveats(args, lines, known, build)),
        suggestions=_suggestions(args, top.thing, build),
    )


def _table(args: Buildable, build: Build) -> Table:
    units = [entry.unit for entry in build.components]
    unit, own_unit = common(units), unit_column(units)
    columns = [
        Column("component_id", "Component id", "id"),
        Column("number", "Number", "id"),
        Column("component", "Component", "text"),
        Column("per_unit", "Needed for each", "quantity", unit),
        *own_unit,
        Column("on_hand", "On hand", "quantity", unit),
        Column("enough_for", "Enough for", "count", good="up"),
        Column("limiting", "Ends first", "flag"),
    ]
    if args.quantity is not None:
        columns.append(Column("missing", "Missing", "quantity", unit, good="down"))
    rows: list[list[Cell]] = []
    for entry in build.components:
        part = entry.part
        row: list[Cell] = [part.material_id, part.number, part.name, entry.per_unit]
        row += [entry.unit] if own_unit else []
        row += [part.on_hand, entry.enough_for, part.material_id in build.limiting]
        rows.append(row + ([entry.missing] if args.quantity is not None else []))
    return table("Components, scarcest first", columns, rows)


def _limits(top: Thing, build: Build) -> tuple[Table, ...]:
    """The answer in a row for each component that ends first, with how much of it there is."""
    if build.most is None:
        return ()
    ending = [entry for entry in build.components if entry.part.material_id in build.limiting]
    units = [entry.unit for entry in ending]
    unit, own_unit = common(units), unit_column(units)
    columns = [
        Column("material", "Material", "text"),
        Column("most", "Can be built", "count", good="up"),
        Column("ends_first", "Ends first", "text"),
        Column("ends_first_number", "Its number", "id"),
        Column("on_hand", "On hand", "quantity", unit),
        *own_unit,
    ]
    rows: list[list[Cell]] = []
    for entry in ending:
        part, unit_of_it = entry.part, [entry.unit] if own_unit else []
        rows.append([top.name, build.most, part.name, part.number, part.on_hand, *unit_of_it])
    return (table("What ends first", columns, rows),)


def _figures(args: Buildable, build: Build, proof: str) -> tuple[Figure, ...]:
    figures = []
    if build.most is not None:
        figures.append(figure("can be built", build.most, "count", proof))
    figures.append(figure("limiting components", len(build.limiting), "count", proof))
    if args.quantity is not None:
        short = sum(bool(entry.missing) for entry in build.components)
        figures.append(figure("components that are short", short, "count", proof))
    return tuple(figures)


def _sentence(args: Buildable, build: Build) -> str:
    if build.most is None:
        return said("No component needs any quantity, so stock sets no limit.")
    found = [
        said("{{figures[0]}} of {{tables[1].rows[0].material}} can be built from stock."),
        said(
            "{{tables[0].rows[0].component}} ends first with {{tables[0].rows[0].on_hand}} on hand."
            if len(build.limiting) == 1
            else "{{tables[0].rows[0].component}} ends first, among {{figures[1]}} components that end"
            " together."
        ),
    ]
    if args.quantity is not None:
        found.append(
            counted(
                sum(bool(entry.missing) for entry in build.components),
                "For the quantity asked, {{figures[2]}} component is short.",
                "For the quantity asked, {{figures[2]}} components are short.",
            )
        )
    return " ".join(found)


def _reading(args: Buildable, top: Thing, on: date) -> str:
    found = [
        said(
            "How many [[thing]] can be built from stock on hand: [[how]]",
            thing=top,
            how=said(WORDS[args.level]),
        )
    ]
    if args.quantity is not None:
        quantity = numeral(f"{plain(args.quantity):f}")
        found.append(said("and what is missing to build [[quantity]]", quantity=quantity))
    found.append(said("bill of materials valid on [[day]]", day=day_text(on)))
    return ", ".join([*found, said("at [[site]]", site=top.site)])


def _caveats(args: Buildable, lines: list[Line], known: dict[str, Part], build: Build) -> list[str]:
    found = list(unit_caveats(lines, known))
    found.append(
        said(
            "Stock is unrestricted stock over all locations; what other orders need of it is not subtracted."
        )
    )
    unmade = [entry.part for entry in build.components if entry.part.is_made]
    if args.level != "direct" and unmade:
        found.append(
            counted(
                len(unmade),
                "[[number]] component is made in house without a bill of materials ([[example]], for "
                "example); its own stock was taken as the limit.",
                "[[number]] components are made in house without a bill of materials ([[example]], for "
                "example); its own stock was taken as the limit.",
                example=unmade[0],
            )
        )
    if args.level == "direct" and any(entry.part.is_made for entry in build.components):
        found.append(
            said("Sub-assemblies count only as far as they are in stock; more of them could be built.")
        )
    unstocked = sum(not entry.part.stock_rows for entry in build.components)
    if unstocked:
        found.append(
            counted(
                unstocked,
                "[[number]] component has no stock record, taken as zero stock.",
                "[[number]] components have no stock record, taken as zero stock.",
            )
        )
    return found


def _suggestions(args: Buildable, top: Thing, build: Build) -> tuple[str, ...]:
    found = [
        said(
            "How many [[material]] can we build from the direct components in stock?"
            if args.level == "purchased"
            else "How many [[material]] can we build from purchased parts alone, all levels?",
            material=top.name,
        )
    ]
    if build.limiting:
        scarce = build.components[0].part
        found.append(said("When is [[material]] available again?", material=scarce.name))
        found.append(said("Where is [[material]] used?", material=scarce.name))
    return tuple(found)
