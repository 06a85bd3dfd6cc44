"""Search by any id, number or name, spelling mistakes included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

from pydantic import Field

from tools.arguments import Arguments, SiteName, Text
from tools.evidence import remarks, shares
from tools.languages import said
from tools.matching import Fit, Match
from tools.naming import Kind, Thing, candidates, site_of
from tools.presenting import figure, table
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Evidence, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow
from tools.structures import SOURCES

_VERSION = "1.0.0"
_FITS = {
    Fit.EXACT: "exact",
    Fit.SPELLING: "spelling",
    Fit.PART: "part of the name",
    Fit.NEARLY_PART: "part of the name",
    Fit.ROUGH: "similar",
}


class FindMaterial(Arguments):
    """What to look for."""

    text: Text = Field(
        description="An id, number, name or part of a name, in any spelling: 'chainring', 'BK-M68'."
    )
    limit: int = Field(10, ge=1, le=100, description="At most so many, best fit first.")
    site: SiteName = None


class FindSupplier(Arguments):
    """What to look for."""

    text: Text = Field(description="An id, account number, name or part of a name, in any spelling.")
    limit: int = Field(10, ge=1, le=100, description="At most so many, best fit first.")
    site: SiteName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Material(SourcedRow):
    site: str
    id: str
    category: str | None
    subcategory: str | None
    is_made: bool | None
    is_discontinued: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Supplier(SourcedRow):
    site: str
    id: str
    credit_rating: int | None
    is_preferred: bool | None
    is_active: bool | None


_PAIRS = "(select unnest(%(sites)s::text[]) as site, unnest(%(ids)s::text[]) as id) f"
_MATERIALS = f"""
select m.site, m.material_id as id, m.category, m.subcategory, m.is_made,
       coalesce(m.discontinued_on <= (s.as_of at time zone s.time_zone)::date, false) as is_discontinued,
       {PROVENANCE.format("m")}
from {_PAIRS} join erp.material m on m.site = f.site and m.material_id = f.id
join erp.site s on s.site = m.site
"""
_SUPPLIERS = f"""
select v.site, v.supplier_id as id, v.credit_rating, v.is_preferred, v.is_active, {PROVENANCE.format("v")}
from {_PAIRS} join erp.supplier v on v.site = f.site and v.supplier_id = f.id
"""
RowT = TypeVar("RowT", _Material, _Supplier)
Noun: TypeAlias = Literal["material", "supplier"]


@dataclass(frozen=True, slots=True)
class _Found(Generic[RowT]):
    total: int
    shown: list[tuple[Match[Thing], RowT]]
    proof: Evidence
    one_site: bool


@tool(
    name="find_material",
    examples=("Find the material Chainring Bolts", "Which materials are called something like seat lug?"),
    version=_VERSION,
)
async def find_material(args: FindMaterial, context: ToolContext) -> ToolResult:
    """Materials whose id, number or name is, contains or resembles a text; exact ones first, typos tolerated.

    Use it to get from what a person calls something to its id. Other tools take names as well, and ask back
    where a name fits several materials.

    Example: {"text": "chainring blots"} -> Chainring Bolts, id 320, number CB-2903.
    """
    found = await _search("find_material", Kind.MATERIAL, args, context, _Material, _MATERIALS)
    columns = (
        Column("material_id", "Material id", "id"),
        Column("number", "Number", "id"),
        Column("name", "Name", "text"),
        Column("category", "Category", "text"),
        Column("subcategory", "Subcategory", "text"),
        Column("source", "Made or bought", "text", words="source"),
        Column("discontinued", "Discontinued", "flag"),
        Column("fit", "Fit", "text", words="fit"),
        *_site_column(found),
    )
    rows: list[list[Cell]] = []
    for match, row in found.shown:
        thing = match.thing
        cells: list[Cell] = [thing.id, thing.code, thing.name, row.category, row.subcategory]
        cells += [SOURCES[row.is_made], row.is_discontinued, _FITS[match.fit]]
        rows.append(cells + ([] if found.one_site else [thing.site]))
    names = [match.thing.name for match, _ in found.shown]
    asked = ("Show the material card of [[material]]", "Where is [[material]] used?")
    suggestions = tuple(said(text, material=names[0]) for text in asked if names)
    return _result("find_material", "material", args.text, columns, rows, found, suggestions)


@tool(
    name="find_supplier",
    examples=("Find the vendor Bike Satellite", "Do we have a supplier called Superior?"),
    version=_VERSION,
)
async def find_supplier(args: FindSupplier, context: ToolContext) -> ToolResult:
    """Suppliers whose id, account number or name is, contains or resembles a text; exact ones first.

    Shows credit rating (1 is best, 5 worst), whether the supplier is preferred and whether it is active.

    Example: {"text": "bike satelite"} -> Bike Satellite Inc., id 1604.
    """
    found = await _search("find_supplier", Kind.SUPPLIER, args, context, _Supplier, _SUPPLIERS)
    columns = (
        Column("supplier_id", "Supplier id", "id"),
        Column("number", "Number", "id"),
        Column("name", "Name", "text"),
        Column("credit_rating", "Credit rating (5 is worst)", "count", good="down"),
        Column("is_preferred", "Preferred", "flag"),
        Column("is_active", "Active", "flag"),
        Column("fit", "Fit", "text", words="fit"),
        *_site_column(found),
    )
    rows: list[list[Cell]] = []
    for match, row in found.shown:
        thing = match.thing
        cells: list[Cell] = [
            thing.id,
            thing.code,
            thing.name,
            row.credit_rating,
            row.is_preferred,
            row.is_active,
        ]
        rows.append([*cells, _FITS[match.fit]] + ([] if found.one_site else [thing.site]))
    names = [match.thing.name for match, _ in found.shown]
    asked = ("What does [[supplier]] supply?", "Spend with [[supplier]] by year")
    suggestions = tuple(said(text, supplier=names[0]) for text in asked if names)
    return _result("find_supplier", "supplier", args.text, columns, rows, found, suggestions)


async def _search(
    name: str,
    kind: Kind,
    args: FindMaterial | FindSupplier,
    context: ToolContext,
    row: type[RowT],
    sql: str,
) -> _Found[RowT]:
    site = await site_of(context.tx, args.site)
    matches = await candidates(context.tx, kind, args.text, site)
    shown = matches[: args.limit]
    queries = Queries(context.tx)
    rows = await queries.rows(
        row,
        sql,
        {"sites": [match.thing.site for match in shown], "ids": [match.thing.id for match in shown]},
    )
    by_key = {(found.site, found.id): found for found in rows}
    proof = await queries.evidence(
        tool=name,
        version=_VERSION,
        arguments=args,
        records=shares(kind.record, rows) or [kind.record],
        flags=remarks(_RECORDS[name], rows),
        site=site,
    )
    return _Found(
        len(matches),
        [(match, by_key[match.thing.site, match.thing.id]) for match in shown],
        proof,
        site is not None or len(context.caller.sites) == 1,
    )


def _site_column(found: _Found[RowT]) -> tuple[Column, ...]:
    return () if found.one_site else (Column("site", "Site", "id"),)


_RECORDS = {"find_material": "material records", "find_supplier": "supplier records"}
_NONE: dict[Noun, str] = {
    "material": "No material has an id, number or name like that.",
    "supplier": "No supplier has an id, number or name like that.",
}
_EXACT: dict[Noun, str] = {
    "material": "{{tables[0].rows[0].name}} is material {{tables[0].rows[0].material_id}},"
    " number {{tables[0].rows[0].number}}.",
    "supplier": "{{tables[0].rows[0].name}} is supplier {{tables[0].rows[0].supplier_id}},"
    " number {{tables[0].rows[0].number}}.",
}
_SIMILAR: dict[Noun, str] = {
    "material": "{{figures[0]}} materials fit more or less; the best fit: {{tables[0].rows[0].name}} is"
    " material {{tables[0].rows[0].material_id}}.",
    "supplier": "{{figures[0]}} suppliers fit more or less; the best fit: {{tables[0].rows[0].name}} is"
    " supplier {{tables[0].rows[0].supplier_id}}.",
}
_READINGS: dict[Noun, str] = {
    "material": "Materials whose id, number or name is or resembles [[asked]]",
    "supplier": "Suppliers whose id, number or name is or resembles [[asked]]",
}
_TITLES: dict[Noun, str] = {
    "material": "Materials, best fit first",
    "supplier": "Suppliers, best fit first",
}
_LABELS: dict[Noun, str] = {"material": "materials that fit", "supplier": "suppliers that fit"}


def _result(
    name: str,
    noun: Noun,
    text: str,
    columns: tuple[Column, ...],
    rows: list[list[Cell]],
    found: _Found[RowT],
    suggestions: tuple[str, ...],
) -> ToolResult:
    exact = sum(match.fit is Fit.EXACT for match, _ in found.shown)
    sentence = _SIMILAR[noun]
    if not rows or exact == 1:
        sentence = _EXACT[noun] if rows else _NONE[noun]
    return ToolResult(
        tool=name,
        reading=said(_READINGS[noun], asked=repr(text)),
        tables=(table(_TITLES[noun], columns, rows, total=found.total),),
        figures=(figure(_LABELS[noun], found.total, "count", found.proof.id),),
        evidence=(found.proof,),
        sentence=said(sentence),
        caveats=(said("None is called exactly that; these resemble it."),) if rows and not exact else (),
        suggestions=suggestions,
    )
