"""Bills of materials, downwards: what goes into a material, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName, Text
from tools.component_prices import BASES, COST_OF, PriceBasis, PricedComponents, priced_components
from tools.engines.structure import ONE, ZERO, CircularStructure, Need, explode
from tools.errors import ToolError
from tools.evidence import remarks
from tools.languages import counted, said
from tools.languages.forms import day_text, numeral
from tools.matching import Fit, meant, ranked
from tools.naming import Kind, Thing, candidates, one, site_by_code, taken_for
from tools.presenting import common, figure, plain, several, table, unit_column
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, Table, ToolResult
from tools.rows import Queries
from tools.structures import Line, Part, lines_below, links, named_cycle, parts, sources, unit_caveats

_VERSION = "1.0.0"


class ExplodeBom(Arguments):
    """What to explode, how far, and what to show of it."""

    material: MaterialName
    quantity: Decimal = Field(
        ONE,
        gt=0,
        le=10**9,
        description="How many of the material are to be built; quantities are for all of them.",
    )
    levels: Literal["all", "direct"] = Field(
        "all",
        description="'direct': only what goes straight into the material; 'all': down to the last part.",
    )
    component: Text | None = Field(
        None, description="Show only this component (id, number or name): how much of it is needed in total."
    )
    purchased_only: bool = Field(False, description="Leave out components that are made in house.")
    with_stock: bool = Field(False, description="Add stock on hand and what is missing against it.")
    short_only: bool = Field(False, description="Show only components whose stock does not suffice.")
    priced_at: PriceBasis | None = Field(
        None,
        description="What the components shown cost: 'lowest_vendor_price' is the lowest standard price of"
        " any vendor on file, 'standard_cost' the standard cost of each.",
    )
    on: date | None = Field(
        None, description="Day on which the lines must be valid; the site's today if left out."
    )
    site: SiteName = None


@dataclass(frozen=True, slots=True)
class _Component:
    need: Need
    part: Part
    unit: str

    @property
    def missing(self) -> Decimal:
        return max(ZERO, self.need.quantity - max(ZERO, self.part.on_hand))


@tool(
    name="explode_bom",
    examples=(
        "What goes directly into an HL Fork?",
        "How many Pinch Bolts do we need for 100 Mountain-200 Black, 38, all levels?",
        "Which direct components are short for 500 HL Road Rear Wheel?",
        "How many different purchased parts are in a Road-750 Black, 52?",
        "How many levels deep is the bill of material of Touring-1000 Blue, 46?",
        "What do the purchased parts for one Road-650 Black, 58 cost at the lowest vendor price, all levels?",
    ),
    version=_VERSION,
)
async def explode_bom(args: ExplodeBom, context: ToolContext) -> ToolResult:
    """What goes into a material: each component once, with the total quantity needed over all paths.

    `levels='direct'` is the parts list of the material itself, `'all'` goes through sub-assemblies down to
    purchased parts. Quantities are for `quantity` pieces of the material. `component` narrows the list to
    one component ("how many spokes for 20 wheels"), `purchased_only` to bought parts, `short_only` to
    components whose stock on hand (unrestricted, all locations) does not cover the need. Each need stands
    alone: stock of sub-assemblies is not set against the parts in them; for that, ask `buildable`. Also says
    how many levels the structure has. `priced_at` adds what they cost; with all levels only bought parts are
    priced, since sub-assemblies are made of them.

    Example: {"material": "Mountain-200 Black, 38", "quantity": 100, "component": "Pinch Bolt"} -> 400.
    """
    if args.priced_at is not None and args.levels == "all" and args.component is None:
        # What is made costs what its parts cost: priced beside them it would count twice.
        args = args.model_copy(update={"purchased_only": True})
    top = await one(context.tx, Kind.MATERIAL, args.material, args.site)
    site = await site_by_code(context.tx, top.thing.site)
    queries = Queries(context.tx)
    on = args.on or site.today
    lines = await lines_below(queries, site.site, top.thing.id, on, all_levels=args.levels == "all")
    known = await parts(queries, site.site, {top.thing.id, *(line.component_id for line in lines)})
    components = _components(args, top.thing, lines, known)
    caveats = list(top.caveats)
    if args.component is not None:
        component_id, taken = await _narrowed(args.component, top.thing, components, context)
        caveats += taken
        components = [entry for entry in components if entry.part.material_id == component_id]
    shown = [entry for entry in components if _asked_for(args, entry)]
    priced = None
    if args.priced_at is not None:
        needs = {entry.part.material_id: entry.need.quantity for entry in shown}
        priced = await priced_components(queries, site, needs, args.priced_at)
    proof = await queries.evidence(
        tool="explode_bom",
        version=_VERSION,
        arguments=args,
        records=[*sources(lines, known, with_stock=_stock(args)), *(priced.sources if priced else ())],
        flags=remarks("bill of material lines", lines),
        site=site.site,
    )
    caveats += _caveats(args, lines, known)
    if priced is not None:
        caveats += priced.caveats({each: known[each].name for each in priced.needs})
    return ToolResult(
        tool="explode_bom",
        reading=_reading(args, top.thing, on),
        tables=(_table(args, shown, priced),),
        figures=(*(priced.figures(proof.id) if priced else ()), *_figures(args, components, shown, proof.id)),
        evidence=(proof,),
        sentence=priced.sentence() if priced and shown else _sentence(args, shown, lines),
        caveats=tuple(caveats),
        suggestions=_suggestions(args, top.thing, components),
    )


def _components(args: ExplodeBom, top: Thing, lines: list[Line], known: dict[str, Part]) -> list[_Component]:
    units = {line.component_id: line.unit for line in lines}
    try:
        needs = explode(links(lines), top.id, args.quantity)
    except CircularStructure as cycle:
        raise named_cycle(cycle, known) from None
    found = [_Component(need, known[need.material], units[need.material]) for need in needs]
    return sorted(found, key=lambda entry: (entry.need.level, entry.part.name, entry.part.material_id))


async def _narrowed(
    text: str, top: Thing, components: list[_Component], context: ToolContext
) -> tuple[str, tuple[str, ...]]:
    """Id of the component meant: one of this structure where the text fits one, else any material."""
    things = [
        Thing(top.site, entry.part.material_id, entry.part.number, entry.part.name) for entry in components
    ]
    inside = meant(ranked(text, things))
    fitting = inside or meant(await candidates(context.tx, Kind.MATERIAL, text, top.site))
    if len(fitting) == 1:
        thing, fit = fitting[0].thing, fitting[0].fit
        return thing.id, () if fit is Fit.EXACT else (taken_for(text, thing),)
    if inside:
        listed = several([str(match.thing) for match in inside], 5)
        raise ToolError(
            said(
                "[[asked]] may mean several components: [[listed]]; name one of them",
                asked=repr(text),
                listed=listed,
            )
        )
    raise ToolError(said("nothing called [[asked]] goes into [[thing]]", asked=repr(text), thing=top))


def _stock(args: ExplodeBom) -> bool:
    return args.with_stock or args.short_only


def _asked_for(args: ExplodeBom, entry: _Component) -> bool:
    if args.purchased_only and entry.part.is_made is not False:
        return False
    return not args.short_only or entry.missing > 0


def _table(args: ExplodeBom, shown: list[_Component], priced: PricedComponents | None) -> Table:
    units = [entry.unit for entry in shown]
    unit, own_unit = common(units), unit_column(units)
    columns = [
        Column("component_id", "Component id", "id"),
        Column("number", "Number", "id"),
        Column("component", "Component", "text"),
        Column("level", "Level", "count"),
        Column("source", "Made or bought", "text", words="source"),
        Column("quantity", "Quantity", "quantity", unit),
        *own_unit,
    ]
    if _stock(args):
        columns += [
            Column("on_hand", "On hand", "quantity", unit),
            Column("missing", "Missing", "quantity", unit, good="down"),
        ]
    columns += priced.columns if priced else ()
    rows: list[list[Cell]] = []
    for entry in shown:
        part, need = entry.part, entry.need
        row: list[Cell] = [part.material_id, part.number, part.name, need.level, part.source, need.quantity]
        row += [entry.unit] if own_unit else []
        row += [part.on_hand, entry.missing] if _stock(args) else []
        rows.append([*row, *(priced.cells(part.material_id) if priced else ())])
    return table("Components", columns, rows)


def _figures(
    args: ExplodeBom, components: list[_Component], shown: list[_Component], proof: str
) -> tuple[Figure, ...]:
    if args.component is None:
        figures = [figure(_counted(args), len(shown), "count", proof)]
        if args.levels == "all":
            deepest = max((entry.need.deepest for entry in components), default=0)
            bought = sum(entry.part.is_made is False for entry in components)
            figures += [
                figure("levels", deepest, "count", proof),
                figure("purchased components", bought, "count", proof),
            ]
        return tuple(figures)
    if not shown:
        return (figure("quantity needed", 0, "quantity", proof),)
    entry = shown[0]
    figures = [figure("quantity needed", entry.need.quantity, "quantity", proof, entry.unit)]
    if _stock(args):
        figures += [
            figure("on hand", entry.part.on_hand, "quantity", proof, entry.unit),
            figure("missing", entry.missing, "quantity", proof, entry.unit),
        ]
    return tuple(figures)


_COUNTED = {
    (False, False): "components",
    (False, True): "components that are short",
    (True, False): "purchased components",
    (True, True): "purchased components that are short",
}
"""What the first figure counts, by whether only purchased ones and whether only short ones are shown."""


def _counted(args: ExplodeBom) -> str:
    return _COUNTED[args.purchased_only, args.short_only]


_GO_INTO: dict[tuple[bool, str], tuple[str, str]] = {
    (False, "all"): (
        "{{figures[0]}} component goes into it through all levels.",
        "{{figures[0]}} components go into it through all levels.",
    ),
    (False, "direct"): (
        "{{figures[0]}} component goes into it directly.",
        "{{figures[0]}} components go into it directly.",
    ),
    (True, "all"): (
        "{{figures[0]}} purchased component goes into it through all levels.",
        "{{figures[0]}} purchased components go into it through all levels.",
    ),
    (True, "direct"): (
        "{{figures[0]}} purchased component goes into it directly.",
        "{{figures[0]}} purchased components go into it directly.",
    ),
}
_ARE_SHORT: dict[tuple[bool, str], tuple[str, str]] = {
    (False, "all"): (
        "{{figures[0]}} component is short, [[example]].",
        "{{figures[0]}} components are short, [[example]].",
    ),
    (False, "direct"): (
        "{{figures[0]}} direct component is short, [[example]].",
        "{{figures[0]}} direct components are short, [[example]].",
    ),
    (True, "all"): (
        "{{figures[0]}} purchased component is short, [[example]].",
        "{{figures[0]}} purchased components are short, [[example]].",
    ),
    (True, "direct"): (
        "{{figures[0]}} direct purchased component is short, [[example]].",
        "{{figures[0]}} direct purchased components are short, [[example]].",
    ),
}
"""Sentences by whether only purchased ones are shown and how far down, for one and for several."""
_EXAMPLE = "for example {{tables[0].rows[0].component}}, of which {{tables[0].rows[0].missing}} are missing"
_NONE = {
    (False, "all"): "No such component goes into it through all levels.",
    (False, "direct"): "No such component goes into it directly.",
    (True, "all"): "No component through all levels is short.",
    (True, "direct"): "No component directly is short.",
}


def _sentence(args: ExplodeBom, shown: list[_Component], lines: list[Line]) -> str:
    if not lines:
        return said("No bill of materials is valid for it on that day.")
    if args.component is not None:
        return _of_one(args, shown)
    if not shown:
        return said(_NONE[args.short_only, args.levels])
    kind = (args.purchased_only, args.levels)
    if args.short_only:
        return counted(len(shown), _ARE_SHORT[kind][0], _ARE_SHORT[kind][1], example=said(_EXAMPLE))
    text = counted(len(shown), _GO_INTO[kind][0], _GO_INTO[kind][1])
    if args.levels == "direct":
        return text
    deepest = max((entry.need.deepest for entry in shown), default=0)
    deep = counted(
        deepest, "The structure has {{figures[1]}} level.", "The structure has {{figures[1]}} levels."
    )
    return f"{text} {deep}"


def _of_one(args: ExplodeBom, shown: list[_Component]) -> str:
    if not shown and args.short_only:
        return said("That component is not short.")
    if not shown:
        return said("That component does not go into it.")
    text = said("{{figures[0]}} of {{tables[0].rows[0].component}} are needed in total.")
    stock = said("On hand are {{figures[1]}}; {{figures[2]}} are missing.")
    return f"{text} {stock}" if _stock(args) else text


def _reading(args: ExplodeBom, top: Thing, on: date) -> str:
    if args.priced_at is not None and args.component is None:
        what = said(COST_OF[args.purchased_only], thing=top)
    elif args.purchased_only:
        what = said("Purchased components in [[thing]]", thing=top)
    elif args.component is not None:
        what = said("Quantity of [[component]] in [[thing]]", component=args.component, thing=top)
    else:
        what = said("Components in [[thing]]", thing=top)
    quantity = numeral(f"{plain(args.quantity):f}")
    return ", ".join(
        part
        for part in (
            what,
            said("all levels" if args.levels == "all" else "direct components only"),
            said("to build [[quantity]]", quantity=quantity) if args.quantity != 1 else said("for each"),
            said("with stock on hand") if _stock(args) else "",
            said("only those that are short") if args.short_only else "",
            said(BASES[args.priced_at]) if args.priced_at is not None else "",
            said("bill of materials valid on [[day]]", day=day_text(on)),
            said("at [[site]]", site=top.site),
        )
        if part
    )


def _caveats(args: ExplodeBom, lines: list[Line], known: dict[str, Part]) -> list[str]:
    found = list(unit_caveats(lines, known))
    if _stock(args):
        found.append(
            said("Stock is unrestricted stock over all locations; quality and blocked stock is not counted.")
        )
        if args.levels == "all":
            found.append(
                said("Each need stands alone: stock of sub-assemblies is not set against the parts in them.")
            )
    return found


def _suggestions(args: ExplodeBom, top: Thing, components: list[_Component]) -> tuple[str, ...]:
    if not components:
        return (
            said("Where is [[material]] used?", material=top.name),
            said("Which suppliers offer [[material]]?", material=top.name),
        )
    found = [said("How many [[material]] can we build from stock?", material=top.name)]
    if not args.short_only:
        found.append(
            said(
                "Which components are short to build [[quantity]] [[material]]?",
                quantity=numeral(f"{max(plain(args.quantity), Decimal(10)):f}"),
                material=top.name,
            )
        )
    found.append(said("Where is [[material]] used?", material=components[0].part.name))
    return tuple(found)
