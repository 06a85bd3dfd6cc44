"""The standard cost of a made material from its bill of materials and routing, against the one held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName
from tools.engines.costing import (
    BuildUp,
    CostLine,
    Doubt,
    Item,
    Kind,
    Part,
    Reason,
    Step,
    build_up,
    levels,
    reasons,
)
from tools.engines.structure import CircularStructure
from tools.errors import ToolError
from tools.languages import counted, said
from tools.languages.forms import numeral
from tools.naming import Kind as Named
from tools.naming import Thing, one, site_by_code
from tools.presenting import figure, plain, table
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_ZERO, _ONE = Decimal(0), Decimal(1)
_MOST = 5_000
KINDS: dict[Kind, str] = {
    "material": "material",
    "setup": "set-up",
    "run": "run",
    "scrap": "planned scrap",
    "rounding": "rounding to cents",
}
DOUBTS: dict[Doubt, str] = {
    "no_cost": "no standard cost: counts as zero",
    "unit": "another unit, no conversion on file",
    "no_rate": "no hourly rate: counts as zero",
}
_WHY = {
    "component": "components cost otherwise than held",
    "scrap": "planned scrap is not in the held cost",
    "lot": "another lot size would explain it",
    "rest": "not explained by the structure",
}


class CostBuildUp(Arguments):
    """Whose cost, and the lot over which set-up is spread."""

    material: MaterialName
    lot_size: Decimal | None = Field(
        None,
        gt=0,
        le=10**9,
        description="Lot that set-up is spread over; the mean of its orders if left out.",
    )
    site: SiteName = None


@dataclass(frozen=True, slots=True)
class _Material:
    material_id: str
    number: str
    name: str
    unit: str | None
    held: Decimal | None
    lot: Decimal | None
    scrap_pct: Decimal | None


@dataclass(frozen=True, slots=True)
class _Line:
    parent_id: str
    component_id: str
    quantity: Decimal
    scrap_pct: Decimal | None
    unit: str | None
    factor: Decimal | None
    """From the line's unit to the component's."""
    component_unit: str | None


@dataclass(frozen=True, slots=True)
class _Operation:
    material_id: str
    operation: int
    work_centre: str
    setup_minutes: Decimal
    run_minutes: Decimal
    hourly_rate: Decimal | None


_OF_PARTS = frozenset({"material", "scrap"})
"""Kinds of cost lines that are about a component."""
_MATERIALS = """
with recursive below as (
  select %(material)s::text as material_id
  union
  select b.component_id from below a join erp.bom_item b on b.site = %(site)s and b.parent_id = a.material_id
  where (b.valid_from is null or b.valid_from <= %(on)s) and (b.valid_to is null or b.valid_to >= %(on)s)
)
select m.material_id, m.number, m.name, m.base_unit as unit, m.standard_cost as held,
       coalesce(o.lot, m.minimum_lot) as lot, m.scrap_pct
from below join erp.material m on m.site = %(site)s and m.material_id = below.material_id
left join (select material_id, round(avg(ordered)) as lot from erp.production_order
           where site = %(site)s and ordered > 0 group by material_id) o on o.material_id = m.material_id
"""
_PARTS = """
select b.parent_id, b.component_id, b.quantity_per as quantity, b.scrap_pct, b.unit,
       coalesce(u.factor, 1 / nullif(v.factor, 0)) as factor, m.base_unit as component_unit
from erp.bom_item b
join erp.material m on m.site = b.site and m.material_id = b.component_id
left join lateral (select factor from erp.unit_conversion c where c.site = b.site
    and c.material_id in ('', b.component_id) and c.from_unit = b.unit and c.to_unit = m.base_unit
    order by c.material_id desc limit 1) u on true
left join lateral (select factor from erp.unit_conversion c where c.site = b.site
    and c.material_id in ('', b.component_id) and c.from_unit = m.base_unit and c.to_unit = b.unit
    order by c.material_id desc limit 1) v on true
where b.site = %(site)s and b.parent_id = any(%(materials)s)
  and (b.valid_from is null or b.valid_from <= %(on)s) and (b.valid_to is null or b.valid_to >= %(on)s)
order by b.parent_id, b.item_id
"""
_STEPS = """
select r.material_id, r.operation, coalesce(w.name, r.work_centre_id) as work_centre,
       coalesce(r.setup_minutes, 0) as setup_minutes, coalesce(r.run_minutes, 0) as run_minutes, w.hourly_rate
from erp.routing_operation r
left join erp.work_centre w on w.site = r.site and w.work_centre_id = r.work_centre_id
where r.site = %(site)s and r.material_id = any(%(materials)s)
order by r.material_id, r.operation
"""


@tool(
    name="cost_build_up",
    examples=(
        "How is the standard cost of Mountain-200 Black, 38 made up?",
        "Cost roll-up of HL Road Frame - Red, 58",
        "Why does the standard cost of Mountain-200 Black, 38 differ from its roll-up?",
    ),
    version=_VERSION,
)
async def cost_build_up(args: CostBuildUp, context: ToolContext) -> ToolResult:
    """A made material's standard cost from its bill of materials and routing, against the one held.

    Level by level, with the difference to the standard cost that the system holds, line by line. Material
    at the components' rolled-up costs, planned scrap, set-up spread over the lot, run time at the work
    centres' hourly rates. Each made material is rounded to cents once; the lines add up to it exactly.
    Components without a cost and units without a conversion are named, not guessed.

    Example: {"material": "Mountain-200 Black, 38", "lot_size": 50}.
    """
    named = await one(context.tx, Named.MATERIAL, args.material, args.site)
    top, site = named.thing, await site_by_code(context.tx, named.thing.site)
    queries = Queries(context.tx)
    asked = {"site": site.site, "material": top.id, "on": site.today}
    materials = {row.material_id: row for row in await queries.rows(_Material, _MATERIALS, asked)}
    if len(materials) > _MOST:
        raise ToolError(said("[[material]] has too many components to roll up", material=top))
    below = {**asked, "materials": list(materials)}
    parts = await queries.rows(_Line, _PARTS, below)
    steps = await queries.rows(_Operation, _STEPS, below)
    items = _items(args, top, materials, parts, steps)
    try:
        built = build_up(top.id, items)
    except CircularStructure as error:
        path = " > ".join(materials[each].number for each in error.path)
        raise ToolError(said("the structure goes round in a circle: [[path]]", path=path)) from error
    proof = await queries.evidence(
        tool="cost_build_up",
        version=_VERSION,
        arguments=args,
        records=["material", "bom_item", "routing_operation", "work_centre"],
        site=site.site,
    )
    currency, found = site.currency, built.get(top.id)
    names = {each: row.name for each, row in materials.items()}
    why = reasons(found, items[top.id]) if found else ()
    return ToolResult(
        tool="cost_build_up",
        reading=", ".join(
            (
                said("Cost roll-up of [[material]]", material=top),
                said("lot of [[lot]]", lot=numeral(f"{plain(items[top.id].lot):f}")),
                said("at [[site]]", site=site.site),
            )
        ),
        tables=(_lines(found, materials, steps, currency), _levels(top.id, built, names, currency),
                _reasons(why, names, currency)),
        figures=_figures(found, items[top.id], currency, proof.id),
        evidence=(proof,),
        sentence=_sentence(found),
        caveats=(*named.caveats, *_caveats(args, built, materials, top.id)),
        suggestions=(
            said("Standard cost history of [[material]]", material=top.name),
            said("What does [[material]] consist of?", material=top.name),
        ),
    )  # fmt: skip


def _items(
    args: CostBuildUp,
    top: Thing,
    materials: Mapping[str, _Material],
    parts: Sequence[_Line],
    steps: Sequence[_Operation],
) -> dict[str, Item]:
    found = {}
    for name, row in materials.items():
        lot = args.lot_size if name == top.id and args.lot_size else row.lot
        found[name] = Item(
            name,
            row.held,
            lot if lot and lot > 0 else _ONE,
            tuple(_part(line) for line in parts if line.parent_id == name and line.component_id in materials),
            tuple(
                Step(each.operation, each.work_centre, each.setup_minutes, each.run_minutes, each.hourly_rate)
                for each in steps
                if each.material_id == name
            ),
        )
    return found


def _part(line: _Line) -> Part:
    same = line.unit in (None, line.component_unit)
    factor = _ONE if same else line.factor
    return Part(
        line.component_id,
        line.quantity * (factor or _ONE),
        line.scrap_pct or _ZERO,
        same_unit=factor is not None,
    )


def _lines(
    built: BuildUp | None,
    materials: Mapping[str, _Material],
    steps: Sequence[_Operation],
    currency: str,
) -> Table:
    columns = (
        Column("kind", "Kind", "text", words="cost"),
        Column("number", "Number", "id"),
        Column("subject", "Of", "text"),
        Column("quantity", "Quantity or minutes", "quantity"),
        Column("rate", "Cost of one", "money", currency),
        Column("amount", "Amount", "money", currency),
        Column("held", "At held cost", "money", currency),
        Column("remark", "Remark", "text", words="cost"),
    )
    names = {each: row.name for each, row in materials.items()}
    centres = {(each.material_id, str(each.operation)): each.work_centre for each in steps}
    rows: list[list[Cell]] = []
    for line in built.lines if built else ():
        part = materials.get(line.subject) if line.kind in _OF_PARTS else None
        row: list[Cell] = [
            KINDS[line.kind],
            part.number if part else None,
            _subject(line, built, names, centres),
        ]
        row += [line.quantity, line.rate, line.amount, line.held_amount]
        rows.append([*row, DOUBTS[line.doubt] if line.doubt else None])
    return table("Cost of one unit", columns, rows)


def _subject(
    line: CostLine,
    built: BuildUp | None,
    names: Mapping[str, str],
    centres: Mapping[tuple[str, str], str],
) -> str | None:
    if line.kind in _OF_PARTS:
        return names[line.subject]
    if line.kind == "rounding" or built is None:
        return None
    return f"{line.subject} {centres.get((built.material, line.subject), '')}".strip()


def _levels(top: str, built: Mapping[str, BuildUp], names: Mapping[str, str], currency: str) -> Table:
    columns = (
        Column("level", "Level", "count"),
        Column("material", "Material", "text"),
        Column("of_material", "Material cost", "money", currency),
        Column("scrap", "Planned scrap", "money", currency),
        Column("setup", "Set-up", "money", currency),
        Column("run", "Run", "money", currency),
        Column("rounding", "Rounding", "money", currency),
        Column("cost", "Rolled up", "money", currency),
        Column("held", "Held", "money", currency),
        Column("difference", "Held above rolled up", "money", currency),
    )
    rows: list[list[Cell]] = []
    for level, name in levels(top, built) if top in built else ():
        each = built[name]
        row: list[Cell] = [level, names[name], each.of("material"), each.of("scrap"), each.of("setup")]
        rows.append([*row, each.of("run"), each.of("rounding"), each.cost, each.held, each.difference])
    return table("Level by level", columns, rows)


def _reasons(found: Sequence[Reason], names: Mapping[str, str], currency: str) -> Table:
    columns = (
        Column("why", "Why", "text", words="cost"),
        Column("subject", "Of", "text"),
        Column("lot", "Lot size", "quantity"),
        Column("amount", "Held above rolled up", "money", currency),
    )
    rows: list[list[Cell]] = [
        [_WHY[each.why], names.get(each.subject), each.lot, each.amount] for each in found
    ]
    return table("What the difference is made of", columns, rows)


def _figures(built: BuildUp | None, item: Item, currency: str, proof: str) -> tuple[Figure, ...]:
    figures = []
    if built is not None:
        figures.append(figure("rolled up", built.cost, "money", proof, currency))
    if item.held is not None:
        figures.append(figure("held", item.held, "money", proof, currency))
    if built is not None and built.difference is not None:
        figures.append(figure("difference", abs(built.difference), "money", proof, currency))
    return tuple(figures)


def _sentence(built: BuildUp | None) -> str:
    if built is None:
        return said(
            "It has neither a bill of materials nor a routing, so its cost is not built up of others."
        )
    if built.held is None:
        return said("By its structure it costs {{figures[0]}}; the system holds no standard cost of it.")
    if not built.difference:
        return said("By its structure it costs {{figures[0]}}, which is what the system holds.")
    return said(
        "By its structure it costs {{figures[0]}}; the system holds {{figures[1]}}, {{figures[2]}} more."
        if built.difference > 0
        else "By its structure it costs {{figures[0]}}; the system holds {{figures[1]}}, {{figures[2]}} less."
    )


def _caveats(
    args: CostBuildUp, built: Mapping[str, BuildUp], materials: Mapping[str, _Material], top: str
) -> list[str]:
    notes = [said("Each made material is rounded to cents once; its lines add up to it exactly.")]
    if args.lot_size is None and top in built:
        text = (
            "Set-up is spread over the mean lot of its production orders, or the minimum lot."
            if materials[top].lot
            else "It has neither production orders nor a minimum lot: set-up is spread over one unit."
        )
        notes.append(said(text))
    doubtful = {
        (line.doubt, line.subject)
        for each in built.values()
        for line in each.lines
        if line.kind == "material"
    }
    missing = sum(doubt == "no_cost" for doubt, _ in doubtful)
    if missing:
        notes.append(
            counted(
                missing,
                "[[number]] component has no standard cost and counts as zero: the roll-up is too low.",
                "[[number]] components have no standard cost and count as zero: the roll-up is too low.",
            )
        )
    units = sum(doubt == "unit" for doubt, _ in doubtful)
    if units:
        notes.append(
            counted(
                units,
                "[[number]] line is in a unit that cannot be converted; it is taken as the component's own.",
                "[[number]] lines are in units that cannot be converted; they count as the component's own.",
            )
        )
    return notes
