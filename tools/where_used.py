"""Bills of materials, upwards: which assemblies a material goes into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName
from tools.engines.structure import CircularStructure, Need, explode
from tools.evidence import remarks
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Kind, Thing, one, site_by_code
from tools.presenting import common, figure, table
from tools.registry import ToolContext, tool
from tools.results import Column, Table, ToolResult
from tools.rows import Queries
from tools.structures import Line, Part, lines_above, links, named_cycle, parts, sources, unit_caveats

_VERSION = "1.2.0"
_HUNDRED = Decimal(100)
_PLACES = 6
"""Of a quantity, as it is stored."""
_READINGS = {
    "direct": "Assemblies that use it directly: [[thing]]",
    "all": "Assemblies that use it on any level: [[thing]]",
    "top": "Assemblies at the top of the structures that use it: [[thing]]",
    "finished": "Finished goods that use it, through all levels: [[thing]]",
}
_LABELS = {
    "direct": "assemblies that use it directly",
    "all": "assemblies that use it on any level",
    "top": "assemblies at the top of the structures that use it",
    "finished": "finished goods that use it",
}
_SENTENCES = {
    "direct": (
        "It goes directly into {{figures[0]}} assembly.",
        "It goes directly into {{figures[0]}} assemblies.",
    ),
    "all": (
        "It goes into {{figures[0]}} assembly, over all levels.",
        "It goes into {{figures[0]}} assemblies, over all levels.",
    ),
    "top": (
        "It ends up in {{figures[0]}} product at the top.",
        "It ends up in {{figures[0]}} products at the top.",
    ),
    "finished": (
        "{{figures[0]}} finished good uses it, over all levels.",
        "{{figures[0]}} finished goods use it, over all levels.",
    ),
}


class WhereUsed(Arguments):
    """Which material, and how far up."""

    material: MaterialName
    levels: Literal["direct", "all", "top"] = Field(
        "direct",
        description="'direct': assemblies that list the material themselves; 'all': also those above them; "
        "'top': only the ends of the chain, which go into nothing else, such as finished products.",
    )
    finished_only: bool = Field(
        False,
        description="Show only finished goods, as the material master flags what is sold, on whatever level.",
    )
    on: date | None = Field(
        None, description="Day on which the lines must be valid; the site's today if left out."
    )
    site: SiteName = None

    @property
    def shown(self) -> str:
        """What the rows are: one of the levels, or finished goods."""
        return "finished" if self.finished_only else self.levels

    @property
    def upwards(self) -> bool:
        """True where assemblies count that use it through others."""
        return self.finished_only or self.levels != "direct"


@dataclass(frozen=True, slots=True)
class _Assembly:
    need: Need
    part: Part


@tool(
    name="where_used",
    examples=(
        "Where is Pinch Bolt used?",
        "How many assemblies use Chain Stays directly at present?",
        "Which finished products contain HL Bottom Bracket on any level?",
        "How many finished goods are hit if Metal Sheet 2 does not arrive?",
    ),
    version=_VERSION,
)
async def where_used(args: WhereUsed, context: ToolContext) -> ToolResult:
    """Which assemblies a material goes into, and how much of it goes into each one of them.

    `levels='direct'` lists the assemblies whose own bill of materials has the material ("how many assemblies
    use it"), `'all'` also what those go into, `'top'` only the products at the top; `finished_only` shows
    what is sold, through all levels. The quantity is per one assembly, over all paths between the two. Only
    lines that are valid on the day count.

    Example: {"material": "Pinch Bolt", "levels": "top"} -> every product that holds a pinch bolt somewhere.
    """
    named = await one(context.tx, Kind.MATERIAL, args.material, args.site)
    site = await site_by_code(context.tx, named.thing.site)
    queries = Queries(context.tx)
    on = args.on or site.today
    lines = await lines_above(queries, site.site, named.thing.id, on, all_levels=args.upwards)
    ends = {end for line in lines for end in (line.parent_id, line.component_id)}
    known = await parts(queries, site.site, {named.thing.id, *ends})
    assemblies = _assemblies(args, named.thing, lines, known)
    proof = await queries.evidence(
        tool="where_used",
        version=_VERSION,
        arguments=args,
        records=sources(lines, known, with_stock=False),
        flags=remarks("bill of material lines", lines),
        site=site.site,
    )
    return ToolResult(
        tool="where_used",
        reading=", ".join(
            (
                said(_READINGS[args.shown], thing=named.thing),
                said("bill of materials valid on [[day]]", day=day_text(on)),
                said("at [[site]]", site=site.site),
            )
        ),
        tables=(_table(assemblies, known[named.thing.id], lines, in_bill=_in_bill(args, lines)),),
        figures=(figure(_LABELS[args.shown], len(assemblies), "count", proof.id),),
        evidence=(proof,),
        sentence=_sentence(args, assemblies),
        caveats=(*named.caveats, *unit_caveats(lines, known)),
        suggestions=_suggestions(args, named.thing, assemblies),
    )


def _assemblies(
    args: WhereUsed, material: Thing, lines: list[Line], known: dict[str, Part]
) -> list[_Assembly]:
    try:
        needs = explode([link.turned() for link in links(lines)], material.id)
    except CircularStructure as cycle:
        raise named_cycle(cycle, known) from None
    components = {line.component_id for line in lines}
    found = [
        _Assembly(need, known[need.material])
        for need in needs
        if (known[need.material].is_finished if args.finished_only else _is_shown(args, need, components))
    ]
    return sorted(found, key=lambda entry: (entry.need.level, entry.part.name, entry.part.material_id))


def _is_shown(args: WhereUsed, need: Need, components: set[str]) -> bool:
    return args.levels != "top" or need.material not in components


def _in_bill(args: WhereUsed, lines: list[Line]) -> dict[str, Decimal]:
    """What the bill of materials of each assembly says, where that is less than what its scrap needs."""
    if args.upwards or not any(line.scrap_pct for line in lines):
        return {}
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        found[line.parent_id] += line.quantity / (1 + line.scrap_pct / _HUNDRED)
    return found


def _table(
    assemblies: list[_Assembly], material: Part, lines: list[Line], in_bill: Mapping[str, Decimal]
) -> Table:
    unit = material.unit or common(line.unit for line in lines if line.component_id == material.material_id)
    columns = (
        Column("assembly_id", "Assembly id", "id"),
        Column("number", "Number", "id"),
        Column("assembly", "Assembly", "text"),
        Column("levels_up", "Levels up", "count"),
        Column("is_finished", "Finished good", "flag"),
        *((Column("in_bill", "In the bill of materials", "quantity", unit),) if in_bill else ()),
        Column(
            "quantity_per", "Quantity with scrap" if in_bill else "Quantity per assembly", "quantity", unit
        ),
    )
    return table(
        "Assemblies",
        columns,
        (
            (
                entry.part.material_id,
                entry.part.number,
                entry.part.name,
                entry.need.level,
                entry.part.is_finished,
                *((round(in_bill[entry.part.material_id], _PLACES),) if in_bill else ()),
                entry.need.quantity,
            )
            for entry in assemblies
        ),
    )


def _sentence(args: WhereUsed, assemblies: list[_Assembly]) -> str:
    if not assemblies:
        return said("It goes into nothing: no valid bill of materials lists it.")
    text = counted(len(assemblies), _SENTENCES[args.shown][0], _SENTENCES[args.shown][1])
    takes = said("{{tables[0].rows[0].assembly}} takes {{tables[0].rows[0].quantity_per}} each.")
    return f"{text} {takes}"


def _suggestions(args: WhereUsed, material: Thing, assemblies: list[_Assembly]) -> tuple[str, ...]:
    if not assemblies:
        return (
            said("What goes into [[material]]?", material=material.name),
            said("Show the material card of [[material]]", material=material.name),
        )
    found = [said("How many [[material]] can we build from stock?", material=assemblies[0].part.name)]
    if args.levels != "top" and not args.finished_only:
        found.append(said("Which products at the top contain [[material]]?", material=material.name))
    found.append(said("Which suppliers offer [[material]]?", material=material.name))
    return tuple(found)
