"""Bills of materials read from the store: the lines valid on a day, and the materials in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tools.engines.structure import CircularStructure, Link
from tools.errors import ToolError
from tools.evidence import shares
from tools.languages import counted, said
from tools.presenting import several
from tools.results import SourceShare
from tools.rows import PROVENANCE, Queries, SourcedRow

VALID = """b.parent_id is not null and (b.valid_from is null or b.valid_from <= %(on)s)
   and (b.valid_to is null or b.valid_to >= %(on)s)"""
"""A line `b` that is valid on a day; both ends count."""


SOURCES = {True: "made", False: "bought", None: "unknown"}
"""Where a material comes from, by whether it is made in house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(SourcedRow):
    """A valid line of a bill of materials, in the component's stocking unit."""

    parent_id: str
    component_id: str
    quantity: Decimal
    """For one of the parent, the component's scrap allowance included."""
    unit: str
    scrap_pct: Decimal
    unconverted: bool
    """True where the line is in another unit than stock and no conversion between them is on file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(SourcedRow):
    """A material as a product structure shows it."""

    material_id: str
    number: str
    name: str
    is_made: bool | None
    is_finished: bool | None
    unit: str
    on_hand: Decimal
    """Unrestricted stock over all locations; zero without a stock row."""
    stock_rows: int
    stock_key: str | None

    @property
    def source(self) -> str:
        """`made` or `bought`."""
        return SOURCES[self.is_made]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


_LINES = f"""
with recursive reached(id) as ({{reached}})
select b.parent_id, b.component_id,
       b.quantity_per * coalesce(u.factor, 1) * (1 + coalesce(b.scrap_pct, 0) / 100) as quantity,
       coalesce(m.base_unit, b.unit, '') as unit, coalesce(b.scrap_pct, 0) as scrap_pct,
       u.factor is null and coalesce(b.unit <> m.base_unit, false) as unconverted, {PROVENANCE.format("b")}
from reached r
join erp.bom_item b on b.site = %(site)s and b.{{known}} = r.id
left join erp.material m on m.site = b.site and m.material_id = b.component_id
left join lateral (
    select case when c.from_unit = b.unit then c.factor else 1 / nullif(c.factor, 0) end as factor
    from erp.unit_conversion c
    where c.site = b.site and c.material_id in ('', b.component_id)
      and ((c.from_unit = b.unit and c.to_unit = m.base_unit)
        or (c.from_unit = m.base_unit and c.to_unit = b.unit))
    order by c.material_id desc, c.from_unit = b.unit desc limit 1
) u on b.unit <> m.base_unit
where {VALID}
order by b.parent_id, b.component_id, b.item_id
"""

_FROM_START = f"""
    select %(start)s::text
    union
    select b.{{next}} from reached r join erp.bom_item b on b.{{known}} = r.id
    where {{recurse}} and b.site = %(site)s and {VALID}
"""
_ALL = f"select distinct b.parent_id from erp.bom_item b where b.site = %(site)s and {VALID}"

_PARTS = f"""
select m.material_id, m.number, m.name, m.is_made, m.is_finished, coalesce(m.base_unit, '') as unit,
       coalesce(s.quantity, 0) as on_hand, coalesce(s.stock_rows, 0) as stock_rows, s.stock_key,
       {PROVENANCE.format("m")}
from erp.material m
left join (select material_id, count(*) as stock_rows, min(source_key) as stock_key,
                  coalesce(sum(quantity) filter (where status = 'unrestricted'), 0) as quantity
           from erp.stock where site = %(site)s and material_id = any(%(ids)s) group by material_id) s
  on s.material_id = m.material_id
where m.site = %(site)s and m.material_id = any(%(ids)s)
"""


async def lines_below(
    queries: Queries, site: str, top: str, on: date, *, all_levels: bool = True
) -> list[Line]:
    """Lines of the top's bill of materials and, through all levels, of those below it."""
    return await _lines(queries, site, top, on, known="parent_id", next="component_id", all_levels=all_levels)


async def lines_above(
    queries: Queries, site: str, material: str, on: date, *, all_levels: bool = True
) -> list[Line]:
    """Lines in which the material is the component and, through all levels, those above."""
    return await _lines(
        queries, site, material, on, known="component_id", next="parent_id", all_levels=all_levels
    )


async def all_lines(queries: Queries, site: str, on: date) -> list[Line]:
    """Every line of the site's bills of materials that is valid on the day."""
    sql = _LINES.format(known="parent_id", reached=_ALL)
    return await queries.rows(Line, sql, {"site": site, "on": on})


async def _lines(
    queries: Queries, site: str, start: str, on: date, *, known: str, next: str, all_levels: bool
) -> list[Line]:
    reached = _FROM_START.format(known=known, next=next, recurse="true" if all_levels else "false")
    sql = _LINES.format(known=known, reached=reached)
    return await queries.rows(Line, sql, {"site": site, "start": start, "on": on})


async def parts(queries: Queries, site: str, ids: Iterable[str]) -> dict[str, Part]:
    """What is known of each of these materials, by id; one that has no master data appears under its id."""
    wanted = sorted(set(ids))
    found = {
        part.material_id: part for part in await queries.rows(Part, _PARTS, {"site": site, "ids": wanted})
    }
    for unknown in (one for one in wanted if one not in found):
        found[unknown] = Part(
            source_system="",
            source_key="",
            flags=(),
            material_id=unknown,
            number=unknown,
            name=unknown,
            is_made=None,
            is_finished=None,
            unit="",
            on_hand=Decimal(0),
            stock_rows=0,
            stock_key=None,
        )
    return found


def sources(lines: Sequence[Line], parts: Mapping[str, Part], *, with_stock: bool) -> list[SourceShare]:
    """The source rows that an answer about these lines rests on."""
    known = [part for part in parts.values() if part.source_system]
    found = [*shares("bom_item", lines), *shares("material", known)]
    stocked: dict[str, list[Part]] = {}
    for part in known if with_stock else ():
        if part.stock_rows:
            stocked.setdefault(part.source_system, []).append(part)
    for system, stock in sorted(stocked.items()):
        keys = tuple(str(part.stock_key) for part in stock[:3])
        found.append(SourceShare(system, "stock", sum(part.stock_rows for part in stock), keys))
    return found


def links(lines: Iterable[Line]) -> list[Link]:
    """The lines as the engine takes them."""
    return [Link(line.parent_id, line.component_id, line.quantity) for line in lines]


def named_cycle(cycle: CircularStructure, parts: Mapping[str, Part]) -> ToolError:
    """The error that names the materials that go into each other."""
    path = " > ".join(str(parts[material]) for material in cycle.path)
    return ToolError(
        said(
            "the bill of materials runs in a circle: [[path]]; end one of these lines in the source",
            path=path,
        )
    )


def unit_caveats(lines: Sequence[Line], parts: Mapping[str, Part]) -> tuple[str, ...]:
    """What must be said about units and scrap allowances of these lines."""
    found: list[str] = []
    stray = sorted({str(parts[line.component_id]) for line in lines if line.unconverted})
    if stray:
        found.append(
            said(
                "No unit conversion is on file for [[parts]]; their quantities were taken as they stand.",
                parts=several(stray),
            )
        )
    without = {line.component_id: line.unit for line in lines if not parts[line.component_id].unit}
    if len(set(without.values())) > 1:
        units = ", ".join(sorted({unit or said("none") for unit in without.values()}))
        found.append(
            said(
                "Materials have no stocking unit in the source; lines are in [[units]], "
                "and stock is taken to be in the unit of the line.",
                units=units,
            )
        )
    allowed = {line.component_id for line in lines if line.scrap_pct}
    if allowed:
        found.append(
            counted(
                len(allowed),
                "Quantities include the scrap allowance of [[number]] component.",
                "Quantities include the scrap allowance of [[number]] components.",
            )
        )
    return tuple(found)
